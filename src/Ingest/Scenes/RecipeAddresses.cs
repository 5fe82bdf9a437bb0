using System.Xml;
using Monitoring.Gdal;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// Looks through recipes (VRT, and the XML files by which GDAL reads web services) before GDAL follows them: an address in one needs a host that the
/// operator named, as an address anywhere else does. Thread-safe.
/// </summary>
internal static class RecipeAddresses
{
    /// <summary>A recipe of a recipe, and so on.</summary>
    private const int MostLevels = 8;

    private const int MostFiles = 10_000;

    /// <summary>A recipe of more bytes is refused: it cannot be looked through.</summary>
    private const long MostBytes = 64L << 20;

    /// <summary>GDAL's virtual files that stay on this machine.</summary>
    private static readonly string[] LocalFiles = ["/vsizip/", "/vsitar/", "/vsigzip/", "/vsi7z/", "/vsirar/", "/vsisubfile/", "/vsimem/", "/vsisparse/", "/vsicached", "/vsicrypt/"];

    /// <summary>Does nothing for what is no XML.</summary>
    /// <exception cref="RefusedInputException">An address whose host is not named, a file system that is not this machine's, too deep, or no well-formed XML.</exception>
    public static void Check(string path, RemoteFiles remote) => Check(path, remote, MostLevels, new HashSet<string>(StringComparer.Ordinal));

    private static void Check(string path, RemoteFiles remote, int levels, HashSet<string> seen)
    {
        if (!File.Exists(path) || ClosedRaster.Is(path) || !seen.Add(Path.GetFullPath(path)))
            return;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (!IsXml(stream))
            return;
        if (levels == 0 || seen.Count > MostFiles || stream.Length > MostBytes)
            throw new RefusedInputException($"{path} is a recipe of too many recipes or too large to be looked through; make a GeoTIFF of it.");
        stream.Position = 0;
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            using var xml = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, ConformanceLevel = ConformanceLevel.Fragment });
            var (isVrt, element, isFact) = (false, "", false);
            while (xml.Read())
            {
                switch (xml.NodeType)
                {
                    case XmlNodeType.Element:
                        element = xml.LocalName;
                        isVrt |= element == "VRTDataset";
                        Attributes(xml);
                        isFact = isVrt && (element is "SRS" or "Description" or "GeoTransform"
                            || (element == "MDI" && xml.GetAttribute("key") is { } key && !key.EndsWith("DATASET", StringComparison.OrdinalIgnoreCase)));
                        break;
                    case XmlNodeType.EndElement:
                        isFact = false;
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA when !isFact:
                        Source(xml.Value.Trim());
                        break;
                }
            }
        }
        catch (XmlException problem)
        {
            // GDAL reads more than the standard allows: what cannot be looked through as GDAL would is not handed to it.
            throw new RefusedInputException(
                $"{path} is no well-formed XML at line {problem.LineNumber}, so that the sources it names cannot be checked; correct it (& is written &amp;), or make a GeoTIFF of it.", problem);
        }

        void Source(string text)
        {
            CheckAddress(path, text, remote);
            if (text.Length is > 0 and < 4096 && text.IndexOfAny(['\n', '\0']) < 0)
            {
                // Relative to the recipe or to the working folder.
                Check(Path.Combine(folder, text), remote, levels - 1, seen);
                Check(Path.GetFullPath(text), remote, levels - 1, seen);
            }
        }

        void Attributes(XmlReader xml)
        {
            while (xml.MoveToNextAttribute())
            {
                if (xml.Value.Contains("/vsi", StringComparison.OrdinalIgnoreCase))
                    CheckAddress(path, xml.Value, remote);
            }

            xml.MoveToElement();
        }
    }

    private static void CheckAddress(string path, string text, RemoteFiles remote)
    {
        for (var at = text.IndexOf("/vsi", StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf("/vsi", at + 4, StringComparison.OrdinalIgnoreCase))
        {
            var rest = text[at..];
            if (Array.Exists(LocalFiles, f => rest.StartsWith(f, StringComparison.OrdinalIgnoreCase)))
                continue;
            if (!rest.StartsWith("/vsicurl", StringComparison.OrdinalIgnoreCase))
                throw new RefusedInputException($"{path} leads to {DeviceTopic.Show(Short(rest))}, which is not on this machine; download the file and name it there.");
        }

        for (var at = text.IndexOf("://", StringComparison.Ordinal); at >= 0; at = text.IndexOf("://", at + 3, StringComparison.Ordinal))
        {
            var from = at;
            while (from > 0 && char.IsAsciiLetter(text[from - 1]))
                from--;
            var address = text[from..];
            remote.Allowed(address, $"{path}: the source {DeviceTopic.Show(Short(address))}");
        }

        // Coded addresses: /vsicurl?url=http%3A%2F%2F…
        if (text.Contains("/vsicurl", StringComparison.OrdinalIgnoreCase) && !text.Contains("://", StringComparison.Ordinal))
            throw new RefusedInputException($"{path} leads to {DeviceTopic.Show(Short(text))}, whose host cannot be told; write the address plainly, /vsicurl/https://….");
    }

    private static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";

    private static bool IsXml(FileStream stream)
    {
        Span<byte> head = stackalloc byte[64];
        head = head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        return head.TrimStart((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF, (byte)' ', (byte)'\t', (byte)'\r', (byte)'\n']).StartsWith("<"u8);
    }
}
