using System.Collections.Concurrent;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Pair.Scoring;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair.Sampling;

/// <summary>
/// First pass: learns a <see cref="PairModel"/> from a regular sample of tiles. The sample is the same for the same scenes, so the
/// model is too.
/// </summary>
/// <param name="gsdMeters">Asked for after the tiles are read.</param>
/// <param name="memory">Of the comparison; tiles that the pass will need are held in it.</param>
internal sealed class PairSampler(PairRequest request, BandPairing pairing, Func<double> gsdMeters, PassMemory memory)
{
    /// <summary>Statistics use every n-th pixel, so that so many or up to twice as many count: more do not change them.</summary>
    private const int EnoughPixels = 65_536;

    /// <summary>Most bytes that the tiles of the sample hold: enough for twenty of twelve bands on both dates, in floats.</summary>
    private const long MostBytes = 128L << 20;

    /// <summary>Fewer pixels in common tell nothing.</summary>
    private const int LeastSample = 500;

    /// <summary>Values above this are neither reflectance nor digital numbers of any sensor, and their squares leave the range of floats.</summary>
    private const float MostStored = 1e9f;

    /// <summary>A shift smaller than this is not worth a resampling.</summary>
    private const double WorthMoving = 0.15;

    /// <summary>How much of Otsu's split counts, [0, 1].</summary>
    private const double Trust = 0.75;

    private readonly int _bands = pairing.Pairs.Count;
    private readonly BandIndex _index = new(pairing);

    /// <returns>The model, and readers that undo the shifts it found; the caller's.</returns>
    public (PairModel Model, ReaderPool Readers) Learn(IProgress<DetectProgress>? progress, CancellationToken cancellation)
    {
        var (grid, options) = (request.Baseline.Grid, request.Options);
        var windows = SampleWindows.Of(grid.Width, grid.Height, options.SampleTilePixels, TilesOf(_bands, options));
        var model = new PairModel(
            [.. Enumerable.Repeat(PixelShift.None, _bands)], false, [.. Enumerable.Repeat(InvariantLine.None, _bands)],
            [.. Enumerable.Repeat(new DifferenceNoise(1, 0), _bands)], 0, 0, PairDetector.NotObserved - 1, null);
        var readers = new ReaderPool(request, pairing, model.Shifts, memory);
        try
        {
            var tiles = Load(readers);
            model = Calibrate(model, readers, tiles, cancellation);
            progress?.Report(new DetectProgress("sample", 0.3));

            if (options.Register)
            {
                model = model with { Shifts = Register(tiles, model, cancellation) };
                if (model.Shifts.Any(s => s != PixelShift.None))
                {
                    readers.Dispose();
                    readers = new ReaderPool(request, pairing, model.Shifts, memory);
                    tiles = Load(readers);
                }
            }

            progress?.Report(new DetectProgress("sample", 0.5));

            // What comes next is one thread's work for the most part.
            _ = request.Identified?.Value;
            model = FitLines(tiles, model, cancellation);
            progress?.Report(new DetectProgress("sample", 0.7));
            model = FitNoise(tiles, model, cancellation);
            progress?.Report(new DetectProgress("sample", 0.9));
            model = ChooseThreshold(tiles, model, cancellation);
            progress?.Report(new DetectProgress("sample", 1));
            return (model, readers);
        }
        catch
        {
            readers.Dispose();
            throw;
        }

        SampleTile[] Load(ReaderPool from)
        {
            var loads = Loads(windows, from.With((before, after) => TilesAtHand.Most(before, after, grid, options, windows.Count, memory)));
            var tiles = new SampleTile[windows.Count];
            var (earlyRooms, lateRooms) = (new ConcurrentBag<StoredPixels>(), new ConcurrentBag<StoredPixels>());
            Each(loads.Count, i => from.With((before, after) =>
            {
                var load = loads[i];
                var (early, late) = (Read(before, load, earlyRooms), Read(after, load, lateRooms));
                load.Tiles.ForEach(t => tiles[t] = new SampleTile(windows[t], early, late, before, after));
                if (load.IsHeld)
                {
                    from.AtHand.Add(load.Window, early, late);
                }

                return true;
            }), cancellation);
            return tiles;
        }
    }

    /// <summary>What is read at once, and which tiles of the sample lie in it.</summary>
    private sealed record Load(PixelWindow Window, bool IsHeld)
    {
        public List<int> Tiles { get; } = [];
    }

    /// <summary>The first tiles of the pass that windows lie in, as many as may be held; of the others the windows alone.</summary>
    private List<Load> Loads(List<PixelWindow> windows, int mostHeld)
    {
        List<Load> loads = [];
        for (var i = 0; i < windows.Count; i++)
        {
            var tile = TilesAtHand.Around(windows[i], request.Baseline.Grid, request.Options.TilePixels);
            var load = loads.Find(l => l.IsHeld && l.Window == tile);
            if (load is null)
            {
                var isHeld = loads.Count(l => l.IsHeld) < mostHeld;
                loads.Add(load = new Load(isHeld ? tile : windows[i], isHeld));
            }

            load.Tiles.Add(i);
        }

        return loads;
    }

    private StoredPixels Read(GridReader reader, Load load, ConcurrentBag<StoredPixels> rooms)
    {
        StoredPixels pixels;
        if (load.IsHeld)
        {
            pixels = PassTile.Room(reader, load.Window, request.Options.TilePixels);
        }
        else
        {
            // Rows go round by their number: a window begins at a multiple of the sample's side.
            pixels = new StoredPixels(reader, load.Window.Width, Math.Min(request.Options.SampleTilePixels, request.Baseline.Grid.Height));
            pixels.MoveTo(load.Window.X);
            if (CutsBlocks(reader))
            {
                return FromTile(reader, load.Window, pixels, rooms);
            }
        }

        reader.ReadStored(load.Window, pixels);
        return pixels;
    }

    /// <summary>Whether a window of the sample is a part of a block: then GDAL would decode the block into its cache, where nobody asks for the rest.</summary>
    private bool CutsBlocks(GridReader reader) =>
        !reader.IsWarped && reader.BlockWidth > request.Options.SampleTilePixels && reader.BlockWidth <= request.Options.TilePixels
        && request.Options.TilePixels % request.Options.SampleTilePixels == 0;

    private StoredPixels FromTile(GridReader reader, PixelWindow window, StoredPixels pixels, ConcurrentBag<StoredPixels> rooms)
    {
        var tile = TilesAtHand.Around(window, request.Baseline.Grid, request.Options.TilePixels);
        var room = rooms.TryTake(out var idle) ? idle : PassTile.Room(reader, tile, request.Options.TilePixels);
        room.MoveTo(tile.X);
        reader.ReadStored(tile, room);
        pixels.CopyFrom(room, window);
        rooms.Add(room);
        return pixels;
    }

    /// <summary>Tiles of the sample: fewer where scenes have many bands.</summary>
    internal static int TilesOf(int bands, PairOptions options) =>
        (int)Math.Clamp(MostBytes / (2L * bands * sizeof(float) * options.SampleTilePixels * options.SampleTilePixels), 1, options.SampleTiles);

    /// <summary>
    /// Reflectance where both scenes give it (<see cref="StoredReflectance"/>); anything else is digital numbers of unknown meaning.
    /// </summary>
    private PairModel Calibrate(PairModel model, ReaderPool readers, SampleTile[] tiles, CancellationToken cancellation)
    {
        int[] early = [.. pairing.Pairs.Select(p => p.Before)], late = [.. pairing.Pairs.Select(p => p.After)];
        var looks = Each(2, i => i == 0 ? Look(request.Baseline, early, isLate: false) : Look(request.Current, late, isLate: true), cancellation);
        var (ofBefore, ofAfter) = (looks[0], looks[1]);
        var calibrated = ofBefore.Unstated is not null && ofAfter.Unstated is not null;
        return readers.With((before, after) => model with
        {
            Calibrated = calibrated,
            DecodingBefore = Decodings(before, ofBefore, request.Baseline, early),
            DecodingAfter = Decodings(after, ofAfter, request.Current, late),
        });

        StoredReflectance Look(Scene scene, int[] bands, bool isLate)
        {
            var atHand = readers.With((before, after) => TilesAsSample.Of(tiles, bands, isLate ? after : before, scene, isLate));
            var look = StoredReflectance.Of(scene, bands, atHand, cancellation);
            return look.High is not (< 0 or > MostStored) ? look : throw new ImageryException(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"The values of \"{scene.Id}\" are neither reflectance nor digital numbers (98 % of them are below {look.High:G3}): state scale, offset and the value for no data, or give the scene as reflectance."));
        }

        RowMath.Decoding[] Decodings(GridReader reader, StoredReflectance look, Scene scene, int[] bands) => [.. Enumerable.Range(0, _bands).Select(k =>
        {
            var (scale, offset, missing) = reader.Decoding(k);
            var factor = calibrated ? look.FactorOf(scene.Bands[bands[k]]) : 1f / 255;
            return new RowMath.Decoding(scale * factor, offset * factor, missing ?? float.NaN, 1, 0);
        })];
    }

    private PixelShift[] Register(SampleTile[] tiles, PairModel model, CancellationToken cancellation)
    {
        // Bands of one file share its geometry: the middle one speaks for all.
        var groups = pairing.Pairs.Select((pair, k) => (pair, k))
            .GroupBy(p => (request.Baseline.Bands[p.pair.Before].AssetIndex, request.Current.Bands[p.pair.After].AssetIndex))
            .Select(g => g.Select(p => p.k).ToArray()).ToArray();
        SampleTile[] some = [.. Spread(tiles, 9)];
        var sums = Each(groups.Length * some.Length, i =>
        {
            var group = groups[i / some.Length];
            var (before, after, width, height) = some[i % some.Length].Roots(group[group.Length / 2], model);
            return ShiftSums.Of(before, after, width, height);
        }, cancellation);
        PixelShift[] estimates = [.. Enumerable.Range(0, groups.Length).Select(g => ShiftEstimate.Of(sums.AsSpan(g * some.Length, some.Length)).Trusted)];
        var shifts = new PixelShift[_bands];
        for (var g = 0; g < groups.Length; g++)
        {
            foreach (var band in groups[g])
            {
                shifts[band] = estimates[g].Length >= WorthMoving ? estimates[g] : PixelShift.None;
            }
        }

        return shifts;
    }

    private PairModel FitLines(SampleTile[] tiles, PairModel model, CancellationToken cancellation)
    {
        var stride = StrideFor(tiles);
        var parts = Each(tiles.Length, i =>
        {
            var (before, after) = (NewColumns(), NewColumns());
            tiles[i].Collect(stride, model, _index, before, after);
            return (Before: before, After: after);
        }, cancellation);
        float[][] a = Joined(parts.Select(p => p.Before)), b = Joined(parts.Select(p => p.After));
        var count = a[0].Length;
        if (count < LeastSample)
        {
            throw new ImageryException(
                $"\"{request.Baseline.Id}\" and \"{request.Current.Id}\" have no common clear ground to compare ({count} sampled pixels, at least {LeastSample} are needed): choose larger scenes that overlap, with fewer clouds.");
        }

        var unchanged = MultivariateAlteration.NoChangeProbability(a, b, request.Options.AlterationRounds);
        var lines = Each(_bands, k => InvariantLine.Fit(a[k], b[k], unchanged ?? []), cancellation);
        return model with
        {
            Lines = lines,
            DecodingBefore = [.. model.DecodingBefore.Select((d, k) => d with { Slope = (float)lines[k].Slope, Lift = (float)lines[k].Offset })],
            NoChangeShare = unchanged is null ? 0 : unchanged.Count(p => p > 0.01) / (double)count,
            SamplePixels = count,
        };
    }

    private PairModel FitNoise(SampleTile[] tiles, PairModel model, CancellationToken cancellation)
    {
        var stride = StrideFor(tiles);
        var parts = Each(tiles.Length, i =>
        {
            var (differences, textures, tally) = (NewColumns(), NewColumns(), new SceneTally());
            tiles[i].CollectNoise(stride, model, pairing, differences, textures, tally);
            return (Differences: differences, Textures: textures, Tally: tally);
        }, cancellation);
        float[][] difference = Joined(parts.Select(p => p.Differences)), texture = Joined(parts.Select(p => p.Textures));

        // Whole digital numbers of 8 bits hide noise below their own step; the root stretches the step most where values are small.
        var resolution = model.Calibrated ? 0 : 0.5 / Math.Sqrt(255.0 * 60);
        var scene = new SceneTally();
        foreach (var part in parts)
        {
            scene.Add(part.Tally);
        }

        return model with
        {
            Noise = Each(_bands, k => DifferenceNoise.Fit(difference[k], texture[k], resolution), cancellation),
            Scene = scene.Context(model.Calibrated, model.ThresholdScore, gsdMeters()),
        };
    }

    /// <summary>
    /// Otsu's split of this scene's own scores, drawn a quarter of the way (on a log scale) towards the bound that noise keeps, and never
    /// below it: few but violent changes must not hide the moderate ones, and a scene without change must not invent any.
    /// </summary>
    private PairModel ChooseThreshold(SampleTile[] tiles, PairModel model, CancellationToken cancellation)
    {
        var grid = request.Baseline.Grid;
        var cells = new CloudCells(grid.Width, grid.Height, gsdMeters(), request.Options.SampleTilePixels);
        var scored = Each(tiles.Length, i => tiles[i].Score(model, pairing), cancellation);
        for (var t = 0; t < tiles.Length; t++)
        {
            var window = tiles[t].Window;
            for (var y = 0; y < window.Height; y++)
            {
                cells.AddRow(window.Y + y, window.X, scored[t].Flags.AsSpan(y * window.Width, window.Width), scored[t].Clear.AsSpan(y * window.Width, window.Width));
            }
        }

        if (request.Options.MaskClouds)
        {
            cells.Judge();
        }

        var histogram = new long[PairDetector.NotObserved];
        for (var t = 0; t < tiles.Length; t++)
        {
            var window = tiles[t].Window;
            for (var i = 0; i < scored[t].Levels.Length; i++)
            {
                var level = scored[t].Levels[i];
                if (level != PairDetector.NotObserved && !cells.IsMasked(window.X + (i % window.Width), window.Y + (i / window.Width)))
                {
                    histogram[level]++;
                }
            }
        }

        var least = request.Options.LeastThreshold;
        var otsu = OtsuThreshold.Find(histogram, 1.0 / PairDetector.ScoreSteps);
        var threshold = otsu is { } split && split > least ? Math.Pow(split, Trust) * Math.Pow(least, 1 - Trust) : least;
        model = model with { Otsu = otsu, Threshold = Quantised(threshold) };
        var decides = request.Scores is null && request.Options.Choice != ObjectChoice.Rules
            && request.Options.ModelInUse.Speaks(pairing.Pairs.Select(p => p.Role), model.Calibrated);
        var lists = decides || (request.Scores is null && request.Options.Choice == ObjectChoice.Everything);
        return model with
        {
            ModelDecides = decides,
            Candidate = lists ? Quantised(model.ThresholdScore * request.Options.ModelInUse.CandidateShare) : model.Threshold,
            Scene = model.Scene! with { Threshold = model.ThresholdScore },
        };

        static byte Quantised(double score) => (byte)Math.Clamp((int)(score * PairDetector.ScoreSteps), 1, PairDetector.NotObserved - 1);
    }

    /// <summary>Results of as many independent jobs, in order, on the request's threads.</summary>
    private T[] Each<T>(int count, Func<int, T> job, CancellationToken cancellation)
    {
        var results = new T[count];
        var work = new OrderedWork();
        for (var i = 0; i < count; i++)
        {
            var at = i;
            work.Add(0, () => results[at] = job(at));
        }

        work.Run(request.Options.Threads, cancellation);
        return results;
    }

    private static int StrideFor(SampleTile[] tiles) => (int)Math.Max(1, tiles.Sum(t => t.Window.PixelCount) / EnoughPixels);

    private List<float>[] NewColumns() => [.. Enumerable.Range(0, _bands).Select(_ => new List<float>())];

    private float[][] Joined(IEnumerable<List<float>[]> parts)
    {
        var all = parts.ToArray();
        return [.. Enumerable.Range(0, _bands).Select(k => all.SelectMany(p => p[k]).ToArray())];
    }

    private static IEnumerable<SampleTile> Spread(SampleTile[] tiles, int most) =>
        tiles.Length <= most ? tiles : Enumerable.Range(0, most).Select(i => tiles[(int)((i + 0.5) * tiles.Length / most)]);
}
