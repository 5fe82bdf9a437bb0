namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>
/// Tmask as its definition says it, one band at a time, by elimination with pivots and by sorting: what the fast screen must mark. Columns:
/// cosine and sine of one cycle a year and of one over the whole years of the window, 1.
/// </summary>
internal static class SlowCloudScreen
{
    private const double Cycle = 2 * Math.PI / 365.2425;

    /// <returns>By how much each observation is off its robust regression.</returns>
    public static double[] Off(IReadOnlyList<int> days, IReadOnlyList<double> values)
    {
        var n = days.Count;
        var years = Math.Max(1, Math.Ceiling((days[^1] - days[0]) / 365.2425));
        var x = days.Select(d => new[] { Math.Cos(Cycle * d), Math.Sin(Cycle * d), Math.Cos(Cycle / years * d), Math.Sin(Cycle / years * d), 1 }).ToArray();
        var fit = Fit(x, values, [.. Enumerable.Repeat(1.0, n)]);
        var adjust = x.Select(row => 1 / Math.Sqrt(1 - Math.Min(0.9999, Leverage(x, row)))).ToArray();
        for (var round = 0; round < 4; round++)
        {
            var residual = Residuals(x, values, fit).Select((r, i) => r * adjust[i]).ToArray();
            var scale = Scale(residual);
            var weights = residual.Select(r => Math.Abs(r / scale) < 4.685 ? Math.Pow(1 - Math.Pow(r / scale / 4.685, 2), 2) : 0).ToArray();
            var before = fit;
            fit = Fit(x, values, weights);
            if (!before.Zip(fit).Any(p => p.Second - p.First > 1e-8))
            {
                break;
            }
        }

        return [.. Residuals(x, values, fit).Select(Math.Abs)];
    }

    private static double[] Residuals(double[][] x, IReadOnlyList<double> y, double[] fit) => [.. x.Select((row, i) => y[i] - row.Zip(fit).Sum(p => p.First * p.Second))];

    private static double Scale(double[] residuals)
    {
        var sorted = residuals.Select(Math.Abs).Order().Skip(4).ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2 / 0.6745;
    }

    private static double Leverage(double[][] x, double[] row) => Solve(Squares(x, [.. Enumerable.Repeat(1.0, x.Length)]), row).Zip(row).Sum(p => p.First * p.Second);

    private static double[] Fit(double[][] x, IReadOnlyList<double> y, double[] weights) =>
        Solve(Squares(x, weights), [.. Enumerable.Range(0, 5).Select(j => x.Select((row, i) => weights[i] * row[j] * y[i]).Sum())]);

    private static double[,] Squares(double[][] x, double[] weights)
    {
        var squares = new double[5, 5];
        for (var j = 0; j < 5; j++)
        {
            for (var k = 0; k < 5; k++)
            {
                squares[j, k] = x.Select((row, i) => weights[i] * row[j] * row[k]).Sum();
            }
        }

        return squares;
    }

    private static double[] Solve(double[,] matrix, double[] right)
    {
        var (a, b) = ((double[,])matrix.Clone(), (double[])right.Clone());
        for (var c = 0; c < 5; c++)
        {
            var pivot = Enumerable.Range(c, 5 - c).MaxBy(r => Math.Abs(a[r, c]));
            (b[c], b[pivot]) = (b[pivot], b[c]);
            for (var k = 0; k < 5; k++)
            {
                (a[c, k], a[pivot, k]) = (a[pivot, k], a[c, k]);
            }

            for (var r = c + 1; r < 5; r++)
            {
                var by = a[r, c] / a[c, c];
                b[r] -= by * b[c];
                for (var k = c; k < 5; k++)
                {
                    a[r, k] -= by * a[c, k];
                }
            }
        }

        for (var c = 4; c >= 0; c--)
        {
            b[c] = (b[c] - Enumerable.Range(c + 1, 4 - c).Sum(k => a[c, k] * b[k])) / a[c, c];
        }

        return b;
    }
}
