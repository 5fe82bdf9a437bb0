using System.Numerics;

namespace Monitoring.Detection.Imagery.Kernels;

/// <summary>
/// Arithmetic on row-major planes of 32-bit floats. Vector body and scalar tail do the same operations in the same order, so the
/// result does not depend on the machine's vector width. Nothing allocates; spans of one call are equally long unless said otherwise.
/// </summary>
public static class PlaneMath
{
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
}
