using System.Runtime.InteropServices;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Imagery.Drawing;

/// <summary>From values to tones, one range for each colour.</summary>
internal sealed class Stretch
{
    /// <summary>Tones by brightness in 4096 steps, a little lifted in the dark: powers are slow.</summary>
    private static readonly byte[] Tones = [.. Enumerable.Range(0, 4096).Select(i => (byte)(Math.Pow(i / 4095.0, 0.8) * 255))];

    private readonly (float Low, float High)[] _ranges = new (float, float)[3];

    /// <summary>From the 2nd to the 98th percentile of what was seen.</summary>
    /// <param name="planes">[red, green, blue][pixel]; what is not over 0 was not seen.</param>
    /// <param name="factor">The planes are values times this; tones are asked for with values.</param>
    public static Stretch Of(ReadOnlySpan<float> planes, double factor = 1)
    {
        var stretch = new Stretch();
        var pixels = planes.Length / 3;
        var values = new List<float>(pixels);
        for (var c = 0; c < 3; c++)
        {
            values.Clear();
            foreach (var value in planes.Slice(c * pixels, pixels))
            {
                if (value > 0)
                {
                    values.Add((float)(value / factor));
                }
            }

            var seen = CollectionsMarshal.AsSpan(values);
            var (low, high) = seen.IsEmpty ? (0f, 1f) : (RobustStatistics.Quantile(seen, 0.02), RobustStatistics.Quantile(seen, 0.98));
            stretch._ranges[c] = (low, high > low ? high : low + 1e-6f);
        }

        return stretch;
    }

    /// <summary>Colour of a pixel; middle grey where nothing was seen (NaN, or 0 in all three).</summary>
    /// <param name="planes">[red, green, blue][pixel].</param>
    /// <param name="pixels">Of one plane.</param>
    public Ink Ink(ReadOnlySpan<float> planes, int pixel, int pixels)
    {
        float r = planes[pixel], g = planes[pixels + pixel], b = planes[(2 * pixels) + pixel];
        return float.IsNaN(r + g + b) || (r <= 0 && g <= 0 && b <= 0) ? new Ink(128, 128, 128) : new Ink(Tone(r, 0), Tone(g, 1), Tone(b, 2));
    }

    private byte Tone(float value, int colour)
    {
        var (low, high) = _ranges[colour];
        return Tones[(int)(Math.Clamp((value - low) / (high - low), 0, 1) * 4095)];
    }
}
