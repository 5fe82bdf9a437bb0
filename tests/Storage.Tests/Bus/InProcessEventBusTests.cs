using Monitoring.Domain.Events;
using Monitoring.Storage.Bus;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.Bus;

public sealed class InProcessEventBusTests
{
    private readonly InProcessEventBus _bus = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wait_PublishedBefore_CompletesAtOnceAndOnce()
    {
        using var subscription = _bus.Subscribe<ObservationsAccepted>();
        for (var i = 1; i <= 1000; i++)
        {
            _bus.Publish(new ObservationsAccepted(i));
        }

        await subscription.WaitAsync(Cancellation).AsTask().Within("the merged wake");
        var second = subscription.WaitAsync(Cancellation).AsTask();
        second.IsCompleted.ShouldBeFalse();
        _bus.Publish(new ObservationsAccepted(1001));
        await second.Within("the wake of the next event");
    }

    [Fact]
    public async Task Wait_EverySubscriber_IsWoken()
    {
        using var one = _bus.Subscribe<PlanChanged>();
        using var two = _bus.Subscribe<PlanChanged>();
        var waits = Task.WhenAll(one.WaitAsync(Cancellation).AsTask(), two.WaitAsync(Cancellation).AsTask());
        _bus.Publish(new PlanChanged(1));

        await waits.Within("both wake");
    }

    [Fact]
    public void Wait_OtherEventOrPublishedBeforeSubscribing_StaysAsleep()
    {
        _bus.Publish(new PlanChanged(1));
        using var subscription = _bus.Subscribe<PlanChanged>();
        _bus.Publish(new AlertChanged(1));

        subscription.WaitAsync(Cancellation).AsTask().IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Wait_OnAllEvents_WakesOnAny()
    {
        using var all = _bus.Subscribe<IMonitoringEvent>();
        IMonitoringEvent happened = new AlertChanged(1);
        _bus.Publish(happened);

        await all.WaitAsync(Cancellation).AsTask().Within("a wake by a derived event");
    }

    [Fact]
    public async Task Wait_Cancelled_LosesNoLaterWake()
    {
        using var subscription = _bus.Subscribe<PlanChanged>();
        using var cancel = new CancellationTokenSource();
        var wait = subscription.WaitAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => wait);
        _bus.Publish(new PlanChanged(1));

        await subscription.WaitAsync(Cancellation).AsTask().Within("the wake after a cancelled wait");
    }

    [Fact]
    public async Task Dispose_WhileWaiting_EndsTheWaitAndFreesTheSubscription()
    {
        var subscription = _bus.Subscribe<PlanChanged>();
        var wait = subscription.WaitAsync(Cancellation).AsTask();
        subscription.Dispose();

        await Should.ThrowAsync<ObjectDisposedException>(() => wait.Within("the wait ends"));
        _bus.Publish(new PlanChanged(1));
    }
}
