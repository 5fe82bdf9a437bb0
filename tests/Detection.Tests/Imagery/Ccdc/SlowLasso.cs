namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>
/// The lasso as its definition says it, one band at a time on centred columns and residuals, without sums of products or lanes: what the
/// fast fit must equal. Columns: days since the first, cosine and sine of one to three cycles a year of 365.2425 days.
/// </summary>
internal static class SlowLasso
{
    public static (double[] Coefficients, double Intercept, double Rmse) Fit(
        IReadOnlyList<int> days, IReadOnlyList<double> values, int firstDay, int coefficients, double penalty = 1, double tolerance = 1e-4, int rounds = 1000)
    {
        var (n, p) = (days.Count, coefficients - 1);
        var x = new double[p][];
        for (var j = 0; j < p; j++)
        {
            x[j] = [.. days.Select(d => Column(d, j, firstDay))];
        }

        var xMean = x.Select(c => c.Average()).ToArray();
        var yMean = values.Average();
        for (var j = 0; j < p; j++)
        {
            x[j] = [.. x[j].Select(v => v - xMean[j])];
        }

        var residual = values.Select(v => v - yMean).ToArray();
        var energy = residual.Sum(v => v * v);
        var y = (double[])residual.Clone();
        var w = new double[p];
        for (var round = 1; round <= rounds; round++)
        {
            var (largest, step) = (0.0, 0.0);
            for (var j = 0; j < p; j++)
            {
                var norm = x[j].Sum(v => v * v);
                if (norm == 0)
                {
                    continue;
                }

                var old = w[j];
                var rho = Enumerable.Range(0, n).Sum(i => x[j][i] * (residual[i] + (old * x[j][i])));
                w[j] = Math.Sign(rho) * Math.Max(Math.Abs(rho) - (penalty * n), 0) / norm;
                for (var i = 0; i < n; i++)
                {
                    residual[i] -= (w[j] - old) * x[j][i];
                }

                (largest, step) = (Math.Max(largest, Math.Abs(w[j])), Math.Max(step, Math.Abs(w[j] - old)));
            }

            if (step <= largest * tolerance || round == rounds)
            {
                var steepest = Enumerable.Range(0, p).Max(j => Math.Abs(Enumerable.Range(0, n).Sum(i => x[j][i] * residual[i])));
                var rr = residual.Sum(v => v * v);
                var scale = steepest > penalty * n ? penalty * n / steepest : 1;
                var gap = (steepest > penalty * n ? 0.5 * rr * (1 + (scale * scale)) : rr)
                    + (penalty * n * w.Sum(Math.Abs)) - (scale * Enumerable.Range(0, n).Sum(i => residual[i] * y[i]));
                if (gap < tolerance * energy)
                {
                    break;
                }
            }
        }

        return (w, yMean - Enumerable.Range(0, p).Sum(j => w[j] * xMean[j]), Math.Sqrt(residual.Sum(v => v * v) / (n - coefficients)));
    }

    private static double Column(int day, int column, int firstDay)
    {
        var angle = 2 * Math.PI / 365.2425 * day * ((column + 1) / 2);
        return column == 0 ? day - firstDay : column % 2 == 1 ? Math.Cos(angle) : Math.Sin(angle);
    }
}
