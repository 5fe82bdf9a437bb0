using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Monitoring.Detection.Imagery.Kernels;

namespace Monitoring.Detection.Imagery.Masks;

/// <summary>
/// <see cref="CloudTest"/> and <see cref="CoverLimits"/> on vectors of pixels: the same tests with the same constants, one bit a pixel.
/// </summary>
internal static class SkyMath
{
    /// <summary><see cref="CloudTest.LooksLikeCloud"/> of sixteen pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bright(in VisibleRows rows, int x)
    {
        // Whatever looks like cloud is at least this bright in blue, and few pixels are.
        if (!Vector512.GreaterThanAny(rows.BlueRoots.Load(x), Vector512.Create(rows.LeastBlue)))
        {
            return 0;
        }

        Vector512<float> b = rows.Blue(x), g = rows.Green(x), r = rows.Red(x);
        var hazy = Vector512.GreaterThan(b - (r * Vector512.Create(0.5f)), Vector512.Create(CloudTest.Haze));
        if (hazy == Vector512<float>.Zero)
        {
            return 0;
        }

        var mean = (b + g + r) / Vector512.Create(3f);
        var spread = Vector512.Abs(b - mean) + Vector512.Abs(g - mean) + Vector512.Abs(r - mean);
        return (hazy & Vector512.LessThan(spread, mean * Vector512.Create(CloudTest.Whiteness))).ExtractMostSignificantBits();
    }

    /// <summary>Where the second date is brighter in blue by what a cloud adds, and where the first is. Roots of reflectance.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (ulong Before, ulong After) Brightened(PaddedRow blueBefore, PaddedRow blueAfter, int x)
    {
        Vector512<float> a = blueBefore.Load(x), b = blueAfter.Load(x), step = Vector512.Create(CloudTest.Brightening);
        var rise = (b * b) - (Vector512.Max(a, Vector512<float>.Zero) * a);
        return (Vector512.GreaterThanOrEqual(-rise, step).ExtractMostSignificantBits(), Vector512.GreaterThanOrEqual(rise, step).ExtractMostSignificantBits());
    }

    /// <summary>Where a date lost so much infrared that it may lie in a shadow. Roots of reflectance.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (ulong Before, ulong After) Darkened(PaddedRow nirBefore, PaddedRow nirAfter, PaddedRow swirBefore, PaddedRow swirAfter, int x)
    {
        Vector512<float> an = Square(nirBefore, x), bn = Square(nirAfter, x), left = Vector512.Create(CloudTest.Darkening);
        Vector512<float> after = Vector512.LessThan(bn, left * an), before = Vector512.LessThan(an, left * bn);
        if ((after | before) == Vector512<float>.Zero)
        {
            return (0, 0);
        }

        Vector512<float> a1 = Square(swirBefore, x), b1 = Square(swirAfter, x);
        after &= Vector512.LessThan(b1, left * a1);
        before = Vector512.AndNot(before & Vector512.LessThan(a1, left * b1), after);
        return (before.ExtractMostSignificantBits(), after.ExtractMostSignificantBits());
    }

    /// <summary>
    /// How much a difference may count, [0, 1]: nothing where both dates are densely green (a season, not a cover) and, where green and
    /// swir16 are known, where both are water.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Weight(in CoverRows before, in CoverRows after, int x)
    {
        Vector512<float> ra = Square(before.Red, x), na = Square(before.Nir, x), rb = Square(after.Red, x), nb = Square(after.Nir, x);
        Vector512<float> ndviBefore = Ratio(na - ra, na + ra), ndviAfter = Ratio(nb - rb, nb + rb);
        var green = Vector512.Min(ndviBefore, ndviAfter);
        var weight = (Vector512.Create(CoverLimits.DenseVegetation) - green) / Vector512.Create(CoverLimits.DenseVegetation - CoverLimits.SparseVegetation);
        weight = Vector512.Min(Vector512.Max(weight, Vector512<float>.Zero), Vector512<float>.One);
        if (before.KnowsWater && after.KnowsWater)
        {
            var water = Water(ndviBefore, Square(before.Green, x), Square(before.Swir16, x)) & Water(ndviAfter, Square(after.Green, x), Square(after.Swir16, x));
            weight = Vector512.AndNot(weight, water);
        }

        return weight;
    }

    /// <summary>(difference / sum) in [−1, 1]; 0 where the sum vanishes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Ratio(Vector512<float> difference, Vector512<float> sum)
    {
        var ratio = Vector512.Min(Vector512.Max(difference / sum, Vector512.Create(-1f)), Vector512<float>.One);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(Vector512.Abs(sum), Vector512.Create(1e-6f)), ratio, Vector512<float>.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Water(Vector512<float> ndvi, Vector512<float> green, Vector512<float> swir16) =>
        Vector512.LessThan(swir16, Vector512.Create(CoverLimits.DarkestLand)) & Vector512.GreaterThan(green, swir16) & Vector512.LessThan(ndvi, Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Square(PaddedRow roots, int x)
    {
        var root = roots.Load(x);
        return root * root;
    }
}

/// <summary>Rows of roots of one date that tell cover; green and swir16 only count when both are known.</summary>
internal readonly record struct CoverRows(PaddedRow Red, PaddedRow Nir, PaddedRow Green, PaddedRow Swir16, bool KnowsWater);
