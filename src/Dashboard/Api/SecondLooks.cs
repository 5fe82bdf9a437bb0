using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Domain.Imagery;

namespace Monitoring.Dashboard.Api;

/// <summary>What stands about a second look at a scene.</summary>
/// <param name="State"><c>waiting</c>, <c>working</c>, <c>done</c> or <c>failed</c>.</param>
internal sealed record LookTicket(string SceneId, DateTimeOffset RequestedAt, string State, DateTimeOffset? FinishedAt = null, SecondLook? Look = null, string? Problem = null);

/// <summary>
/// Second looks that people asked for: one at a time, a few waiting, the last results kept. A look is made from the catalogue alone, so what is
/// forgotten (at a restart, or for newer ones) is simply asked for again. Thread-safe.
/// </summary>
internal sealed class SecondLooks(TimeProvider clock, ILogger<SecondLooks> log, ISecondLook? looks = null) : BackgroundService
{
    private const int MostWaiting = 8;
    private const int MostKept = 32;

    private readonly Channel<string> waiting = Channel.CreateBounded<string>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly ConcurrentDictionary<string, LookTicket> tickets = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <summary>False where no detectors are in this process.</summary>
    public bool CanLook => looks is not null;

    public LookTicket? Of(string sceneId) => tickets.GetValueOrDefault(sceneId);

    /// <summary>Takes a look up, unless one at the scene is under way. Null: too many wait.</summary>
    public LookTicket? Ask(string sceneId)
    {
        lock (gate)
        {
            if (tickets.TryGetValue(sceneId, out var there) && there.FinishedAt is null)
            {
                return there;
            }

            // Before it is queued: the worker may take it up at once.
            var ticket = tickets[sceneId] = new LookTicket(sceneId, clock.GetUtcNow(), "waiting");
            if (!waiting.Writer.TryWrite(sceneId))
            {
                if (there is null)
                {
                    tickets.TryRemove(sceneId, out _);
                }
                else
                {
                    tickets[sceneId] = there;
                }

                return null;
            }

            foreach (var old in tickets.Values.Where(static t => t.FinishedAt is not null).OrderByDescending(static t => t.FinishedAt).Skip(MostKept - 1))
            {
                tickets.TryRemove(old.SceneId, out _);
            }

            return ticket;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (looks is null)
        {
            return;
        }

        await foreach (var sceneId in waiting.Reader.ReadAllAsync(stoppingToken))
        {
            var ticket = Put(new LookTicket(sceneId, Of(sceneId)?.RequestedAt ?? clock.GetUtcNow(), "working"));
            try
            {
                var look = await looks.LookAsync(sceneId, stoppingToken);
                Put(ticket with { State = look.Problem is null ? "done" : "failed", FinishedAt = clock.GetUtcNow(), Look = look, Problem = look.Problem });
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // Whatever it was: the next one is somebody else's, and this one is told.
                log.LogError(fault, "The second look at scene {Scene} failed.", sceneId);
                Put(ticket with { State = "failed", FinishedAt = clock.GetUtcNow(), Problem = "The service failed at this; its log says why." });
            }
        }
    }

    private LookTicket Put(LookTicket ticket)
    {
        lock (gate)
        {
            return tickets[ticket.SceneId] = ticket;
        }
    }
}
