using System.Globalization;
using System.Xml;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes.Products;

/// <summary>An element of a product's metadata.</summary>
/// <param name="Path">Local names from the root, joined with /.</param>
/// <param name="Text">Its own text, trimmed; empty when it has child elements only.</param>
/// <param name="Attributes">By local name.</param>
internal sealed record MetadataElement(string Path, string Name, string Text, IReadOnlyDictionary<string, string> Attributes);

/// <summary>
/// Reads the elements that are asked for out of an XML file, one after another in bounded memory: no entities, no DTD, nothing outside the file.
/// </summary>
internal static class MetadataXml
{
    private const int MaxDepth = 64;
    private const int MaxKept = 4096;
    private const int MaxText = 4096;

    /// <summary>Text of a file as one sentence may show it.</summary>
    private const int MaxElements = 5_000_000;

    /// <param name="file">How sentences call the file.</param>
    /// <param name="wanted">Local names of the elements to keep.</param>
    /// <exception cref="RefusedInputException">No well-formed XML, or beyond the limits.</exception>
    public static IReadOnlyList<MetadataElement> Read(Stream bytes, string file, IReadOnlySet<string> wanted)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            MaxCharactersFromEntities = 1024,
            MaxCharactersInDocument = 0,
            CloseInput = false,
        };
        var kept = new List<MetadataElement>();
        var path = new List<string>();
        var seen = 0;
        try
        {
            using var xml = XmlReader.Create(bytes, settings);
            MetadataElement? open = null;
            while (xml.Read())
            {
                switch (xml.NodeType)
                {
                    case XmlNodeType.Element:
                        if (xml.Depth >= MaxDepth)
                            throw new RefusedInputException($"{file} nests elements more than {MaxDepth} deep, as no product's metadata does; get it again.");
                        if (++seen > MaxElements)
                            throw new RefusedInputException($"{file} has more than {MaxElements} elements; get it again.");
                        path.RemoveRange(xml.Depth, path.Count - xml.Depth);
                        path.Add(xml.LocalName.Length <= 256 ? xml.LocalName : throw new RefusedInputException($"{file} has an element name of {xml.LocalName.Length} characters; get it again."));
                        open = wanted.Contains(xml.LocalName) ? new MetadataElement(string.Join('/', path), xml.LocalName, "", Attributes(xml, file)) : null;
                        if (open is not null)
                            Keep(kept, open, file);
                        if (xml.IsEmptyElement)
                            open = null;
                        break;
                    case XmlNodeType.EndElement:
                        open = null;
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA when open is not null:
                        open = open with { Text = Chunk(xml, file) };
                        kept[^1] = open;
                        break;
                }
            }
        }
        catch (XmlException problem)
        {
            var what = problem.Message.Split(" Line ", 2)[0].TrimEnd('.');
            throw new RefusedInputException(
                string.Create(CultureInfo.InvariantCulture, $"{file} is no well-formed XML at line {problem.LineNumber}: {DeviceTopic.Show(what)}; get it again."), problem);
        }
        catch (Exception problem) when (problem is InvalidDataException or ArgumentException)
        {
            throw new RefusedInputException($"{file} cannot be read as XML: {DeviceTopic.Show(problem.Message.TrimEnd('.'))}; get it again.", problem);
        }

        return kept;
    }

    /// <summary>A chunk of text, cut at the limit: what is longer is no value that is looked for.</summary>
    private static string Chunk(XmlReader xml, string file)
    {
        var buffer = new char[MaxText + 1];
        var length = 0;
        if (!xml.CanReadValueChunk)
            return xml.Value.Length <= MaxText ? xml.Value.Trim() : throw TooLong();
        for (int read; length < buffer.Length && (read = xml.ReadValueChunk(buffer, length, buffer.Length - length)) > 0;)
            length += read;
        return length <= MaxText ? new string(buffer, 0, length).Trim() : throw TooLong();

        RefusedInputException TooLong() => new($"{file}: the element {xml.LocalName} holds more than {MaxText} characters; get it again.");
    }

    private static Dictionary<string, string> Attributes(XmlReader xml, string file)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (xml.AttributeCount > 32)
            throw new RefusedInputException($"{file}: the element {xml.LocalName} has {xml.AttributeCount} attributes; get it again.");
        while (xml.MoveToNextAttribute())
            attributes[xml.LocalName] = xml.Value.Length <= MaxText ? xml.Value : throw new RefusedInputException($"{file}: an attribute holds more than {MaxText} characters; get it again.");
        xml.MoveToElement();
        return attributes;
    }

    private static void Keep(List<MetadataElement> kept, MetadataElement element, string file)
    {
        if (kept.Count == MaxKept)
            throw new RefusedInputException($"{file} repeats the elements of its metadata more than {MaxKept} times; get it again.");
        kept.Add(element);
    }
}
