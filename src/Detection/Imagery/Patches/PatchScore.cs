namespace Monitoring.Detection.Imagery.Patches;

/// <summary>
/// What the rules alone say for a patch of one pair, [0, 1): how far its mean score lies above the threshold, and how far its size above the smallest
/// that is kept. It orders patches and is no probability; a patch's score is this only where no object model speaks for its bands. 0.5 is a patch of
/// 1.25 times the least size at 1.7 times the threshold.
/// </summary>
public static class PatchScore
{
    /// <param name="threshold">&gt; 0.</param>
    /// <param name="leastPixels">≥ 1.</param>
    public static double Of(double meanScore, double threshold, int pixels, int leastPixels)
    {
        var strength = 1 - Math.Exp(-Math.Max(0, (meanScore / threshold) - 0.5));
        var size = 1 - Math.Exp(-(double)pixels / leastPixels);
        return Math.Round(Math.Clamp(strength * size, 0, 0.999), 4);
    }
}
