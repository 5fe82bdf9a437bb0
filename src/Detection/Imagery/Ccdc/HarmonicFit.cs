using System.Runtime.CompilerServices;

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

    private void Descend(int columns, double penalty, BandLanes energy)
    {
        var going = BandLanes.Less(BandLanes.Zero, energy);
        var goal = energy * _tolerance;
        var limit = BandLanes.All(penalty);
        // Spans on the stack of known length: the rounds below are most of the detector's time.
        Span<BandLanes> coefficients = _coefficients.AsSpan(0, columns);
        ReadOnlySpan<BandLanes> covariance = _covariance.AsSpan(0, columns);
        for (var round = 1; round <= _maxRounds && BandLanes.Any(going); round++)
        {
            var (largest, largestStep) = (BandLanes.Zero, BandLanes.Zero);
            for (var i = 0; i < coefficients.Length; i++)
            {
                var gram = _gram.AsSpan(i * Columns, coefficients.Length);
                // What the step before this one changed comes last: the rest need not wait for it.
                var left = covariance[i];
                for (var j = i + 1; j < gram.Length; j++)
                {
                    left -= coefficients[j] * gram[j];
                }

                for (var j = 0; j < i; j++)
                {
                    left -= coefficients[j] * gram[j];
                }

                var old = coefficients[i];
                var now = BandLanes.CopySign(BandLanes.Max(BandLanes.Abs(left) - limit, BandLanes.Zero) * _reciprocal[i], left);
                now = BandLanes.Where(going, now, old);
                largestStep = BandLanes.Max(largestStep, BandLanes.Abs(now - old));
                largest = BandLanes.Max(largest, BandLanes.Abs(now));
                coefficients[i] = now;
            }

            // No step beside the largest coefficient: only then is the gap worth its cost.
            var settled = Not(BandLanes.Less(largest * _tolerance, largestStep));
            if (round == _maxRounds || BandLanes.Any(BandLanes.Both(settled, going)))
            {
                var good = BandLanes.Less(Gap(columns, penalty, energy), goal);
                going = BandLanes.Without(going, BandLanes.Both(settled, good));
            }
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
