using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using NetTopologySuite.Index.Strtree;

namespace Monitoring.Detection.Imagery.Patches;

/// <summary>The outline of one patch before it is brought to degrees.</summary>
/// <param name="Shape">Valid; in the coordinates of the grid.</param>
/// <param name="Regular">How it was made straight; null when it runs along the pixels.</param>
public sealed record PatchOutline(Geometry Shape, RegularOutline? Regular)
{
    /// <summary>Side in pixels of the cells that the outline runs along; 1 but for an object of more rings than <see cref="PixelOutline.MostRings"/>.</summary>
    public int Cell { get; private init; } = 1;

    /// <summary>The outline along the pixels, or along coarser cells when it would have too many rings.</summary>
    public static PatchOutline AlongPixels(IReadOnlyList<PixelRun> runs, GeoTransform transform, CancellationToken cancellation = default)
    {
        var (shape, cell) = PixelOutline.Trace(runs, transform, PixelOutline.MostRings, cancellation);
        return new PatchOutline(shape, null) { Cell = cell };
    }

    /// <summary>Straight sides where the pixels allow it, else the outline along them.</summary>
    /// <param name="aspect">As <see cref="OutlineRegulariser.Of"/>.</param>
    public static PatchOutline Straight(IReadOnlyList<PixelRun> runs, GeoTransform transform, double aspect, CancellationToken cancellation = default) =>
        OutlineRegulariser.Of(runs, aspect, cancellation) is { } regular ? new PatchOutline(OnGrid(regular.Shape, transform), regular) : AlongPixels(runs, transform, cancellation);

    /// <summary>
    /// Takes back straight outlines that reach into another patch's: outlines along pixels never do, straight ones of close neighbours may.
    /// The result does not depend on the order.
    /// </summary>
    /// <param name="outlines">One an object; changed in place.</param>
    /// <param name="runs">The pixels of each.</param>
    /// <returns>How many were taken back.</returns>
    public static int KeepApart(PatchOutline[] outlines, IReadOnlyList<IReadOnlyList<PixelRun>> runs, GeoTransform transform)
    {
        ArgumentNullException.ThrowIfNull(outlines);
        ArgumentNullException.ThrowIfNull(runs);
        var taken = 0;
        while (true)
        {
            var tree = new STRtree<int>();
            for (var i = 0; i < outlines.Length; i++)
            {
                tree.Insert(outlines[i].Shape.EnvelopeInternal, i);
            }

            var crossing = new List<int>();
            for (var i = 0; i < outlines.Length; i++)
            {
                if (outlines[i].Regular is null || tree.Query(outlines[i].Shape.EnvelopeInternal) is not { Count: > 1 } near)
                {
                    continue;
                }

                // Most neighbours share a bit of the box and nothing else, and some have a thousand times the corners of a building.
                var own = PreparedGeometryFactory.Prepare(outlines[i].Shape);
                if (near.Any(j => j != i && own.Intersects(outlines[j].Shape) && !outlines[i].Shape.Touches(outlines[j].Shape)))
                {
                    crossing.Add(i);
                }
            }

            if (crossing.Count == 0)
            {
                return taken;
            }

            // One that goes back to its pixels may meet another that did not meet its straight form: look again.
            foreach (var i in crossing)
            {
                outlines[i] = AlongPixels(runs[i], transform);
            }

            taken += crossing.Count;
        }
    }

    private static Polygon OnGrid(Polygon shape, GeoTransform transform)
    {
        return new Polygon(Ring(shape.Shell), [.. shape.Holes.Select(Ring)]);

        LinearRing Ring(LinearRing ring) => new([.. ring.Coordinates.Select(c =>
        {
            var (x, y) = transform.Apply(c.X, c.Y);
            return new Coordinate(x, y);
        })]);
    }
}
