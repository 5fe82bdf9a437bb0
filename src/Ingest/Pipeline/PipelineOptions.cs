namespace Monitoring.Ingest.Pipeline;

/// <summary>Limits of decoding and validating.</summary>
public sealed record PipelineOptions
{
    /// <summary>Observations in one message, at least 1. Default 1000; more and the message is refused as too large.</summary>
    public int MaxObservationsPerMessage { get; init; } = 1000;

    /// <summary>Bytes of refused input kept in a dead letter, at least 0. Default 4096.</summary>
    public int MaxDeadLetterBytes { get; init; } = 4096;

    /// <summary>Dead letters that one message may make, at least 1; the refusals beyond are merged into one letter a reason. Default 32.</summary>
    public int MaxDeadLettersPerMessage { get; init; } = 32;

    /// <summary>Dead letters that one device may leave in an hour, at least 1. Default 1000; what is refused beyond is counted and not kept.</summary>
    public int MaxDeadLettersPerDeviceAndHour { get; init; } = 1000;

    /// <summary>Folder of the observation store, whose disk is watched; null (default) = not watched.</summary>
    public string? DataFolder { get; init; }

    /// <summary>
    /// Bytes that stay free on the disk of <see cref="DataFolder"/>: below it nothing is stored nor acknowledged, and the devices keep what they have.
    /// Not negative; default 256 MiB, 0 = no floor.
    /// </summary>
    public long MinFreeBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>A phenomenon time further ahead of ours is refused as implausible. Not negative; default 10 minutes.</summary>
    public TimeSpan FutureTolerance { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A phenomenon time further ahead of ours, up to <see cref="FutureTolerance"/>, is kept and flagged as of a suspect clock.
    /// Not negative; default 5 seconds, which covers clocks kept by NTP.
    /// </summary>
    public TimeSpan ClockSuspectAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Phenomenon times before it are refused as implausible: a clock that starts at 1970 or 1980 was never set. Default 2000-01-01Z.</summary>
    public DateTimeOffset EarliestTime { get; init; } = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One sentence for each option outside its range.</summary>
    public IEnumerable<string> Problems()
    {
        if (MaxObservationsPerMessage < 1)
            yield return $"Pipeline:MaxObservationsPerMessage is {MaxObservationsPerMessage}; it must be at least 1.";
        if (MaxDeadLetterBytes < 0)
            yield return $"Pipeline:MaxDeadLetterBytes is {MaxDeadLetterBytes}; it must not be negative.";
        if (MaxDeadLettersPerMessage < 1)
            yield return $"Pipeline:MaxDeadLettersPerMessage is {MaxDeadLettersPerMessage}; it must be at least 1.";
        if (MaxDeadLettersPerDeviceAndHour < 1)
            yield return $"Pipeline:MaxDeadLettersPerDeviceAndHour is {MaxDeadLettersPerDeviceAndHour}; it must be at least 1.";
        if (MinFreeBytes < 0)
            yield return $"Pipeline:MinFreeBytes is {MinFreeBytes}; it must not be negative.";
        if (FutureTolerance < TimeSpan.Zero)
            yield return $"Pipeline:FutureTolerance is {FutureTolerance}; it must not be negative.";
        if (ClockSuspectAfter < TimeSpan.Zero || ClockSuspectAfter > FutureTolerance)
            yield return $"Pipeline:ClockSuspectAfter is {ClockSuspectAfter}; it must lie between 0 and FutureTolerance ({FutureTolerance}).";
    }
}
