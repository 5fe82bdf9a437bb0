using Monitoring.Detection.Imagery.Ccdc.Watch;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>
/// The plain twin of <see cref="TileWatch"/>, pixel by pixel. Watches a tile of pixels look by look: their seasonal models, what all have in common in a look, and two looks in a row that deviate
/// (CCDC with a peek of two, Zhu and Woodcock 2014, on normalised looks). docs/algorithms/ccdc.md gives the rules. The outcome depends on
/// the states and the look alone. A workspace: not thread-safe, allocates nothing once it has met its largest tile.
/// </summary>
internal sealed class SlowTileWatch
{
    /// <summary>Most pixels that a look is normalised on; more say no more.</summary>
    private const int MostSampled = 8192;

    private readonly WatchOptions _options;
    private readonly SlowLookNormaliser _normaliser = new();
    private readonly SlowWatchStart _start;
    private int[] _followed = [];
    private double[] _level = [];
    private double[] _season = [];
    private double[] _shift = [];
    private double[] _error = [];
    private double[] _uncertain = [];
    private double[] _observed = [];
    private double[] _deviation = [];
    private double[] _sorted = [];
    private double[] _sampleValue = [];
    private double[] _sampleLevel = [];
    private double[] _sampleSeason = [];
    private double[] _sampleShift = [];

    /// <exception cref="ArgumentException">An option outside its range.</exception>
    public SlowTileWatch(WatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems().FirstOrDefault() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        _options = options;
        _start = new SlowWatchStart(options, _normaliser);
    }

    /// <summary>Takes one look at a tile.</summary>
    /// <param name="states">One a pixel; those of a new tile are default.</param>
    /// <param name="values">NDVI × 10 000 (or another index in that unit), one a pixel.</param>
    /// <param name="clear">Which of them were seen.</param>
    /// <param name="day">Day of the series: the first look's is 1; above all earlier ones, at most 65 535.</param>
    /// <param name="epoch">Day number of day 0 of the series.</param>
    public TileLook Take(Span<WatchState> states, ReadOnlySpan<short> values, ReadOnlySpan<bool> clear, int day, int epoch)
    {
        if (values.Length != states.Length || clear.Length != states.Length)
        {
            throw new ArgumentException($"{states.Length} pixels need as many values and clear flags; there are {values.Length} and {clear.Length}.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(day, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(day, ushort.MaxValue);
        Reserve(states.Length);
        var followed = Expect(states, values, clear, SeasonRow.Of(day, epoch));
        var breaks = 0;
        if (followed >= _options.LeastPopulation)
        {
            var norm = Normalise(followed, out var error);
            if (!IsUsable(norm, error))
            {
                return new TileLook(followed, false, 0, 0);
            }

            breaks = Follow(states, norm, followed, day, epoch);
        }

        // Those that broke now have this look already.
        for (var i = 0; i < states.Length; i++)
        {
            if (clear[i] && states[i].Stored == WatchStage.Collecting && states[i].LastDay != day)
            {
                PixelWatch.Collect(ref states[i], day, values[i], _options);
            }
        }

        return new TileLook(followed, true, breaks, _start.Begin(states, epoch));
    }

    private void Reserve(int pixels)
    {
        if (_followed.Length >= pixels)
        {
            return;
        }

        _followed = new int[pixels];
        (_level, _season, _shift, _error) = (new double[pixels], new double[pixels], new double[pixels], new double[pixels]);
        _uncertain = new double[pixels];
        (_observed, _deviation, _sorted) = (new double[pixels], new double[pixels], new double[pixels]);
        var sampled = Math.Min(pixels, MostSampled);
        (_sampleValue, _sampleLevel, _sampleSeason, _sampleShift) = (new double[sampled], new double[sampled], new double[sampled], new double[sampled]);
    }

    /// <summary>Asks the models of all pixels that are seen and followed what they expect.</summary>
    /// <returns>How many.</returns>
    private int Expect(Span<WatchState> states, ReadOnlySpan<short> values, ReadOnlySpan<bool> clear, in SeasonRow row)
    {
        var slope = SeasonRow.Slope(row);
        var count = 0;
        for (var i = 0; i < states.Length; i++)
        {
            if (!clear[i] || states[i].Stored != WatchStage.Following)
            {
                continue;
            }

            var variance = SeasonModel.Solve(states[i].Sums, states[i].Looks, _options, row, out var coefficients, out var leverage);
            _followed[count] = i;
            _observed[count] = values[i];
            _level[count] = coefficients[0] + (coefficients[1] * row[1]);
            _season[count] = SeasonModel.Dot(coefficients, row) - _level[count];
            _shift[count] = SeasonModel.Dot(coefficients, slope);
            _uncertain[count] = Math.Sqrt(1 + (_options.LeverageWeight * leverage));
            _error[count] = Math.Sqrt(variance + (_options.NoiseFloor * _options.NoiseFloor));
            count++;
        }

        return count;
    }

    /// <param name="error">Median error of the models.</param>
    private LookNorm Normalise(int followed, out double error)
    {
        var step = (followed + MostSampled - 1) / MostSampled;
        var count = 0;
        for (var i = 0; i < followed; i += step)
        {
            (_sampleValue[count], _sampleLevel[count], _sampleSeason[count], _sampleShift[count]) = (_observed[i], _level[i], _season[i], _shift[i]);
            _sorted[count] = _error[i];
            count++;
        }

        error = OrderStatistics.Median(_sorted.AsSpan(0, count));
        return _normaliser.Of(_sampleValue.AsSpan(0, count), _sampleLevel.AsSpan(0, count), _sampleSeason.AsSpan(0, count), _sampleShift.AsSpan(0, count), 4);
    }

    private bool IsUsable(in LookNorm norm, double error) =>
        norm.Scatter <= _options.LargestScatter && norm.Gain >= _options.LeastGain && Math.Abs(norm.Offset) <= _options.LargestOffset * error;

    private int Follow(Span<WatchState> states, in LookNorm norm, int followed, int day, int epoch)
    {
        var unit = Math.Sqrt((norm.Scatter * norm.Scatter) + (_options.NoiseFloor * _options.NoiseFloor));
        for (var i = 0; i < followed; i++)
        {
            var residual = _observed[i] - _level[i] - _season[i] - norm.At(_level[i], _season[i], _shift[i]);
            _deviation[i] = residual / unit / _uncertain[i] / PixelWatch.RoughnessOf(states[_followed[i]].Sums, _options);
        }

        var tail = Tail(states, followed);
        var breaks = 0;
        for (var i = 0; i < followed; i++)
        {
            ref var state = ref states[_followed[i]];
            var roughness = PixelWatch.RoughnessOf(state.Sums, _options);
            var common = norm.At(_level[i], _season[i], _shift[i]);
            var look = new PixelLook(day, _observed[i], common, _observed[i] - _level[i] - _season[i] - common, _deviation[i], roughness, tail);
            breaks += PixelWatch.Follow(ref state, look, _options, new SeasonDays(epoch)) ? 1 : 0;
        }

        return breaks;
    }

    /// <summary>
    /// How much farther than a normal distribution's the deviations of this look reach, at least 1: on a day of harvests, or with cloud that
    /// the mask missed, a deviation proves less. Only pixels whose last look was near count, so that a large change that lasts does not hide itself.
    /// </summary>
    private double Tail(Span<WatchState> states, int followed)
    {
        const double Near = 3;
        const int Least = 100;
        var count = 0;
        for (var i = 0; i < followed; i++)
        {
            ref var state = ref states[_followed[i]];
            if (Math.Abs(state.PendingDeviation) < Near * PixelWatch.RoughnessOf(state.Sums, _options))
            {
                _sorted[count++] = Math.Abs(_deviation[i]);
            }
        }

        if (count <= Least)
        {
            return 1;
        }

        var normal = Math.Sqrt(ChiSquare.Quantile(_options.TailShare, 1));
        return Math.Max(1, OrderStatistics.Select(_sorted.AsSpan(0, count), (int)(_options.TailShare * (count - 1))) / normal);
    }
}
