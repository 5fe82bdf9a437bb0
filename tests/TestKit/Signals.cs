namespace Monitoring.TestKit;

/// <summary>Waiting by signal: a hang becomes a failure that names what did not happen. The limit is a guard, not a measure.</summary>
public static class Signals
{
    public static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);

    public static async Task<T> Within<T>(this Task<T> task, string what)
    {
        try
        {
            return await task.WaitAsync(Guard, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Within {Guard.TotalSeconds} s this did not happen: {what}.");
        }
    }

    public static async Task Within(this Task task, string what)
    {
        try
        {
            await task.WaitAsync(Guard, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Within {Guard.TotalSeconds} s this did not happen: {what}.");
        }
    }
}
