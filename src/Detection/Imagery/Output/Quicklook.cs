using Monitoring.Detection.Imagery.Drawing;
using Monitoring.Detection.Imagery.Pair;

namespace Monitoring.Detection.Imagery.Output;

/// <summary>
/// One picture for a report: before, after, and after with the changes outlined, side by side, with dates, scenes, scale bar, north arrow,
/// legend and counts. Each panel is at most about 900 pixels wide and high; both dates share one stretch, so that a change of
/// brightness on the picture is one on the ground. Lettering grows with the picture: printed across a page it stays legible.
/// </summary>
public static class Quicklook
{
    private const int Gap = 6;
    private const int Edge = 12;

    /// <summary>Panels of small scenes are enlarged by a whole number until they are about this wide, so that there is room to write.</summary>
    private const int WantedPanel = 640;

    /// <summary>What is enlarged stays under this height: a strip of ground must not become a picture of any length.</summary>
    private const int MostHigh = 900;

    /// <summary>Room for a panel with its writing, however narrow the ground is.</summary>
    private const int LeastPanel = 420;

    /// <summary>Pictures of the ground hardly compress: the usual effort takes four times as long for a twentieth of the size.</summary>
    private const string Effort = "ZLEVEL=1";

    /// <summary>Writes a PNG.</summary>
    public static void Write(PairResult result, string path, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(result);
        var overview = result.Overview;
        int width = overview.Width, height = overview.Height;
        var panels = result.Panels?.GetAwaiter().GetResult() ?? QuicklookPanels.Of(overview, result.Model);
        var changed = Shrunk(result, width, height, out var hidden);
        var zoom = Zoom(width, height);
        int panelWidth = width * zoom, panelHeight = height * zoom, room = Math.Max(panelWidth, LeastPanel);
        var lettering = new Lettering(result, lefts: [Edge, Edge + room + Gap, Edge + (2 * (room + Gap))], room, panelWidth, panelHeight);
        var (lefts, head) = (lettering.Lefts, lettering.Head);
        var canvas = new Canvas((2 * Edge) + (3 * room) + (2 * Gap), head + panelHeight + lettering.Foot);
        for (var y = 0; y < panelHeight; y++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var x = 0; x < panelWidth; x++)
            {
                int u = x / zoom, v = y / zoom, i = (v * width) + u;
                var late = panels.After[i];
                canvas.Set(lefts[0] + x, head + y, panels.Before[i]);
                canvas.Set(lefts[1] + x, head + y, late);
                canvas.Set(lefts[2] + x, head + y, Marked(u, v, x, y, late));
            }
        }

        lettering.Write(canvas);
        using var raster = canvas.ToRaster();
        raster.CopyTo(path, "PNG", [Effort, .. Provenance.PngText("Change between two scenes", Provenance.Of(result))], sideFiles: false, cancellation: cancellation);

        Ink Marked(int u, int v, int x, int y, Ink tone)
        {
            var i = (v * width) + u;
            if (changed[i] ? IsEdge(u, v) : zoom == 1 && TouchesChange(u, v))
            {
                return Ink.Change;
            }

            // The outline alone is hard to find on a bright picture: everything else steps back.
            return hidden[i] ? lettering.Hatch(x, y, tone) : changed[i] ? tone : new Ink(Dim(tone.R), Dim(tone.G), Dim(tone.B));
        }

        static byte Dim(byte tone) => (byte)((tone / 2) + 70);

        bool IsEdge(int x, int y) =>
            x == 0 || y == 0 || x == width - 1 || y == height - 1
            || !changed[(y * width) + x - 1] || !changed[(y * width) + x + 1] || !changed[((y - 1) * width) + x] || !changed[((y + 1) * width) + x];

        // Where a pixel of the panel is the smallest there is, a line of one would be lost in print.
        bool TouchesChange(int x, int y) =>
            (x > 0 && changed[(y * width) + x - 1]) || (x < width - 1 && changed[(y * width) + x + 1])
            || (y > 0 && changed[((y - 1) * width) + x]) || (y < height - 1 && changed[((y + 1) * width) + x]);
    }

    /// <summary>By what whole number a panel is enlarged.</summary>
    internal static int Zoom(int width, int height) => Math.Max(1, Math.Min((WantedPanel + (width / 2)) / width, MostHigh / height));

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
}
