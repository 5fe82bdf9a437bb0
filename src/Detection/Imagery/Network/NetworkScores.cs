using System.Globalization;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Network;

/// <summary>Scores a pair with a network, tile by tile. Memory is that of one tile, whatever the scene.</summary>
/// <remarks>Owns the model. Not thread-safe.</remarks>
public sealed class NetworkScores(ChangeModel model) : IChangeScores, IDisposable
{
    public const string Id = "imagery-network";

    /// <summary>Steps of the layer: 254 is certain, 255 is taken by "not observed".</summary>
    private const int Steps = 254;

    /// <summary>Of this code; the model's own name and version come behind it.</summary>
    private const string Version = "1";

    public string DetectorId => Id;

    public string DetectorVersion => $"{Version}+{model.Card.Name}@{model.Card.Version}.{model.Card.Sha256[..8]}";

    public byte Threshold => (byte)Math.Clamp(Math.Ceiling(model.Card.Output.Threshold * Steps), 1, Steps);

    public ChangeKind Kind => model.Card.Output.Found;

    public IReadOnlyDictionary<string, string> Card { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["name"] = model.Card.Name,
        ["version"] = model.Card.Version,
        ["licence"] = model.Card.Licence,
        ["training_data"] = model.Card.TrainingData,
        ["sha256"] = model.Card.Sha256,
        ["change"] = model.Card.Output.Change,
        ["threshold"] = model.Card.Output.Threshold.ToString("R", CultureInfo.InvariantCulture),
        ["tile"] = model.Card.Input.Tile.ToString(CultureInfo.InvariantCulture),
        ["overlap"] = model.Card.Input.Overlap.ToString(CultureInfo.InvariantCulture),
    };

    public void Fill(PairAtHand pair, RasterLayer scores, IProgress<DetectProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pair);
        ArgumentNullException.ThrowIfNull(scores);
        var (before, after) = (pair.Request.Baseline, pair.Request.Current);
        if (RgbBands.Of(pair.Pairing) is not { } colours)
        {
            throw new ModelException($"\"{before.Id}\" and \"{after.Id}\" do not both have red, green and blue, which the network \"{model.Card.Name}\" needs.");
        }

        if (model.Card.Input.Values != "display" && !pair.Model.Calibrated)
        {
            throw new ModelException(
                $"The network \"{model.Card.Name}\" takes reflectance, and the values of \"{before.Id}\" and \"{after.Id}\" are not both known to be that: state scale and offset in both, or choose a network for display values.");
        }

        int[] order = model.Card.Input.Channels[0] == "red" ? colours : [.. colours.Reverse()];
        var grid = before.Grid;
        PixelShift[] shifts = [.. order.Select(k => pair.Model.Shifts[k])];
        using var first = new GridReader(before, grid, [.. order.Select(k => pair.Pairing.Pairs[k].Before)], null, []);
        using var second = new GridReader(after, grid, [.. order.Select(k => pair.Pairing.Pairs[k].After)], null, shifts);
        var side = model.Card.Input.Tile;
        var planes = new float[3 * side * side];
        var quality = new PixelQuality[side * side];
        var probability = new float[side * side];
        var kept = new byte[side * side];
        long done = 0;
        foreach (var (tile, core) in NetworkTiles.Cover(grid.Width, grid.Height, side, model.Card.Input.Overlap))
        {
            cancellation.ThrowIfCancellationRequested();
            Load(first, tile, true, pair.Model.DecodingBefore);
            Load(second, tile, false, pair.Model.DecodingAfter);
            model.Run(probability);
            var pixels = kept.AsSpan(0, (int)core.PixelCount);
            scores.Read(core, pixels);
            for (var y = 0; y < core.Height; y++)
            {
                var from = probability.AsSpan(((y + core.Y - tile.Y) * side) + core.X - tile.X, core.Width);
                var to = pixels.Slice(y * core.Width, core.Width);
                for (var x = 0; x < to.Length; x++)
                {
                    to[x] = to[x] == PairDetector.NotObserved ? to[x] : (byte)(from[x] * Steps);
                }
            }

            scores.Write<byte>(core, pixels);
            done += core.PixelCount;
            progress?.Report(new DetectProgress("network", done / ((double)grid.Width * grid.Height)));
        }

        void Load(GridReader reader, PixelWindow tile, bool early, IReadOnlyList<Kernels.RowMath.Decoding> decodings)
        {
            var inside = new PixelWindow(tile.X, tile.Y, Math.Min(side, grid.Width - tile.X), Math.Min(side, grid.Height - tile.Y));
            var count = inside.Width * inside.Height;
            reader.Read(inside, planes, quality, cancellation);
            for (var c = 0; c < 3; c++)
            {
                // What the reader gives, as reflectance or digital numbers / 255: the pair's own factor over the file's stated scale.
                var factor = decodings[order[c]].Scale / reader.Decoding(c).Scale;
                float mean = model.Card.Input.Mean[c], scale = 1 / model.Card.Input.Std[c];
                var from = planes.AsSpan(c * count, count);
                var to = model.Plane(early, c);
                for (var y = 0; y < side; y++)
                {
                    // Beyond a raster that is smaller than a tile its last row and column go on.
                    var row = Math.Min(y, inside.Height - 1) * inside.Width;
                    for (var x = 0; x < side; x++)
                    {
                        var i = row + Math.Min(x, inside.Width - 1);
                        to[(y * side) + x] = quality[i] == PixelQuality.NoData ? 0 : ((from[i] * factor) - mean) * scale;
                    }
                }
            }
        }
    }

    public void Dispose() => model.Dispose();
}

/// <summary>Which of the compared bands are red, green and blue.</summary>
internal static class RgbBands
{
    /// <summary>Positions in <see cref="BandPairing.Pairs"/>; bands without names are taken in that order when there are three of them. Null: there are none.</summary>
    public static int[]? Of(BandPairing pairing)
    {
        int[] named = [pairing.IndexOf(BandRole.Red), pairing.IndexOf(BandRole.Green), pairing.IndexOf(BandRole.Blue)];
        return Array.TrueForAll(named, k => k >= 0) ? named
            : pairing.Pairs.Count == 3 && pairing.Pairs.All(p => p.Role == BandRole.Other) ? [0, 1, 2] : null;
    }
}
