namespace Monitoring.Domain.Sensing;

/// <summary>
/// One act of observing (OGC SensorThings 1.1): a result that was true at <see cref="PhenomenonTime"/> for a datastream.
/// </summary>
/// <remarks>
/// Identity is (<see cref="DatastreamId"/>, <see cref="PhenomenonTime"/>), the time cut to whole microseconds by
/// <see cref="ObservationKey.Of"/>: the same result again is a duplicate, a different one a conflict. The three times are never mixed:
/// phenomenon time is the device's statement, result time is when the result was produced if it says so, received time is ours.
/// </remarks>
public sealed record Observation
{
    /// <summary>Which datastream; see <see cref="Datastream.Id"/>.</summary>
    public required string DatastreamId { get; init; }

    /// <summary>When the result was true, in UTC. Never invented: a message without it is rejected at the door.</summary>
    public required DateTimeOffset PhenomenonTime { get; init; }

    /// <summary>When the result was produced, if the device said so.</summary>
    public DateTimeOffset? ResultTime { get; init; }

    /// <summary>When this service took the message.</summary>
    public required DateTimeOffset ReceivedTime { get; init; }

    public required ObservationResult Result { get; init; }

    public ResultQuality Quality { get; init; }

    /// <summary>The device's own counter (≥ 0). It only names gaps; it identifies nothing.</summary>
    public long? DeviceSequence { get; init; }
}

/// <summary>A number in the datastream's unit, or a category as text; exactly one of the two.</summary>
public readonly record struct ObservationResult
{
    private ObservationResult(double? number, string? text) => (Number, Text) = (number, text);

    /// <summary>Finite value in the datastream's unit of measurement, or null for a category.</summary>
    public double? Number { get; }

    /// <summary>Category, at most <see cref="MaxTextLength"/> characters, or null for a number.</summary>
    public string? Text { get; }

    public const int MaxTextLength = 256;

    /// <exception cref="ArgumentOutOfRangeException">The number is NaN or infinite.</exception>
    public static ObservationResult OfNumber(double value) =>
        double.IsFinite(value) ? new(value, null) : throw new ArgumentOutOfRangeException(nameof(value), value, "A result is a finite number.");

    /// <exception cref="ArgumentException">The text is empty or longer than <see cref="MaxTextLength"/>.</exception>
    public static ObservationResult OfText(string value) =>
        value is { Length: > 0 and <= MaxTextLength } ? new(null, value) : throw new ArgumentException($"A category is 1 to {MaxTextLength} characters.", nameof(value));

    public override string ToString() => Number?.ToString("R", System.Globalization.CultureInfo.InvariantCulture) ?? Text ?? "";
}

/// <summary>Flags on a result (SensorThings resultQuality). Limits are judged only on results with none of the disqualifying flags.</summary>
[Flags]
public enum ResultQuality
{
    Good = 0,

    /// <summary>Outside what the instrument can measure.</summary>
    OutOfRange = 1,

    /// <summary>The device's clock was ahead of ours or had not been set when it stamped the result.</summary>
    ClockSuspect = 2,

    /// <summary>Given during calibration or maintenance.</summary>
    Maintenance = 4,

    /// <summary>The device itself reports a fault.</summary>
    Fault = 8,

    /// <summary>Arrived behind the datastream's newest result; kept and used in its own event time.</summary>
    Late = 16,

    /// <summary>Any of these keeps a result out of limits and aggregates of value.</summary>
    Disqualifying = OutOfRange | Maintenance | Fault,
}

/// <summary>Identity of an observation.</summary>
public readonly record struct ObservationKey(string DatastreamId, DateTimeOffset PhenomenonTime)
{
    /// <summary>The key, with the time in UTC cut (not rounded) to whole microseconds, the store's resolution.</summary>
    public static ObservationKey Of(Observation observation) => new(observation.DatastreamId, ToStoreTime(observation.PhenomenonTime));

    /// <summary>UTC, cut to whole microseconds.</summary>
    public static DateTimeOffset ToStoreTime(DateTimeOffset time)
    {
        var ticks = time.UtcTicks;
        return new DateTimeOffset(ticks - (ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }
}

/// <summary>An observation after its durable commit. Sequences start at 1 and have no holes.</summary>
public sealed record CommittedObservation(long Sequence, Observation Observation);
