namespace Monitoring.Alerts;

/// <summary>Settings of the alerts room.</summary>
public sealed record AlertsOptions
{
    /// <summary>Most alerts that may be open (pending or firing) at once; a newcomer beyond it is refused and put on record. 1 to 100 000. Default 10 000.</summary>
    public int MaxOpenAlerts { get; init; } = 10_000;

    /// <summary>Most commands of people that may wait; one more is refused. 1 to 10 000. Default 256.</summary>
    public int MaxWaitingCommands { get; init; } = 256;

    /// <summary>Findings taken in one transaction. 1 to 1000. Default 256.</summary>
    public int FindingsPerCommit { get; init; } = 256;

    /// <summary>Wait before the first new try when the store could not take a step; doubles up to <see cref="LongestRetry"/>. Default 1 s.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between tries, at least <see cref="FirstRetry"/>. Default 30 s.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <exception cref="ArgumentException">Lists every setting that is out of its range.</exception>
    public void Validate()
    {
        var faults = new List<string>();
        Check(MaxOpenAlerts is >= 1 and <= 100_000, $"MaxOpenAlerts is {MaxOpenAlerts}; it must be 1 to 100000.");
        Check(MaxWaitingCommands is >= 1 and <= 10_000, $"MaxWaitingCommands is {MaxWaitingCommands}; it must be 1 to 10000.");
        Check(FindingsPerCommit is >= 1 and <= 1000, $"FindingsPerCommit is {FindingsPerCommit}; it must be 1 to 1000.");
        Check(FirstRetry > TimeSpan.Zero, $"FirstRetry is {FirstRetry}; it must be longer than nothing.");
        Check(LongestRetry >= FirstRetry, $"LongestRetry is {LongestRetry}; it must not be shorter than FirstRetry, {FirstRetry}.");
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }

        void Check(bool right, string fault)
        {
            if (!right)
            {
                faults.Add(fault);
            }
        }
    }
}
