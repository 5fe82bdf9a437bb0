using System.Runtime.CompilerServices;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Pair.Sampling;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>
/// Finds what changed between two scenes: match bands → sample (register, normalise, learn the noise, choose the threshold) → score tile
/// by tile → mask clouds → group, sieve, name and outline patches. docs/algorithms/pair.md gives the formulas.
/// </summary>
/// <remarks>Stateless and thread-safe. The same scenes, options and version give the same change set.</remarks>
public static class PairDetector
{
    public const string Id = "imagery-pair";

    /// <summary>Changes whenever a result may.</summary>
    public const string Version = "9";

    internal const int ScoreSteps = 16;
    internal const byte NotObserved = 255;

    /// <summary>Places along a side are counted in 32 bits, with room for what lies beyond it.</summary>
    private const int LongestSide = 1 << 30;

    /// <summary>Longer side of the overview.</summary>
    private const int OverviewPixels = 800;

    /// <exception cref="ImageryException">The scenes cannot be compared; one sentence.</exception>
    /// <exception cref="GdalException">A file is damaged; one sentence.</exception>
    public static Task<PairResult> DetectAsync(PairRequest request, TimeProvider time, IProgress<DetectProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Validate();
        return Task.Run(() => Detect(request, time, progress, cancellation), cancellation);
    }

    private static PairResult Detect(PairRequest request, TimeProvider time, IProgress<DetectProgress>? progress, CancellationToken cancellation)
    {
        var (before, after) = (request.Baseline, request.Current);
        var grid = before.Grid;
        var transform = GridReader.TransformOf(grid);
        if (!transform.IsNorthUp)
        {
            throw new ImageryException(transform.RowRotation == 0 && transform.ColumnRotation == 0
                ? $"The rows or columns of \"{before.Id}\" run from south to north or from east to west: warp the scene to a north-up grid first (for example with gdalwarp)."
                : $"The grid of \"{before.Id}\" is rotated: warp the scene to a north-up grid first (for example with gdalwarp).");
        }

        if (Math.Max(grid.Width, grid.Height) > LongestSide)
        {
            throw new ImageryException($"The grid of \"{before.Id}\" has {grid.Width} × {grid.Height} pixels, and a side has at most {LongestSide}: cut the scene into parts.");
        }

        if (!before.Footprint.Box.Intersects(after.Footprint.Box))
        {
            throw new ImageryException($"\"{before.Id}\" and \"{after.Id}\" do not lie on the same ground: choose two scenes of one place.");
        }

        var pairing = BandPairing.Of(before, after);
        var memory = PassLayout.MemoryFor(request.Options, pairing.Pairs.Count);
        request = request with { Options = request.Options with { TilePixels = PassLayout.SideFor(request.Options.TilePixels, pairing.Pairs.Count, memory.Most) } };
        var folder = TemporaryFolder.Create(request.Options.TemporaryFolder);
        PassLayers? layers = null;

        // Finding the way to degrees costs one thread as long as reading the sample costs all.
        var placing = Task.Run(() => GridGeodesy.Of(grid), CancellationToken.None);
        IReadOnlyList<PieceSpool> pieces = [];
        try
        {
            var costs = new List<StageCost>();
            var start = time.GetTimestamp();
            var (model, readers) = new PairSampler(request, pairing, () => placing.GetAwaiter().GetResult().GsdMeters, memory).Learn(progress, cancellation);
            using (readers)
            {
                var geodesy = placing.GetAwaiter().GetResult();
                costs.Add(Cost("sample", model.SamplePixels * 2L * pairing.Pairs.Count * sizeof(float)));
                layers = new PassLayers(folder, grid.Width, grid.Height, request.KeepScores || request.Scores is not null);
                var cells = new CloudCells(grid.Width, grid.Height, geodesy.GsdMeters, request.Options.TilePixels);
                var overview = new PairOverview(grid, pairing, OverviewPixels);
                var budget = new PieceBudget(folder, memory);
                pieces = new ScenePass(request, pairing, model, readers, cells, overview, layers, memory).Run(budget, progress, cancellation);
                costs.Add(Cost("score", (long)grid.Width * grid.Height * 2 * pairing.Pairs.Count * sizeof(float)));
                if (request.Scores is { } other)
                {
                    other.Fill(new PairAtHand(request, pairing, model), layers.Scores!, progress, cancellation);
                    pieces = LayerPieces.InPlaceOf(pieces, layers.Scores!, other.Threshold, cells.Side, budget, cancellation);
                    model = model with { Threshold = other.Threshold, Otsu = null };
                    costs.Add(Cost("network", (long)grid.Width * grid.Height * 6 * sizeof(float)));
                }

                var found = pieces.Sum(p => p.Count);
                if (request.Options.MaskClouds)
                {
                    cells.Judge();
                }

                var panels = Task.Run(() => QuicklookPanels.Of(overview, model), CancellationToken.None);
                var named = request.Named();
                var (changes, pixels, objects) = new PatchBuilder(named, pairing, model, geodesy, cells, layers, pieces).Build(progress, cancellation);
                costs.Add(Cost("patches", found * Unsafe.SizeOf<Piece>()));
                foreach (var column in pieces)
                {
                    column.Dispose();
                }

                return new PairResult(named, changes, pixels, model, layers, cells, overview, costs, folder) { Objects = objects, Panels = panels, Memory = memory };
            }

            StageCost Cost(string stage, long bytes)
            {
                var now = time.GetTimestamp();
                var seconds = time.GetElapsedTime(start, now).TotalSeconds;
                start = now;
                return new StageCost(stage, seconds, bytes);
            }
        }
        catch (Exception failure)
        {
            TemporaryFolder.ReleaseAfter(failure, folder, [.. pieces, layers]);
            throw;
        }
        finally
        {
            // Waited for also when the rest failed: PROJ must not be at work when the process ends.
            ((IAsyncResult)placing).AsyncWaitHandle.WaitOne();
            if (placing.IsCompletedSuccessfully)
            {
                placing.Result.Dispose();
            }
        }
    }
}
