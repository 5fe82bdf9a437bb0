using System.Text.Json;
using System.Text.Json.Nodes;
using Monitoring.Domain.Findings;

namespace Monitoring.Detection.Conflicts;

/// <summary>
/// What is a conflict, how grave, and how a way around it is sought: versioned data, never constants in code (docs/formats/conflicts.md). Immutable; thread-safe.
/// </summary>
public sealed record ConflictRules
{
    private const string Resource = "Monitoring.Detection.conflict-rules.json";
    private const long MostBytes = 4 << 20;

    public required string Version { get; init; }

    public required IReadOnlyList<ConflictRule> Rules { get; init; }

    /// <summary>m by plan layer, for lines that state no width.</summary>
    public required IReadOnlyDictionary<string, double> DefaultWidths { get; init; }

    public required PipeRules Pipes { get; init; }

    /// <summary>Words of class texts and the land-use class they mean; the first that occurs counts.</summary>
    public required IReadOnlyList<ClassWord> Classes { get; init; }

    public required ReserveRules Reserve { get; init; }

    public required SearchRules Search { get; init; }

    public required ConflictLimits Limits { get; init; }

    /// <summary>The rules that come with the program.</summary>
    public static ConflictRules Default { get; } = Parse(Embedded(), "the built-in conflict rules");

    /// <summary>The built-in rules with the sections of a file in their place, when that file is there.</summary>
    /// <exception cref="InvalidDataException">One sentence: what is wrong, where, how to mend it.</exception>
    public static ConflictRules Load(string path)
    {
        if (!File.Exists(path))
        {
            return Default;
        }

        if (new FileInfo(path).Length > MostBytes)
        {
            throw new InvalidDataException($"{path} is larger than {MostBytes} bytes, which no file of conflict rules is; put the right file in its place or remove it.");
        }

        try
        {
            var target = JsonNode.Parse(Embedded())!.AsObject();
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            var own = JsonNode.Parse(File.ReadAllText(path), documentOptions: options) as JsonObject ?? throw new JsonException("the outermost value is not an object");
            if (!own.ContainsKey("version"))
            {
                throw new JsonException("it states no version");
            }

            foreach (var (name, value) in own)
            {
                target[name] = value?.DeepClone();
            }

            return Parse(target.ToJsonString(), path);
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"{path} is no file of conflict rules as docs/formats/conflicts.md describes: {fault.Message}", fault);
        }
    }

    /// <exception cref="InvalidDataException">One sentence: what is wrong, where, how to mend it.</exception>
    public static ConflictRules Parse(string json, string source)
    {
        ConflictRules rules;
        try
        {
            rules = JsonSerializer.Deserialize<ConflictRules>(json, DetectionRules.Json) ?? throw new JsonException("it holds null");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"{source} is no file of conflict rules as docs/formats/conflicts.md describes: {fault.Message}", fault);
        }

        var faults = rules.Faults().ToList();
        return faults.Count == 0 ? rules : throw new InvalidDataException($"{source}: {string.Join(" ", faults)}");
    }

    private IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Version))
        {
            yield return "The version is empty; state one, reports carry it.";
        }

        foreach (var twice in Rules.GroupBy(r => r.Id).Where(g => g.Count() > 1))
        {
            yield return $"Rule {twice.Key} is there {twice.Count()} times; keep one.";
        }

        foreach (var rule in Rules.Where(r => !(r.Weight >= 0 && r.MinAreaM2 >= 0 && r.MinWidthM >= 0)))
        {
            yield return $"Rule {rule.Id} has a negative weight, min_area_m2 or min_width_m.";
        }

        if (!(Reserve.Rate is >= 0 and <= 1))
        {
            yield return "reserve: rate lies in [0, 1].";
        }

        if (!(Search is { ShiftStepM: > 0, MostShiftM: >= 0, GridM: > 0, MostCells: >= 100, ReachM: > 0, LeastSegmentM: >= 0, LengthWeight: > 0, TranslateStepM: > 0, MostTranslateM: >= 0, MostSubjects: >= 0 }
            && Search.MostTrimShare is >= 0 and <= 1 && Search.MostShiftM / Search.ShiftStepM <= 1000 && Search.MostTranslateM / Search.TranslateStepM <= 1000 && Search.MostCells <= 4_000_000))
        {
            yield return "search: steps and weights are above 0, at most 1000 steps, most_cells from 100 to 4000000, most_trim_share in [0, 1].";
        }

        if (!(Pipes.JoinToleranceM >= 0 && Pipes.FrictionAngleDeg is > 0 and < 90 && Pipes.Horizontal.Concat(Pipes.Vertical).All(c => c.M >= 0) && Pipes.Foundation.All(c => c.M >= 0)))
        {
            yield return "pipes: clearances and join_tolerance_m are at least 0, friction_angle_deg lies in (0, 90).";
        }

        if (!(Limits is { MostSubjects: >= 1, MostVertices: >= 4, MostConflicts: >= 1, MostExtentM: > 0 and <= 200_000 }))
        {
            yield return "limits: all are at least 1, most_extent_m is at most 200000.";
        }
    }

    private static string Embedded()
    {
        using var stream = typeof(ConflictRules).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException("The built-in conflict rules are missing from the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>One way in which a subject and a feature of the map do not go together.</summary>
public sealed record ConflictRule
{
    public required string Id { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    public required string NameEn { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>Cost of one m², ≥ 0.</summary>
    public required double Weight { get; init; }

    public required IReadOnlyList<string> Subjects { get; init; }

    public required string Layer { get; init; }

    public required ConflictRelation Relation { get; init; }

    public IReadOnlyList<string>? Kinds { get; init; }

    /// <summary>Beginnings of the feature's code.</summary>
    public IReadOnlyList<string>? Codes { get; init; }

    public IReadOnlyList<string>? NotCodes { get; init; }

    public IReadOnlyList<string>? Statuses { get; init; }

    /// <summary>Beginnings of the subject's code.</summary>
    public IReadOnlyList<string>? SubjectCodes { get; init; }

    public IReadOnlyList<string>? SubjectLacks { get; init; }

    public bool Corridor { get; init; }

    public bool CrossingOk { get; init; }

    public double MinAreaM2 { get; init; } = 1;

    public double MinWidthM { get; init; } = 0.5;
}

public enum ConflictRelation
{
    Inside,
    Outside,
    ClassDiffers,
    HeightExceeds,
}

public sealed record ClassWord(string Word, string Class);

/// <summary>Clearances between the outer surfaces of pipes and to foundations. A medium <c>*</c> is any; the first row that fits counts.</summary>
public sealed record PipeRules
{
    public string Source { get; init; } = "";

    /// <summary>Ends of pipes this near to another (m) are joined to it.</summary>
    public required double JoinToleranceM { get; init; }

    public required Severity CrossingSeverity { get; init; }

    public required double CrossingWeight { get; init; }

    public required Severity UnknownSeverity { get; init; }

    public required double UnknownWeight { get; init; }

    public required Severity ClearanceSeverity { get; init; }

    public required double ClearanceWeight { get; init; }

    public required Severity FoundationSeverity { get; init; }

    public required double FoundationWeight { get; init; }

    /// <summary>Between a pipe and the underside of a foundation over it, m.</summary>
    public required double FoundationVerticalM { get; init; }

    /// <summary>Angle of internal friction of the ground beside a deeper trench.</summary>
    public required double FrictionAngleDeg { get; init; }

    /// <summary>What the elevations of a medium's pipes are of; a medium that is missing is as <c>other</c>.</summary>
    public required IReadOnlyDictionary<string, ElevationOf> ElevationIs { get; init; }

    public required IReadOnlyList<PairClearance> Horizontal { get; init; }

    public required IReadOnlyList<PairClearance> Vertical { get; init; }

    public required IReadOnlyList<FoundationClearance> Foundation { get; init; }

    /// <summary>Null where the rules ask for none.</summary>
    public double? HorizontalOf(string a, string b) => Find(Horizontal, a, b);

    public double VerticalOf(string a, string b) => Find(Vertical, a, b) ?? 0;

    public double FoundationOf(string medium, double diameterMillimeters) =>
        Foundation.Where(f => f.Medium == medium && diameterMillimeters >= f.FromMm).Select(f => (double?)f.M).LastOrDefault()
        ?? Foundation.Where(f => f.Medium == "*").Select(f => (double?)f.M).LastOrDefault() ?? 0;

    /// <summary>The greatest distance at which anything of a pipe is asked for.</summary>
    internal double Reach => Horizontal.Select(c => c.M).Concat(Foundation.Select(c => c.M)).DefaultIfEmpty(0).Max();

    internal ElevationOf ElevationOfMedium(string medium) =>
        ElevationIs.TryGetValue(medium, out var known) ? known : ElevationIs.GetValueOrDefault("other", ElevationOf.Top);

    private static double? Find(IReadOnlyList<PairClearance> rows, string a, string b) =>
        rows.FirstOrDefault(r => (Fits(r.A, a) && Fits(r.B, b)) || (Fits(r.A, b) && Fits(r.B, a)))?.M;

    private static bool Fits(string row, string medium) => row == "*" || row == medium;
}

public enum ElevationOf
{
    Top,
    Invert,
    Axis,
}

public sealed record PairClearance(string A, string B, double M);

/// <param name="FromMm">From this diameter on; the last row that fits counts.</param>
public sealed record FoundationClearance(string Medium, double FromMm, double M);

public sealed record ReserveRules(double Rate, IReadOnlyList<string> ReserveCodes, IReadOnlyList<string> ConstructionCodes);

/// <summary>How a way around a conflict is sought; metres.</summary>
public sealed record SearchRules
{
    public required double ShiftStepM { get; init; }

    public required double MostShiftM { get; init; }

    public required double GridM { get; init; }

    public required int MostCells { get; init; }

    public required double ReachM { get; init; }

    public required double LeastSegmentM { get; init; }

    /// <summary>Least radius of bends by plan layer; a layer that is missing may bend at corners.</summary>
    public required IReadOnlyDictionary<string, double> RadiusM { get; init; }

    /// <summary>Cost of one m² of the subject itself, beside the weights of rules.</summary>
    public required double LengthWeight { get; init; }

    public required double TranslateStepM { get; init; }

    public required double MostTranslateM { get; init; }

    /// <summary>Share of an outline, in [0, 1], that may be trimmed off.</summary>
    public required double MostTrimShare { get; init; }

    /// <summary>Subjects for which a way is sought; the first with conflicts by cost.</summary>
    public required int MostSubjects { get; init; }
}

public sealed record ConflictLimits
{
    public required int MostSubjects { get; init; }

    public required int MostVertices { get; init; }

    public required int MostConflicts { get; init; }

    /// <summary>Diagonal of all subjects together, in m.</summary>
    public required double MostExtentM { get; init; }
}
