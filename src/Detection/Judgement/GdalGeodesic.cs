using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;

namespace Monitoring.Detection.Judgement;

/// <summary>Areas by PROJ's geodesics (Karney 2013) on the CGCS2000 ellipsoid. Thread-safe.</summary>
public sealed class GdalGeodesic : IGeodesic
{
    public double AreaSquareMeters(Geometry lonLat)
    {
        ArgumentNullException.ThrowIfNull(lonLat);
        return lonLat.IsEmpty ? 0 : Geodesic.Cgcs2000.Measure(new WKBWriter().Write(lonLat)).Area;
    }
}
