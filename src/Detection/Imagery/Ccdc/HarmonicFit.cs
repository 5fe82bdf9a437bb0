using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// L1-penalised least squares (lasso; Tibshirani 1996) of all bands of a pixel at once on harmonics of the year, by cyclic coordinate
/// descent (Friedman, Hastie and Tibshirani 2010) with the duality gap as the sign to stop. Works on sums of products, so that adding an
/// observation costs the same however many there are. A workspace: not thread-safe, allocates nothing.
/// </summary>
internal sealed class HarmonicFit
{
    private const int Columns = CcdcSegment.Columns;
    private const int One = Columns;

    private readonly double _penalty;
    private readonly double _tolerance;
    private readonly int _maxRounds;
    private readonly BandLanes[] _products = new BandLanes[Columns + 1];
    private readonly BandLanes[] _moments = new BandLanes[Columns + 1];
    private readonly double[] _gram = new double[Columns * Columns];
    private readonly double[] _reciprocal = new double[Columns];
    private readonly double[] _flat = new double[(Columns + 1) * BandLanes.Count];
    private readonly BandLanes[] _covariance = new BandLanes[Columns];
    // The columns of the descent divided by their norms.
    private readonly double[] _scaled = new double[Columns * Columns];
    private readonly Vector512<double>[] _along = new Vector512<double>[Columns];
    private readonly Vector512<double>[] _limit = new Vector512<double>[Columns];
    private readonly Vector512<double>[] _base = new Vector512<double>[Columns];
    private readonly Vector512<double>[] _active = new Vector512<double>[Columns];
    private readonly Vector512<double>[] _now = new Vector512<double>[Columns];
    private readonly Vector512<double>[] _last = new Vector512<double>[Columns];
    private readonly Vector512<double>[] _left = new Vector512<double>[Columns];
    private readonly BandLanes[] _coefficients = new BandLanes[Columns + 1];
    private readonly DescentLeap _leap;
    private BandLanes _squares;

    public HarmonicFit(CcdcOptions options)
    {
        (_penalty, _tolerance, _maxRounds) = (options.Penalty, options.FitTolerance, options.MaxFitRounds);
        _leap = new DescentLeap(options.FitTolerance, options.MaxFitRounds);
    }

    /// <summary>Observations added.</summary>
    public int Count { get; private set; }

    /// <summary>Column by column a lane a band; the last is the intercept.</summary>
    public ReadOnlySpan<BandLanes> Coefficients => _coefficients;

    /// <summary>With the intercept: 4, 6 or 8.</summary>
    public int CoefficientCount { get; private set; }

    /// <summary>√(Σ residual² / (count − coefficients)).</summary>
    public BandLanes Rmse { get; private set; }

    public void Clear()
    {
        _products.AsSpan().Clear();
        _moments.AsSpan().Clear();
        _squares = BandLanes.Zero;
        Count = 0;
    }

    /// <param name="row">A row of <see cref="ObservationDates.Rows"/>.</param>
    /// <param name="values">A lane a band.</param>
    public void Add(in BandLanes row, in BandLanes values) => Add([row], [0], [values]);

    /// <summary>Adds observations.</summary>
    /// <param name="rows"><see cref="ObservationDates.Rows"/>.</param>
    /// <param name="which">Which of them.</param>
    /// <param name="values">One each, a lane a band.</param>
    public void Add(ReadOnlySpan<BandLanes> rows, ReadOnlySpan<int> which, ReadOnlySpan<BandLanes> values)
    {
        // In registers: in memory each sum would wait for its own last store.
        Vector512<double> p0 = _products[0].Lanes, p1 = _products[1].Lanes, p2 = _products[2].Lanes, p3 = _products[3].Lanes;
        Vector512<double> p4 = _products[4].Lanes, p5 = _products[5].Lanes, p6 = _products[6].Lanes, p7 = _products[7].Lanes;
        Vector512<double> m0 = _moments[0].Lanes, m1 = _moments[1].Lanes, m2 = _moments[2].Lanes, m3 = _moments[3].Lanes;
        Vector512<double> m4 = _moments[4].Lanes, m5 = _moments[5].Lanes, m6 = _moments[6].Lanes, m7 = _moments[7].Lanes;
        var squares = _squares.Lanes;
        for (var i = 0; i < which.Length && i < values.Length; i++)
        {
            var at = which[i];
            Vector512<double> x = rows[at].Lanes, value = values[i].Lanes;
            var x0 = Vector512.Create(x[0]);
            p0 += x * x0;
            m0 += value * x0;
            var x1 = Vector512.Create(x[1]);
            p1 += x * x1;
            m1 += value * x1;
            var x2 = Vector512.Create(x[2]);
            p2 += x * x2;
            m2 += value * x2;
            var x3 = Vector512.Create(x[3]);
            p3 += x * x3;
            m3 += value * x3;
            var x4 = Vector512.Create(x[4]);
            p4 += x * x4;
            m4 += value * x4;
            var x5 = Vector512.Create(x[5]);
            p5 += x * x5;
            m5 += value * x5;
            var x6 = Vector512.Create(x[6]);
            p6 += x * x6;
            m6 += value * x6;
            p7 += x;
            m7 += value;
            squares += value * value;
        }

        (_products[0], _products[1], _products[2], _products[3]) = (new(p0), new(p1), new(p2), new(p3));
        (_products[4], _products[5], _products[6], _products[7]) = (new(p4), new(p5), new(p6), new(p7));
        (_moments[0], _moments[1], _moments[2], _moments[3]) = (new(m0), new(m1), new(m2), new(m3));
        (_moments[4], _moments[5], _moments[6], _moments[7]) = (new(m4), new(m5), new(m6), new(m7));
        _squares = new(squares);
        Count += which.Length;
    }

    /// <summary>Fits what was added.</summary>
    /// <param name="coefficients">With the intercept: 4, 6 or 8.</param>
    public void Solve(int coefficients)
    {
        var columns = coefficients - 1;
        CoefficientCount = coefficients;
        for (var i = 0; i < columns; i++)
        {
            _products[i].CopyTo(_flat.AsSpan(i * BandLanes.Count));
        }

        var n = (double)Count;
        for (var i = 0; i < columns; i++)
        {
            var mean = _flat[(i * BandLanes.Count) + One] / n;
            for (var j = 0; j < columns; j++)
            {
                _gram[(i * Columns) + j] = _flat[(i * BandLanes.Count) + j] - (mean * _flat[(j * BandLanes.Count) + One]);
            }

            _covariance[i] = _moments[i] - (_moments[One] * mean);
            // A column without variance explains nothing: its coefficient stays 0.
            var norm = _gram[(i * Columns) + i];
            _reciprocal[i] = norm > 0 ? 1 / norm : 0;
        }

        var energy = BandLanes.Max(_squares - (_moments[One] * _moments[One] * (1 / n)), BandLanes.Zero);
        _coefficients.AsSpan().Clear();
        if (columns == 3)
        {
            DescendInThree(_penalty * n, energy);
        }
        else
        {
            Descend(columns, _penalty * n, energy);
        }

        var residual = energy;
        var intercept = _moments[One] * (1 / n);
        for (var i = 0; i < columns; i++)
        {
            var product = BandLanes.Zero;
            for (var j = 0; j < columns; j++)
            {
                product += _coefficients[j] * _gram[(i * Columns) + j];
            }

            residual += _coefficients[i] * (product - _covariance[i] - _covariance[i]);
            intercept -= _coefficients[i] * (_flat[(i * BandLanes.Count) + One] / n);
        }

        _coefficients[One] = intercept;
        Rmse = BandLanes.Sqrt(BandLanes.Max(residual, BandLanes.Zero) * (1 / Math.Max(1, n - coefficients)));
    }

    /// <summary>What the model says of all bands for a row of the design.</summary>
    public BandLanes Predict(in BandLanes row)
    {
        // In pairs, so that the sums do not wait for each other.
        var even = (_coefficients[0] * row[0]) + (_coefficients[2] * row[2]) + (_coefficients[4] * row[4]) + (_coefficients[6] * row[6]);
        var odd = (_coefficients[1] * row[1]) + (_coefficients[3] * row[3]) + (_coefficients[5] * row[5]) + _coefficients[7];
        return even + odd;
    }

    /// <summary>
    /// Rounds of coordinate descent for five or seven columns. A step is d = left − sign · limit where the coefficient stays on its side of
    /// 0, and 0 where it stays there: as long as that holds in every band a round is linear, and each step waits for a product and a
    /// difference only; where no coefficient is 0 many are done at once (<see cref="DescentLeap"/>). A round in which some coefficient
    /// changes sides is done again with the soft threshold.
    /// </summary>
    private void Descend(int columns, double penalty, BandLanes energy)
    {
        var going = BandLanes.Less(BandLanes.Zero, energy);
        var goal = energy * _tolerance;
        _scaled.AsSpan().Clear();
        for (var i = 0; i < Columns; i++)
        {
            var by = i < columns ? _reciprocal[i] : 0;
            (_limit[i], _along[i]) = (Vector512.Create(penalty * by), i < columns ? (_covariance[i] * by).Lanes : Vector512<double>.Zero);
            (_base[i], _active[i]) = (Vector512<double>.Zero, Vector512<double>.Zero);
            (_now[i], _last[i]) = (Vector512<double>.Zero, Vector512<double>.Zero);
            for (var j = 0; j < columns; j++)
            {
                _scaled[(i * Columns) + j] = i < columns ? _gram[(i * Columns) + j] * by : 0;
            }
        }

        _leap.Begin(_scaled, _gram, _covariance, columns);
        var (now, last) = (_now, _last);
        var (linear, full) = (false, false);
        for (var round = 1; round <= _maxRounds && BandLanes.Any(going); round++)
        {
            (now, last) = (last, now);
            var straight = linear;
            if (linear)
            {
                linear = LinearRound(_scaled, _base, _active, _limit, last, now, _left, going.Lanes);
                if (!linear)
                {
                    (now, last) = (last, now);
                    round--;
                    continue;
                }
            }
            else
            {
                // On the heels of a change of sides there is often another.
                linear = SoftRound(_scaled, _along, _limit, last, now, _left, going.Lanes);
                if (linear)
                {
                    Remember(now);
                    full = IsFull(columns, going);
                }
            }

            // No step beside the largest coefficient: only then is the gap worth its cost.
            var settled = DescentLeap.Settled(last, now, columns, _tolerance);
            if (round == _maxRounds || BandLanes.Any(BandLanes.Both(settled, going)))
            {
                if (straight)
                {
                    for (var i = 0; i < columns; i++)
                    {
                        _left[i] = Vector512.ConditionalSelect(_active[i], _along[i] - _base[i], _left[i]);
                    }
                }

                var good = BandLanes.Less(_leap.Gap(_left, last, now, penalty, energy), goal);
                var stopped = round == _maxRounds ? going : BandLanes.Both(going, BandLanes.Both(settled, good));
                if (BandLanes.Any(stopped))
                {
                    for (var i = 0; i < columns; i++)
                    {
                        _coefficients[i] = BandLanes.Where(stopped, new BandLanes(now[i]), _coefficients[i]);
                    }

                    going = BandLanes.Without(going, stopped);
                    full = linear && IsFull(columns, going);
                }
            }

            if (straight && full && BandLanes.Any(going))
            {
                round = _leap.Leap(round, last, now, _base, going);
            }
        }
    }

    /// <summary>A round in which every coefficient stays on its side of 0.</summary>
    /// <param name="unmasked">Of the columns at 0, what the others leave them.</param>
    /// <returns>False when one does not: then what was made is void.</returns>
    private static bool LinearRound(
        double[] scaled, Vector512<double>[] start, Vector512<double>[] active, Vector512<double>[] limit, Vector512<double>[] from, Vector512<double>[] to, Vector512<double>[] unmasked, Vector512<double> going)
    {
        ReadOnlySpan<double> g = scaled.AsSpan(0, Columns * Columns);
        ReadOnlySpan<Vector512<double>> s = start.AsSpan(0, Columns), on = active.AsSpan(0, Columns), off = limit.AsSpan(0, Columns), c = from.AsSpan(0, Columns);
        Span<Vector512<double>> next = to.AsSpan(0, Columns), left = unmasked.AsSpan(0, Columns);
        Vector512<double> c1 = c[1], c2 = c[2], c3 = c[3], c4 = c[4], c5 = c[5], c6 = c[6];
        // What the last round's coefficients make waits for nothing.
        var d0 = s[0] - (c1 * g[1]) - (c2 * g[2]) - (c3 * g[3]) - (c4 * g[4]) - (c5 * g[5]) - (c6 * g[6]);
        var bad = Vector512.ConditionalSelect(on[0], d0 ^ c[0], off[0] - Vector512.Abs(d0));
        left[0] = d0;
        d0 &= on[0];
        next[0] = d0;
        var d1 = s[1] - (c2 * g[9]) - (c3 * g[10]) - (c4 * g[11]) - (c5 * g[12]) - (c6 * g[13]) - (d0 * g[7]);
        bad |= Vector512.ConditionalSelect(on[1], d1 ^ c1, off[1] - Vector512.Abs(d1));
        left[1] = d1;
        d1 &= on[1];
        next[1] = d1;
        var d2 = s[2] - (c3 * g[17]) - (c4 * g[18]) - (c5 * g[19]) - (c6 * g[20]) - (d0 * g[14]) - (d1 * g[15]);
        bad |= Vector512.ConditionalSelect(on[2], d2 ^ c2, off[2] - Vector512.Abs(d2));
        left[2] = d2;
        d2 &= on[2];
        next[2] = d2;
        var d3 = s[3] - (c4 * g[25]) - (c5 * g[26]) - (c6 * g[27]) - (d0 * g[21]) - (d1 * g[22]) - (d2 * g[23]);
        bad |= Vector512.ConditionalSelect(on[3], d3 ^ c3, off[3] - Vector512.Abs(d3));
        left[3] = d3;
        d3 &= on[3];
        next[3] = d3;
        var d4 = s[4] - (c5 * g[33]) - (c6 * g[34]) - (d0 * g[28]) - (d1 * g[29]) - (d2 * g[30]) - (d3 * g[31]);
        bad |= Vector512.ConditionalSelect(on[4], d4 ^ c4, off[4] - Vector512.Abs(d4));
        left[4] = d4;
        d4 &= on[4];
        next[4] = d4;
        var d5 = s[5] - (c6 * g[41]) - (d0 * g[35]) - (d1 * g[36]) - (d2 * g[37]) - (d3 * g[38]) - (d4 * g[39]);
        bad |= Vector512.ConditionalSelect(on[5], d5 ^ c5, off[5] - Vector512.Abs(d5));
        left[5] = d5;
        d5 &= on[5];
        next[5] = d5;
        var d6 = s[6] - (d0 * g[42]) - (d1 * g[43]) - (d2 * g[44]) - (d3 * g[45]) - (d4 * g[46]) - (d5 * g[47]);
        bad |= Vector512.ConditionalSelect(on[6], d6 ^ c6, off[6] - Vector512.Abs(d6));
        left[6] = d6;
        next[6] = d6 & on[6];
        // The sign bit is set where a step crosses 0, or should have left it.
        return Vector512.ExtractMostSignificantBits(bad & going) == 0;
    }

    /// <summary>A round with the soft threshold.</summary>
    /// <param name="unshrunk">What is left of each column once its coefficient is taken off: its gradient by its norm.</param>
    /// <returns>Whether every coefficient was and is on the same side of 0, or 0.</returns>
    private static bool SoftRound(double[] scaled, Vector512<double>[] along, Vector512<double>[] limit, Vector512<double>[] from, Vector512<double>[] to, Vector512<double>[] unshrunk, Vector512<double> going)
    {
        ReadOnlySpan<double> g = scaled.AsSpan(0, Columns * Columns);
        ReadOnlySpan<Vector512<double>> s = along.AsSpan(0, Columns), off = limit.AsSpan(0, Columns), c = from.AsSpan(0, Columns);
        Span<Vector512<double>> next = to.AsSpan(0, Columns), left = unshrunk.AsSpan(0, Columns);
        Vector512<double> c1 = c[1], c2 = c[2], c3 = c[3], c4 = c[4], c5 = c[5], c6 = c[6];
        var r0 = s[0] - (c1 * g[1]) - (c2 * g[2]) - (c3 * g[3]) - (c4 * g[4]) - (c5 * g[5]) - (c6 * g[6]);
        var d0 = Shrunk(r0, off[0]);
        (next[0], left[0]) = (d0, r0 - d0);
        var r1 = s[1] - (c2 * g[9]) - (c3 * g[10]) - (c4 * g[11]) - (c5 * g[12]) - (c6 * g[13]) - (d0 * g[7]);
        var d1 = Shrunk(r1, off[1]);
        (next[1], left[1]) = (d1, r1 - d1);
        var r2 = s[2] - (c3 * g[17]) - (c4 * g[18]) - (c5 * g[19]) - (c6 * g[20]) - (d0 * g[14]) - (d1 * g[15]);
        var d2 = Shrunk(r2, off[2]);
        (next[2], left[2]) = (d2, r2 - d2);
        var r3 = s[3] - (c4 * g[25]) - (c5 * g[26]) - (c6 * g[27]) - (d0 * g[21]) - (d1 * g[22]) - (d2 * g[23]);
        var d3 = Shrunk(r3, off[3]);
        (next[3], left[3]) = (d3, r3 - d3);
        var r4 = s[4] - (c5 * g[33]) - (c6 * g[34]) - (d0 * g[28]) - (d1 * g[29]) - (d2 * g[30]) - (d3 * g[31]);
        var d4 = Shrunk(r4, off[4]);
        (next[4], left[4]) = (d4, r4 - d4);
        var r5 = s[5] - (c6 * g[41]) - (d0 * g[35]) - (d1 * g[36]) - (d2 * g[37]) - (d3 * g[38]) - (d4 * g[39]);
        var d5 = Shrunk(r5, off[5]);
        (next[5], left[5]) = (d5, r5 - d5);
        var r6 = s[6] - (d0 * g[42]) - (d1 * g[43]) - (d2 * g[44]) - (d3 * g[45]) - (d4 * g[46]) - (d5 * g[47]);
        var d6 = Shrunk(r6, off[6]);
        (next[6], left[6]) = (d6, r6 - d6);
        // The sign bit is set where the signs differ, or one is 0 and the other is not.
        var changed = Vector512<double>.Zero;
        for (var i = 0; i < Columns; i++)
        {
            changed |= (c[i] ^ next[i]) | (Vector512.Equals(c[i], Vector512<double>.Zero) ^ Vector512.Equals(next[i], Vector512<double>.Zero));
        }

        return Vector512.ExtractMostSignificantBits(changed & going) == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Shrunk(Vector512<double> left, Vector512<double> limit) =>
        (left & Vector512.Create(-0.0)) ^ Vector512.MaxNative(Vector512.Abs(left) - limit, Vector512<double>.Zero);

    /// <summary>Whether no coefficient is 0 in any band that still moves.</summary>
    private bool IsFull(int columns, BandLanes going)
    {
        var all = going.Lanes;
        for (var i = 0; i < columns; i++)
        {
            all &= _active[i];
        }

        return Vector512.EqualsAll(all.AsInt64(), going.Lanes.AsInt64());
    }

    /// <summary>What a linear round needs to know of the columns: which bands' coefficients are not 0, and the shift that their signs make.</summary>
    private void Remember(Vector512<double>[] coefficients)
    {
        for (var i = 0; i < Columns; i++)
        {
            var active = Vector512.LessThan(Vector512<double>.Zero, Vector512.Abs(coefficients[i]));
            _active[i] = active;
            _base[i] = _along[i] - ((_limit[i] | (coefficients[i] & Vector512.Create(-0.0))) & active);
        }
    }

    /// <summary>
    /// As <see cref="Descend"/> for the three columns that a model begins with, all in registers and in the same order of operations: most fits
    /// are of windows that turn out not to be stable.
    /// </summary>
    private void DescendInThree(double penalty, BandLanes energy)
    {
        var going = BandLanes.Less(BandLanes.Zero, energy);
        var goal = energy * _tolerance;
        BandLanes a = BandLanes.Zero, b = BandLanes.Zero, c = BandLanes.Zero;
        BandLanes alongA = _covariance[0], alongB = _covariance[1], alongC = _covariance[2];
        BandLanes ab = BandLanes.All(_gram[1]), ac = BandLanes.All(_gram[2]), bc = BandLanes.All(_gram[Columns + 2]);
        BandLanes aa = BandLanes.All(_gram[0]), bb = BandLanes.All(_gram[Columns + 1]), cc = BandLanes.All(_gram[(2 * Columns) + 2]);
        BandLanes limitA = BandLanes.All(penalty * _reciprocal[0]), limitB = BandLanes.All(penalty * _reciprocal[1]), limitC = BandLanes.All(penalty * _reciprocal[2]);
        BandLanes leftA = alongA * _reciprocal[0], leftB = alongB * _reciprocal[1], leftC = alongC * _reciprocal[2];
        BandLanes ba = ab * _reciprocal[0], ca = ac * _reciprocal[0], abB = ab * _reciprocal[1], cb = bc * _reciprocal[1], acC = ac * _reciprocal[2], bcC = bc * _reciprocal[2];
        for (var round = 1; round <= _maxRounds && BandLanes.Any(going); round++)
        {
            var (oldA, oldB, oldC) = (a, b, c);
            a = BandLanes.Where(going, Shrunk(leftA - (b * ba) - (c * ca), limitA), oldA);
            b = BandLanes.Where(going, Shrunk(leftB - (c * cb) - (a * abB), limitB), oldB);
            c = BandLanes.Where(going, Shrunk(leftC - (a * acC) - (b * bcC), limitC), oldC);
            var step = BandLanes.Max(BandLanes.Max(BandLanes.Abs(a - oldA), BandLanes.Abs(b - oldB)), BandLanes.Abs(c - oldC));
            var largest = BandLanes.Max(BandLanes.Max(BandLanes.Abs(a), BandLanes.Abs(b)), BandLanes.Abs(c));
            var settled = Not(BandLanes.Less(largest * _tolerance, step));
            if (round < _maxRounds && !BandLanes.Any(BandLanes.Both(settled, going)))
            {
                continue;
            }

            BandLanes productA = (a * aa) + (b * ab) + (c * ac), productB = (a * ab) + (b * bb) + (c * bc), productC = (a * ac) + (b * bc) + (c * cc);
            var steepest = BandLanes.Max(
                BandLanes.Max(BandLanes.Abs(alongA - productA), BandLanes.Abs(alongB - productB)), BandLanes.Abs(alongC - productC));
            var residual = energy + (a * (productA - alongA - alongA)) + (b * (productB - alongB - alongB)) + (c * (productC - alongC - alongC));
            var alongValues = energy - (a * alongA) - (b * alongB) - (c * alongC);
            var gap = GapOf(residual, alongValues, steepest, BandLanes.Abs(a) + BandLanes.Abs(b) + BandLanes.Abs(c), penalty);
            going = BandLanes.Without(going, BandLanes.Both(settled, BandLanes.Less(gap, goal)));
        }

        (_coefficients[0], _coefficients[1], _coefficients[2]) = (a, b, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static BandLanes Shrunk(BandLanes left, BandLanes limit) => new(Shrunk(left.Lanes, limit.Lanes));

    /// <summary>Primal less dual objective of the lasso, which bounds how far the fit is from the best.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static BandLanes GapOf(BandLanes residual, BandLanes alongValues, BandLanes steepest, BandLanes size, double penalty)
    {
        var limit = BandLanes.All(penalty);
        var tooSteep = BandLanes.Less(limit, steepest);
        var scale = BandLanes.Where(tooSteep, limit / BandLanes.Max(steepest, BandLanes.All(double.Epsilon)), BandLanes.All(1));
        var half = BandLanes.Where(tooSteep, residual * 0.5 * (BandLanes.All(1) + (scale * scale)), residual);
        return half + (size * penalty) - (scale * alongValues);
    }

    private static BandLanes Not(BandLanes mask) => BandLanes.Without(AllSet, mask);

    private static BandLanes AllSet => BandLanes.Less(BandLanes.Zero, BandLanes.All(1));
}
