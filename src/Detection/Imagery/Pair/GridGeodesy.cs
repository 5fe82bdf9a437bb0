using Monitoring.Domain.Geometry;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using NetTopologySuite.IO;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>From pixels of a grid to outlines on the earth, and how large a pixel is there.</summary>
internal sealed class GridGeodesy : IDisposable
{
    private readonly CoordinateTransform _toDegrees;
    private readonly SpatialReference _source;
    private readonly SpatialReference _target;
    private readonly WKBReader _reader = new();

    private GridGeodesy(Grid grid)
    {
        _source = SpatialReference.Parse(grid.CrsWkt);
        _target = SpatialReference.FromEpsg(Outline.Srid);
        _toDegrees = new CoordinateTransform(_source, _target);
        Crs = _source.Epsg is { } code ? $"EPSG:{code}" : grid.CrsWkt;
        var transform = GridReader.TransformOf(grid);
        double column = grid.Width / 2.0, row = grid.Height / 2.0;
        Span<double> xs = stackalloc double[3], ys = stackalloc double[3];
        (xs[0], ys[0]) = transform.Apply(column, row);
        (xs[1], ys[1]) = transform.Apply(column + 1, row);
        (xs[2], ys[2]) = transform.Apply(column, row + 1);
        _toDegrees.Transform(xs, ys);
        var across = Geodesic.Cgcs2000.Inverse(xs[0], ys[0], xs[1], ys[1]).Metres;
        var down = Geodesic.Cgcs2000.Inverse(xs[0], ys[0], xs[2], ys[2]).Metres;
        PixelSquareMeters = across * down;
        PixelAspect = across / down;
        GsdMeters = Math.Sqrt(PixelSquareMeters);
        if (!(PixelSquareMeters > 0) || !double.IsFinite(PixelSquareMeters))
        {
            throw new ImageryException($"The grid of the first scene does not lie on the earth (pixel {across} × {down} m): check its CRS and georeference.");
        }
    }

    /// <summary>Area of the pixel in the middle of the grid.</summary>
    public double PixelSquareMeters { get; }

    public double GsdMeters { get; }

    /// <summary>Width of that pixel over its height.</summary>
    public double PixelAspect { get; }

    /// <summary>The grid's CRS as outlines name it.</summary>
    public string Crs { get; }

    public static GridGeodesy Of(Grid grid) => new(grid);

    /// <summary>A geometry in the grid's CRS as an outline with its geodesic area.</summary>
    public Outline OutlineOf(byte[] wkb)
    {
        var degrees = _toDegrees.TransformWkb(wkb);
        return new Outline(EarthShape.Of(_reader.Read(degrees)), Geodesic.Cgcs2000.Measure(degrees).Area, Crs);
    }

    public void Dispose()
    {
        _toDegrees.Dispose();
        _source.Dispose();
        _target.Dispose();
    }
}
