using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// A plane in metres that touches the CGCS2000 ellipsoid at one point: x = (λ − λ₀)·N·cos φ₀, y = (φ − φ₀)·M, with the radii of
/// curvature M (meridian) and N (prime vertical) at that point.
/// </summary>
/// <remarks>
/// For tolerances and distances near the point, not for areas that are told (those are geodesic). The scale error grows with the
/// distance d from the point as about d/R·tan φ: 0.1 % at 10 km and 36° latitude, so a tolerance of 10 m is right to a centimetre
/// anywhere near a patch.
/// </remarks>
public sealed class LocalPlane
{
    private const double SemiMajorMeters = 6_378_137;
    private const double Flattening = 1 / 298.257222101;
    private const double DegreesToRadians = Math.PI / 180;

    private readonly double _longitude;
    private readonly double _latitude;
    private readonly double _metersPerDegreeX;
    private readonly double _metersPerDegreeY;

    /// <param name="longitude">Degrees of the touching point.</param>
    /// <param name="latitude">Degrees, in (−89.9, 89.9).</param>
    public LocalPlane(double longitude, double latitude)
    {
        if (!(latitude is > -89.9 and < 89.9))
        {
            throw new ArgumentOutOfRangeException(nameof(latitude), latitude, "The plane does not reach the poles.");
        }

        (_longitude, _latitude) = (longitude, latitude);
        var sin = Math.Sin(latitude * DegreesToRadians);
        var e2 = Flattening * (2 - Flattening);
        var w = Math.Sqrt(1 - (e2 * sin * sin));
        _metersPerDegreeX = SemiMajorMeters / w * Math.Cos(latitude * DegreesToRadians) * DegreesToRadians;
        _metersPerDegreeY = SemiMajorMeters * (1 - e2) / (w * w * w) * DegreesToRadians;
        AreaBend = ((4 * e2 * sin * Math.Cos(latitude * DegreesToRadians) / (w * w)) - Math.Tan(latitude * DegreesToRadians)) * DegreesToRadians / _metersPerDegreeY;
    }

    /// <summary>
    /// How much larger, per metre of y, the ground is than the plane: 1/J·dJ/dy with J = M·N·cos φ, in 1/m. An area in (x, y + bend·y²/2) is
    /// that on the ellipsoid, to 10⁻⁷ within 2 km of the point, but for the bow between an edge and its geodesic (8·10⁻⁹·s³ m² for one of s metres).
    /// </summary>
    internal double AreaBend { get; }

    /// <summary>The plane at the middle of a box in degrees.</summary>
    public static LocalPlane At(Envelope box) => new((box.MinX + box.MaxX) / 2, (box.MinY + box.MaxY) / 2);

    /// <summary>A copy of a geometry in degrees, in metres.</summary>
    public Geometry ToMeters(Geometry lonLat) => Map(lonLat, (x, y) => ((x - _longitude) * _metersPerDegreeX, (y - _latitude) * _metersPerDegreeY));

    /// <summary>A copy of a geometry in metres, in degrees.</summary>
    public Geometry ToDegrees(Geometry meters) => Map(meters, (x, y) => (_longitude + (x / _metersPerDegreeX), _latitude + (y / _metersPerDegreeY)));

    /// <summary>The same of one place.</summary>
    internal (double X, double Y) ToMeters(double longitude, double latitude) =>
        ((longitude - _longitude) * _metersPerDegreeX, (latitude - _latitude) * _metersPerDegreeY);

    internal (double Longitude, double Latitude) ToDegrees(double x, double y) => (_longitude + (x / _metersPerDegreeX), _latitude + (y / _metersPerDegreeY));

    /// <summary>
    /// The area in m² between an edge of one metre, straight in degrees, and the geodesic between its ends is at most this; that of one of s metres s³ times as much.
    /// </summary>
    internal double BowShare => 1.2 * Math.Abs(Math.Tan(_latitude * DegreesToRadians)) / (12 * SemiMajorMeters);

    /// <summary>A box in degrees, grown on all sides by a distance in metres.</summary>
    public Envelope Grow(Envelope box, double meters) =>
        new(box.MinX - (meters / _metersPerDegreeX), box.MaxX + (meters / _metersPerDegreeX), box.MinY - (meters / _metersPerDegreeY), box.MaxY + (meters / _metersPerDegreeY));

    /// <summary>Distance in metres in the plane between two places in degrees.</summary>
    public double DistanceMeters(Coordinate a, Coordinate b)
    {
        var (dx, dy) = ((a.X - b.X) * _metersPerDegreeX, (a.Y - b.Y) * _metersPerDegreeY);
        return Math.Sqrt((dx * dx) + (dy * dy));
    }

    private static Geometry Map(Geometry geometry, Func<double, double, (double X, double Y)> map)
    {
        var copy = geometry.Copy();
        copy.Apply(new MapFilter(map));
        copy.GeometryChanged();
        return copy;
    }

    private sealed class MapFilter(Func<double, double, (double X, double Y)> map) : IEntireCoordinateSequenceFilter
    {
        public bool Done => false;

        public bool GeometryChanged => true;

        public void Filter(CoordinateSequence seq)
        {
            for (var i = 0; i < seq.Count; i++)
            {
                var (x, y) = map(seq.GetX(i), seq.GetY(i));
                seq.SetX(i, x);
                seq.SetY(i, y);
            }
        }
    }
}
