namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// How wrong a model usually is at a time of the year: root of the summed squares of the 24 residuals nearest in season, over 4, which takes
/// eight coefficients off the degrees of freedom. Residuals are kept as running sums in the order of the season, so that a question costs a
/// binary search. A workspace: not thread-safe.
/// </summary>
internal sealed class SeasonalError
{
    private const int Nearest = 24;
    private const double Degrees = 4;

    private double[] _phases = [];
    private BandLanes[] _sums = [];
    private int _count;

    /// <summary>Begins a new model; then <see cref="Add"/> its residuals in the order of their phases.</summary>
    public void Clear(int capacity)
    {
        if (_phases.Length < capacity)
        {
            (_phases, _sums) = (new double[capacity], new BandLanes[capacity + 1]);
        }

        _count = 0;
        _sums[0] = BandLanes.Zero;
    }

    public void Add(double phase, in BandLanes residual)
    {
        _phases[_count] = phase;
        _sums[_count + 1] = _sums[_count] + (residual * residual);
        _count++;
    }

    public BandLanes At(double phase)
    {
        if (_count <= Nearest)
        {
            return BandLanes.Sqrt(_sums[_count]) * (1 / Degrees);
        }

        var found = _phases.AsSpan(0, _count).BinarySearch(phase);
        var here = found >= 0 ? found : ~found;
        // The nearest of a circle are neighbours on it: find where the 24 begin.
        var (low, high) = (here - Nearest, here);
        while (low < high)
        {
            var middle = low + ((high - low) >> 1);
            if (phase - Phase(middle) > Phase(middle + Nearest) - phase)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return BandLanes.Sqrt(BandLanes.Max(Sum(low + Nearest) - Sum(low), BandLanes.Zero)) * (1 / Degrees);
    }

    /// <summary>Phase at a place on the circle unrolled, −count to 2 · count.</summary>
    private double Phase(int at) =>
        at < 0 ? _phases[at + _count] - ObservationDates.Season : at >= _count ? _phases[at - _count] + ObservationDates.Season : _phases[at];

    private BandLanes Sum(int at) => at < 0 ? _sums[at + _count] - _sums[_count] : at > _count ? _sums[at - _count] + _sums[_count] : _sums[at];
}
