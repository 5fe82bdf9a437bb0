using System.Runtime.InteropServices;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// The observations of a pixel that are in use, in the order of their days; what turns out to be cloud or an outlier is taken out. A
/// workspace: not thread-safe, allocates nothing once it has met its longest series.
/// </summary>
internal sealed class PixelObservations(CcdcOptions options)
{
    private double[] _sorted = [];

    public int Count { get; private set; }

    /// <summary>Index of each among the dates of the stack; the first <see cref="Count"/> count, so in the next two.</summary>
    public int[] Date { get; private set; } = [];

    public int[] Day { get; private set; } = [];

    /// <summary>A lane a band; the temperature in hundredths of a degree Celsius, or as it was given.</summary>
    public BandLanes[] Value { get; private set; } = [];

    /// <summary>Takes the observations that are clear and within the sensor's range, one a day: of several the first.</summary>
    /// <param name="dates">Dates of the stack.</param>
    /// <param name="values">Band by band.</param>
    /// <param name="quality">What each observation is.</param>
    /// <param name="withSnow">Whether snow counts too, whatever its values.</param>
    /// <param name="celsius">Whether the temperature becomes degrees Celsius × 100 before it is held against the sensor's range, or stays kelvin × 10.</param>
    public void Take(ObservationDates dates, ReadOnlySpan<short> values, ReadOnlySpan<ObservedAs> quality, bool withSnow, bool celsius)
    {
        // Temperature in use = given · factor − offset.
        var (factor, offset) = celsius ? (10, 27_315) : (1, 0);
        var n = dates.Count;
        var days = dates.Days;
        Reserve(n);
        Count = 0;
        var numbers = MemoryMarshal.Cast<BandLanes, double>(Value.AsSpan());
        for (var i = 0; i < n; i++)
        {
            var wanted = quality[i] is ObservedAs.Clear or ObservedAs.Water ? InRange(values, i, n, factor, offset) : withSnow && quality[i] is ObservedAs.Snow;
            if (!wanted || (Count > 0 && Day[Count - 1] == days[i]))
            {
                continue;
            }

            // Into memory at once: a vector of numbers just stored one by one would have to wait for them.
            var lanes = numbers.Slice(Count * BandLanes.Count, BandLanes.Count);
            for (var band = 0; band < options.Bands; band++)
            {
                var value = values[(band * n) + i];
                lanes[band] = band == options.ThermalBand ? (value * factor) - offset : value;
            }

            (Date[Count], Day[Count]) = (i, days[i]);
            Count++;
        }
    }

    private bool InRange(ReadOnlySpan<short> values, int at, int n, int factor, int offset)
    {
        for (var band = 0; band < options.Bands; band++)
        {
            var value = values[(band * n) + at];
            if (band == options.ThermalBand ? (value * factor) - offset is not (> -9320 and < 7070) : options.LeaveOutSaturated && value is not (> 0 and < 10_000))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Leaves out what is far greener than the median: cloud that was not flagged.</summary>
    public void LeaveOutBrightGreen()
    {
        if (options.GreenBand < 0 || Count == 0)
        {
            return;
        }

        for (var i = 0; i < Count; i++)
        {
            _sorted[i] = Value[i][options.GreenBand];
        }

        var limit = OrderStatistics.Median(_sorted.AsSpan(0, Count)) + options.GreenAboveMedian;
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (Value[i][options.GreenBand] < limit)
            {
                (Date[kept], Day[kept], Value[kept]) = (Date[i], Day[i], Value[i]);
                kept++;
            }
        }

        Count = kept;
    }

    /// <summary>Leaves out the marked ones of those from a place on.</summary>
    public void Remove(int start, ReadOnlySpan<bool> outliers)
    {
        var kept = start;
        for (var i = start; i < Count; i++)
        {
            if (i - start >= outliers.Length || !outliers[i - start])
            {
                (Date[kept], Day[kept], Value[kept]) = (Date[i], Day[i], Value[i]);
                kept++;
            }
        }

        Count = kept;
    }

    /// <summary>Leaves out one.</summary>
    public void RemoveAt(int at)
    {
        Date.AsSpan(at + 1, Count - at - 1).CopyTo(Date.AsSpan(at));
        Day.AsSpan(at + 1, Count - at - 1).CopyTo(Day.AsSpan(at));
        Value.AsSpan(at + 1, Count - at - 1).CopyTo(Value.AsSpan(at));
        Count--;
    }

    private void Reserve(int dates)
    {
        if (Date.Length < dates)
        {
            (Date, Day, Value, _sorted) = (new int[dates], new int[dates], new BandLanes[dates], new double[dates]);
        }
    }
}
