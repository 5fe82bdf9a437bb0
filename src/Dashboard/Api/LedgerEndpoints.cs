using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Domain.Sensing;

namespace Monitoring.Dashboard.Api;

/// <summary>The doors' account, and the newest dead letters of devices in the reader's scope.</summary>
internal static class LedgerEndpoints
{
    private const int Shown = 100;

    public static void MapLedger(this IEndpointRouteBuilder api) => api.MapGet("/ledger", LedgerAsync);

    private static async Task<Ok<LedgerView>> LedgerAsync(
        Reader reader, IServiceProvider services, IDeviceRegister devices, IObservationStore observations, CancellationToken cancellationToken)
    {
        // A process without doors has no account of its own; the dead letters are in the store for all.
        var counts = services.GetService<IIngestLedger>()?.Snapshot();
        var letters = await observations.ReadDeadLettersAsync(null, Shown, cancellationToken);
        if (reader.Scope.RegionPrefixes is not null)
        {
            var mine = (await devices.AllAsync(cancellationToken)).Where(d => reader.Scope.Covers(d.Thing.RegionCode)).Select(static d => d.Device.Id).ToHashSet(StringComparer.Ordinal);
            letters = [.. letters.Where(l => l.Letter.DeviceId is { } id && mine.Contains(id))];
        }

        return TypedResults.Ok(new LedgerView(
            counts?.Since,
            counts?.Received ?? 0,
            counts?.Accepted ?? 0,
            counts?.Duplicates ?? 0,
            counts?.Rejected.ToDictionary(static r => MapLayers.Camel(r.Key.ToString()), static r => r.Value) ?? [],
            counts?.Pending ?? 0,
            counts?.Returned ?? 0,
            [.. letters.Select(static l => new DeadLetterView(
                l.Sequence, l.Letter.Door, l.Letter.DeviceId, l.Letter.Address, l.Letter.ReceivedTime, l.Letter.Reason, l.Letter.Detail))]));
    }
}
