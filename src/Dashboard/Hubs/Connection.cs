using System.Data.Common;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Sensing;

namespace Monitoring.Dashboard.Hubs;

/// <summary>
/// One open dashboard: its place in the alert sequence and the newest observations it has not got yet. At most one message of each kind
/// is under way; a dashboard that does not take one within the limit is cut off and comes back with its last sequence. Memory: the
/// transport's buffer and one observation for each datastream watched.
/// </summary>
internal sealed class Connection(
    HubCallerContext context, IClientProxy client, AlertTail tail, TimeSpan slowest, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    /// <summary>At most four messages of observations a second.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim changing = new(1, 1);
    private readonly Lock gate = new();
    private readonly CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(context.ConnectionAborted);
    private readonly SemaphoreSlim arrived = new(0, 1);
    private Dictionary<string, CommittedObservation> untold = new(StringComparer.Ordinal);
    private HashSet<string> watched = [];
    private CancellationTokenSource? following;
    private Task follower = Task.CompletedTask;
    private Task? teller;

    public string? PersonId { get; } = context.UserIdentifier;

    public string? Session { get; } = context.User?.SessionOf();

    public bool Watches
    {
        get
        {
            lock (gate)
            {
                return watched.Count > 0;
            }
        }
    }

    /// <summary>Tells the changes after <paramref name="lastSequence"/>. When it returns, the subscription before has told its last frame.</summary>
    public async Task FollowAsync(ChangeFilter filter, long lastSequence)
    {
        await changing.WaitAsync(ended.Token);
        try
        {
            await EndFollowingAsync();
            following = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
            follower = TellChangesAsync(filter, lastSequence, following.Token);
        }
        finally
        {
            changing.Release();
        }
    }

    public async Task UnfollowAsync()
    {
        await changing.WaitAsync(ended.Token);
        try
        {
            await EndFollowingAsync();
        }
        finally
        {
            changing.Release();
        }
    }

    public void Watch(HashSet<string> datastreams)
    {
        lock (gate)
        {
            watched = datastreams;
            untold = new Dictionary<string, CommittedObservation>(untold.Where(o => datastreams.Contains(o.Key)), StringComparer.Ordinal);
            teller ??= TellObservationsAsync(ended.Token);
        }
    }

    /// <summary>Keeps the observation when it is watched and newer than what waits. Never blocks.</summary>
    public void Offer(CommittedObservation observation)
    {
        lock (gate)
        {
            var id = observation.Observation.DatastreamId;
            if (!watched.Contains(id)
                || (untold.TryGetValue(id, out var waiting) && waiting.Observation.PhenomenonTime > observation.Observation.PhenomenonTime))
            {
                return;
            }

            untold[id] = observation;
            if (arrived.CurrentCount == 0)
            {
                arrived.Release();
            }
        }
    }

    public IReadOnlyCollection<string> Watched
    {
        get
        {
            lock (gate)
            {
                return watched;
            }
        }
    }

    public void Abort() => context.Abort();

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await changing.WaitAsync(CancellationToken.None);
        await EndFollowingAsync();
        await (teller ?? Task.CompletedTask);

        // The gate stays shut and the source stays: a call that is still under way finds itself cancelled instead of a disposed object.
    }

    private async Task EndFollowingAsync()
    {
        if (following is { } source)
        {
            await source.CancelAsync();
            await follower;
            source.Dispose();
            following = null;
        }
    }

    private Task TellChangesAsync(ChangeFilter filter, long lastSequence, CancellationToken cancellationToken) => UntilEndAsync(async () =>
    {
        var through = lastSequence;
        while (!cancellationToken.IsCancellationRequested)
        {
            var changes = await tail.AfterAsync(through, cancellationToken);
            if (changes.Count == 0)
            {
                continue;
            }

            var after = through;
            through = changes[^1].Change.Sequence;
            await SendAsync(
                WarningsHub.Alerts, new AlertFrame(after, through, [.. changes.Where(c => filter.Lets(c.Change)).Select(static c => c.View)]), cancellationToken);
        }
    });

    private Task TellObservationsAsync(CancellationToken cancellationToken) => UntilEndAsync(async () =>
    {
        // Behind the caller's lock from here on.
        await Task.Yield();
        while (!cancellationToken.IsCancellationRequested)
        {
            await arrived.WaitAsync(cancellationToken);
            Dictionary<string, CommittedObservation> now;
            lock (gate)
            {
                now = untold;
                untold = new Dictionary<string, CommittedObservation>(StringComparer.Ordinal);
            }

            if (now.Count > 0)
            {
                await SendAsync(WarningsHub.Observations, now.Values.Select(ObservationView.Of).ToArray(), cancellationToken);
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    });

    /// <summary>A message is under way until the transport has room for the next; a client that leaves no room for too long is cut off.</summary>
    private async Task SendAsync(string name, object message, CancellationToken cancellationToken)
    {
        try
        {
            await client.SendAsync(name, message, cancellationToken).WaitAsync(slowest, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            log.LogWarning("A dashboard of {Person} did not take a message within {Limit}; it is cut off.", context.User?.Identity?.Name, slowest);
            context.Abort();
            throw new OperationCanceledException("The dashboard was cut off.");
        }
    }

    private async Task UntilEndAsync(Func<Task> tell)
    {
        try
        {
            await tell();
        }
        catch (OperationCanceledException)
        {
            // The subscription or the connection ended; nothing is left to tell.
        }
        catch (Exception problem) when (problem is StoreUnavailableException or DbException or IOException)
        {
            log.LogWarning(problem, "A dashboard could not be told what is new; it is cut off and will come back with its last sequence.");
            context.Abort();
        }
    }
}
