namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// Parameters of continuous change detection and classification (CCDC; Zhu and Woodcock 2014, doi:10.1016/j.rse.2014.01.011). The
/// defaults are those of the published reference implementation (lcmap-pyccd 2018.10.17) for seven Landsat bands: blue, green, red, nir,
/// swir16, swir22 as reflectance × 10 000 and the brightness temperature as kelvin × 10.
/// </summary>
public sealed record CcdcOptions
{
    /// <summary>Observations that a model starts with, at least 4. Default 12.</summary>
    public int InitialObservations { get; init; } = 12;

    /// <summary>Days that a model starts with, at least 1. Default 365: less than a year and season is taken for trend.</summary>
    public int InitialDays { get; init; } = 365;

    /// <summary>
    /// Observations in a row that must all disagree before there is a break, at least 2; where observations are denser than one in 16 days
    /// it grows so that they span the same time. Default 6.
    /// </summary>
    public int Peek { get; init; } = 6;

    /// <summary>Share of the χ² distribution that an undisturbed observation stays within. Default 0.99.</summary>
    public double ChangeProbability { get; init; } = 0.99;

    /// <summary>Beyond this share of the χ² distribution a single observation is an outlier and left out. Default 0.999999.</summary>
    public double OutlierProbability { get; init; } = 0.999999;

    /// <summary>Tmask (Zhu and Woodcock 2014, doi:10.1016/j.rse.2014.06.012): an observation so many variogram values off is cloud or shadow. Default 4.89.</summary>
    public double CloudScreenFactor { get; init; } = 4.89;

    /// <summary>Weight of the L1 penalty of the fit, in the unit of the values, at least 0. Default 1.</summary>
    public double Penalty { get; init; } = 1;

    /// <summary>Rounds of coordinate descent at most. Default 1000.</summary>
    public int MaxFitRounds { get; init; } = 1000;

    /// <summary>Relative duality gap at which the fit is good enough. Default 1e-4.</summary>
    public double FitTolerance { get; init; } = 1e-4;

    /// <summary>A model is fitted again when it spans so many times what it was fitted on, above 1. Default 1.33.</summary>
    public double RefitGrowth { get; init; } = 1.33;

    /// <summary>Least share of clear or water among all observations that is worth looking for breaks in. Default 0.25.</summary>
    public double MinClearShare { get; init; } = 0.25;

    /// <summary>From this share of snow among snow and clear on, a pixel that is not clear enough is permanent snow. Default 0.75.</summary>
    public double SnowShare { get; init; } = 0.75;

    /// <summary>In the fit of a pixel with too few clear looks, green more than this above its median is cloud that was not flagged. Default 400.</summary>
    public double GreenAboveMedian { get; init; } = 400;

    /// <summary>Bands of a pixel, 1 to 8. Default 7.</summary>
    public int Bands { get; init; } = 7;

    /// <summary>
    /// Index of the brightness temperature (kelvin × 10), −1 for none. Default 6. It is fitted in degrees Celsius × 100, and observations outside
    /// −93.2 to 70.7 °C are left out; in plain fits of a whole pixel (<see cref="SegmentKind.TooFewClear"/>, <see cref="SegmentKind.PermanentSnow"/>) it is
    /// fitted, and held against the same numbers, as given.
    /// </summary>
    public int ThermalBand { get; init; } = 6;

    /// <summary>Index of green, −1 for none. Default 1.</summary>
    public int GreenBand { get; init; } = 1;

    /// <summary>Whether values outside (0, 10 000) in any other band than the thermal one mean saturation. Default true.</summary>
    public bool LeaveOutSaturated { get; init; } = true;

    /// <summary>Bands whose residuals say change. Default green to swir22.</summary>
    public IReadOnlyList<int> DetectionBands { get; init; } = [1, 2, 3, 4, 5];

    /// <summary>Bands that screen clouds. Default green and swir16.</summary>
    public IReadOnlyList<int> CloudScreenBands { get; init; } = [1, 4];

    /// <summary>One sentence for each option outside its range.</summary>
    public IEnumerable<string> Problems()
    {
        if (Bands is < 1 or > BandLanes.Count)
            yield return $"Ccdc:Bands is {Bands}; it must be 1 to {BandLanes.Count}.";
        if (InitialObservations < 4)
            yield return $"Ccdc:InitialObservations is {InitialObservations}; it must be at least 4.";
        if (InitialDays < 1)
            yield return $"Ccdc:InitialDays is {InitialDays}; it must be at least 1.";
        if (Peek < 2)
            yield return $"Ccdc:Peek is {Peek}; it must be at least 2.";
        if (ChangeProbability is not (> 0 and < 1))
            yield return $"Ccdc:ChangeProbability is {ChangeProbability}; it must lie between 0 and 1.";
        if (OutlierProbability is not (> 0 and < 1))
            yield return $"Ccdc:OutlierProbability is {OutlierProbability}; it must lie between 0 and 1.";
        if (!(RefitGrowth > 1))
            yield return $"Ccdc:RefitGrowth is {RefitGrowth}; it must be above 1.";
        if (!(Penalty >= 0))
            yield return $"Ccdc:Penalty is {Penalty}; it must be at least 0.";
        if (DetectionBands.Count == 0 || DetectionBands.Any(b => b < 0 || b >= Bands))
            yield return $"Ccdc:DetectionBands must name at least one of the {Bands} bands, counted from 0.";
        if (CloudScreenBands.Any(b => b < 0 || b >= Bands))
            yield return $"Ccdc:CloudScreenBands must name some of the {Bands} bands, counted from 0.";
        if (ThermalBand < -1 || ThermalBand >= Bands)
            yield return $"Ccdc:ThermalBand is {ThermalBand}; it must be -1 or one of the {Bands} bands, counted from 0.";
        if (GreenBand < -1 || GreenBand >= Bands)
            yield return $"Ccdc:GreenBand is {GreenBand}; it must be -1 or one of the {Bands} bands, counted from 0.";
    }
}
