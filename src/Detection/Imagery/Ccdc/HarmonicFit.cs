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
    private readonly BandLanes[] _coefficients = new BandLanes[Columns + 1];
    private BandLanes _squares;

    public HarmonicFit(CcdcOptions options) => (_penalty, _tolerance, _maxRounds) = (options.Penalty, options.FitTolerance, options.MaxFitRounds);

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
    public void Add(in BandLanes row, in BandLanes values)
    {
        for (var column = 0; column <= Columns; column++)
        {
            var x = row[column];
            _products[column] += row * x;
            _moments[column] += values * x;
        }

        _squares += values * values;
        Count++;
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
    /// difference only. A round in which some coefficient changes sides is done again with the soft threshold.
    /// </summary>
    private void Descend(int columns, double penalty, BandLanes energy)
    {
        var going = BandLanes.Less(BandLanes.Zero, energy);
        var goal = energy * _tolerance;
        _scaled.AsSpan().Clear();
        for (var i = 0; i < Columns; i++)
        {
            var by = i < columns ? _reciprocal[i] : 0;
            (_limit[i], _along[i]) = (Vector512.Create(penalty * by), (_covariance[i] * by).Lanes);
            (_base[i], _active[i]) = (Vector512<double>.Zero, Vector512<double>.Zero);
            for (var j = 0; j < columns; j++)
            {
                _scaled[(i * Columns) + j] = i < columns ? _gram[(i * Columns) + j] * by : 0;
            }
        }

        ReadOnlySpan<double> g = _scaled.AsSpan(0, Columns * Columns);
        ReadOnlySpan<Vector512<double>> along = _along.AsSpan(0, Columns), start = _base.AsSpan(0, Columns), active = _active.AsSpan(0, Columns), limit = _limit.AsSpan(0, Columns);
        var seven = columns == Columns;
        Vector512<double> c0 = Vector512<double>.Zero, c1 = Vector512<double>.Zero, c2 = Vector512<double>.Zero, c3 = Vector512<double>.Zero, c4 = Vector512<double>.Zero, c5 = Vector512<double>.Zero, c6 = Vector512<double>.Zero;
        Vector512<double> d5 = c5, d6 = c6;
        var sign = Vector512.Create(-0.0);
        var linear = false;
        for (var round = 1; round <= _maxRounds && BandLanes.Any(going); round++)
        {
            Vector512<double> d0, d1, d2, d3, d4;
            if (linear)
            {
                var bad = Vector512<double>.Zero;
                d0 = start[0] - (c1 * g[1]) - (c2 * g[2]) - (c3 * g[3]) - (c4 * g[4]) - (c5 * g[5]) - (c6 * g[6]);
                bad |= Vector512.ConditionalSelect(active[0], d0 ^ c0, limit[0] - Vector512.Abs(d0));
                d0 &= active[0];
                d1 = start[1] - (c2 * g[9]) - (c3 * g[10]) - (c4 * g[11]) - (c5 * g[12]) - (c6 * g[13]) - (d0 * g[7]);
                bad |= Vector512.ConditionalSelect(active[1], d1 ^ c1, limit[1] - Vector512.Abs(d1));
                d1 &= active[1];
                d2 = start[2] - (c3 * g[17]) - (c4 * g[18]) - (c5 * g[19]) - (c6 * g[20]) - (d0 * g[14]) - (d1 * g[15]);
                bad |= Vector512.ConditionalSelect(active[2], d2 ^ c2, limit[2] - Vector512.Abs(d2));
                d2 &= active[2];
                d3 = start[3] - (c4 * g[25]) - (c5 * g[26]) - (c6 * g[27]) - (d0 * g[21]) - (d1 * g[22]) - (d2 * g[23]);
                bad |= Vector512.ConditionalSelect(active[3], d3 ^ c3, limit[3] - Vector512.Abs(d3));
                d3 &= active[3];
                d4 = start[4] - (c5 * g[33]) - (c6 * g[34]) - (d0 * g[28]) - (d1 * g[29]) - (d2 * g[30]) - (d3 * g[31]);
                bad |= Vector512.ConditionalSelect(active[4], d4 ^ c4, limit[4] - Vector512.Abs(d4));
                d4 &= active[4];
                if (seven)
                {
                    d5 = start[5] - (c6 * g[41]) - (d0 * g[35]) - (d1 * g[36]) - (d2 * g[37]) - (d3 * g[38]) - (d4 * g[39]);
                    bad |= Vector512.ConditionalSelect(active[5], d5 ^ c5, limit[5] - Vector512.Abs(d5));
                    d5 &= active[5];
                    d6 = start[6] - (d0 * g[42]) - (d1 * g[43]) - (d2 * g[44]) - (d3 * g[45]) - (d4 * g[46]) - (d5 * g[47]);
                    bad |= Vector512.ConditionalSelect(active[6], d6 ^ c6, limit[6] - Vector512.Abs(d6));
                    d6 &= active[6];
                }
                // The sign bit is set where a step crosses 0, or should have left it.
                linear = Vector512.ExtractMostSignificantBits(bad) == 0;
                if (!linear)
                {
                    round--;
                    continue;
                }
            }
            else
            {
                d0 = along[0] - (c1 * g[1]) - (c2 * g[2]) - (c3 * g[3]) - (c4 * g[4]) - (c5 * g[5]) - (c6 * g[6]);
                d0 = (d0 & sign) ^ Vector512.Max(Vector512.Abs(d0) - limit[0], Vector512<double>.Zero);
                d1 = along[1] - (c2 * g[9]) - (c3 * g[10]) - (c4 * g[11]) - (c5 * g[12]) - (c6 * g[13]) - (d0 * g[7]);
                d1 = (d1 & sign) ^ Vector512.Max(Vector512.Abs(d1) - limit[1], Vector512<double>.Zero);
                d2 = along[2] - (c3 * g[17]) - (c4 * g[18]) - (c5 * g[19]) - (c6 * g[20]) - (d0 * g[14]) - (d1 * g[15]);
                d2 = (d2 & sign) ^ Vector512.Max(Vector512.Abs(d2) - limit[2], Vector512<double>.Zero);
                d3 = along[3] - (c4 * g[25]) - (c5 * g[26]) - (c6 * g[27]) - (d0 * g[21]) - (d1 * g[22]) - (d2 * g[23]);
                d3 = (d3 & sign) ^ Vector512.Max(Vector512.Abs(d3) - limit[3], Vector512<double>.Zero);
                d4 = along[4] - (c5 * g[33]) - (c6 * g[34]) - (d0 * g[28]) - (d1 * g[29]) - (d2 * g[30]) - (d3 * g[31]);
                d4 = (d4 & sign) ^ Vector512.Max(Vector512.Abs(d4) - limit[4], Vector512<double>.Zero);
                if (seven)
                {
                    d5 = along[5] - (c6 * g[41]) - (d0 * g[35]) - (d1 * g[36]) - (d2 * g[37]) - (d3 * g[38]) - (d4 * g[39]);
                    d5 = (d5 & sign) ^ Vector512.Max(Vector512.Abs(d5) - limit[5], Vector512<double>.Zero);
                    d6 = along[6] - (d0 * g[42]) - (d1 * g[43]) - (d2 * g[44]) - (d3 * g[45]) - (d4 * g[46]) - (d5 * g[47]);
                    d6 = (d6 & sign) ^ Vector512.Max(Vector512.Abs(d6) - limit[6], Vector512<double>.Zero);
                }
                linear = true;
                Remember(0, d0);
                Remember(1, d1);
                Remember(2, d2);
                Remember(3, d3);
                Remember(4, d4);
                Remember(5, d5);
                Remember(6, d6);
            }

            var step = Vector512.Max(
                Vector512.Max(Vector512.Abs(d0 - c0), Vector512.Abs(d1 - c1)), Vector512.Max(Vector512.Abs(d2 - c2), Vector512.Max(Vector512.Abs(d3 - c3), Vector512.Abs(d4 - c4))));
            var size = Vector512.Max(Vector512.Max(Vector512.Abs(d0), Vector512.Abs(d1)), Vector512.Max(Vector512.Abs(d2), Vector512.Max(Vector512.Abs(d3), Vector512.Abs(d4))));
            if (seven)
            {
                step = Vector512.Max(step, Vector512.Max(Vector512.Abs(d5 - c5), Vector512.Abs(d6 - c6)));
                size = Vector512.Max(size, Vector512.Max(Vector512.Abs(d5), Vector512.Abs(d6)));
            }

            (c0, c1, c2, c3, c4, c5, c6) = (d0, d1, d2, d3, d4, d5, d6);

            // No step beside the largest coefficient: only then is the gap worth its cost.
            var settled = Not(BandLanes.Less(new BandLanes(size) * _tolerance, new BandLanes(step)));
            if (round == _maxRounds || BandLanes.Any(BandLanes.Both(settled, going)))
            {
                _coefficients[0] = BandLanes.Where(going, new BandLanes(c0), _coefficients[0]);
                _coefficients[1] = BandLanes.Where(going, new BandLanes(c1), _coefficients[1]);
                _coefficients[2] = BandLanes.Where(going, new BandLanes(c2), _coefficients[2]);
                _coefficients[3] = BandLanes.Where(going, new BandLanes(c3), _coefficients[3]);
                _coefficients[4] = BandLanes.Where(going, new BandLanes(c4), _coefficients[4]);
                _coefficients[5] = BandLanes.Where(going, new BandLanes(c5), _coefficients[5]);
                _coefficients[6] = BandLanes.Where(going, new BandLanes(c6), _coefficients[6]);
                var good = BandLanes.Less(Gap(columns, penalty, energy), goal);
                going = BandLanes.Without(going, BandLanes.Both(settled, good));
            }
        }
    }

    /// <summary>What a linear round needs to know of a column: which bands' coefficients are not 0, and the shift that their signs make.</summary>
    private void Remember(int column, Vector512<double> coefficient)
    {
        var active = Vector512.LessThan(Vector512<double>.Zero, Vector512.Abs(coefficient));
        _active[column] = active;
        _base[column] = _along[column] - ((_limit[column] | (coefficient & Vector512.Create(-0.0))) & active);
    }

    /// <summary>
    /// As <see cref="Descend"/> for the three columns that a model begins with, all in registers and in the same order of operations: most fits
    /// are of windows that turn out not to be stable.
    /// </summary>
    private void DescendInThree(double penalty, BandLanes energy)
    {
        var going = BandLanes.Less(BandLanes.Zero, energy);
        var goal = energy * _tolerance;
        var limit = BandLanes.All(penalty);
        BandLanes a = BandLanes.Zero, b = BandLanes.Zero, c = BandLanes.Zero;
        BandLanes alongA = _covariance[0], alongB = _covariance[1], alongC = _covariance[2];
        BandLanes ab = BandLanes.All(_gram[1]), ac = BandLanes.All(_gram[2]), bc = BandLanes.All(_gram[Columns + 2]);
        BandLanes aa = BandLanes.All(_gram[0]), bb = BandLanes.All(_gram[Columns + 1]), cc = BandLanes.All(_gram[(2 * Columns) + 2]);
        BandLanes byA = BandLanes.All(_reciprocal[0]), byB = BandLanes.All(_reciprocal[1]), byC = BandLanes.All(_reciprocal[2]);
        for (var round = 1; round <= _maxRounds && BandLanes.Any(going); round++)
        {
            var (oldA, oldB, oldC) = (a, b, c);
            a = BandLanes.Where(going, Shrunk(alongA - (b * ab) - (c * ac), limit, byA), oldA);
            b = BandLanes.Where(going, Shrunk(alongB - (c * bc) - (a * ab), limit, byB), oldB);
            c = BandLanes.Where(going, Shrunk(alongC - (a * ac) - (b * bc), limit, byC), oldC);
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

    /// <summary>The soft threshold, divided by the column's norm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static BandLanes Shrunk(BandLanes left, BandLanes limit, BandLanes reciprocal) =>
        BandLanes.CopySign(BandLanes.Max(BandLanes.Abs(left) - limit, BandLanes.Zero) * reciprocal, left);

    /// <summary>Primal less dual objective of the lasso, which bounds how far the fit is from the best.</summary>
    private BandLanes Gap(int columns, double penalty, BandLanes energy)
    {
        var (residual, alongValues, steepest, size) = (energy, energy, BandLanes.Zero, BandLanes.Zero);
        for (var i = 0; i < columns; i++)
        {
            var product = BandLanes.Zero;
            for (var j = 0; j < columns; j++)
            {
                product += _coefficients[j] * _gram[(i * Columns) + j];
            }

            steepest = BandLanes.Max(steepest, BandLanes.Abs(_covariance[i] - product));
            residual += _coefficients[i] * (product - _covariance[i] - _covariance[i]);
            alongValues -= _coefficients[i] * _covariance[i];
            size += BandLanes.Abs(_coefficients[i]);
        }

        return GapOf(residual, alongValues, steepest, size, penalty);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static BandLanes GapOf(BandLanes residual, BandLanes alongValues, BandLanes steepest, BandLanes size, double penalty)
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
