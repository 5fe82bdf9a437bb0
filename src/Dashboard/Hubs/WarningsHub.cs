using Microsoft.AspNetCore.SignalR;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Sensing;

namespace Monitoring.Dashboard.Hubs;

/// <summary>
/// <c>/hubs/warnings</c>, see docs/formats/api.md. Each connection has its own place in the sequence; what it gets is read from the
/// register, so nothing is lost between an event and a message.
/// </summary>
internal sealed class WarningsHub(Connections connections, IAlertStore alerts, IDeviceRegister devices, PeopleStamps stamps) : Hub
{
    /// <summary>Name that alert frames have on the client.</summary>
    public const string Alerts = "Alerts";

    /// <summary>Name that observations have on the client.</summary>
    public const string Observations = "Observations";

    /// <summary>Farther behind than this, reading the list again is cheaper than telling every change.</summary>
    public const long FarthestBehind = 10_000;

    public const int MostDatastreams = 1000;

    public override async Task OnConnectedAsync()
    {
        connections.Open(Context);
        if (!await stamps.IsCurrentAsync(Context.User, Context.ConnectionAborted))
        {
            // The session ended between the request and this line, and nobody was there yet to be cut off.
            Context.Abort();
        }

        await base.OnConnectedAsync();
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        await connections.CloseAsync(Context.ConnectionId);
        await base.OnDisconnectedAsync(exception);
    }

    /// <summary>Follows the alert changes after <paramref name="lastSequence"/>; replaces an earlier subscription of the connection.</summary>
    public async Task<SubscribeAnswer> Subscribe(HubScope? scope, long lastSequence)
    {
        if (scope?.RegionPrefixes is { Count: > 100 })
        {
            throw new HubException("A scope names at most 100 region prefixes.");
        }

        var connection = connections.Of(Context.ConnectionId);
        var head = await alerts.LastSequenceAsync(Context.ConnectionAborted);
        if (lastSequence < 0 || lastSequence > head || head - lastSequence > FarthestBehind)
        {
            await connection.UnfollowAsync();
            return new SubscribeAnswer(head, true);
        }

        var filter = new ChangeFilter(Context.User!.ScopeOf(), scope);
        await connection.FollowAsync(filter, lastSequence);
        return new SubscribeAnswer(head, false);
    }

    /// <summary>Follows the newest observations of these datastreams, from now on; replaces an earlier list. Unknown ones and those outside the scope are left out.</summary>
    public async Task SubscribeTelemetry(IReadOnlyList<string> datastreamIds)
    {
        if (datastreamIds is null || datastreamIds.Count > MostDatastreams)
        {
            throw new HubException($"At most {MostDatastreams} datastreams can be followed.");
        }

        var wanted = datastreamIds.ToHashSet(StringComparer.Ordinal);
        var scope = Context.User!.ScopeOf();
        var allowed = wanted.Count == 0
            ? []
            : (await devices.AllAsync(Context.ConnectionAborted))
                .Where(d => scope.Covers(d.Thing.RegionCode))
                .SelectMany(static d => d.Datastreams)
                .Select(static s => s.Id)
                .Where(wanted.Contains);
        connections.Of(Context.ConnectionId).Watch(allowed.ToHashSet(StringComparer.Ordinal));
    }
}

/// <summary>Which changes a subscription gets: the person's scope and, within it, what was asked for.</summary>
internal sealed class ChangeFilter(Domain.People.Scope person, HubScope? asked)
{
    private readonly Domain.People.Scope asked = new(asked?.RegionPrefixes);
    private readonly IReadOnlyList<AlertState>? states = asked?.States;

    public bool Lets(AlertChange change) =>
        person.Covers(change.Alert.RegionCode)
        && asked.Covers(change.Alert.RegionCode)
        && (states is null || states.Contains(change.Alert.State) || change.Kind is AlertChangeKind.Resolved or AlertChangeKind.Withdrawn);
}
