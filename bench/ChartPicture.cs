using System.Globalization;
using Monitoring.Detection.Imagery.Drawing;

namespace Monitoring.Bench;

/// <param name="Dots">Draw the points themselves too.</param>
internal sealed record ChartLine(string Name, Ink Ink, IReadOnlyList<(double X, double Y)> Points, bool Dots = false);

/// <summary>A chart with both axes from 0 to a stated end, written as PNG.</summary>
internal static class ChartPicture
{
    private const int Width = 900, Height = 700, Left = 90, Top = 74, Right = 30, Bottom = 80;

    /// <summary>Told apart by colour-blind eyes too (Okabe and Ito 2008).</summary>
    public static Ink Blue => new(0, 114, 178);

    public static Ink Vermilion => new(213, 94, 0);

    public static Ink Green => new(0, 158, 115);

    public static Ink Purple => new(204, 121, 167);

    public static void Write(string path, string title, string xName, string yName, IReadOnlyList<ChartLine> lines, double xEnd = 1, double yEnd = 1, bool legendBelow = false)
    {
        var canvas = new Canvas(Width, Height);
        int plotWidth = Width - Left - Right, plotHeight = Height - Top - Bottom;
        int X(double x) => Left + (int)Math.Round(Math.Clamp(x / xEnd, 0, 1) * plotWidth);
        int Y(double y) => Top + plotHeight - (int)Math.Round(Math.Clamp(y / yEnd, 0, 1) * plotHeight);
        for (var i = 0; i <= 5; i++)
        {
            var (x, y) = (xEnd * i / 5, yEnd * i / 5);
            canvas.Line(X(x), Top, X(x), Top + plotHeight, 1, new Ink(225, 227, 230));
            canvas.Line(Left, Y(y), Left + plotWidth, Y(y), 1, new Ink(225, 227, 230));
            canvas.Text(X(x) - 14, Top + plotHeight + 10, x.ToString("0.##", CultureInfo.InvariantCulture), 2, Ink.Dark);
            canvas.Text(Left - 52, Y(y) - 8, y.ToString("0.##", CultureInfo.InvariantCulture), 2, Ink.Dark);
        }

        canvas.Frame(Left, Top, plotWidth + 1, plotHeight + 1, Ink.Grey);
        canvas.Text(Left, 20, Canvas.Fit(title, Width - Left - Right, 2), 2, Ink.Black);
        canvas.Text(Left + (plotWidth / 2) - (Canvas.TextWidth(xName, 2) / 2), Height - 36, xName, 2, Ink.Dark);
        canvas.Text(8, Top - 28, yName, 2, Ink.Dark);
        foreach (var line in lines)
        {
            for (var i = 1; i < line.Points.Count; i++)
            {
                canvas.Line(X(line.Points[i - 1].X), Y(line.Points[i - 1].Y), X(line.Points[i].X), Y(line.Points[i].Y), 3, line.Ink);
            }

            foreach (var (x, y) in line.Dots ? line.Points : [])
            {
                canvas.Fill(X(x) - 4, Y(y) - 4, 9, 9, line.Ink);
            }
        }

        var at = legendBelow ? Top + plotHeight - 20 - (26 * lines.Count) : Top + 14;
        var wide = lines.Max(l => Canvas.TextWidth(l.Name, 2));
        foreach (var line in lines)
        {
            var x = Left + plotWidth - wide - 60;
            canvas.Fill(x - 6, at - 4, wide + 60, 24, Ink.White);
            canvas.Fill(x, at + 5, 32, 5, line.Ink);
            canvas.Text(x + 42, at, line.Name, 2, Ink.Dark);
            at += 26;
        }

        using var picture = canvas.ToRaster();
        picture.CopyTo(path, "PNG", sideFiles: false);
    }
}
