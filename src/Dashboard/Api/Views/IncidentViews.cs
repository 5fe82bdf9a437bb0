using Monitoring.Domain.Findings;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Api.Views;

// The shapes of docs/formats/api.md, one record each.

internal sealed record IncidentEvidenceView(
    EvidenceChannel Channel, string Kind, string RuleId, SubjectView Subject, string FindingId, double Weight, DateTimeOffset Start, DateTimeOffset End, int Findings, bool Holds, double[] Center, string? AlertId);

internal sealed record IncidentView(
    string Id, string RulesVersion, string? RegionCode, string? RegionName, Geometry Geometry, DateTimeOffset Start, DateTimeOffset End, double Weight, bool Corroborated,
    IReadOnlyList<IncidentEvidenceView> Evidence, int Withheld)
{
    /// <summary>The evidence that a reader may see.</summary>
    public static IEnumerable<IncidentEvidence> Seen(Incident incident, Reader reader) => incident.Evidence.Where(e => reader.Scope.Covers(e.RegionCode ?? incident.RegionCode));

    /// <summary>An incident as a reader may see it: evidence from regions of others is counted, not told, and does not show in the sum.</summary>
    /// <param name="alerts">Alerts that the reader may see, by what they are about.</param>
    public static IncidentView Of(Incident incident, Reader reader, IReadOnlyDictionary<(Subject Subject, string RuleId), string> alerts)
    {
        List<IncidentEvidenceView> seen = [];
        List<IncidentEvidence> pieces = [.. Seen(incident, reader)];
        foreach (var piece in pieces)
        {
            var middle = piece.Where.Shape.InteriorPoint;
            seen.Add(new(
                piece.Channel, piece.Kind, piece.RuleId, SubjectView.Of(piece.Subject), piece.FindingId, piece.Weight, piece.Start, piece.End, piece.Findings, piece.Holds, [middle.X, middle.Y],
                alerts.GetValueOrDefault((piece.Subject, piece.RuleId))));
        }

        var withheld = incident.Evidence.Count - seen.Count;
        return new(
            incident.Id, incident.RulesVersion, incident.RegionCode, reader.Names.NameOf(incident.RegionCode), (withheld == 0 ? incident.Where : pieces[0].Where).Shape,
            withheld == 0 ? incident.Start : seen.Min(e => e.Start), withheld == 0 ? incident.End : seen.Max(e => e.End),
            withheld == 0 ? incident.Weight : seen.GroupBy(e => e.Kind).Sum(g => g.Max(e => e.Weight)), withheld == 0 && incident.Corroborated, seen, withheld);
    }
}

/// <param name="Next">Where the next page begins: the end and the id of the last one looked at.</param>
internal sealed record IncidentPageView(IReadOnlyList<IncidentView> Items, string? Next);
