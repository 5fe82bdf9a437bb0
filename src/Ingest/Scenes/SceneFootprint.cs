using System.Globalization;
using Monitoring.Gdal;
using Monitoring.Ingest.Plans;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;
using Geometry = NetTopologySuite.Geometries.Geometry;
using EarthShape = Monitoring.Domain.Geometry.EarthShape;
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
            {
                throw new RefusedInputException(GaussKruger.PrefixProblem(crs, xs.Min(), xs.Max(), "run gdal_edit.py -a_srs") is { } zone
                    ? $"{source.Path} cannot be placed on the earth. {zone}"
                    : $"{source.Path} cannot be placed on the earth: its coordinates do not fit its CRS ({crs}); correct the CRS.");
            }
        }

        var shape = OnTheEarth(longitudes, latitudes, source.Path);
        var name = crs.IdentifyEpsg() is { } epsg ? string.Create(CultureInfo.InvariantCulture, $"EPSG:{epsg}") : source.CrsWkt!;
        return new Outline(shape, Geodesic.Cgcs2000.Measure(new WKBWriter().Write(shape)).Area, name);
    }

    /// <summary>Looks for the way from a CRS now, so that <see cref="Of"/> finds it known; what is wrong with it is told there.</summary>
    public static void Anticipate(SpatialReference crs)
    {
        try
        {
            using var common = SpatialReference.FromEpsg(Outline.Srid);
            using var way = new CoordinateTransform(crs, common);
        }
        catch (GdalException)
        {
            // Who needs it asks again.
        }
    }

    private static Geometry OnTheEarth(double[] longitudes, double[] latitudes, string path)
    {
        Coordinate[] ring = [.. longitudes.Zip(latitudes, static (x, y) => new Coordinate(x, y)), new Coordinate(longitudes[0], latitudes[0])];
        var whole = EarthShape.Unrolled(new GeometryFactory(new PrecisionModel(), Outline.Srid).CreateLineString(ring));
        if (whole.EnvelopeInternal is { MinX: >= -180, MaxX: <= 180 })
            return whole;
        return whole.IsValid
            ? EarthShape.Cut(whole)
            : throw new RefusedInputException($"{path} cannot be placed on the earth: its outline crosses itself; correct the georeference.");
    }
}
