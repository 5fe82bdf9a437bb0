namespace Monitoring.Detection.Imagery.Patches;

/// <summary>
/// Confidence in [0, 1) that a patch is a real change, from one pair: how far its mean score lies above the threshold, and how far its
/// size above the smallest that is kept. Neither alone is convincing; 0.5 is a patch of twice the least size at 1.5 times the threshold.
/// </summary>
public static class PatchScore
{
    public static double Of(double meanScore, double threshold, int pixels, int leastPixels)
    {
        var strength = 1 - Math.Exp(-Math.Max(0, (meanScore / threshold) - 0.5));
        var size = 1 - Math.Exp(-(double)pixels / leastPixels);
        return Math.Round(Math.Clamp(strength * size, 0, 0.999), 4);
    }
}
