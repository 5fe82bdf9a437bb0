namespace Monitoring.Detection.Telemetry;

/// <summary>
/// Closed windows of all datastreams that late data may reach soon, within one bound over all of them: the oldest are forgotten first, and
/// the store gives back what is needed again. Not thread-safe.
/// </summary>
/// <param name="most">Results that are kept; each window counts a few for itself.</param>
internal sealed class ClosedWindows(int most)
{
    private const int OfAWindow = 4;

    private readonly Dictionary<(WindowBook Book, DateTimeOffset Start), SortedList<DateTimeOffset, WindowResult>> _windows = [];
    private readonly Queue<(WindowBook Book, DateTimeOffset Start)> _order = [];

    /// <summary>What is kept, as the bound counts it.</summary>
    public int Kept { get; private set; }

    public bool TryGet(WindowBook book, DateTimeOffset start, out SortedList<DateTimeOffset, WindowResult> results)
    {
        var found = _windows.TryGetValue((book, start), out var kept);
        results = kept ?? [];
        return found;
    }

    /// <summary>Takes a window that is not kept yet.</summary>
    public void Put(WindowBook book, DateTimeOffset start, SortedList<DateTimeOffset, WindowResult> results)
    {
        _windows.Add((book, start), results);
        _order.Enqueue((book, start));
        Kept += results.Count + OfAWindow;
    }

    /// <summary>Puts a result into a window that is kept.</summary>
    public void Add(WindowBook book, DateTimeOffset start, WindowResult result)
    {
        var results = _windows[(book, start)];
        var before = results.Count;
        results[result.Time] = result;
        Kept += results.Count - before;
    }

    /// <summary>Forgets down to the bound. Windows that are still to be evaluated must be evaluated before.</summary>
    public void Trim()
    {
        while (Kept > most && _order.TryDequeue(out var oldest))
        {
            if (_windows.Remove(oldest, out var results))
            {
                Kept -= results.Count + OfAWindow;
            }
        }
    }
}
