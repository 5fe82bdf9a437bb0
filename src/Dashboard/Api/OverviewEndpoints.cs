using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.Regions;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Sensing;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Api;

/// <summary>What the first page needs at once.</summary>
internal static class OverviewEndpoints
{
    private const int Page = 1000;

    public static void MapOverview(this IEndpointRouteBuilder api) => api.MapGet("/overview", OverviewAsync);

    private static async Task<Ok<OverviewView>> OverviewAsync(
        Reader reader, IAlertStore alerts, IDeviceRegister devices, IObservationStore observations, ISceneCatalogue scenes, SceneDirectory directory,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        // The sequence first: what changes while the rest is read is told again, never left out.
        var sequence = await alerts.LastSequenceAsync(cancellationToken);
        var regions = reader.Names.Regions.Where(r => reader.Scope.Covers(r.Id)).ToList();
        var box = new Envelope();
        foreach (var region in regions)
        {
            box.ExpandToInclude(region.Outline.Box);
        }

        var (firing, pending, acknowledged) = await CountAsync(alerts, reader, cancellationToken);
        var mine = (await devices.AllAsync(cancellationToken)).Where(d => reader.Scope.Covers(d.Thing.RegionCode)).ToList();
        var latest = await observations.LatestAsync([.. mine.SelectMany(static d => d.Datastreams).Select(static s => s.Id)], cancellationToken);
        var newest = await SceneEndpoints.VisibleAsync(scenes, reader, null, null, null, 1, cancellationToken);
        if (box.IsNull && newest is [var only, ..])
        {
            box.ExpandToInclude(only.Footprint.Box);
        }

        return TypedResults.Ok(new OverviewView(
            [.. regions.Select(static r => new RegionView(r.Id, r.Name, r.NameEn, Boxes.ToArray(r.Outline.Box)))],
            box.IsNull ? [73.5, 18, 135, 53.6] : Boxes.ToArray(box),
            new CountsView(
                firing, pending, acknowledged, mine.Count, mine.Count(d => Silence.IsSilent(d, latest, clock.GetUtcNow())),
                await directory.CountAsync(reader.Ground, cancellationToken)),
            sequence,
            newest is [var scene, ..] ? SceneSummaryView.Of(scene) : null,
            clock.GetUtcNow()));
    }

    private static async Task<(int Firing, int Pending, int Acknowledged)> CountAsync(IAlertStore alerts, Reader reader, CancellationToken cancellationToken)
    {
        int firing = 0, pending = 0, acknowledged = 0;
        long? before = null;
        IReadOnlyList<Alert> page;
        do
        {
            page = await alerts.QueryAsync(
                reader, new AlertQuestion { States = [AlertState.Firing, AlertState.Pending], BeforeSequence = before, Limit = Page }, cancellationToken);
            foreach (var alert in page)
            {
                firing += alert.State is AlertState.Firing ? 1 : 0;
                pending += alert.State is AlertState.Pending ? 1 : 0;
                acknowledged += alert is { State: AlertState.Firing, AcknowledgedBy: not null } ? 1 : 0;
                before = alert.Sequence;
            }
        }
        while (page.Count == Page);

        return (firing, pending, acknowledged);
    }
}

/// <summary>
/// When a device counts as silent: it reported before, and its fastest regular datastream's interval has passed three times, at least five
/// minutes. One that never reported is not silent but not yet there.
/// </summary>
internal static class Silence
{
    private const int MissedResults = 3;
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(5);

    public static bool IsSilent(RegisteredDevice device, IReadOnlyDictionary<string, CommittedObservation> latest, DateTimeOffset now)
    {
        if (!device.Device.Enabled || device.Datastreams.Where(static s => s.ExpectedInterval is not null).MinBy(static s => s.ExpectedInterval) is not { } regular)
        {
            return false;
        }

        var allowed = regular.ExpectedInterval!.Value * MissedResults;
        return LastReceived(device, latest) is { } last && now - last > (allowed > Least ? allowed : Least);
    }

    public static DateTimeOffset? LastReceived(RegisteredDevice device, IReadOnlyDictionary<string, CommittedObservation> latest)
    {
        DateTimeOffset? newest = null;
        foreach (var stream in device.Datastreams)
        {
            if (latest.TryGetValue(stream.Id, out var o) && (newest is null || o.Observation.ReceivedTime > newest))
            {
                newest = o.Observation.ReceivedTime;
            }
        }

        return newest;
    }
}
