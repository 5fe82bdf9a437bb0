using System.Runtime.Intrinsics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// Many rounds of coordinate descent at once. While no coefficient is 0 and none crosses it, a round is the same linear map in every band,
/// w ← M·w + b with M = −(I + L)⁻¹·U of the scaled Gram matrix, and so are eight rounds: M⁸. Eight are taken at a time until the sign to stop
/// shows, then four, two and one back from there, each band for itself: the round at which a band stops is the one at which it would have
/// stopped one by one, unless the sign showed and went again within eight rounds. A workspace: not thread-safe, allocates nothing.
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
    private readonly Vector512<double>[] _shift = new Vector512<double>[Columns];
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

    /// <summary>Goes on by whole leaps. Bands that stop are written and no longer going.</summary>
    /// <param name="round">Rounds done.</param>
    /// <param name="last">Coefficients before the last round; scratch.</param>
    /// <param name="now">And after it; on return where the bands stand that still go.</param>
    /// <param name="along">Covariances divided by the norms.</param>
    /// <param name="start">The same less what the signs of the coefficients take off.</param>
    /// <returns>Rounds done by those that still go.</returns>
    public int Leap(
        int round, Vector512<double>[] last, Vector512<double>[] now, double penalty, BandLanes energy, BandLanes goal, ReadOnlySpan<Vector512<double>> along, ReadOnlySpan<Vector512<double>> start, ref BandLanes going, Span<BandLanes> coefficients)
    {
        if (round + Rounds >= maxRounds || !IsCalm(last, now, going))
        {
            return round;
        }

        Make(along, start);
        var open = going;
        while (round + Rounds < maxRounds)
        {
            Advance(_seven, _addSeven, now, _middle);
            Advance(_one, _addOne, _middle, _next);
            if (Crosses(now, open))
            {
                break;
            }

            var stops = BandLanes.Both(Stops(_middle, _next, penalty, energy, goal), open);
            open = BandLanes.Without(open, stops);
            Take(now, open);
            round += Rounds;
            if (!BandLanes.Any(open) || !IsCalm(_middle, _next, open))
            {
                break;
            }
        }

        var bracketed = BandLanes.Without(going, open);
        if (BandLanes.Any(bracketed))
        {
            Narrow(now, bracketed, penalty, energy, goal, coefficients);
        }

        going = open;
        return round;
    }

    /// <summary>Finds the stop of bands that go on now and stop within eight rounds.</summary>
    private void Narrow(Vector512<double>[] now, BandLanes bracketed, double penalty, BandLanes energy, BandLanes goal, Span<BandLanes> coefficients)
    {
        Advance(_three, _addThree, now, _middle);
        Advance(_one, _addOne, _middle, _next);
        Take(now, BandLanes.Without(bracketed, Stops(_middle, _next, penalty, energy, goal)));
        Advance(_one, _addOne, now, _middle);
        Advance(_one, _addOne, _middle, _next);
        Take(now, BandLanes.Without(bracketed, Stops(_middle, _next, penalty, energy, goal)));
        Advance(_one, _addOne, now, _next);
        var here = Stops(now, _next, penalty, energy, goal);
        Advance(_one, _addOne, _next, _middle);
        for (var i = 0; i < _columns; i++)
        {
            coefficients[i] = BandLanes.Where(bracketed, BandLanes.Where(here, new BandLanes(_next[i]), new BandLanes(_middle[i])), coefficients[i]);
        }
    }

    private void Take(Vector512<double>[] now, BandLanes bands)
    {
        for (var i = 0; i < Columns; i++)
        {
            now[i] = Vector512.ConditionalSelect(bands.Lanes, _next[i], now[i]);
        }
    }

    /// <summary>Whether eight steps as long as the last leave every coefficient on its side of 0.</summary>
    private bool IsCalm(ReadOnlySpan<Vector512<double>> last, ReadOnlySpan<Vector512<double>> now, BandLanes bands)
    {
        var far = Vector512<double>.Zero;
        for (var i = 0; i < _columns; i++)
        {
            far |= Vector512.LessThanOrEqual(Vector512.Abs(now[i]), Vector512.Abs(now[i] - last[i]) * Rounds);
        }

        return Vector512.ExtractMostSignificantBits(far & bands.Lanes) == 0;
    }

    private bool Crosses(ReadOnlySpan<Vector512<double>> now, BandLanes bands)
    {
        var crossed = Vector512<double>.Zero;
        for (var i = 0; i < _columns; i++)
        {
            crossed |= now[i] ^ _next[i];
        }

        return Vector512.ExtractMostSignificantBits(crossed & bands.Lanes) != 0;
    }

    /// <summary>Whether the round from <paramref name="before"/> to <paramref name="after"/> is the last: no step beside the largest coefficient, and a duality gap below the goal.</summary>
    private BandLanes Stops(ReadOnlySpan<Vector512<double>> before, ReadOnlySpan<Vector512<double>> after, double penalty, BandLanes energy, BandLanes goal)
    {
        var settled = Settled(before, after, _columns, tolerance);
        if (!BandLanes.Any(settled))
        {
            return BandLanes.Zero;
        }

        return BandLanes.Both(settled, BandLanes.Less(Gap(_shift, before, after, penalty, energy), goal));
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
    private void Make(ReadOnlySpan<Vector512<double>> along, ReadOnlySpan<Vector512<double>> start)
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
            _made = true;
        }

        for (var i = 0; i < Columns; i++)
        {
            _shift[i] = along[i] - start[i];
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
