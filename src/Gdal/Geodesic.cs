using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>
/// True lengths and areas on an ellipsoid, by Karney's algorithms as PROJ implements them
/// (C. F. F. Karney, Algorithms for geodesics, J. Geodesy 87, 2013): distances right to about 15 nm, areas to about 0.1 m² per vertex.
/// </summary>
/// <remarks>
/// Coordinates are degrees, longitude first; edges are geodesics, not straight lines of a map. Poles and the antimeridian need no care.
/// <b>Threads.</b> Immutable; safe for any number of threads.
/// </remarks>
public sealed unsafe class Geodesic
{
    // sizeof(struct geod_geodesic) is 51 doubles in PROJ 9; the room to spare is for longer series in later ones.
    private const int GeodesicDoubles = 128;

    private readonly double[] _geodesic;

    /// <summary>Prepares an ellipsoid.</summary>
    /// <param name="semiMajorMetres">Equatorial radius a in metres, &gt; 0.</param>
    /// <param name="flattening">f = (a − b) / a, in [0, 0.02].</param>
    public Geodesic(double semiMajorMetres, double flattening)
    {
        if (!double.IsFinite(semiMajorMetres))
            throw new ArgumentOutOfRangeException(nameof(semiMajorMetres));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(semiMajorMetres);
        if (!(flattening is >= 0 and <= 0.02))
            throw new ArgumentOutOfRangeException(nameof(flattening), flattening, "The flattening must lie in [0, 0.02].");
        SemiMajorMetres = semiMajorMetres;
        Flattening = flattening;
        GdalLibrary.Initialize();
        _geodesic = new double[GeodesicDoubles];
        fixed (double* geodesic = _geodesic)
            GdalNative.geod_init(geodesic, semiMajorMetres, flattening);
    }

    /// <summary>CGCS2000 (GB 22021-2008, EPSG ellipsoid 1024): a = 6378137 m, 1/f = 298.257222101.</summary>
    public static Geodesic Cgcs2000 => Cgcs2000Holder.Value;

    /// <summary>WGS 84: a = 6378137 m, 1/f = 298.257223563.</summary>
    public static Geodesic Wgs84 => Wgs84Holder.Value;

    /// <summary>The ellipsoid of a CRS.</summary>
    public static Geodesic Of(SpatialReference crs)
    {
        ArgumentNullException.ThrowIfNull(crs);
        var (a, inverse) = crs.Ellipsoid;
        return new(a, inverse == 0 ? 0 : 1 / inverse);
    }

    /// <summary>Equatorial radius in metres.</summary>
    public double SemiMajorMetres { get; }

    /// <summary>(a − b) / a.</summary>
    public double Flattening { get; }

    /// <summary>
    /// Length in metres of the shortest path between two points, and its azimuths in degrees clockwise from north, in (−180, 180],
    /// at both ends.
    /// </summary>
    public (double Metres, double Azimuth1, double Azimuth2) Inverse(double lon1, double lat1, double lon2, double lat2)
    {
        MustBeLatitude(lat1);
        MustBeLatitude(lat2);
        double metres, azimuth1, azimuth2;
        fixed (double* geodesic = _geodesic)
            GdalNative.geod_inverse(geodesic, lat1, lon1, lat2, lon2, &metres, &azimuth1, &azimuth2);
        return (metres, azimuth1, azimuth2);
    }

    /// <summary>
    /// Where a path of the given azimuth (degrees clockwise from north) and length in metres ends; longitude in [−180, 180].
    /// </summary>
    public (double Lon, double Lat, double Azimuth2) Direct(double lon, double lat, double azimuth, double metres)
    {
        MustBeLatitude(lat);
        double lat2, lon2, azimuth2;
        fixed (double* geodesic = _geodesic)
            GdalNative.geod_direct(geodesic, lat, lon, azimuth, metres, &lat2, &lon2, &azimuth2);
        return (lon2, lat2, azimuth2);
    }

    /// <summary>Length in metres of a line through the points; 0 for fewer than two.</summary>
    public double Length(ReadOnlySpan<double> lon, ReadOnlySpan<double> lat)
    {
        MustPair(lon, lat);
        var sum = 0.0;
        for (var i = 1; i < lon.Length; i++)
            sum += Inverse(lon[i - 1], lat[i - 1], lon[i], lat[i]).Metres;
        return sum;
    }

    /// <summary>
    /// Area in m² and perimeter in metres of one ring, which closes by itself (repeating the first point is fine). The area is
    /// positive when the ring runs counter-clockwise, negative when clockwise, and of the smaller side of the Earth.
    /// </summary>
    public (double Area, double Perimeter) Ring(ReadOnlySpan<double> lon, ReadOnlySpan<double> lat)
    {
        MustPair(lon, lat);
        foreach (var value in lat)
            MustBeLatitude(value);
        if (lon.IsEmpty)
            return (0, 0);
        double area, perimeter;
        fixed (double* geodesic = _geodesic, longitudes = lon, latitudes = lat)
            GdalNative.geod_polygonarea(geodesic, latitudes, longitudes, lon.Length, &area, &perimeter);
        return (area, perimeter);
    }

    /// <summary>
    /// Area in m² (≥ 0, holes taken off) and length in metres of a geometry given as WKB in degrees, longitude first. Polygons give the
    /// perimeter of all their rings as length, lines their length and area 0, points 0 and 0; parts of multi-geometries and
    /// collections are summed. The direction of rings does not matter; overlapping parts count twice.
    /// </summary>
    /// <exception cref="FormatException">The bytes are not WKB (ISO or EWKB, either byte order), or hold curves.</exception>
    public (double Area, double Length) Measure(ReadOnlySpan<byte> wkb)
    {
        var reader = new WkbMeasure(this, wkb);
        return reader.Read();
    }

    private static void MustPair(ReadOnlySpan<double> lon, ReadOnlySpan<double> lat)
    {
        if (lon.Length != lat.Length)
            throw new ArgumentException($"There are {lon.Length} longitudes and {lat.Length} latitudes.", nameof(lat));
    }

    private static void MustBeLatitude(double degrees)
    {
        if (!(degrees is >= -90 and <= 90))
            throw new ArgumentOutOfRangeException(nameof(degrees), degrees,
                "A latitude lies in [−90, 90] degrees; are longitude and latitude swapped, or are these metres?");
    }

    private static class Cgcs2000Holder
    {
        internal static readonly Geodesic Value = new(6378137, 1 / 298.257222101);
    }

    private static class Wgs84Holder
    {
        internal static readonly Geodesic Value = new(6378137, 1 / 298.257223563);
    }
}
