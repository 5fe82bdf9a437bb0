namespace Monitoring.Detection.Indicators;

/// <summary>What was measured of a zone in a month.</summary>
/// <param name="Value">In the measure's unit, or null when too little was seen.</param>
/// <param name="ObservableShare">Share in [0, 1] of the zone that was seen clearly in the month itself.</param>
public readonly record struct Measured(double? Value, double ObservableShare);

/// <summary>
/// The computations that definitions name. Pure functions of composites on one grid. docs/algorithms/indicators.md.
/// </summary>
public static class Measures
{
    public const string BuiltUpShare = "built_up_share";
    public const string BuiltUpArea = "built_up_area";
    public const string BuiltUpInRedLine = "built_up_in_red_line";
    public const string BuiltUpInBasicFarmland = "built_up_in_basic_farmland";
    public const string BuiltUpOutsideBoundary = "built_up_outside_boundary";
    public const string VegetationRestoration = "vegetation_restoration";
    public const string ConfirmedCases = "confirmed_cases";

    public static IReadOnlyList<string> Known { get; } =
        [BuiltUpShare, BuiltUpArea, BuiltUpInRedLine, BuiltUpInBasicFarmland, BuiltUpOutsideBoundary, VegetationRestoration, ConfirmedCases];

    /// <summary>Whether a measure comes from imagery.</summary>
    public static bool IsSensed(string measure) => measure is not ConfirmedCases;

    /// <summary>Zone a measure asks about.</summary>
    public static Zone ZoneOf(string measure) => measure switch
    {
        BuiltUpInRedLine => Zone.RedLine,
        BuiltUpInBasicFarmland => Zone.BasicFarmland,
        BuiltUpOutsideBoundary => Zone.OutsideBoundary,
        _ => Zone.Region,
    };

    /// <summary>Built-up cover as far as the spectrum and time tell.</summary>
    public enum Cover : byte
    {
        Unknown,
        BuiltUp,
        Other,
    }

    /// <summary>
    /// Built-up at each cell: in every month of <paramref name="months"/> that was seen no vegetation (NDVI), and in the newest of them dry
    /// (MNDWI) and mineral (NDBI). A field is bare for weeks, a roof for good: that is what the months are for.
    /// </summary>
    /// <param name="months">Composites of months in a row, oldest first, the last the one that is told; null = no scene.</param>
    public static Cover[] BuiltUp(IReadOnlyList<CellIndices?> months, int count, MeasureParameters parameters)
    {
        var cover = new Cover[count];
        for (var cell = 0; cell < count; cell++)
        {
            var (seen, green) = (0, false);
            CellIndices? newest = null;
            foreach (var month in months)
            {
                if (month is not null && month.Seen(cell))
                {
                    seen++;
                    newest = month;
                    green |= month.Ndvi[cell] > parameters.MaxNdvi;
                }
            }

            cover[cell] = newest is null || (seen < parameters.MinObservedMonths && !green) ? Cover.Unknown
                : !green && newest.Ndbi[cell] >= parameters.MinNdbi && newest.Mndwi[cell] <= parameters.MaxMndwi ? Cover.BuiltUp
                : Cover.Other;
        }

        return cover;
    }

    /// <summary>Built-up area of a zone in m²: share of what is known of it, times its area.</summary>
    public static Measured BuiltUpIn(Zone zone, SampleGrid grid, Cover[] cover, CellIndices? month, MeasureParameters parameters)
    {
        double all = 0, known = 0, built = 0, seen = 0, region = 0;
        for (var cell = 0; cell < grid.Count; cell++)
        {
            var weight = grid.WeightOf(cell);
            region += grid.In(Zone.Region, cell) ? weight : 0;
            if (!grid.In(zone, cell))
            {
                continue;
            }

            all += weight;
            seen += month is not null && month.Seen(cell) ? weight : 0;
            known += cover[cell] is not Cover.Unknown ? weight : 0;
            built += cover[cell] is Cover.BuiltUp ? weight : 0;
        }

        if (all <= 0)
        {
            return new(null, 0);
        }

        var observable = seen / all;
        var enough = known > 0 && known >= parameters.MinObservableShare * all && observable >= parameters.MinObservableShare;
        return new(enough ? built / known * (all / region) * grid.Region.Outline.AreaSquareMeters : null, observable);
    }

    /// <summary>
    /// Net share in % of the land seen in both months whose NDVI rose by more than the gain, less the share where it fell by more, against the
    /// same month a year earlier: the same season, so that spring is not taken for restoration.
    /// </summary>
    public static Measured Restoration(SampleGrid grid, CellIndices? month, CellIndices? yearEarlier, MeasureParameters parameters)
    {
        double all = 0, both = 0, net = 0, seen = 0;
        for (var cell = 0; cell < grid.Count; cell++)
        {
            if (!grid.In(Zone.Region, cell))
            {
                continue;
            }

            var weight = grid.WeightOf(cell);
            all += weight;
            if (month is null || !month.Seen(cell))
            {
                continue;
            }

            seen += weight;
            if (yearEarlier is null || !yearEarlier.Seen(cell))
            {
                continue;
            }

            both += weight;
            var difference = month.Ndvi[cell] - yearEarlier.Ndvi[cell];
            net += difference > parameters.NdviGain ? weight : difference < -parameters.NdviGain ? -weight : 0;
        }

        return all <= 0 ? new(null, 0) : new(both > 0 && both >= parameters.MinObservableShare * all ? 100 * net / both : null, seen / all);
    }
}
