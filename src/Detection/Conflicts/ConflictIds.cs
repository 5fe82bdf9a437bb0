using System.Globalization;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Conflicts;

/// <summary>Identities and descriptions in reports.</summary>
internal static class ConflictIds
{
    public static string Of(PlanFeature subject, string rule, MapFeature? with) => FindingId.Of(
        "conflict", subject.Kind, subject.Id, rule, with is null ? null : ConflictGround.LayerName(with), with?.Id, with?.EffectiveFrom?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    public static ConflictingFeature? Describe(MapFeature? feature) => feature is null ? null : new ConflictingFeature(
        ConflictGround.LayerName(feature),
        feature.Id,
        feature switch { ControlLine line => line.Name, Permit permit => permit.Project, PlanFeature plan => plan.Name, Region region => region.Name, _ => null },
        feature switch { Permit permit => permit.Kind, Parcel parcel => parcel.UseCode, PlanFeature plan => plan.Code, ControlLine line => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(line.Kind.ToString()), _ => null },
        feature.Document,
        feature.EffectiveFrom,
        feature.EffectiveTo);
}
