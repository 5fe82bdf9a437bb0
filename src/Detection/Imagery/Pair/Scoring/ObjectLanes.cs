using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Reading;

using Lane = Monitoring.Detection.Imagery.Objects.ObjectSums.Lane;

namespace Monitoring.Detection.Imagery.Pair.Scoring;

/// <summary>Adds the pixels of a piece to the lanes of <see cref="ObjectSums"/>, sixteen pixels at a time.</summary>
internal static class ObjectLanes
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(RowScorer row, int from, int to, Span<float> sums)
    {
        var scores = row.Scores;
        var bands = row.Bands.Count;
        sums[Lane.Pixels] += to - from;
        for (var x = from; x < to; x += PaddedRow.Lanes)
        {
            var within = Within(x, to);
            Vector512<float> difference = Vector512<float>.Zero, squared = Vector512<float>.Zero, textureBefore = Vector512<float>.Zero, textureAfter = Vector512<float>.Zero;
            for (var k = 0; k < bands; k++)
            {
                Vector512<float> a = row.RootsBefore(k).Load(x), b = row.RootsAfter(k).Load(x);
                Vector512<float> ga = RowMath.Across(row.ColumnsBefore(k), x), gb = RowMath.Across(row.ColumnsAfter(k), x);
                var (floor, slope) = row.NoiseOf(k);
                var d = (b - a) / Vector512.Sqrt(Vector512.Create(floor) + (Vector512.Create(slope) * Vector512.Min(ga, gb)));
                difference += d;
                squared += d * d;
                textureBefore += Vector512.Sqrt(ga);
                textureAfter += Vector512.Sqrt(gb);
                var role = row.Bands.RoleOf(k);
                if (role < BandRole.Other)
                {
                    a = Vector512.Max(a, Vector512<float>.Zero);
                    b = Vector512.Max(b, Vector512<float>.Zero);
                    sums[Lane.Before + (int)role] += Vector512.Sum((a * a) & within);
                    sums[Lane.After + (int)role] += Vector512.Sum((b * b) & within);
                }
            }

            sums[Lane.Score] += Vector512.Sum(scores.Load(x) & within);
            sums[Lane.Difference] += Vector512.Sum(difference & within) / bands;
            sums[Lane.DifferenceSquared] += Vector512.Sum(squared & within) / bands;
            sums[Lane.TextureBefore] += Vector512.Sum(textureBefore & within) / bands;
            sums[Lane.TextureAfter] += Vector512.Sum(textureAfter & within) / bands;
        }
    }

    /// <summary>The sums of an object whose scenes have these bands.</summary>
    public static ObjectSums SumsOf(FoundObject found, BandPairing pairing)
    {
        for (var role = BandRole.Blue; role < BandRole.Other; role++)
        {
            if (pairing.IndexOf(role) < 0)
            {
                found.Sums[Lane.Before + (int)role] = found.Sums[Lane.After + (int)role] = double.NaN;
            }
        }

        return new ObjectSums(found.Sums);
    }

    /// <summary>All bits in the lanes that lie before <paramref name="to"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Within(int x, int to) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(to - x)).AsSingle();
}
