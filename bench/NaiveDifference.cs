using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Bench;

/// <summary>What anybody would try first: the baselines beside the detector's figures.</summary>
internal static class NaiveDifference
{
    private const int Bins = 512;

    /// <summary>F1 of the length of the change vector of standardised bands, at Otsu's split and at the threshold that suits the label best.</summary>
    public static (double Otsu, double Best) Of(Scene before, Scene after, byte[] label)
    {
        var (a, b, valid) = Load(before, after);
        var length = new double[label.Length];
        for (var k = 0; k < a.Length; k++)
        {
            var (ma, sa) = Moments(a[k], valid);
            var (mb, sb) = Moments(b[k], valid);
            for (var i = 0; i < length.Length; i++)
            {
                var d = ((b[k][i] - mb) / sb) - ((a[k][i] - ma) / sa);
                length[i] += d * d;
            }
        }

        for (var i = 0; i < length.Length; i++)
        {
            length[i] = Math.Sqrt(length[i]);
        }

        var most = length.Where((_, i) => valid[i]).Max();
        var histogram = new long[Bins];
        var hits = new long[Bins];
        var misses = new long[Bins];
        for (var i = 0; i < length.Length; i++)
        {
            if (valid[i])
            {
                var bin = Math.Min(Bins - 1, (int)(length[i] / most * Bins));
                histogram[bin]++;
                hits[bin] += label[i] == 2 ? 1 : 0;
                misses[bin] += label[i] == 1 ? 1 : 0;
            }
        }

        var labelled = label.Count(l => l == 2);
        var otsu = (int)Math.Round((OtsuThreshold.Find(histogram, 1) ?? Bins) - 0.0);
        long tp = 0, fp = 0;
        double atOtsu = 0, best = 0;
        for (var bin = Bins - 1; bin >= 0; bin--)
        {
            tp += hits[bin];
            fp += misses[bin];
            var f1 = 2.0 * tp / Math.Max(1, tp + fp + labelled);
            best = Math.Max(best, f1);
            atOtsu = bin == otsu ? f1 : atOtsu;
        }

        return (atOtsu, best);
    }

    /// <summary>F1 of iteratively reweighted multivariate alteration detection alone, for each bound on the probability of no change.</summary>
    /// <param name="literal">As published; else scaled to the median in each round, as the detector does.</param>
    public static double[] Alteration(Scene before, Scene after, byte[] label, bool literal, double[] bounds)
    {
        var (a, b, _) = Load(before, after);
        var unchanged = MultivariateAlteration.NoChangeProbability(a, b, 50, literal) ?? throw new InvalidOperationException("The bands are linearly dependent.");
        return [.. bounds.Select(bound =>
        {
            long tp = 0, fp = 0, fn = 0;
            for (var i = 0; i < label.Length; i++)
            {
                var told = unchanged[i] < bound;
                tp += told && label[i] == 2 ? 1 : 0;
                fp += told && label[i] == 1 ? 1 : 0;
                fn += !told && label[i] == 2 ? 1 : 0;
            }

            return 2.0 * tp / Math.Max(1, (2 * tp) + fp + fn);
        })];
    }

    private static (float[][] Before, float[][] After, bool[] Valid) Load(Scene before, Scene after)
    {
        var pairing = BandPairing.Of(before, after);
        var (grid, bands) = (before.Grid, pairing.Pairs.Count);
        var pixels = grid.Width * grid.Height;
        var (a, seenBefore) = Read(before, [.. pairing.Pairs.Select(p => p.Before)]);
        var (b, seenAfter) = Read(after, [.. pairing.Pairs.Select(p => p.After)]);
        return (a, b, [.. seenBefore.Zip(seenAfter, (x, y) => x == PixelQuality.Clear && y == PixelQuality.Clear)]);

        (float[][] Planes, PixelQuality[] Seen) Read(Scene scene, int[] which)
        {
            using var reader = new GridReader(scene, grid, which, null, []);
            var planes = new float[bands * pixels];
            var seen = new PixelQuality[pixels];
            reader.Read(new PixelWindow(0, 0, grid.Width, grid.Height), planes, seen);
            return ([.. Enumerable.Range(0, bands).Select(k => planes.AsSpan(k * pixels, pixels).ToArray())], seen);
        }
    }

    private static (double Mean, double Deviation) Moments(float[] values, bool[] valid)
    {
        double sum = 0, square = 0;
        long n = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (valid[i])
            {
                sum += values[i];
                square += (double)values[i] * values[i];
                n++;
            }
        }

        return (sum / n, Math.Sqrt(Math.Max(1e-12, (square / n) - (sum / n * (sum / n)))));
    }
}
