namespace Monitoring.Detection.Imagery.Ccdc.Watch;

/// <summary>
/// Parameters of the watch, which follows one value of each pixel (NDVI × 10 000) from look to look. What each was tuned on is said in
/// docs/algorithms/ccdc.md.
/// </summary>
public sealed record WatchOptions
{
    /// <summary>Looks that a model starts with, 8 to 40. Default 12, as CCDC.</summary>
    public int InitialLooks { get; init; } = 12;

    /// <summary>Days that a model starts with, at least 1. Default 365, as CCDC: less than a year and season is taken for trend.</summary>
    public int InitialDays { get; init; } = 365;

    /// <summary>Days between two looks that a model is begun on, at least 1. Default 7: so a year of them fits the state.</summary>
    public int InitialGapDays { get; init; } = 7;

    /// <summary>The second cycle a year joins the model from so many looks on, at least 8. Default 18, as CCDC.</summary>
    public int SecondCycleFrom { get; init; } = 18;

    /// <summary>Ridge of the trend in looks · years², above 0. Default 3: a trend needs years of looks.</summary>
    public double TrendRidge { get; init; } = 3;

    /// <summary>Ridge of the second cycle in looks, above 0. Default 1.</summary>
    public double SecondCycleRidge { get; init; } = 1;

    /// <summary>
    /// A loss is two looks in a row below what is expected with (|z₁| + |z₂|)/√2 above this, above 0. Default 4.4.
    /// </summary>
    public double Evidence { get; init; } = 4.4;

    /// <summary>Least |z| of each of the two, at least 0. Default 1.2: one look alone proves nothing.</summary>
    public double EachEvidence { get; init; } = 1.2;

    /// <summary>
    /// Two looks prove a loss only where both lie below this, in the unit of the value: bare or built ground. Default 3000, NDVI 0.30. Mown
    /// meadows, thinned woods and ground that is built on in part stay above it; they take <see cref="LossLooks"/>.
    /// </summary>
    public double BareBelow { get; init; } = 3000;

    /// <summary>Looks in a row below what is expected that make a loss on ground that stays green, at least 2. Default 4: a mown meadow is green again by then.</summary>
    public int LossLooks { get; init; } = 4;

    /// <summary>
    /// How much the model's own uncertainty on a day counts: z is divided by √(1 + this · leverage), at least 0. Default 1.5. Above 1, since
    /// looks of one season share its weather and say less than as many independent ones.
    /// </summary>
    public double LeverageWeight { get; init; } = 1.5;

    /// <summary>Looks in a row with z above <see cref="EachEvidence"/> that make a gain, at least 2. Default 6, as CCDC.</summary>
    public int GainLooks { get; init; } = 6;

    /// <summary>|z| beyond which a look proves nothing more, and is left out when the next one does not agree. Default 6.</summary>
    public double LargestEvidence { get; init; } = 6;

    /// <summary>Noise that no scatter is taken below, in the unit of the value. Default 200, NDVI 0.02: the uncertainty of NDVI from surface reflectance.</summary>
    public double NoiseFloor { get; init; } = 200;

    /// <summary>Looks that a pixel's own roughness must outweigh, above 0. Default 60: a pixel soon counts as rough only when it is so for long.</summary>
    public double RoughnessPrior { get; init; } = 60;

    /// <summary>Pixels of a tile that are followed before a look is judged by them, at least 50. Default 200.</summary>
    public int LeastPopulation { get; init; } = 200;

    /// <summary>A look whose pixels scatter more than this about what the models say shows no ground (thin cloud), in the unit of the value. Default 1000, NDVI 0.1.</summary>
    public double LargestScatter { get; init; } = 1000;

    /// <summary>A look that shows less than this share of the contrast that the models expect shows no ground (fog, snow). Default 0.4.</summary>
    public double LeastGain { get; init; } = 0.4;

    /// <summary>A look in which the tile as a whole is off by more than this, in median errors of the models, shows no ground (snow, haze). Default 1.5.</summary>
    public double LargestOffset { get; init; } = 1.5;

    /// <summary>Share of the fresh deviations of a tile whose size says how heavy the tails of this look are, (0.5, 1). Default 0.95.</summary>
    public double TailShare { get; init; } = 0.95;

    /// <summary>Share of pixels that change for good in a year, (0, 1). Default 0.01. Only the probability of a break depends on it.</summary>
    public double ExpectedChange { get; init; } = 0.01;

    /// <summary>
    /// Probability that a loss of some evidence is a lasting change: as many as are expected, beside the false ones that were measured on
    /// stable ground, at most 0.16 % a year at 4.4 and half as many for each 0.4 more (docs/algorithms/ccdc.md).
    /// </summary>
    public double BreakProbability(double evidence) =>
        ExpectedChange / (ExpectedChange + (0.0016 * Math.Pow(2, (4.4 - evidence) / 0.4)));

    /// <summary>One sentence for each option outside its range.</summary>
    public IEnumerable<string> Problems()
    {
        if (InitialLooks is < 8 or > 40)
            yield return $"Watch:InitialLooks is {InitialLooks}; it must be 8 to 40.";
        if (InitialDays < 1)
            yield return $"Watch:InitialDays is {InitialDays}; it must be at least 1.";
        if (InitialGapDays < 1)
            yield return $"Watch:InitialGapDays is {InitialGapDays}; it must be at least 1.";
        if (SecondCycleFrom < 8)
            yield return $"Watch:SecondCycleFrom is {SecondCycleFrom}; it must be at least 8.";
        if (!(TrendRidge > 0 && SecondCycleRidge > 0 && RoughnessPrior > 0))
            yield return "Watch:TrendRidge, SecondCycleRidge and RoughnessPrior must be above 0.";
        if (!(Evidence > 0 && EachEvidence >= 0 && LargestEvidence > 0))
            yield return "Watch:Evidence and LargestEvidence must be above 0 and EachEvidence at least 0.";
        if (!(Evidence < LargestEvidence * Math.Sqrt(2)))
            yield return $"Watch:Evidence is {Evidence}; two looks of at most {LargestEvidence} each never reach it.";
        if (!(NoiseFloor > 0 && LargestScatter > 0 && LargestOffset > 0))
            yield return "Watch:NoiseFloor, LargestScatter and LargestOffset must be above 0.";
        if (ExpectedChange is not (> 0 and < 1))
            yield return $"Watch:ExpectedChange is {ExpectedChange}; it must lie between 0 and 1.";
        if (LossLooks < 2)
            yield return $"Watch:LossLooks is {LossLooks}; it must be at least 2.";
        if (!(LeverageWeight >= 0))
            yield return $"Watch:LeverageWeight is {LeverageWeight}; it must be at least 0.";
        if (!double.IsFinite(BareBelow))
            yield return "Watch:BareBelow must be a number.";
        if (GainLooks < 2)
            yield return $"Watch:GainLooks is {GainLooks}; it must be at least 2.";
        if (LeastPopulation < 50)
            yield return $"Watch:LeastPopulation is {LeastPopulation}; it must be at least 50.";
        if (TailShare is not (> 0.5 and < 1))
            yield return $"Watch:TailShare is {TailShare}; it must lie between 0.5 and 1.";
    }

    /// <summary>Everything that changes a result, as one line.</summary>
    internal string Fingerprint => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"watch {InitialLooks} {InitialDays} {InitialGapDays} {SecondCycleFrom} {TrendRidge:R} {SecondCycleRidge:R} {Evidence:R} {EachEvidence:R} {BareBelow:R} {LossLooks} {LeverageWeight:R} {LargestEvidence:R} {GainLooks} {ExpectedChange:R} {NoiseFloor:R} {RoughnessPrior:R} {LeastPopulation} {LargestScatter:R} {LeastGain:R} {LargestOffset:R} {TailShare:R}");
}
