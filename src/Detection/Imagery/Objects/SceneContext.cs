namespace Monitoring.Detection.Imagery.Objects;

/// <summary>What an object is measured against: statistics of its pair of scenes, from the sample of the first pass.</summary>
/// <param name="MeanRoot">Mean over clear sampled pixels of the root of the later date's reflectance; NaN for missing bands.</param>
/// <param name="DeviationRoot">Its standard deviation.</param>
/// <param name="MeanBrightness">Mean of (blue + green + red)/3 of the later date, as reflectance.</param>
/// <param name="DeviationBrightness">Its standard deviation.</param>
/// <param name="MeanTexture">Mean texture of the later date, as <see cref="ObjectSums.Lane.TextureAfter"/>; &gt; 0.</param>
/// <param name="Calibrated">Values are reflectances, so that indices have their usual meaning.</param>
/// <param name="Threshold">Score from which a pixel counts as changed by the rules alone.</param>
/// <param name="GsdMeters">Side of a pixel.</param>
public sealed record SceneContext(
    RoleValues MeanRoot, RoleValues DeviationRoot, double MeanBrightness, double DeviationBrightness, double MeanTexture, bool Calibrated, double Threshold, double GsdMeters);

/// <summary>Gathers a <see cref="SceneContext"/> pixel by pixel. Not thread-safe.</summary>
public sealed class SceneTally
{
    private readonly double[] _sum = new double[RoleValues.Count];
    private readonly double[] _square = new double[RoleValues.Count];
    private double _bright, _bright2, _texture;
    private long _pixels;

    /// <param name="after">Reflectance of the later date; NaN for missing bands.</param>
    public void Add(in RoleValues after, double textureAfter)
    {
        _pixels++;
        for (var k = 0; k < RoleValues.Count; k++)
        {
            var root = Math.Sqrt(Math.Max(0, after[k]));
            _sum[k] += root;
            _square[k] += root * root;
        }

        double bright = (after[0] + after[1] + after[2]) / 3;
        _bright += bright;
        _bright2 += bright * bright;
        _texture += textureAfter;
    }

    /// <summary>Adds what another has gathered. Sums of doubles: the same parts in the same order give the same.</summary>
    public void Add(SceneTally other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var k = 0; k < RoleValues.Count; k++)
        {
            _sum[k] += other._sum[k];
            _square[k] += other._square[k];
        }

        (_bright, _bright2, _texture, _pixels) = (_bright + other._bright, _bright2 + other._bright2, _texture + other._texture, _pixels + other._pixels);
    }

    public SceneContext Context(bool calibrated, double threshold, double gsdMeters)
    {
        RoleValues mean = default, deviation = default;
        for (var k = 0; k < RoleValues.Count; k++)
        {
            mean[k] = (float)(_sum[k] / _pixels);
            deviation[k] = (float)Deviation(_sum[k], _square[k]);
        }

        return new SceneContext(mean, deviation, _bright / _pixels, Deviation(_bright, _bright2), Math.Max(1e-9, _texture / _pixels), calibrated, threshold, gsdMeters);
    }

    private double Deviation(double sum, double square) => Math.Sqrt(Math.Max(1e-12, (square / _pixels) - (sum / _pixels * (sum / _pixels))));
}
