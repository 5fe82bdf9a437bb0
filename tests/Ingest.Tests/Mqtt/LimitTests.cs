using System.Net;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Ingest.Mqtt;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Mqtt;

public sealed class LimitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ByteBudget_LargeWaiter_IsNotOvertakenBySmallOnes()
    {
        var budget = new ByteBudget(100);
        await budget.AcquireAsync(80, Cancel);
        var large = budget.AcquireAsync(50, Cancel).AsTask();
        var small = budget.AcquireAsync(10, Cancel).AsTask();
        small.IsCompleted.ShouldBeFalse();
        budget.Release(80);
        await large;
        await small;
        budget.Held.ShouldBe(60);
    }

    [Fact]
    public async Task ByteBudget_WaiterThatGivesUp_HoldsNothingAndLetsTheNextPass()
    {
        var budget = new ByteBudget(100);
        await budget.AcquireAsync(80, Cancel);
        using var patience = new CancellationTokenSource();
        var large = budget.AcquireAsync(50, patience.Token).AsTask();
        var small = budget.AcquireAsync(20, Cancel).AsTask();
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(large);
        await small;
        budget.Held.ShouldBe(100);
    }

    [Fact]
    public void AttemptLimiter_ManyAddresses_RemembersTheOnesThatTriedMost()
    {
        var limiter = new AttemptLimiter(2, 2, new FakeTimeProvider(Payload.Start));
        var guesser = IPAddress.Parse("192.0.2.1");
        limiter.TryTake(guesser, "d1").ShouldBeTrue();
        limiter.TryTake(guesser, "d1").ShouldBeTrue();
        for (var i = 0; i < AttemptLimiter.MaxRemembered + 10; i++)
            limiter.TryTake(new IPAddress(0x0A000000 + i), "d1").ShouldBeTrue();
        limiter.TryTake(guesser, "d1").ShouldBeFalse();
        limiter.TryTake(IPAddress.Parse("192.0.2.2"), "d1").ShouldBeTrue();
    }

    [Fact]
    public void Options_OutOfRange_AreAllTold()
    {
        var options = new IngestOptions { Mqtt = new MqttDoorOptions { Port = 70_000, MaxInFlight = 0 }, Pipeline = new() { MaxObservationsPerMessage = 0 } };
        options.Problems().Count.ShouldBe(3);
        new IngestOptions().Problems().ShouldBeEmpty();
    }
}
