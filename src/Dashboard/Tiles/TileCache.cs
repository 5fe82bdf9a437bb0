namespace Monitoring.Dashboard.Tiles;

/// <summary>Finished tiles in memory, least recently used out first, bounded in bytes. Thread-safe. An empty array is an empty tile.</summary>
internal sealed class TileCache(DashboardOptions options)
{
    /// <summary>What an entry costs besides its bytes, so that empty tiles are bounded too.</summary>
    private const int Overhead = 256;

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, byte[] Tile)>> byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, byte[] Tile)> byUse = new();
    private long bytes;

    public long Bytes
    {
        get
        {
            lock (gate)
            {
                return bytes;
            }
        }
    }

    public byte[]? Find(string key)
    {
        lock (gate)
        {
            if (!byKey.TryGetValue(key, out var node))
            {
                return null;
            }

            byUse.Remove(node);
            byUse.AddFirst(node);
            return node.Value.Tile;
        }
    }

    public void Keep(string key, byte[] tile)
    {
        lock (gate)
        {
            if (byKey.ContainsKey(key) || Cost(tile) > options.TileCacheBytes)
            {
                return;
            }

            byKey[key] = byUse.AddFirst((key, tile));
            bytes += Cost(tile);
            while (bytes > options.TileCacheBytes)
            {
                var last = byUse.Last!;
                byUse.RemoveLast();
                byKey.Remove(last.Value.Key);
                bytes -= Cost(last.Value.Tile);
            }
        }
    }

    private static long Cost(byte[] tile) => tile.Length + Overhead;
}
