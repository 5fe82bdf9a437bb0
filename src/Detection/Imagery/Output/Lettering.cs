using System.Globalization;
using Monitoring.Detection.Imagery.Drawing;
using Monitoring.Detection.Imagery.Pair;

namespace Monitoring.Detection.Imagery.Output;

/// <summary>
/// All that is written around the panels of a quicklook. One line a thing, in letters as large as the panels have room for; what a line
/// cannot hold goes on in the next or is cut with two dots, never over the neighbour.
/// </summary>
/// <param name="lefts">Left edges of the three panels.</param>
/// <param name="room">Width that a panel and its writing may take.</param>
internal sealed class Lettering(PairResult result, int[] lefts, int room, int panelWidth, int panelHeight)
{
    /// <summary>From this width on there is room for larger letters.</summary>
    private const int Wide = 640;

    /// <summary>Kinds of change are listed on at most so many lines.</summary>
    private const int MostKindLines = 2;

    private readonly int _scale = room >= Wide ? 3 : 2;
    private readonly List<string> _kinds = Wrapped(Kinds(result), room, room >= Wide ? 3 : 2, MostKindLines);

    public int[] Lefts { get; } = lefts;

    /// <summary>Small print: what identifies the inputs and the run.</summary>
    private int Small => _scale - 1;

    private int Line => (BitmapFont.Height + 4) * _scale;

    private int SmallLine => (BitmapFont.Height + 3) * Small;

    private int TitleScale => _scale + 1;

    private int TitleHeight => (BitmapFont.Height + 5) * TitleScale;

    /// <summary>Pixels over the panels.</summary>
    public int Head => TitleHeight + Line + SmallLine + 4;

    /// <summary>Pixels under the panels.</summary>
    public int Foot => (2 * _scale) + Math.Max((1 + MostKindLines) * Line, (2 * Line) + SmallLine) + (result.Request.ScoreReason is null ? 0 : SmallLine) + 6;

    /// <summary>A pixel of what was not observed: dark strokes on ground that is bleached, so that they show on cloud, shadow and no data alike.</summary>
    public Ink Hatch(int x, int y, Ink tone)
    {
        return (x + y) % (4 * _scale) <= _scale ? new Ink(96, 96, 96) : new Ink(Bleached(tone.R), Bleached(tone.G), Bleached(tone.B));

        static byte Bleached(byte tone) => (byte)((tone + (3 * 210)) / 4);
    }

    public void Write(Canvas canvas)
    {
        var (request, changes) = (result.Request, result.Changes);
        var (early, late) = (Provenance.Day(request.Baseline, request.BaselineIsDated), Provenance.Day(request.Current, request.CurrentIsDated));
        var hectares = changes.Patches.Sum(p => p.Outline.AreaSquareMeters) / 10_000;
        var when = request.BaselineIsDated || request.CurrentIsDated ? $"{early} → {late}" : "between two undated scenes";
        Put(canvas, Lefts[0], 6, Title(when, changes.Patches.Count, hectares), canvas.Width - (2 * Lefts[0]), TitleScale, Ink.Dark);
        string[] labels = [$"BEFORE {early}", $"AFTER {late}", "CHANGES on the later scene"];
        string[] ids = [request.Baseline.Id, request.Current.Id, ""];
        for (var i = 0; i < Lefts.Length; i++)
        {
            Put(canvas, Lefts[i], TitleHeight, labels[i], room, _scale, Ink.Dark);
            Put(canvas, Lefts[i], TitleHeight + Line, ids[i], room, Small, Ink.Grey);
            canvas.Frame(Lefts[i] - 1, Head - 1, panelWidth + 2, panelHeight + 2, Ink.Grey);
        }

        var top = Head + panelHeight + (3 * _scale);
        var across = Provenance.MetersAcross(request.Baseline.Grid) * request.Baseline.Grid.Width / panelWidth;
        canvas.ScaleBar(Lefts[0], top + (17 * _scale), across, Math.Max(1, panelWidth / 2), _scale, Ink.Dark);
        if (PointsNorth(request.Baseline.Grid))
        {
            canvas.North(Lefts[0] + room - (12 * _scale), top, _scale, Ink.Dark);
        }

        Legend(canvas, Lefts[1], top);
        for (var i = 0; i < _kinds.Count; i++)
        {
            Put(canvas, Lefts[1], top + ((i + 1) * Line), _kinds[i], room, _scale, Ink.Dark);
        }

        Put(canvas, Lefts[2], top, string.Create(CultureInfo.InvariantCulture, $"observed {changes.ObservableShare:P0} of the area"), room, _scale, Ink.Dark);
        Put(canvas, Lefts[2], top + Line, $"{changes.DetectorId} {changes.DetectorVersion}", room, _scale, Ink.Dark);
        Put(canvas, Lefts[2], top + (2 * Line), $"change set {changes.Id}", room, Small, Ink.Grey);
        if (request.ScoreReason is { } reason)
        {
            Put(canvas, Lefts[0], top + ((1 + MostKindLines) * Line), reason, Lefts[2] + room - Lefts[0], Small, Ink.Grey);
        }
    }

    /// <summary>The finding in a line; square metres where hectares would say nothing.</summary>
    internal static string Title(string when, int areas, double hectares) => areas == 0
        ? $"No change found, {when}"
        : string.Create(CultureInfo.InvariantCulture, $"Change {when}: {areas} {(areas == 1 ? "area" : "areas")}, {(hectares < 1 ? $"{hectares * 10_000:0} m²" : string.Create(CultureInfo.InvariantCulture, $"{hectares:#,0.#} ha"))}");

    /// <summary>The legend's longest entry, as much of it as stays within its panel.</summary>
    internal static string NotObserved(int width, int scale)
    {
        string[] said = ["not observed (no data, cloud, shadow)", "not observed (cloud, no data)"];
        return Array.Find(said, s => Canvas.Fit(s, width, scale) == s) ?? Canvas.Fit("not observed", width, scale);
    }

    /// <summary>Words and their counts broken into lines that fit; what is left over after the last ends it with two dots.</summary>
    internal static List<string> Wrapped(IReadOnlyList<string> items, int width, int scale, int most)
    {
        List<string> lines = [];
        foreach (var item in items)
        {
            if (lines.Count > 0 && (lines.Count == most || Canvas.TextWidth($"{lines[^1]}, {item},", scale) <= width))
            {
                lines[^1] += $", {item}";
            }
            else
            {
                if (lines.Count > 0)
                {
                    lines[^1] += ",";
                }

                lines.Add(item);
            }
        }

        return lines;
    }

    private static List<string> Kinds(PairResult result) =>
        [.. result.Changes.Patches.GroupBy(p => DetectOutputs.NameOf(p.Kind)).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Key} {g.Count()}"))];

    /// <summary>Columns run east and rows south, as in a picture with north at its top.</summary>
    private static bool PointsNorth(Domain.Imagery.Grid grid)
    {
        var transform = Reading.GridReader.TransformOf(grid);
        var (origin, right, down) = (transform.Apply(0, 0), transform.Apply(1, 0), transform.Apply(0, 1));
        return right.X > origin.X && down.Y < origin.Y && Math.Abs(right.Y - origin.Y) < 0.02 * (right.X - origin.X) && Math.Abs(down.X - origin.X) < 0.02 * (origin.Y - down.Y);
    }

    /// <summary>Line and hatch, so that it is read without colour too.</summary>
    private void Legend(Canvas canvas, int left, int top)
    {
        int width = 14 * _scale, height = 9 * _scale;
        for (var i = 0; i < _scale; i++)
        {
            canvas.Frame(left + i, top + i, width - (2 * i), height - (2 * i), Ink.Change);
        }

        Put(canvas, left + (18 * _scale), top, "changed", room, _scale, Ink.Dark);
        var hatch = left + (64 * _scale);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                canvas.Set(hatch + x, top + y, Hatch(x, y, Ink.Grey));
            }
        }

        var rest = room - (86 * _scale);
        Put(canvas, hatch + (18 * _scale), top, NotObserved(rest, _scale), rest, _scale, Ink.Dark);
    }

    private static void Put(Canvas canvas, int x, int y, string text, int width, int scale, Ink ink) => canvas.Text(x, y, Canvas.Fit(text, width, scale), scale, ink);
}
