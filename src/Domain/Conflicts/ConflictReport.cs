using Monitoring.Domain.Findings;

namespace Monitoring.Domain.Conflicts;

/// <summary>What a check found. The order of everything is fixed by ids, not by the order of the input.</summary>
public sealed record ConflictReport
{
    /// <summary>Version of the rules (docs/formats/conflicts.md).</summary>
    public required string RulesVersion { get; init; }

    /// <summary>Version of the map; 0 for loose files.</summary>
    public required long MapVersion { get; init; }

    public required DateOnly On { get; init; }

    public required IReadOnlyList<CheckedSubject> Subjects { get; init; }

    /// <summary>Gravest first.</summary>
    public required IReadOnlyList<Conflict> Conflicts { get; init; }

    /// <summary>Sums by kind over all subjects; overlapping features count each.</summary>
    public required IReadOnlyList<ConflictTotal> Totals { get; init; }

    /// <summary>Cheapest first, of each subject.</summary>
    public IReadOnlyList<ConflictSuggestion> Suggestions { get; init; } = [];

    /// <summary>Null when no subject lies near reserve, or the map holds no planned land use.</summary>
    public ReserveShare? Reserve { get; init; }

    /// <summary>Buildings of a city model against outlines as built; empty when that was not asked.</summary>
    public IReadOnlyList<AsBuiltComparison> AsBuilt { get; init; } = [];

    /// <summary>What a reader should know: assumptions, layers that nobody gave, limits that were reached.</summary>
    public required IReadOnlyList<ConflictNote> Notes { get; init; }
}

/// <summary>A subject as it was checked.</summary>
/// <param name="AreaSquareMeters">Geodesic area of its footprint.</param>
/// <param name="LengthMeters">Geodesic length of its axis; 0 for areas.</param>
/// <param name="WidthMeters">Width of the footprint of a line; null for areas.</param>
/// <param name="Cost">Σ weight × m² over its conflicts (length × width where a conflict has no area).</param>
/// <param name="Clipped">Part of it lies outside the asker's ground and was not looked at.</param>
public sealed record CheckedSubject(string Kind, string Id, string? Name, double AreaSquareMeters, double LengthMeters, double? WidthMeters, double Cost, int Conflicts, bool Clipped)
{
    /// <summary>What was looked at, in degrees: the axis of a line, else the outline.</summary>
    public required NetTopologySuite.Geometries.Geometry Shape { get; init; }
}

/// <summary>A feature of the map that a conflict is with.</summary>
/// <param name="Layer"><c>control-lines</c>, <c>permits</c>, <c>parcels</c>, or the kind of a plan layer.</param>
public sealed record ConflictingFeature(string Layer, string Id, string? Name, string? Code, string? Document, DateOnly? EffectiveFrom, DateOnly? EffectiveTo);

/// <summary>One subject against one feature under one rule.</summary>
public sealed record Conflict
{
    /// <summary>The same for the same subject, rule and feature.</summary>
    public required string Id { get; init; }

    /// <summary>Kind of conflict, as data: <c>control_line</c>, <c>pipe_crossing</c> …</summary>
    public required string Kind { get; init; }

    public required string Rule { get; init; }

    public required string RuleName { get; init; }

    public required string RuleNameEn { get; init; }

    public required Severity Severity { get; init; }

    public required double Weight { get; init; }

    public required string SubjectKind { get; init; }

    public required string SubjectId { get; init; }

    /// <summary>Null for what lies outside of all features of a layer.</summary>
    public ConflictingFeature? With { get; init; }

    /// <summary>Geodesic m² of the overlap.</summary>
    public double AreaSquareMeters { get; init; }

    /// <summary>Geodesic m of the subject's axis in it (of the feature's axis, when the subject is an area).</summary>
    public double LengthMeters { get; init; }

    public ClearanceFact? Clearance { get; init; }

    /// <summary>Further facts by name with their unit, culture-invariant: <c>subject_class</c>, <c>height_m</c> …</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>();

    /// <summary>Where, in degrees: the common area, or the stretch of the axis.</summary>
    public required NetTopologySuite.Geometries.Geometry Shape { get; init; }
}

/// <summary>Distances between surfaces, in m; null = not asked or not known.</summary>
/// <param name="RequiredHorizontal">By the rules.</param>
/// <param name="Horizontal">Least distance of the outer surfaces seen from above; below 0 they overlap.</param>
/// <param name="Vertical">Least distance of the outer surfaces one over the other; below 0 they run into each other.</param>
/// <param name="PlanViewOnly">True: the depth of one of them is not known (or not in the same terms), so nothing is said of the third dimension.</param>
public sealed record ClearanceFact(double? RequiredHorizontal, double? Horizontal, double? RequiredVertical, double? Vertical, bool PlanViewOnly);

public sealed record ConflictTotal(string Kind, int Count, double AreaSquareMeters, double LengthMeters);

/// <summary>A changed subject with less conflict. Never one that is worse than the original.</summary>
public sealed record ConflictSuggestion
{
    public required string SubjectKind { get; init; }

    public required string SubjectId { get; init; }

    /// <summary><c>shift</c> (parallel), <c>reroute</c> (ends stay), <c>translate</c>, <c>trim</c>.</summary>
    public required string Change { get; init; }

    /// <summary>The new axis or outline, in degrees.</summary>
    public required NetTopologySuite.Geometries.Geometry Shape { get; init; }

    /// <summary>Σ weight × m² of conflict before and after.</summary>
    public required double CostBefore { get; init; }

    public required double CostAfter { get; init; }

    public required IReadOnlyList<ConflictTotal> TotalsBefore { get; init; }

    public required IReadOnlyList<ConflictTotal> TotalsAfter { get; init; }

    /// <summary>Geodesic m of the axis; 0 for areas.</summary>
    public required double LengthBefore { get; init; }

    public required double LengthAfter { get; init; }

    /// <summary>Geodesic m² of the footprint.</summary>
    public required double AreaBefore { get; init; }

    public required double AreaAfter { get; init; }

    /// <summary>Greatest distance that anything of it moved, in m.</summary>
    public required double MovedMeters { get; init; }

    /// <summary>Least radius of its bends in m, null where there are none or none was asked for.</summary>
    public double? LeastRadiusMeters { get; init; }

    /// <summary>Step of the search in m: better ones may lie between.</summary>
    public required double ResolutionMeters { get; init; }

    /// <summary>How far from the original was searched, in m.</summary>
    public required double ReachMeters { get; init; }
}

/// <summary>Strategic reserve against planned construction land, over the layers on the map in force.</summary>
/// <param name="Share">Reserve over construction land with the reserve, in [0, 1]; null without construction land.</param>
/// <param name="ShareAfter">The same when the subjects are built on it.</param>
/// <param name="Rate">The configured least share.</param>
public sealed record ReserveShare(double ReserveSquareMeters, double ConstructionSquareMeters, double UsedSquareMeters, double? Share, double? ShareAfter, double Rate);

/// <summary>A building of a city model against the outline as built that it overlaps most.</summary>
/// <param name="OutsideShare">Share of the outline as built that lies outside the model's building, in [0, 1].</param>
/// <param name="AreaDifferenceSquareMeters">As built less model.</param>
/// <param name="HeightDifferenceMeters">As built less model; null when either does not say.</param>
/// <param name="Verdict"><c>equal</c>, <c>differs</c>, <c>missing</c> (nothing was built there) or <c>unplanned</c> (built, in no model).</param>
public sealed record AsBuiltComparison(
    string? ModelId, string? BuiltId, double ModelSquareMeters, double BuiltSquareMeters, double AreaDifferenceSquareMeters, double OutsideSquareMeters, double OutsideShare,
    double? HeightDifferenceMeters, string Verdict)
{
    /// <summary>What lies outside the model, in degrees; null where nothing does.</summary>
    public NetTopologySuite.Geometries.Geometry? Outside { get; init; }
}

/// <param name="Code">For example <c>width-assumed</c>; docs/formats/conflicts.md lists all.</param>
public sealed record ConflictNote(string Code, IReadOnlyDictionary<string, string> Facts);
