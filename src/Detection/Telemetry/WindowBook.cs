using Monitoring.Domain.Sensing;

namespace Monitoring.Detection.Telemetry;

/// <summary>A result in a window.</summary>
internal readonly record struct WindowResult(DateTimeOffset Time, double? Number, bool Disqualified);

/// <summary>
/// The windows of one datastream in event time, exactly as the observations up to the newest one worked make them, whatever the order
/// they came in. Open windows are in memory; closed ones that late data reach are read back from the store by the caller.
/// </summary>
/// <remarks>
/// A window [s, s + length) closes when the newest phenomenon time reaches its end plus the allowed lateness. Not thread-safe.
/// </remarks>
internal sealed class WindowBook(TimeSpan length, TimeSpan lateness)
{
    // Late data come in runs through a few windows; the store gives back what is no longer kept.
    private const int KeptClosedWindows = 96;
    private readonly SortedDictionary<DateTimeOffset, SortedDictionary<DateTimeOffset, WindowResult>> _windows = [];
    private DateTimeOffset? _newest;

    public TimeSpan Length => length;

    /// <summary>Windows that start before this are closed; null before the first observation.</summary>
    public DateTimeOffset? OpenFrom => _newest is { } newest ? StartOf(newest - lateness) : null;

    public DateTimeOffset StartOf(DateTimeOffset time)
    {
        var ticks = time.UtcTicks;
        return new(ticks - (ticks % length.Ticks), TimeSpan.Zero);
    }

    /// <summary>True when the caller must read the window of this time from the store before the observation is put.</summary>
    public bool MustRead(DateTimeOffset time) => OpenFrom is { } open && StartOf(time) < open && !_windows.ContainsKey(StartOf(time));

    /// <summary>Takes results in as they stand in the store, without closing windows.</summary>
    public void Restore(IEnumerable<Observation> results, DateTimeOffset? newest)
    {
        foreach (var result in results)
        {
            Keep(result);
        }

        _newest = newest ?? _newest;
    }

    /// <summary>Makes an empty window known, so that it counts as read.</summary>
    public void Touch(DateTimeOffset start) => _windows.TryAdd(start, []);

    /// <summary>Takes the next observation in order of sequence.</summary>
    /// <returns>Starts of the windows that are to be evaluated now, ascending: those it closes, or its own when that is closed already.</returns>
    public IReadOnlyList<DateTimeOffset> Put(Observation observation)
    {
        Keep(observation);
        var before = OpenFrom;
        var start = StartOf(observation.PhenomenonTime);
        if (before is { } open && start < open)
        {
            return [start];
        }

        if (_newest is null || observation.PhenomenonTime > _newest)
        {
            _newest = observation.PhenomenonTime;
        }

        var after = OpenFrom!.Value;
        List<DateTimeOffset> closed = before == after ? [] : [.. _windows.Keys.Where(s => s < after && (before is not { } b || s >= b))];
        Trim(after);
        return closed;
    }

    public IReadOnlyCollection<WindowResult> Results(DateTimeOffset start) => _windows.TryGetValue(start, out var results) ? results.Values : [];

    private void Keep(Observation observation)
    {
        var start = StartOf(observation.PhenomenonTime);
        if (!_windows.TryGetValue(start, out var results))
        {
            _windows[start] = results = [];
        }

        results[observation.PhenomenonTime] = new(observation.PhenomenonTime, observation.Result.Number, (observation.Quality & ResultQuality.Disqualifying) != 0);
    }

    private void Trim(DateTimeOffset openFrom)
    {
        var closed = _windows.Keys.TakeWhile(s => s < openFrom).ToList();
        foreach (var start in closed.Take(Math.Max(0, closed.Count - KeptClosedWindows)))
        {
            _windows.Remove(start);
        }
    }
}
