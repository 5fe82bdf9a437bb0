using System.Globalization;

namespace Monitoring.Ingest.Pipeline;

/// <summary>Whether the disk of the data has room for more. Asks the system at most once a second. Thread-safe.</summary>
public sealed class DiskFloor(PipelineOptions options, TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long? _askedAt;
    private string? _problem;

    /// <summary>Free bytes where a folder lies; null = unknown.</summary>
    internal Func<string, long?> FreeBytes { get; init; } = FreeSpace.Of;

    /// <summary>One sentence when less than the floor is free, else null.</summary>
    public string? Problem()
    {
        if (options.DataFolder is not { } folder || options.MinFreeBytes == 0)
            return null;
        lock (_gate)
        {
            if (_askedAt is { } at && clock.GetElapsedTime(at) < Fresh)
                return _problem;
            _askedAt = clock.GetTimestamp();
            return _problem = FreeBytes(folder) is { } free && free < options.MinFreeBytes
                ? string.Create(CultureInfo.InvariantCulture, $"Only {free} bytes are free on the disk of {folder}, less than the {options.MinFreeBytes} that stay free (Pipeline:MinFreeBytes); make room.")
                : null;
        }
    }
}
