namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// Tmask (Zhu and Woodcock 2014, doi:10.1016/j.rse.2014.06.012): clouds and shadows that the quality band missed stand out from a robust
/// regression on one cycle a year and one over the whole window (Tukey's biweight, four reweightings, leverage-adjusted residuals, scale by
/// the median absolute deviation). A workspace: not thread-safe.
/// </summary>
internal sealed class CloudScreen(CcdcOptions options)
{
    private const int Columns = 5;
    private const int Reweightings = 4;
    private const double Biweight = 4.685;
    private const double MadToSigma = 0.6745;
    private const double LargestLeverage = 0.9999;
    private const double Settled = 1e-8;

    private readonly double[] _matrix = new double[Columns * Columns];
    private readonly double[] _right = new double[Columns];
    private readonly double[] _solution = new double[Columns];
    private readonly double[] _before = new double[Columns];
    private double[] _design = [];
    private double[] _values = [];
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
        var years = Math.Ceiling((days[n - 1] - days[0]) / (2 * Math.PI / ObservationDates.Cycle));
        for (var i = 0; i < n; i++)
        {
            var row = _design.AsSpan(i * Columns, Columns);
            (row[1], row[0]) = Math.SinCos(ObservationDates.Cycle * days[i]);
            (row[3], row[2]) = Math.SinCos(ObservationDates.Cycle / Math.Max(1, years) * days[i]);
            row[4] = 1;
        }

        Leverage(n);
        foreach (var band in options.CloudScreenBands)
        {
            for (var i = 0; i < n; i++)
            {
                _values[i] = values[i][band];
            }

            Fit(n);
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
        if (_values.Length < n)
        {
            n = Math.Max(n, 2 * _values.Length);
            _design = new double[n * Columns];
            (_values, _residuals, _weights, _adjust, _sorted) = (new double[n], new double[n], new double[n], new double[n], new double[n]);
        }
    }

    /// <summary>1 / √(1 − hᵢ), hᵢ the diagonal of the hat matrix of the unweighted fit.</summary>
    private void Leverage(int n)
    {
        _weights.AsSpan(0, n).Fill(1);
        Accumulate(n);
        Factorise();
        for (var i = 0; i < n; i++)
        {
            var row = _design.AsSpan(i * Columns, Columns);
            double h = 0;
            for (var j = 0; j < Columns; j++)
            {
                var left = row[j];
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

    private void Fit(int n)
    {
        _weights.AsSpan(0, n).Fill(1);
        Solve(n);
        var scale = Scale(n, adjusted: false);
        if (scale < double.BitIncrement(1) - 1)
        {
            return;
        }

        for (var round = 0; round < Reweightings; round++)
        {
            _solution.CopyTo(_before, 0);
            scale = Math.Max(Scale(n, adjusted: true), double.Epsilon);
            for (var i = 0; i < n; i++)
            {
                var u = _residuals[i] * _adjust[i] / (scale * Biweight);
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

    /// <summary>Median absolute residual without the four smallest, in standard deviations.</summary>
    private double Scale(int n, bool adjusted)
    {
        for (var i = 0; i < n; i++)
        {
            _sorted[i] = Math.Abs(_residuals[i] * (adjusted ? _adjust[i] : 1));
        }

        var sorted = _sorted.AsSpan(0, n);
        sorted.Sort();
        var rest = sorted[Math.Min(4, n - 1)..];
        return ((rest[(rest.Length - 1) / 2] + rest[rest.Length / 2]) / 2) / MadToSigma;
    }

    private void Solve(int n)
    {
        Accumulate(n);
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

        for (var i = 0; i < n; i++)
        {
            var row = _design.AsSpan(i * Columns, Columns);
            var predicted = 0.0;
            for (var j = 0; j < Columns; j++)
            {
                predicted += row[j] * _solution[j];
            }

            _residuals[i] = _values[i] - predicted;
        }
    }

    /// <summary>Weighted normal equations, lower triangle.</summary>
    private void Accumulate(int n)
    {
        _matrix.AsSpan().Clear();
        _right.AsSpan().Clear();
        for (var i = 0; i < n; i++)
        {
            var row = _design.AsSpan(i * Columns, Columns);
            for (var j = 0; j < Columns; j++)
            {
                var weighted = row[j] * _weights[i];
                _right[j] += weighted * _values[i];
                for (var k = 0; k <= j; k++)
                {
                    _matrix[(j * Columns) + k] += weighted * row[k];
                }
            }
        }
    }

    /// <summary>Cholesky in place; a pivot that is nothing beside its column's own size is set to 0, and its column left out.</summary>
    private void Factorise()
    {
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
