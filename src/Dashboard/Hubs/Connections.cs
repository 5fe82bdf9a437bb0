using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;
using Monitoring.Dashboard.People;

namespace Monitoring.Dashboard.Hubs;

/// <summary>The open dashboards of this process. Thread-safe.</summary>
internal sealed class Connections : IDisposable
{
    private readonly ConcurrentDictionary<string, Connection> open = new(StringComparer.Ordinal);
    private readonly IHubContext<WarningsHub> hub;
    private readonly AlertTail tail;
    private readonly PeopleStamps stamps;
    private readonly DashboardOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger<Connections> log;

    public Connections(
        IHubContext<WarningsHub> hub, AlertTail tail, PeopleStamps stamps, DashboardOptions options, TimeProvider clock, ILogger<Connections> log)
    {
        (this.hub, this.tail, this.stamps, this.options, this.clock, this.log) = (hub, tail, stamps, options, clock, log);
        stamps.Changed += CutOff;
    }

    public IEnumerable<Connection> All => open.Values;

    /// <summary>True when at least one dashboard follows observations.</summary>
    public bool AnyWatches => open.Values.Any(static c => c.Watches);

    /// <summary>Takes a dashboard in. A person's one too many is cut off.</summary>
    public void Open(HubCallerContext context)
    {
        open[context.ConnectionId] = new Connection(context, hub.Clients.Client(context.ConnectionId), tail, options.SlowClient, clock, log);
        if (open.Values.Count(c => c.PersonId == context.UserIdentifier) > options.DashboardsPerPerson)
        {
            log.LogWarning("{Person} has more than {Most} dashboards open; the newest is cut off.", context.User?.Identity?.Name, options.DashboardsPerPerson);
            context.Abort();
        }
    }

    public Connection Of(string id) => open.TryGetValue(id, out var connection) ? connection : throw new HubException("The connection is closed.");

    public async Task CloseAsync(string id)
    {
        if (open.TryRemove(id, out var connection))
        {
            await connection.DisposeAsync();
        }
    }

    public void Dispose() => stamps.Changed -= CutOff;

    /// <summary>A person was removed, got other rights or signed out: the dashboards that rest on the old cookie end.</summary>
    private void CutOff(string personId, string? session)
    {
        foreach (var connection in open.Values.Where(c => c.PersonId == personId && (session is null || c.Session == session)))
        {
            connection.Abort();
        }
    }
}
