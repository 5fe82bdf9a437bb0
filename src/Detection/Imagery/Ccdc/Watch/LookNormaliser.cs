using System.Numerics;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Imagery.Ccdc.Watch;

/// <summary>What all pixels of a tile have in common in one look: haze, a late spring, snow. No building does this to a whole tile.</summary>
/// <param name="Constant">Off by this at the mean level.</param>
/// <param name="OfLevel">And by this for each 1000 of the pixel's level above the mean.</param>
/// <param name="OfSeason">And by this for each 1000 of its seasonal part.</param>
/// <param name="OfShift">And by this for each 1000 that its seasonal part changes in ten days: the season is early or late.</param>
/// <param name="Scatter">Robust standard deviation of what is left.</param>
/// <param name="Gain">Contrast that is seen, as a share of what the models expect.</param>
/// <param name="Offset">Mean deviation.</param>
internal readonly record struct LookNorm(double MeanLevel, double Constant, double OfLevel, double OfSeason, double OfShift, double Scatter, double Gain, double Offset)
{
    public double At(double level, double season, double shift) =>
        Constant + (OfLevel * (level - MeanLevel) / 1000) + (OfSeason * season / 1000) + (OfShift * shift / 1000);
}

/// <summary>
/// Relates a look to what the pixels' models expect, by robust regression (Tukey's biweight, ten reweightings, scale by the median absolute
/// deviation) over a tile. A workspace: not thread-safe, allocates nothing once it has met its largest tile.
/// </summary>
internal sealed class LookNormaliser
{
    private const int Unknowns = 4;
    private const int Rounds = 10;
    private const double Biweight = 4.685;
    private const double MadToSigma = 1.4826;

    /// <summary>Ridge of all but the constant, in pixels: a tile without contrast has no gain to find.</summary>
    private const double Ridge = 30;

    /// <summary>From so many values on, counting by leading bits finds the middle one sooner than comparing.</summary>
    private const int ManyValues = 2048;

    /// <summary>Exponent and three bits of the fraction of a number that is not negative.</summary>
    private const int CountedBits = 14;

    private readonly double[] _matrix = new double[Unknowns * Unknowns];
    private readonly double[] _right = new double[Unknowns];
    private readonly int[] _counts = new int[1 << CountedBits];
    private double[] _weights = [];
    private double[] _off = [];
    private double[] _above = [];
    private double[] _residuals = [];
    private double[] _sorted = [];

    /// <param name="unknowns">1: only the constant; 4: all.</param>
    public LookNorm Of(ReadOnlySpan<double> value, ReadOnlySpan<double> level, ReadOnlySpan<double> season, ReadOnlySpan<double> shift, int unknowns)
    {
        var n = value.Length;
        if (_weights.Length < n)
        {
            (_weights, _off, _above, _residuals, _sorted) = (new double[n], new double[n], new double[n], new double[n], new double[n]);
        }

        var mean = 0.0;
        for (var i = 0; i < n; i++)
        {
            mean += level[i];
        }

        mean /= n;
        for (var i = 0; i < n; i++)
        {
            (_off[i], _above[i], _weights[i]) = (value[i] - level[i] - season[i], level[i] - mean, 1);
        }

        var norm = default(LookNorm);
        for (var round = 0; round < Rounds; round++)
        {
            if (unknowns == 1)
            {
                SumConstant(n);
            }
            else
            {
                SumAll(n, season, shift);
            }

            for (var a = 1; a < unknowns; a++)
            {
                _matrix[(a * Unknowns) + a] += Ridge;
            }

            Solve(_matrix, _right, unknowns);
            norm = new LookNorm(mean, _right[0], unknowns > 1 ? _right[1] : 0, unknowns > 1 ? _right[2] : 0, unknowns > 1 ? _right[3] : 0, 0, 0, 0);
            Leave(n, norm, season, shift, unknowns > 1);

            // One unit of the value: where all agree exactly there is still a scale.
            var scatter = (Median(_sorted.AsSpan(0, n)) * MadToSigma) + 1;
            norm = norm with { Scatter = scatter };
            Weigh(n, Biweight * scatter);
        }

        return Contrast(norm, _weights, value, level, season);
    }

    /// <summary>The sums run in the order of the pixels: their rounding is part of what is told.</summary>
    private void SumConstant(int n)
    {
        var (matrix, right) = (0.0, 0.0);
        for (var i = 0; i < n; i++)
        {
            matrix += _weights[i];
            right += _weights[i] * _off[i];
        }

        (_matrix[0], _right[0]) = (matrix, right);
    }

    private void SumAll(int n, ReadOnlySpan<double> season, ReadOnlySpan<double> shift)
    {
        var (m00, m10, m11, m20, m21, m22, m30, m31, m32, m33) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        var (r0, r1, r2, r3) = (0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < n; i++)
        {
            double w = _weights[i], off = _off[i];
            double c1 = _above[i] / 1000, c2 = season[i] / 1000, c3 = shift[i] / 1000;
            double w1 = w * c1, w2 = w * c2, w3 = w * c3;
            m00 += w;
            m10 += w1;
            m11 += w1 * c1;
            m20 += w2;
            m21 += w2 * c1;
            m22 += w2 * c2;
            m30 += w3;
            m31 += w3 * c1;
            m32 += w3 * c2;
            m33 += w3 * c3;
            r0 += w * off;
            r1 += w1 * off;
            r2 += w2 * off;
            r3 += w3 * off;
        }

        ReadOnlySpan<double> rows = [m00, 0, 0, 0, m10, m11, 0, 0, m20, m21, m22, 0, m30, m31, m32, m33];
        rows.CopyTo(_matrix);
        (_right[0], _right[1], _right[2], _right[3]) = (r0, r1, r2, r3);
    }

    /// <summary>What is left of each pixel, and its size.</summary>
    private void Leave(int n, in LookNorm norm, ReadOnlySpan<double> season, ReadOnlySpan<double> shift, bool all)
    {
        var i = 0;
        Vector<double> constant = new(norm.Constant), ofLevel = new(norm.OfLevel), ofSeason = new(norm.OfSeason), ofShift = new(norm.OfShift), thousand = new(1000.0);
        for (; i <= n - Vector<double>.Count; i += Vector<double>.Count)
        {
            var common = constant;
            if (all)
            {
                common = common + (ofLevel * new Vector<double>(_above, i) / thousand) + (ofSeason * new Vector<double>(season[i..]) / thousand)
                    + (ofShift * new Vector<double>(shift[i..]) / thousand);
            }

            var left = new Vector<double>(_off, i) - common;
            left.CopyTo(_residuals, i);
            Vector.Abs(left).CopyTo(_sorted, i);
        }

        for (; i < n; i++)
        {
            var common = all
                ? norm.Constant + (norm.OfLevel * _above[i] / 1000) + (norm.OfSeason * season[i] / 1000) + (norm.OfShift * shift[i] / 1000)
                : norm.Constant;
            _residuals[i] = _off[i] - common;
            _sorted[i] = Math.Abs(_residuals[i]);
        }
    }

    private void Weigh(int n, double zero)
    {
        var i = 0;
        for (; i <= n - Vector<double>.Count; i += Vector<double>.Count)
        {
            var u = new Vector<double>(_residuals, i) / new Vector<double>(zero);
            var root = Vector<double>.One - (u * u);
            Vector.ConditionalSelect(Vector.LessThan(Vector.Abs(u), Vector<double>.One), root * root, Vector<double>.Zero).CopyTo(_weights, i);
        }

        for (; i < n; i++)
        {
            var u = _residuals[i] / zero;
            _weights[i] = Math.Abs(u) < 1 ? (1 - (u * u)) * (1 - (u * u)) : 0;
        }
    }

    /// <summary>The same as <see cref="OrderStatistics.Median"/> of numbers that are not negative. Reorders them.</summary>
    private double Median(Span<double> values)
    {
        if (values.Length < ManyValues)
        {
            return OrderStatistics.Median(values);
        }

        _counts.AsSpan().Clear();
        foreach (var value in values)
        {
            _counts[Key(value)]++;
        }

        var rank = values.Length / 2;
        var (key, before) = (0, 0);
        while (before + _counts[key] <= rank)
        {
            before += _counts[key++];
        }

        var same = 0;
        var below = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            var of = Key(values[i]);
            if (of == key)
            {
                (values[same], values[i]) = (values[i], values[same]);
                same++;
            }
            else if (of < key)
            {
                below = Math.Max(below, values[i]);
            }
        }

        var upper = OrderStatistics.Select(values[..same], rank - before);
        if (values.Length % 2 == 1)
        {
            return upper;
        }

        foreach (var value in values[..(rank - before)])
        {
            below = Math.Max(below, value);
        }

        return (below + upper) / 2;

        static int Key(double value) => (int)(BitConverter.DoubleToInt64Bits(value) >> (63 - CountedBits));
    }

    /// <summary>Gain and offset of what is seen against what the models expect, weighted.</summary>
    internal static LookNorm Contrast(LookNorm norm, ReadOnlySpan<double> weights, ReadOnlySpan<double> value, ReadOnlySpan<double> level, ReadOnlySpan<double> season)
    {
        var (weight, expected, seen) = (0.0, 0.0, 0.0);
        for (var i = 0; i < value.Length; i++)
        {
            weight += weights[i];
            expected += weights[i] * (level[i] + season[i]);
            seen += weights[i] * value[i];
        }

        if (weight == 0)
        {
            return norm;
        }

        (expected, seen) = (expected / weight, seen / weight);
        var (along, across) = (0.0, 0.0);
        for (var i = 0; i < value.Length; i++)
        {
            var x = level[i] + season[i] - expected;
            along += weights[i] * x * (value[i] - seen);
            across += weights[i] * x * x;
        }

        return norm with { Gain = across > 0 ? along / across : 0, Offset = seen - expected };
    }

    /// <summary>Gauss–Jordan on the symmetric matrix whose lower triangle is given; the ridge keeps its pivots above 0.</summary>
    internal static void Solve(double[] matrix, double[] right, int n)
    {
        for (var a = 0; a < n; a++)
        {
            for (var b = a + 1; b < n; b++)
            {
                matrix[(a * Unknowns) + b] = matrix[(b * Unknowns) + a];
            }
        }

        for (var a = 0; a < n; a++)
        {
            var pivot = matrix[(a * Unknowns) + a];
            if (!(pivot > 0))
            {
                right[a] = 0;
                continue;
            }

            for (var b = 0; b < n; b++)
            {
                if (b == a)
                {
                    continue;
                }

                var factor = matrix[(b * Unknowns) + a] / pivot;
                for (var c = a; c < n; c++)
                {
                    matrix[(b * Unknowns) + c] -= factor * matrix[(a * Unknowns) + c];
                }

                right[b] -= factor * right[a];
            }
        }

        for (var a = 0; a < n; a++)
        {
            var pivot = matrix[(a * Unknowns) + a];
            right[a] = pivot > 0 ? right[a] / pivot : 0;
        }
    }
}
