using Monitoring.Storage.DuckDb;

namespace Monitoring.Storage;

/// <summary>Where the embedded stores live and what they may use.</summary>
public sealed record StorageOptions
{
    /// <summary>Path of the data directory; made when it is not there.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Limits of the observation store.</summary>
    public ObservationStoreOptions Observations { get; init; } = new();

    /// <summary>Reads of the register that may run at once. 1 to 64; default 8.</summary>
    public int RegisterReaders { get; init; } = 8;
}
