using System.Buffers;
using System.Collections.Concurrent;
using Monitoring.Dashboard.Regions;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Tiles;

/// <summary>
/// Pictures of scenes in Web Mercator, cut by GDAL from the files as they are asked for. A scene's stretch is found once, from a reduced
/// reading of all of it, so that its tiles fit together. Bounded: pictures at the same time, pictures waiting, memory for finished ones.
/// </summary>
internal sealed class SceneTiles(DashboardOptions options, TileCache cache) : IDisposable
{
    public const int TileSide = 256;

    private const int MostStretches = 1024;

    private readonly SemaphoreSlim slots = new(options.SceneTilesAtOnce, options.SceneTilesAtOnce);
    private readonly ConcurrentDictionary<(string SceneId, SceneStyle Style), SceneStretch> stretches = new();
    private int waiting;

    /// <summary>PNG of a tile, empty when the scene shows nothing there that the reader may see.</summary>
    /// <exception cref="TooManyTilesException">As many pictures wait as may.</exception>
    /// <exception cref="GdalException">The scene's file cannot be read.</exception>
    public Task<byte[]> TileAsync(Scene scene, SceneStyle style, int z, int x, int y, ScopeShape? ground, CancellationToken cancellationToken) =>
        PictureAsync(scene, style, WebMercator.MetersOf(z, x, y), TileSide, TileSide, ground, $"{z}/{x}/{y}", cancellationToken);

    /// <summary>PNG of any box, see <see cref="TileAsync"/>.</summary>
    /// <param name="meters">Box in EPSG:3857.</param>
    public async Task<byte[]> PictureAsync(
        Scene scene, SceneStyle style, Envelope meters, int width, int height, ScopeShape? ground, string name, CancellationToken cancellationToken)
    {
        var degrees = WebMercator.ToDegrees(meters);
        if (!scene.Footprint.Box.Intersects(degrees) || ground?.Meets(degrees) is false)
        {
            return [];
        }

        var mask = ground is null || ground.Contains(degrees) ? null : ground;
        var key = $"scene/{scene.Id}/{style}/{name}/{width}x{height}/{mask?.Key}/{mask?.Edition}";
        if (cache.Find(key) is { } kept)
        {
            return kept;
        }

        await TakeSlotAsync(cancellationToken);
        try
        {
            var picture = await Task.Run(() => Draw(scene, style, meters, width, height, mask), cancellationToken);
            cache.Keep(key, picture);
            return picture;
        }
        finally
        {
            slots.Release();
        }
    }

    public void Dispose() => slots.Dispose();

    private async Task TakeSlotAsync(CancellationToken cancellationToken)
    {
        if (slots.Wait(0, CancellationToken.None))
        {
            return;
        }

        if (Interlocked.Increment(ref waiting) > options.SceneTilesWaiting)
        {
            Interlocked.Decrement(ref waiting);
            throw new TooManyTilesException();
        }

        try
        {
            await slots.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private byte[] Draw(Scene scene, SceneStyle style, Envelope meters, int width, int height, ScopeShape? mask)
    {
        using var source = SceneSource.Open(scene, SceneStyles.BandsOf(scene, style));
        using var crs = source.GetSpatialReference();
        var stretch = StretchOf(scene, style, source);
        var transform = GeoTransform.NorthUp(meters.MinX, meters.MaxY, meters.Width / width, meters.Height / height);
        using var warped = source.WarpVirtual(
            new WarpGrid("EPSG:3857", transform, width, height),
            new WarpOptions { SourceCrs = crs is null ? scene.Grid.CrsWkt : null, Resampling = Resampling.Bilinear, AddAlpha = true, UnifiedNoData = true, UseOverviews = true, ErrorPixels = 0.25, TargetType = PixelType.Float32 });
        var size = width * height;
        var values = ArrayPool<float>.Shared.Rent(size * 4);
        try
        {
            warped.Read<float>([1, 2, 3, 4], warped.FullWindow, width, height, values.AsSpan(0, size * 4));
            var rgba = new byte[size * 4];
            var seen = stretch.Paint(values.AsSpan(0, size * 4), rgba, size);
            if (seen && mask is not null)
            {
                seen = KeepInside(mask, rgba.AsSpan(3 * size, size), width, height, transform);
            }

            return seen ? Encode(rgba, width, height) : [];
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
        }
    }

    private SceneStretch StretchOf(Scene scene, SceneStyle style, RasterDataset source)
    {
        if (stretches.TryGetValue((scene.Id, style), out var known))
        {
            return known;
        }

        if (stretches.Count >= MostStretches)
        {
            stretches.Clear();
        }

        return stretches.GetOrAdd((scene.Id, style), SceneStretch.Of(source));
    }

    /// <summary>Clears the alpha outside the ground; true when something is left.</summary>
    private static bool KeepInside(ScopeShape ground, Span<byte> alpha, int width, int height, GeoTransform transform)
    {
        var inside = new byte[alpha.Length];
        LabelRaster.Burn([new BurnShape(ground.MercatorWkb, 1)], inside.AsSpan(), width, height, transform);
        var left = false;
        for (var i = 0; i < alpha.Length; i++)
        {
            alpha[i] = inside[i] == 0 ? (byte)0 : alpha[i];
            left |= alpha[i] != 0;
        }

        return left;
    }

    private static byte[] Encode(byte[] rgba, int width, int height)
    {
        using var picture = RasterDataset.CreateInMemory(width, height, 4, PixelType.UInt8);
        picture.Write<byte>([1, 2, 3, 4], picture.FullWindow, rgba);
        using var file = MemoryFile.Reserve("tile.png");
        picture.CopyTo(file.Path, "PNG", ["ZLEVEL=4"]);
        return file.ToArray();
    }
}

/// <summary>As many pictures wait as may: come back in a moment.</summary>
internal sealed class TooManyTilesException() : Exception("Too many pictures are asked for at once; try again in a moment.");
