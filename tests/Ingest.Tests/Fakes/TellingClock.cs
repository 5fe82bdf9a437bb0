using Microsoft.Extensions.Time.Testing;

namespace Monitoring.Ingest.Tests.Fakes;

/// <summary>Virtual time that tells when somebody begins to wait for it.</summary>
internal sealed class TellingClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the next timer that is made after this was asked.</summary>
    public Task NextTimer => Volatile.Read(ref _next).Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        return timer;
    }
}
