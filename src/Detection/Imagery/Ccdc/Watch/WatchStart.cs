using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Imagery.Ccdc.Watch;

/// <summary>
/// Begins the models of a tile's pixels: a robust fit of level, trend and one cycle a year to each pixel's kept looks (Tukey's biweight, as
/// Tmask), after looks in which the tile as a whole is off (snow, fog) have been taken out. Pixels that keep looks of the same days are fitted
/// eight at a time. A workspace: not thread-safe.
/// </summary>
internal sealed class WatchStart(WatchOptions options, LookNormaliser normaliser)
{
    private const int Lanes = 8;
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

    /// <summary>Level, trend and one cycle.</summary>
    private const int Columns = 4;
    private const int Products = Columns * (Columns + 1) / 2;

    /// <summary>A number of looks, then their days.</summary>
    private const int KeyWords = 1 + (WatchState.Capacity / 4);

    private readonly SharedKeys _keys = new(KeyWords);
    private readonly List<int> _pixels = [];
    private readonly SortedSet<int> _days = [];
    private readonly HashSet<int> _dropped = [];
    private readonly double[] _kept = new double[WatchState.Capacity * Lanes];
    private readonly double[] _out = new double[(Columns + 1) * Lanes];
    private int[] _group = [];
    private int[] _ends = [];
    private int[] _order = [];
    private int[] _lookOf = [];
    private SeasonRow[] _coefficients = [];
    private double[] _scale = [];
    private double[] _value = [];
    private double[] _level = [];
    private double[] _season = [];
    private double[] _median = [];

    /// <summary>Begins what can begin.</summary>
    /// <returns>How many.</returns>
    public int Begin(Span<WatchState> states, SeasonDays days)
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

        Reserve();
        Group(states);
        _dropped.Clear();
        FitAll(states, days);
        for (var round = 0; _pixels.Count >= options.LeastPopulation && round < Screenings; round++)
        {
            Screen(states, days);
            FitAll(states, days);
        }

        return BeginAll(states, days);
    }

    private void Reserve()
    {
        if (_scale.Length < _pixels.Count)
        {
            _coefficients = new SeasonRow[_pixels.Count];
            (_scale, _value, _level, _season, _median) = (new double[_pixels.Count], new double[_pixels.Count], new double[_pixels.Count], new double[_pixels.Count], new double[_pixels.Count]);
            (_group, _order) = (new int[_pixels.Count], new int[_pixels.Count]);
        }
    }

    /// <summary>Numbers the lists of days, and orders the pixels by them.</summary>
    private void Group(Span<WatchState> states)
    {
        _keys.Clear(_pixels.Count);
        Span<ulong> key = stackalloc ulong[KeyWords];
        for (var i = 0; i < _pixels.Count; i++)
        {
            ref var state = ref states[_pixels[i]];
            var kept = state.Kept[..state.Looks];
            key.Clear();
            key[0] = (ulong)kept.Length;
            var days = MemoryMarshal.Cast<ulong, ushort>(key[1..]);
            for (var k = 0; k < kept.Length; k++)
            {
                days[k] = kept[k].Day;
            }

            _group[i] = _keys.Of(key);
        }

        if (_ends.Length <= _keys.Count)
        {
            (_ends, _lookOf) = (new int[2 * (_keys.Count + 1)], new int[2 * (_keys.Count + 1)]);
        }

        _ends.AsSpan(0, _keys.Count + 1).Clear();
        for (var i = 0; i < _pixels.Count; i++)
        {
            _ends[_group[i] + 1]++;
        }

        for (var group = 0; group < _keys.Count; group++)
        {
            _ends[group + 1] += _ends[group];
        }

        for (var i = 0; i < _pixels.Count; i++)
        {
            _order[_ends[_group[i]]++] = i;
        }
    }

    private ReadOnlySpan<ushort> DaysOf(int group) => MemoryMarshal.Cast<ulong, ushort>(_keys[group][1..])[..(int)_keys[group][0]];

    private void FitAll(Span<WatchState> states, SeasonDays days)
    {
        for (var group = 0; group < _keys.Count; group++)
        {
            for (var from = group == 0 ? 0 : _ends[group - 1]; from < _ends[group]; from += Lanes)
            {
                Fit(states, _order.AsSpan(from, Math.Min(Lanes, _ends[group] - from)), DaysOf(group), days);
            }
        }
    }

    /// <summary>The same test that a look must pass once models are followed, with the constant alone.</summary>
    private void Screen(Span<WatchState> states, SeasonDays days)
    {
        _days.Clear();
        for (var group = 0; group < _keys.Count; group++)
        {
            foreach (var day in DaysOf(group))
            {
                _days.Add(day);
            }
        }

        _scale.AsSpan(0, _pixels.Count).CopyTo(_median);
        var error = OrderStatistics.Median(_median.AsSpan(0, _pixels.Count));
        _dropped.Clear();
        foreach (var day in _days)
        {
            var row = days.RowOf(day);
            for (var group = 0; group < _keys.Count; group++)
            {
                _lookOf[group] = DaysOf(group).BinarySearch((ushort)day);
            }

            var count = 0;
            for (var i = 0; i < _pixels.Count; i++)
            {
                if (_lookOf[_group[i]] is >= 0 and var k)
                {
                    _value[count] = states[_pixels[i]].Kept[k].Value;
                    _level[count] = _coefficients[i][0] + (_coefficients[i][1] * row[1]);
                    _season[count] = SeasonModel.Dot(_coefficients[i], row) - _level[count];
                    count++;
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

    /// <summary>
    /// Fits up to eight pixels. The weights are kept as their roots: the biweight is a square, and the root of a rounded square is the number.
    /// </summary>
    private void Fit(Span<WatchState> states, ReadOnlySpan<int> members, ReadOnlySpan<ushort> lookDays, SeasonDays days)
    {
        Span<SeasonRow> rows = stackalloc SeasonRow[WatchState.Capacity];
        Span<bool> isDropped = stackalloc bool[WatchState.Capacity];
        Span<Vector512<double>> values = stackalloc Vector512<double>[WatchState.Capacity], roots = stackalloc Vector512<double>[WatchState.Capacity];
        Span<Vector512<double>> residuals = stackalloc Vector512<double>[WatchState.Capacity], sorted = stackalloc Vector512<double>[WatchState.Capacity];
        Span<Vector512<double>> sums = stackalloc Vector512<double>[Products], moments = stackalloc Vector512<double>[Columns], coefficients = stackalloc Vector512<double>[Columns];
        var looks = lookDays.Length;
        for (var lane = 0; lane < Lanes; lane++)
        {
            var kept = states[_pixels[members[Math.Min(lane, members.Length - 1)]]].Kept[..looks];
            for (var k = 0; k < looks; k++)
            {
                _kept[(k * Lanes) + lane] = kept[k].Value;
            }
        }

        for (var k = 0; k < looks; k++)
        {
            (rows[k], isDropped[k]) = (days.RowOf(lookDays[k]), _dropped.Contains(lookDays[k]));
            values[k] = Vector512.Create(_kept.AsSpan(k * Lanes, Lanes));
            roots[k] = isDropped[k] ? Vector512<double>.Zero : Vector512<double>.One;
        }

        var scale = Vector512<double>.Zero;
        for (var round = 0; round < Reweightings; round++)
        {
            sums.Clear();
            moments.Clear();
            for (var k = 0; k < looks; k++)
            {
                if (!isDropped[k])
                {
                    AddWeighted(sums, moments, rows[k], values[k], roots[k]);
                }
            }

            Solve(sums, moments, coefficients);
            var used = 0;
            for (var k = 0; k < looks; k++)
            {
                residuals[k] = values[k] - Expected(coefficients, rows[k]);
                if (!isDropped[k])
                {
                    sorted[used++] = Vector512.Abs(residuals[k]);
                }
            }

            scale = (LaneOrder.Median(sorted[..used]) * Vector512.Create(MadToSigma)) + Vector512.Create(LeastScale);
            var zero = Vector512.Create(Biweight) * scale;
            for (var k = 0; k < looks; k++)
            {
                if (!isDropped[k])
                {
                    var u = residuals[k] / zero;
                    roots[k] = Vector512.ConditionalSelect(
                        Vector512.LessThan(Vector512.Abs(u), Vector512<double>.One), Vector512<double>.One - (u * u), Vector512<double>.Zero);
                }
            }
        }

        for (var c = 0; c < Columns; c++)
        {
            coefficients[c].CopyTo(_out, c * Lanes);
        }

        scale.CopyTo(_out, Columns * Lanes);
        for (var lane = 0; lane < members.Length; lane++)
        {
            var row = default(SeasonRow);
            for (var c = 0; c < Columns; c++)
            {
                row[c] = _out[(c * Lanes) + lane];
            }

            (_coefficients[members[lane]], _scale[members[lane]]) = (row, _out[(Columns * Lanes) + lane]);
        }
    }

    /// <summary>A weighted look is the look times the root of its weight.</summary>
    private static void AddWeighted(Span<Vector512<double>> sums, Span<Vector512<double>> moments, in SeasonRow row, Vector512<double> value, Vector512<double> root)
    {
        Vector512<double> r0 = root, r1 = Vector512.Create(row[1]) * root, r2 = Vector512.Create(row[2]) * root, r3 = Vector512.Create(row[3]) * root, v = value * root;
        sums[0] += r0 * r0;
        sums[1] += r1 * r0;
        sums[2] += r1 * r1;
        sums[3] += r2 * r0;
        sums[4] += r2 * r1;
        sums[5] += r2 * r2;
        sums[6] += r3 * r0;
        sums[7] += r3 * r1;
        sums[8] += r3 * r2;
        sums[9] += r3 * r3;
        moments[0] += r0 * v;
        moments[1] += r1 * v;
        moments[2] += r2 * v;
        moments[3] += r3 * v;
    }

    private static Vector512<double> Expected(ReadOnlySpan<Vector512<double>> coefficients, in SeasonRow row) =>
        coefficients[0] + (coefficients[1] * Vector512.Create(row[1])) + (coefficients[2] * Vector512.Create(row[2])) + (coefficients[3] * Vector512.Create(row[3]));

    /// <summary><see cref="SeasonModel.Solve(ReadOnlySpan{double}, int, WatchOptions, out SeasonRow)"/> of few looks, in lanes.</summary>
    private void Solve(ReadOnlySpan<Vector512<double>> sums, ReadOnlySpan<Vector512<double>> moments, Span<Vector512<double>> coefficients)
    {
        Span<Vector512<double>> factor = stackalloc Vector512<double>[Products];
        for (var i = 0; i < Columns; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var at = (i * (i + 1) / 2) + j;
                var left = sums[at];
                if (i == j)
                {
                    left += Vector512.Create(SeasonModel.RidgeOf(i, options));
                }

                for (var k = 0; k < j; k++)
                {
                    left -= factor[(i * (i + 1) / 2) + k] * factor[(j * (j + 1) / 2) + k];
                }

                factor[at] = i == j ? Vector512.Sqrt(Vector512.Max(left, Vector512.Create(SeasonModel.LeastPivot))) : left / factor[(j * (j + 1) / 2) + j];
            }
        }

        for (var i = 0; i < Columns; i++)
        {
            var left = moments[i];
            for (var k = 0; k < i; k++)
            {
                left -= factor[(i * (i + 1) / 2) + k] * coefficients[k];
            }

            coefficients[i] = left / factor[(i * (i + 1) / 2) + i];
        }

        for (var i = Columns - 1; i >= 0; i--)
        {
            var left = coefficients[i];
            for (var k = i + 1; k < Columns; k++)
            {
                left -= factor[(k * (k + 1) / 2) + i] * coefficients[k];
            }

            coefficients[i] = left / factor[(i * (i + 1) / 2) + i];
        }
    }

    private int BeginAll(Span<WatchState> states, SeasonDays days)
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
                var off = kept[k].Value - SeasonModel.Dot(_coefficients[i], days.RowOf(kept[k].Day));
                use[k] = Math.Abs(off) < Outlier * _scale[i] && !_dropped.Contains(kept[k].Day);
                used += use[k] ? 1 : 0;
            }

            if (used >= options.InitialLooks - Spared)
            {
                PixelWatch.Begin(ref state, use[..kept.Length], days);
                begun++;
            }
        }

        return begun;
    }
}
