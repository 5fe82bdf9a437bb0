using Monitoring.Gdal;

namespace Monitoring.Dashboard.Tiles;

/// <summary>
/// How the values of three bands become bytes: the square root of the way from a band's 2nd percentile to a white point well above the
/// median of what the whole scene shows. The median, not a high percentile, sets the white point, so that clouds over less than half of a
/// scene do not turn its ground black and images of different days can be compared. Found once per scene and style; immutable.
/// </summary>
internal sealed class SceneStretch
{
    private const double LowShare = 0.02;

    /// <summary>White lies so many times as far from the dark point as the median: bright roofs keep their shape, ground lies at mid grey.</summary>
    private const float WhiteOverMedian = 4.5f;

    /// <summary>The reduced reading has at most so many pixels on its longer side.</summary>
    private const int Side = 512;

    private readonly (float Low, float Scale)[] bands;

    private SceneStretch((float Low, float Scale)[] bands) => this.bands = bands;

    /// <param name="source">Three bands.</param>
    public static SceneStretch Of(RasterDataset source)
    {
        var reduce = Math.Max(1.0, Math.Max(source.Width, source.Height) / (double)Side);
        var (width, height) = (Math.Max(1, (int)(source.Width / reduce)), Math.Max(1, (int)(source.Height / reduce)));
        var values = new float[width * height];
        var valid = new byte[width * height];
        var found = new (float Low, float Range)[3];
        for (var band = 0; band < 3; band++)
        {
            source.Read(band + 1, source.FullWindow, width, height, values.AsSpan());
            source.ReadMask(band + 1, source.FullWindow, width, height, valid.AsSpan());
            found[band] = Between(values, valid);
        }

        // Half way (geometrically) between one white point for all bands, which keeps colours true, and one for each, which keeps a
        // band from drowning beside a bright one.
        var common = found.Average(f => f.Range);
        return new SceneStretch([.. found.Select(f => (f.Low, f.Range > 0 ? 1 / MathF.Sqrt(f.Range * common) : 1f))]);
    }

    /// <summary>Paints row-major planes; true when a pixel is to be seen.</summary>
    /// <param name="values">Four planes of <paramref name="size"/>: three bands and alpha, 0 = nothing here.</param>
    /// <param name="rgba">Four planes of <paramref name="size"/>.</param>
    public bool Paint(ReadOnlySpan<float> values, Span<byte> rgba, int size)
    {
        var alpha = values.Slice(3 * size, size);
        var seen = false;
        for (var i = 0; i < size; i++)
        {
            if (alpha[i] > 0)
            {
                rgba[(3 * size) + i] = 255;
                seen = true;
            }
        }

        for (var band = 0; band < 3 && seen; band++)
        {
            var (low, scale) = bands[band];
            var plane = values.Slice(band * size, size);
            var bytes = rgba.Slice(band * size, size);
            for (var i = 0; i < size; i++)
            {
                var value = (plane[i] - low) * scale;
                bytes[i] = alpha[i] > 0 && value > 0 ? (byte)(255f * MathF.Sqrt(Math.Min(1f, value))) : (byte)0;
            }
        }

        return seen;
    }

    /// <summary>Dark point and the distance from it to white.</summary>
    private static (float Low, float Range) Between(float[] values, byte[] valid)
    {
        var kept = new List<float>(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            if (valid[i] != 0 && float.IsFinite(values[i]))
            {
                kept.Add(values[i]);
            }
        }

        if (kept.Count == 0)
        {
            return (0, 0);
        }

        kept.Sort();
        var low = kept[(int)(LowShare * (kept.Count - 1))];
        return (low, (kept[(kept.Count - 1) / 2] - low) * WhiteOverMedian);
    }
}
