using System.Globalization;
using System.Text;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;

namespace Monitoring.Bench;

/// <summary>
/// The smallest patch that the pair detector finds reliably: roofs of known size, with the contrast of the place's own labelled changes and
/// blurred as the sensor blurs, are planted on stable ground of real pairs, and counted where found.
/// </summary>
internal static class SmallestPatchBench
{
    private const int Seed = 20260501;
    private const int Runs = 20;
    private const int PlantsPerRun = 24;
    private const double Reliable = 0.9;

    /// <summary>m² in a 亩.</summary>
    private const double Mu = 2000.0 / 3;

    /// <summary>
    /// Standard deviation of the blur beyond the pixel's own square, in pixels of a band: with the square's 0.64 it gives 0.25 at the Nyquist frequency, the middle of
    /// what ESA demands of Sentinel-2's MSI (0.15 to 0.30) and near what was measured for Landsat's TM.
    /// </summary>
    private const double Blur = 0.44;

    private static readonly string[] Cities = ["rennes", "abudhabi", "bordeaux", "aguasclaras", "paris"];
    private static readonly int[] SentinelSizes = [500, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6500, 8000, 10_000, 15_000];
    private static readonly int[] LandsatSizes = [3000, 6000, 8000, 10_000, 12_500, 15_000, 20_000, 25_000, 30_000, 40_000, 60_000, 90_000];

    public static async Task RunAsync(string results, CancellationToken cancellation)
    {
        var table = new StringBuilder();
        table.AppendLine("# Smallest patch that the pair detector finds reliably").AppendLine();
        table.AppendLine(CultureInfo.InvariantCulture, $"""
            Squares and rectangles up to 1 : 2, half of them turned, at any place within a pixel, on ground of real pairs that nobody labelled as changed and where the detector finds nothing without them.
            Each gets the contrast of one of the place's own labelled changes (mean difference of its inner pixels, less that of stable ground), added to the real second scene, whose noise and texture stay, after
            a blur of σ = {Blur} pixels of each band. {Runs} runs a place with {PlantsPerRun} roofs of mixed sizes, seed {Seed}; detector {PairDetector.Id} {PairDetector.Version} with its defaults.
            **Found**: the patches cover at least half of the planted area. **Reliable from**: the smallest size from which on, up to the largest, at least {Reliable:P0} are found. *Clear* and *strong* contrast: the half
            and the quarter of the roofs with the highest contrast (root mean square over the bands, in deviations of stable ground). Made by `dotnet run -c Release --project bench -- smallest`.

            """);
        var sentinel = new List<Plant>();
        foreach (var city in Cities)
        {
            sentinel.AddRange(await PlaceAsync(await City(city), SentinelSizes, cancellation));
        }

        Report(table, "Sentinel-2, 10 m (20 m for swir16, swir22): five OSCD cities", SentinelSizes, sentinel);
        Report(table, "Landsat TM, 30 m: Taizhou", LandsatSizes, await PlaceAsync(await Taizhou(), LandsatSizes, cancellation));
        table.AppendLine("There is no real pair with labels at 2 m or 0.8 m in the data folder; nothing is stated for such sensors.");
        Console.WriteLine(table);
        await File.WriteAllTextAsync(Path.Combine(results, "smallest.md"), table.ToString().ReplaceLineEndings("\n"), cancellation);
    }

    private static void Report(StringBuilder table, string title, int[] sizes, List<Plant> plants)
    {
        var contrasts = plants.Select(p => p.Contrast).Order().ToList();
        var clear = plants.Where(p => p.Contrast >= contrasts[contrasts.Count / 2]).ToList();
        var strong = plants.Where(p => p.Contrast >= contrasts[contrasts.Count * 3 / 4]).ToList();
        table.AppendLine(CultureInfo.InvariantCulture, $"## {title}").AppendLine();
        table.AppendLine(CultureInfo.InvariantCulture, $"{plants.Count} planted; contrast {contrasts[contrasts.Count / 4]:F1}, {contrasts[contrasts.Count / 2]:F1}, {contrasts[contrasts.Count * 3 / 4]:F1} at the quartiles. Reliable from: {From(plants)} at every contrast, **{From(clear)}** at clear, **{From(strong)}** at strong contrast.").AppendLine();
        table.AppendLine("| m² | 亩 | planted | found | clear: planted | found | strong: planted | found | area found / planted, median |").AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var size in sizes)
        {
            var (all, some, few) = (plants.Where(p => p.Size == size).ToList(), clear.Where(p => p.Size == size).ToList(), strong.Where(p => p.Size == size).ToList());
            var ratios = all.Where(p => p.IsFound).Select(p => p.Ratio).Order().ToList();
            table.AppendLine(CultureInfo.InvariantCulture,
                $"| {size} | {size / Mu:F1} | {all.Count} | {Share(all):P0} | {some.Count} | {Share(some):P0} | {few.Count} | {Share(few):P0} | {(ratios.Count == 0 ? "" : ratios[ratios.Count / 2].ToString("F2", CultureInfo.InvariantCulture))} |");
        }

        table.AppendLine();

        static double Share(List<Plant> some) => some.Count == 0 ? 0 : some.Count(p => p.IsFound) / (double)some.Count;

        string From(List<Plant> some)
        {
            int? from = null;
            foreach (var size in sizes.Reverse())
            {
                if (Share([.. some.Where(p => p.Size == size)]) < Reliable)
                {
                    break;
                }

                from = size;
            }

            return from is { } least ? string.Create(CultureInfo.InvariantCulture, $"{least} m² ({least / Mu:F1} 亩)") : "no size measured";
        }
    }

    private static async Task<List<Plant>> PlaceAsync(Place place, int[] sizes, CancellationToken cancellation)
    {
        using var folder = new ScratchFolder();
        var random = new Random(Seed);
        using var clean = await PairDetector.DetectAsync(new PairRequest(place.Before, place.After, new PairOptions()), TimeProvider.System, null, cancellation);
        var ground = Ground.Of(place, clean);
        var plants = new List<Plant>();
        for (var run = 0; run < Runs; run++)
        {
            var to = Directory.CreateDirectory(Path.Combine(folder.Path, $"{run}")).FullName;
            var planted = ground.Choose(random, sizes, PlantsPerRun);
            using (var result = await PairDetector.DetectAsync(new PairRequest(place.Before, ground.Write(planted, to), new PairOptions()), TimeProvider.System, null, cancellation))
            {
                plants.AddRange(planted.Select(p => ground.Look(p, result)));
            }

            Directory.Delete(to, recursive: true);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{place.Name}: {plants.Count} planted, {plants.Count(p => p.IsFound)} found"));
        return plants;
    }

    private static async Task<Place> City(string name)
    {
        var root = Path.Combine(Repository.Data(), "oscd", name);
        var dates = (await File.ReadAllLinesAsync(Path.Combine(root, "dates.txt"))).Where(l => l.Contains(':', StringComparison.Ordinal))
            .Select(l => DateTimeOffset.ParseExact(l.Split(':')[1].Trim(), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)).ToArray();
        return new Place(name, Read(Path.Combine(root, "imgs_1"), dates[0]), Read(Path.Combine(root, "imgs_2"), dates[1]), Bytes(Path.Combine(root, "cm", $"{name}-cm.tif"), v => v == 2));
    }

    private static Task<Place> Taizhou()
    {
        var root = Path.Combine(Repository.Data(), "landsat_taizhou");
        return Task.FromResult(new Place(
            "taizhou", Read(Path.Combine(root, "2000TM"), new DateTimeOffset(2000, 3, 17, 2, 0, 0, TimeSpan.Zero)), Read(Path.Combine(root, "2003TM"), new DateTimeOffset(2003, 2, 6, 2, 0, 0, TimeSpan.Zero)),
            Bytes(Path.Combine(root, "change.bmp"), v => v != 0)));
    }

    private static Scene Read(string path, DateTimeOffset acquired)
    {
        var reading = new SceneReader(new SceneOptions(), TimeProvider.System).Read(path, acquired);
        return reading.Scene ?? throw new InvalidOperationException(reading.Problem);
    }

    private static bool[] Bytes(string file, Func<byte, bool> isChange)
    {
        using var data = RasterDataset.Open(file);
        var pixels = new byte[data.Width * data.Height];
        data.Read<byte>(1, data.FullWindow, pixels);
        return [.. pixels.Select(isChange)];
    }

    /// <param name="Labels">Whether a pixel of the first scene's grid is labelled as changed.</param>
    private sealed record Place(string Name, Scene Before, Scene After, bool[] Labels);

    /// <summary>A roof: middle, half sides and angle in pixels of the first scene's grid; what it adds to each band of the second scene.</summary>
    private sealed record Roof(int Size, double X, double Y, double HalfWidth, double HalfHeight, double Angle, double[] Adds, double Contrast)
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

    /// <param name="Ratio">Area of the patches on and beside it, over its own.</param>
    private sealed record Plant(int Size, double Contrast, bool IsFound, double Ratio);

    /// <summary>One band of a scene in memory, with where it lies on the first scene's grid.</summary>
    /// <param name="Scale">Pixels of the grid across one pixel of the band.</param>
    private sealed record Plane(double[] Values, int Width, int Height, double Left, double Top, double Scale)
    {
        public double At(double x, double y) =>
            Values[(Math.Clamp((int)((y - Top) / Scale), 0, Height - 1) * Width) + Math.Clamp((int)((x - Left) / Scale), 0, Width - 1)];
    }

    private sealed class Ground
    {
        private readonly Place _place;
        private readonly bool[] _taken;
        private readonly List<(double[] Adds, double Contrast)> _contrasts;
        private readonly List<Plane> _after;
        private readonly IReadOnlyList<(double X, double Y)> _shifts;
        private readonly double _pixel;
        private readonly int _width;
        private readonly int _height;

        private Ground(Place place, bool[] taken, List<(double[], double)> contrasts, List<Plane> after, IReadOnlyList<(double, double)> shifts, double pixel) =>
            (_place, _taken, _contrasts, _after, _shifts, _pixel, _width, _height) = (place, taken, contrasts, after, shifts, pixel, place.Before.Grid.Width, place.Before.Grid.Height);

        public static Ground Of(Place place, PairResult clean)
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

            var contrasts = new List<(double[], double)>();
            foreach (var group in Groups(place.Labels, grid.Width, grid.Height).Where(g => g.Count >= 9))
            {
                var inner = group.Where(i => Inner(place.Labels, i, grid.Width, grid.Height)).ToList();
                if (inner.Count > 0)
                {
                    double[] adds = [.. Enumerable.Range(0, after.Count).Select(b => inner.Average(i => Difference(b, i)) - middles[b])];
                    contrasts.Add((adds, Math.Sqrt(adds.Select((a, b) => a / spreads[b] * (a / spreads[b])).Average())));
                }
            }

            var (degreesX, degreesY) = Middle(grid);
            return new Ground(place, taken, contrasts, after, shifts, PixelSquareMeters(grid, degreesX, degreesY));

            double Difference(int band, int pixel)
            {
                var (x, y) = ((pixel % grid.Width) + 0.5, (pixel / grid.Width) + 0.5);
                return after[band].At(x + shifts[band].X, y + shifts[band].Y) - before[band].At(x, y);
            }
        }

        public List<Roof> Choose(Random random, int[] sizes, int count)
        {
            var roofs = new List<Roof>();
            for (var attempt = 0; attempt < 20_000 && roofs.Count < count; attempt++)
            {
                var size = sizes[random.Next(sizes.Length)];
                var aspect = Math.Sqrt(1 + random.NextDouble());
                var side = Math.Sqrt(size / _pixel) / 2;
                var angle = random.Next(2) == 0 ? 0 : random.NextDouble() * Math.PI / 2;
                var (adds, contrast) = _contrasts[random.Next(_contrasts.Count)];
                var roof = new Roof(size, random.NextDouble() * _width, random.NextDouble() * _height, side * aspect, side / aspect, angle, adds, contrast);
                if (IsFree(roof) && roofs.TrueForAll(r => Math.Max(Math.Abs(r.X - roof.X), Math.Abs(r.Y - roof.Y)) > r.Radius + roof.Radius + 10))
                {
                    roofs.Add(roof);
                }
            }

            return roofs;
        }

        /// <summary>Copies the second scene with the roofs on it.</summary>
        public Scene Write(List<Roof> roofs, string folder)
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

            return scene.Assets.Count > 1 ? Read(folder, scene.AcquiredAt) : Read(Directory.GetFiles(folder).Single(), scene.AcquiredAt);
        }

        public Plant Look(Roof roof, PairResult result)
        {
            var reach = (int)Math.Ceiling(roof.Radius) + 1;
            var found = Found(result, _place.Before.Grid);
            double all = 0, covered = 0;
            var area = 0;
            for (var y = (int)roof.Y - reach - 4; y <= (int)roof.Y + reach + 4; y++)
            {
                for (var x = (int)roof.X - reach - 4; x <= (int)roof.X + reach + 4; x++)
                {
                    if ((uint)x < (uint)_width && (uint)y < (uint)_height)
                    {
                        var share = roof.Share(x, y, 1);
                        var isFound = found[(y * _width) + x];
                        all += share;
                        covered += isFound ? share : 0;
                        area += isFound ? 1 : 0;
                    }
                }
            }

            return new Plant(roof.Size, roof.Contrast, covered >= 0.5 * all, area * _pixel / roof.Size);
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
                            values[at] = Math.Clamp(Math.Round(values[at] + (roof.Adds[band] * share / weights)), 1, most);
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
    }
}
