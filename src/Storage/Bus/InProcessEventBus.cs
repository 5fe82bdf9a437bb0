using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Monitoring.Domain.Events;

namespace Monitoring.Storage.Bus;

/// <summary>
/// Wakes consumers within one process. Nothing is queued beyond one signal for each subscriber, so publishing never blocks and memory
/// does not grow; what a consumer missed it reads from the store. Thread-safe.
/// </summary>
public sealed class InProcessEventBus : IEventBus
{
    private readonly ConcurrentDictionary<Type, ImmutableArray<WakeSubscription>> _subscriptions = new();

    /// <inheritdoc/>
    public void Publish<TEvent>(TEvent happened)
        where TEvent : class, IMonitoringEvent
    {
        ArgumentNullException.ThrowIfNull(happened);
        Wake(happened.GetType(), happened);
        Wake(typeof(IMonitoringEvent), happened);
    }

    /// <summary>A subscription to one kind of event; to all kinds with <see cref="IMonitoringEvent"/> itself.</summary>
    public IWakeSubscription Subscribe<TEvent>()
        where TEvent : class, IMonitoringEvent
    {
        var subscription = new WakeSubscription(this, typeof(TEvent));
        _subscriptions.AddOrUpdate(typeof(TEvent), _ => [subscription], (_, others) => others.Add(subscription));
        return subscription;
    }

    private void Wake(Type kind, IMonitoringEvent happened)
    {
        if (_subscriptions.TryGetValue(kind, out var subscriptions))
        {
            foreach (var subscription in subscriptions)
            {
                subscription.Signal(happened);
            }
        }
    }

    private void Remove(Type kind, WakeSubscription subscription) =>
        _subscriptions.AddOrUpdate(kind, _ => [], (_, all) => all.Remove(subscription));

    /// <summary>One place for one event: a newer one replaces the one that nobody has taken yet.</summary>
    private sealed class WakeSubscription(InProcessEventBus bus, Type kind) : IWakeSubscription
    {
        private readonly Channel<IMonitoringEvent> _signal = Channel.CreateBounded<IMonitoringEvent>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

        public void Signal(IMonitoringEvent happened) => _signal.Writer.TryWrite(happened);

        /// <exception cref="ObjectDisposedException">The subscription was given up.</exception>
        public async ValueTask WaitAsync(CancellationToken cancellationToken)
        {
            try
            {
                await _signal.Reader.ReadAsync(cancellationToken);
            }
            catch (ChannelClosedException)
            {
                throw new ObjectDisposedException(nameof(IWakeSubscription));
            }
        }

        public void Dispose()
        {
            bus.Remove(kind, this);
            _signal.Writer.TryComplete();
        }
    }
}
