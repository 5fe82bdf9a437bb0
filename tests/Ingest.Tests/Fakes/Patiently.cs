namespace Monitoring.Ingest.Tests.Fakes;

internal static class Patiently
{
    /// <summary>For what gives no signal: yields until it is so, at most 30 seconds.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30), "waited in vain");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
