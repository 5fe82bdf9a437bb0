using System.Globalization;
using System.Text;
using Monitoring.Domain.Faults;

namespace Monitoring.Host;

/// <summary>
/// Whether results can be written where somebody wants them, found out by writing there: before anything is computed, because afterwards it costs the whole computation.
/// Nothing stays of the attempt. What fits now may not fit when the results are there; that is told then.
/// </summary>
internal static class OutputPlace
{
    /// <summary>What the smallest results take, so that a disk that is all but full is told too.</summary>
    private const int AttemptBytes = 64 * 1024;

    /// <summary>Of one name, on every usual file system.</summary>
    private const int MostNameBytes = 255;

    /// <param name="option">How the sentence calls the place: <c>--out</c>.</param>
    /// <param name="folder">Absolute; need not be there.</param>
    /// <exception cref="BadInputException">Nothing can be written there.</exception>
    /// <exception cref="IOException">There is no room; the message is a sentence.</exception>
    public static void Demand(string option, string folder)
    {
        var there = folder;
        for (; !Directory.Exists(there); there = Path.GetDirectoryName(there)!)
        {
            if (new FileInfo(there).LinkTarget is { } target && !Path.Exists(Path.Combine(Path.GetDirectoryName(there)!, target)))
            {
                throw new BadInputException($"{option}: {OneLine(there)} is a link to {OneLine(target)}, which is not there; name another folder.");
            }

            if (File.Exists(there))
            {
                throw new BadInputException($"{option}: {OneLine(there)} is a file; name a folder.");
            }

            if (Path.GetDirectoryName(there) is null || Encoding.UTF8.GetByteCount(Path.GetFileName(there)) > MostNameBytes)
            {
                throw new BadInputException($"{option}: {OneLine(there)} cannot be made; name another folder.");
            }
        }

        // What is missing is not made for a try: another run may be at work in a folder beside this one.
        try
        {
            using var attempt = new FileStream(
                Path.Combine(there, $".{Path.GetRandomFileName()}.part"),
                FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
            attempt.Write(new byte[AttemptBytes]);
        }
        catch (Exception problem) when (IsFull(problem))
        {
            throw new IOException($"{option}: there is no room in {OneLine(there)} ({Clause(problem)}); make room there, or name another folder.", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{option}: nothing can be written in {OneLine(there)} ({Clause(problem)}); name a folder that you may write to.");
        }
    }

    /// <summary>The same for a file, which is replaced when it is there.</summary>
    /// <inheritdoc cref="Demand(string, string)"/>
    public static void DemandFile(string option, string path)
    {
        if (Directory.Exists(path))
        {
            throw new BadInputException($"{option}: {OneLine(path)} is a folder; name a file.");
        }

        if (Path.GetDirectoryName(path) is { } folder)
        {
            if (!Path.Exists(folder))
            {
                throw new BadInputException($"{option}: the folder {OneLine(folder)} does not exist; make it, or name another file.");
            }

            Demand(option, folder);
        }
    }

    /// <summary>Names of files and what the system says of them must not speak to the terminal.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(c =>
        char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? ' ' : c));

    private static string Clause(Exception problem) => OneLine(problem.Message).Trim().TrimEnd('.');

    /// <summary>A limit on the size of files (EFBIG) comes out of the runtime as an argument out of range.</summary>
    private static bool IsFull(Exception problem) => SystemFault.IsFullDisk(problem) || problem is ArgumentOutOfRangeException;
}
