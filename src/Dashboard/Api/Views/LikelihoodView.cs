using Monitoring.Domain.Findings;
using Monitoring.Domain.Learning;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Api.Views;

/// <param name="Probability">That a field verification will confirm building without approval.</param>
/// <param name="Source"><c>rules</c> (a prior and stated weights) or <c>model</c>.</param>
/// <param name="Parts">What told for and against, most telling first; in the detail only.</param>
internal sealed record LikelihoodView(
    double Probability, string Source, string? Model, DateTimeOffset AsOf, Triage Triage, Reason? TriageReason, bool Pushed, IReadOnlyList<ScorePart>? Parts, LeadDays? Lead)
{
    public static LikelihoodView Of(CandidateScore score, bool whole) => new(
        score.Probability, score.Model is null ? "rules" : "model", score.Model, score.AsOf, score.Triage, score.TriageReason, score.Pushed, whole ? score.Parts : null,
        whole ? score.Lead : null);
}

/// <summary>The risk map as GeoJSON: a FeatureCollection with what it was made from.</summary>
internal sealed record RiskView(string Type, RiskFacts? Risk, IReadOnlyList<RiskFeatureView> Features);

/// <param name="Source"><c>signs</c>: an order without probabilities; <c>model</c>.</param>
/// <param name="ParcelsLookedAt">In the whole installation; null for those who see a part of it.</param>
internal sealed record RiskFacts(DateTimeOffset AsOf, RiskSource Source, int? Beginnings, int BeginningsNeeded, int? ParcelsLookedAt);

internal sealed record RiskFeatureView(string Type, string Id, Geometry Geometry, RiskProperties Properties);

internal sealed record RiskProperties(string ParcelId, string? RegionCode, double? Within30Days, double? Within90Days, double Order, int Level, IReadOnlyDictionary<string, int> Signs)
{
    /// <summary>For colour, 1 to 4: by the probability within 90 days where there is one (2, 5 and 10 %), else by the order of signs (1, 3 and 5).</summary>
    public static int LevelOf(RiskParcel parcel) => parcel.Within90Days is { } chance
        ? chance switch { < 0.02 => 1, < 0.05 => 2, < 0.10 => 3, _ => 4 }
        : parcel.Order switch { < 1 => 1, < 3 => 2, < 5 => 3, _ => 4 };
}
