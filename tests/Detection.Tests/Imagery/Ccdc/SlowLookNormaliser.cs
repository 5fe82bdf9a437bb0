using Monitoring.Detection.Imagery.Ccdc.Watch;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>
/// Relates a look to what the pixels' models expect, by robust regression, plainly (Tukey's biweight, ten reweightings, scale by the median absolute
/// deviation) over a tile. A workspace: not thread-safe, allocates nothing once it has met its largest tile.
/// </summary>
internal sealed class SlowLookNormaliser
{
    private const int Unknowns = 4;
    private const int Rounds = 10;
    private const double Biweight = 4.685;
    private const double MadToSigma = 1.4826;

    /// <summary>Ridge of all but the constant, in pixels: a tile without contrast has no gain to find.</summary>
    private const double Ridge = 30;

    private readonly double[] _matrix = new double[Unknowns * Unknowns];
    private readonly double[] _right = new double[Unknowns];
    private double[] _weights = [];
    private double[] _residuals = [];
    private double[] _sorted = [];

    /// <param name="unknowns">1: only the constant; 4: all.</param>
    public LookNorm Of(ReadOnlySpan<double> value, ReadOnlySpan<double> level, ReadOnlySpan<double> season, ReadOnlySpan<double> shift, int unknowns)
    {
        var n = value.Length;
        if (_weights.Length < n)
        {
            (_weights, _residuals, _sorted) = (new double[n], new double[n], new double[n]);
        }

        var mean = 0.0;
        for (var i = 0; i < n; i++)
        {
            mean += level[i];
        }

        mean /= n;
        _weights.AsSpan(0, n).Fill(1);
        var norm = default(LookNorm);
        Span<double> column = stackalloc double[Unknowns];
        for (var round = 0; round < Rounds; round++)
        {
            _matrix.AsSpan().Clear();
            _right.AsSpan().Clear();
            for (var i = 0; i < n; i++)
            {
                var w = _weights[i];
                if (w == 0)
                {
                    continue;
                }

                (column[0], column[1], column[2], column[3]) = (1, (level[i] - mean) / 1000, season[i] / 1000, shift[i] / 1000);
                var off = value[i] - level[i] - season[i];
                for (var a = 0; a < unknowns; a++)
                {
                    for (var b = 0; b <= a; b++)
                    {
                        _matrix[(a * Unknowns) + b] += w * column[a] * column[b];
                    }

                    _right[a] += w * column[a] * off;
                }
            }

            for (var a = 1; a < unknowns; a++)
            {
                _matrix[(a * Unknowns) + a] += Ridge;
            }

            LookNormaliser.Solve(_matrix, _right, unknowns);
            norm = new LookNorm(mean, _right[0], unknowns > 1 ? _right[1] : 0, unknowns > 1 ? _right[2] : 0, unknowns > 1 ? _right[3] : 0, 0, 0, 0);
            for (var i = 0; i < n; i++)
            {
                _residuals[i] = value[i] - level[i] - season[i] - norm.At(level[i], season[i], shift[i]);
                _sorted[i] = Math.Abs(_residuals[i]);
            }

            // One unit of the value: where all agree exactly there is still a scale.
            var scatter = (OrderStatistics.Median(_sorted.AsSpan(0, n)) * MadToSigma) + 1;
            norm = norm with { Scatter = scatter };
            for (var i = 0; i < n; i++)
            {
                var u = _residuals[i] / (Biweight * scatter);
                _weights[i] = Math.Abs(u) < 1 ? (1 - (u * u)) * (1 - (u * u)) : 0;
            }
        }

        return LookNormaliser.Contrast(norm, _weights, value, level, season);
    }
}
