using Monitoring.Domain.Geometry;
using NetTopologySuite.Geometries;
using Geometry = NetTopologySuite.Geometries.Geometry;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>The box of a scene in degrees; two, on either side of it, where the scene crosses the 180° meridian (<see cref="EarthShape"/>).</summary>
internal static class GroundBoxes
{
    private static readonly GeometryFactory Factory = GeometryFactory.Default;

    /// <param name="footprint">Cut at the 180° meridian.</param>
    public static Geometry Of(Geometry footprint) => Of(EarthShape.BoxesOf(footprint));

    /// <summary>West, south, east, north of each box.</summary>
    public static IReadOnlyList<double> Numbers(Geometry footprint) => [.. EarthShape.BoxesOf(footprint).SelectMany(b => new[] { b.MinX, b.MinY, b.MaxX, b.MaxY })];

    public static Geometry FromNumbers(IReadOnlyList<double> numbers) => Of(numbers.Chunk(4).Select(b => new Envelope(b[0], b[2], b[1], b[3])));

    private static Geometry Of(IEnumerable<Envelope> boxes) => Factory.BuildGeometry([.. boxes.Select(Factory.ToGeometry)]);
}
