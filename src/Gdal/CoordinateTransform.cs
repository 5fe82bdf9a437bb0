using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>How to choose among the operations that lead from one CRS to another.</summary>
public sealed record TransformOptions
{
    /// <summary>
    /// Where the data lies, in degrees, so that the best operation for that place is taken. Default: chosen by each point.
    /// </summary>
    public Bounds? AreaOfInterest { get; init; }

    /// <summary>
    /// Whether datums without a known link may be taken as equal ("ballpark"). Default true, as GDAL does; false makes such a
    /// transform fail instead.
    /// </summary>
    public bool AllowBallpark { get; init; } = true;

    /// <summary>Worst accuracy to accept, in metres, greater than 0; null (default) accepts all.</summary>
    public double? AccuracyMetres { get; init; }
}

/// <summary>
/// Turns coordinates of one CRS into another. x (longitude, easting) is first on both sides, always.
/// </summary>
/// <remarks>
/// Longitude and latitude are in degrees, eastings and northings in the unit of the CRS; eastings carry their zone prefix where
/// the CRS has one (EPSG:4513–4533). <b>Threads.</b> One thread at a time; use by two at once throws: make one for each thread.
/// </remarks>
public sealed unsafe class CoordinateTransform : IDisposable
{
    private readonly TransformHandle _handle;

    /// <summary>Prepares the transform; both CRS may be disposed afterwards.</summary>
    /// <exception cref="GdalException">There is no way from one to the other.</exception>
    public CoordinateTransform(SpatialReference source, SpatialReference target, TransformOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        _handle = TransformPrototypes.Make(source, target, options ?? new TransformOptions());
    }

    /// <summary>A transform between two EPSG codes.</summary>
    public static CoordinateTransform FromEpsg(int source, int target, TransformOptions? options = null)
    {
        using var from = SpatialReference.FromEpsg(source);
        using var to = SpatialReference.FromEpsg(target);
        return new(from, to, options);
    }

    /// <summary>
    /// Transforms points in place: (x[i], y[i]). A point that cannot be transformed becomes (∞, ∞), and <paramref name="success"/>[i],
    /// where given, false; the others are right all the same.
    /// </summary>
    /// <param name="x">Longitudes or eastings.</param>
    /// <param name="y">As many latitudes or northings.</param>
    /// <param name="success">Empty, or at least as long as <paramref name="x"/>.</param>
    /// <returns>How many points failed.</returns>
    public int Transform(Span<double> x, Span<double> y, Span<bool> success = default)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"There are {x.Length} x and {y.Length} y.", nameof(y));
        if (!success.IsEmpty && success.Length < x.Length)
            throw new ArgumentException("The success span is shorter than the points.", nameof(success));
        using var use = _handle.Use();
        const int chunk = 256;
        var flags = stackalloc int[chunk];
        var failed = 0;
        fixed (double* px = x, py = y)
            for (var start = 0; start < x.Length; start += chunk)
            {
                var count = Math.Min(chunk, x.Length - start);
                Errors.Begin();
                _ = GdalNative.OCTTransformEx(use.Pointer, count, px + start, py + start, null, flags);
                for (var i = 0; i < count; i++)
                {
                    // Some PROJ operations answer "fine" and infinity.
                    var good = flags[i] != 0 && double.IsFinite(px[start + i]) && double.IsFinite(py[start + i]);
                    if (!good)
                    {
                        px[start + i] = double.PositiveInfinity;
                        py[start + i] = double.PositiveInfinity;
                        failed++;
                    }
                    if (!success.IsEmpty)
                        success[start + i] = good;
                }
            }
        return failed;
    }

    /// <summary>Transforms one point.</summary>
    /// <exception cref="GdalException">It lies where the transform is not defined.</exception>
    public (double X, double Y) Transform(double x, double y)
    {
        var (u, v) = (x, y);
        return Transform(new Span<double>(ref u), new Span<double>(ref v)) == 0
            ? (u, v)
            : throw Errors.Exception($"transform the point ({x}, {y})");
    }

    /// <summary>
    /// The box around a transformed box; edges are cut into <paramref name="densify"/> pieces, because straight edges bend. For a
    /// geographic target across the antimeridian MinX is larger than MaxX.
    /// </summary>
    /// <exception cref="GdalException">The box cannot be transformed.</exception>
    public Bounds Transform(Bounds bounds, int densify = 21)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(densify);
        using var use = _handle.Use();
        double minX, minY, maxX, maxY;
        Errors.Begin();
        if (GdalNative.OCTTransformBounds(use.Pointer, bounds.MinX, bounds.MinY, bounds.MaxX, bounds.MaxY, &minX, &minY, &maxX, &maxY,
            densify) == 0)
            throw Errors.Exception($"transform {bounds}");
        return new(minX, minY, maxX, maxY);
    }

    /// <summary>Transforms the vertices of a geometry given and returned as (ISO) WKB, little endian. No edges are densified.</summary>
    /// <exception cref="GdalException">Not WKB, or a vertex cannot be transformed.</exception>
    public byte[] TransformWkb(ReadOnlySpan<byte> wkb)
    {
        using var geometry = Geometry.FromWkb(wkb);
        using var use = _handle.Use();
        Errors.Begin();
        Errors.Check(GdalNative.OGR_G_Transform(geometry.Pointer, use.Pointer), "transform the geometry");
        return geometry.ToWkb();
    }

    public void Dispose() => _handle.Dispose();
}
