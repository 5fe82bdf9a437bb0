using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>
/// A one-band raster in a temporary file, so that a scene's size costs disk and not memory. Calls may come from any thread; they wait
/// for each other.
/// </summary>
public sealed class RasterLayer : IDisposable
{
    private readonly RasterDataset _dataset;
    private readonly Lock _lock = new();

    public RasterLayer(string path, int width, int height, PixelType type) =>
        (_dataset, Path) = (RasterDataset.Create(path, "GTiff", width, height, 1, type, ["TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512", "BIGTIFF=IF_SAFER", "SPARSE_OK=TRUE"]), path);

    public string Path { get; }

    public int Width => _dataset.Width;

    public int Height => _dataset.Height;

    /// <summary>For calls that need the whole raster, such as polygonising. Nobody may read or write meanwhile.</summary>
    public RasterDataset Dataset => _dataset;

    public void Write<T>(PixelWindow window, ReadOnlySpan<T> pixels)
        where T : unmanaged
    {
        lock (_lock)
        {
            _dataset.Write(1, window, pixels);
        }
    }

    /// <summary>Writes whole blocks that nobody comes back to soon: none of them stays in memory.</summary>
    internal void WriteOut<T>(PixelWindow window, ReadOnlySpan<T> pixels)
        where T : unmanaged
    {
        lock (_lock)
        {
            _dataset.Write(1, window, pixels);
            _dataset.ReleaseBlocks(1);
        }
    }

    /// <summary>Reads whole rows of blocks that nobody comes back to soon: none of them stays in memory.</summary>
    internal void ReadThrough<T>(PixelWindow window, Span<T> pixels)
        where T : unmanaged
    {
        lock (_lock)
        {
            _dataset.Read(1, window, pixels);
            _dataset.ReleaseBlocks(1);
        }
    }

    public void Read<T>(PixelWindow window, Span<T> pixels)
        where T : unmanaged
    {
        lock (_lock)
        {
            _dataset.Read(1, window, pixels);
        }
    }

    public void Dispose() => _dataset.Dispose();
}

/// <summary>Reads a layer row by row, a strip at a time.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RowReader<T>(RasterLayer layer, int stripRows = 512)
    where T : unmanaged
{
    private readonly T[] _strip = new T[layer.Width * Math.Min(stripRows, layer.Height)];
    private int _top = int.MinValue;

    public ReadOnlySpan<T> Row(int y)
    {
        var rows = _strip.Length / layer.Width;
        var top = y / rows * rows;
        if (top != _top)
        {
            var count = Math.Min(rows, layer.Height - top);
            layer.ReadThrough(new PixelWindow(0, top, layer.Width, count), _strip.AsSpan(0, count * layer.Width));
            _top = top;
        }

        return _strip.AsSpan((y - top) * layer.Width, layer.Width);
    }
}
