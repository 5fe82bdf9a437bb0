using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>
/// First pass: learns a <see cref="PairModel"/> from a regular sample of tiles. The sample is the same for the same scenes, so the
/// model is too.
/// </summary>
internal sealed class PairSampler(PairRequest request, BandPairing pairing, Func<IReadOnlyList<PixelShift>, (GridReader Before, GridReader After)> open)
{
    /// <summary>Pixels that statistics use at most; more do not change them.</summary>
    private const int MostPixels = 400_000;

    /// <summary>A shift smaller than this is not worth a resampling.</summary>
    private const double WorthMoving = 0.15;

    private readonly int _bands = pairing.Pairs.Count;

    public PairModel Learn(IProgress<DetectProgress>? progress, CancellationToken cancellation)
    {
        var grid = request.Baseline.Grid;
        var options = request.Options;
        var tiles = TileWindow.Sample(grid.Width, grid.Height, options.SampleTilePixels, options.SampleTiles);
        IReadOnlyList<PixelShift> shifts = [.. Enumerable.Repeat(PixelShift.None, _bands)];
        double factorBefore, factorAfter;
        bool calibrated;
        using (var first = Open(shifts))
        {
            (factorBefore, var calibratedBefore) = FactorOf(request.Baseline, first, tiles, before: true, cancellation);
            (factorAfter, var calibratedAfter) = FactorOf(request.Current, first, tiles, before: false, cancellation);
            calibrated = calibratedBefore && calibratedAfter;
            if (!calibrated)
            {
                factorBefore = factorAfter = 1.0 / 255;
            }

            progress?.Report(new DetectProgress("sample", 0.1));
            if (options.Register)
            {
                shifts = Register(first, tiles, factorBefore, factorAfter, cancellation);
            }
        }

        progress?.Report(new DetectProgress("sample", 0.4));
        using var scorer = Open(shifts);
        var model = new PairModel(
            shifts, factorBefore, factorAfter, calibrated, [.. Enumerable.Repeat(InvariantLine.None, _bands)], [.. Enumerable.Repeat(new DifferenceNoise(1, 0), _bands)], 0, 0);
        model = FitLines(scorer, tiles, model, cancellation);
        progress?.Report(new DetectProgress("sample", 0.6));
        model = model with { Noise = FitNoise(scorer, tiles, model, cancellation) };
        model = model with { Scene = TallyScene(scorer, tiles, model, cancellation) };
        progress?.Report(new DetectProgress("sample", 1));
        return model;
    }

    private TileScorer Open(IReadOnlyList<PixelShift> shifts)
    {
        var (before, after) = open(shifts);
        return new TileScorer(before, after, pairing);
    }

    /// <summary>
    /// Stated scales give reflectance. Without one, 16-bit values up to 20 000 are taken as reflectance × 10 000, the usual form of
    /// Sentinel-2 and of surface-reflectance products; anything else is digital numbers of unknown meaning.
    /// </summary>
    private (double Factor, bool Calibrated) FactorOf(Scene scene, TileScorer scorer, List<TileWindow> tiles, bool before, CancellationToken cancellation)
    {
        var bands = pairing.Pairs.Select(p => scene.Bands[before ? p.Before : p.After]).ToArray();
        if (bands.All(b => b.Scale is not (0 or 1)))
        {
            return (1, true);
        }

        var values = new List<float>();
        foreach (var tile in Spread(tiles, 4))
        {
            scorer.Load(tile, 1, 1, cancellation);
            var plane = before ? scorer.Before(0) : scorer.After(0);
            for (var i = 0; i < plane.Length; i += 7)
            {
                if (scorer.Valid[i] != 0)
                {
                    values.Add(plane[i]);
                }
            }
        }

        if (values.Count == 0)
        {
            return (1, false);
        }

        var high = RobustStatistics.Quantile(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(values), 0.98);
        return high switch
        {
            <= 2f => (1, true),
            > 256f and <= 20_000f => (1e-4, true),
            _ => (1, false),
        };
    }

    private PixelShift[] Register(TileScorer scorer, List<TileWindow> tiles, double factorBefore, double factorAfter, CancellationToken cancellation)
    {
        // Bands of one file share its geometry: the middle one speaks for all.
        var groups = pairing.Pairs.Select((pair, k) => (pair, k))
            .GroupBy(p => (request.Baseline.Bands[p.pair.Before].AssetIndex, request.Current.Bands[p.pair.After].AssetIndex))
            .Select(g => g.Select(p => p.k).ToArray()).ToArray();
        var planes = groups.Select(_ => new List<(float[], float[], int, int)>()).ToArray();
        foreach (var tile in Spread(tiles, 9))
        {
            scorer.Load(tile, factorBefore, factorAfter, cancellation);
            scorer.TakeRoots();
            for (var g = 0; g < groups.Length; g++)
            {
                var band = groups[g][groups[g].Length / 2];
                float[] a = scorer.Before(band).ToArray(), b = scorer.After(band).ToArray();
                for (var i = 0; i < a.Length; i++)
                {
                    if (scorer.Valid[i] == 0)
                    {
                        a[i] = b[i] = float.NaN;
                    }
                }

                planes[g].Add((a, b, tile.Outer.Width, tile.Outer.Height));
            }
        }

        var shifts = new PixelShift[_bands];
        for (var g = 0; g < groups.Length; g++)
        {
            var shift = ShiftEstimate.Of(planes[g]).Trusted;
            foreach (var band in groups[g])
            {
                shifts[band] = shift.Length >= WorthMoving ? shift : PixelShift.None;
            }
        }

        return shifts;
    }

    private PairModel FitLines(TileScorer scorer, List<TileWindow> tiles, PairModel model, CancellationToken cancellation)
    {
        var stride = StrideFor(tiles);
        var before = NewColumns();
        var after = NewColumns();
        foreach (var tile in tiles)
        {
            scorer.Load(tile, model.FactorBefore, model.FactorAfter, cancellation);
            scorer.MarkBright(model.Calibrated);
            scorer.TakeRoots();
            ForCore(scorer, stride, i =>
            {
                if (scorer.Valid[i] == 0 || (scorer.Flags[i] & PixelFlags.Cloudy) != 0)
                {
                    return;
                }

                for (var k = 0; k < _bands; k++)
                {
                    before[k].Add(scorer.Before(k)[i]);
                    after[k].Add(scorer.After(k)[i]);
                }
            });
        }

        float[][] a = [.. before.Select(c => c.ToArray())], b = [.. after.Select(c => c.ToArray())];
        var count = a[0].Length;
        if (count < 500)
        {
            throw new ImageryException(
                $"\"{request.Baseline.Id}\" and \"{request.Current.Id}\" have no common clear ground to compare ({count} sampled pixels): choose scenes that overlap, with fewer clouds.");
        }

        var unchanged = MultivariateAlteration.NoChangeProbability(a, b, request.Options.AlterationRounds);
        var share = 0.0;
        if (unchanged is not null)
        {
            foreach (var p in unchanged)
            {
                share += p > 0.01 ? 1 : 0;
            }
        }

        return model with
        {
            Lines = [.. Enumerable.Range(0, _bands).Select(k => InvariantLine.Fit(a[k], b[k], unchanged ?? []))],
            NoChangeShare = unchanged is null ? 0 : share / count,
            SamplePixels = count,
        };
    }

    private DifferenceNoise[] FitNoise(TileScorer scorer, List<TileWindow> tiles, PairModel model, CancellationToken cancellation)
    {
        var stride = StrideFor(tiles);
        var difference = NewColumns();
        var texture = NewColumns();
        foreach (var tile in tiles)
        {
            Prepare(scorer, tile, model, cancellation);
            for (var k = 0; k < _bands; k++)
            {
                scorer.Texture(k, out var ga, out var gb);
                int width = tile.Outer.Width;
                ReadOnlySpan<float> a = scorer.Before(k), b = scorer.After(k), valid = scorer.Valid;
                var flags = scorer.Flags;
                for (var y = 0; y < tile.Core.Height; y++)
                {
                    for (var x = (y * 5) % stride; x < tile.Core.Width; x += stride)
                    {
                        var i = ((y + tile.CoreY) * width) + x + tile.CoreX;
                        if (valid[i] != 0 && (flags[i] & PixelFlags.Cloudy) == 0)
                        {
                            difference[k].Add(b[i] - a[i]);
                            texture[k].Add(Math.Min(ga[i], gb[i]));
                        }
                    }
                }
            }
        }

        // Whole digital numbers of 8 bits hide noise below their own step; the root stretches the step most where values are small.
        var resolution = model.Calibrated ? 0 : 0.5 / Math.Sqrt(255.0 * 60);
        return [.. Enumerable.Range(0, _bands).Select(k => DifferenceNoise.Fit(
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(difference[k]), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(texture[k]), resolution))];
    }

    private static SceneContext TallyScene(TileScorer scorer, List<TileWindow> tiles, PairModel model, CancellationToken cancellation)
    {
        var tally = new SceneTally();
        var stride = StrideFor(tiles);
        foreach (var tile in tiles)
        {
            Prepare(scorer, tile, model, cancellation);
            scorer.Score(model);
            ForCore(scorer, stride, i =>
            {
                if (scorer.Valid[i] != 0 && (scorer.Flags[i] & PixelFlags.Cloudy) == 0)
                {
                    var sample = scorer.SampleAt(i);
                    tally.Add(sample.After, sample.TextureAfter);
                }
            });
        }

        return tally.Context(model.Calibrated, double.NaN, double.NaN);
    }

    private static void Prepare(TileScorer scorer, TileWindow tile, PairModel model, CancellationToken cancellation)
    {
        scorer.Load(tile, model.FactorBefore, model.FactorAfter, cancellation);
        scorer.MarkBright(model.Calibrated);
        scorer.TakeRoots();
        scorer.Normalise(model);
    }

    private static void ForCore(TileScorer scorer, int stride, Action<int> pixel)
    {
        var tile = scorer.Window;
        for (var y = 0; y < tile.Core.Height; y++)
        {
            for (var x = (y * 5) % stride; x < tile.Core.Width; x += stride)
            {
                pixel(((y + tile.CoreY) * tile.Outer.Width) + x + tile.CoreX);
            }
        }
    }

    private static int StrideFor(List<TileWindow> tiles) => (int)Math.Max(1, tiles.Sum(t => t.Core.PixelCount) / MostPixels);

    private List<float>[] NewColumns() => [.. Enumerable.Range(0, _bands).Select(_ => new List<float>())];

    private static IEnumerable<TileWindow> Spread(List<TileWindow> tiles, int most) =>
        tiles.Count <= most ? tiles : Enumerable.Range(0, most).Select(i => tiles[(int)((i + 0.5) * tiles.Count / most)]);
}
