namespace Monitoring.Ingest.Plans;

/// <summary>Limits of one imported file, checked before its features are kept.</summary>
public sealed record PlanImportOptions
{
    /// <summary>Bytes of the file with its side files, or of the folder. At least 1; default 4 GiB.</summary>
    public long MaxFileBytes { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>Features. At least 1; default 1 000 000.</summary>
    public int MaxFeatures { get; init; } = 1_000_000;

    /// <summary>Corners of all features together. At least 4; default 50 000 000.</summary>
    public long MaxVertices { get; init; } = 50_000_000;

    /// <summary>Faults that are told; the rest is counted. At least 1; default 20.</summary>
    public int MaxProblemsTold { get; init; } = 20;

    /// <summary>
    /// How far beyond the CRS's area of use, in degrees, a feature may reach. Gauss-Krüger zones are used a little over their edges.
    /// Not negative; default 2.
    /// </summary>
    public double AreaOfUseMarginDegrees { get; init; } = 2;

    /// <summary>
    /// Take a layer without features, which then says that there are none. Default false: into the registers an empty file is a slip far
    /// more often than a statement, and would put out of force whatever it replaces.
    /// </summary>
    public bool AllowEmpty { get; init; }

    /// <summary>Folder with own code lists (<c>codes/*.json</c>) and plan layers (<c>layers/*.json</c>); null = what ships. Default null.</summary>
    public string? DefinitionsFolder { get; init; }

    /// <summary>Data grades that exports carry. Default: general.</summary>
    public Domain.Land.LayerGrading Grades { get; init; } = Domain.Land.LayerGrading.None;

    /// <summary>Corners closer than this in m are the same corner to the checks of gaps and overlaps. Above 0, at most 1; default 0.002.</summary>
    public double CoverageToleranceMeters { get; init; } = 0.002;

    /// <summary>Gaps, overlaps and features narrower than this in m are slips of drawing. At least 0; default 0.2.</summary>
    public double SliverWidthMeters { get; init; } = 0.2;

    /// <summary>One sentence for each option outside its range.</summary>
    public IEnumerable<string> Problems()
    {
        if (MaxFileBytes < 1)
            yield return $"Plans:MaxFileBytes is {MaxFileBytes}; it must be at least 1.";
        if (MaxFeatures < 1)
            yield return $"Plans:MaxFeatures is {MaxFeatures}; it must be at least 1.";
        if (MaxVertices < 4)
            yield return $"Plans:MaxVertices is {MaxVertices}; it must be at least 4.";
        if (MaxProblemsTold < 1)
            yield return $"Plans:MaxProblemsTold is {MaxProblemsTold}; it must be at least 1.";
        if (!(AreaOfUseMarginDegrees >= 0))
            yield return $"Plans:AreaOfUseMarginDegrees is {AreaOfUseMarginDegrees}; it must not be negative.";
        if (!(CoverageToleranceMeters is > 0 and <= 1))
            yield return $"Plans:CoverageToleranceMeters is {CoverageToleranceMeters}; it must be above 0 and at most 1.";
        if (!(SliverWidthMeters >= 0))
            yield return $"Plans:SliverWidthMeters is {SliverWidthMeters}; it must not be negative.";
    }
}
