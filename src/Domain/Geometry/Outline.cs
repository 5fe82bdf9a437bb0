using NetTopologySuite.Geometries;

namespace Monitoring.Domain.Geometry;

/// <summary>
/// A piece of the earth's surface as rooms hand it to each other: a geometry in EPSG:4490 (CGCS2000), x = longitude and
/// y = latitude in degrees, together with its geodesic area and the CRS it came in.
/// </summary>
/// <remarks>
/// Immutable by agreement: nobody changes the coordinates of a geometry that is in an outline. The area is computed once, by the
/// door or detector that made the outline (through PROJ, on the CGCS2000 ellipsoid), and travels with it.
/// </remarks>
public sealed record Outline
{
    /// <summary>EPSG code of the common CRS between rooms.</summary>
    public const int Srid = 4490;

    /// <param name="shape">Geometry in degrees, longitude in [-180, 180] and latitude in [-90, 90].</param>
    /// <param name="areaSquareMeters">Geodesic area in m², ≥ 0; 0 for points and lines.</param>
    /// <param name="sourceCrs">CRS of the input, as "EPSG:4547" or WKT; "EPSG:4490" when it was already common.</param>
    /// <exception cref="ArgumentException">A coordinate is outside the range or not finite, or the area is negative.</exception>
    public Outline(NetTopologySuite.Geometries.Geometry shape, double areaSquareMeters, string sourceCrs)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentException.ThrowIfNullOrWhiteSpace(sourceCrs);
        var box = shape.EnvelopeInternal;
        if (!box.IsNull && !(box.MinX >= -180 && box.MaxX <= 180 && box.MinY >= -90 && box.MaxY <= 90))
        {
            throw new ArgumentException(
                $"The geometry reaches x {box.MinX}..{box.MaxX}, y {box.MinY}..{box.MaxY}; between rooms it is longitude and latitude in degrees.", nameof(shape));
        }

        if (!(areaSquareMeters >= 0) || double.IsInfinity(areaSquareMeters))
        {
            throw new ArgumentException($"An area is a finite number of m², at least 0; it was {areaSquareMeters}.", nameof(areaSquareMeters));
        }

        shape.SRID = Srid;
        Shape = shape;
        AreaSquareMeters = areaSquareMeters;
        SourceCrs = sourceCrs;
    }

    /// <summary>Longitude/latitude geometry in degrees on CGCS2000.</summary>
    public NetTopologySuite.Geometries.Geometry Shape { get; }

    /// <summary>Geodesic area in m²; 0 for points and lines.</summary>
    public double AreaSquareMeters { get; }

    /// <summary>The CRS (and with it the datum) the geometry was given in.</summary>
    public string SourceCrs { get; }

    /// <summary>Bounding box in degrees.</summary>
    public Envelope Box => Shape.EnvelopeInternal;
}
