using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Imagery.Pair.Scoring;

/// <summary>Which pixels of a row a date has not recorded: "no data" or no number in some band, or nothing but zeros, whatever the file declares.</summary>
internal static class RowGaps
{
    /// <summary>Whether it is plain at a glance that every pixel is recorded. No is no answer: <see cref="Mark"/> looks closer.</summary>
    public static bool AreNone(StoredPixels stored, int y, int left, int width, RowMath.Decoding[] decodings)
    {
        // In most rows no number of the first band is 0, and then every pixel is filled and nobody else need be asked.
        if (stored.Whole.Length == 0 || RowMath.Contains(stored.Whole.AsSpan(stored.At(0, left, y), width), 0))
        {
            return false;
        }

        for (var k = 0; k < decodings.Length; k++)
        {
            if (decodings[k].Missing is >= 0 and <= ushort.MaxValue and var missing && RowMath.Contains(stored.Whole.AsSpan(stored.At(k, left, y), width), (ushort)missing))
            {
                return false;
            }
        }

        return true;
    }

    /// <param name="present">In: all 1. Out: 0 where some band said "no data".</param>
    /// <param name="filled">In: all 0. Out: 1 where some band was not 0.</param>
    public static void Mark(StoredPixels stored, int y, int left, int width, RowMath.Decoding[] decodings, PaddedRow present, PaddedRow filled)
    {
        for (var k = 0; k < decodings.Length; k++)
        {
            var (at, missing) = (stored.At(k, left, y), decodings[k].Missing);
            if (stored.Whole.Length == 0)
            {
                RowMath.Mark(stored.Real.AsSpan(at), missing, present, filled, width);
            }
            else
            {
                RowMath.Mark(stored.Whole.AsSpan(at), missing, present, filled, width);
            }
        }
    }
}
