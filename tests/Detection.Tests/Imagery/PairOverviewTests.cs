using CsCheck;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>The small picture of both dates against its definition, pixel by pixel.</summary>
public sealed class PairOverviewTests
{
    private const int Bands = 4;
    private static readonly BandPairing Pairing = new([.. Enumerable.Range(0, Bands).Select(k => new BandPair(k, k, (BandRole)k))], null, null);

    [Fact]
    public void AddRow_AnySizeGapsAndTiles_IsTheMeanOfWhatWasSeenAround() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 60], Gen.Int[1, 40], Gen.Int[8, 33], Gen.Bool, Gen.Int[0, 4].Select(i => new[] { float.NaN, 7f, 3.5f, -1f, 0f }[i]), Gen.Int[0, 1 << 20]).Sample(
            (width, height, most, side, isWhole, missing, seed) =>
            {
                var random = new Random(seed);
                StoredPixels before = Made(random, width, height, isWhole), after = Made(random, width, height, isWhole);
                var how = new RowMath.Decoding(0.01f, -0.02f, missing, 1, 0);
                var model = new PairModel([], true, [], [], 1, 0, 0, null) { DecodingBefore = [how, how, how, how], DecodingAfter = [how, how, how, how] };
                var overview = new PairOverview(new Grid("EPSG:4326", [0, 1, 0, 0, 0, -1], width, height), Pairing, most);
                for (var top = 0; top < height; top += side)
                {
                    for (var left = 0; left < width; left += side)
                    {
                        var tile = new PixelWindow(left, top, Math.Min(side, width - left), Math.Min(side, height - top));
                        var next = overview.FirstRow(top);
                        for (var y = top; y < top + tile.Height; y++)
                        {
                            next = overview.AddRow(next, y, tile, model, before, after);
                        }
                    }
                }

                var radius = Math.Min(1, (int)(0.5 / Math.Min(1.0, (double)most / Math.Max(width, height))));
                for (var c = 0; c < 3; c++)
                {
                    for (var v = 0; v < overview.Height; v++)
                    {
                        for (var u = 0; u < overview.Width; u++)
                        {
                            int x = (int)((u + 0.5) * width / overview.Width), y = (int)((v + 0.5) * height / overview.Height);

                            // What lies around the middle, as far as the tile that holds the middle goes up and down.
                            var (top, bottom) = (y / side * side, Math.Min(height, (y / side * side) + side));
                            var seen =
                                from row in Enumerable.Range(y - radius, (2 * radius) + 1) where row >= top && row < bottom
                                from column in Enumerable.Range(x - radius, (2 * radius) + 1) where column >= 0 && column < width
                                let stored = isWhole ? after.Whole[after.At(2 - c, column, row)] : after.Real[after.At(2 - c, column, row)]
                                where stored != 0 && stored != missing && float.IsFinite(stored)
                                select (double)stored;
                            var expected = seen.Any() ? Math.Max((seen.Average() * 0.01) - 0.02, 1e-6) : 0;
                            ((double)overview.After[(((c * overview.Height) + v) * overview.Width) + u]).ShouldBe(expected, 1e-4 * (1 + expected), $"channel {c} at {u}, {v}");
                        }
                    }
                }
            }, iter: 300, threads: 1);

    private static StoredPixels Made(Random random, int width, int height, bool isWhole)
    {
        var pixels = new StoredPixels(Bands, width, height, isWhole, hasQuality: false);
        for (var i = 0; i < pixels.Whole.Length; i++)
        {
            pixels.Whole[i] = (ushort)(random.Next(4) == 0 ? random.Next(9) : random.Next(65_536));
        }

        for (var i = 0; i < pixels.Real.Length; i++)
        {
            pixels.Real[i] = random.Next(5) switch { 0 => float.NaN, 1 => random.Next(9), _ => random.NextSingle() * 1000 };
        }

        return pixels;
    }
}
