using Monitoring.Detection.Imagery.Pair;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Bench;

/// <param name="Labels">Whether a pixel of the first scene's grid is labelled as changed.</param>
internal sealed record Place(string Name, Scene Before, Scene After, bool[] Labels);

/// <summary>A roof: middle, half sides and angle in pixels of the first scene's grid; the change whose contrast it has.</summary>
internal sealed record Roof(int Size, double X, double Y, double HalfWidth, double HalfHeight, double Angle, Change Change)
{
    public double Radius => Math.Sqrt((HalfWidth * HalfWidth) + (HalfHeight * HalfHeight));

    public bool Holds(double x, double y)
    {
        var (cos, sin) = (Math.Cos(Angle), Math.Sin(Angle));
        var (u, v) = (((x - X) * cos) + ((y - Y) * sin), ((y - Y) * cos) - ((x - X) * sin));
        return Math.Abs(u) <= HalfWidth && Math.Abs(v) <= HalfHeight;
    }

    /// <summary>Share of a square that it covers.</summary>
    public double Share(double left, double top, double side)
    {
        const int steps = 6;
        var inside = 0;
        for (var j = 0; j < steps; j++)
        {
            for (var i = 0; i < steps; i++)
            {
                inside += Holds(left + ((i + 0.5) * side / steps), top + ((j + 0.5) * side / steps)) ? 1 : 0;
            }
        }

        return inside / (double)(steps * steps);
    }
}

/// <summary>A labelled change: what it adds to each band of the second scene.</summary>
/// <param name="Adds">On average over its inner pixels.</param>
/// <param name="Contrast">Root mean square of that over the bands, in deviations of stable ground.</param>
/// <param name="Texture">Of each band what the pixels of a rectangle within it add more; rows of <paramref name="Width"/>.</param>
internal sealed record Change(double[] Adds, double Contrast, double[][] Texture, int Width)
{
    /// <summary>Texture at a place from the middle; beyond the rectangle its mirror image.</summary>
    public double TextureAt(int band, double x, double y)
    {
        var height = Texture[band].Length / Width;
        return Texture[band][(Mirrored((int)Math.Floor(y) + (height / 2), height) * Width) + Mirrored((int)Math.Floor(x) + (Width / 2), Width)];
    }

    private static int Mirrored(int at, int count)
    {
        var turn = ((at % (2 * count)) + (2 * count)) % (2 * count);
        return turn < count ? turn : (2 * count) - 1 - turn;
    }
}

/// <summary>Stable ground of a real pair, on which roofs with the contrast and texture of the pair's own labelled changes are planted.</summary>
internal sealed class PlantedGround
{
    /// <summary>
    /// Standard deviation of the blur beyond the pixel's own square, in pixels of a band: with the square's 0.64 it gives 0.25 at the Nyquist frequency, the middle of
    /// what ESA demands of Sentinel-2's MSI (0.15 to 0.30) and near what was measured for Landsat's TM.
    /// </summary>
    public const double Blur = 0.44;

    private readonly Place _place;
    private readonly bool[] _taken;
    private readonly List<Change> _changes;
    private readonly List<Plane> _after;
    private readonly IReadOnlyList<(double X, double Y)> _shifts;
    private readonly double _pixel;
    private readonly int _width;
    private readonly int _height;

    private PlantedGround(Place place, bool[] taken, List<Change> changes, List<Plane> after, IReadOnlyList<(double, double)> shifts, double pixel) =>
        (_place, _taken, _changes, _after, _shifts, _pixel, _width, _height) = (place, taken, changes, after, shifts, pixel, place.Before.Grid.Width, place.Before.Grid.Height);

    public static PlantedGround Of(Place place, PairResult clean)
    {
        var grid = place.Before.Grid;
        var taken = Found(clean, grid);
        var hidden = new byte[grid.Width];
        var rows = clean.HiddenRows();
        for (var y = 0; y < grid.Height; y++)
        {
            rows(y, hidden);
            for (var x = 0; x < grid.Width; x++)
            {
                taken[(y * grid.Width) + x] |= hidden[x] != 0 || place.Labels[(y * grid.Width) + x];
            }
        }

        var (before, after) = (Planes(place.Before, grid), Planes(place.After, grid));
        (double X, double Y)[] shifts = [.. clean.Model.Shifts.Select(s => (s.X, s.Y))];
        var (middles, spreads) = (new double[after.Count], new double[after.Count]);
        for (var b = 0; b < after.Count; b++)
        {
            var stable = Enumerable.Range(0, taken.Length).Where(i => !taken[i] && i % 7 == 0).Select(i => Difference(b, i)).Order().ToArray();
            middles[b] = stable[stable.Length / 2];
            spreads[b] = Math.Max(0.5, 1.4826 * stable.Select(d => Math.Abs(d - middles[b])).Order().ElementAt(stable.Length / 2));
        }

        var changes = new List<Change>();
        foreach (var group in Groups(place.Labels, grid.Width, grid.Height).Where(g => g.Count >= 9))
        {
            var inner = group.Where(i => Inner(place.Labels, i, grid.Width, grid.Height)).ToHashSet();
            if (inner.Count > 0)
            {
                double[] adds = [.. Enumerable.Range(0, after.Count).Select(b => inner.Average(i => Difference(b, i)) - middles[b])];
                var contrast = Math.Sqrt(adds.Select((a, b) => a / spreads[b] * (a / spreads[b])).Average());
                var (rectangle, width) = LargestRectangle(inner, grid.Width);
                double[][] texture = [.. Enumerable.Range(0, after.Count).Select(b => Uneven([.. rectangle.Select(i => Difference(b, i))]))];
                changes.Add(new Change(adds, contrast, texture, width));
            }
        }

        var (degreesX, degreesY) = Middle(grid);
        return new PlantedGround(place, taken, changes, after, shifts, PixelSquareMeters(grid, degreesX, degreesY));

        double Difference(int band, int pixel)
        {
            var (x, y) = ((pixel % grid.Width) + 0.5, (pixel / grid.Width) + 0.5);
            return after[band].At(x + shifts[band].X, y + shifts[band].Y) - before[band].At(x, y);
        }
    }

    /// <param name="leastContrast">Only changes from this contrast on lend theirs.</param>
    public List<Roof> Choose(Random random, int[] sizes, int count, double leastContrast = 0)
    {
        var roofs = new List<Roof>();
        var changes = _changes.FindAll(c => c.Contrast >= leastContrast);
        if (changes.Count == 0)
        {
            return roofs;
        }

        for (var attempt = 0; attempt < 20_000 && roofs.Count < count; attempt++)
        {
            var size = sizes[random.Next(sizes.Length)];
            var aspect = Math.Sqrt(1 + random.NextDouble());
            var side = Math.Sqrt(size / _pixel) / 2;
            var angle = random.Next(2) == 0 ? 0 : random.NextDouble() * Math.PI / 2;
            var change = changes[random.Next(changes.Count)];
            var roof = new Roof(size, random.NextDouble() * _width, random.NextDouble() * _height, side * aspect, side / aspect, angle, change);
            if (IsFree(roof) && roofs.TrueForAll(r => Math.Max(Math.Abs(r.X - roof.X), Math.Abs(r.Y - roof.Y)) > r.Radius + roof.Radius + 10))
            {
                roofs.Add(roof);
            }
        }

        return roofs;
    }

    /// <summary>Copies the second scene with the roofs on it.</summary>
    public void Write(List<Roof> roofs, string folder)
    {
        var scene = _place.After;
        for (var a = 0; a < scene.Assets.Count; a++)
        {
            using var from = RasterDataset.Open(scene.Assets[a].Path);
            var name = Path.GetFileName(scene.Assets[a].Path);
            using var to = RasterDataset.Create(Path.Combine(folder, name.EndsWith(".tif", StringComparison.OrdinalIgnoreCase) ? name : name + ".tif"), "GTiff", from.Width, from.Height, from.BandCount, from.GetBand(1).Type);
            to.Transform = from.Transform;
            using (var crs = from.GetSpatialReference())
            {
                to.SetSpatialReference(crs);
            }

            for (var b = 0; b < scene.Bands.Count; b++)
            {
                if (scene.Bands[b].AssetIndex == a)
                {
                    to.Write<double>(scene.Bands[b].BandIndex, to.FullWindow, Planted(b, roofs, from.GetBand(1).Type == PixelType.UInt8 ? 255 : 65535));
                }
            }
        }
    }

    /// <summary>Whether patches cover half of a roof, and the area of the patches on and beside it over its own.</summary>
    public (bool IsFound, double Ratio) Look(Roof roof, PairResult result)
    {
        var found = Found(result, _place.Before.Grid);
        double all = 0, covered = 0;
        var area = 0;
        foreach (var (x, y, share) in PixelsOf(roof, beside: 4))
        {
            var isFound = found[(y * _width) + x];
            all += share;
            covered += isFound ? share : 0;
            area += isFound ? 1 : 0;
        }

        return (covered >= 0.5 * all, area * _pixel / roof.Size);
    }

    /// <summary>Pixels of the first scene's grid on a roof and some beside it, with the share of each that it covers.</summary>
    public IEnumerable<(int X, int Y, double Share)> PixelsOf(Roof roof, int beside = 0)
    {
        var reach = (int)Math.Ceiling(roof.Radius) + 1;
        for (var y = (int)roof.Y - reach - beside; y <= (int)roof.Y + reach + beside; y++)
        {
            for (var x = (int)roof.X - reach - beside; x <= (int)roof.X + reach + beside; x++)
            {
                if ((uint)x < (uint)_width && (uint)y < (uint)_height)
                {
                    yield return (x, y, roof.Share(x, y, 1));
                }
            }
        }
    }

    private bool IsFree(Roof roof)
    {
        var reach = (int)Math.Ceiling(roof.Radius) + 6;
        for (var y = (int)roof.Y - reach; y <= (int)roof.Y + reach; y++)
        {
            for (var x = (int)roof.X - reach; x <= (int)roof.X + reach; x++)
            {
                if ((uint)x >= (uint)_width || (uint)y >= (uint)_height || _taken[(y * _width) + x])
                {
                    return false;
                }
            }
        }

        return true;
    }

    private double[] Planted(int band, List<Roof> roofs, double most)
    {
        var plane = _after[band];
        double[] values = [.. plane.Values];
        const int reach = 2;
        foreach (var roof in roofs)
        {
            // Where the ground of the first scene lies in the second.
            var moved = roof with { X = roof.X + _shifts[band].X, Y = roof.Y + _shifts[band].Y };
            int Column(double x) => (int)Math.Floor((x - plane.Left) / plane.Scale);
            int Row(double y) => (int)Math.Floor((y - plane.Top) / plane.Scale);
            for (var y = Math.Max(0, Row(moved.Y - moved.Radius) - reach); y <= Math.Min(plane.Height - 1, Row(moved.Y + moved.Radius) + reach); y++)
            {
                for (var x = Math.Max(0, Column(moved.X - moved.Radius) - reach); x <= Math.Min(plane.Width - 1, Column(moved.X + moved.Radius) + reach); x++)
                {
                    double share = 0, weights = 0;
                    for (var v = -4; v <= 4; v++)
                    {
                        for (var u = -4; u <= 4; u++)
                        {
                            // Steps of a third of a pixel, to three deviations.
                            var weight = Math.Exp(-((u * u) + (v * v)) / 9.0 / (2 * Blur * Blur));
                            weights += weight;
                            share += weight * moved.Share(plane.Left + ((x + (u / 3.0)) * plane.Scale), plane.Top + ((y + (v / 3.0)) * plane.Scale), plane.Scale);
                        }
                    }

                    var at = (y * plane.Width) + x;
                    if (share > 0 && values[at] > 0)
                    {
                        double middleX = plane.Left + ((x + 0.5) * plane.Scale), middleY = plane.Top + ((y + 0.5) * plane.Scale);
                        var adds = roof.Change.Adds[band] + roof.Change.TextureAt(band, middleX - moved.X, middleY - moved.Y);
                        values[at] = Math.Clamp(Math.Round(values[at] + (adds * share / weights)), 1, most);
                    }
                }
            }
        }

        return values;
    }

    private static bool[] Found(PairResult result, Grid grid)
    {
        var found = new bool[grid.Width * grid.Height];
        foreach (var run in result.Pixels.SelectMany(p => p))
        {
            found.AsSpan((run.Row * grid.Width) + run.From, run.Length).Fill(true);
        }

        return found;
    }

    private static List<Plane> Planes(Scene scene, Grid grid)
    {
        var planes = new List<Plane>();
        foreach (var band in scene.Bands)
        {
            using var file = RasterDataset.Open(scene.Assets[band.AssetIndex].Path);
            var at = file.Transform!.Value;
            var values = new double[file.Width * file.Height];
            file.Read<double>(band.BandIndex, file.FullWindow, values);
            planes.Add(new Plane(
                values, file.Width, file.Height, (at.OriginX - grid.Transform[0]) / grid.Transform[1], (at.OriginY - grid.Transform[3]) / grid.Transform[5], at.PixelWidth / grid.Transform[1]));
        }

        return planes;
    }

    private static List<List<int>> Groups(bool[] labels, int width, int height)
    {
        var (seen, groups) = (new bool[labels.Length], new List<List<int>>());
        for (var start = 0; start < labels.Length; start++)
        {
            if (!labels[start] || seen[start])
            {
                continue;
            }

            List<int> group = [start];
            seen[start] = true;
            for (var next = 0; next < group.Count; next++)
            {
                foreach (var i in Around(group[next], width, height).Where(i => labels[i] && !seen[i]))
                {
                    seen[i] = true;
                    group.Add(i);
                }
            }

            groups.Add(group);
        }

        return groups;
    }

    /// <summary>Pixels of the largest upright rectangle of pixels of a group, row by row, and its width; the first found where there are several.</summary>
    private static (List<int> Pixels, int Width) LargestRectangle(HashSet<int> group, int width)
    {
        var best = (From: 0, Width: 0, Height: 0);
        foreach (var from in group.Order())
        {
            var most = int.MaxValue;
            for (var height = 1; most > 0 && group.Contains(from + ((height - 1) * width)); height++)
            {
                var run = 0;
                while (run < most && group.Contains(from + ((height - 1) * width) + run))
                {
                    run++;
                }

                most = run;
                best = most * height > best.Width * best.Height ? (from, most, height) : best;
            }
        }

        return ([.. Enumerable.Range(0, best.Width * best.Height).Select(i => best.From + (i / best.Width * width) + (i % best.Width))], best.Width);
    }

    private static double[] Uneven(double[] values)
    {
        var mean = values.Average();
        return [.. values.Select(v => v - mean)];
    }

    private static bool Inner(bool[] labels, int pixel, int width, int height) => Around(pixel, width, height).Count(i => labels[i]) == 9;

    private static IEnumerable<int> Around(int pixel, int width, int height)
    {
        for (var y = Math.Max(0, (pixel / width) - 1); y <= Math.Min(height - 1, (pixel / width) + 1); y++)
        {
            for (var x = Math.Max(0, (pixel % width) - 1); x <= Math.Min(width - 1, (pixel % width) + 1); x++)
            {
                yield return (y * width) + x;
            }
        }
    }

    private static (double X, double Y) Middle(Grid grid) =>
        (grid.Transform[0] + (grid.Transform[1] * grid.Width / 2), grid.Transform[3] + (grid.Transform[5] * grid.Height / 2));

    private static double PixelSquareMeters(Grid grid, double x, double y)
    {
        using var crs = SpatialReference.Parse(grid.CrsWkt);
        using var degrees = SpatialReference.FromEpsg(4490);
        using var transform = new CoordinateTransform(crs, degrees);
        var (at, right, down) = (transform.Transform(x, y), transform.Transform(x + grid.Transform[1], y), transform.Transform(x, y + grid.Transform[5]));
        return Geodesic.Cgcs2000.Inverse(at.X, at.Y, right.X, right.Y).Metres * Geodesic.Cgcs2000.Inverse(at.X, at.Y, down.X, down.Y).Metres;
    }

    /// <summary>One band of a scene in memory, with where it lies on the first scene's grid.</summary>
    /// <param name="Scale">Pixels of the grid across one pixel of the band.</param>
    private sealed record Plane(double[] Values, int Width, int Height, double Left, double Top, double Scale)
    {
        public double At(double x, double y) =>
            Values[(Math.Clamp((int)((y - Top) / Scale), 0, Height - 1) * Width) + Math.Clamp((int)((x - Left) / Scale), 0, Width - 1)];
    }
}
