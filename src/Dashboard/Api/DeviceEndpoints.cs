using System.Xml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Domain.Sensing;

namespace Monitoring.Dashboard.Api;

/// <summary>Devices, their newest results and their series.</summary>
internal static class DeviceEndpoints
{
    private const int MostBuckets = 10_000;
    private const int MostEvents = 5000;

    public static void MapDevices(this IEndpointRouteBuilder api)
    {
        api.MapGet("/devices", AllAsync);
        api.MapGet("/datastreams/latest", LatestAsync);
        api.MapGet("/datastreams/series", SeriesAsync);
    }

    private static async Task<Ok<DeviceView[]>> AllAsync(
        Reader reader, IDeviceRegister devices, IObservationStore observations, CancellationToken cancellationToken)
    {
        var mine = await MineAsync(reader, devices, cancellationToken);
        var latest = await observations.LatestAsync([.. mine.SelectMany(static d => d.Datastreams).Select(static s => s.Id)], cancellationToken);
        return TypedResults.Ok(mine.Select(d => new DeviceView(
            d.Device.Id, ThingView.Of(d.Thing), d.Device.Enabled, d.Device.Firmware, [.. d.Datastreams.Select(DatastreamView.Of)], Silence.LastReceived(d, latest))).ToArray());
    }

    private static async Task<Ok<ObservationView[]>> LatestAsync(
        Reader reader, IDeviceRegister devices, IObservationStore observations, CancellationToken cancellationToken)
    {
        var mine = await MineAsync(reader, devices, cancellationToken);
        var latest = await observations.LatestAsync([.. mine.SelectMany(static d => d.Datastreams).Select(static s => s.Id)], cancellationToken);
        return TypedResults.Ok(latest.Values.OrderBy(static o => o.Observation.DatastreamId, StringComparer.Ordinal).Select(ObservationView.Of).ToArray());
    }

    private static async Task<Results<Ok<SeriesView>, ProblemHttpResult>> SeriesAsync(
        string? id, string? from, string? to, string? bucket, Reader reader, IDeviceRegister devices, IObservationStore observations,
        CancellationToken cancellationToken)
    {
        if (id is null || (await MineAsync(reader, devices, cancellationToken)).SelectMany(static d => d.Datastreams).FirstOrDefault(s => s.Id == id) is not { } stream)
        {
            return Problems.NotFound($"There is no datastream {id}.");
        }

        if (!ApiTime.TryParse(from, out var start) || !ApiTime.TryParse(to, out var end) || end <= start)
        {
            return Problems.Bad("A series has from and to, both ISO 8601 with a zone, from before to.");
        }

        if (!TryParseBucket(bucket ?? "PT5M", out var width) || (end - start) / width > MostBuckets)
        {
            return Problems.Bad($"A bucket is an ISO 8601 duration of days, hours, minutes or seconds, at least PT1S, such as PT5M; at most {MostBuckets} fit between from and to.");
        }

        if (stream.Aggregation is Aggregation.None)
        {
            var read = await observations.ReadRangeAsync(id, start, end, MostEvents, cancellationToken);
            return TypedResults.Ok(new SeriesView(
                DatastreamView.Of(stream), width.TotalSeconds, [],
                [.. read.Select(static o => new EventView(o.Observation.PhenomenonTime, o.Observation.Result.ToString()))]));
        }

        var points = await observations.AggregateAsync(stream, start, end, width, cancellationToken);
        return TypedResults.Ok(new SeriesView(
            DatastreamView.Of(stream), width.TotalSeconds,
            [.. points.Where(static p => p.Value is not null)
                .Select(static p => new PointView(p.From, p.Value!.Value, p.Min ?? p.Value.Value, p.Max ?? p.Value.Value, p.Count, p.Completeness))],
            null));
    }

    private static async Task<IReadOnlyList<RegisteredDevice>> MineAsync(Reader reader, IDeviceRegister devices, CancellationToken cancellationToken) =>
        [.. (await devices.AllAsync(cancellationToken)).Where(d => reader.Scope.Covers(d.Thing.RegionCode))];

    private static bool TryParseBucket(string text, out TimeSpan width)
    {
        width = default;
        if (text.Length > 32 || text.Contains('Y', StringComparison.Ordinal) || (text.IndexOf('T', StringComparison.Ordinal) is var t && text.AsSpan(0, t < 0 ? text.Length : t).Contains('M')))
        {
            return false;
        }

        try
        {
            width = XmlConvert.ToTimeSpan(text);
        }
        catch (FormatException)
        {
            return false;
        }
        catch (OverflowException)
        {
            return false;
        }

        return width >= TimeSpan.FromSeconds(1);
    }
}
