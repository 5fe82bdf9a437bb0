using System.Runtime.Intrinsics;

namespace Monitoring.Detection.Imagery.Ccdc.Watch;

/// <summary>
/// Asks the models of a tile's pixels what they expect of a look. Pixels that were clear on the same days share the matrix of their models: it
/// is factored once for all of them, and they are solved eight at a time, each with the same operations in the same order as
/// <see cref="SeasonModel.Solve(ReadOnlySpan{double}, int, WatchOptions, in SeasonRow, out SeasonRow, out double)"/>.
/// </summary>
/// <remarks>A workspace: not thread-safe, allocates nothing once it has met its largest tile.</remarks>
internal sealed class WatchExpectation(WatchOptions options)
{
    private const int Lanes = 8;
    private const int KeyWords = SeasonModel.Products + 1;
    private const int Own = SeasonModel.Squares - SeasonModel.Moments + 1;

    /// <summary>Kept of each group: the factor, then √(1 + weight · leverage).</summary>
    private const int GroupDoubles = SeasonModel.Products + 1;

    private readonly SharedKeys _keys = new(KeyWords);
    private readonly double[] _own = new double[Own * Lanes];
    private readonly double[] _out = new double[4 * Lanes];
    private double[] _factors = [];
    private int[] _group = [];
    private int[] _starts = [];
    private int[] _order = [];

    /// <summary>By number of the followed pixel: its number in the tile.</summary>
    public int[] Pixels { get; private set; } = [];

    public double[] Observed { get; private set; } = [];

    public double[] Level { get; private set; } = [];

    public double[] Season { get; private set; } = [];

    /// <summary>By how much the season changes in ten days.</summary>
    public double[] Shift { get; private set; } = [];

    /// <summary>√(1 + weight · leverage).</summary>
    public double[] Uncertain { get; private set; } = [];

    /// <summary>Standard error of the model, with the noise floor.</summary>
    public double[] Error { get; private set; } = [];

    /// <summary>Asks all that are seen and followed.</summary>
    /// <returns>How many.</returns>
    public int Of(Span<WatchState> states, ReadOnlySpan<short> values, ReadOnlySpan<bool> clear, in SeasonRow row)
    {
        Reserve(states.Length);
        _keys.Clear(states.Length);
        Span<ulong> key = stackalloc ulong[KeyWords];
        var count = 0;
        for (var i = 0; i < states.Length; i++)
        {
            if (!clear[i] || states[i].Stored != WatchStage.Following)
            {
                continue;
            }

            System.Runtime.InteropServices.MemoryMarshal.Cast<double, ulong>(states[i].Sums[..SeasonModel.Products]).CopyTo(key);
            key[^1] = states[i].Looks;
            (Pixels[count], Observed[count], _group[count]) = (i, values[i], _keys.Of(key));
            count++;
        }

        FactorAll(row);
        Sort(count);
        var slope = SeasonRow.Slope(row);
        for (var group = 0; group < _keys.Count; group++)
        {
            for (var from = group == 0 ? 0 : _starts[group - 1]; from < _starts[group]; from += Lanes)
            {
                Solve(states, _order.AsSpan(from, Math.Min(Lanes, _starts[group] - from)), group, row, slope);
            }
        }

        return count;
    }

    private void Reserve(int pixels)
    {
        if (Pixels.Length < pixels)
        {
            (Pixels, _group, _order) = (new int[pixels], new int[pixels], new int[pixels]);
            (Observed, Level, Season, Shift) = (new double[pixels], new double[pixels], new double[pixels], new double[pixels]);
            (Uncertain, Error) = (new double[pixels], new double[pixels]);
        }
    }

    private ReadOnlySpan<double> ProductsOf(int group) => System.Runtime.InteropServices.MemoryMarshal.Cast<ulong, double>(_keys[group][..SeasonModel.Products]);

    private int LooksOf(int group) => (int)_keys[group][^1];

    private void FactorAll(in SeasonRow row)
    {
        if (_factors.Length < _keys.Count * GroupDoubles)
        {
            _factors = new double[Math.Max(2 * _factors.Length, _keys.Count * GroupDoubles)];
        }

        for (var group = 0; group < _keys.Count; group++)
        {
            var into = _factors.AsSpan(group * GroupDoubles, GroupDoubles);
            var leverage = SeasonModel.Factor(ProductsOf(group), SeasonModel.ColumnsFor(LooksOf(group), options), options, row, into);
            into[^1] = Math.Sqrt(1 + (options.LeverageWeight * leverage));
        }
    }

    /// <summary>Orders the followed pixels by group; afterwards <c>_starts</c> says where each group ends.</summary>
    private void Sort(int count)
    {
        if (_starts.Length <= _keys.Count)
        {
            _starts = new int[2 * (_keys.Count + 1)];
        }

        _starts.AsSpan(0, _keys.Count + 1).Clear();
        for (var i = 0; i < count; i++)
        {
            _starts[_group[i] + 1]++;
        }

        for (var group = 0; group < _keys.Count; group++)
        {
            _starts[group + 1] += _starts[group];
        }

        for (var i = 0; i < count; i++)
        {
            _order[_starts[_group[i]]++] = i;
        }
    }

    private void Solve(Span<WatchState> states, ReadOnlySpan<int> members, int group, in SeasonRow row, in SeasonRow slope)
    {
        var looks = LooksOf(group);
        var columns = SeasonModel.ColumnsFor(looks, options);
        for (var lane = 0; lane < Lanes; lane++)
        {
            ReadOnlySpan<double> own = states[Pixels[members[Math.Min(lane, members.Length - 1)]]].Sums.Slice(SeasonModel.Moments, Own);
            for (var c = 0; c < Own; c++)
            {
                _own[(c * Lanes) + lane] = own[c];
            }
        }

        ReadOnlySpan<double> factor = _factors.AsSpan(group * GroupDoubles, SeasonModel.Products), products = ProductsOf(group);
        Span<Vector512<double>> moments = stackalloc Vector512<double>[Own], coefficients = stackalloc Vector512<double>[SeasonModel.Columns];
        for (var c = 0; c < Own; c++)
        {
            moments[c] = Vector512.Create(_own.AsSpan(c * Lanes, Lanes));
        }

        coefficients.Clear();
        for (var i = 0; i < columns; i++)
        {
            var left = moments[i];
            for (var k = 0; k < i; k++)
            {
                left -= Vector512.Create(factor[(i * (i + 1) / 2) + k]) * coefficients[k];
            }

            coefficients[i] = left / Vector512.Create(factor[(i * (i + 1) / 2) + i]);
        }

        for (var i = columns - 1; i >= 0; i--)
        {
            var left = coefficients[i];
            for (var k = i + 1; k < columns; k++)
            {
                left -= Vector512.Create(factor[(k * (k + 1) / 2) + i]) * coefficients[k];
            }

            coefficients[i] = left / Vector512.Create(factor[(i * (i + 1) / 2) + i]);
        }

        var residual = moments[^1];
        for (var i = 0; i < columns; i++)
        {
            var product = Vector512<double>.Zero;
            for (var j = 0; j < columns; j++)
            {
                product += coefficients[j] * Vector512.Create(j <= i ? products[(i * (i + 1) / 2) + j] : products[(j * (j + 1) / 2) + i]);
            }

            residual += coefficients[i] * (product - (Vector512.Create(2.0) * moments[i]));
        }

        var variance = Vector512.Max(residual, Vector512<double>.Zero) / Vector512.Create((double)Math.Max(1, looks - columns));
        var level = coefficients[0] + (coefficients[1] * Vector512.Create(row[1]));
        level.CopyTo(_out);
        (Dot(coefficients, row) - level).CopyTo(_out, Lanes);
        Dot(coefficients, slope).CopyTo(_out, 2 * Lanes);
        Vector512.Sqrt(variance + Vector512.Create(options.NoiseFloor * options.NoiseFloor)).CopyTo(_out, 3 * Lanes);
        var uncertain = _factors[(group * GroupDoubles) + SeasonModel.Products];
        for (var lane = 0; lane < members.Length; lane++)
        {
            var at = members[lane];
            (Level[at], Season[at], Shift[at], Error[at], Uncertain[at]) = (_out[lane], _out[Lanes + lane], _out[(2 * Lanes) + lane], _out[(3 * Lanes) + lane], uncertain);
        }
    }

    private static Vector512<double> Dot(ReadOnlySpan<Vector512<double>> a, in SeasonRow b) =>
        (a[0] * Vector512.Create(b[0])) + (a[1] * Vector512.Create(b[1])) + (a[2] * Vector512.Create(b[2])) + (a[3] * Vector512.Create(b[3]))
        + (a[4] * Vector512.Create(b[4])) + (a[5] * Vector512.Create(b[5]));
}
