using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Pair;

namespace Monitoring.Bench;

/// <summary>
/// Roofs planted on stable ground of the labelled pairs, for training: labels of 10 m scenes seldom name anything small, and a model that has seen
/// no small roof drops it. Other seed and other sizes than <see cref="SmallestPatchBench"/> measures with, which besides leaves the place out.
/// </summary>
internal static class PlantedRoofs
{
    private const int Seed = 7;
    private const int Runs = 10;
    private const int PlantsPerRun = 24;

    /// <summary>Least contrast in deviations of stable ground; half of what is labelled in these cities has less, and what hardly differs teaches little.</summary>
    private const double LeastContrast = 4;

    /// <summary>Least share of a candidate that is roof; with less it is another change that a roof touches.</summary>
    private const double LeastShare = 0.25;

    private static readonly int[] Sizes = [1200, 1800, 2700, 4500, 6000, 9000, 12_000];

    /// <returns>The candidates that the planted roofs made; changed is what is roof.</returns>
    public static async Task<IReadOnlyList<LabelledObject>> CandidatesAsync(Place place, CancellationToken cancellation)
    {
        using var folder = new ScratchFolder();
        var random = new Random(Seed);
        using var clean = await PairDetector.DetectAsync(new PairRequest(place.Before, place.After, new PairOptions { Choice = ObjectChoice.Everything }), TimeProvider.System, null, cancellation);
        var ground = PlantedGround.Of(place, clean);
        var objects = new List<LabelledObject>();
        for (var run = 0; run < Runs; run++)
        {
            var to = Path.Combine(folder.Path, $"{run}");
            var roofs = ground.Choose(random, Sizes, PlantsPerRun, LeastContrast);
            var after = LabelledPlaces.Planted(place, ground, roofs, to);
            var options = new PairOptions { Choice = ObjectChoice.Everything, Model = ObjectTraining.Blank };
            using var found = await PairDetector.DetectAsync(new PairRequest(place.Before, after, options), TimeProvider.System, null, cancellation);
            var roof = new double[found.Objects.Count];
            var labels = ObjectTraining.LabelsOf(found);
            foreach (var (x, y, share) in roofs.SelectMany(r => ground.PixelsOf(r)))
            {
                var label = labels[(y * place.Before.Grid.Width) + x];
                if (label > 0)
                {
                    roof[label - 1] += share;
                }
            }

            objects.AddRange(found.Objects.Select((o, i) => new LabelledObject(o.Features, (int)o.Sums.Pixels, (int)Math.Round(Math.Min(o.Sums.Pixels, roof[i])), (int)o.Sums.Pixels))
                .Where(o => o.Changed >= LeastShare * o.Known));
            Directory.Delete(to, recursive: true);
        }

        return objects;
    }
}
