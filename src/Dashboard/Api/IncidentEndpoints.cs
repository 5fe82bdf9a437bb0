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
                return (await ViewsAsync([incident], reader, alerts, cancellationToken))[0];
            }
        }

        return null;
    }

    private static async Task<Results<Ok<IncidentPageView>, ProblemHttpResult>> ListAsync(
        Reader reader, IIncidentStore incidents, IAlertStore alerts, string? bbox, bool? corroborated, string? before, int? limit, CancellationToken cancellationToken)
    {
        if (!Boxes.TryParse(bbox, out var box))
        {
            return Problems.Bad(Boxes.Fault);
        }

        if (limit is < 1 or > 200)
        {
            return Problems.Bad("A limit is 1 to 200.");
        }

        if (!TryParsePlace(before, out var end, out var id))
        {
            return Problems.Bad("Before is the next of an earlier page, or a time with a zone.");
        }

        var count = limit ?? 50;
        var found = reader.SeesNothing
            ? []
            : await incidents.QueryAsync(
                new IncidentQuestion { RegionPrefixes = reader.Scope.RegionPrefixes, Box = box, CorroboratedOnly = corroborated ?? false, EndsBefore = end, OrThenAfterId = id, Limit = count }, cancellationToken);
        var views = (await ViewsAsync([.. found.Where(i => MaySee(i, reader))], reader, alerts, cancellationToken)).Where(v => v.Corroborated || corroborated is not true);
        return TypedResults.Ok(new IncidentPageView([.. views], found.Count == count ? $"{ApiTime.Text(found[^1].End)}~{found[^1].Id}" : null));
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

        return incident is not null && MaySee(incident, reader) ? TypedResults.Ok((await ViewsAsync([incident], reader, alerts, cancellationToken))[0]) : Problems.NotFound($"There is no incident {id}.");
    }

    private static bool MaySee(Incident incident, Reader reader) =>
        reader.Scope.Covers(incident.RegionCode) && incident.Evidence.Any(e => reader.Scope.Covers(e.RegionCode ?? incident.RegionCode));

    /// <summary>With the alerts of all their evidence, asked for at once.</summary>
    private static async Task<IReadOnlyList<IncidentView>> ViewsAsync(IReadOnlyList<Incident> incidents, Reader reader, IAlertStore alerts, CancellationToken cancellationToken)
    {
        List<(Subject, string)> about = [.. incidents.SelectMany(i => IncidentView.Seen(i, reader)).Select(static e => (e.Subject, e.RuleId)).Distinct()];
        var ids = about.Count == 0 || reader.SeesNothing
            ? new Dictionary<(Subject, string), string>()
            : await alerts.NewestIdsAsync(about, reader.Scope.RegionPrefixes, cancellationToken);
        return [.. incidents.Select(i => IncidentView.Of(i, reader, ids))];
    }

    /// <summary>A time, or a time and an id with <c>~</c> between.</summary>
    private static bool TryParsePlace(string? text, out DateTimeOffset? end, out string? id)
    {
        (end, id) = (null, null);
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        var cut = text.IndexOf('~', StringComparison.Ordinal);
        id = cut < 0 ? null : text[(cut + 1)..];
        if (text.Length > 300 || !ApiTime.TryParse(cut < 0 ? text : text[..cut], out var time))
        {
            return false;
        }

        end = time;
        return true;
    }
}
