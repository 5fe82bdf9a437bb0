using Monitoring.Detection.Imagery.Pair;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Output;

/// <summary>
/// One picture for a report: before, after, and after with the changes outlined, side by side. Each panel is at most 800 pixels wide
/// and high; both dates share one stretch, so that a change of brightness on the picture is one on the ground.
/// </summary>
public static class Quicklook
{
    private const int Gap = 6;

    /// <summary>Changed, and not observed; told apart without colour by solid line and hatch.</summary>
    private static readonly (byte R, byte G, byte B) Edge = (255, 64, 32);

    /// <summary>Writes a PNG.</summary>
    public static void Write(PairResult result, string path, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(result);
        var overview = result.Overview;
        int width = overview.Width, height = overview.Height;
        var before = overview.Before.ToArray();
        var after = overview.After;

        // The baseline is carried onto the current scene's radiometry, as the detector compared them.
        for (var c = 0; c < 3; c++)
        {
            var line = result.Model.Lines[overview.Bands[c]];
            foreach (ref var value in before.AsSpan(c * width * height, width * height))
            {
                var root = (Math.Sqrt(Math.Max(0, value)) * line.Slope) + line.Offset;
                value = value == 0 ? 0 : (float)(Math.Max(0, root) * root);
            }
        }

        var changed = Shrunk(result, width, height, out var hidden);
        int total = (3 * width) + (2 * Gap);
        var picture = new byte[3 * total * height];
        Array.Fill(picture, (byte)255);
        for (var c = 0; c < 3; c++)
        {
            var band = after.Slice(c * width * height, width * height);
            var (low, high) = Stretch(band);
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    var i = (y * width) + x;
                    var to = (c * total * height) + (y * total) + x;
                    picture[to] = Tone(before[(c * width * height) + i], low, high);
                    picture[to + width + Gap] = Tone(band[i], low, high);
                    picture[to + (2 * (width + Gap))] = Marked(c, x, y, Tone(band[i], low, high));
                }
            }
        }

        using var memory = RasterDataset.CreateInMemory(total, height, 3, PixelType.UInt8);
        memory.Write<byte>([1, 2, 3], new PixelWindow(0, 0, total, height), picture, cancellation: cancellation);
        memory.CopyTo(path, "PNG", cancellation: cancellation);

        byte Marked(int channel, int x, int y, byte tone)
        {
            var i = (y * width) + x;
            if (changed[i] && IsEdge(x, y))
            {
                return channel switch { 0 => Edge.R, 1 => Edge.G, _ => Edge.B };
            }

            // The outline alone is hard to find on a bright picture: everything else steps back.
            return hidden[i] && (x + y) % 6 < 2 ? (byte)128 : changed[i] ? tone : (byte)((tone / 2) + 70);
        }

        bool IsEdge(int x, int y) =>
            x == 0 || y == 0 || x == width - 1 || y == height - 1
            || !changed[(y * width) + x - 1] || !changed[(y * width) + x + 1] || !changed[((y - 1) * width) + x] || !changed[((y + 1) * width) + x];
    }

    /// <summary>A shrunk pixel is changed when any of its pixels is, hidden when its middle one is.</summary>
    private static bool[] Shrunk(PairResult result, int width, int height, out bool[] hidden)
    {
        var grid = result.Request.Baseline.Grid;
        var changed = new bool[width * height];
        hidden = new bool[width * height];
        foreach (var run in result.Pixels.SelectMany(p => p))
        {
            var row = (int)((long)run.Row * height / grid.Height) * width;
            int from = (int)((long)run.From * width / grid.Width), to = (int)((long)(run.To - 1) * width / grid.Width);
            changed.AsSpan(row + from, to - from + 1).Fill(true);
        }

        var rows = result.HiddenRows();
        var pixels = new byte[grid.Width];
        for (var y = 0; y < height; y++)
        {
            rows((int)((y + 0.5) * grid.Height / height), pixels);
            for (var x = 0; x < width; x++)
            {
                hidden[(y * width) + x] = pixels[(int)((x + 0.5) * grid.Width / width)] != 0;
            }
        }

        return changed;
    }

    /// <summary>From the 2nd to the 98th percentile of what is there.</summary>
    private static (float Low, float High) Stretch(ReadOnlySpan<float> band)
    {
        var values = new List<float>(band.Length);
        foreach (var value in band)
        {
            if (value > 0)
            {
                values.Add(value);
            }
        }

        if (values.Count == 0)
        {
            return (0, 1);
        }

        values.Sort();
        float low = values[(int)(values.Count * 0.02)], high = values[(int)(values.Count * 0.98)];
        return high > low ? (low, high) : (low, low + 1e-6f);
    }

    private static byte Tone(float value, float low, float high) => value <= 0 ? (byte)0 : (byte)(Math.Pow(Math.Clamp((value - low) / (high - low), 0, 1), 0.8) * 255);
}
