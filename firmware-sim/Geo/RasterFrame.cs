using NetTopologySuite.Geometries;

namespace Monitoring.FirmwareSim.Geo;

/// <summary>
/// The grid of every pass, and the county's local plane. Local metres: x east from the west edge, y south from the north edge,
/// so a pixel (column, row) covers x in [column, column + 1) × 10 and y in [row, row + 1) × 10.
/// </summary>
public sealed class RasterFrame
{
    /// <summary>Edge of a pixel in metres.</summary>
    public const double PixelMeters = 10;

    /// <summary>UTM zone 50 north on WGS 84.</summary>
    public const int Epsg = 32650;

    private readonly TransverseMercator _utm = new(50);

    public RasterFrame(int columns, int rows, double centreLongitude, double centreLatitude)
    {
        Columns = columns;
        Rows = rows;
        var (easting, northing) = _utm.Project(centreLongitude, centreLatitude);
        West = Math.Round((easting - columns * PixelMeters / 2) / 20) * 20;
        North = Math.Round((northing + rows * PixelMeters / 2) / 20) * 20;
    }

    public int Columns { get; }

    public int Rows { get; }

    /// <summary>Easting of the west edge, metres.</summary>
    public double West { get; }

    /// <summary>Northing of the north edge, metres.</summary>
    public double North { get; }

    public double WidthMeters => Columns * PixelMeters;

    public double HeightMeters => Rows * PixelMeters;

    /// <summary>Local metres to degrees (longitude, latitude).</summary>
    public (double Longitude, double Latitude) ToDegrees(double x, double y) => _utm.Unproject(West + x, North - y);

    /// <summary>Degrees to local metres.</summary>
    public (double X, double Y) ToLocal(double longitude, double latitude)
    {
        var (easting, northing) = _utm.Project(longitude, latitude);
        return (easting - West, North - northing);
    }

    /// <summary>A local geometry in degrees, rings counter-clockwise outside as RFC 7946 section 3.1.6 asks.</summary>
    public Geometry ToDegrees(Geometry local)
    {
        ArgumentNullException.ThrowIfNull(local);
        var copy = local.Copy();
        copy.Apply(new DegreesFilter(this));
        copy.GeometryChanged();
        return Wind(copy);
    }

    private static Geometry Wind(Geometry geometry) => geometry switch
    {
        Polygon p => Wind(p),
        MultiPolygon m => m.Factory.CreateMultiPolygon([.. m.Geometries.Select(g => Wind((Polygon)g))]),
        _ => geometry,
    };

    private static Polygon Wind(Polygon p) => p.Factory.CreatePolygon(
        Turn(p.Shell, true), [.. p.Holes.Select(h => Turn(h, false))]);

    private static LinearRing Turn(LinearRing ring, bool counterClockwise) =>
        ring.IsCCW == counterClockwise ? ring : (LinearRing)ring.Reverse();

    private sealed class DegreesFilter(RasterFrame frame) : ICoordinateSequenceFilter
    {
        public bool Done => false;

        public bool GeometryChanged => true;

        public void Filter(CoordinateSequence seq, int i)
        {
            var (lon, lat) = frame.ToDegrees(seq.GetX(i), seq.GetY(i));
            // Seven decimals are a centimetre; more would only make the files longer.
            seq.SetX(i, Math.Round(lon, 7));
            seq.SetY(i, Math.Round(lat, 7));
        }
    }
}
