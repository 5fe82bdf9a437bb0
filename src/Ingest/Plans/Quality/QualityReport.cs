namespace Monitoring.Ingest.Plans.Quality;

/// <summary>Names of faults: docs/formats/quality-report.md says what each means and how to mend it.</summary>
internal static class FaultCodes
{
    public const string Geometry = "invalid-geometry", Kind = "wrong-geometry-kind", Field = "wrong-field", DuplicateId = "duplicate-id", DuplicateShape = "duplicate-geometry",
        Overlap = "overlap", SliverOverlap = "sliver-overlap", Gap = "gap", SliverGap = "sliver-gap", Sliver = "sliver", CodeUnknown = "code-unknown", CodeUnlisted = "code-unlisted",
        CodeName = "code-name", CodeRevision = "code-revision", AxisOrder = "axis-order", MixedCrs = "mixed-crs", OutsideCrs = "outside-crs", Gcj02 = "gcj-02", OutsideRegion = "outside-region",
        Closure = "closure";

    /// <summary>Faults that a person may take as they are; the others would put something wrong or unreadable on the map.</summary>
    public static IReadOnlyList<string> Acceptable { get; } =
        [Overlap, SliverOverlap, Gap, SliverGap, Sliver, DuplicateShape, CodeUnknown, CodeName, CodeRevision, Gcj02, OutsideRegion, Closure];
}

/// <summary>One fault at one place.</summary>
/// <param name="Text">A sentence: what, where, how to mend.</param>
/// <param name="Number">Number of the feature in the file.</param>
/// <param name="Lon">Place in degrees, null when the fault has none or it cannot be placed on the earth.</param>
/// <param name="X">The place in the file's own coordinates, where it is known in them.</param>
/// <param name="Others">Ids of the other features that take part.</param>
internal sealed record QualityFault(
    string Code, bool IsError, string Text, long? Number = null, string? Id = null, double? Lon = null, double? Lat = null, double? X = null, double? Y = null,
    double? AreaSquareMeters = null, IReadOnlyList<string>? Others = null)
{
    /// <summary>The place itself, in degrees, for the picture.</summary>
    public NetTopologySuite.Geometries.Geometry? Shape { get; init; }

    /// <summary>A person took the fault as it is.</summary>
    public bool Accepted { get; init; }
}

/// <summary>What was found in one file. Nothing in it was repaired.</summary>
internal sealed class QualityReport(string source, IReadOnlyCollection<string> accept, int mostKept = 20_000)
{
    private readonly SortedDictionary<string, (int Errors, int Warnings)> _counts = new(StringComparer.Ordinal);
    private readonly List<QualityFault> _faults = [];

    public string Source { get; } = source;

    public string? Layer { get; set; }

    public string? Crs { get; set; }

    public int Features { get; set; }

    public int Errors { get; private set; }

    public int Warnings { get; private set; }

    /// <summary>Checks that were made, and those that were not with the reason.</summary>
    public List<(string Check, bool Done, string Remark)> Checks { get; } = [];

    /// <summary>Faults that are kept with their places; <see cref="Counts"/> counts all.</summary>
    public IReadOnlyList<QualityFault> Faults => _faults;

    public IReadOnlyDictionary<string, (int Errors, int Warnings)> Counts => _counts;

    public void Add(QualityFault fault)
    {
        if (fault.IsError && accept.Contains(fault.Code) && FaultCodes.Acceptable.Contains(fault.Code))
            fault = fault with { IsError = false, Accepted = true };
        var (errors, warnings) = _counts.GetValueOrDefault(fault.Code);
        _counts[fault.Code] = fault.IsError ? (errors + 1, warnings) : (errors, warnings + 1);
        if (fault.IsError)
            Errors++;
        else
            Warnings++;
        if (_faults.Count < mostKept)
            _faults.Add(fault);
    }

    /// <summary>The first sentences, the rest counted.</summary>
    public IReadOnlyList<string> Sentences(bool errors, int told)
    {
        var all = errors ? Errors : Warnings;
        List<string> sentences = [.. _faults.Where(f => f.IsError == errors).Take(told).Select(f => f.Accepted ? $"{f.Text} (Taken as it is, as {f.Code} was accepted.)" : f.Text)];
        if (all > sentences.Count)
            sentences.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"And {all - sentences.Count} more of this kind."));
        return sentences;
    }
}
