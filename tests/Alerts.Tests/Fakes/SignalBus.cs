using System.Collections.Concurrent;
using System.Threading.Channels;
using Monitoring.Domain.Events;

namespace Monitoring.Alerts.Tests.Fakes;

/// <summary>The bus in memory: keeps all that was published and wakes subscribers.</summary>
internal sealed class SignalBus : IEventBus
{
    private readonly ConcurrentDictionary<(Type, Subscription), bool> subscriptions = new();

    public ConcurrentQueue<IMonitoringEvent> Published { get; } = new();

    public void Publish<TEvent>(TEvent happened)
        where TEvent : class, IMonitoringEvent
    {
        Published.Enqueue(happened);
        foreach (var ((type, subscription), _) in subscriptions)
        {
            if (type == typeof(TEvent))
            {
                subscription.Wake();
            }
        }
    }

    public IWakeSubscription Subscribe<TEvent>()
        where TEvent : class, IMonitoringEvent
    {
        var subscription = new Subscription();
        subscriptions[(typeof(TEvent), subscription)] = true;
        return subscription;
    }

    private sealed class Subscription : IWakeSubscription
    {
        private readonly Channel<bool> wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public void Wake() => wakes.Writer.TryWrite(true);

        public async ValueTask WaitAsync(CancellationToken cancellationToken) => await wakes.Reader.ReadAsync(cancellationToken);

        public void Dispose() => wakes.Writer.TryComplete();
    }
}
