using Monitoring.Domain.Geometry;
using NetTopologySuite.Geometries;

namespace Monitoring.Domain.Learning;

/// <summary>The risk map as of an instant: parcels on which building without approval may begin.</summary>
/// <param name="AsOf">Signs known then counted.</param>
/// <param name="Source">Where the numbers come from.</param>
/// <param name="Beginnings">Confirmed cases on parcels that could be learned from.</param>
/// <param name="BeginningsNeeded">How many it takes; with fewer there are no probabilities.</param>
/// <param name="ParcelsLookedAt">Parcels in the register that were looked at; those without a sign are not in <paramref name="Parcels"/>.</param>
public sealed record RiskPicture(DateTimeOffset AsOf, RiskSource Source, int Beginnings, int BeginningsNeeded, int ParcelsLookedAt, IReadOnlyList<RiskParcel> Parcels);

public enum RiskSource
{
    /// <summary>Signs of works without an approval on record, weighted by reason: an order, no probability.</summary>
    Signs,

    /// <summary>A model that learned from confirmed cases.</summary>
    Model,
}

/// <param name="Within30Days">Probability in (0, 1); null without a model.</param>
/// <param name="Within90Days">As above.</param>
/// <param name="Order">Higher comes first; without a unit.</param>
/// <param name="Signs">Counts of the last 90 days by sign.</param>
public sealed record RiskParcel(
    string ParcelId, string? RegionCode, Outline Outline, double? Within30Days, double? Within90Days, double Order, IReadOnlyDictionary<string, int> Signs)
{
    /// <summary>What the map is ordered by.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double Risk => Within90Days ?? Order;
}

/// <summary>Which parcels of the risk map.</summary>
public sealed record RiskQuestion
{
    /// <summary>Only where the box meets this one (degrees).</summary>
    public Envelope? Box { get; init; }

    /// <summary>Only in regions whose code begins with one of these; null = all, and those without a region.</summary>
    public IReadOnlyList<string>? RegionPrefixes { get; init; }

    /// <summary>Only what comes behind this parcel: its <see cref="RiskParcel.Risk"/> and id.</summary>
    public (double Risk, string ParcelId)? After { get; init; }

    /// <summary>At most so many, at least 1.</summary>
    public required int Limit { get; init; }
}
