using System.Text.RegularExpressions;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// What people write for something inside an archive on the disk: GDAL's <c>/vsizip/</c> and <c>/vsitar/</c>, and <c>zip://FILE!/NAME</c>. None of it is handed to GDAL as written: the archive is opened
/// by its own name and what is within by its directory, so nothing else (another host, another archive within) can be reached.
/// </summary>
/// <param name="Archive">Full path of the archive.</param>
/// <param name="Within">Name of a file or folder in it, with /; empty for all of it.</param>
internal sealed partial record ArchivePath(string Archive, string Within)
{
    /// <summary>Whether a path is written so, or is of another of GDAL's virtual file systems; not when something of that name is on the disk.</summary>
    public static bool Is(string path) =>
        (path.StartsWith("/vsi", StringComparison.OrdinalIgnoreCase) || path.Contains("://", StringComparison.Ordinal)) && Form().IsMatch(path) && !Path.Exists(path);

    /// <exception cref="RefusedInputException">Another file system than the two, nested, or no archive on the disk.</exception>
    public static ArchivePath Parse(string path)
    {
        var form = Form().Match(path);
        var (system, rest) = (form.Groups["vsi"].Value + form.Groups["scheme"].Value, path[form.Length..]);
        if (system.ToUpperInvariant() is not ("ZIP" or "TAR"))
        {
            throw Refused(path, system.Equals("gzip", StringComparison.OrdinalIgnoreCase)
                ? "is compressed as a whole, and nothing can be read out of such a file without unpacking it; unpack it (gunzip) and give what was in it"
                : "is of a file system that is not read; copy the scene to the disk and give its path");
        }

        rest = rest.StartsWith('{') && rest.IndexOf('}', StringComparison.Ordinal) is > 0 and var close ? rest[1..close] + rest[(close + 1)..] : rest.Replace("!/", "/", StringComparison.Ordinal).TrimEnd('!');
        for (var end = 1; end <= rest.Length; end++)
        {
            if ((end == rest.Length || rest[end] == '/') && Products.ArchiveFiles.Is(rest[..end]) && File.Exists(rest[..end]))
            {
                var within = rest[end..].Trim('/');
                if (within.Split('/').Contains(".."))
                    throw Refused(path, "has a name that leads out of the archive; name a file or folder in it");
                return new ArchivePath(Path.GetFullPath(rest[..end]), within);
            }
        }

        throw Refused(path, Form().IsMatch(rest) || rest.Contains("://", StringComparison.Ordinal)
            ? "leads into another archive or to another host, which is not followed; unpack the outer archive, or copy the file here, and give that"
            : "names no .zip or .tar file on the disk; check the path");
    }

    private static RefusedInputException Refused(string path, string why) => new($"{DeviceTopic.Show(path)} {why}.");

    [GeneratedRegex("^(?:/vsi(?<vsi>[a-z0-9_]+)/|(?<scheme>zip|tar|gzip)(?:\\+file)?://)", RegexOptions.IgnoreCase)]
    private static partial Regex Form();
}
