using Monitoring.Detection.Imagery.Ccdc.Watch;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>
/// Begins the models of a tile's pixels one by one, the twin of <see cref="WatchStart"/>: a robust fit of level, trend and one cycle a year to each pixel's kept looks (Tukey's biweight, as
/// Tmask), after looks in which the tile as a whole is off (snow, fog) have been taken out. A workspace: not thread-safe.
/// </summary>
internal sealed class SlowWatchStart(WatchOptions options, SlowLookNormaliser normaliser)
{
    private const int Reweightings = 8;
    private const int Screenings = 2;
    private const double Biweight = 4.685;
    private const double MadToSigma = 1.4826;

    /// <summary>Least scale of the weights, in the unit of the value.</summary>
    private const double LeastScale = 100;

    /// <summary>A look that is farther off than so many scales is left out.</summary>
    private const double Outlier = 4;

    /// <summary>Looks at most that the screening may take from the least number.</summary>
    private const int Spared = 4;

    private readonly List<int> _pixels = [];
    private readonly SortedSet<int> _days = [];
    private readonly HashSet<int> _dropped = [];
    private SeasonRow[] _coefficients = [];
    private double[] _scale = [];
    private double[] _value = [];
    private double[] _level = [];
    private double[] _season = [];
    private double[] _median = [];
    private readonly double[] _residual = new double[WatchState.Capacity];

    /// <summary>Begins what can begin.</summary>
    /// <returns>How many.</returns>
    public int Begin(Span<WatchState> states, int epoch)
    {
        _pixels.Clear();
        for (var i = 0; i < states.Length; i++)
        {
            if (PixelWatch.CanBegin(ref states[i], options))
            {
                _pixels.Add(i);
            }
        }

        if (_pixels.Count == 0)
        {
            return 0;
        }

        if (_scale.Length < _pixels.Count)
        {
            _coefficients = new SeasonRow[_pixels.Count];
            (_scale, _value, _level, _season, _median) = (new double[_pixels.Count], new double[_pixels.Count], new double[_pixels.Count], new double[_pixels.Count], new double[_pixels.Count]);
        }

        _dropped.Clear();
        FitAll(states, epoch);
        for (var round = 0; _pixels.Count >= options.LeastPopulation && round < Screenings; round++)
        {
            Screen(states, epoch);
            FitAll(states, epoch);
        }

        return BeginAll(states, epoch);
    }

    private void FitAll(Span<WatchState> states, int epoch)
    {
        for (var i = 0; i < _pixels.Count; i++)
        {
            Fit(ref states[_pixels[i]], i, epoch);
        }
    }

    /// <summary>The same test that a look must pass once models are followed, with the constant alone.</summary>
    private void Screen(Span<WatchState> states, int epoch)
    {
        _days.Clear();
        foreach (var pixel in _pixels)
        {
            foreach (var look in states[pixel].Kept[..states[pixel].Looks])
            {
                _days.Add(look.Day);
            }
        }

        _scale.AsSpan(0, _pixels.Count).CopyTo(_median);
        var error = OrderStatistics.Median(_median.AsSpan(0, _pixels.Count));
        _dropped.Clear();
        foreach (var day in _days)
        {
            var row = SeasonRow.Of(day, epoch);
            var count = 0;
            for (var i = 0; i < _pixels.Count; i++)
            {
                foreach (var look in states[_pixels[i]].Kept[..states[_pixels[i]].Looks])
                {
                    if (look.Day == day)
                    {
                        _value[count] = look.Value;
                        _level[count] = _coefficients[i][0] + (_coefficients[i][1] * row[1]);
                        _season[count] = SeasonModel.Dot(_coefficients[i], row) - _level[count];
                        count++;
                    }
                }
            }

            if (count < 50)
            {
                continue;
            }

            var norm = normaliser.Of(_value.AsSpan(0, count), _level.AsSpan(0, count), _season.AsSpan(0, count), _season.AsSpan(0, count), 1);
            if (norm.Scatter > options.LargestScatter || norm.Gain < options.LeastGain || Math.Abs(norm.Offset) > options.LargestOffset * error)
            {
                _dropped.Add(day);
            }
        }
    }

    private void Fit(ref WatchState state, int at, int epoch)
    {
        Span<double> sums = stackalloc double[WatchState.Held.Count];
        Span<double> weights = stackalloc double[WatchState.Capacity];
        Span<double> sorted = stackalloc double[WatchState.Capacity];
        Span<SeasonRow> rows = stackalloc SeasonRow[WatchState.Capacity];
        var kept = state.Kept[..state.Looks];
        for (var i = 0; i < kept.Length; i++)
        {
            rows[i] = SeasonRow.Of(kept[i].Day, epoch);
            weights[i] = _dropped.Contains(kept[i].Day) ? 0 : 1;
        }

        for (var round = 0; round < Reweightings; round++)
        {
            sums.Clear();
            for (var i = 0; i < kept.Length; i++)
            {
                // A weighted look is the look times the root of its weight.
                var root = Math.Sqrt(weights[i]);
                var row = rows[i];
                for (var c = 0; c < SeasonModel.Columns; c++)
                {
                    row[c] *= root;
                }

                SeasonModel.Add(sums, row, kept[i].Value * root);
            }

            SeasonModel.Solve(sums, 0, options, out _coefficients[at]);
            var used = 0;
            for (var i = 0; i < kept.Length; i++)
            {
                _residual[i] = kept[i].Value - SeasonModel.Dot(_coefficients[at], rows[i]);
                if (!_dropped.Contains(kept[i].Day))
                {
                    sorted[used++] = Math.Abs(_residual[i]);
                }
            }

            _scale[at] = (OrderStatistics.Median(sorted[..used]) * MadToSigma) + LeastScale;
            for (var i = 0; i < kept.Length; i++)
            {
                var u = _residual[i] / (Biweight * _scale[at]);
                weights[i] = _dropped.Contains(kept[i].Day) || Math.Abs(u) >= 1 ? 0 : (1 - (u * u)) * (1 - (u * u));
            }
        }
    }

    private int BeginAll(Span<WatchState> states, int epoch)
    {
        Span<bool> use = stackalloc bool[WatchState.Capacity];
        var begun = 0;
        for (var i = 0; i < _pixels.Count; i++)
        {
            ref var state = ref states[_pixels[i]];
            var kept = state.Kept[..state.Looks];
            var used = 0;
            for (var k = 0; k < kept.Length; k++)
            {
                var off = kept[k].Value - SeasonModel.Dot(_coefficients[i], SeasonRow.Of(kept[k].Day, epoch));
                use[k] = !_dropped.Contains(kept[k].Day) && Math.Abs(off) < Outlier * _scale[i];
                used += use[k] ? 1 : 0;
            }

            if (used >= options.InitialLooks - Spared)
            {
                PixelWatch.Begin(ref state, use[..kept.Length], new SeasonDays(epoch));
                begun++;
            }
        }

        return begun;
    }
}
