namespace Monitoring.Storage.DuckDb;

/// <summary>Identity of an observation in numbers.</summary>
/// <param name="Stream">Number of the datastream in the file.</param>
/// <param name="Microseconds">Phenomenon time, µs since 1970-01-01 UTC.</param>
internal readonly record struct StreamKey(int Stream, long Microseconds);

/// <summary>
/// The keys that were stored last, with the print of their results. Holds at most its capacity; the oldest entry gives way. A key that
/// is not here may still be in the file. Not thread-safe: the committer's own.
/// </summary>
internal sealed class RecentKeys(int capacity)
{
    private readonly Dictionary<StreamKey, ResultPrint> _prints = [];
    private readonly Queue<StreamKey> _order = [];

    public int Count => _prints.Count;

    public bool TryFind(StreamKey key, out ResultPrint print) => _prints.TryGetValue(key, out print);

    public void Add(StreamKey key, ResultPrint print)
    {
        if (capacity == 0 || !_prints.TryAdd(key, print))
        {
            return;
        }

        _order.Enqueue(key);
        if (_order.Count > capacity)
        {
            _prints.Remove(_order.Dequeue());
        }
    }

    public void Clear()
    {
        _prints.Clear();
        _order.Clear();
    }
}
