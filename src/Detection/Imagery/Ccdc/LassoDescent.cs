using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Four = System.Runtime.Intrinsics.Vector256<double>;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// Cyclic coordinate descent for the lasso (Friedman, Hastie and Tibshirani 2010) on five or seven columns, four bands at once; the next band
/// takes the lane of one that stopped. A band stops at the first round whose greatest step is nothing beside its greatest coefficient and whose
/// duality gap is below the goal. Every round is made and looked at. A round has two halves: <em>ahead</em> is what the coefficients behind a
/// column leave of it, which waits for nothing; the steps then take off what the new coefficients before it explain, one after the other. The
/// difference between the ahead of two rounds is what the later columns' steps did to the gradient of the earlier ones, so that the duality gap
/// needs no products of its own with the Gram matrix. Products are added to sums without rounding between (fused), which every machine does
/// alike. A workspace: not thread-safe, allocates nothing after it was made.
/// </summary>
internal sealed class LassoDescent(double tolerance, int maxRounds)
{
    private const int Columns = CcdcSegment.Columns;
    private const int Fewer = 5;

    // Places in _stop.
    private const int Going = 0, Energy = 1, Goal = 2;

    // Minus the Gram matrix, its rows divided by their diagonals, and the norms; columns that are not in use are 0.
    private readonly double[] _minus = new double[Columns * Columns];
    private readonly double[] _norm = new double[Columns];
    private readonly double[] _reciprocal = new double[Columns];
    // Penalty by norm: what the soft threshold takes off.
    private readonly double[] _limit = new double[Columns];
    // All bands, column by column.
    private readonly double[] _given = new double[Columns * BandLanes.Count];
    private readonly double[] _energies = new double[BandLanes.Count];
    private readonly double[] _found = new double[Columns * BandLanes.Count];
    private readonly ColumnLanes _covariance = new();
    private readonly ColumnLanes _along = new();
    // Of a linear round: the bands whose coefficient is not 0, the limit with its sign, what is left of the covariance by that, and between what
    // a step may lie.
    private readonly ColumnLanes _active = new();
    private readonly ColumnLanes _shift = new();
    private readonly ColumnLanes _start = new();
    private readonly ColumnLanes _low = new();
    private readonly ColumnLanes _high = new();
    private readonly ColumnLanes _now = new();
    private readonly ColumnLanes _last = new();
    private readonly ColumnLanes _ahead = new();
    private readonly ColumnLanes _before = new();
    private readonly ColumnLanes _rest = new();
    private readonly ColumnLanes _stop = new();
    private readonly int[] _band = new int[ColumnLanes.Count];
    private readonly int[] _until = new int[ColumnLanes.Count];
    private int _columns;
    private double _penalty;
    // Bands without a lane yet, and the round in which the first of those in a lane must stop.
    private uint _waiting;
    private int _deadline;

    /// <summary>Descends from 0 until every band has stopped or its rounds are over.</summary>
    /// <param name="gram">Of the centred columns, row by row of <see cref="CcdcSegment.Columns"/>.</param>
    /// <param name="reciprocal">Of its diagonal; 0 for a column without variance, whose coefficient stays 0.</param>
    /// <param name="covariance">Of columns and bands, not divided by their number.</param>
    /// <param name="columns">5 or 7.</param>
    /// <param name="energy">Σ (value − mean)²; a band of 0 is not fitted.</param>
    /// <param name="coefficients">Receives those of the columns; bands that are not fitted keep theirs.</param>
    public void Solve(
        ReadOnlySpan<double> gram, ReadOnlySpan<double> reciprocal, ReadOnlySpan<BandLanes> covariance, int columns, double penalty, BandLanes energy, Span<BandLanes> coefficients)
    {
        var bands = BandLanes.Less(BandLanes.Zero, energy);
        Begin(gram, reciprocal, covariance, columns, penalty, energy, BandLanes.Bits(bands));
        var stop = _stop.Span;
        var linear = false;
        for (var round = 0; Any(stop[Going]);)
        {
            if (linear)
            {
                linear = LinearRounds(ref round);
            }
            else
            {
                round++;
                linear = SoftRound();
                if (linear)
                {
                    // On the heels of a change of sides there is often another: only a round without one is followed by linear ones.
                    Remember();
                }

                LookAhead();
                var now = _now.Span;
                var settled = Settled(_last.Span, now[0], now[1], now[2], now[3], now[4], now[5], now[6], Vector256.Create(tolerance)) & stop[Going];
                if (Any(settled))
                {
                    linear &= !Finish(settled & Vector256.LessThan(Gap(), stop[Goal]), round);
                }
            }

            if (round == _deadline)
            {
                linear &= !Finish(Overdue(round), round);
            }
        }

        for (var i = 0; i < columns; i++)
        {
            coefficients[i] = BandLanes.Where(bands, BandLanes.Of(_found.AsSpan(i * BandLanes.Count)), coefficients[i]);
        }
    }

    private void Begin(ReadOnlySpan<double> gram, ReadOnlySpan<double> reciprocal, ReadOnlySpan<BandLanes> covariance, int columns, double penalty, BandLanes energy, uint bands)
    {
        (_columns, _penalty, _waiting) = (columns, penalty, bands);
        _minus.AsSpan().Clear();
        _norm.AsSpan().Clear();
        _limit.AsSpan().Clear();
        for (var i = 0; i < columns; i++)
        {
            var by = reciprocal[i];
            (_norm[i], _reciprocal[i], _limit[i]) = (gram[(i * Columns) + i], by, penalty * by);
            covariance[i].CopyTo(_given.AsSpan(i * BandLanes.Count));
            for (var j = 0; j < columns; j++)
            {
                _minus[(i * Columns) + j] = -gram[(i * Columns) + j] * by;
            }
        }

        energy.CopyTo(_energies);
        _along.Span.Clear();
        _covariance.Span.Clear();
        _now.Span.Clear();
        _stop.Span.Clear();
        for (var lane = 0; lane < ColumnLanes.Count; lane++)
        {
            Give(lane, 0);
        }

        LookAhead();
        FindDeadline();
    }

    /// <summary>Gives a lane to the next band, which begins at 0; without one the lane rests.</summary>
    private void Give(int lane, int round)
    {
        Span<double> stop = _stop.Numbers, along = _along.Numbers, values = _covariance.Numbers, now = _now.Numbers;
        if (_waiting == 0)
        {
            stop[(Going * ColumnLanes.Count) + lane] = 0;
            return;
        }

        var band = BitOperations.TrailingZeroCount(_waiting);
        _waiting &= _waiting - 1;
        (_band[lane], _until[lane]) = (band, round + maxRounds);
        stop[(Going * ColumnLanes.Count) + lane] = BitConverter.Int64BitsToDouble(-1);
        (stop[(Energy * ColumnLanes.Count) + lane], stop[(Goal * ColumnLanes.Count) + lane]) = (_energies[band], _energies[band] * tolerance);
        for (var i = 0; i < _columns; i++)
        {
            var value = _given[(i * BandLanes.Count) + band];
            var at = (i * ColumnLanes.Count) + lane;
            (values[at], along[at], now[at]) = (value, value * _reciprocal[i], 0);
        }
    }

    /// <summary>Writes the coefficients of bands that stop and gives their lanes away.</summary>
    /// <returns>Whether a band began.</returns>
    private bool Finish(Four stopped, int round)
    {
        var bits = Vector256.ExtractMostSignificantBits(stopped);
        if (bits == 0)
        {
            return false;
        }

        var begins = _waiting != 0;
        var now = _now.Numbers;
        for (; bits != 0; bits &= bits - 1)
        {
            var lane = BitOperations.TrailingZeroCount(bits);
            for (var i = 0; i < _columns; i++)
            {
                _found[(i * BandLanes.Count) + _band[lane]] = now[(i * ColumnLanes.Count) + lane];
            }

            Give(lane, round);
        }

        FindDeadline();
        if (begins)
        {
            LookAhead();
        }

        return begins;
    }

    private void FindDeadline()
    {
        _deadline = int.MaxValue;
        for (var bits = Vector256.ExtractMostSignificantBits(_stop.Span[Going]); bits != 0; bits &= bits - 1)
        {
            _deadline = Math.Min(_deadline, _until[BitOperations.TrailingZeroCount(bits)]);
        }
    }

    /// <summary>Bands whose rounds are over.</summary>
    private Four Overdue(int round) => _stop.Span[Going] & Vector256.Equals(
        Vector256.Create((double)_until[0], _until[1], _until[2], _until[3]), Vector256.Create((double)round));

    /// <summary>What the coefficients behind each column leave of it.</summary>
    private void LookAhead()
    {
        ReadOnlySpan<double> g = _minus.AsSpan(0, Columns * Columns);
        Span<Four> s = _along.Span, c = _now.Span, a = _ahead.Span;
        Four c1 = c[1], c2 = c[2], c3 = c[3], c4 = c[4], c5 = c[5], c6 = c[6];
        a[0] = Add(Add(Add(Add(Add(Add(s[0], c1, g[1]), c2, g[2]), c3, g[3]), c4, g[4]), c5, g[5]), c6, g[6]);
        a[1] = Add(Add(Add(Add(Add(s[1], c2, g[9]), c3, g[10]), c4, g[11]), c5, g[12]), c6, g[13]);
        a[2] = Add(Add(Add(Add(s[2], c3, g[17]), c4, g[18]), c5, g[19]), c6, g[20]);
        a[3] = Add(Add(Add(s[3], c4, g[25]), c5, g[26]), c6, g[27]);
        a[4] = Add(Add(s[4], c5, g[33]), c6, g[34]);
        a[5] = Add(s[5], c6, g[41]);
        a[6] = s[6];
    }

    /// <summary>A round with the soft threshold. Moves now to last and ahead to before; the new ahead is not made yet.</summary>
    /// <returns>Whether every coefficient was and is on the same side of 0, or 0, in the bands that go on.</returns>
    private bool SoftRound()
    {
        ReadOnlySpan<double> g = _minus.AsSpan(0, Columns * Columns), off = _limit.AsSpan(0, Columns);
        Span<Four> c = _last.Span, next = _now.Span, a = _before.Span, rest = _rest.Span;
        next.CopyTo(c);
        _ahead.Span.CopyTo(a);
        var r0 = a[0];
        var d0 = Shrunk(r0, Vector256.Create(off[0]));
        (next[0], rest[0]) = (d0, r0 - d0);
        var r1 = Add(a[1], d0, g[7]);
        var d1 = Shrunk(r1, Vector256.Create(off[1]));
        (next[1], rest[1]) = (d1, r1 - d1);
        var r2 = Add(Add(a[2], d0, g[14]), d1, g[15]);
        var d2 = Shrunk(r2, Vector256.Create(off[2]));
        (next[2], rest[2]) = (d2, r2 - d2);
        var r3 = Add(Add(Add(a[3], d0, g[21]), d1, g[22]), d2, g[23]);
        var d3 = Shrunk(r3, Vector256.Create(off[3]));
        (next[3], rest[3]) = (d3, r3 - d3);
        var r4 = Add(Add(Add(Add(a[4], d0, g[28]), d1, g[29]), d2, g[30]), d3, g[31]);
        var d4 = Shrunk(r4, Vector256.Create(off[4]));
        (next[4], rest[4]) = (d4, r4 - d4);
        var r5 = Add(Add(Add(Add(Add(a[5], d0, g[35]), d1, g[36]), d2, g[37]), d3, g[38]), d4, g[39]);
        var d5 = Shrunk(r5, Vector256.Create(off[5]));
        (next[5], rest[5]) = (d5, r5 - d5);
        var r6 = Add(Add(Add(Add(Add(Add(a[6], d0, g[42]), d1, g[43]), d2, g[44]), d3, g[45]), d4, g[46]), d5, g[47]);
        var d6 = Shrunk(r6, Vector256.Create(off[6]));
        (next[6], rest[6]) = (d6, r6 - d6);
        // The sign bit is set where the signs differ, or one is 0 and the other is not.
        var changed = Four.Zero;
        for (var i = 0; i < Columns; i++)
        {
            changed |= (c[i] ^ next[i]) | (Vector256.Equals(c[i], Four.Zero) ^ Vector256.Equals(next[i], Four.Zero));
        }

        return !Any(changed & _stop.Span[Going]);
    }

    /// <summary>What linear rounds need to know of the coefficients.</summary>
    private void Remember()
    {
        Span<Four> now = _now.Span, active = _active.Span, shift = _shift.Span, start = _start.Span, along = _along.Span, low = _low.Span, high = _high.Span;
        var far = Vector256.Create(double.PositiveInfinity);
        for (var i = 0; i < Columns; i++)
        {
            var limit = Vector256.Create(_limit[i]);
            Four above = Vector256.LessThan(Four.Zero, now[i]), below = Vector256.LessThan(now[i], Four.Zero);
            active[i] = above | below;
            shift[i] = (limit | (now[i] & Vector256.Create(-0.0))) & active[i];
            start[i] = along[i] - shift[i];
            low[i] = Vector256.ConditionalSelect(below, -far, Vector256.AndNot(-limit, above));
            high[i] = Vector256.ConditionalSelect(above, far, Vector256.AndNot(limit, below));
        }
    }

    /// <summary>
    /// Rounds in which every coefficient stays on its side of 0 or at 0: the threshold is then a constant, and a step waits for one product and
    /// one difference only. In registers: coefficients d, what is ahead of the round a and behind it e.
    /// </summary>
    /// <returns>False before a round in which some coefficient would change sides, and when a band began.</returns>
    private bool LinearRounds(ref int round)
    {
        ReadOnlySpan<double> g = _minus.AsSpan(0, Columns * Columns), norm = _norm.AsSpan(0, Columns);
        ReadOnlySpan<Four> start = _start.Span, shift = _shift.Span, on = _active.Span, low = _low.Span, high = _high.Span, y = _covariance.Span, stop = _stop.Span, ahead = _ahead.Span;
        var now = _now.Span;
        var seven = _columns > Fewer;
        Four penalty = Vector256.Create(_penalty), small = Vector256.Create(tolerance);
        var (going, deadline) = (stop[Going], _deadline);
        // Whether some band has come to where steps are small: from there on the gap decides, and is asked first.
        var near = false;
        var (crossed, stopped) = (false, Four.Zero);
        Four a0 = ahead[0] - shift[0], a1 = ahead[1] - shift[1], a2 = ahead[2] - shift[2], a3 = ahead[3] - shift[3];
        Four a4 = ahead[4] - shift[4], a5 = ahead[5] - shift[5], a6 = ahead[6] - shift[6];
        // Nothing is called in here, else what is in registers would be kept in memory too.
        while (round < deadline)
        {
            // A step, whether it crosses 0 or should have left it (then the sign bit is set), and what it leaves less what was ahead.
            var d0 = a0;
            var bad = (d0 - low[0]) | (high[0] - d0);
            a0 = Vector256.ConditionalSelect(on[0], shift[0], d0) - a0;
            d0 &= on[0];
            var d1 = Add(a1, d0, g[7]);
            bad |= (d1 - low[1]) | (high[1] - d1);
            a1 = Vector256.ConditionalSelect(on[1], shift[1], d1) - a1;
            d1 &= on[1];
            var d2 = Add(Add(a2, d0, g[14]), d1, g[15]);
            bad |= (d2 - low[2]) | (high[2] - d2);
            a2 = Vector256.ConditionalSelect(on[2], shift[2], d2) - a2;
            d2 &= on[2];
            var d3 = Add(Add(Add(a3, d0, g[21]), d1, g[22]), d2, g[23]);
            bad |= (d3 - low[3]) | (high[3] - d3);
            a3 = Vector256.ConditionalSelect(on[3], shift[3], d3) - a3;
            d3 &= on[3];
            var d4 = Add(Add(Add(Add(a4, d0, g[28]), d1, g[29]), d2, g[30]), d3, g[31]);
            bad |= (d4 - low[4]) | (high[4] - d4);
            a4 = Vector256.ConditionalSelect(on[4], shift[4], d4) - a4;
            d4 &= on[4];
            Four d5 = Four.Zero, d6 = Four.Zero;
            if (seven)
            {
                d5 = Add(Add(Add(Add(Add(a5, d0, g[35]), d1, g[36]), d2, g[37]), d3, g[38]), d4, g[39]);
                bad |= (d5 - low[5]) | (high[5] - d5);
                a5 = Vector256.ConditionalSelect(on[5], shift[5], d5) - a5;
                d5 &= on[5];
                d6 = Add(Add(Add(Add(Add(Add(a6, d0, g[42]), d1, g[43]), d2, g[44]), d3, g[45]), d4, g[46]), d5, g[47]);
                bad |= (d6 - low[6]) | (high[6] - d6);
                a6 = Vector256.ConditionalSelect(on[6], shift[6], d6) - a6;
                d6 &= on[6];
            }

            crossed = Any(bad & going);
            if (crossed)
            {
                break;
            }

            round++;
            var e0 = Add(Add(Add(Add(start[0], d1, g[1]), d2, g[2]), d3, g[3]), d4, g[4]);
            var e1 = Add(Add(Add(start[1], d2, g[9]), d3, g[10]), d4, g[11]);
            var e2 = Add(Add(start[2], d3, g[17]), d4, g[18]);
            var e3 = Add(start[3], d4, g[25]);
            Four e4 = start[4], e5 = start[5], e6 = start[6];
            if (seven)
            {
                e0 = Add(Add(e0, d5, g[5]), d6, g[6]);
                e1 = Add(Add(e1, d5, g[12]), d6, g[13]);
                e2 = Add(Add(e2, d5, g[19]), d6, g[20]);
                e3 = Add(Add(e3, d5, g[26]), d6, g[27]);
                e4 = Add(Add(e4, d5, g[33]), d6, g[34]);
                e5 = Add(e5, d6, g[41]);
            }

            if (!near)
            {
                near = Any(Settled(now, d0, d1, d2, d3, d4, d5, d6, small) & going);
            }

            if (near)
            {
                Four q0 = (a0 + e0) * norm[0], q1 = (a1 + e1) * norm[1], q2 = (a2 + e2) * norm[2], q3 = (a3 + e3) * norm[3], q4 = (a4 + e4) * norm[4];
                var steepest = Vector256.MaxNative(
                    Vector256.MaxNative(Vector256.MaxNative(Vector256.Abs(q0), Vector256.Abs(q1)), Vector256.Abs(q2)), Vector256.MaxNative(Vector256.Abs(q3), Vector256.Abs(q4)));
                var slope = Add(Add(Add(Add(d0 * q0, d1, q1), d2, q2), d3, q3), d4, q4);
                var size = Vector256.Abs(d0) + Vector256.Abs(d1) + Vector256.Abs(d2) + Vector256.Abs(d3) + Vector256.Abs(d4);
                if (seven)
                {
                    Four q5 = (a5 + e5) * norm[5], q6 = (a6 + e6) * norm[6];
                    steepest = Vector256.MaxNative(steepest, Vector256.MaxNative(Vector256.Abs(q5), Vector256.Abs(q6)));
                    slope = Add(Add(slope, d5, q5), d6, q6);
                    size = size + Vector256.Abs(d5) + Vector256.Abs(d6);
                }

                // What the gap is at least, the residual taken for nothing: mostly that says already that it is too wide.
                var above = Vector256.MaxNative(steepest, penalty);
                if (Any(Vector256.LessThan(((penalty * size) - stop[Goal]) * above, penalty * slope) & going))
                {
                    var explained = Add(Add(Add(Add(Add(Add(d0 * y[0], d1, y[1]), d2, y[2]), d3, y[3]), d4, y[4]), d5, y[5]), d6, y[6]);
                    stopped = Vector256.LessThan(GapOf(stop[Energy] - explained, slope, steepest, size, penalty), stop[Goal]) & going;
                    if (Any(stopped))
                    {
                        stopped &= Settled(now, d0, d1, d2, d3, d4, d5, d6, small);
                        near = false;
                    }
                }
            }

            (now[0], now[1], now[2], now[3], now[4], now[5], now[6]) = (d0, d1, d2, d3, d4, d5, d6);
            if (Any(stopped))
            {
                break;
            }

            (a0, a1, a2, a3, a4, a5, a6) = (e0, e1, e2, e3, e4, e5, e6);
        }

        LookAhead();
        return !Finish(stopped, round) && !crossed;
    }

    /// <summary>The duality gap behind a soft round.</summary>
    private Four Gap()
    {
        Span<Four> w = _now.Span, before = _before.Span, ahead = _ahead.Span, rest = _rest.Span, y = _covariance.Span;
        Four steepest = Four.Zero, slope = Four.Zero, size = Four.Zero;
        var explained = Four.Zero;
        for (var i = 0; i < Columns; i++)
        {
            var gradient = (rest[i] - before[i] + ahead[i]) * _norm[i];
            steepest = Vector256.MaxNative(steepest, Vector256.Abs(gradient));
            slope = Add(slope, w[i], gradient);
            size += Vector256.Abs(w[i]);
            explained = Add(explained, w[i], y[i]);
        }

        return GapOf(_stop.Span[Energy] - explained, slope, steepest, size, Vector256.Create(_penalty));
    }

    /// <summary>Primal less dual objective of the lasso, which bounds how far the fit is from the best.</summary>
    /// <param name="alongValues">Residual times values.</param>
    /// <param name="slope">Coefficients times gradient.</param>
    /// <param name="steepest">Greatest absolute gradient.</param>
    /// <param name="size">Sum of the absolute coefficients.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Four GapOf(Four alongValues, Four slope, Four steepest, Four size, Four penalty)
    {
        var scale = Vector256.ConditionalSelect(Vector256.LessThan(penalty, steepest), penalty / steepest, Four.One);
        return ((alongValues - slope) * 0.5 * (Four.One + (scale * scale))) + (size * penalty) - (scale * alongValues);
    }

    /// <summary>Bands in which no step of a round counts beside the largest coefficient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Four Settled(ReadOnlySpan<Four> before, Four d0, Four d1, Four d2, Four d3, Four d4, Four d5, Four d6, Four small)
    {
        Four s0 = Vector256.Abs(d0 - before[0]), s1 = Vector256.Abs(d1 - before[1]), s2 = Vector256.Abs(d2 - before[2]), s3 = Vector256.Abs(d3 - before[3]);
        Four s4 = Vector256.Abs(d4 - before[4]), s5 = Vector256.Abs(d5 - before[5]), s6 = Vector256.Abs(d6 - before[6]);
        var size = Largest(Vector256.Abs(d0), Vector256.Abs(d1), Vector256.Abs(d2), Vector256.Abs(d3), Vector256.Abs(d4), Vector256.Abs(d5), Vector256.Abs(d6));
        return Vector256.LessThanOrEqual(Largest(s0, s1, s2, s3, s4, s5, s6), size * small);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Four Largest(Four a, Four b, Four c, Four d, Four e, Four f, Four g) => Vector256.MaxNative(
        Vector256.MaxNative(Vector256.MaxNative(a, b), Vector256.MaxNative(c, d)), Vector256.MaxNative(Vector256.MaxNative(e, f), g));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Four Shrunk(Four left, Four limit) => (left & Vector256.Create(-0.0)) ^ Vector256.MaxNative(Vector256.Abs(left) - limit, Four.Zero);

    /// <summary>A sum and a product, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Four Add(Four sum, Four a, double b) => Vector256.FusedMultiplyAdd(a, Vector256.Create(b), sum);

    /// <inheritdoc cref="Add(Four, Four, double)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Four Add(Four sum, Four a, Four b) => Vector256.FusedMultiplyAdd(a, b, sum);

    /// <summary>Whether a lane of a mask is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Any(Four mask) => Vector256.ExtractMostSignificantBits(mask) != 0;
}
