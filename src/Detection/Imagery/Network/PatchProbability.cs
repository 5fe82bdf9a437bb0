using Monitoring.Detection.Imagery.Pair;

namespace Monitoring.Detection.Imagery.Network;

/// <summary>What a network gave for the pixels of one patch.</summary>
/// <param name="Mean">Mean of the layer's steps, in sixteenths as all scores are.</param>
/// <param name="Peak">Highest step, in sixteenths.</param>
internal readonly record struct PatchProbability(double Mean, double Peak)
{
    /// <summary>Mean probability in [0, 1].</summary>
    public double Share => Mean * PairDetector.ScoreSteps / 254;

    public double PeakShare => Peak * PairDetector.ScoreSteps / 254;

    /// <summary>For the patches 1 to <paramref name="count"/> of the labels.</summary>
    public static PatchProbability[] Of(int count, RasterLayer labels, RasterLayer scores)
    {
        var sums = new long[count];
        var pixels = new long[count];
        var peaks = new byte[count];
        var patch = new RowReader<int>(labels);
        var step = new RowReader<byte>(scores);
        for (var y = 0; y < labels.Height && count > 0; y++)
        {
            var of = patch.Row(y);
            var row = step.Row(y);
            for (var x = 0; x < of.Length; x++)
            {
                if (of[x] > 0)
                {
                    sums[of[x] - 1] += row[x];
                    pixels[of[x] - 1]++;
                    peaks[of[x] - 1] = Math.Max(peaks[of[x] - 1], row[x]);
                }
            }
        }

        return [.. Enumerable.Range(0, count).Select(i => new PatchProbability(
            sums[i] / (double)Math.Max(1, pixels[i]) / PairDetector.ScoreSteps, peaks[i] / (double)PairDetector.ScoreSteps))];
    }
}
