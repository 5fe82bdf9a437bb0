using System.Collections.Concurrent;
using System.Threading.Channels;
using Monitoring.Domain.Events;

namespace Monitoring.Ingest.Tests.Fakes;

internal sealed class MemoryBus : IEventBus
{
    private readonly ConcurrentBag<(Type Type, Channel<bool> Wake)> _subscriptions = [];

    public ConcurrentQueue<IMonitoringEvent> Published { get; } = [];

    public void Publish<TEvent>(TEvent happened)
        where TEvent : class, IMonitoringEvent
    {
        Published.Enqueue(happened);
        foreach (var (_, wake) in _subscriptions.Where(s => s.Type == typeof(TEvent)))
            wake.Writer.TryWrite(true);
    }

    public IWakeSubscription Subscribe<TEvent>()
        where TEvent : class, IMonitoringEvent
    {
        var wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        _subscriptions.Add((typeof(TEvent), wake));
        return new Subscription(wake);
    }

    private sealed class Subscription(Channel<bool> wake) : IWakeSubscription
    {
        public async ValueTask WaitAsync(CancellationToken cancellationToken) => await wake.Reader.ReadAsync(cancellationToken);

        public void Dispose() => wake.Writer.TryComplete();
    }
}
