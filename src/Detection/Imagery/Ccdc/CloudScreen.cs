using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// Tmask (Zhu and Woodcock 2014, doi:10.1016/j.rse.2014.06.012): clouds and shadows that the quality band missed stand out from a robust
/// regression on one cycle a year and one over the whole window (Tukey's biweight, four reweightings, leverage-adjusted residuals, scale by
/// the median absolute deviation). A workspace: not thread-safe, allocates nothing once it has met its longest window.
/// </summary>
internal sealed class CloudScreen(CcdcOptions options)
{
    private const int Columns = 5;
    private const int Value = Columns;
    private const int Reweightings = 4;
    private const int LeftOutOfScale = 4;
    private const double Biweight = 4.685;
    private const double MadToSigma = 0.6745;
    private const double LargestLeverage = 0.9999;
    private const double Settled = 1e-8;
    private const double Negligible = 2.220446049250313e-16;

    // Each observation as eight lanes: five columns of the design, the value, nothing.
    private BandLanes[] _rows = [];
    private readonly int[] _bands = [.. options.CloudScreenBands];
    private readonly BandLanes[] _sums = new BandLanes[Columns];
    private readonly double[] _lanes = new double[BandLanes.Count];
    private readonly double[] _matrix = new double[Columns * Columns];
    private readonly double[] _right = new double[Columns];
    private readonly double[] _solution = new double[Columns];
    private readonly double[] _before = new double[Columns];
    // The same as plain numbers.
    private double[] _flat = [];
    private double[] _residuals = [];
    private double[] _weights = [];
    private double[] _adjust = [];
    private double[] _sorted = [];

    /// <summary>Marks the outliers of a window and counts them.</summary>
    /// <param name="days">Days of the window's observations, ascending.</param>
    /// <param name="values">Their values, a lane a band.</param>
    /// <param name="madogram">Scatter of each band.</param>
    /// <param name="outliers">As long as the window; set to true where an observation is an outlier.</param>
    public int Mark(ReadOnlySpan<int> days, ReadOnlySpan<BandLanes> values, BandLanes madogram, Span<bool> outliers)
    {
        var n = days.Length;
        Reserve(n);
        outliers.Clear();
        var years = Math.Max(1, Math.Ceiling((days[n - 1] - days[0]) / (2 * Math.PI / ObservationDates.Cycle)));
        _lanes.AsSpan().Clear();
        for (var i = 0; i < n; i++)
        {
            (_lanes[1], _lanes[0]) = Math.SinCos(ObservationDates.Cycle * days[i]);
            (_lanes[3], _lanes[2]) = Math.SinCos(ObservationDates.Cycle / years * days[i]);
            _lanes[4] = 1;
            _rows[i] = BandLanes.Of(_lanes);
            _lanes.CopyTo(_flat, i * BandLanes.Count);
        }

        var first = true;
        foreach (var band in _bands)
        {
            for (var i = 0; i < n; i++)
            {
                _rows[i] = _rows[i].With(Value, values[i][band]);
            }

            Fit(n, first);
            first = false;
            var limit = madogram[band] * options.CloudScreenFactor;
            for (var i = 0; i < n; i++)
            {
                outliers[i] |= Math.Abs(_residuals[i]) > limit;
            }
        }

        return outliers.Count(true);
    }

    private void Reserve(int n)
    {
        if (_rows.Length < n)
        {
            n = Math.Max(n, 2 * _rows.Length);
            (_rows, _flat) = (new BandLanes[n], new double[n * BandLanes.Count]);
            (_residuals, _weights, _adjust, _sorted) = (new double[n], new double[n], new double[n], new double[n]);
        }
    }

    private void Fit(int n, bool first)
    {
        _weights.AsSpan(0, n).Fill(1);
        Solve(n);
        if (first)
        {
            Leverage(n);
        }

        if (Scale(n, adjusted: false) < Negligible)
        {
            return;
        }

        for (var round = 0; round < Reweightings; round++)
        {
            _solution.CopyTo(_before, 0);
            var unit = Math.Max(Scale(n, adjusted: true), double.Epsilon) * Biweight;
            for (var i = 0; i < n; i++)
            {
                var u = _residuals[i] * _adjust[i] / unit;
                _weights[i] = Math.Abs(u) < 1 ? (1 - (u * u)) * (1 - (u * u)) : 0;
            }

            Solve(n);
            var moved = false;
            for (var j = 0; j < Columns; j++)
            {
                moved |= _before[j] - _solution[j] > Settled;
            }

            if (!moved)
            {
                break;
            }
        }
    }

    /// <summary>1 / √(1 − hᵢ), hᵢ the diagonal of the hat matrix of the unweighted fit, whose factor is at hand.</summary>
    private void Leverage(int n)
    {
        for (var i = 0; i < n; i++)
        {
            double h = 0;
            for (var j = 0; j < Columns; j++)
            {
                var left = _rows[i][j];
                for (var k = 0; k < j; k++)
                {
                    left -= _matrix[(j * Columns) + k] * _before[k];
                }

                // A column that the ones before it make already has no pivot.
                _before[j] = _matrix[(j * Columns) + j] > 0 ? left / _matrix[(j * Columns) + j] : 0;
                h += _before[j] * _before[j];
            }

            _adjust[i] = 1 / Math.Sqrt(1 - Math.Min(LargestLeverage, h));
        }
    }

    /// <summary>Median absolute residual without the four smallest, in standard deviations.</summary>
    private double Scale(int n, bool adjusted)
    {
        for (var i = 0; i < n; i++)
        {
            _sorted[i] = Math.Abs(_residuals[i] * (adjusted ? _adjust[i] : 1));
        }

        var sorted = _sorted.AsSpan(0, n);
        var from = Math.Min(LeftOutOfScale, n - 1);
        var (low, high) = (from + ((n - from - 1) / 2), from + ((n - from) / 2));
        var upper = OrderStatistics.Select(sorted, high);
        // What is before the upper one is not larger: the lower one is the largest of it.
        var lower = upper;
        if (low < high)
        {
            lower = double.NegativeInfinity;
            foreach (var value in sorted[..high])
            {
                lower = Math.Max(lower, value);
            }
        }

        return (lower + upper) / 2 / MadToSigma;
    }

    /// <summary>Weighted least squares by the normal equations and Cholesky's factor.</summary>
    private void Solve(int n)
    {
        // Five sums in registers: in memory each would wait for its own last store.
        BandLanes a = BandLanes.Zero, b = BandLanes.Zero, c = BandLanes.Zero, d = BandLanes.Zero, e = BandLanes.Zero;
        for (var i = 0; i < n; i++)
        {
            var weight = _weights[i];
            if (weight == 0)
            {
                continue;
            }

            var weighted = _rows[i] * weight;
            var at = i * BandLanes.Count;
            a += weighted * _flat[at];
            b += weighted * _flat[at + 1];
            c += weighted * _flat[at + 2];
            d += weighted * _flat[at + 3];
            e += weighted;
        }

        (_sums[0], _sums[1], _sums[2], _sums[3], _sums[4]) = (a, b, c, d, e);

        Factorise();
        for (var j = 0; j < Columns; j++)
        {
            var left = _right[j];
            for (var k = 0; k < j; k++)
            {
                left -= _matrix[(j * Columns) + k] * _solution[k];
            }

            _solution[j] = _matrix[(j * Columns) + j] > 0 ? left / _matrix[(j * Columns) + j] : 0;
        }

        for (var j = Columns - 1; j >= 0; j--)
        {
            var left = _solution[j];
            for (var k = j + 1; k < Columns; k++)
            {
                left -= _matrix[(k * Columns) + j] * _solution[k];
            }

            _solution[j] = _matrix[(j * Columns) + j] > 0 ? left / _matrix[(j * Columns) + j] : 0;
        }

        // Value less prediction: one product of lanes.
        _lanes.AsSpan().Clear();
        for (var j = 0; j < Columns; j++)
        {
            _lanes[j] = -_solution[j];
        }

        _lanes[Value] = 1;
        var residual = BandLanes.Of(_lanes);
        for (var i = 0; i < n; i++)
        {
            _residuals[i] = BandLanes.Sum(_rows[i] * residual);
        }
    }

    /// <summary>Cholesky; a pivot that is nothing beside its column's own size is set to 0, and its column left out.</summary>
    private void Factorise()
    {
        for (var j = 0; j < Columns; j++)
        {
            _right[j] = _sums[j][Value];
            for (var k = 0; k <= j; k++)
            {
                _matrix[(j * Columns) + k] = _sums[j][k];
            }
        }

        for (var j = 0; j < Columns; j++)
        {
            var whole = _matrix[(j * Columns) + j];
            var pivot = whole;
            for (var k = 0; k < j; k++)
            {
                pivot -= _matrix[(j * Columns) + k] * _matrix[(j * Columns) + k];
            }

            pivot = pivot > whole * 1e-11 ? Math.Sqrt(pivot) : 0;
            _matrix[(j * Columns) + j] = pivot;
            for (var i = j + 1; i < Columns; i++)
            {
                var left = _matrix[(i * Columns) + j];
                for (var k = 0; k < j; k++)
                {
                    left -= _matrix[(i * Columns) + k] * _matrix[(j * Columns) + k];
                }

                _matrix[(i * Columns) + j] = pivot > 0 ? left / pivot : 0;
            }
        }
    }
}
