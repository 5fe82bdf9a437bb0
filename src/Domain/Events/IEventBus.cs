namespace Monitoring.Domain.Events;

/// <summary>Wakes consumers. Thread-safe; publishing never blocks and never fails.</summary>
public interface IEventBus
{
    void Publish<TEvent>(TEvent happened)
        where TEvent : class, IMonitoringEvent;

    /// <summary>
    /// A subscription from now on. Events that come while the subscriber is busy are merged into one wake; the newest is kept.
    /// </summary>
    IWakeSubscription Subscribe<TEvent>()
        where TEvent : class, IMonitoringEvent;
}

/// <summary>One subscriber's wake signal. Not for use by several waiters at once.</summary>
public interface IWakeSubscription : IDisposable
{
    /// <summary>Completes when something was published since the last completed wait (at once, if so already).</summary>
    ValueTask WaitAsync(CancellationToken cancellationToken);
}
