namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>How a segment came to be.</summary>
public enum SegmentKind
{
    /// <summary>A stable model that was followed forward.</summary>
    Followed,

    /// <summary>A plain fit over what lay before the first stable model.</summary>
    Start,

    /// <summary>A plain fit over what was left at the end, too little to be followed.</summary>
    End,

    /// <summary>A plain fit over a pixel with too few clear observations; its temperature as given (kelvin × 10), as in the reference implementation.</summary>
    TooFewClear,

    /// <summary>A plain fit over a pixel of permanent snow; its temperature as given (kelvin × 10), as in the reference implementation.</summary>
    PermanentSnow,
}

/// <summary>
/// A stretch of time in which one harmonic model holds: value(t) = a + b·t + Σₖ (cₖ cos kωt + sₖ sin kωt), k ≤ 3, ω = 2π / 365.2425 days,
/// t the day number. Owned by the detector that made it and overwritten by its next pixel.
/// </summary>
public sealed class CcdcSegment
{
    /// <summary>Columns without the intercept: t, then cosine and sine of one, two and three cycles a year.</summary>
    public const int Columns = 7;

    private readonly double[] _values = new double[BandLanes.Count * (Columns + 3)];

    /// <summary>First and last day of the observations it holds for.</summary>
    public int StartDay { get; internal set; }

    /// <inheritdoc cref="StartDay"/>
    public int EndDay { get; internal set; }

    /// <summary>
    /// The first observation that no longer agrees, when <see cref="HasBreak"/>: the change lies after <see cref="EndDay"/> and not after
    /// this day. Else the first observation that was not looked at.
    /// </summary>
    public int BreakDay { get; internal set; }

    /// <summary>Observations it holds for.</summary>
    public int Observations { get; internal set; }

    /// <summary>True when a break ends it.</summary>
    public bool HasBreak { get; internal set; }

    public SegmentKind Kind { get; internal set; }

    /// <summary>Coefficients with the intercept: 4, 6 or 8.</summary>
    public int CoefficientCount { get; internal set; }

    /// <summary>Seven coefficients of a band, those beyond <see cref="CoefficientCount"/> 0.</summary>
    public ReadOnlySpan<double> Coefficients(int band) => _values.AsSpan(band * (Columns + 3), Columns);

    /// <summary>Intercept of a band at day 0.</summary>
    public double Intercept(int band) => _values[(band * (Columns + 3)) + Columns];

    /// <summary>Root mean square error of a band's fit, with the coefficients taken off the degrees of freedom.</summary>
    public double Rmse(int band) => _values[(band * (Columns + 3)) + Columns + 1];

    /// <summary>Median absolute residual of a band over the observations behind the end; 0 for a plain fit.</summary>
    public double Magnitude(int band) => _values[(band * (Columns + 3)) + Columns + 2];

    /// <summary>What the model says of a band on a day.</summary>
    public double Predict(int band, int day)
    {
        var values = Coefficients(band);
        var angle = ObservationDates.Cycle * day;
        return Intercept(band) + (values[0] * day)
            + (values[1] * Math.Cos(angle)) + (values[2] * Math.Sin(angle))
            + (values[3] * Math.Cos(2 * angle)) + (values[4] * Math.Sin(2 * angle))
            + (values[5] * Math.Cos(3 * angle)) + (values[6] * Math.Sin(3 * angle));
    }

    internal void Take(HarmonicFit fit, int firstDay, BandLanes magnitude)
    {
        for (var band = 0; band < BandLanes.Count; band++)
        {
            var row = _values.AsSpan(band * (Columns + 3), Columns + 3);
            for (var column = 0; column < Columns; column++)
            {
                row[column] = fit.Coefficients[column][band];
            }

            // The fit counts its days from the first date, to keep its sums exact.
            row[Columns] = fit.Coefficients[Columns][band] - (row[0] * firstDay);
            row[Columns + 1] = fit.Rmse[band];
            row[Columns + 2] = magnitude[band];
        }

        CoefficientCount = fit.CoefficientCount;
    }
}
