using System.Runtime.InteropServices;
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
    private readonly BandLanes[] _coefficients = new BandLanes[Columns + 1];
    private readonly LassoDescent _descent;
    private BandLanes _squares;
    private BandLanes _energy;
    // All bits set in the bands that are not solved yet.
    private BandLanes _left;

    public HarmonicFit(CcdcOptions options)
    {
        (_penalty, _tolerance, _maxRounds) = (options.Penalty, options.FitTolerance, options.MaxFitRounds);
        _descent = new LassoDescent(options.FitTolerance, options.MaxFitRounds);
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
        var numbers = MemoryMarshal.Cast<BandLanes, double>(rows);
        for (var i = 0; i < which.Length && i < values.Length; i++)
        {
            var at = which[i];
            Vector512<double> x = rows[at].Lanes, value = values[i].Lanes;
            // From memory: a lane of a register takes two steps to get at.
            var lanes = numbers.Slice(at * BandLanes.Count, BandLanes.Count);
            var x0 = Vector512.Create(lanes[0]);
            p0 = Vector512.FusedMultiplyAdd(x, x0, p0);
            m0 = Vector512.FusedMultiplyAdd(value, x0, m0);
            var x1 = Vector512.Create(lanes[1]);
            p1 = Vector512.FusedMultiplyAdd(x, x1, p1);
            m1 = Vector512.FusedMultiplyAdd(value, x1, m1);
            var x2 = Vector512.Create(lanes[2]);
            p2 = Vector512.FusedMultiplyAdd(x, x2, p2);
            m2 = Vector512.FusedMultiplyAdd(value, x2, m2);
            var x3 = Vector512.Create(lanes[3]);
            p3 = Vector512.FusedMultiplyAdd(x, x3, p3);
            m3 = Vector512.FusedMultiplyAdd(value, x3, m3);
            var x4 = Vector512.Create(lanes[4]);
            p4 = Vector512.FusedMultiplyAdd(x, x4, p4);
            m4 = Vector512.FusedMultiplyAdd(value, x4, m4);
            var x5 = Vector512.Create(lanes[5]);
            p5 = Vector512.FusedMultiplyAdd(x, x5, p5);
            m5 = Vector512.FusedMultiplyAdd(value, x5, m5);
            var x6 = Vector512.Create(lanes[6]);
            p6 = Vector512.FusedMultiplyAdd(x, x6, p6);
            m6 = Vector512.FusedMultiplyAdd(value, x6, m6);
            p7 += x;
            m7 += value;
            squares = Vector512.FusedMultiplyAdd(value, value, squares);
        }

        (_products[0], _products[1], _products[2], _products[3]) = (new(p0), new(p1), new(p2), new(p3));
        (_products[4], _products[5], _products[6], _products[7]) = (new(p4), new(p5), new(p6), new(p7));
        (_moments[0], _moments[1], _moments[2], _moments[3]) = (new(m0), new(m1), new(m2), new(m3));
        (_moments[4], _moments[5], _moments[6], _moments[7]) = (new(m4), new(m5), new(m6), new(m7));
        _squares = new(squares);
        Count += which.Length;
    }

    /// <summary>Fits what was added, all bands.</summary>
    /// <param name="coefficients">With the intercept: 4, 6 or 8.</param>
    public void Solve(int coefficients)
    {
        Solve(coefficients, BandLanes.AllBits);
    }

    /// <summary>Fits what was added for some bands; what is said of the others means nothing before <see cref="SolveRest"/>.</summary>
    /// <param name="coefficients">With the intercept: 4, 6 or 8.</param>
    /// <param name="bands">All bits set in the lanes of the bands.</param>
    public void Solve(int coefficients, BandLanes bands)
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

        // Values are whole numbers, and so are these products: a band that never changes has an energy of nothing, not of what is rounded away.
        _energy = BandLanes.Max((_squares * n) - (_moments[One] * _moments[One]), BandLanes.Zero) * (1 / n);
        _coefficients.AsSpan().Clear();
        Descend(bands);
        _left = BandLanes.Without(BandLanes.AllBits, bands);
    }

    /// <summary>Fits the bands that the last <see cref="Solve(int, BandLanes)"/> left out; nothing may have been added since.</summary>
    public void SolveRest()
    {
        Descend(_left);
        _left = BandLanes.Zero;
    }

    private void Descend(BandLanes bands)
    {
        var (n, columns) = ((double)Count, CoefficientCount - 1);
        // A band of no energy is not descended for.
        var energy = BandLanes.Both(_energy, bands);
        if (columns == 3)
        {
            ThreeColumnDescent.Solve(_gram, _reciprocal, _covariance, _penalty * n, energy, _tolerance, _maxRounds, _coefficients);
        }
        else
        {
            _descent.Solve(_gram, _reciprocal, _covariance, columns, _penalty * n, energy, _coefficients);
        }

        var residual = _energy;
        var intercept = _moments[One] / BandLanes.All(n);
        for (var i = 0; i < columns; i++)
        {
            var product = BandLanes.Zero;
            for (var j = 0; j < columns; j++)
            {
                product = BandLanes.Add(product, _coefficients[j], _gram[(i * Columns) + j]);
            }

            residual += _coefficients[i] * (product - _covariance[i] - _covariance[i]);
            intercept -= _coefficients[i] * (_flat[(i * BandLanes.Count) + One] / n);
        }

        _coefficients[One] = intercept;
        Rmse = BandLanes.Sqrt(BandLanes.Max(residual, BandLanes.Zero) * (1 / Math.Max(1, n - CoefficientCount)));
    }

    /// <summary>What the model says of all bands for a row of the design.</summary>
    public BandLanes Predict(in BandLanes row)
    {
        // From memory: a lane of a register takes two steps to get at.
        var x = MemoryMarshal.Cast<BandLanes, double>(new ReadOnlySpan<BandLanes>(in row));
        ReadOnlySpan<BandLanes> c = _coefficients.AsSpan(0, Columns + 1);
        // In pairs, so that the sums do not wait for each other.
        var even = BandLanes.Add(BandLanes.Add(BandLanes.Add(c[0] * x[0], c[2], x[2]), c[4], x[4]), c[6], x[6]);
        var odd = BandLanes.Add(BandLanes.Add(BandLanes.Add(c[7], c[1], x[1]), c[3], x[3]), c[5], x[5]);
        return even + odd;
    }
}
