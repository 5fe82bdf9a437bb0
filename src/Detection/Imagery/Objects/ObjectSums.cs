using System.Runtime.CompilerServices;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Imagery.Objects;

/// <summary>
/// What is known of the pixels of one object, in <see cref="Lanes"/> numbers, whatever its size. Pieces that were gathered apart are joined by
/// <see cref="Merge"/>; the whole and the merged pieces are equal to the last bit, in any order.
/// </summary>
/// <remarks>
/// All lanes are sums but <see cref="Lane.Peak"/>, which merges by the larger. Every summand is rounded to a multiple of 2⁻¹⁶ first, so that
/// doubles add without rounding up to 2³⁷: no order of tiles, threads or joins shows in a result. Missing bands (NaN) stay NaN.
/// </remarks>
public struct ObjectSums
{
    /// <summary>Numbers an object takes.</summary>
    public const int Lanes = 27;

    private const double Grain = 65536;
    private Values _values;

    /// <summary>Where each number lies. Lanes named for a group hold one number a role, in the order of <see cref="BandRole"/>.</summary>
    public static class Lane
    {
        public const int Pixels = 0;
        public const int Score = 1;
        public const int ScoreSquared = 2;
        public const int Before = 3;
        public const int After = 9;
        public const int Difference = 15;

        /// <summary>Mean over the bands of the squared difference in sigmas.</summary>
        public const int DifferenceSquared = 21;
        public const int TextureBefore = 22;
        public const int TextureAfter = 23;

        /// <summary>Root of the mean visible reflectance; with the mean reflectance it gives the spread within the object.</summary>
        public const int RootBefore = 24;
        public const int RootAfter = 25;

        /// <summary>Largest score; merges by the larger.</summary>
        public const int Peak = 26;
    }

    public readonly long Pixels => (long)_values[Lane.Pixels];

    public readonly double Peak => _values[Lane.Peak];

    /// <summary>Mean over the pixels of a lane that is a sum; NaN without pixels or band.</summary>
    public readonly double Mean(int lane) => _values[Lane.Pixels] > 0 ? _values[lane] / _values[Lane.Pixels] : double.NaN;

    public readonly double Before(BandRole role) => Mean(Lane.Before + (int)role);

    public readonly double After(BandRole role) => Mean(Lane.After + (int)role);

    public readonly double Difference(BandRole role) => Mean(Lane.Difference + (int)role);

    public void Add(in PixelSample pixel)
    {
        _values[Lane.Pixels] += 1;
        _values[Lane.Score] += Round(pixel.Score);
        _values[Lane.ScoreSquared] += Round((double)pixel.Score * pixel.Score);
        _values[Lane.Peak] = Math.Max(_values[Lane.Peak], Round(pixel.Score));
        double squares = 0;
        var bands = 0;
        for (var k = 0; k < RoleValues.Count; k++)
        {
            _values[Lane.Before + k] += Round(pixel.Before[k]);
            _values[Lane.After + k] += Round(pixel.After[k]);
            double d = pixel.Difference[k];
            _values[Lane.Difference + k] += Round(d);
            if (!double.IsNaN(d))
            {
                squares += d * d;
                bands++;
            }
        }

        _values[Lane.DifferenceSquared] += bands > 0 ? Round(squares / bands) : double.NaN;
        _values[Lane.TextureBefore] += Round(pixel.TextureBefore);
        _values[Lane.TextureAfter] += Round(pixel.TextureAfter);
        _values[Lane.RootBefore] += Round(Root(pixel.Before));
        _values[Lane.RootAfter] += Round(Root(pixel.After));
    }

    public void Merge(in ObjectSums other)
    {
        for (var i = 0; i < Lane.Peak; i++)
        {
            _values[i] += other._values[i];
        }

        _values[Lane.Peak] = Math.Max(_values[Lane.Peak], other._values[Lane.Peak]);
    }

    /// <summary>All lanes, for storage and for tests.</summary>
    /// <param name="lanes">At least <see cref="Lanes"/> long.</param>
    public readonly void CopyTo(Span<double> lanes) => ((ReadOnlySpan<double>)_values).CopyTo(lanes);

    private static double Root(in RoleValues r) => Math.Sqrt(Math.Max(0, (r[0] + r[1] + r[2]) / 3));

    private static double Round(double value) => Math.Round(value * Grain) / Grain;

    [InlineArray(Lanes)]
    private struct Values
    {
        private double _first;
    }
}
