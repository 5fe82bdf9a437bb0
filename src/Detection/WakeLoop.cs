using Monitoring.Domain.Events;

namespace Monitoring.Detection;

/// <summary>
/// The life of a consumer: work everything off, then wait until something is said to be new. A failure is told and tried again after
/// a pause; what was stored stays stored, so nothing is lost and nothing is said twice.
/// </summary>
internal static class WakeLoop
{
    /// <summary>Pause after a failure.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait without a wake: what is said while a process starts may be missed, what is stored is not.</summary>
    internal static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(
        Func<CancellationToken, Task> work, IReadOnlyList<IWakeSubscription> wakes, TimeProvider clock, Action<Exception> failed, CancellationToken stopping)
    {
        // Hosted services start one after another; the first step must not keep the others waiting.
        await Task.Yield();
        var waits = new Task?[wakes.Count];
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                try
                {
                    await work(stopping);
                }
                catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
                {
                    failed(e);
                    await Task.Delay(Pause, clock, stopping);
                    continue;
                }

                // A wait that is under way goes on into the next round: a subscription has one waiter.
                for (var i = 0; i < waits.Length; i++)
                {
                    waits[i] ??= wakes[i].WaitAsync(stopping).AsTask();
                }

                using var idle = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                await Task.WhenAny([.. waits.OfType<Task>(), Task.Delay(Idle, clock, idle.Token)]);
                await idle.CancelAsync();
                for (var i = 0; i < waits.Length; i++)
                {
                    if (waits[i] is { IsCompleted: true } done)
                    {
                        await done;
                        waits[i] = null;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }
}
