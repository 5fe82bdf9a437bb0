using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Dashboard.Api;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.Regions;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Events;
using Monitoring.Domain.Sensing;

namespace Monitoring.Dashboard.Hubs;

/// <summary>A change with the view of it that every dashboard gets.</summary>
internal sealed record ToldChange(AlertChange Change, AlertChangeView View);

/// <summary>
/// Follows the register's alert sequence once for all dashboards of this process and keeps its newest end in memory, so that a change
/// is read once however many look on. The event only wakes; what is told comes from the register. Thread-safe.
/// </summary>
internal sealed class AlertTail(IAlertStore alerts, IEventBus bus, RegionDirectory regions, Likelihoods likelihoods, TimeProvider clock, ILogger<AlertTail> log)
    : BackgroundService
{
    /// <summary>Changes kept in memory. Older ones are read from the register.</summary>
    public const int Kept = 2048;

    public const int Page = 500;

    private readonly Lock gate = new();
    private readonly Queue<ToldChange> kept = new(Kept);
    private TaskCompletionSource moved = NewSignal();
    private long head;

    /// <summary>Newest sequence that was read.</summary>
    public long Head => Volatile.Read(ref head);

    /// <summary>
    /// Changes after <paramref name="sequence"/>, ascending, at most <see cref="Page"/>; waits until there is one.
    /// </summary>
    public async Task<IReadOnlyList<ToldChange>> AfterAsync(long sequence, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                next = moved.Task;
                if (sequence < head && kept.TryPeek(out var oldest) && sequence >= oldest.Change.Sequence - 1)
                {
                    return [.. kept.SkipWhile(c => c.Change.Sequence <= sequence).Take(Page)];
                }
            }

            if (sequence < Head)
            {
                return await ReadAsync(sequence, cancellationToken);
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref head, await alerts.LastSequenceAsync(cancellationToken));
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changed = bus.Subscribe<AlertChanged>();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await ReadAsync(Head, stoppingToken) is { Count: > 0 } read)
                {
                    Keep(read);
                }

                await changed.WaitAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is StoreUnavailableException or DbException or IOException)
            {
                log.LogWarning(problem, "The alert sequence could not be read; trying again in a second.");
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken);
            }
        }
    }

    private void Keep(IReadOnlyList<ToldChange> read)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            foreach (var change in read)
            {
                if (kept.Count == Kept)
                {
                    kept.Dequeue();
                }

                kept.Enqueue(change);
            }

            head = read[^1].Change.Sequence;
            signal = moved;
            moved = NewSignal();
        }

        signal.TrySetResult();
    }

    private async Task<IReadOnlyList<ToldChange>> ReadAsync(long after, CancellationToken cancellationToken)
    {
        var changes = await alerts.ChangesAfterAsync(after, Page, cancellationToken);
        if (changes.Count == 0)
        {
            return [];
        }

        var names = await regions.NowAsync(cancellationToken);
        var scores = await likelihoods.OfAsync(changes.Select(static c => c.Alert), cancellationToken);
        return [.. changes.Select(c => new ToldChange(c, Scored(AlertChangeView.Of(c, names))))];

        AlertChangeView Scored(AlertChangeView view) => view with { Alert = view.Alert with { Likelihood = scores.GetValueOrDefault(view.Alert.FindingId) } };
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
