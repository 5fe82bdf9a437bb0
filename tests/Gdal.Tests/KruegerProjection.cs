namespace Monitoring.Gdal.Tests;

/// <summary>
/// A second, independent Gauss–Krüger projection for comparison: L. Krüger's series in the third flattening n to n⁴
/// (coefficients as in OGP Guidance Note 7-2, method 9807, JHS), good to well under a micrometre within a few degrees of the central
/// meridian.
/// </summary>
internal sealed class KruegerProjection(double a, double inverseFlattening, double centralMeridianDegrees, double falseEasting)
{
    internal (double Easting, double Northing) Forward(double lon, double lat)
    {
        var f = 1 / inverseFlattening;
        var n = f / (2 - f);
        var e = Math.Sqrt(f * (2 - f));
        var b = a / (1 + n) * (1 + n * n / 4 + Math.Pow(n, 4) / 64);
        double[] h =
        [
            n / 2 - 2.0 / 3 * n * n + 5.0 / 16 * Math.Pow(n, 3) + 41.0 / 180 * Math.Pow(n, 4),
            13.0 / 48 * n * n - 3.0 / 5 * Math.Pow(n, 3) + 557.0 / 1440 * Math.Pow(n, 4),
            61.0 / 240 * Math.Pow(n, 3) - 103.0 / 140 * Math.Pow(n, 4),
            49561.0 / 161280 * Math.Pow(n, 4),
        ];
        var phi = lat * Math.PI / 180;
        var dLambda = (lon - centralMeridianDegrees) * Math.PI / 180;
        var q = Math.Asinh(Math.Tan(phi)) - e * Math.Atanh(e * Math.Sin(phi));
        var beta = Math.Atan(Math.Sinh(q));
        var eta0 = Math.Atanh(Math.Cos(beta) * Math.Sin(dLambda));
        var xi0 = Math.Asin(Math.Sin(beta) * Math.Cosh(eta0));
        var (xi, eta) = (xi0, eta0);
        for (var i = 1; i <= 4; i++)
        {
            xi += h[i - 1] * Math.Sin(2 * i * xi0) * Math.Cosh(2 * i * eta0);
            eta += h[i - 1] * Math.Cos(2 * i * xi0) * Math.Sinh(2 * i * eta0);
        }
        return (falseEasting + b * eta, b * xi);
    }
}
