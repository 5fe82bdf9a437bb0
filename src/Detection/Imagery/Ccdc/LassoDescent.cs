using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// Cyclic coordinate descent for the lasso (Friedman, Hastie and Tibshirani 2010) on five or seven columns, all bands at once. A band stops at
/// the first round whose greatest step is nothing beside its greatest coefficient and whose duality gap is below the goal. Every round is made
/// and looked at. A round has two halves: <em>ahead</em> is what the coefficients behind a column leave of it, which waits for nothing; the
/// steps then take off what the new coefficients before it explain, one after the other. The difference between the ahead of two rounds is what
/// the later columns' steps did to the gradient of the earlier ones, so that the duality gap needs no products of its own with the Gram matrix.
/// A workspace: not thread-safe, allocates nothing after it was made.
/// </summary>
internal sealed class LassoDescent(double tolerance, int maxRounds)
{
    private const int Columns = CcdcSegment.Columns;
    private const int Fewer = 5;

    // Places in _stop.
    private const int Going = 0, Energy = 1, Goal = 2, Penalty = 3;

    // Gram matrix, its rows divided by their diagonals, the norms; columns that are not in use are 0.
    private readonly double[] _scaled = new double[Columns * Columns];
    private readonly double[] _norm = new double[Columns];
    // Penalty by norm: what the soft threshold takes off.
    private readonly double[] _limit = new double[Columns];
    private readonly ColumnLanes _covariance = new();
    private readonly ColumnLanes _along = new();
    // Of a linear round: the bands whose coefficient is not 0, the limit with its sign, what is left of the covariance by that.
    private readonly ColumnLanes _active = new();
    private readonly ColumnLanes _shift = new();
    private readonly ColumnLanes _start = new();
    private readonly ColumnLanes _now = new();
    private readonly ColumnLanes _last = new();
    private readonly ColumnLanes _ahead = new();
    private readonly ColumnLanes _before = new();
    private readonly ColumnLanes _rest = new();
    private readonly ColumnLanes _stop = new();

    /// <summary>Descends from 0 until every band has stopped or the rounds are over.</summary>
    /// <param name="gram">Of the centred columns, row by row of <see cref="CcdcSegment.Columns"/>.</param>
    /// <param name="reciprocal">Of its diagonal; 0 for a column without variance, whose coefficient stays 0.</param>
    /// <param name="covariance">Of columns and bands, not divided by their number.</param>
    /// <param name="columns">5 or 7.</param>
    /// <param name="energy">Σ (value − mean)²; a band of 0 is not fitted.</param>
    /// <param name="coefficients">Receives those of the columns; 0 when called.</param>
    public void Solve(
        ReadOnlySpan<double> gram, ReadOnlySpan<double> reciprocal, ReadOnlySpan<BandLanes> covariance, int columns, double penalty, BandLanes energy, Span<BandLanes> coefficients)
    {
        Begin(gram, reciprocal, covariance, columns, penalty, energy);
        var stop = _stop.Span;
        var linear = false;
        for (var round = 0; Any(stop[Going]);)
        {
            if (linear)
            {
                linear = LinearRounds(ref round, columns, coefficients);
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
                var settled = Settled(_last.Span, _now.Span) & stop[Going];
                if (Any(settled))
                {
                    Take(settled & Vector512.LessThan(Gap(), stop[Goal]), columns, coefficients);
                }
            }

            if (round == maxRounds)
            {
                Take(stop[Going], columns, coefficients);
            }
        }
    }

    private void Begin(ReadOnlySpan<double> gram, ReadOnlySpan<double> reciprocal, ReadOnlySpan<BandLanes> covariance, int columns, double penalty, BandLanes energy)
    {
        Span<Vector512<double>> along = _along.Span, values = _covariance.Span, stop = _stop.Span;
        _scaled.AsSpan().Clear();
        _norm.AsSpan().Clear();
        _limit.AsSpan().Clear();
        along.Clear();
        values.Clear();
        _now.Span.Clear();
        for (var i = 0; i < columns; i++)
        {
            var by = reciprocal[i];
            (_norm[i], _limit[i]) = (gram[(i * Columns) + i], penalty * by);
            (values[i], along[i]) = (covariance[i].Lanes, covariance[i].Lanes * by);
            for (var j = 0; j < columns; j++)
            {
                _scaled[(i * Columns) + j] = gram[(i * Columns) + j] * by;
            }
        }

        along.CopyTo(_ahead.Span);
        stop[Going] = Vector512.LessThan(Vector512<double>.Zero, energy.Lanes);
        (stop[Energy], stop[Goal], stop[Penalty]) = (energy.Lanes, energy.Lanes * tolerance, Vector512.Create(penalty));
    }

    /// <summary>Writes the coefficients of bands that stop.</summary>
    private void Take(Vector512<double> stopped, int columns, Span<BandLanes> coefficients)
    {
        var now = _now.Span;
        for (var i = 0; i < columns; i++)
        {
            coefficients[i] = new(Vector512.ConditionalSelect(stopped, now[i], coefficients[i].Lanes));
        }

        _stop.Span[Going] = Vector512.AndNot(_stop.Span[Going], stopped);
    }

    /// <summary>What the coefficients behind each column leave of it.</summary>
    private void LookAhead()
    {
        ReadOnlySpan<double> g = _scaled.AsSpan(0, Columns * Columns);
        Span<Vector512<double>> s = _along.Span, c = _now.Span, a = _ahead.Span;
        Vector512<double> c1 = c[1], c2 = c[2], c3 = c[3], c4 = c[4], c5 = c[5], c6 = c[6];
        a[0] = s[0] - (c1 * g[1]) - (c2 * g[2]) - (c3 * g[3]) - (c4 * g[4]) - (c5 * g[5]) - (c6 * g[6]);
        a[1] = s[1] - (c2 * g[9]) - (c3 * g[10]) - (c4 * g[11]) - (c5 * g[12]) - (c6 * g[13]);
        a[2] = s[2] - (c3 * g[17]) - (c4 * g[18]) - (c5 * g[19]) - (c6 * g[20]);
        a[3] = s[3] - (c4 * g[25]) - (c5 * g[26]) - (c6 * g[27]);
        a[4] = s[4] - (c5 * g[33]) - (c6 * g[34]);
        a[5] = s[5] - (c6 * g[41]);
        a[6] = s[6];
    }

    /// <summary>A round with the soft threshold. Moves now to last and ahead to before; the new ahead is not made yet.</summary>
    /// <returns>Whether every coefficient was and is on the same side of 0, or 0, in the bands that go on.</returns>
    private bool SoftRound()
    {
        ReadOnlySpan<double> g = _scaled.AsSpan(0, Columns * Columns), off = _limit.AsSpan(0, Columns);
        Span<Vector512<double>> c = _last.Span, next = _now.Span, a = _before.Span, rest = _rest.Span;
        next.CopyTo(c);
        _ahead.Span.CopyTo(a);
        var r0 = a[0];
        var d0 = Shrunk(r0, Vector512.Create(off[0]));
        (next[0], rest[0]) = (d0, r0 - d0);
        var r1 = a[1] - (d0 * g[7]);
        var d1 = Shrunk(r1, Vector512.Create(off[1]));
        (next[1], rest[1]) = (d1, r1 - d1);
        var r2 = a[2] - (d0 * g[14]) - (d1 * g[15]);
        var d2 = Shrunk(r2, Vector512.Create(off[2]));
        (next[2], rest[2]) = (d2, r2 - d2);
        var r3 = a[3] - (d0 * g[21]) - (d1 * g[22]) - (d2 * g[23]);
        var d3 = Shrunk(r3, Vector512.Create(off[3]));
        (next[3], rest[3]) = (d3, r3 - d3);
        var r4 = a[4] - (d0 * g[28]) - (d1 * g[29]) - (d2 * g[30]) - (d3 * g[31]);
        var d4 = Shrunk(r4, Vector512.Create(off[4]));
        (next[4], rest[4]) = (d4, r4 - d4);
        var r5 = a[5] - (d0 * g[35]) - (d1 * g[36]) - (d2 * g[37]) - (d3 * g[38]) - (d4 * g[39]);
        var d5 = Shrunk(r5, Vector512.Create(off[5]));
        (next[5], rest[5]) = (d5, r5 - d5);
        var r6 = a[6] - (d0 * g[42]) - (d1 * g[43]) - (d2 * g[44]) - (d3 * g[45]) - (d4 * g[46]) - (d5 * g[47]);
        var d6 = Shrunk(r6, Vector512.Create(off[6]));
        (next[6], rest[6]) = (d6, r6 - d6);
        // The sign bit is set where the signs differ, or one is 0 and the other is not.
        var changed = Vector512<double>.Zero;
        for (var i = 0; i < Columns; i++)
        {
            changed |= (c[i] ^ next[i]) | (Vector512.Equals(c[i], Vector512<double>.Zero) ^ Vector512.Equals(next[i], Vector512<double>.Zero));
        }

        return !Any(changed & _stop.Span[Going]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<double> Shrunk(Vector512<double> left, Vector512<double> limit) =>
        (left & Vector512.Create(-0.0)) ^ Vector512.MaxNative(Vector512.Abs(left) - limit, Vector512<double>.Zero);

    /// <summary>What linear rounds need to know of the coefficients.</summary>
    private void Remember()
    {
        Span<Vector512<double>> now = _now.Span, active = _active.Span, shift = _shift.Span, start = _start.Span, along = _along.Span;
        for (var i = 0; i < Columns; i++)
        {
            active[i] = Vector512.LessThan(Vector512<double>.Zero, Vector512.Abs(now[i]));
            shift[i] = (Vector512.Create(_limit[i]) | (now[i] & Vector512.Create(-0.0))) & active[i];
            start[i] = along[i] - shift[i];
        }
    }

    /// <summary>
    /// Rounds in which every coefficient stays on its side of 0 or at 0: the threshold is then a constant, and a step waits for one product and
    /// one difference only. In registers: coefficients d, what is ahead of the round a and behind it e.
    /// </summary>
    /// <returns>False before a round in which some coefficient would change sides.</returns>
    private bool LinearRounds(ref int round, int columns, Span<BandLanes> coefficients)
    {
        ReadOnlySpan<double> g = _scaled.AsSpan(0, Columns * Columns), norm = _norm.AsSpan(0, Columns), off = _limit.AsSpan(0, Columns);
        ReadOnlySpan<Vector512<double>> start = _start.Span, shift = _shift.Span, on = _active.Span, y = _covariance.Span, stop = _stop.Span, ahead = _ahead.Span;
        var now = _now.Span;
        var seven = columns > Fewer;
        // Whether some band has come to where steps are small: from there on the gap decides, and is asked first.
        var near = false;
        Vector512<double> a0 = ahead[0] - shift[0], a1 = ahead[1] - shift[1], a2 = ahead[2] - shift[2], a3 = ahead[3] - shift[3];
        Vector512<double> a4 = ahead[4] - shift[4], a5 = ahead[5] - shift[5], a6 = ahead[6] - shift[6];
        while (round < maxRounds)
        {
            // A step, whether it crosses 0 or should have left it (then the sign bit is set), and what it leaves less what was ahead.
            var d0 = a0;
            var bad = Vector512.ConditionalSelect(on[0], d0 ^ now[0], Vector512.Create(off[0]) - Vector512.Abs(d0));
            a0 = Vector512.ConditionalSelect(on[0], shift[0], d0) - a0;
            d0 &= on[0];
            var d1 = a1 - (d0 * g[7]);
            bad |= Vector512.ConditionalSelect(on[1], d1 ^ now[1], Vector512.Create(off[1]) - Vector512.Abs(d1));
            a1 = Vector512.ConditionalSelect(on[1], shift[1], d1) - a1;
            d1 &= on[1];
            var d2 = a2 - (d0 * g[14]) - (d1 * g[15]);
            bad |= Vector512.ConditionalSelect(on[2], d2 ^ now[2], Vector512.Create(off[2]) - Vector512.Abs(d2));
            a2 = Vector512.ConditionalSelect(on[2], shift[2], d2) - a2;
            d2 &= on[2];
            var d3 = a3 - (d0 * g[21]) - (d1 * g[22]) - (d2 * g[23]);
            bad |= Vector512.ConditionalSelect(on[3], d3 ^ now[3], Vector512.Create(off[3]) - Vector512.Abs(d3));
            a3 = Vector512.ConditionalSelect(on[3], shift[3], d3) - a3;
            d3 &= on[3];
            var d4 = a4 - (d0 * g[28]) - (d1 * g[29]) - (d2 * g[30]) - (d3 * g[31]);
            bad |= Vector512.ConditionalSelect(on[4], d4 ^ now[4], Vector512.Create(off[4]) - Vector512.Abs(d4));
            a4 = Vector512.ConditionalSelect(on[4], shift[4], d4) - a4;
            d4 &= on[4];
            Vector512<double> d5 = Vector512<double>.Zero, d6 = Vector512<double>.Zero;
            if (seven)
            {
                d5 = a5 - (d0 * g[35]) - (d1 * g[36]) - (d2 * g[37]) - (d3 * g[38]) - (d4 * g[39]);
                bad |= Vector512.ConditionalSelect(on[5], d5 ^ now[5], Vector512.Create(off[5]) - Vector512.Abs(d5));
                a5 = Vector512.ConditionalSelect(on[5], shift[5], d5) - a5;
                d5 &= on[5];
                d6 = a6 - (d0 * g[42]) - (d1 * g[43]) - (d2 * g[44]) - (d3 * g[45]) - (d4 * g[46]) - (d5 * g[47]);
                bad |= Vector512.ConditionalSelect(on[6], d6 ^ now[6], Vector512.Create(off[6]) - Vector512.Abs(d6));
                a6 = Vector512.ConditionalSelect(on[6], shift[6], d6) - a6;
                d6 &= on[6];
            }

            if (Any(bad & stop[Going]))
            {
                LookAhead();
                return false;
            }

            round++;
            var e0 = start[0] - (d1 * g[1]) - (d2 * g[2]) - (d3 * g[3]) - (d4 * g[4]);
            var e1 = start[1] - (d2 * g[9]) - (d3 * g[10]) - (d4 * g[11]);
            var e2 = start[2] - (d3 * g[17]) - (d4 * g[18]);
            var e3 = start[3] - (d4 * g[25]);
            Vector512<double> e4 = start[4], e5 = start[5], e6 = start[6];
            if (seven)
            {
                e0 = e0 - (d5 * g[5]) - (d6 * g[6]);
                e1 = e1 - (d5 * g[12]) - (d6 * g[13]);
                e2 = e2 - (d5 * g[19]) - (d6 * g[20]);
                e3 = e3 - (d5 * g[26]) - (d6 * g[27]);
                e4 = e4 - (d5 * g[33]) - (d6 * g[34]);
                e5 -= d6 * g[41];
            }

            if (!near)
            {
                near = Any(Settled(now, [d0, d1, d2, d3, d4, d5, d6]) & stop[Going]);
            }

            if (near)
            {
                Vector512<double> q0 = (a0 + e0) * norm[0], q1 = (a1 + e1) * norm[1], q2 = (a2 + e2) * norm[2], q3 = (a3 + e3) * norm[3], q4 = (a4 + e4) * norm[4];
                var steepest = Vector512.MaxNative(
                    Vector512.MaxNative(Vector512.MaxNative(Vector512.Abs(q0), Vector512.Abs(q1)), Vector512.Abs(q2)), Vector512.MaxNative(Vector512.Abs(q3), Vector512.Abs(q4)));
                var slope = (d0 * q0) + (d1 * q1) + (d2 * q2) + (d3 * q3) + (d4 * q4);
                var alongValues = stop[Energy] - (d0 * y[0]) - (d1 * y[1]) - (d2 * y[2]) - (d3 * y[3]) - (d4 * y[4]);
                var size = Vector512.Abs(d0) + Vector512.Abs(d1) + Vector512.Abs(d2) + Vector512.Abs(d3) + Vector512.Abs(d4);
                if (seven)
                {
                    Vector512<double> q5 = (a5 + e5) * norm[5], q6 = (a6 + e6) * norm[6];
                    steepest = Vector512.MaxNative(steepest, Vector512.MaxNative(Vector512.Abs(q5), Vector512.Abs(q6)));
                    slope = slope + (d5 * q5) + (d6 * q6);
                    alongValues = alongValues - (d5 * y[5]) - (d6 * y[6]);
                    size = size + Vector512.Abs(d5) + Vector512.Abs(d6);
                }

                var stopped = Vector512.LessThan(GapOf(alongValues, slope, steepest, size, stop[Penalty]), stop[Goal]) & stop[Going];
                if (Any(stopped))
                {
                    stopped &= Settled(now, [d0, d1, d2, d3, d4, d5, d6]);
                    (now[0], now[1], now[2], now[3], now[4], now[5], now[6]) = (d0, d1, d2, d3, d4, d5, d6);
                    Take(stopped, columns, coefficients);
                    if (!Any(stop[Going]))
                    {
                        return true;
                    }

                    near = false;
                }
            }

            (now[0], now[1], now[2], now[3], now[4], now[5], now[6]) = (d0, d1, d2, d3, d4, d5, d6);
            (a0, a1, a2, a3, a4, a5, a6) = (e0, e1, e2, e3, e4, e5, e6);
        }

        return true;
    }

    /// <summary>The duality gap behind a soft round.</summary>
    private Vector512<double> Gap()
    {
        Span<Vector512<double>> w = _now.Span, before = _before.Span, ahead = _ahead.Span, rest = _rest.Span, y = _covariance.Span;
        Vector512<double> steepest = Vector512<double>.Zero, slope = Vector512<double>.Zero, size = Vector512<double>.Zero;
        var alongValues = _stop.Span[Energy];
        for (var i = 0; i < Columns; i++)
        {
            var gradient = (rest[i] - before[i] + ahead[i]) * _norm[i];
            steepest = Vector512.MaxNative(steepest, Vector512.Abs(gradient));
            slope += w[i] * gradient;
            size += Vector512.Abs(w[i]);
            alongValues -= w[i] * y[i];
        }

        return GapOf(alongValues, slope, steepest, size, _stop.Span[Penalty]);
    }

    /// <summary>Primal less dual objective of the lasso, which bounds how far the fit is from the best.</summary>
    /// <param name="alongValues">Residual times values.</param>
    /// <param name="slope">Coefficients times gradient.</param>
    /// <param name="steepest">Greatest absolute gradient.</param>
    /// <param name="size">Sum of the absolute coefficients.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<double> GapOf(Vector512<double> alongValues, Vector512<double> slope, Vector512<double> steepest, Vector512<double> size, Vector512<double> penalty)
    {
        var scale = Vector512.ConditionalSelect(Vector512.LessThan(penalty, steepest), penalty / steepest, Vector512<double>.One);
        return ((alongValues - slope) * 0.5 * (Vector512<double>.One + (scale * scale))) + (size * penalty) - (scale * alongValues);
    }

    /// <summary>Bands in which no step of a round counts beside the largest coefficient.</summary>
    private Vector512<double> Settled(ReadOnlySpan<Vector512<double>> before, ReadOnlySpan<Vector512<double>> after)
    {
        Vector512<double> step = Vector512<double>.Zero, size = Vector512<double>.Zero;
        for (var i = 0; i < Columns; i++)
        {
            step = Vector512.MaxNative(step, Vector512.Abs(after[i] - before[i]));
            size = Vector512.MaxNative(size, Vector512.Abs(after[i]));
        }

        return Vector512.LessThanOrEqual(step, size * tolerance);
    }

    /// <summary>Whether a lane of a mask is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Any(Vector512<double> mask) => Vector512.ExtractMostSignificantBits(mask) != 0;
}
