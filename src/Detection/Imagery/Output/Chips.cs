using System.Globalization;
using System.Text.Json;
using Monitoring.Detection.Imagery.Drawing;
using Monitoring.Detection.Imagery.Network;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Imagery.Output;

/// <summary>
/// Before and after of single patches as PNG files with world files, north up, with outline, scale bar, dates (docs/formats/detect.md,
/// <c>--chips</c>). Memory is that of one strip of one chip.
/// </summary>
internal static class Chips
{
    /// <summary>Side of the map part, at most.</summary>
    private const int Side = 480;

    /// <summary>Ground around a patch, as a share of its own size and in pixels of the scene at least.</summary>
    private const double Around = 0.5;
    private const int LeastAround = 16;

    private const int Caption = 44;

    /// <summary>Writes the chips of the patches with the highest scores.</summary>
    /// <param name="folder">Made when missing.</param>
    /// <param name="most">Patches at most.</param>
    /// <returns>The files written, the list <c>chips.json</c> last.</returns>
    public static IReadOnlyList<string> Write(PairResult result, string folder, int most, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        Directory.CreateDirectory(folder);
        var request = result.Request;
        var grid = request.Baseline.Grid;
        var pairing = BandPairing.Of(request.Baseline, request.Current);
        int[] colours = RgbBands.Of(pairing) ?? [.. result.Overview.Bands];
        PixelShift[] shifts = [.. colours.Select(k => ShiftOf(result, pairing.Pairs[k].Before))];
        using var before = new GridReader(request.Baseline, grid, [.. colours.Select(k => pairing.Pairs[k].Before)], null, []);
        using var after = new GridReader(request.Current, grid, [.. colours.Select(k => pairing.Pairs[k].After)], null, shifts);
        using var crs = SpatialReference.Parse(grid.CrsWkt);
        using var degrees = SpatialReference.FromEpsg(Outline.Srid);
        using var toGrid = new CoordinateTransform(degrees, crs);
        var said = Provenance.Of(result);
        var across = Provenance.MetersAcross(grid);
        var picked = result.Changes.Patches.OrderByDescending(p => p.Score).ThenByDescending(p => p.Outline.AreaSquareMeters).ThenBy(p => p.Id, StringComparer.Ordinal).Take(most).ToList();

        // One stretch for the whole scene of a date: chips can be compared with each other, and dates of different sensors still show.
        var overview = result.Overview;
        var early = Stretch.Of(overview.Before, result.Model.DecodingBefore[colours[0]].Scale / before.Decoding(0).Scale);
        var late = Stretch.Of(overview.After, result.Model.DecodingAfter[colours[0]].Scale / after.Decoding(0).Scale);
        List<string> files = [];
        using var stream = File.Create(Path.Combine(folder, "chips.json"));
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartArray();
        for (var i = 0; i < picked.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var patch = picked[i];
            var rings = RingsOf(patch, toGrid, GridReader.TransformOf(grid).Invert());
            var window = WindowOf(rings, grid);
            var name = string.Create(CultureInfo.InvariantCulture, $"{i + 1:000}");
            var title = string.Create(CultureInfo.InvariantCulture, $"{DetectOutputs.NameOf(patch.Kind)}, {patch.Outline.AreaSquareMeters:0} m², score {patch.Score:0.00}");
            var (a, b) = (Read(before, window, cancellation), Read(after, window, cancellation));
            var day = (Provenance.Day(request.Baseline, request.BaselineIsDated), Provenance.Day(request.Current, request.CurrentIsDated));
            files.Add(Save(a, early, rings, Path.Combine(folder, $"{name}-before.png"), $"before {day.Item1}", request.Baseline.Id));
            files.Add(Save(b, late, rings, Path.Combine(folder, $"{name}-after.png"), $"after {day.Item2}", request.Current.Id));
            json.WriteStartObject();
            json.WriteString("patch", patch.Id);
            json.WriteString("before", $"{name}-before.png");
            json.WriteString("after", $"{name}-after.png");
            json.WriteString("kind", DetectOutputs.NameOf(patch.Kind));
            json.WriteNumber("score", patch.Score);
            json.WriteNumber("area_m2", Math.Round(patch.Outline.AreaSquareMeters, 1));
            json.WriteStartArray("bbox");
            foreach (var value in new[] { patch.Outline.Box.MinX, patch.Outline.Box.MinY, patch.Outline.Box.MaxX, patch.Outline.Box.MaxY })
            {
                json.WriteNumberValue(Math.Round(value, 8));
            }

            json.WriteEndArray();
            json.WriteEndObject();

            string Save(Chip chip, Stretch tones, List<(double X, double Y)[]> outline, string path, string when, string scene)
            {
                var canvas = Draw(chip, tones, outline, across, title, when, scene);
                using var raster = canvas.ToRaster();
                var origin = GridReader.TransformOf(grid).Apply(window.X, window.Y);
                var size = (GridReader.TransformOf(grid).PixelWidth * chip.Step, -GridReader.TransformOf(grid).PixelHeight * chip.Step);
                raster.Transform = GeoTransform.NorthUp(origin.X, origin.Y, size.Item1, size.Item2);
                raster.SetSpatialReference(crs);
                raster.CopyTo(path, "PNG", ["WORLDFILE=YES", .. Provenance.PngText($"{patch.Id} {when}", said)], cancellation: cancellation);
                return path;
            }
        }

        json.WriteEndArray();
        json.Flush();
        return [.. files, Path.Combine(folder, "chips.json")];
    }

    /// <summary>A part of a scene at the scale of the picture.</summary>
    /// <param name="Step">Pixels of the scene to one of the picture; under 1 when it is enlarged.</param>
    /// <param name="Planes">[red, green, blue][row][column]; NaN where nothing was seen.</param>
    private sealed record Chip(PixelWindow Window, int Width, int Height, double Step, float[] Planes);

    /// <summary>Reads strip by strip; whole numbers of pixels are averaged, or repeated when the patch is small.</summary>
    private static Chip Read(GridReader reader, PixelWindow window, CancellationToken cancellation)
    {
        var longer = Math.Max(window.Width, window.Height);
        int down = Math.Max(1, (longer + Side - 1) / Side), up = down > 1 ? 1 : Math.Max(1, Side / longer);
        int width = Math.Max(1, window.Width / down) * up, height = Math.Max(1, window.Height / down) * up;
        var planes = new float[3 * width * height];
        var strip = new float[3 * window.Width * down];
        var quality = new PixelQuality[window.Width * down];
        for (var row = 0; row < height / up; row++)
        {
            var rows = Math.Min(down, window.Height - (row * down));
            reader.Read(new PixelWindow(window.X, window.Y + (row * down), window.Width, rows), strip, quality, cancellation);
            for (var c = 0; c < 3; c++)
            {
                for (var column = 0; column < width / up; column++)
                {
                    var (sum, count) = (0f, 0);
                    for (var v = 0; v < rows; v++)
                    {
                        for (var u = column * down; u < Math.Min(window.Width, (column + 1) * down); u++)
                        {
                            var i = (v * window.Width) + u;
                            if (quality[i] != PixelQuality.NoData)
                            {
                                sum += strip[(c * rows * window.Width) + i];
                                count++;
                            }
                        }
                    }

                    for (var v = row * up; v < (row + 1) * up; v++)
                    {
                        planes.AsSpan((((c * height) + v) * width) + (column * up), up).Fill(count == 0 ? float.NaN : sum / count);
                    }
                }
            }
        }

        return new Chip(window, width, height, down / (double)up, planes);
    }

    private static Canvas Draw(Chip chip, Stretch tones, List<(double X, double Y)[]> outline, double metersAcross, string title, string when, string scene)
    {
        var canvas = new Canvas(Math.Max(chip.Width, 240), chip.Height + Caption);
        for (var y = 0; y < chip.Height; y++)
        {
            for (var x = 0; x < chip.Width; x++)
            {
                canvas.Set(x, y, tones.Ink(chip.Planes, (y * chip.Width) + x, chip.Width * chip.Height));
            }
        }

        foreach (var (thick, ink) in new[] { (4, Ink.Black), (2, Ink.Change) })
        {
            foreach (var ring in outline)
            {
                for (var i = 1; i < ring.Length; i++)
                {
                    var (from, to) = (At(ring[i - 1]), At(ring[i]));
                    canvas.Line(from.X, from.Y, to.X, to.Y, thick, ink);
                }
            }
        }

        // The strip below is no part of the map: the outline ends at its edge.
        canvas.Fill(0, chip.Height, canvas.Width, Caption, Ink.White);
        canvas.Fill(chip.Width, 0, canvas.Width - chip.Width, chip.Height, Ink.White);
        canvas.Text(4, chip.Height + 4, Canvas.Fit(when, canvas.Width - 24, 1), 1, Ink.Dark);
        canvas.Text(4, chip.Height + 15, Canvas.Fit(title, canvas.Width - 24, 1), 1, Ink.Dark);
        canvas.Text(4, chip.Height + 30, Canvas.Fit(scene, (canvas.Width / 2) - 8, 1), 1, Ink.Grey);
        canvas.ScaleBar(canvas.Width / 2, chip.Height + 40, metersAcross * chip.Step, (canvas.Width / 2) - 24, 1, Ink.Dark);
        canvas.North(canvas.Width - 9, chip.Height + 2, 1, Ink.Dark);
        return canvas;

        (int X, int Y) At((double X, double Y) pixel) =>
            ((int)Math.Floor((pixel.X - chip.Window.X) / chip.Step), (int)Math.Floor((pixel.Y - chip.Window.Y) / chip.Step));
    }

    /// <summary>The patch's box with ground around it, inside the raster.</summary>
    private static PixelWindow WindowOf(List<(double X, double Y)[]> rings, Grid grid)
    {
        var points = rings.SelectMany(r => r).ToList();
        double left = points.Min(p => p.X), right = points.Max(p => p.X), top = points.Min(p => p.Y), bottom = points.Max(p => p.Y);
        var margin = Math.Max(LeastAround, Around * Math.Max(right - left, bottom - top));
        int x0 = (int)Math.Clamp(Math.Floor(left - margin), 0, grid.Width - 1), x1 = (int)Math.Clamp(Math.Ceiling(right + margin), x0 + 1, grid.Width);
        int y0 = (int)Math.Clamp(Math.Floor(top - margin), 0, grid.Height - 1), y1 = (int)Math.Clamp(Math.Ceiling(bottom + margin), y0 + 1, grid.Height);
        return new PixelWindow(x0, y0, x1 - x0, y1 - y0);
    }

    /// <summary>The outline's rings in pixels of the grid.</summary>
    private static List<(double X, double Y)[]> RingsOf(ChangePatch patch, CoordinateTransform toGrid, GeoTransform toPixels)
    {
        List<(double X, double Y)[]> rings = [];
        for (var g = 0; g < patch.Outline.Shape.NumGeometries; g++)
        {
            if (patch.Outline.Shape.GetGeometryN(g) is Polygon polygon)
            {
                rings.Add(Ring(polygon.ExteriorRing));
                rings.AddRange(polygon.InteriorRings.Select(Ring));
            }
        }

        return rings;

        (double X, double Y)[] Ring(LineString line)
        {
            double[] xs = [.. line.Coordinates.Select(c => c.X)], ys = [.. line.Coordinates.Select(c => c.Y)];
            toGrid.Transform(xs, ys);
            return [.. xs.Zip(ys, toPixels.Apply)];
        }
    }

    /// <summary>How far the current scene was moved, as the change set states it.</summary>
    private static PixelShift ShiftOf(PairResult result, int band)
    {
        var name = result.Request.Baseline.Bands[band].Name;
        return new(result.Changes.Statistics.GetValueOrDefault($"shift_x_{name}"), result.Changes.Statistics.GetValueOrDefault($"shift_y_{name}"));
    }
}
