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

    public const string ApprovedNotSupplied = "approved_not_supplied";
    public const string SuppliedNotUsed = "supplied_not_used";

    public static IReadOnlyList<string> Known { get; } =
        [BuiltUpShare, BuiltUpArea, BuiltUpInRedLine, BuiltUpInBasicFarmland, BuiltUpOutsideBoundary, VegetationRestoration, ConfirmedCases, ApprovedNotSupplied, SuppliedNotUsed];

    /// <summary>Whether a measure comes from imagery.</summary>
    public static bool IsSensed(string measure) => measure is not (ConfirmedCases or ApprovedNotSupplied or SuppliedNotUsed);

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
    /// Built-up at each cell, in one of two ways: most looks call it artificial in as many of the newest <see cref="MeasureParameters.QuickMonths"/>
    /// months as must be seen of them; or no vegetation in any seen month of all, and in the newest of them dry (MNDWI) and mineral (NDBI). The first
    /// sees bright new building soon, the second dark roofs and asphalt, because a field is bare for weeks and a street for good.
    /// </summary>
    /// <param name="months">Composites of months in a row, oldest first, the last the one that is told; null = no scene.</param>
    public static Cover[] BuiltUp(IReadOnlyList<CellIndices?> months, int count, MeasureParameters parameters)
    {
        var cover = new Cover[count];
        var quickFrom = months.Count - parameters.QuickMonths;
        for (var cell = 0; cell < count; cell++)
        {
            var (seen, seenLately, artificial, green) = (0, 0, 0, false);
            CellIndices? newest = null;
            for (var m = 0; m < months.Count; m++)
            {
                if (months[m] is not { } month || !month.Seen(cell))
                {
                    continue;
                }

                newest = month;
                seen++;
                green |= month.Ndvi[cell] > parameters.MaxNdvi;
                if (m >= quickFrom)
                {
                    seenLately++;
                    artificial += month.Artificial[cell] > 0.5f ? 1 : 0;
                }
            }

            // Green or not, bright or dark, all cells must be equally hard to become known, or clouds and young series would make a trend.
            cover[cell] = newest is null || seenLately < parameters.MinObservedMonths || seen < parameters.MinPersistMonths ? Cover.Unknown
                : artificial >= parameters.MinObservedMonths && artificial * 2 > seenLately ? Cover.BuiltUp
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
    /// Net share in % of the land known in both seasons whose greenest month rose by more than the gain in NDVI, less the share where it fell by more:
    /// the newest <see cref="MeasureParameters.QuickMonths"/> months against the same months a year earlier. The same season, so that spring is not
    /// taken for restoration; the greenest month, so that a harvest a week earlier is not taken for loss.
    /// </summary>
    /// <param name="months">Composites of the season, the last the month that is told; null = no scene.</param>
    /// <param name="yearEarlier">Those of a year earlier.</param>
    public static Measured Restoration(SampleGrid grid, IReadOnlyList<CellIndices?> months, IReadOnlyList<CellIndices?> yearEarlier, MeasureParameters parameters)
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
            seen += months[^1] is { } month && month.Seen(cell) ? weight : 0;
            if (Greenest(months, cell, parameters) is { } now && Greenest(yearEarlier, cell, parameters) is { } then)
            {
                both += weight;
                net += now - then > parameters.NdviGain ? weight : then - now > parameters.NdviGain ? -weight : 0;
            }
        }

        return all <= 0 ? new(null, 0) : new(both > 0 && both >= parameters.MinObservableShare * all ? 100 * net / both : null, seen / all);
    }

    private static float? Greenest(IReadOnlyList<CellIndices?> months, int cell, MeasureParameters parameters)
    {
        var (seen, greenest) = (0, float.NegativeInfinity);
        foreach (var month in months)
        {
            if (month is not null && month.Seen(cell))
            {
                seen++;
                greenest = Math.Max(greenest, month.Ndvi[cell]);
            }
        }

        return seen >= parameters.MinObservedMonths ? greenest : null;
    }
}
