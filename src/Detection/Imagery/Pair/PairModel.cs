using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>What the first pass learned about a pair; with it, each pixel can be judged by itself.</summary>
/// <param name="Shifts">Per compared band: where the current scene lies against the baseline.</param>
/// <param name="FactorBefore">Turns decoded values of the baseline into reflectance.</param>
/// <param name="FactorAfter">The same for the current scene.</param>
/// <param name="Calibrated">Values are reflectances, so that absolute limits (clouds, water, kinds) mean something.</param>
/// <param name="Lines">Per band: carries roots of the baseline onto roots of the current scene.</param>
/// <param name="Noise">Per band: variance of the difference of unchanged pixels.</param>
public sealed record PairModel(
    IReadOnlyList<PixelShift> Shifts,
    double FactorBefore,
    double FactorAfter,
    bool Calibrated,
    IReadOnlyList<InvariantLine> Lines,
    IReadOnlyList<DifferenceNoise> Noise,
    double NoChangeShare,
    int SamplePixels)
{
    /// <summary>What objects are measured against; its threshold is not set yet.</summary>
    public SceneContext? Scene { get; init; }
}
