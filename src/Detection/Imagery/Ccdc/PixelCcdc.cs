using System.Runtime.InteropServices;
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
    // All bits set in the bands whose residuals say change: until a segment ends nothing else is asked of a model.
    private readonly BandLanes _detection;
    // The bands whose scatter is asked for.
    private readonly int[] _scattering;
    private readonly double _outlier;
    private readonly double _change;
    private readonly double[] _median = new double[256];
    private readonly List<CcdcSegment> _pool = [];
    private readonly double[] _lanes = new double[BandLanes.Count];
    private CcdcSegment[] _segments = [];
    private int _segmentCount;

    private readonly PixelObservations _seen;
    private bool[] _outliers = [];

    // 1 for each date that is in the fit.
    private byte[] _inFit = [];
    private int[] _ordered = [];
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
        _seen = new PixelObservations(options);
        _fit = new HarmonicFit(options);
        _screen = new CloudScreen(options);
        Span<double> detection = stackalloc double[BandLanes.Count];
        detection.Clear();
        foreach (var band in options.DetectionBands)
        {
            detection[band] = 1;
        }

        _detection = BandLanes.Less(BandLanes.Zero, BandLanes.Of(detection));
        _scattering = [.. options.DetectionBands.Union(options.CloudScreenBands)];
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
            _seen.Take(dates, values, quality, withSnow: false, celsius: true);
            Follow();
        }
        else if (snow >= _options.SnowShare * (clear + snow + 0.01))
        {
            _seen.Take(dates, values, quality, withSnow: true, celsius: false);
            FitAll(SegmentKind.PermanentSnow);
        }
        else
        {
            _seen.Take(dates, values, quality, withSnow: false, celsius: false);
            _seen.LeaveOutBrightGreen();
            FitAll(SegmentKind.TooFewClear);
        }

        return _segments.AsSpan(0, _segmentCount);
    }

    private void Reserve(int dates)
    {
        if (_inFit.Length < dates)
        {
            (_outliers, _inFit, _placeOf, _ordered) = (new bool[dates], new byte[dates], new int[dates], new int[dates]);
            (_sorted, _residual) = (new double[dates], new BandLanes[dates]);
        }
    }

    /// <summary>One plain model for all that was taken.</summary>
    private void FitAll(SegmentKind kind)
    {
        if (_seen.Count < _options.InitialObservations)
        {
            return;
        }

        FitWindow(0, _seen.Count, 4);
        var segment = Next(kind);
        (segment.StartDay, segment.EndDay, segment.BreakDay) = (_dates!.Days[0], _dates.Days[^1], _dates.Days[^1]);
        segment.Observations = _seen.Count;
        segment.Take(_fit, _dates.Days[0], BandLanes.Zero);
    }

    /// <summary>Begins, follows and ends models until too few observations are left.</summary>
    private void Follow()
    {
        var initial = _options.InitialObservations;
        if (_seen.Count <= initial)
        {
            return;
        }

        AdjustPeek();
        _scatter = _madogram.Of(_seen.Day.AsSpan(0, _seen.Count), _seen.Value.AsSpan(0, _seen.Count), _scattering);
        var (start, stop, previousEnd) = (0, initial, 0);
        var first = true;
        while (stop <= _seen.Count - initial)
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
            if (stop + _peek > _seen.Count)
            {
                break;
            }

            stop = LookForward(start, stop);
            previousEnd = stop;
            (start, stop) = (stop, stop + initial);
        }

        if (previousEnd + _peek < _seen.Count)
        {
            FitRest(previousEnd, _seen.Count, SegmentKind.End);
        }
    }

    /// <summary>Looks so many observations ahead that they span as long as the default number does at one in 16 days, and asks accordingly less of each.</summary>
    private void AdjustPeek()
    {
        for (var i = 1; i < _seen.Count; i++)
        {
            _sorted[i - 1] = _seen.Day[i] - _seen.Day[i - 1];
        }

        var gap = OrderStatistics.Median(_sorted.AsSpan(0, _seen.Count - 1));
        var wanted = (int)Math.Round(_options.Peek * 16 / gap, MidpointRounding.ToEven);
        _peek = Math.Max(_options.Peek, Math.Min(wanted, _median.Length));
        _threshold = _peek == _options.Peek ? _change
            : ChiSquare.Quantile(1 - Math.Pow(1 - _options.ChangeProbability, (double)_options.Peek / _peek), _options.DetectionBands.Count);
    }

    /// <summary>Moves the window to where a model can begin: long enough, free of missed clouds, and stable.</summary>
    private bool Begin(ref int start, ref int stop)
    {
        while (stop + _options.InitialObservations < _seen.Count)
        {
            if (_seen.Day[stop - 1] - _seen.Day[start] < _options.InitialDays)
            {
                stop++;
                continue;
            }

            var length = stop - start;
            var outliers = _outliers.AsSpan(0, length);
            var found = _screen.Mark(_dates!, _seen.Date.AsSpan(start, length), _seen.Value.AsSpan(start, length), _scatter, outliers);
            if (!EnoughLeft(start, outliers, length - found))
            {
                stop++;
                continue;
            }

            if (found > 0)
            {
                _seen.Remove(start, outliers);
                stop -= found;
            }

            FitFurther(start, stop, 4, start, _detection);
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
            && _seen.Day[start + outliers.LastIndexOf(false)] - _seen.Day[start + from] >= _options.InitialDays;
    }

    /// <summary>Stable is a window whose trend and end residuals stay within the scatter.</summary>
    private bool IsStable(int start, int stop)
    {
        var slope = BandLanes.Abs(_fit.Coefficients[0]) * (_seen.Day[stop - 1] - _seen.Day[start]);
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
                _seen.RemoveAt(start - 1);
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
        (segment.StartDay, segment.EndDay) = (_seen.Day[start], _seen.Day[stop - 1]);
        segment.BreakDay = stop >= _seen.Count ? _seen.Day[_seen.Count - 1] : _seen.Day[stop];
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
        // Left out only once the magnitude is known: it is that of what was looked at last, which includes it.
        var outlierIsLast = false;
        var next = stop;
        // Residuals of observations behind the window are those of the model at hand: [stop, known).
        var known = stop;
        while (stop + _peek <= _seen.Count)
        {
            coefficients = Coefficients(stop - start);
            var span = _seen.Day[stop - 1] - _seen.Day[start];
            if (fitted.Start < 0 || stop - start < AlwaysRefitBelow || span >= _options.RefitGrowth * fittedSpan)
            {
                FitFurther(start, stop, coefficients, fitted.Start == start ? fitted.Stop : start, _detection);
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

            var error = stop - start <= AlwaysRefitBelow ? _fit.Rmse : _seasonal.At(_dates!.Phases[_seen.Date[stop + _peek - 1]]);
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
                if (stop + _peek == _seen.Count)
                {
                    outlierIsLast = true;
                    break;
                }

                _seen.RemoveAt(stop);
                _residual.AsSpan(stop + 1, known - stop - 1).CopyTo(_residual.AsSpan(stop));
                known--;
                continue;
            }

            stop++;
        }

        _fit.SolveRest();
        var magnitude = MedianResidual(next);
        if (outlierIsLast)
        {
            _seen.RemoveAt(stop);
        }

        var segment = Next(SegmentKind.Followed);
        (segment.StartDay, segment.EndDay, segment.BreakDay) = (_seen.Day[start], _seen.Day[stop - 1], _seen.Day[Math.Min(next, _seen.Count - 1)]);
        segment.Observations = stop - start;
        segment.HasBreak = changed;
        segment.Take(_fit, _dates!.Days[0], magnitude);
        segment.CoefficientCount = coefficients;
        return stop;
    }

    /// <summary>Three observations carry a coefficient.</summary>
    private static int Coefficients(int observations) => observations < 18 ? 4 : observations < 24 ? 6 : 8;

    private void FitWindow(int start, int stop, int coefficients) => FitFurther(start, stop, coefficients, start, BandLanes.AllBits);

    /// <summary>Fits some bands of [start, stop), of which the sums up to <paramref name="summed"/> stand already.</summary>
    private void FitFurther(int start, int stop, int coefficients, int summed, BandLanes bands)
    {
        if (summed == start)
        {
            _fit.Clear();
        }

        _fit.Add(_dates!.Rows, _seen.Date.AsSpan(summed, stop - summed), _seen.Value.AsSpan(summed, stop - summed));
        _fit.Solve(coefficients, bands);
    }

    private void RememberSeason(int start, int stop)
    {
        for (var i = start; i < stop; i++)
        {
            (_inFit[_seen.Date[i]], _placeOf[_seen.Date[i]]) = (1, i);
        }

        // Every date is written and only those of the fit are counted: which of them are is nothing that a branch could foresee.
        var (count, ordered) = (0, _ordered);
        foreach (var date in _dates!.BySeason)
        {
            ordered[count] = date;
            count += _inFit[date];
        }

        _seasonal.Clear(count);
        var phases = _dates.Phases;
        foreach (var date in ordered.AsSpan(0, count))
        {
            _seasonal.Add(phases[date], Residual(_placeOf[date]));
            _inFit[date] = 0;
        }
    }

    private BandLanes Residual(int at) => BandLanes.Abs(_seen.Value[at] - _fit.Predict(_dates!.Rows[_seen.Date[at]]));

    /// <summary>Sum over the detection bands of the squared normalised residuals.</summary>
    private double Magnitude(BandLanes normalised) => BandLanes.Sum(BandLanes.Both(normalised * normalised, _detection));

    /// <summary>Median absolute residual of the observations that were looked at last; what is remembered of residuals is overwritten.</summary>
    private BandLanes MedianResidual(int from)
    {
        var count = Math.Max(0, Math.Min(_peek, _seen.Count - from));
        for (var i = 0; i < count; i++)
        {
            _residual[i] = Residual(from + i);
        }

        var numbers = MemoryMarshal.Cast<BandLanes, double>(_residual.AsSpan(0, count));
        for (var band = 0; band < BandLanes.Count; band++)
        {
            for (var i = 0; i < count; i++)
            {
                _median[i] = numbers[(i * BandLanes.Count) + band];
            }

            _lanes[band] = OrderStatistics.Median(_median.AsSpan(0, count));
        }

        return BandLanes.Of(_lanes);
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
