using System.Runtime.CompilerServices;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using NetTopologySuite.Noding;

namespace Monitoring.Detection.Judgement;

/// <summary>Shapes that are asked again and again, with their edges indexed; kept as long as the shape itself lives. Thread-safe.</summary>
internal static class PreparedShapes
{
    private static readonly ConditionalWeakTable<Geometry, IPreparedGeometry> Known = [];

    public static IPreparedGeometry Of(Geometry shape) => Known.GetValue(shape, Prepare);

    private static IPreparedGeometry Prepare(Geometry shape)
    {
        var prepared = PreparedGeometryFactory.Prepare(shape);
        if (prepared is PreparedPolygon polygon)
        {
            // Builds the indexes here: they build themselves at the first question, which is not safe for several threads.
            polygon.PointLocator.Locate(shape.Coordinate);
            polygon.IntersectionFinder.Intersects(SegmentStringUtil.ExtractSegmentStrings(shape.Factory.ToGeometry(shape.EnvelopeInternal)));
        }

        return prepared;
    }
}
