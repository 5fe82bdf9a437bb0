using System.Numerics;
using System.Numerics.Tensors;

namespace Monitoring.Detection.Imagery.Kernels;

/// <summary>
/// Arithmetic on row-major planes of 32-bit floats. Vector body and scalar tail do the same operations in the same order, so the
/// result does not depend on the machine's vector width. Nothing allocates; spans of one call are equally long unless said otherwise.
/// </summary>
public static class PlaneMath
{
    /// <summary>√max(x, 0), in place: photon noise grows with the root of the signal, so after the root it is even over the scene.</summary>
    public static void Root(Span<float> plane)
    {
        TensorPrimitives.Max(plane, 0f, plane);
        TensorPrimitives.Sqrt(plane, plane);
    }

    /// <summary>slope · x + offset, in place.</summary>
    public static void Line(Span<float> plane, float slope, float offset)
    {
        var i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var s = new Vector<float>(slope);
            var o = new Vector<float>(offset);
            for (; i <= plane.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                ((new Vector<float>(plane[i..]) * s) + o).CopyTo(plane[i..]);
            }
        }

        for (; i < plane.Length; i++)
        {
            plane[i] = (plane[i] * slope) + offset;
        }
    }

    /// <summary>
    /// Energy of the central-difference gradient, (Δx² + Δy²)/4, per pixel. The outermost rows and columns get the energy of what
    /// neighbours they have (edge pixels repeat).
    /// </summary>
    public static void GradientEnergy(ReadOnlySpan<float> plane, int width, int height, Span<float> energy)
    {
        MustHold(plane, width, height);
        MustHold(energy, width, height);
        for (var y = 0; y < height; y++)
        {
            var row = plane.Slice(y * width, width);
            var above = plane.Slice(Math.Max(0, y - 1) * width, width);
            var below = plane.Slice(Math.Min(height - 1, y + 1) * width, width);
            var to = energy.Slice(y * width, width);
            to[0] = Quarter(row[Math.Min(1, width - 1)] - row[0], below[0] - above[0]);
            var x = 1;
            if (Vector.IsHardwareAccelerated)
            {
                var quarter = new Vector<float>(0.25f);
                for (; x <= width - 1 - Vector<float>.Count; x += Vector<float>.Count)
                {
                    var dx = new Vector<float>(row[(x + 1)..]) - new Vector<float>(row[(x - 1)..]);
                    var dy = new Vector<float>(below[x..]) - new Vector<float>(above[x..]);
                    (((dx * dx) + (dy * dy)) * quarter).CopyTo(to[x..]);
                }
            }

            for (; x < width - 1; x++)
            {
                to[x] = Quarter(row[x + 1] - row[x - 1], below[x] - above[x]);
            }

            if (width > 1)
            {
                to[width - 1] = Quarter(row[width - 1] - row[width - 2], below[width - 1] - above[width - 1]);
            }
        }
    }

    /// <summary>
    /// Sum over the 3 × 3 neighbourhood; outside the plane counts as 0. <paramref name="scratch"/> is as long as the plane;
    /// <paramref name="sum"/> may be the plane itself.
    /// </summary>
    public static void Sum3x3(ReadOnlySpan<float> plane, int width, int height, Span<float> scratch, Span<float> sum)
    {
        MustHold(plane, width, height);
        MustHold(scratch, width, height);
        MustHold(sum, width, height);
        for (var y = 0; y < height; y++)
        {
            var row = plane.Slice(y * width, width);
            var to = scratch.Slice(y * width, width);
            to[0] = 0f + row[0] + (width > 1 ? row[1] : 0f);
            var x = 1;
            if (Vector.IsHardwareAccelerated)
            {
                for (; x <= width - 1 - Vector<float>.Count; x += Vector<float>.Count)
                {
                    (new Vector<float>(row[(x - 1)..]) + new Vector<float>(row[x..]) + new Vector<float>(row[(x + 1)..])).CopyTo(to[x..]);
                }
            }

            for (; x < width - 1; x++)
            {
                to[x] = row[x - 1] + row[x] + row[x + 1];
            }

            if (width > 1)
            {
                to[width - 1] = row[width - 2] + row[width - 1] + 0f;
            }
        }

        for (var y = 0; y < height; y++)
        {
            var to = sum.Slice(y * width, width);
            scratch.Slice(y * width, width).CopyTo(to);
            if (y > 0)
            {
                TensorPrimitives.Add(to, scratch.Slice((y - 1) * width, width), to);
            }

            if (y < height - 1)
            {
                TensorPrimitives.Add(to, scratch.Slice((y + 1) * width, width), to);
            }
        }
    }

    /// <summary>
    /// Adds one band's squared, noise-normalised difference: total += (b − a)² / (floor + slope · min(ga, gb)). The gradient terms are
    /// 3 × 3 sums of <see cref="GradientEnergy"/>; the smaller of the two dates counts, because only an edge that stands on both dates
    /// makes noise when the images do not lie exactly on each other.
    /// </summary>
    public static void AddNormalisedSquare(
        ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> ga, ReadOnlySpan<float> gb, float floor, float slope, Span<float> total)
    {
        var i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var f = new Vector<float>(floor);
            var s = new Vector<float>(slope);
            for (; i <= total.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var d = new Vector<float>(b[i..]) - new Vector<float>(a[i..]);
                var g = Vector.Min(new Vector<float>(ga[i..]), new Vector<float>(gb[i..]));
                (new Vector<float>(total[i..]) + (d * d / (f + (s * g)))).CopyTo(total[i..]);
            }
        }

        for (; i < total.Length; i++)
        {
            var d = b[i] - a[i];
            var g = Math.Min(ga[i], gb[i]);
            total[i] += d * d / (floor + (slope * g));
        }
    }

    private static float Quarter(float dx, float dy) => ((dx * dx) + (dy * dy)) * 0.25f;

    private static void MustHold(ReadOnlySpan<float> plane, int width, int height)
    {
        if (width < 1 || height < 1 || plane.Length < (long)width * height)
        {
            throw new ArgumentException($"A plane of {width} × {height} needs as many floats; it has {plane.Length}.", nameof(plane));
        }
    }
}
