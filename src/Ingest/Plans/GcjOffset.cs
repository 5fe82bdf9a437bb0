namespace Monitoring.Ingest.Plans;

/// <summary>
/// The offset of GCJ-02 (火星坐标), the datum of commercial Chinese base maps, against CGCS2000: 100 to 700 m, changing slowly from place to
/// place. The formula is the one that public tools agree on; it has no official publication. Good to about a metre.
/// </summary>
internal static class GcjOffset
{
    private const double Axis = 6_378_245.0, Eccentricity2 = 0.00669342162296594323;

    /// <summary>The GCJ-02 position of a true one, in degrees.</summary>
    public static (double Lon, double Lat) Apply(double lon, double lat)
    {
        var (dLon, dLat) = At(lon, lat);
        return (lon + dLon, lat + dLat);
    }

    /// <summary>The true position of a GCJ-02 one, in degrees; to a few centimetres.</summary>
    public static (double Lon, double Lat) Remove(double lon, double lat)
    {
        double x = lon, y = lat;
        for (var i = 0; i < 4; i++)
        {
            var (dLon, dLat) = At(x, y);
            (x, y) = (lon - dLon, lat - dLat);
        }

        return (x, y);
    }

    /// <summary>The offset in degrees at a true position; none outside the region where it is used.</summary>
    public static (double Lon, double Lat) At(double lon, double lat)
    {
        if (lon is < 72.004 or > 137.8347 || lat is < 0.8293 or > 55.8271)
            return (0, 0);
        double x = lon - 105, y = lat - 35, root = Math.Sqrt(Math.Abs(x));
        var common = ((20 * Math.Sin(6 * x * Math.PI)) + (20 * Math.Sin(2 * x * Math.PI))) * 2 / 3;
        var north = -100 + (2 * x) + (3 * y) + (0.2 * y * y) + (0.1 * x * y) + (0.2 * root) + common
            + (((20 * Math.Sin(y * Math.PI)) + (40 * Math.Sin(y / 3 * Math.PI))) * 2 / 3)
            + (((160 * Math.Sin(y / 12 * Math.PI)) + (320 * Math.Sin(y * Math.PI / 30))) * 2 / 3);
        var east = 300 + x + (2 * y) + (0.1 * x * x) + (0.1 * x * y) + (0.1 * root) + common
            + (((20 * Math.Sin(x * Math.PI)) + (40 * Math.Sin(x / 3 * Math.PI))) * 2 / 3)
            + (((150 * Math.Sin(x / 12 * Math.PI)) + (300 * Math.Sin(x / 30 * Math.PI))) * 2 / 3);
        var phi = lat * Math.PI / 180;
        var magic = 1 - (Eccentricity2 * Math.Sin(phi) * Math.Sin(phi));
        return (
            east * 180 / (Axis / Math.Sqrt(magic) * Math.Cos(phi) * Math.PI),
            north * 180 / (Axis * (1 - Eccentricity2) / (magic * Math.Sqrt(magic)) * Math.PI));
    }
}
