using System.Collections.Concurrent;
using Monitoring.Domain.Events;

namespace Monitoring.TestKit;

/// <summary>A bus that keeps what was published and lets a test wait for it. Subscriptions never wake.</summary>
public sealed class RecordingBus : IEventBus
{
    private readonly ConcurrentQueue<IMonitoringEvent> _published = [];

    /// <summary>Everything so far, in order.</summary>
    public IReadOnlyList<IMonitoringEvent> Published => [.. _published];

    public IEnumerable<TEvent> Of<TEvent>()
        where TEvent : class, IMonitoringEvent => _published.OfType<TEvent>();

    public void Publish<TEvent>(TEvent happened)
        where TEvent : class, IMonitoringEvent => _published.Enqueue(happened);

    public IWakeSubscription Subscribe<TEvent>()
        where TEvent : class, IMonitoringEvent => new Never();

    private sealed class Never : IWakeSubscription
    {
        public ValueTask WaitAsync(CancellationToken cancellationToken) => new(Endless.Until(cancellationToken));

        public void Dispose()
        {
        }
    }
}
