using System.Globalization;
using Monitoring.Detection.Imagery.Drawing;
using Monitoring.Detection.Imagery.Pair;

namespace Monitoring.Detection.Imagery.Output;

/// <summary>
/// One picture for a report: before, after, and after with the changes outlined, side by side, with dates, scenes, scale bar, north arrow,
/// legend and counts. Each panel is at most 800 pixels wide and high; both dates share one stretch, so that a change of brightness on
/// the picture is one on the ground.
/// </summary>
public static class Quicklook
{
    private const int Gap = 6;
    private const int Edge = 12;

    /// <summary>Panels of small scenes are enlarged by a whole number until they are about this wide, so that there is room to write.</summary>
    private const int LeastPanel = 400;

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
        var zoom = Math.Max(1, (LeastPanel + (width / 2)) / width);
        int panelWidth = width * zoom, panelHeight = height * zoom;
        var scale = panelWidth >= 800 ? 2 : 1;
        int head = 42 * scale, foot = 46 * scale;
        var canvas = new Canvas((2 * Edge) + (3 * panelWidth) + (2 * Gap), head + panelHeight + foot);
        int[] lefts = [Edge, Edge + panelWidth + Gap, Edge + (2 * (panelWidth + Gap))];
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

        Write(canvas, result, lefts, panelWidth, head, panelHeight, scale);
        using var raster = canvas.ToRaster();
        raster.CopyTo(path, "PNG", [Effort, .. Provenance.PngText("Change between two scenes", Provenance.Of(result))], sideFiles: false, cancellation: cancellation);

        Ink Marked(int u, int v, int x, int y, Ink tone)
        {
            var i = (v * width) + u;
            if (changed[i] && IsEdge(u, v))
            {
                return Ink.Change;
            }

            // The outline alone is hard to find on a bright picture: everything else steps back.
            return hidden[i] && (x + y) % 6 < 2 ? new Ink(128, 128, 128) : changed[i] ? tone : new Ink(Dim(tone.R), Dim(tone.G), Dim(tone.B));
        }

        static byte Dim(byte tone) => (byte)((tone / 2) + 70);

        bool IsEdge(int x, int y) =>
            x == 0 || y == 0 || x == width - 1 || y == height - 1
            || !changed[(y * width) + x - 1] || !changed[(y * width) + x + 1] || !changed[((y - 1) * width) + x] || !changed[((y + 1) * width) + x];
    }

    /// <summary>All that is written around the panels.</summary>
    private static void Write(Canvas canvas, PairResult result, int[] lefts, int panelWidth, int head, int panelHeight, int scale)
    {
        var (request, changes) = (result.Request, result.Changes);
        var (early, late) = (Provenance.Day(request.Baseline, request.BaselineIsDated), Provenance.Day(request.Current, request.CurrentIsDated));
        var hectares = changes.Patches.Sum(p => p.Outline.AreaSquareMeters) / 10_000;
        var counts = string.Join(", ", changes.Patches.GroupBy(p => DetectOutputs.NameOf(p.Kind)).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Key} {g.Count()}")));
        var title = string.Create(CultureInfo.InvariantCulture, $"Change {early} → {late}: {changes.Patches.Count} areas, {hectares:0.#} ha");
        canvas.Text(Edge, 6 * scale, Canvas.Fit(title, canvas.Width - (2 * Edge), 2 * scale), 2 * scale, Ink.Dark);
        string[] labels = [$"BEFORE {early}  {request.Baseline.Id}", $"AFTER {late}  {request.Current.Id}", "CHANGES on the later scene"];
        for (var i = 0; i < 3; i++)
        {
            canvas.Text(lefts[i], head - (12 * scale), Canvas.Fit(labels[i], panelWidth, scale), scale, Ink.Dark);
            canvas.Frame(lefts[i] - 1, head - 1, panelWidth + 2, panelHeight + 2, Ink.Grey);
        }

        var across = Provenance.MetersAcross(request.Baseline.Grid) * request.Baseline.Grid.Width / panelWidth;
        var foot = head + panelHeight;
        canvas.ScaleBar(lefts[0], foot + (24 * scale), across, panelWidth / 2, scale, Ink.Dark);
        canvas.North(lefts[0] + panelWidth - (12 * scale), foot + (5 * scale), scale, Ink.Dark);

        // Legend: line and hatch, so that it is read without colour too.
        canvas.Frame(lefts[1], foot + (8 * scale), 14 * scale, 9 * scale, Ink.Change);
        canvas.Frame(lefts[1] + 1, foot + (8 * scale) + 1, (14 * scale) - 2, (9 * scale) - 2, Ink.Change);
        canvas.Text(lefts[1] + (18 * scale), foot + (8 * scale), "changed", scale, Ink.Dark);
        var hatch = lefts[1] + (78 * scale);
        canvas.Fill(hatch, foot + (8 * scale), 14 * scale, 9 * scale, new Ink(190, 190, 190));
        for (var y = 0; y < 9 * scale; y++)
        {
            for (var x = 0; x < 14 * scale; x++)
            {
                if ((x + y) % 6 < 2)
                {
                    canvas.Set(hatch + x, foot + (8 * scale) + y, new Ink(128, 128, 128));
                }
            }
        }

        canvas.Text(hatch + (18 * scale), foot + (8 * scale), NotObserved(panelWidth - (hatch - lefts[1]) - (18 * scale), scale), scale, Ink.Dark);
        canvas.Text(lefts[1], foot + (22 * scale), Canvas.Fit(counts.Length == 0 ? "nothing changed" : counts, panelWidth, scale), scale, Ink.Dark);
        canvas.Text(lefts[2], foot + (8 * scale), Canvas.Fit(string.Create(CultureInfo.InvariantCulture, $"observed {changes.ObservableShare:P0} of the area"), panelWidth, scale), scale, Ink.Dark);
        canvas.Text(lefts[2], foot + (22 * scale), Canvas.Fit($"{changes.DetectorId} {changes.DetectorVersion}, change set {changes.Id}", panelWidth, scale), scale, Ink.Grey);
        if (request.ScoreReason is { } reason)
        {
            canvas.Text(lefts[0], foot + (34 * scale), Canvas.Fit(reason, (3 * panelWidth) + (2 * Gap), scale), scale, Ink.Grey);
        }
    }

    /// <summary>The legend's longest entry, as much of it as stays within its panel.</summary>
    internal static string NotObserved(int width, int scale)
    {
        const string whole = "not observed (no data, cloud, shadow)";
        return Canvas.Fit(whole, width, scale) == whole ? whole : Canvas.Fit("not observed", width, scale);
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
}
