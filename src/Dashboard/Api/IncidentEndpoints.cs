using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Findings;

namespace Monitoring.Dashboard.Api;

/// <summary>Incidents: what space and ground say together of one place.</summary>
internal static class IncidentEndpoints
{
    public static void MapIncidents(this IEndpointRouteBuilder api)
    {
        api.MapGet("/incidents", ListAsync);
        api.MapGet("/incidents/{id}", OneAsync);
    }

    /// <summary>The newest incident that holds evidence about a subject, as the reader may see it; null when there is none in scope.</summary>
    public static async Task<IncidentView?> AboutAsync(this IIncidentStore incidents, Subject subject, Reader reader, IAlertStore alerts, CancellationToken cancellationToken)
    {
        foreach (var incident in await incidents.OfSubjectAsync(subject, cancellationToken))
        {
            if (MaySee(incident, reader))
            {
                return await ViewAsync(incident, reader, alerts, cancellationToken);
            }
        }

        return null;
    }

    private static async Task<Results<Ok<IncidentPageView>, ProblemHttpResult>> ListAsync(
        Reader reader, IIncidentStore incidents, IAlertStore alerts, string? bbox, bool? corroborated, DateTimeOffset? before, int? limit, CancellationToken cancellationToken)
    {
        if (!Boxes.TryParse(bbox, out var box))
        {
            return Problems.Bad(Boxes.Fault);
        }

        if (limit is < 1 or > 200)
        {
            return Problems.Bad("A limit is 1 to 200.");
        }

        var count = limit ?? 50;
        var found = reader.SeesNothing
            ? []
            : await incidents.QueryAsync(
                new IncidentQuestion { RegionPrefixes = reader.Scope.RegionPrefixes, Box = box, CorroboratedOnly = corroborated ?? false, EndsBefore = before, Limit = count }, cancellationToken);
        List<IncidentView> views = [];
        foreach (var incident in found.Where(i => MaySee(i, reader)))
        {
            var view = await ViewAsync(incident, reader, alerts, cancellationToken);
            if (view.Corroborated || corroborated is not true)
            {
                views.Add(view);
            }
        }

        return TypedResults.Ok(new IncidentPageView(views, found.Count == count ? found[^1].End : null));
    }

    private static async Task<Results<Ok<IncidentView>, ProblemHttpResult>> OneAsync(
        string id, Reader reader, IIncidentStore incidents, IAlertStore alerts, CancellationToken cancellationToken)
    {
        var incident = id.Length <= 200 ? await incidents.FindAsync(id, cancellationToken) : null;
        // Whoever kept the address of one that was taken over comes to the one that stands.
        for (var steps = 0; incident?.MergedInto is { } into && steps < 100; steps++)
        {
            incident = await incidents.FindAsync(into, cancellationToken);
        }

        return incident is not null && MaySee(incident, reader) ? TypedResults.Ok(await ViewAsync(incident, reader, alerts, cancellationToken)) : Problems.NotFound($"There is no incident {id}.");
    }

    private static bool MaySee(Incident incident, Reader reader) =>
        reader.Scope.Covers(incident.RegionCode) && incident.Evidence.Any(e => reader.Scope.Covers(e.RegionCode ?? incident.RegionCode));

    private static Task<IncidentView> ViewAsync(Incident incident, Reader reader, IAlertStore alerts, CancellationToken cancellationToken) => IncidentView.OfAsync(
        incident, reader, async piece => await alerts.QueryAsync(reader, new AlertQuestion { Subject = piece.Subject, RuleId = piece.RuleId, Limit = 1 }, cancellationToken) is [var alert, ..] ? alert.Id : null);
}
