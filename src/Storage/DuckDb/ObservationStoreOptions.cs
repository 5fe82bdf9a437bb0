namespace Monitoring.Storage.DuckDb;

/// <summary>Limits of the embedded observation store. <see cref="Validate"/> tells all that is wrong at once.</summary>
public sealed record ObservationStoreOptions
{
    /// <summary>Messages that may wait for the committer; when it is full, senders wait. 1 to 1,000,000; default 8192.</summary>
    public int QueueCapacity { get; init; } = 8192;

    /// <summary>Estimated bytes of messages that may wait; when it is full, senders wait. 64 KiB to 4 GiB; default 64 MiB.</summary>
    public long QueueBytes { get; init; } = 64L << 20;

    /// <summary>Rows that one group commit takes at most; a single larger message is taken alone. 1 to 1,000,000; default 20,000.</summary>
    public int GroupRows { get; init; } = 20_000;

    /// <summary>Estimated bytes that one group commit takes at most. 64 KiB to 1 GiB; default 16 MiB.</summary>
    public long GroupBytes { get; init; } = 16L << 20;

    /// <summary>Keys kept in memory to find duplicates without asking the file; about 60 bytes each. 0 to 50,000,000; default 500,000.</summary>
    public int RecentKeys { get; init; } = 500_000;

    /// <summary>Memory DuckDB may use, MiB; beyond it queries spill to disk. 64 to 1,048,576; default 512.</summary>
    public int MemoryLimitMiB { get; init; } = 512;

    /// <summary>Threads DuckDB may use for queries. 1 to 256; default 2.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Size of the write-ahead log at which a commit also checkpoints, MiB: more means rarer but longer pauses and a longer start after a crash. 1 to 4096; default 64.</summary>
    public int CheckpointMiB { get; init; } = 64;

    /// <summary>Reads that may run at once; more wait. 1 to 64; default 4.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>One sentence for each fault; empty when all is well.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        Check(nameof(QueueCapacity), QueueCapacity, 1, 1_000_000);
        Check(nameof(QueueBytes), QueueBytes, 64L << 10, 4L << 30);
        Check(nameof(GroupRows), GroupRows, 1, 1_000_000);
        Check(nameof(GroupBytes), GroupBytes, 64L << 10, 1L << 30);
        Check(nameof(RecentKeys), RecentKeys, 0, 50_000_000);
        Check(nameof(MemoryLimitMiB), MemoryLimitMiB, 64, 1_048_576);
        Check(nameof(Threads), Threads, 1, 256);
        Check(nameof(CheckpointMiB), CheckpointMiB, 1, 4096);
        Check(nameof(Readers), Readers, 1, 64);
        return faults;

        void Check(string name, long value, long least, long greatest)
        {
            if (value < least || value > greatest)
            {
                faults.Add($"{nameof(ObservationStoreOptions)}.{name} is {value}; it must lie between {least} and {greatest}.");
            }
        }
    }
}
