namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>Threshold that best splits a histogram into two classes (Otsu 1979): the greatest variance between the classes.</summary>
public static class OtsuThreshold
{
    /// <param name="histogram">Counts of equally wide bins, first to last.</param>
    /// <param name="binWidth">Width of a bin; the first begins at 0.</param>
    /// <returns>The upper edge of the lower class, or null when fewer than two bins are filled.</returns>
    public static double? Find(ReadOnlySpan<long> histogram, double binWidth)
    {
        double total = 0, moment = 0;
        for (var i = 0; i < histogram.Length; i++)
        {
            total += histogram[i];
            moment += (double)i * histogram[i];
        }

        double below = 0, belowMoment = 0, best = 0;
        int? at = null;
        for (var i = 0; i < histogram.Length; i++)
        {
            below += histogram[i];
            belowMoment += (double)i * histogram[i];
            var above = total - below;
            if (below == 0 || above == 0)
            {
                continue;
            }

            var distance = (belowMoment / below) - ((moment - belowMoment) / above);
            var variance = below * above * distance * distance;
            if (variance > best)
            {
                best = variance;
                at = i;
            }
        }

        return at is { } bin ? (bin + 1) * binWidth : null;
    }
}
