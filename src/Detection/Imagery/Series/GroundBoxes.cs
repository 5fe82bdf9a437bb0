using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>The box of a scene in degrees; two, on either side of it, where the scene crosses the 180° meridian.</summary>
internal static class GroundBoxes
{
    private static readonly GeometryFactory Factory = GeometryFactory.Default;

    /// <param name="footprint">Cut at the 180° meridian.</param>
    public static Geometry Of(Geometry footprint)
    {
        var whole = footprint.EnvelopeInternal;
        if (whole.Width <= 180)
        {
            return Factory.ToGeometry(whole);
        }

        Envelope west = new(), east = new();
        for (var i = 0; i < footprint.NumGeometries; i++)
        {
            var part = footprint.GetGeometryN(i).EnvelopeInternal;
            (part.Centre.X < 0 ? west : east).ExpandToInclude(part);
        }

        return Factory.BuildGeometry([.. new[] { west, east }.Where(b => !b.IsNull && b.Area > 0).Select(Factory.ToGeometry)]);
    }

    /// <summary>West, south, east, north of each box.</summary>
    public static IReadOnlyList<double> Numbers(Geometry boxes) =>
        [.. Enumerable.Range(0, boxes.NumGeometries).Select(i => boxes.GetGeometryN(i).EnvelopeInternal).SelectMany(b => new[] { b.MinX, b.MinY, b.MaxX, b.MaxY })];

    public static Geometry FromNumbers(IReadOnlyList<double> numbers) =>
        Factory.BuildGeometry([.. numbers.Chunk(4).Select(b => Factory.ToGeometry(new Envelope(b[0], b[2], b[1], b[3])))]);
}
