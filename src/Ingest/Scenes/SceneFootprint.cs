using System.Globalization;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;
using Geometry = NetTopologySuite.Geometries.Geometry;
using Outline = Monitoring.Domain.Geometry.Outline;

namespace Monitoring.Ingest.Scenes;

/// <summary>Outline of a raster in EPSG:4490: cut at the 180° meridian, closed over the pole where it holds one.</summary>
internal static class SceneFootprint
{
    /// <summary>Pieces of a raster's edge: straight in the raster's CRS is bent in degrees.</summary>
    private const int PiecesPerEdge = 16;

    /// <param name="hull">Ring in columns and rows, not closed; null = the whole raster.</param>
    /// <exception cref="RefusedInputException">Its coordinates do not fit its CRS.</exception>
    public static Outline Of(RasterSource source, IReadOnlyList<(double Column, double Row)>? hull)
    {
        var transform = source.Info.Transform!.Value;
        double width = source.Info.Width, height = source.Info.Height;
        hull ??= [(0, 0), (width, 0), (width, height), (0, height)];
        List<double> xs = [], ys = [];
        for (var edge = 0; edge < hull.Count; edge++)
        {
            var (from, to) = (hull[edge], hull[(edge + 1) % hull.Count]);

            // Short edges of a hull bend less.
            var length = Math.Max(Math.Abs(to.Column - from.Column) / width, Math.Abs(to.Row - from.Row) / height);
            var pieces = Math.Max(1, (int)Math.Ceiling(PiecesPerEdge * length));
            for (var piece = 0; piece < pieces; piece++)
            {
                var share = piece / (double)pieces;
                var (x, y) = transform.Apply(from.Column + ((to.Column - from.Column) * share), from.Row + ((to.Row - from.Row) * share));
                xs.Add(x);
                ys.Add(y);
            }
        }

        using var crs = SpatialReference.FromWkt(source.CrsWkt!);
        using var common = SpatialReference.FromEpsg(Outline.Srid);
        double[] longitudes = [.. xs], latitudes = [.. ys];
        using (var toCommon = new CoordinateTransform(crs, common))
        {
            // Degrees beyond 180 are the other side of the meridian, but not degrees beyond a full turn.
            var isFar = crs.IsGeographic && xs.Exists(x => x is not (>= -360 and <= 360));
            if (isFar || toCommon.Transform(longitudes, latitudes) > 0 || longitudes.Any(x => x is not (>= -360 and <= 360)) || latitudes.Any(y => y is not (>= -90 and <= 90)))
                throw new RefusedInputException($"{source.Path} cannot be placed on the earth: its coordinates do not fit its CRS ({crs}); correct the CRS.");
        }

        var shape = OnTheEarth(longitudes, latitudes, source.Path);
        var name = crs.IdentifyEpsg() is { } epsg ? string.Create(CultureInfo.InvariantCulture, $"EPSG:{epsg}") : source.CrsWkt!;
        return new Outline(shape, Geodesic.Cgcs2000.Measure(new WKBWriter().Write(shape)).Area, name);
    }

    /// <summary>A ring of vertices close to each other, as polygons within ±180° and ±90°.</summary>
    private static Geometry OnTheEarth(double[] longitudes, double[] latitudes, string path)
    {
        // Neighbours are close: a step of more than half a turn is the 180° meridian between them.
        var ring = new List<Coordinate> { new(longitudes[0], latitudes[0]) };
        for (var i = 1; i <= longitudes.Length; i++)
        {
            var step = Math.IEEERemainder(longitudes[i % longitudes.Length] - ring[^1].X, 360);
            ring.Add(new Coordinate(ring[^1].X + step, latitudes[i % latitudes.Length]));
        }

        var turn = ring[^1].X - ring[0].X;
        if (Math.Abs(turn) > 180)
        {
            // Once around: the pole is inside.
            var pole = latitudes.Average() > 0 ? 90 : -90;
            ring.Add(new Coordinate(ring[^1].X, pole));
            ring.Add(new Coordinate(ring[0].X, pole));
            ring.Add(ring[0].Copy());
        }
        else
        {
            ring[^1] = ring[0].Copy();
        }

        var factory = new GeometryFactory(new PrecisionModel(), Outline.Srid);
        Geometry whole = factory.CreatePolygon([.. ring]);
        if (whole.EnvelopeInternal is { MinX: >= -180, MaxX: <= 180 })
            return whole;
        if (!whole.IsValid)
            throw new RefusedInputException($"{path} cannot be placed on the earth: its outline crosses itself; correct the georeference.");
        var parts = new List<Geometry>();
        for (var turns = -2; turns <= 2; turns++)
        {
            var window = factory.ToGeometry(new Envelope((360 * turns) - 180, (360 * turns) + 180, -90, 90));
            var cut = whole.Intersection(window);
            for (var n = 0; n < cut.NumGeometries; n++)
            {
                if (cut.GetGeometryN(n) is Polygon { Area: > 1e-12 } part)
                    parts.Add(factory.CreatePolygon([.. part.ExteriorRing.Coordinates.Select(c => new Coordinate(Math.Clamp(c.X - (360 * turns), -180, 180), c.Y))]));
            }
        }

        // Where a ring around the pole begins and ends, two parts touch: they are one.
        return parts.Count == 1 ? parts[0] : NetTopologySuite.Operation.Union.UnaryUnionOp.Union(parts);
    }
}
