using System.Collections.Concurrent;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>
/// Finds what changed between two scenes: match bands → sample (register, normalise, learn the noise, choose the threshold) → score tile
/// by tile → mask clouds → group, sieve, name and outline patches. docs/algorithms/imagery.md gives the formulas.
/// </summary>
/// <remarks>Stateless and thread-safe. The same scenes, options and version give the same change set.</remarks>
public static class PairDetector
{
    public const string Id = "imagery-pair";

    /// <summary>Changes whenever a result may.</summary>
    public const string Version = "1";

    internal const int ScoreSteps = 16;
    internal const byte NotObserved = 255;

    /// <summary>Longer side of the overview.</summary>
    private const int OverviewPixels = 1200;

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
            throw new ImageryException($"The grid of \"{before.Id}\" is rotated: warp the scene to a north-up grid first (for example with gdalwarp).");
        }

        if (!before.Footprint.Box.Intersects(after.Footprint.Box))
        {
            throw new ImageryException($"\"{before.Id}\" and \"{after.Id}\" do not lie on the same ground: choose two scenes of one place.");
        }

        var pairing = BandPairing.Of(before, after);
        var folder = TemporaryFolder.Create(request.Options.TemporaryFolder);
        RasterLayer? scores = null, labels = null;
        try
        {
            var costs = new List<StageCost>();
            var start = time.GetTimestamp();
            var pixels = (long)grid.Width * grid.Height;
            var perPixel = 2L * pairing.Pairs.Count * sizeof(float);

            var model = new PairSampler(request, pairing, shifts => Open(request, pairing, shifts)).Learn(progress, cancellation);
            costs.Add(Cost("sample", model.SamplePixels * perPixel));

            scores = new RasterLayer(Path.Combine(folder, "scores.tif"), grid.Width, grid.Height, PixelType.UInt8);
            using var geodesy = GridGeodesy.Of(grid);
            var cells = new CloudCells(grid.Width, grid.Height, geodesy.GsdMeters);
            var overview = new PairOverview(grid, pairing, OverviewPixels);
            var candidates = ScoreTiles(request, pairing, model, scores, cells, overview, progress, cancellation);
            costs.Add(Cost("score", pixels * perPixel));

            if (request.Options.MaskClouds)
            {
                cells.Judge();
            }

            labels = new RasterLayer(Path.Combine(folder, "labels.tif"), grid.Width, grid.Height, PixelType.Int32);
            var builder = new PatchBuilder(request, pairing, model, geodesy, scores, labels, cells, candidates);
            var changes = builder.Build(progress, cancellation);
            costs.Add(Cost("patches", pixels * (1 + sizeof(int))));
            return new PairResult(request, changes, model, scores, labels, overview, costs, folder) { Objects = builder.Objects };

            StageCost Cost(string stage, long bytes)
            {
                var now = time.GetTimestamp();
                var seconds = time.GetElapsedTime(start, now).TotalSeconds;
                start = now;
                return new StageCost(stage, seconds, bytes);
            }
        }
        catch
        {
            scores?.Dispose();
            labels?.Dispose();
            TemporaryFolder.Delete(folder);
            throw;
        }
    }

    private static (GridReader Before, GridReader After) Open(PairRequest request, BandPairing pairing, IReadOnlyList<PixelShift> shifts)
    {
        var grid = request.Baseline.Grid;
        var before = new GridReader(request.Baseline, grid, [.. pairing.Pairs.Select(p => p.Before)], pairing.QualityBefore, []);
        try
        {
            return (before, new GridReader(request.Current, grid, [.. pairing.Pairs.Select(p => p.After)], pairing.QualityAfter, shifts));
        }
        catch
        {
            before.Dispose();
            throw;
        }
    }

    /// <summary>Second pass. Each thread has its own scorer and takes the next tile; what a tile gives depends on nothing but the tile.</summary>
    private static ConcurrentDictionary<int, TileCandidates> ScoreTiles(
        PairRequest request, BandPairing pairing, PairModel model, RasterLayer scores, CloudCells cells, PairOverview overview, IProgress<DetectProgress>? progress,
        CancellationToken cancellation)
    {
        var grid = request.Baseline.Grid;
        var tiles = TileWindow.Cover(grid.Width, grid.Height, request.Options.TilePixels);
        var candidates = new ConcurrentDictionary<int, TileCandidates>();
        int next = -1, done = 0;
        var threads = Math.Min(request.Options.Threads, tiles.Count);
        try
        {
            Task.WaitAll([.. Enumerable.Range(0, threads).Select(_ => Task.Factory.StartNew(Work, cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default))], cancellation);
        }
        catch (AggregateException problem) when (problem.InnerExceptions.Count > 0)
        {
            // One sentence for people, not a bundle.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(problem.Flatten().InnerExceptions[0]);
        }

        return candidates;

        void Work()
        {
            var (before, after) = Open(request, pairing, model.Shifts);
            using var scorer = new TileScorer(before, after, pairing);
            var quantised = new byte[request.Options.TilePixels * request.Options.TilePixels];
            int index;
            while ((index = Interlocked.Increment(ref next)) < tiles.Count)
            {
                cancellation.ThrowIfCancellationRequested();
                var tile = tiles[index];
                scorer.Load(tile, model.FactorBefore, model.FactorAfter, cancellation);
                overview.Add(scorer);
                scorer.MarkBright(model.Calibrated);
                scorer.TakeRoots();
                scorer.Normalise(model);
                scorer.Score(model);
                candidates[index] = TileCandidates.Collect(scorer, request.Options.LeastThreshold * request.Options.ModelInUse.CandidateShare, quantised, cells);
                scores.Write<byte>(tile.Core, quantised);
                progress?.Report(new DetectProgress("score", Interlocked.Increment(ref done) / (double)tiles.Count));
            }
        }
    }
}
