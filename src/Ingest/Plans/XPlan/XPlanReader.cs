using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Monitoring.Domain.Land;
using Monitoring.Gdal;
using NetTopologySuite.IO;

namespace Monitoring.Ingest.Plans.XPlan;

/// <summary>An object of a plan with what the rules about it need.</summary>
internal sealed record XPlanObject
{
    public required string Id { get; init; }

    /// <summary>Class, for example <c>BP_BaugebietsTeilFlaeche</c>.</summary>
    public required string Element { get; init; }

    public GmlShape? Place { get; init; }

    public required IReadOnlyDictionary<string, string> Texts { get; init; }

    /// <summary>Property and id of the object it points to.</summary>
    public required IReadOnlyList<(string Property, string Target)> Links { get; init; }

    public DateOnly? From { get; init; }

    /// <summary>First day no longer in force.</summary>
    public DateOnly? To { get; init; }

    public string? Target(string property) => Links.FirstOrDefault(l => l.Property == property).Target;
}

/// <summary>
/// Reads plans in XPlanGML 4 to 6 (XLeitstelle): every object with a place becomes a feature of its own class, with its plan and its
/// attributes; drawing aids (XP_…) and texts are left out and counted. BP is the detailed plan, FP and RP the master plan, LP and SO special
/// plans. Whole in memory, so limited in size.
/// </summary>
internal static partial class XPlanReader
{
    private const long MostBytes = 512L * 1024 * 1024;
    private const int MostAttributes = 200, DeepestElement = 64;

    /// <summary>True when the file's root is a plan in XPlanGML.</summary>
    public static bool Recognises(string path)
    {
        if (!File.Exists(path) || !(path.EndsWith(".gml", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".xml", StringComparison.OrdinalIgnoreCase)))
            return false;
        try
        {
            using var reader = XmlReader.Create(path, Settings());
            reader.MoveToContent();
            return reader.LocalName is "XPlanAuszug";
        }
        catch (XmlException)
        {
            // Whoever opens it next says what is wrong.
            return false;
        }
    }

    /// <exception cref="RefusedInputException">The file is too large, no XML, names several CRS, or holds no place.</exception>
    public static IFeatureTable Open(string path, CancellationToken cancellationToken)
    {
        if (new FileInfo(path).Length > MostBytes)
            throw new RefusedInputException($"{path} has more than {MostBytes >> 20} MiB; split the plan.");
        XDocument document;
        try
        {
            RefuseDeep(path);
            using var reader = XmlReader.Create(path, Settings());
            document = XDocument.Load(reader);
        }
        catch (XmlException fault)
        {
            throw new RefusedInputException($"{path} is no well-formed XML: {fault.Message}", fault);
        }

        var root = document.Root!;
        var version = VersionOf(root);
        var objects = new List<XPlanObject>();
        int leftOut = 0, without = 0;
        foreach (var element in root.Elements().Where(e => e.Name.LocalName is "featureMember" or "member").SelectMany(e => e.Elements()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (element.Name.LocalName.StartsWith("XP_", StringComparison.Ordinal) || element.Name.LocalName.EndsWith("TextAbschnitt", StringComparison.Ordinal))
                leftOut++;
            else
                objects.Add(ObjectOf(path, element));
        }

        var systems = objects.Select(o => o.Place?.Crs).Append((string?)root.Descendants().Attributes("srsName").FirstOrDefault()).OfType<string>().Select(Epsg).Distinct(StringComparer.Ordinal).ToList();
        if (systems.Count > 1)
            throw new RefusedInputException($"{path} mixes the CRS {string.Join(" and ", systems.Order(StringComparer.Ordinal))}; bring the plan into one CRS.");
        var placed = objects.Where(o => o.Place is not null && !o.Element.EndsWith("_Bereich", StringComparison.Ordinal)).ToList();
        without = objects.Count(o => o.Place is null && !o.Element.EndsWith("_Bereich", StringComparison.Ordinal));
        if (placed.Count == 0)
            throw new RefusedInputException($"{path} holds no object with a place.");

        List<string> remarks = [];
        if (leftOut > 0 || without > 0)
            remarks.Add(string.Create(CultureInfo.InvariantCulture, $"{leftOut} drawing aids and texts and {without} objects without a place were left out."));
        return Table(path, version, objects, placed, systems.FirstOrDefault(), remarks);
    }

    private static MemoryTable Table(string path, Version version, List<XPlanObject> objects, List<XPlanObject> placed, string? crs, List<string> remarks)
    {
        var byId = objects.DistinctBy(o => o.Id).ToDictionary(o => o.Id, StringComparer.Ordinal);
        List<string> names = ["id", "element", "plan", "name", "effective_from", "effective_to"];
        var fixedCount = names.Count;
        names.AddRange(placed.SelectMany(o => o.Texts.Keys).Where(k => k != "name").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MostAttributes));
        var rows = new List<Feature>();
        var writer = new WKBWriter();
        foreach (var one in placed)
        {
            var plan = PlanOf(one, byId);
            var values = new object?[names.Count];
            (values[0], values[1], values[2], values[3]) = (one.Id, one.Element, plan?.Texts.GetValueOrDefault("name") ?? plan?.Id, one.Texts.GetValueOrDefault("name"));
            (values[4], values[5]) = (one.From ?? plan?.From, one.To ?? plan?.To);
            for (var i = fixedCount; i < names.Count; i++)
                values[i] = one.Texts.GetValueOrDefault(names[i]);
            rows.Add(new Feature(rows.Count + 1, writer.Write(one.Place!.Shape), values));
        }

        var kind = placed.Select(o => o.Element[..2]).GroupBy(p => p).Where(g => g.Key is "BP" or "FP" or "RP" or "LP").MaxBy(g => g.Count())?.Key switch
        {
            "BP" => PlanKinds.DetailedPlan,
            "FP" or "RP" => PlanKinds.MasterPlan,
            _ => "special-plan",
        };
        FieldInfo[] fields = [.. names.Select(n => new FieldInfo(n, n.StartsWith("effective", StringComparison.Ordinal) ? FieldType.Date : FieldType.Text))];
        return new MemoryTable(Path.GetFileNameWithoutExtension(path), kind, crs, fields, rows, remarks, () => new XPlanClosure(version, objects).Check());
    }

    private static XPlanObject? PlanOf(XPlanObject one, Dictionary<string, XPlanObject> byId)
    {
        if (one.Element.EndsWith("_Plan", StringComparison.Ordinal))
            return one;
        return one.Target("gehoertZuBereich") is { } part && byId.TryGetValue(part, out var bereich) && bereich.Target("gehoertZuPlan") is { } plan ? byId.GetValueOrDefault(plan) : null;
    }

    private static XPlanObject ObjectOf(string path, XElement element)
    {
        var id = element.Attributes().FirstOrDefault(a => a.Name.LocalName is "id")?.Value ?? throw new RefusedInputException($"{path}: a {element.Name.LocalName} has no gml:id; every object needs one.");
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        var links = new List<(string, string)>();
        GmlShape? place = null;
        foreach (var property in element.Elements())
        {
            var name = property.Name.LocalName;
            if (name is "boundedBy")
                continue;
            if (property.Attributes().FirstOrDefault(a => a.Name.LocalName is "href") is { } link)
            {
                links.Add((name, link.Value.TrimStart('#')));
                continue;
            }

            if (property.Elements().FirstOrDefault(GmlGeometry.IsGeometry) is { } geometry)
            {
                try
                {
                    place ??= GmlGeometry.Read(geometry);
                }
                catch (FormatException fault)
                {
                    throw new RefusedInputException($"{path}: the geometry of {element.Name.LocalName} {id} cannot be read: {fault.Message}; mend it in the source.", fault);
                }

                continue;
            }

            Flatten(property, name, texts);
        }

        return new XPlanObject
        {
            Id = id,
            Element = element.Name.LocalName,
            Place = place,
            Texts = texts,
            Links = links,
            From = Day(texts, "startBedingung.datumAbsolut", "inkrafttretensDatum", "wirksamkeitsDatum", "rechtsverordnungsDatum"),
            To = Day(texts, "endeBedingung.datumAbsolut") is { } last ? last.AddDays(1) : Day(texts, "untergangsDatum"),
        };
    }

    /// <summary>Text of a property; of a structured one, by the path without the names of types.</summary>
    private static void Flatten(XElement element, string name, Dictionary<string, string> texts)
    {
        if (!element.HasElements)
        {
            var text = element.Value.Trim();
            if (text.Length > 0)
                texts[name] = texts.TryGetValue(name, out var before) ? $"{before}; {text}" : text;
            return;
        }

        foreach (var child in element.Elements())
        {
            var isType = child.Name.LocalName.Contains('_', StringComparison.Ordinal) && char.IsUpper(child.Name.LocalName[0]);
            Flatten(child, isType ? name : $"{name}.{child.Name.LocalName}", texts);
        }
    }

    private static DateOnly? Day(Dictionary<string, string> texts, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (texts.TryGetValue(name, out var text) && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                return day;
        }

        return null;
    }

    /// <summary>The version in the namespace, <c>…/xplangml/6/0</c>.</summary>
    private static Version VersionOf(XElement root) =>
        VersionInNamespace().Match(root.Name.NamespaceName) is { Success: true } match
            ? new Version(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))
            : throw new RefusedInputException($"The namespace {root.Name.NamespaceName} names no version of XPlanGML.");

    private static string Epsg(string srsName) => EpsgAtEnd().Match(srsName) is { Success: true } match ? $"EPSG:{match.Groups[1].Value}" : srsName;

    /// <summary>What is read by recursion must not be deeper than the stack.</summary>
    private static void RefuseDeep(string path)
    {
        using var reader = XmlReader.Create(path, Settings());
        while (reader.Read())
        {
            if (reader.Depth > DeepestElement)
                throw new RefusedInputException($"{path} has elements nested more than {DeepestElement} deep; that is no plan.");
        }
    }

    /// <summary>No document type, nothing fetched: a plan is data.</summary>
    private static XmlReaderSettings Settings() => new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MostBytes };

    [GeneratedRegex(@"xplangml/(\d)/(\d)$")]
    private static partial Regex VersionInNamespace();

    [GeneratedRegex(@"EPSG[:/]*[\d.]*[:/]+(\d{3,6})$", RegexOptions.IgnoreCase)]
    private static partial Regex EpsgAtEnd();
}
