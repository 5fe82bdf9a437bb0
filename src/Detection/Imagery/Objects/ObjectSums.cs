using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Imagery.Objects;

/// <summary>
/// What is known of the candidate pixels of one object, in <see cref="Lanes"/> numbers, whatever its size. All are sums, so the sums of parts
/// add up to those of the whole; parts are cut where cloud cells end and added row by row, wherever tiles end, so no tile or thread shows in them.
/// </summary>
/// <remarks>Read-only and thread-safe.</remarks>
/// <param name="lanes">As <see cref="Lane"/>; NaN for bands that the scenes lack. Kept, not copied.</param>
public sealed class ObjectSums(double[] lanes)
{
    /// <summary>Numbers an object takes.</summary>
    public const int Lanes = 18;

    /// <summary>Where each number lies. Lanes named for a group hold one number a role, in the order of <see cref="BandRole"/>.</summary>
    public static class Lane
    {
        public const int Pixels = 0;
        public const int Score = 1;

        /// <summary>Reflectance of the earlier date, carried to the radiometry of the later one.</summary>
        public const int Before = 2;
        public const int After = 8;

        /// <summary>Mean over the compared bands of the signed difference of roots in noise sigmas: (√after − √before)/√(floor + slope · texture).</summary>
        public const int Difference = 14;

        /// <summary>Mean over the bands of its square.</summary>
        public const int DifferenceSquared = 15;

        /// <summary>Mean over the bands of the root of the 3 × 3 gradient energy, in roots of reflectance.</summary>
        public const int TextureBefore = 16;
        public const int TextureAfter = 17;
    }

    /// <summary>Candidate pixels; gaps that were closed later are not among them.</summary>
    public long Pixels => (long)lanes[Lane.Pixels];

    /// <summary>Mean over the pixels; NaN without pixels or band.</summary>
    public double Mean(int lane) => lanes[Lane.Pixels] > 0 ? lanes[lane] / lanes[Lane.Pixels] : double.NaN;

    public double Before(BandRole role) => Mean(Lane.Before + (int)role);

    public double After(BandRole role) => Mean(Lane.After + (int)role);

    /// <summary>Mean spectrum of one date by role; NaN for bands that the scenes lack.</summary>
    internal void Spectrum(bool after, Span<float> means)
    {
        for (var role = 0; role < (int)BandRole.Other; role++)
        {
            means[role] = (float)Mean((after ? Lane.After : Lane.Before) + role);
        }
    }
}
