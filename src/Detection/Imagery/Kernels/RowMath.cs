using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Monitoring.Detection.Imagery.Kernels;

/// <summary>
/// The pair detector's arithmetic, one row at a time so that all it touches stays in the core's own cache. Every lane does what a
/// scalar loop would do in the same order (no fused multiply-add), so results do not depend on the machine's vector width.
/// </summary>
/// <remarks>Rows are worked to their padded width; what stands beyond the row's own width is without meaning. Nothing allocates.</remarks>
internal static class RowMath
{
    /// <summary>How stored numbers of one band become roots of reflectance on the common radiometry.</summary>
    /// <param name="Scale">Reflectance = stored × scale + offset.</param>
    /// <param name="Missing">Stored number that means "no data"; NaN when there is none.</param>
    /// <param name="Slope">Root on the common radiometry = √reflectance × slope + lift.</param>
    public readonly record struct Decoding(float Scale, float Offset, float Missing, float Slope, float Lift);

    /// <summary>Roots of a row.</summary>
    /// <param name="next">
    /// Where the row that comes next begins, counted from this one: it is fetched towards the core meanwhile. Rows of a tile lie so far
    /// apart that the machine does not foresee them. 0: nothing comes.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Roots(ReadOnlySpan<ushort> stored, in Decoding how, PaddedRow roots, int width, int next = 0)
    {
        ref var from = ref MemoryMarshal.GetReference(stored[..PaddedRow.Padded(width)]);
        var (scale, offset, slope, lift) = (Vector512.Create(how.Scale), Vector512.Create(how.Offset), Vector512.Create(how.Slope), Vector512.Create(how.Lift));
        for (var x = 0; x < width; x += PaddedRow.Lanes)
        {
            if (Sse.IsSupported)
            {
                // A hint for an address, not a use of it: it may lie anywhere.
                Sse.Prefetch1(Unsafe.AsPointer(ref Unsafe.Add(ref from, x + next)));
            }

            var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref Unsafe.Add(ref from, x)));
            var values = Vector512.ConvertToSingle(Vector512.Create(low, high).AsInt32());
            roots.Store(x, Root(values, scale, offset, slope, lift));
        }
    }

    /// <summary>The same for a file of floats; what is not a finite number counts as 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Roots(ReadOnlySpan<float> stored, in Decoding how, PaddedRow roots, int width)
    {
        ref var from = ref MemoryMarshal.GetReference(stored[..PaddedRow.Padded(width)]);
        var (scale, offset, slope, lift) = (Vector512.Create(how.Scale), Vector512.Create(how.Offset), Vector512.Create(how.Slope), Vector512.Create(how.Lift));
        for (var x = 0; x < width; x += PaddedRow.Lanes)
        {
            var values = Vector512.LoadUnsafe(ref Unsafe.Add(ref from, x));
            values = Vector512.ConditionalSelect(IsFinite(values), values, Vector512<float>.Zero);
            roots.Store(x, Root(values, scale, offset, slope, lift));
        }
    }

    /// <summary>
    /// Whether a row holds a number. The framework's own search is compiled for the oldest machines until it has been called for a while,
    /// and a comparison is over by then.
    /// </summary>
    public static bool Contains(ReadOnlySpan<ushort> row, ushort number)
    {
        if (row.Length < Vector512<ushort>.Count)
        {
            return row.Contains(number);
        }

        ref var from = ref MemoryMarshal.GetReference(row);
        var (wanted, last) = (Vector512.Create(number), row.Length - Vector512<ushort>.Count);
        for (var x = 0; x < last; x += Vector512<ushort>.Count)
        {
            if (Vector512.EqualsAny(Vector512.LoadUnsafe(ref Unsafe.Add(ref from, x)), wanted))
            {
                return true;
            }
        }

        return Vector512.EqualsAny(Vector512.LoadUnsafe(ref Unsafe.Add(ref from, last)), wanted);
    }

    /// <summary>Marks what one band knows of a row's pixels.</summary>
    /// <param name="present">In and out: 0 where some band said "no data", else as it was.</param>
    /// <param name="filled">In and out: not 0 where some band was not 0.</param>
    public static void Mark(ReadOnlySpan<ushort> stored, float missing, PaddedRow present, PaddedRow filled, int width)
    {
        for (var x = 0; x < width; x++)
        {
            present[x] = stored[x] == missing ? 0 : present[x];
            filled[x] = stored[x] != 0 ? 1 : filled[x];
        }
    }

    /// <summary>The same for a file of floats; what is not a finite number is missing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Mark(ReadOnlySpan<float> stored, float missing, PaddedRow present, PaddedRow filled, int width)
    {
        ref var from = ref MemoryMarshal.GetReference(stored[..PaddedRow.Padded(width)]);
        for (var x = 0; x < width; x += PaddedRow.Lanes)
        {
            var values = Vector512.LoadUnsafe(ref Unsafe.Add(ref from, x));
            var there = Vector512.AndNot(IsFinite(values), Vector512.Equals(values, Vector512.Create(missing)));
            present.Store(x, present.Load(x) & there);
            filled.Store(x, Vector512.ConditionalSelect(Vector512.Equals(values, Vector512<float>.Zero), filled.Load(x), Vector512<float>.One));
        }
    }

    /// <summary>Reflectances of sixteen pixels from a column on; the row is as long as its padded width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Reflectances(ReadOnlySpan<ushort> stored, int x, float scale, float offset)
    {
        var (low, high) = Vector256.Widen(Vector256.Create(stored.Slice(x, PaddedRow.Lanes)));
        return (Vector512.ConvertToSingle(Vector512.Create(low, high).AsInt32()) * Vector512.Create(scale)) + Vector512.Create(offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Reflectances(ReadOnlySpan<float> stored, int x, float scale, float offset) =>
        (Vector512.Create(stored.Slice(x, PaddedRow.Lanes)) * Vector512.Create(scale)) + Vector512.Create(offset);

    /// <summary>Energy of the central-difference gradient, (Δx² + Δy²)/4; the row's fences must hold its own outermost values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GradientEnergy(PaddedRow above, PaddedRow row, PaddedRow below, PaddedRow energy, int width)
    {
        var quarter = Vector512.Create(0.25f);
        for (var x = 0; x < width; x += PaddedRow.Lanes)
        {
            var dx = row.Load(x + 1) - row.Load(x - 1);
            var dy = below.Load(x) - above.Load(x);
            energy.Store(x, ((dx * dx) + (dy * dy)) * quarter);
        }
    }

    /// <summary>
    /// The same, and with it the sum of three rows of energy: of the row before the one above, of the one above, and of this one. One way
    /// through the row in place of two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GradientEnergy(
        PaddedRow above, PaddedRow row, PaddedRow below, PaddedRow energy, PaddedRow energyTwoAbove, PaddedRow energyAbove, PaddedRow sum, int width)
    {
        var quarter = Vector512.Create(0.25f);
        for (var x = 0; x < width; x += PaddedRow.Lanes)
        {
            var dx = row.Load(x + 1) - row.Load(x - 1);
            var dy = below.Load(x) - above.Load(x);
            var here = ((dx * dx) + (dy * dy)) * quarter;
            energy.Store(x, here);
            sum.Store(x, energyTwoAbove.Load(x) + energyAbove.Load(x) + here);
        }
    }

    /// <summary>a + b + c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(PaddedRow a, PaddedRow b, PaddedRow c, PaddedRow sum, int width)
    {
        for (var x = 0; x < width; x += PaddedRow.Lanes)
        {
            sum.Store(x, a.Load(x) + b.Load(x) + c.Load(x));
        }
    }

    /// <summary>
    /// Adds one band's squared, noise-normalised difference: total += (b − a)² / (floor + slope · min(ga, gb)), where g is the sum of
    /// three neighbours of the column sums. The smaller texture of the two dates counts, because only an edge that stands on both dates
    /// makes noise when the images do not lie exactly on each other.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddNormalisedSquare(PaddedRow a, PaddedRow b, PaddedRow columnsA, PaddedRow columnsB, float floor, float slope, PaddedRow total, int width)
    {
        var (f, s) = (Vector512.Create(floor), Vector512.Create(slope));
        for (var x = 0; x < width; x += PaddedRow.Lanes)
        {
            var d = b.Load(x) - a.Load(x);
            var g = Vector512.Min(Across(columnsA, x), Across(columnsB, x));
            total.Store(x, total.Load(x) + (d * d / (f + (s * g))));
        }
    }

    /// <summary>√(total / bands), 0 where not valid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Magnitude(PaddedRow total, PaddedRow valid, int bands, PaddedRow magnitude, int width)
    {
        var share = Vector512.Create(1f / bands);
        for (var x = 0; x < width; x += PaddedRow.Lanes)
        {
            magnitude.Store(x, Vector512.Sqrt(total.Load(x) * share) * valid.Load(x));
        }
    }

    /// <summary>Mean of the valid ones of 3 × 3 magnitudes; the six rows stand above, at and below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Score(
        PaddedRow above, PaddedRow row, PaddedRow below, PaddedRow validAbove, PaddedRow valid, PaddedRow validBelow, PaddedRow score, int width)
    {
        for (var x = 0; x < width; x += PaddedRow.Lanes)
        {
            var sum = Across(above, x) + Across(row, x) + Across(below, x);
            var count = Across(validAbove, x) + Across(valid, x) + Across(validBelow, x);
            score.Store(x, sum / Vector512.Max(count, Vector512<float>.One));
        }
    }

    /// <summary>Scores in steps, [0, 254]; 255 where not valid. As many bytes as the padded width are written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantise(PaddedRow score, PaddedRow valid, float steps, Span<byte> to, int width)
    {
        ref var target = ref MemoryMarshal.GetReference(to[..PaddedRow.Padded(width)]);
        var most = Vector512.Create(254);
        for (var x = 0; x < width; x += PaddedRow.Lanes)
        {
            var level = Vector512.Min(Vector512.Max(Vector512.ConvertToInt32(score.Load(x) * Vector512.Create(steps)), Vector512<int>.Zero), most);
            level = Vector512.ConditionalSelect(Vector512.Equals(valid.Load(x), Vector512<float>.Zero).AsInt32(), Vector512.Create(255), level);
            Narrow(level).StoreUnsafe(ref Unsafe.Add(ref target, x));
        }
    }

    /// <summary>Whole numbers in [0, 255] as bytes. As many as the padded width are written.</summary>
    public static void Bytes(PaddedRow row, Span<byte> to, int width)
    {
        ref var target = ref MemoryMarshal.GetReference(to[..PaddedRow.Padded(width)]);
        for (var x = 0; x < width; x += PaddedRow.Lanes)
        {
            Narrow(Vector512.ConvertToInt32(row.Load(x))).StoreUnsafe(ref Unsafe.Add(ref target, x));
        }
    }

    /// <summary>Sum of a value and its two neighbours in the row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Across(PaddedRow row, int x) => row.Load(x - 1) + row.Load(x) + row.Load(x + 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector512<int> values)
    {
        var words = Vector256.Narrow(values.GetLower(), values.GetUpper());
        return Vector128.Narrow(words.GetLower().AsUInt16(), words.GetUpper().AsUInt16());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> IsFinite(Vector512<float> values) => Vector512.LessThanOrEqual(Vector512.Abs(values), Vector512.Create(float.MaxValue));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Root(Vector512<float> values, Vector512<float> scale, Vector512<float> offset, Vector512<float> slope, Vector512<float> lift)
    {
        // Bounded so that a file of absurd numbers gives absurd scores, not infinities that spread.
        var bounded = Vector512.Min(Vector512.Max((values * scale) + offset, Vector512<float>.Zero), Vector512.Create(1e12f));
        return (Vector512.Sqrt(bounded) * slope) + lift;
    }
}
