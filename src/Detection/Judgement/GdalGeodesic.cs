using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;

namespace Monitoring.Detection.Judgement;

/// <summary>Areas by PROJ's geodesics (Karney 2013) on the CGCS2000 ellipsoid. Thread-safe.</summary>
public sealed class GdalGeodesic : IGeodesic
{
    /// <summary>Rings of so many places go over without being written as bytes first.</summary>
    private const int FewPlaces = 64;

    public double AreaSquareMeters(Geometry lonLat)
    {
        ArgumentNullException.ThrowIfNull(lonLat);
        if (lonLat.IsEmpty)
        {
            return 0;
        }

        return lonLat is Polygon { NumInteriorRings: 0 } polygon && polygon.NumPoints <= FewPlaces
            ? AreaOf(polygon.ExteriorRing.CoordinateSequence)
            : Geodesic.Cgcs2000.Measure(new WKBWriter().Write(lonLat)).Area;
    }

    private static double AreaOf(CoordinateSequence ring)
    {
        Span<double> longitudes = stackalloc double[ring.Count], latitudes = stackalloc double[ring.Count];
        for (var i = 0; i < ring.Count; i++)
        {
            (longitudes[i], latitudes[i]) = (ring.GetX(i), ring.GetY(i));
        }

        return Math.Abs(Geodesic.Cgcs2000.Ring(longitudes, latitudes).Area);
    }
}
