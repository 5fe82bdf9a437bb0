using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>
/// The sums over an object's pixels that its facts are made of, in fixed lanes. Sums of parts add up to the sums of the whole, so an object
/// of any size costs one row of lanes, in whatever order its pixels come.
/// </summary>
internal static class ObjectLanes
{
    /// <summary>Sums of reflectances by <see cref="BandRole"/>, six before and six after; bands that the sensors lack stay 0.</summary>
    public const int Before = 0, After = 6;

    /// <summary>Sum of scores.</summary>
    public const int Score = 12;

    /// <summary>How many lanes there are.</summary>
    public const int Count = 13;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(RowScorer row, int from, int to, Span<float> sums)
    {
        for (var role = 0; role < (int)BandRole.Other; role++)
        {
            var band = row.Bands[(BandRole)role];
            if (band >= 0)
            {
                sums[Before + role] += Squares(row.RootsBefore(band), from, to);
                sums[After + role] += Squares(row.RootsAfter(band), from, to);
            }
        }

        sums[Score] += Sum(row.Scores, from, to);
    }

    /// <summary>What the sums say of the whole object.</summary>
    public static PatchFacts FactsOf(FoundObject found)
    {
        Span<float> means = stackalloc float[Count];
        for (var i = 0; i < Count; i++)
        {
            means[i] = (float)(found.Sums[i] / found.Extent.Pixels);
        }

        return new PatchFacts(means.Slice(Before, 6), means.Slice(After, 6), means[Score]);
    }

    private static float Squares(PaddedRow roots, int from, int to)
    {
        var sum = 0f;
        for (var x = from; x < to; x += PaddedRow.Lanes)
        {
            var root = Vector512.Max(roots.Load(x), Vector512<float>.Zero);
            sum += Vector512.Sum((root * root) & Within(x, to));
        }

        return sum;
    }

    private static float Sum(PaddedRow values, int from, int to)
    {
        var sum = 0f;
        for (var x = from; x < to; x += PaddedRow.Lanes)
        {
            sum += Vector512.Sum(values.Load(x) & Within(x, to));
        }

        return sum;
    }

    /// <summary>All bits in the lanes that lie before <paramref name="to"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Within(int x, int to) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(to - x)).AsSingle();
}
