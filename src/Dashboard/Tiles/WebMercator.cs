using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Tiles;

/// <summary>
/// Tiles of the web: EPSG:3857 (Snyder 1987, p. 41, on a sphere of the WGS 84 semi-major axis), 2^z × 2^z tiles from the north-west
/// corner. CGCS2000 and WGS 84 degrees differ by less than a tenth of a millimetre in figure and count as the same here.
/// </summary>
internal static class WebMercator
{
    public const int DeepestZoom = 22;

    private const double Radius = 6378137;

    /// <summary>Half the side of the world square in metres.</summary>
    public const double Half = Math.PI * Radius;

    public static bool IsTile(int z, int x, int y) => z is >= 0 and <= DeepestZoom && x >= 0 && y >= 0 && x < 1 << z && y < 1 << z;

    public static double X(double longitude) => longitude * Half / 180;

    public static double Y(double latitude) => Radius * Math.Log(Math.Tan((Math.PI / 4) + (Math.Clamp(latitude, -85.06, 85.06) * Math.PI / 360)));

    public static double Longitude(double x) => x * 180 / Half;

    public static double Latitude(double y) => (2 * Math.Atan(Math.Exp(y / Radius)) - (Math.PI / 2)) * 180 / Math.PI;

    /// <summary>West, south, east, north in metres.</summary>
    public static Envelope MetersOf(int z, int x, int y)
    {
        var side = 2 * Half / (1 << z);
        return new Envelope(-Half + (x * side), -Half + ((x + 1) * side), Half - ((y + 1) * side), Half - (y * side));
    }

    public static Envelope ToDegrees(Envelope meters) => new(Longitude(meters.MinX), Longitude(meters.MaxX), Latitude(meters.MinY), Latitude(meters.MaxY));

    public static Envelope ToMeters(Envelope degrees) => new(X(degrees.MinX), X(degrees.MaxX), Y(degrees.MinY), Y(degrees.MaxY));

    /// <summary>A copy in metres.</summary>
    public static Geometry ToMeters(Geometry degrees)
    {
        var copy = degrees.Copy();
        copy.Apply(new Projection());
        copy.GeometryChanged();
        return copy;
    }

    private sealed class Projection : ICoordinateSequenceFilter
    {
        public bool Done => false;

        public bool GeometryChanged => true;

        public void Filter(CoordinateSequence seq, int i)
        {
            seq.SetX(i, X(seq.GetX(i)));
            seq.SetY(i, Y(seq.GetY(i)));
        }
    }
}
