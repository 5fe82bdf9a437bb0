using System.Globalization;
using System.Text;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Pair;

namespace Monitoring.Bench;

/// <summary>
/// The smallest patch that the pair detector finds reliably: roofs of known size, with the contrast and the texture of the place's own labelled
/// changes and blurred as the sensor blurs, are planted on stable ground of real pairs, and counted where found.
/// </summary>
internal static class SmallestPatchBench
{
    private const int Seed = 20260501;
    private const int Runs = 20;
    private const int PlantsPerRun = 24;
    private const double Reliable = 0.9;

    /// <summary>m² in a 亩.</summary>
    private const double Mu = 2000.0 / 3;

    private static readonly int[] SentinelSizes = [500, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6500, 8000, 10_000, 15_000];
    private static readonly int[] LandsatSizes = [3000, 6000, 8000, 10_000, 12_500, 15_000, 20_000, 25_000, 30_000, 40_000, 60_000, 90_000];

    public static async Task RunAsync(string results, CancellationToken cancellation)
    {
        var table = new StringBuilder();
        var trained = await AccuracyBench.TableAsync(cancellation);
        table.AppendLine("# Smallest patch that the pair detector finds reliably").AppendLine();
        table.AppendLine(CultureInfo.InvariantCulture, $"""
            Squares and rectangles up to 1 : 2, half of them turned, at any place within a pixel, on ground of real pairs that nobody labelled as changed and where the detector finds nothing without them.
            Each gets the contrast of one of the place's own labelled changes (mean difference of its inner pixels, less that of stable ground) and its texture (that of the largest rectangle of these, mirrored on), added to the real
            second scene, whose noise and texture stay; edges have a blur of σ = {PlantedGround.Blur} pixels of each band. {Runs} runs a place with {PlantsPerRun} roofs of mixed sizes, seed {Seed}; detector {PairDetector.Id} {PairDetector.Version} with its defaults.
            **Seen**: the candidates cover at least half of the planted area (`--every-change`). **Told**: so do the patches that the object model keeps, by default. It asks whether people would call it urban change, and learnt from
            labels that seldom name anything small and from roofs that were planted with other sizes and another seed; the ground it was planted on counts as well. **Each OSCD city is left out**: the model that chooses there, and its bound, were
            trained on the labels and the planted roofs of the other four cities alone; Taizhou, which nobody trains on, has the shipped model. **Reliable from**: the smallest size from which on, up to the largest, at least {Reliable:P0} are. *Clear* and *strong* contrast: the half and the quarter with the highest contrast (root mean square over the bands, in deviations of stable ground). Made by `dotnet run -c Release --project bench -- smallest`.

            """);
        var sentinel = new List<Plant>();
        foreach (var city in LabelledPlaces.Cities)
        {
            var model = ObjectTraining.Train([.. trained.Where(p => p.City != city)], $"without {city}");
            sentinel.AddRange(await PlaceAsync(await LabelledPlaces.CityAsync(city), SentinelSizes, model, cancellation));
        }

        Report(table, "Sentinel-2, 10 m (20 m for swir16, swir22): five OSCD cities", SentinelSizes, sentinel);
        Report(table, "Landsat TM, 30 m: Taizhou", LandsatSizes, await PlaceAsync(LabelledPlaces.Taizhou(), LandsatSizes, ObjectTraining.Train(trained, ObjectTraining.ModelVersion), cancellation));
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
        table.AppendLine(CultureInfo.InvariantCulture, $"{plants.Count} planted; contrast {contrasts[contrasts.Count / 4]:F1}, {contrasts[contrasts.Count / 2]:F1}, {contrasts[contrasts.Count * 3 / 4]:F1} at the quartiles.").AppendLine();
        table.AppendLine("| reliable from | every contrast | clear | strong |").AppendLine("|---|---|---|---|");
        table.AppendLine(CultureInfo.InvariantCulture, $"| seen | {From(plants, p => p.IsSeen)} | **{From(clear, p => p.IsSeen)}** | {From(strong, p => p.IsSeen)} |");
        table.AppendLine(CultureInfo.InvariantCulture, $"| told | {From(plants, p => p.IsTold)} | **{From(clear, p => p.IsTold)}** | {From(strong, p => p.IsTold)} |").AppendLine();
        table.AppendLine("| m² | 亩 | planted | seen | told | clear: planted | seen | told | strong: planted | seen | told | area told / planted, median |").AppendLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var size in sizes)
        {
            var (all, some, few) = (plants.Where(p => p.Size == size).ToList(), clear.Where(p => p.Size == size).ToList(), strong.Where(p => p.Size == size).ToList());
            var ratios = all.Where(p => p.IsTold).Select(p => p.Ratio).Order().ToList();
            table.AppendLine(CultureInfo.InvariantCulture,
                $"| {size} | {size / Mu:F1} | {Shares(all)} | {Shares(some)} | {Shares(few)} | {(ratios.Count == 0 ? "" : ratios[ratios.Count / 2].ToString("F2", CultureInfo.InvariantCulture))} |");
        }

        table.AppendLine();

        static double Share(List<Plant> some, Func<Plant, bool> counts) => some.Count == 0 ? 0 : some.Count(counts) / (double)some.Count;

        static string Shares(List<Plant> some) => string.Create(CultureInfo.InvariantCulture, $"{some.Count} | {Share(some, p => p.IsSeen):P0} | {Share(some, p => p.IsTold):P0}");

        string From(List<Plant> some, Func<Plant, bool> counts)
        {
            int? from = null;
            foreach (var size in sizes.Reverse())
            {
                if (Share([.. some.Where(p => p.Size == size)], counts) < Reliable)
                {
                    break;
                }

                from = size;
            }

            return from is { } least ? string.Create(CultureInfo.InvariantCulture, $"{least} m² ({least / Mu:F1} 亩)") : "no size measured";
        }
    }

    private static async Task<List<Plant>> PlaceAsync(Place place, int[] sizes, ObjectModel model, CancellationToken cancellation)
    {
        using var folder = new ScratchFolder();
        var random = new Random(Seed);
        using var clean = await PairDetector.DetectAsync(new PairRequest(place.Before, place.After, new PairOptions { Choice = ObjectChoice.Everything }), TimeProvider.System, null, cancellation);
        var ground = PlantedGround.Of(place, clean);
        var plants = new List<Plant>();
        for (var run = 0; run < Runs; run++)
        {
            var to = Path.Combine(folder.Path, $"{run}");
            var planted = ground.Choose(random, sizes, PlantsPerRun);
            var after = LabelledPlaces.Planted(place, ground, planted, to);
            using var seen = await PairDetector.DetectAsync(new PairRequest(place.Before, after, new PairOptions { Choice = ObjectChoice.Everything, Model = model }), TimeProvider.System, null, cancellation);
            using var told = await PairDetector.DetectAsync(new PairRequest(place.Before, after, new PairOptions { Model = model }), TimeProvider.System, null, cancellation);
            plants.AddRange(planted.Select(p =>
            {
                var (isTold, ratio) = ground.Look(p, told);
                return new Plant(p.Size, p.Change.Contrast, ground.Look(p, seen).IsFound, isTold, ratio);
            }));
            Directory.Delete(to, recursive: true);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{place.Name}: {plants.Count} planted, {plants.Count(p => p.IsSeen)} seen, {plants.Count(p => p.IsTold)} told"));
        return plants;
    }

    /// <param name="IsSeen">Whether candidates cover it.</param>
    /// <param name="IsTold">Whether kept patches do.</param>
    /// <param name="Ratio">Area of the patches told on and beside it, over its own.</param>
    private sealed record Plant(int Size, double Contrast, bool IsSeen, bool IsTold, double Ratio);
}
