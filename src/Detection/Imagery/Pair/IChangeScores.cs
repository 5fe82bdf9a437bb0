using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>What is known of a pair when scores are wanted.</summary>
/// <param name="Model">Registration and factors, learnt from a sample.</param>
public sealed record PairAtHand(PairRequest Request, BandPairing Pairing, PairModel Model);

/// <summary>
/// The seam for another way to tell change: takes the place of the pair detector's own score of each pixel. All that follows (objects,
/// least size, outlines, change set, products) is the same.
/// </summary>
public interface IChangeScores
{
    /// <summary>Detector id of what is found with these scores.</summary>
    string DetectorId { get; }

    /// <summary>Detector version; changes whenever a score may.</summary>
    string DetectorVersion { get; }

    /// <summary>From this step of the layer on (1 to 254) a pixel is changed.</summary>
    byte Threshold { get; }

    /// <summary>What kind of change these scores are of, where they are of one; else other.</summary>
    ChangeKind Kind { get; }

    /// <summary>What was used, for the provenance of the products: name, version, licence, hash, …</summary>
    IReadOnlyDictionary<string, string> Card { get; }

    /// <summary>
    /// Overwrites a layer of the comparison grid with the probability of change in steps of 1/254. A pixel that is 255, not observed,
    /// stays so.
    /// </summary>
    /// <exception cref="ImageryException">The pair does not suit; one sentence.</exception>
    void Fill(PairAtHand pair, RasterLayer scores, IProgress<DetectProgress>? progress, CancellationToken cancellation);
}
