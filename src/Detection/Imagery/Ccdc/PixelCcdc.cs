using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// Continuous change detection on the time series of one pixel (Zhu and Woodcock 2014, doi:10.1016/j.rse.2014.01.011): a harmonic model is
/// begun where a year of observations is stable, followed observation by observation, and ended by a break when several in a row disagree.
/// Season and slow trends are part of the model and no change. A workspace for one pixel after another: not thread-safe, allocates nothing
/// after the first pixels.
/// </summary>
public sealed class PixelCcdc
{
    private readonly CcdcOptions _options;
    private readonly HarmonicFit _fit;
    private readonly CloudScreen _screen;
    private readonly Madogram _madogram = new();
    private readonly SeasonalError _seasonal = new();
    private readonly BandLanes _detection;
    private readonly double _outlier;
    private readonly double _change;
    private readonly double[] _median = new double[256];
    private readonly List<CcdcSegment> _pool = [];
    private readonly double[] _lanes = new double[BandLanes.Count];
    private CcdcSegment[] _segments = [];
    private int _segmentCount;

    // Observations in use, in the order of their days; an outlier is taken out of all four.
    private int _count;
    private int[] _date = [];
    private int[] _day = [];
    private BandLanes[] _value = [];
    private bool[] _outliers = [];

    private bool[] _inFit = [];
    private int[] _placeOf = [];
    private double[] _sorted = [];
    private BandLanes[] _residual = [];
    private ObservationDates? _dates;
    private int _peek;
    private double _threshold;
    private BandLanes _scatter;

    /// <exception cref="ArgumentException">An option outside its range.</exception>
    public PixelCcdc(CcdcOptions options)
    {
        if (options.Problems().FirstOrDefault() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        _options = options;
        _fit = new HarmonicFit(options);
        _screen = new CloudScreen(options);
        Span<double> detection = stackalloc double[BandLanes.Count];
        detection.Clear();
        foreach (var band in options.DetectionBands)
        {
            detection[band] = 1;
        }

        _detection = BandLanes.Of(detection);
        _change = ChiSquare.Quantile(options.ChangeProbability, options.DetectionBands.Count);
        _outlier = ChiSquare.Quantile(options.OutlierProbability, options.DetectionBands.Count);
    }

    /// <summary>Finds the segments of a pixel.</summary>
    /// <param name="dates">Dates of all observations.</param>
    /// <param name="values">Band by band, <paramref name="dates"/>.Count values each.</param>
    /// <param name="quality">What each observation is.</param>
    /// <returns>In the order of time; valid until the next call.</returns>
    public ReadOnlySpan<CcdcSegment> Run(ObservationDates dates, ReadOnlySpan<short> values, ReadOnlySpan<ObservedAs> quality)
    {
        if (quality.Length != dates.Count || values.Length != dates.Count * _options.Bands)
        {
            throw new ArgumentException($"{dates.Count} dates of {_options.Bands} bands need {dates.Count} qualities and {dates.Count * _options.Bands} values; there are {quality.Length} and {values.Length}.");
        }

        Reserve(dates.Count);
        _dates = dates;
        _segmentCount = 0;
        var (clear, snow, fill) = (0, 0, 0);
        foreach (var one in quality)
        {
            clear += one is ObservedAs.Clear or ObservedAs.Water ? 1 : 0;
            snow += one is ObservedAs.Snow ? 1 : 0;
            fill += one is ObservedAs.Fill ? 1 : 0;
        }

        var observed = quality.Length - fill;
        if (observed == 0)
        {
            return [];
        }

        if (clear >= _options.MinClearShare * observed)
        {
            Take(values, quality, withSnow: false);
            Follow();
        }
        else if (snow >= _options.SnowShare * (clear + snow + 0.01))
        {
            Take(values, quality, withSnow: true);
            FitAll(SegmentKind.PermanentSnow);
        }
        else
        {
            Take(values, quality, withSnow: false);
            LeaveOutBrightGreen();
            FitAll(SegmentKind.TooFewClear);
        }

        return _segments.AsSpan(0, _segmentCount);
    }

    private void Reserve(int dates)
    {
        if (_date.Length < dates)
        {
            (_date, _day, _value, _outliers) = (new int[dates], new int[dates], new BandLanes[dates], new bool[dates]);
            (_inFit, _placeOf, _sorted, _residual) = (new bool[dates], new int[dates], new double[dates], new BandLanes[dates]);
        }
    }

    /// <summary>Takes the observations that are clear and within the sensor's range, one a day.</summary>
    private void Take(ReadOnlySpan<short> values, ReadOnlySpan<ObservedAs> quality, bool withSnow)
    {
        var n = _dates!.Count;
        var days = _dates.Days;
        _count = 0;
        for (var i = 0; i < n; i++)
        {
            var wanted = quality[i] is ObservedAs.Clear or ObservedAs.Water ? InRange(values, i, n) : withSnow && quality[i] is ObservedAs.Snow;
            if (!wanted || (_count > 0 && _day[_count - 1] == days[i]))
            {
                continue;
            }

            for (var band = 0; band < _options.Bands; band++)
            {
                var value = values[(band * n) + i];
                _lanes[band] = band == _options.ThermalBand ? Celsius(value) : value;
            }

            (_date[_count], _day[_count], _value[_count]) = (i, days[i], BandLanes.Of(_lanes));
            _count++;
        }
    }

    private bool InRange(ReadOnlySpan<short> values, int at, int n)
    {
        for (var band = 0; band < _options.Bands; band++)
        {
            var value = values[(band * n) + at];
            if (band == _options.ThermalBand ? Celsius(value) is not (> -9320 and < 7070) : _options.LeaveOutSaturated && value is not (> 0 and < 10_000))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Kelvin × 10 to degrees Celsius × 100.</summary>
    private static int Celsius(short kelvin) => (kelvin * 10) - 27_315;

    private void LeaveOutBrightGreen()
    {
        if (_options.GreenBand < 0 || _count == 0)
        {
            return;
        }

        for (var i = 0; i < _count; i++)
        {
            _sorted[i] = _value[i][_options.GreenBand];
        }

        var limit = OrderStatistics.Median(_sorted.AsSpan(0, _count)) + _options.GreenAboveMedian;
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            if (_value[i][_options.GreenBand] < limit)
            {
                (_date[kept], _day[kept], _value[kept]) = (_date[i], _day[i], _value[i]);
                kept++;
            }
        }

        _count = kept;
    }

    /// <summary>One plain model for all that was taken.</summary>
    private void FitAll(SegmentKind kind)
    {
        if (_count < _options.InitialObservations)
        {
            return;
        }

        FitWindow(0, _count, 4);
        var segment = Next(kind);
        (segment.StartDay, segment.EndDay, segment.BreakDay) = (_dates!.Days[0], _dates.Days[^1], _dates.Days[^1]);
        segment.Observations = _count;
        segment.Take(_fit, _dates.Days[0], BandLanes.Zero);
    }

    /// <summary>Begins, follows and ends models until too few observations are left.</summary>
    private void Follow()
    {
        var initial = _options.InitialObservations;
        if (_count <= initial)
        {
            return;
        }

        AdjustPeek();
        _scatter = _madogram.Of(_day.AsSpan(0, _count), _value.AsSpan(0, _count), _options.Bands);
        var (start, stop, previousEnd) = (0, initial, 0);
        var first = true;
        while (stop <= _count - initial)
        {
            if (!Begin(ref start, ref stop))
            {
                break;
            }

            if (start > previousEnd)
            {
                LookBack(ref start, ref stop, previousEnd);
            }

            if (first && start - previousEnd > _peek)
            {
                FitRest(previousEnd, start, SegmentKind.Start);
            }

            first = false;
            if (stop + _peek > _count)
            {
                break;
            }

            stop = LookForward(start, stop);
            previousEnd = stop;
            (start, stop) = (stop, stop + initial);
        }

        if (previousEnd + _peek < _count)
        {
            FitRest(previousEnd, _count, SegmentKind.End);
        }
    }

    /// <summary>Looks so many observations ahead that they span as long as the default number does at one in 16 days, and asks accordingly less of each.</summary>
    private void AdjustPeek()
    {
        for (var i = 1; i < _count; i++)
        {
            _sorted[i - 1] = _day[i] - _day[i - 1];
        }

        var gap = OrderStatistics.Median(_sorted.AsSpan(0, _count - 1));
        var wanted = (int)Math.Round(_options.Peek * 16 / gap, MidpointRounding.ToEven);
        _peek = Math.Max(_options.Peek, Math.Min(wanted, _median.Length));
        _threshold = _peek == _options.Peek ? _change
            : ChiSquare.Quantile(1 - Math.Pow(1 - _options.ChangeProbability, (double)_options.Peek / _peek), _options.DetectionBands.Count);
    }

    /// <summary>Moves the window to where a model can begin: long enough, free of missed clouds, and stable.</summary>
    private bool Begin(ref int start, ref int stop)
    {
        while (stop + _options.InitialObservations < _count)
        {
            if (_day[stop - 1] - _day[start] < _options.InitialDays)
            {
                stop++;
                continue;
            }

            var length = stop - start;
            var outliers = _outliers.AsSpan(0, length);
            var found = _screen.Mark(_day.AsSpan(start, length), _value.AsSpan(start, length), _scatter, outliers);
            if (!EnoughLeft(start, outliers, length - found))
            {
                stop++;
                continue;
            }

            if (found > 0)
            {
                Remove(start, outliers);
                stop -= found;
            }

            FitWindow(start, stop, 4);
            if (IsStable(start, stop))
            {
                return true;
            }

            start++;
            stop++;
        }

        return false;
    }

    private bool EnoughLeft(int start, ReadOnlySpan<bool> outliers, int left)
    {
        var from = outliers.IndexOf(false);
        return from >= 0 && left >= _options.InitialObservations
            && _day[start + outliers.LastIndexOf(false)] - _day[start + from] >= _options.InitialDays;
    }

    /// <summary>Stable is a window whose trend and end residuals stay within the scatter.</summary>
    private bool IsStable(int start, int stop)
    {
        var slope = BandLanes.Abs(_fit.Coefficients[0]) * (_day[stop - 1] - _day[start]);
        var off = (slope + Residual(start) + Residual(stop - 1)) / BandLanes.Max(_scatter, _fit.Rmse);
        return Magnitude(off) < _threshold;
    }

    /// <summary>Takes back in what lies between the last break and the window, from the window backwards, as long as it agrees.</summary>
    private void LookBack(ref int start, ref int stop, int previousEnd)
    {
        var scale = BandLanes.Max(_scatter, _fit.Rmse);
        while (start > previousEnd)
        {
            var last = start - previousEnd > _peek ? start - _peek + 1
                : start - _peek <= 0 ? 0
                : previousEnd;
            var nearest = Magnitude(Residual(start - 1) / scale);
            var changed = nearest > _threshold;
            for (var i = start - 2; changed && i >= last; i--)
            {
                changed = Magnitude(Residual(i) / scale) > _threshold;
            }

            if (changed)
            {
                break;
            }

            if (nearest > _outlier)
            {
                RemoveAt(start - 1);
                stop--;
            }

            start--;
        }
    }

    /// <summary>A plain fit over what no model was followed for.</summary>
    private void FitRest(int start, int stop, SegmentKind kind)
    {
        FitWindow(start, stop, 4);
        var segment = Next(kind);
        (segment.StartDay, segment.EndDay) = (_day[start], _day[stop - 1]);
        segment.BreakDay = stop >= _count ? _day[_count - 1] : _day[stop];
        segment.Observations = stop - start;
        segment.Take(_fit, _dates!.Days[0], BandLanes.Zero);
    }

    /// <summary>Extends the model until a run of observations disagrees or the series ends.</summary>
    /// <returns>Where it stops, exclusive.</returns>
    private int LookForward(int start, int stop)
    {
        const int AlwaysRefitBelow = 24;
        var fitted = (Start: -1, Stop: -1);
        var fittedSpan = 0;
        var coefficients = 4;
        var changed = false;
        var next = stop;
        // Residuals of observations behind the window are those of the model at hand: [stop, known).
        var known = stop;
        while (stop + _peek <= _count)
        {
            coefficients = Coefficients(stop - start);
            var span = _day[stop - 1] - _day[start];
            if (fitted.Start < 0 || stop - start < AlwaysRefitBelow || span >= _options.RefitGrowth * fittedSpan)
            {
                FitFurther(start, stop, coefficients, fitted.Start == start ? fitted.Stop : start);
                fitted = (start, stop);
                fittedSpan = span;
                known = stop;
                if (stop - start >= AlwaysRefitBelow - 1)
                {
                    RememberSeason(start, stop);
                }
            }

            next = stop;
            for (; known < stop + _peek; known++)
            {
                _residual[known] = Residual(known);
            }

            var error = stop - start <= AlwaysRefitBelow ? _fit.Rmse : _seasonal.At(_dates!.Phases[_date[stop + _peek - 1]]);
            var scale = BandLanes.Max(_scatter, error);
            var nearest = Magnitude(_residual[stop] / scale);
            changed = nearest > _threshold;
            for (var i = 1; changed && i < _peek; i++)
            {
                changed = Magnitude(_residual[stop + i] / scale) > _threshold;
            }

            if (changed)
            {
                break;
            }

            if (nearest > _outlier)
            {
                RemoveAt(stop);
                _residual.AsSpan(stop + 1, known - stop - 1).CopyTo(_residual.AsSpan(stop));
                known--;
                continue;
            }

            stop++;
        }

        var segment = Next(SegmentKind.Followed);
        (segment.StartDay, segment.EndDay, segment.BreakDay) = (_day[start], _day[stop - 1], _day[Math.Min(next, _count - 1)]);
        segment.Observations = stop - start;
        segment.HasBreak = changed;
        segment.Take(_fit, _dates!.Days[0], MedianResidual(next));
        segment.CoefficientCount = coefficients;
        return stop;
    }

    /// <summary>Three observations carry a coefficient.</summary>
    private static int Coefficients(int observations) => observations < 18 ? 4 : observations < 24 ? 6 : 8;

    private void FitWindow(int start, int stop, int coefficients) => FitFurther(start, stop, coefficients, start);

    /// <summary>Fits [start, stop), of which the sums up to <paramref name="summed"/> stand already.</summary>
    private void FitFurther(int start, int stop, int coefficients, int summed)
    {
        if (summed == start)
        {
            _fit.Clear();
        }

        var rows = _dates!.Rows;
        for (var i = summed; i < stop; i++)
        {
            _fit.Add(rows[_date[i]], _value[i]);
        }

        _fit.Solve(coefficients);
    }

    private void RememberSeason(int start, int stop)
    {
        for (var i = start; i < stop; i++)
        {
            (_inFit[_date[i]], _placeOf[_date[i]]) = (true, i);
        }

        _seasonal.Clear(stop - start);
        var phases = _dates!.Phases;
        foreach (var date in _dates.BySeason)
        {
            if (_inFit[date])
            {
                _seasonal.Add(phases[date], Residual(_placeOf[date]));
                _inFit[date] = false;
            }
        }
    }

    private BandLanes Residual(int at) => BandLanes.Abs(_value[at] - _fit.Predict(_dates!.Rows[_date[at]]));

    /// <summary>Sum over the detection bands of the squared normalised residuals.</summary>
    private double Magnitude(BandLanes normalised) => BandLanes.Sum(BandLanes.Where(BandLanes.Less(BandLanes.Zero, _detection), normalised * normalised, BandLanes.Zero));

    private BandLanes MedianResidual(int from)
    {
        var count = Math.Min(_peek, _count - from);
        for (var band = 0; band < BandLanes.Count; band++)
        {
            for (var i = 0; i < count; i++)
            {
                _median[i] = Residual(from + i)[band];
            }

            _lanes[band] = OrderStatistics.Median(_median.AsSpan(0, Math.Max(0, count)));
        }

        var median = BandLanes.Of(_lanes);
        _lanes.AsSpan().Clear();
        return median;
    }

    private void Remove(int start, ReadOnlySpan<bool> outliers)
    {
        var kept = start;
        for (var i = start; i < _count; i++)
        {
            if (i - start >= outliers.Length || !outliers[i - start])
            {
                (_date[kept], _day[kept], _value[kept]) = (_date[i], _day[i], _value[i]);
                kept++;
            }
        }

        _count = kept;
    }

    private void RemoveAt(int at)
    {
        _date.AsSpan(at + 1, _count - at - 1).CopyTo(_date.AsSpan(at));
        _day.AsSpan(at + 1, _count - at - 1).CopyTo(_day.AsSpan(at));
        _value.AsSpan(at + 1, _count - at - 1).CopyTo(_value.AsSpan(at));
        _count--;
    }

    private CcdcSegment Next(SegmentKind kind)
    {
        if (_segmentCount == _pool.Count)
        {
            _pool.Add(new CcdcSegment());
            _segments = [.. _pool];
        }

        var segment = _segments[_segmentCount++];
        segment.Kind = kind;
        segment.HasBreak = false;
        return segment;
    }
}
