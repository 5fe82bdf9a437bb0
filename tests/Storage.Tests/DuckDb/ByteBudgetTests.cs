using Monitoring.Storage.DuckDb;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.DuckDb;

public sealed class ByteBudgetTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Take_BeyondTheBudget_WaitsInOrder()
    {
        var budget = new ByteBudget(100);
        await budget.TakeAsync(80, Cancellation);
        var large = budget.TakeAsync(60, Cancellation).AsTask();
        var small = budget.TakeAsync(10, Cancellation).AsTask();

        large.IsCompleted.ShouldBeFalse();
        small.IsCompleted.ShouldBeFalse("nobody overtakes");
        budget.GiveBack(80);
        await Task.WhenAll(large, small).Within("both get their bytes");
        budget.Out.ShouldBe(70);
    }

    [Fact]
    public async Task Take_MoreThanTheWholeBudget_PassesWhenNothingElseIsOut()
    {
        var budget = new ByteBudget(100);
        await budget.TakeAsync(1000, Cancellation);
        var next = budget.TakeAsync(1, Cancellation).AsTask();
        next.IsCompleted.ShouldBeFalse();
        budget.GiveBack(1000);

        await next.Within("the next one");
        budget.Out.ShouldBe(1);
    }

    [Fact]
    public async Task Take_GivenUp_LeavesItsPlaceToTheNext()
    {
        var budget = new ByteBudget(100);
        await budget.TakeAsync(50, Cancellation);
        using var cancel = new CancellationTokenSource();
        var large = budget.TakeAsync(90, cancel.Token).AsTask();
        var small = budget.TakeAsync(10, Cancellation).AsTask();
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => large);
        await small.Within("the small one goes on");
        budget.Out.ShouldBe(60);
    }
}
