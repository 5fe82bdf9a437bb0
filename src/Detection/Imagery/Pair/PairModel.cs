using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>What the first pass learned about a pair; with it, each pixel can be judged by itself.</summary>
/// <param name="Shifts">Per compared band: where the current scene lies against the baseline.</param>
/// <param name="Calibrated">Values are reflectances, so that absolute limits (clouds, water, kinds) mean something.</param>
/// <param name="Lines">Per band: carries roots of the baseline onto roots of the current scene.</param>
/// <param name="Noise">Per band: variance of the difference of unchanged pixels.</param>
/// <param name="NoChangeShare">Share of the sampled pixels that multivariate alteration detection takes as unchanged, [0, 1].</param>
/// <param name="SamplePixels">Pixels that the statistics come from.</param>
/// <param name="Threshold">Least score of a changed pixel, in steps of 1/<see cref="PairDetector.ScoreSteps"/>.</param>
/// <param name="Otsu">Otsu's split of the sampled scores; null when they have only one value.</param>
public sealed record PairModel(
    IReadOnlyList<PixelShift> Shifts,
    bool Calibrated,
    IReadOnlyList<InvariantLine> Lines,
    IReadOnlyList<DifferenceNoise> Noise,
    double NoChangeShare,
    int SamplePixels,
    byte Threshold,
    double? Otsu)
{
    /// <summary>The threshold as a score.</summary>
    public double ThresholdScore => Threshold / (double)PairDetector.ScoreSteps;

    /// <summary>Least score of a candidate pixel, in the same steps: the threshold, or below it when a model sorts what is found.</summary>
    public byte Candidate { get; init; } = Threshold;

    /// <summary>Whether the object model decides which objects are kept.</summary>
    public bool ModelDecides { get; init; }

    /// <summary>What objects are measured against; null before the sample is learnt.</summary>
    public SceneContext? Scene { get; init; }

    /// <summary>How the baseline's stored numbers become roots on the current scene's radiometry, per band.</summary>
    internal RowMath.Decoding[] DecodingBefore { get; init; } = [];

    /// <summary>The same for the current scene, whose radiometry is the common one.</summary>
    internal RowMath.Decoding[] DecodingAfter { get; init; } = [];
}
