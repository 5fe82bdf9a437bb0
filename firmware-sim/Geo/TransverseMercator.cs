namespace Monitoring.FirmwareSim.Geo;

/// <summary>
/// UTM on WGS 84 by the series of Krüger (1912) to the fourth order in the third flattening: better than a millimetre inside
/// the zone. Written out here because the simulator shares no code with the product that it is to put to the test.
/// </summary>
public sealed class TransverseMercator
{
    private const double SemiMajorMeters = 6378137.0;
    private const double Flattening = 1 / 298.257223563;
    private const double ScaleOnMeridian = 0.9996;
    private const double FalseEastingMeters = 500_000;

    private readonly double _centralMeridian;
    private readonly double _rectifyingRadius;
    private readonly double[] _alpha;
    private readonly double[] _beta;
    private readonly double _e;

    /// <param name="zone">UTM zone of the northern hemisphere, 1 to 60.</param>
    public TransverseMercator(int zone)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(zone, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(zone, 60);
        _centralMeridian = (zone * 6 - 183) * Math.PI / 180;
        _e = Math.Sqrt(Flattening * (2 - Flattening));
        var n = Flattening / (2 - Flattening);
        double n2 = n * n, n3 = n2 * n, n4 = n3 * n;
        _rectifyingRadius = SemiMajorMeters / (1 + n) * (1 + n2 / 4 + n4 / 64);
        _alpha =
        [
            n / 2 - 2 * n2 / 3 + 5 * n3 / 16 + 41 * n4 / 180,
            13 * n2 / 48 - 3 * n3 / 5 + 557 * n4 / 1440,
            61 * n3 / 240 - 103 * n4 / 140,
            49561 * n4 / 161280,
        ];
        _beta =
        [
            n / 2 - 2 * n2 / 3 + 37 * n3 / 96 - n4 / 360,
            n2 / 48 + n3 / 15 - 437 * n4 / 1440,
            17 * n3 / 480 - 37 * n4 / 840,
            4397 * n4 / 161280,
        ];
    }

    /// <summary>Degrees to metres.</summary>
    public (double Easting, double Northing) Project(double longitude, double latitude)
    {
        var phi = latitude * Math.PI / 180;
        var lambda = longitude * Math.PI / 180 - _centralMeridian;
        var sin = Math.Sin(phi);
        var conformal = Math.Sinh(Math.Atanh(sin) - _e * Math.Atanh(_e * sin));
        var xi0 = Math.Atan2(conformal, Math.Cos(lambda));
        var eta0 = Math.Asinh(Math.Sin(lambda) / Math.Sqrt(conformal * conformal + Math.Cos(lambda) * Math.Cos(lambda)));
        double xi = xi0, eta = eta0;
        for (var j = 1; j <= 4; j++)
        {
            xi += _alpha[j - 1] * Math.Sin(2 * j * xi0) * Math.Cosh(2 * j * eta0);
            eta += _alpha[j - 1] * Math.Cos(2 * j * xi0) * Math.Sinh(2 * j * eta0);
        }

        return (FalseEastingMeters + ScaleOnMeridian * _rectifyingRadius * eta, ScaleOnMeridian * _rectifyingRadius * xi);
    }

    /// <summary>Metres to degrees.</summary>
    public (double Longitude, double Latitude) Unproject(double easting, double northing)
    {
        var xi = northing / (ScaleOnMeridian * _rectifyingRadius);
        var eta = (easting - FalseEastingMeters) / (ScaleOnMeridian * _rectifyingRadius);
        double xi0 = xi, eta0 = eta;
        for (var j = 1; j <= 4; j++)
        {
            xi0 -= _beta[j - 1] * Math.Sin(2 * j * xi) * Math.Cosh(2 * j * eta);
            eta0 -= _beta[j - 1] * Math.Cos(2 * j * xi) * Math.Sinh(2 * j * eta);
        }

        var lambda = Math.Atan2(Math.Sinh(eta0), Math.Cos(xi0));
        var tauConformal = Math.Sin(xi0) / Math.Sqrt(Math.Sinh(eta0) * Math.Sinh(eta0) + Math.Cos(xi0) * Math.Cos(xi0));
        // Newton on the conformal latitude (Karney 2011, eq. 19-21); three steps reach double precision.
        var tau = tauConformal;
        for (var i = 0; i < 5; i++)
        {
            var root = Math.Sqrt(1 + tau * tau);
            var sigma = Math.Sinh(_e * Math.Atanh(_e * tau / root));
            var now = tau * Math.Sqrt(1 + sigma * sigma) - sigma * root;
            tau += (tauConformal - now) / Math.Sqrt(1 + now * now)
                * (1 + (1 - _e * _e) * tau * tau) / ((1 - _e * _e) * root);
        }

        return ((lambda + _centralMeridian) * 180 / Math.PI, Math.Atan(tau) * 180 / Math.PI);
    }
}
