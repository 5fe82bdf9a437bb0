using System.Runtime.Intrinsics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// Many rounds of coordinate descent at once. While no coefficient is 0 and none crosses it, a round is the same linear map in every band,
/// w ← M·w + b with M = −(I + L)⁻¹·U of the scaled Gram matrix, and so are eight rounds: M⁸. Eight are taken at once only where none of them
/// can be one to stop at and none can take a coefficient across 0: a step s becomes Mᵏ·s, so the row sums of |Mᵏ| bound how far a
/// coefficient goes, and how much smaller than the last of the eight steps one before it can have been. The rounds to the stop are made one by
/// one by whoever asks, so that the result is that of the plain descent. A workspace: not thread-safe, allocates nothing.
/// </summary>
internal sealed class DescentLeap(double tolerance, int maxRounds)
{
    private const int Columns = CcdcSegment.Columns;
    private const int Stride = BandLanes.Count;
    private const int Rounds = 8;

    // The map of 1, 3 and 7 rounds: rows of a matrix, and a lane a band of what is added.
    private readonly double[] _one = new double[Columns * Stride];
    private readonly double[] _two = new double[Columns * Stride];
    private readonly double[] _three = new double[Columns * Stride];
    private readonly double[] _four = new double[Columns * Stride];
    private readonly double[] _seven = new double[Columns * Stride];
    private readonly Vector512<double>[] _addOne = new Vector512<double>[Columns];
    private readonly Vector512<double>[] _addTwo = new Vector512<double>[Columns];
    private readonly Vector512<double>[] _addThree = new Vector512<double>[Columns];
    private readonly Vector512<double>[] _addFour = new Vector512<double>[Columns];
    private readonly Vector512<double>[] _addSeven = new Vector512<double>[Columns];
    // Greatest sum of a row of |M| to |M⁸|, and of all.
    private readonly double[] _reach = new double[Columns];
    private double _greatest;
    private readonly Vector512<double>[] _middle = new Vector512<double>[Columns];
    private readonly Vector512<double>[] _next = new Vector512<double>[Columns];
    private double[] _scaled = [];
    private double[] _gram = [];
    private BandLanes[] _covariance = [];
    private int _columns;
    private bool _made;

    /// <summary>Begins a descent.</summary>
    /// <param name="scaled">Gram matrix, its rows divided by their diagonals.</param>
    public void Begin(double[] scaled, double[] gram, BandLanes[] covariance, int columns) =>
        (_scaled, _gram, _covariance, _columns, _made) = (scaled, gram, covariance, columns, false);

    /// <summary>Goes on by whole leaps, as far as the plain rounds would surely have gone.</summary>
    /// <param name="round">Rounds done.</param>
    /// <param name="last">Coefficients before the last round, which was linear.</param>
    /// <param name="now">And after it; on return after the rounds that were taken.</param>
    /// <param name="start">Covariances divided by the norms, less what the signs of the coefficients take off.</param>
    /// <param name="going">Bands that count.</param>
    /// <returns>Rounds done.</returns>
    public int Leap(int round, ReadOnlySpan<Vector512<double>> last, Vector512<double>[] now, ReadOnlySpan<Vector512<double>> start, BandLanes going)
    {
        if (round + Rounds >= maxRounds)
        {
            return round;
        }

        Make(start);
        var step = Longest(last, now);
        while (round + Rounds < maxRounds && StaysOnItsSide(now, step, going))
        {
            Advance(_seven, _addSeven, now, _middle);
            Advance(_one, _addOne, _middle, _next);
            var (size, after) = (Longest([], now), Longest(_middle, _next));

            // No coefficient is larger on the way than this, and no step smaller than the last one by more than the greatest row sum.
            var bound = (size + (step * (Rounds * _greatest))) * (tolerance * _greatest);
            if (Vector512.ExtractMostSignificantBits(Vector512.LessThanOrEqual(after, bound) & going.Lanes) != 0)
            {
                break;
            }

            _next.CopyTo(now, 0);
            (step, round) = (after, round + Rounds);
        }

        return round;
    }

    /// <summary>Whether no coefficient can reach 0 within eight rounds behind a step.</summary>
    private bool StaysOnItsSide(ReadOnlySpan<Vector512<double>> now, Vector512<double> step, BandLanes bands)
    {
        var near = Vector512<double>.Zero;
        for (var i = 0; i < _columns; i++)
        {
            near |= Vector512.LessThanOrEqual(Vector512.Abs(now[i]), step * (Rounds * _reach[i]));
        }

        return Vector512.ExtractMostSignificantBits(near & bands.Lanes) == 0;
    }

    /// <summary>Greatest difference of a coefficient; from 0 where there is nothing before.</summary>
    private static Vector512<double> Longest(ReadOnlySpan<Vector512<double>> before, ReadOnlySpan<Vector512<double>> after)
    {
        var longest = Vector512<double>.Zero;
        for (var i = 0; i < Columns; i++)
        {
            longest = Vector512.MaxNative(longest, Vector512.Abs(before.IsEmpty ? after[i] : after[i] - before[i]));
        }

        return longest;
    }

    /// <summary>The duality gap behind a round.</summary>
    /// <param name="left">What its step left of each column: the gradient by the norm, before the columns behind it moved.</param>
    public BandLanes Gap(ReadOnlySpan<Vector512<double>> left, ReadOnlySpan<Vector512<double>> before, ReadOnlySpan<Vector512<double>> after, double penalty, BandLanes energy)
    {
        // Columns that are not in use are 0 throughout.
        ReadOnlySpan<double> g = _scaled.AsSpan(0, Columns * Columns), norms = _gram.AsSpan(0, Columns * Columns);
        ReadOnlySpan<BandLanes> covariance = _covariance.AsSpan(0, Columns);
        ReadOnlySpan<Vector512<double>> w = after[..Columns], old = before[..Columns], rest = left[..Columns];
        Vector512<double> s1 = w[1] - old[1], s2 = w[2] - old[2], s3 = w[3] - old[3], s4 = w[4] - old[4], s5 = w[5] - old[5], s6 = w[6] - old[6];
        var g0 = (rest[0] - (s1 * g[1]) - (s2 * g[2]) - (s3 * g[3]) - (s4 * g[4]) - (s5 * g[5]) - (s6 * g[6])) * norms[0];
        var g1 = (rest[1] - (s2 * g[9]) - (s3 * g[10]) - (s4 * g[11]) - (s5 * g[12]) - (s6 * g[13])) * norms[8];
        var g2 = (rest[2] - (s3 * g[17]) - (s4 * g[18]) - (s5 * g[19]) - (s6 * g[20])) * norms[16];
        var g3 = (rest[3] - (s4 * g[25]) - (s5 * g[26]) - (s6 * g[27])) * norms[24];
        var g4 = (rest[4] - (s5 * g[33]) - (s6 * g[34])) * norms[32];
        var g5 = (rest[5] - (s6 * g[41])) * norms[40];
        var g6 = rest[6] * norms[48];
        var steepest = Vector512.MaxNative(Vector512.MaxNative(Vector512.Abs(g0), Vector512.MaxNative(Vector512.Abs(g1), Vector512.Abs(g2))), Vector512.MaxNative(Vector512.MaxNative(Vector512.Abs(g3), Vector512.Abs(g4)), Vector512.MaxNative(Vector512.Abs(g5), Vector512.Abs(g6))));
        var alongValues = energy.Lanes - (w[0] * covariance[0].Lanes) - (w[1] * covariance[1].Lanes) - (w[2] * covariance[2].Lanes) - (w[3] * covariance[3].Lanes) - (w[4] * covariance[4].Lanes) - (w[5] * covariance[5].Lanes) - (w[6] * covariance[6].Lanes);
        var slope = (w[0] * g0) + (w[1] * g1) + (w[2] * g2) + (w[3] * g3) + (w[4] * g4) + (w[5] * g5) + (w[6] * g6);
        var sum = Vector512.Abs(w[0]) + Vector512.Abs(w[1]) + Vector512.Abs(w[2]) + Vector512.Abs(w[3]) + Vector512.Abs(w[4]) + Vector512.Abs(w[5]) + Vector512.Abs(w[6]);
        return HarmonicFit.GapOf(new BandLanes(alongValues - slope), new BandLanes(alongValues), new BandLanes(steepest), new BandLanes(sum), penalty);
    }

    /// <summary>Bands in which no step of a round counts beside the largest coefficient.</summary>
    public static BandLanes Settled(ReadOnlySpan<Vector512<double>> before, ReadOnlySpan<Vector512<double>> after, int columns, double tolerance)
    {
        Vector512<double> step = Vector512<double>.Zero, size = Vector512<double>.Zero;
        for (var i = 0; i < columns; i++)
        {
            step = Vector512.MaxNative(step, Vector512.Abs(after[i] - before[i]));
            size = Vector512.MaxNative(size, Vector512.Abs(after[i]));
        }

        return new BandLanes(Vector512.LessThanOrEqual(step, size * tolerance));
    }

    /// <summary>The maps: the matrices once a descent, what is added at each leap, since it depends on the signs.</summary>
    private void Make(ReadOnlySpan<Vector512<double>> start)
    {
        if (!_made)
        {
            Span<double> upper = stackalloc double[Stride];
            for (var i = 0; i < Columns; i++)
            {
                upper.Clear();
                for (var j = i + 1; j < Columns; j++)
                {
                    upper[j] = -_scaled[(i * Columns) + j];
                }

                var row = Vector512.Create<double>(upper);
                for (var k = 0; k < i; k++)
                {
                    row -= Vector512.Create(_one.AsSpan(k * Stride)) * _scaled[(i * Columns) + k];
                }

                row.CopyTo(_one.AsSpan(i * Stride));
            }

            Multiply(_one, _one, _two);
            Multiply(_two, _one, _three);
            Multiply(_two, _two, _four);
            Multiply(_four, _three, _seven);
            Measure();
            _made = true;
        }

        for (var i = 0; i < Columns; i++)
        {
            var sum = start[i];
            for (var k = 0; k < i; k++)
            {
                sum -= _addOne[k] * _scaled[(i * Columns) + k];
            }

            _addOne[i] = sum;
        }

        Advance(_one, _addOne, _addOne, _addTwo);
        Advance(_one, _addOne, _addTwo, _addThree);
        Advance(_one, _addOne, _addThree, _addFour);
        Advance(_four, _addFour, _addThree, _addSeven);
    }

    /// <summary>The row sums of |Mᵏ|, k from 1 to 8; of the powers that are not at hand by those of their factors.</summary>
    private void Measure()
    {
        var (one, two) = (Norm(_one), Norm(_two));
        _greatest = 1;
        for (var i = 0; i < Columns; i++)
        {
            var (four, seven) = (RowSum(_four, i), RowSum(_seven, i));
            _reach[i] = Math.Max(Math.Max(Math.Max(RowSum(_one, i), RowSum(_two, i)), Math.Max(RowSum(_three, i), four)), Math.Max(four * Math.Max(one, two), seven * Math.Max(1, one)));
            _greatest = Math.Max(_greatest, _reach[i]);
        }

        static double RowSum(ReadOnlySpan<double> map, int row) => Vector512.Sum(Vector512.Abs(Vector512.Create(map[(row * Stride)..])));

        static double Norm(ReadOnlySpan<double> map)
        {
            var norm = 0.0;
            for (var i = 0; i < Columns; i++)
            {
                norm = Math.Max(norm, RowSum(map, i));
            }

            return norm;
        }
    }

    private static void Multiply(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> product)
    {
        Vector512<double> b1 = Vector512.Create(b[(1 * Stride)..]), b2 = Vector512.Create(b[(2 * Stride)..]), b3 = Vector512.Create(b[(3 * Stride)..]);
        Vector512<double> b4 = Vector512.Create(b[(4 * Stride)..]), b5 = Vector512.Create(b[(5 * Stride)..]), b6 = Vector512.Create(b[(6 * Stride)..]);
        for (var i = 0; i < Columns; i++)
        {
            var row = a.Slice(i * Stride, Stride);
            // The first column is 0: a round begins with the first coefficient and does not ask what it was.
            (((b1 * row[1]) + (b3 * row[3]) + (b5 * row[5])) + ((b2 * row[2]) + (b4 * row[4]) + (b6 * row[6]))).CopyTo(product[(i * Stride)..]);
        }
    }

    /// <summary>to = map · from + add.</summary>
    private static void Advance(ReadOnlySpan<double> map, ReadOnlySpan<Vector512<double>> add, ReadOnlySpan<Vector512<double>> from, Span<Vector512<double>> to)
    {
        Vector512<double> f1 = from[1], f2 = from[2], f3 = from[3], f4 = from[4], f5 = from[5], f6 = from[6];
        for (var i = 0; i < Columns; i++)
        {
            var row = map.Slice(i * Stride, Stride);
            to[i] = (add[i] + (f1 * row[1]) + (f3 * row[3]) + (f5 * row[5])) + ((f2 * row[2]) + (f4 * row[4]) + (f6 * row[6]));
        }
    }
}
