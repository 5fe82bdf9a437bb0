using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>True areas on the CGCS2000 ellipsoid. Implementations are thread-safe.</summary>
public interface IGeodesic
{
    /// <summary>Geodesic area in m² (≥ 0, holes taken off, overlapping parts counted twice) of a geometry in degrees, longitude first; 0 for points and lines.</summary>
    double AreaSquareMeters(Geometry lonLat);
}
