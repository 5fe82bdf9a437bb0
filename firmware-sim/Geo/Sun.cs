namespace Monitoring.FirmwareSim.Geo;

/// <summary>Where the sun stands. Low-precision formulas of the Astronomical Almanac: good to 0.01 degrees until 2050.</summary>
public static class Sun
{
    /// <summary>Elevation above the horizon and azimuth clockwise from north, both in degrees.</summary>
    public static (double Elevation, double Azimuth) At(DateTimeOffset time, double longitude, double latitude)
    {
        var days = (time.UtcDateTime - new DateTime(2000, 1, 1, 12, 0, 0, DateTimeKind.Utc)).TotalDays;
        var meanLongitude = Radians(280.460 + 0.9856474 * days);
        var anomaly = Radians(357.528 + 0.9856003 * days);
        var ecliptic = meanLongitude + Radians(1.915 * Math.Sin(anomaly) + 0.020 * Math.Sin(2 * anomaly));
        var obliquity = Radians(23.439 - 0.0000004 * days);
        var ascension = Math.Atan2(Math.Cos(obliquity) * Math.Sin(ecliptic), Math.Cos(ecliptic));
        var declination = Math.Asin(Math.Sin(obliquity) * Math.Sin(ecliptic));
        var sidereal = Radians(15 * (18.697374558 + 24.06570982441908 * days) + longitude);
        var hour = sidereal - ascension;
        var phi = Radians(latitude);
        var elevation = Math.Asin(Math.Sin(phi) * Math.Sin(declination) + Math.Cos(phi) * Math.Cos(declination) * Math.Cos(hour));
        var azimuth = Math.Atan2(-Math.Sin(hour), Math.Tan(declination) * Math.Cos(phi) - Math.Sin(phi) * Math.Cos(hour));
        return (elevation * 180 / Math.PI, (azimuth * 180 / Math.PI + 360) % 360);
    }

    private static double Radians(double degrees) => degrees * Math.PI / 180;
}
