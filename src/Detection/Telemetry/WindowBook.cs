using Monitoring.Domain.Sensing;

namespace Monitoring.Detection.Telemetry;

/// <summary>A result in a window.</summary>
internal readonly record struct WindowResult(DateTimeOffset Time, double? Number, bool Disqualified);

/// <summary>
/// The windows of one datastream in event time, exactly as the observations up to the newest one worked make them, whatever the order
/// they came in. Open windows are here; closed ones are kept within a bound over all datastreams, and those that late data reach and
/// that are no longer kept are read back from the store by the caller.
/// </summary>
/// <remarks>
/// A window [s, s + length) closes when the newest phenomenon time reaches its end plus the allowed lateness. Not thread-safe.
/// </remarks>
internal sealed class WindowBook(TimeSpan length, TimeSpan lateness, ClosedWindows closed)
{
    private readonly SortedDictionary<DateTimeOffset, SortedList<DateTimeOffset, WindowResult>> _open = [];
    private DateTimeOffset? _newest;

    public TimeSpan Length => length;

    /// <summary>Windows that start before this are closed; null before the first observation.</summary>
    public DateTimeOffset? OpenFrom => _newest is { } newest ? OpenFromAt(newest) : null;

    /// <summary>Windows that start before this are closed once the newest phenomenon time is <paramref name="newest"/>.</summary>
    public DateTimeOffset OpenFromAt(DateTimeOffset newest) => StartOf(newest - lateness);

    public DateTimeOffset StartOf(DateTimeOffset time)
    {
        var ticks = time.UtcTicks;
        return new(ticks - (ticks % length.Ticks), TimeSpan.Zero);
    }

    /// <summary>True when the caller must read the window of this time from the store before the observation is put.</summary>
    public bool MustRead(DateTimeOffset time) => StartOf(time) is var start && IsClosed(start) && !closed.TryGet(this, start, out _);

    /// <summary>Takes a closed window in as it stands in the store.</summary>
    public void RestoreClosed(DateTimeOffset start, IEnumerable<Observation> results)
    {
        closed.Put(this, start, []);
        foreach (var result in results)
        {
            Keep(result);
        }
    }

    /// <summary>Takes results of open windows in as they stand in the store, ascending by time.</summary>
    public void Restore(Observation result)
    {
        Keep(result);
        if (_newest is not { } newest || result.PhenomenonTime > newest)
        {
            _newest = result.PhenomenonTime;
        }
    }

    /// <summary>Takes the next observation in order of sequence.</summary>
    /// <returns>Starts of the windows that are to be evaluated now, ascending: those it closes, or its own when that is closed already.</returns>
    public IReadOnlyList<DateTimeOffset> Put(Observation observation)
    {
        Keep(observation);
        var start = StartOf(observation.PhenomenonTime);
        if (IsClosed(start))
        {
            return [start];
        }

        if (_newest is null || observation.PhenomenonTime > _newest)
        {
            _newest = observation.PhenomenonTime;
        }

        var openFrom = OpenFrom!.Value;
        List<DateTimeOffset> closing = [.. _open.Keys.TakeWhile(s => s < openFrom)];
        foreach (var window in closing)
        {
            _open.Remove(window, out var results);
            results!.TrimExcess();
            closed.Put(this, window, results);
        }

        return closing;
    }

    public IEnumerable<WindowResult> Results(DateTimeOffset start) => _open.TryGetValue(start, out var results) || closed.TryGet(this, start, out results) ? results.Values : [];

    private bool IsClosed(DateTimeOffset start) => OpenFrom is { } open && start < open;

    private void Keep(Observation observation)
    {
        var start = StartOf(observation.PhenomenonTime);
        WindowResult result = new(observation.PhenomenonTime, observation.Result.Number, (observation.Quality & ResultQuality.Disqualifying) != 0);
        if (IsClosed(start))
        {
            closed.Add(this, start, result);
            return;
        }

        if (!_open.TryGetValue(start, out var results))
        {
            _open[start] = results = [];
        }

        results[result.Time] = result;
    }
}
