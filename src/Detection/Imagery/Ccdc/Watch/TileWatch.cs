using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Imagery.Ccdc.Watch;

/// <summary>What a look gave to a tile.</summary>
/// <param name="Followed">Pixels whose model was asked.</param>
/// <param name="Usable">False when the tile as a whole showed no ground (snow, fog, thin cloud): the look was left out.</param>
/// <param name="Breaks">Pixels that this look made certain of.</param>
/// <param name="Begun">Pixels whose model began.</param>
public readonly record struct TileLook(int Followed, bool Usable, int Breaks, int Begun);

/// <summary>
/// Watches a tile of pixels look by look: their seasonal models, what all have in common in a look, and two looks in a row that deviate
/// (CCDC with a peek of two, Zhu and Woodcock 2014, on normalised looks). docs/algorithms/ccdc.md gives the rules. The outcome depends on
/// the states and the look alone. A workspace: not thread-safe, allocates nothing once it has met its largest tile.
/// </summary>
public sealed class TileWatch
{
    /// <summary>Most pixels that a look is normalised on; more say no more.</summary>
    private const int MostSampled = 8192;

    private readonly WatchOptions _options;
    private readonly LookNormaliser _normaliser = new();
    private readonly WatchStart _start;
    private readonly WatchExpectation _expected;
    private double[] _deviation = [];
    private double[] _sorted = [];
    private double[] _rough = [];
    private SeasonDays _days = new(0);
    private double[] _sampleValue = [];
    private double[] _sampleLevel = [];
    private double[] _sampleSeason = [];
    private double[] _sampleShift = [];

    /// <exception cref="ArgumentException">An option outside its range.</exception>
    public TileWatch(WatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems().FirstOrDefault() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        _options = options;
        _expected = new WatchExpectation(options);
        _start = new WatchStart(options, _normaliser);
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
        _days = _days.Epoch == epoch ? _days : new SeasonDays(epoch);
        var followed = _expected.Of(states, values, clear, _days.RowOf(day));
        var breaks = 0;
        if (followed >= _options.LeastPopulation)
        {
            var norm = Normalise(followed, out var error);
            if (!IsUsable(norm, error))
            {
                return new TileLook(followed, false, 0, 0);
            }

            breaks = Follow(states, norm, followed, day);
        }

        // Those that broke now have this look already.
        for (var i = 0; i < states.Length; i++)
        {
            if (clear[i] && states[i].Stored == WatchStage.Collecting && states[i].LastDay != day)
            {
                PixelWatch.Collect(ref states[i], day, values[i], _options);
            }
        }

        return new TileLook(followed, true, breaks, _start.Begin(states, _days));
    }

    private void Reserve(int pixels)
    {
        if (_deviation.Length >= pixels)
        {
            return;
        }

        (_deviation, _rough, _sorted) = (new double[pixels], new double[pixels], new double[pixels]);
        var sampled = Math.Min(pixels, MostSampled);
        (_sampleValue, _sampleLevel, _sampleSeason, _sampleShift) = (new double[sampled], new double[sampled], new double[sampled], new double[sampled]);
    }

    /// <param name="error">Median error of the models.</param>
    private LookNorm Normalise(int followed, out double error)
    {
        var step = (followed + MostSampled - 1) / MostSampled;
        var count = 0;
        for (var i = 0; i < followed; i += step)
        {
            (_sampleValue[count], _sampleLevel[count], _sampleSeason[count], _sampleShift[count]) =
                (_expected.Observed[i], _expected.Level[i], _expected.Season[i], _expected.Shift[i]);
            _sorted[count] = _expected.Error[i];
            count++;
        }

        error = OrderStatistics.Median(_sorted.AsSpan(0, count));
        return _normaliser.Of(_sampleValue.AsSpan(0, count), _sampleLevel.AsSpan(0, count), _sampleSeason.AsSpan(0, count), _sampleShift.AsSpan(0, count), 4);
    }

    private bool IsUsable(in LookNorm norm, double error) =>
        norm.Scatter <= _options.LargestScatter && norm.Gain >= _options.LeastGain && Math.Abs(norm.Offset) <= _options.LargestOffset * error;

    private int Follow(Span<WatchState> states, in LookNorm norm, int followed, int day)
    {
        ReadOnlySpan<double> observed = _expected.Observed, level = _expected.Level, season = _expected.Season, shift = _expected.Shift, uncertain = _expected.Uncertain;
        var pixels = _expected.Pixels;
        var unit = Math.Sqrt((norm.Scatter * norm.Scatter) + (_options.NoiseFloor * _options.NoiseFloor));
        for (var i = 0; i < followed; i++)
        {
            var residual = observed[i] - level[i] - season[i] - norm.At(level[i], season[i], shift[i]);
            _rough[i] = PixelWatch.RoughnessOf(states[pixels[i]].Sums, _options);
            _deviation[i] = residual / unit / uncertain[i] / _rough[i];
        }

        var tail = Tail(states, followed);
        var breaks = 0;
        for (var i = 0; i < followed; i++)
        {
            var common = norm.At(level[i], season[i], shift[i]);
            var look = new PixelLook(day, observed[i], common, observed[i] - level[i] - season[i] - common, _deviation[i], _rough[i], tail);
            breaks += PixelWatch.Follow(ref states[pixels[i]], look, _options, _days) ? 1 : 0;
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
            if (Math.Abs(states[_expected.Pixels[i]].PendingDeviation) < Near * _rough[i])
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
