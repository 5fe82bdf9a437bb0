using Monitoring.Domain.Geometry;

namespace Monitoring.Domain.Land;

/// <summary>Layers of the one versioned map.</summary>
public enum MapLayer
{
    Region,
    ControlLine,
    Permit,
    Parcel,

    /// <summary>Every other layer, told apart by <see cref="PlanFeature.Kind"/>.</summary>
    Plan,
}

/// <summary>
/// One version of one feature on the versioned map, on two time axes: in force on a date, and known at an instant.
/// </summary>
/// <remarks>
/// Effective dates are calendar dates in the region's zone, from inclusive, to exclusive (null = open). Known times are set by the
/// register: a version is known from its import until a later import supersedes it.
/// </remarks>
public abstract record MapFeature
{
    /// <summary>Identity within its layer, 1 to 128 characters: division code, control-line id, permit number, cadastral reference.</summary>
    public required string Id { get; init; }

    public required Outline Outline { get; init; }

    /// <summary>First day in force; null = since always.</summary>
    public DateOnly? EffectiveFrom { get; init; }

    /// <summary>First day no longer in force; null = until further notice.</summary>
    public DateOnly? EffectiveTo { get; init; }

    /// <summary>Number of the deciding document, if given.</summary>
    public string? Document { get; init; }

    /// <summary>Fields of the source that have no place of their own, kept as text.</summary>
    public IReadOnlyDictionary<string, string> SourceFields { get; init; } = new Dictionary<string, string>();

    public abstract MapLayer Layer { get; }

    public bool InForceOn(DateOnly day) => (EffectiveFrom is not { } from || day >= from) && (EffectiveTo is not { } to || day < to);
}

/// <summary>A division: the id is its GB/T 2260 code, valid within a revision of the code list.</summary>
public sealed record Region : MapFeature
{
    /// <summary>Revision of the code list, for example <c>201904</c>. Codes are split, merged and re-used between revisions.</summary>
    public required string Revision { get; init; }

    public required string Name { get; init; }

    public string? NameEn { get; init; }

    /// <summary>IANA time zone that its days and months follow.</summary>
    public string TimeZone { get; init; } = "Asia/Shanghai";

    public override MapLayer Layer => MapLayer.Region;
}

/// <summary>A binding boundary of territorial planning (三区三线).</summary>
public sealed record ControlLine : MapFeature
{
    public required ControlLineKind Kind { get; init; }

    public string? Name { get; init; }

    public override MapLayer Layer => MapLayer.ControlLine;
}

public enum ControlLineKind
{
    /// <summary>生态保护红线</summary>
    EcologicalProtectionRedLine,

    /// <summary>永久基本农田</summary>
    PermanentBasicFarmland,

    /// <summary>城镇开发边界</summary>
    UrbanDevelopmentBoundary,
}

/// <summary>An authorisation for a stated activity, area and period. The id is the permit number.</summary>
public sealed record Permit : MapFeature
{
    /// <summary>Code of the kind, for example <c>construction_works</c>: kinds are data; docs/formats/registers.md lists the known ones.</summary>
    public required string Kind { get; init; }

    public required PermitStatus Status { get; init; }

    public string? Project { get; init; }

    /// <summary>Land-use code (2023 guide) the land may be used for.</summary>
    public string? UseCode { get; init; }

    /// <summary>Greatest height above ground in m.</summary>
    public double? MaxHeightMeters { get; init; }

    /// <summary>Greatest floor area in m².</summary>
    public double? FloorAreaSquareMeters { get; init; }

    public DateOnly? GrantedOn { get; init; }

    /// <summary>Conditions that the approval sets, in its own words.</summary>
    public string? Conditions { get; init; }

    public override MapLayer Layer => MapLayer.Permit;
}

public enum PermitStatus
{
    Applied,
    Granted,
    Suspended,
    Expired,
    Revoked,
}

/// <summary>A cadastral parcel. The id is its national cadastral reference.</summary>
public sealed record Parcel : MapFeature
{
    /// <summary>Registered existing use, as a land-use code.</summary>
    public string? UseCode { get; init; }

    /// <summary>Use that the plan foresees, as a land-use code.</summary>
    public string? PlannedUseCode { get; init; }

    /// <summary>Area on the title in m²; the geodesic area of the outline is kept apart from it.</summary>
    public double? LegalAreaSquareMeters { get; init; }

    public override MapLayer Layer => MapLayer.Parcel;
}
