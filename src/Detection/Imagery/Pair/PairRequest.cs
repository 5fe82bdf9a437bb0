using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>Two scenes of the same ground.</summary>
/// <param name="Baseline">The earlier one; its finest band gives the grid.</param>
/// <param name="Current">The later one, in any CRS and grid that overlaps.</param>
public sealed record PairRequest(Scene Baseline, Scene Current, PairOptions Options)
{
    /// <summary>False when nobody knows when the scene before was acquired: its time is then a filler, and the outputs say null. Default true.</summary>
    public bool BaselineIsDated { get; init; } = true;

    /// <summary>Keep every pixel's score, for rasters. Default false.</summary>
    public bool KeepScores { get; init; }

    /// <summary>The same for the scene after.</summary>
    public bool CurrentIsDated { get; init; } = true;

    /// <summary>What scores the pixels in place of the detector's own score; null (default): nothing. The caller disposes it.</summary>
    public IChangeScores? Scores { get; init; }

    /// <summary>Why this score was taken and what it cannot do, one line for the products; null when there is nothing to say.</summary>
    public string? ScoreReason { get; init; }

    /// <summary>
    /// The same two scenes with the hashes of their files and the ids that come of them, when those are still to be computed: begun where the
    /// comparison leaves the processor idle, waited for before anything is named after them. Null (default): the scenes have them.
    /// </summary>
    public Lazy<Task<(Scene Baseline, Scene Current)>>? Identified { get; init; }

    /// <summary>The request with the scenes as they are called in results.</summary>
    internal PairRequest Named()
    {
        if (Identified is null)
        {
            return this;
        }

        var (baseline, current) = Identified.Value.GetAwaiter().GetResult();
        return this with { Baseline = baseline, Current = current, Identified = null };
    }

    /// <summary>The options that a result depends on: a network's scores never meet the object model.</summary>
    internal string Fingerprint => Scores is null ? Options.Fingerprint : Options.PixelFingerprint;
}

/// <summary>How far a comparison has come.</summary>
/// <param name="Stage"><c>sample</c>, <c>score</c>, <c>patches</c> or <c>write</c>.</param>
/// <param name="Share">Done of this stage, [0, 1].</param>
public readonly record struct DetectProgress(string Stage, double Share);

/// <param name="Stage">As in <see cref="DetectProgress"/>.</param>
/// <param name="Seconds">Wall clock.</param>
/// <param name="Bytes">Decoded pixel bytes that were read or written, in the files' own types as floats.</param>
public sealed record StageCost(string Stage, double Seconds, long Bytes);
