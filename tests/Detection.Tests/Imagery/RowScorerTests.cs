using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Scoring;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>The row-by-row scorer against docs/algorithms/pair.md written down pixel by pixel in double precision.</summary>
public sealed class RowScorerTests
{
    private const int Bands = 6;
    private const float Missing = 7;

    private static readonly BandPairing Pairing = new([.. Enumerable.Range(0, Bands).Select(k => new BandPair(k, k, (BandRole)k))], null, null);

    /// <summary>Width, height, whole numbers or floats: around the widths of vectors, and too small for any neighbourhood.</summary>
    public static TheoryData<int, int, bool> Sizes => new()
    {
        { 1, 1, true }, { 1, 7, true }, { 5, 1, false }, { 2, 2, true }, { 3, 3, false }, { 4, 9, true }, { 15, 4, true }, { 16, 5, false }, { 17, 6, true }, { 31, 3, true }, { 33, 8, false }, { 64, 5, true }, { 100, 12, true },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Scorer_AnySize_EqualsTheFormula(int width, int height, bool isWhole)
    {
        var (before, after, model) = Make(width, height, isWhole, seed: width + (100 * height));
        var expected = Formula(before, after, model, width, height);
        var scorer = new RowScorer(model, Pairing, 0, width, 0, width, 0, height);
        Run(scorer, before, after, height, row =>
        {
            for (var x = 0; x < width; x++)
            {
                var (score, valid) = expected[row, x];
                scorer.Levels[x].ShouldBe(valid ? scorer.Levels[x] : (byte)255, $"validity at {x}, {row}");
                if (valid)
                {
                    scorer.Scores[x].ShouldBe((float)score, 1e-3f * (1 + (float)score), $"{x}, {row}");
                    ((double)scorer.Levels[x]).ShouldBe(Math.Clamp(Math.Floor(score * 16), 0, 254), 1);
                }
            }
        });
    }

    [Theory]
    [InlineData(37)]
    [InlineData(64)]
    [InlineData(65)]
    public void Scorer_CutIntoColumns_GivesTheSameBytes(int cut)
    {
        const int width = 100, height = 20;
        var (before, after, model) = Make(width, height, isWhole: true, seed: 5);
        var whole = Levels(new RowScorer(model, Pairing, 0, width, 0, width, 0, height), before, after, height);
        var left = Levels(new RowScorer(model, Pairing, 0, cut, 0, width, 0, height), before, after, height);
        var right = Levels(new RowScorer(model, Pairing, cut, width - cut, 0, width, 0, height), before, after, height);
        for (var y = 0; y < height; y++)
        {
            left[y].Concat(right[y]).ShouldBe(whole[y]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(90)]
    [InlineData(200)]
    public void Scorer_AskedFromALevelOn_TellsThoseLevelsAndNoneMore(int least)
    {
        const int width = 100, height = 30;
        var (before, after, model) = Make(width, height, isWhole: true, seed: 17);
        var all = Levels(new RowScorer(model, Pairing, 0, width, 0, width, 0, height), before, after, height);
        var scorer = new RowScorer(model, Pairing, 0, width, 0, width, 0, height, least);
        Run(scorer, before, after, height, y =>
        {
            byte[] Asked(ReadOnlySpan<byte> levels) => [.. levels.ToArray().Select(l => l >= least ? l : (byte)0)];
            Asked(scorer.Levels).ShouldBe(Asked(all[y]));
            if (!scorer.MayReachLeast)
            {
                all[y].ShouldAllBe(l => l < least || l == 255);
            }
        });
    }

    [Fact]
    public void Scorer_NothingChanged_SaysThatNoRowReachesTheLeast()
    {
        const int width = 40, height = 6;
        var (before, _, model) = Make(width, height, isWhole: true, seed: 2, gaps: false);
        model = model with { DecodingBefore = model.DecodingAfter };
        var scorer = new RowScorer(model, Pairing, 0, width, 0, width, 0, height, least: 1);
        Run(scorer, before, before, height, _ => scorer.MayReachLeast.ShouldBeFalse());
    }

    [Fact]
    public void Clear_RowsWithAndWithoutGaps_AreKnownToBeAllClearOnlyWhereTheyAre()
    {
        const int width = 9, height = 60;
        var (before, after, model) = Make(width, height, isWhole: true, seed: 4);
        var scorer = new RowScorer(model, Pairing, 0, width, 0, width, 0, height);
        var known = 0;
        for (var y = 0; y < height; y++)
        {
            scorer.Add(y, before, after);
            if (scorer.IsAllClear)
            {
                known++;
                scorer.Clear.ToArray().ShouldAllBe(c => c == 1);
            }
        }

        known.ShouldBeInRange(1, height - 1, "the rows should be of both kinds");
    }

    [Fact]
    public void Scorer_AfterItsFirstRows_AllocatesNothing()
    {
        const int width = 300, height = 64;
        var (before, after, model) = Make(width, height, isWhole: true, seed: 9);
        var scorer = new RowScorer(model, Pairing, 0, width, 0, width, 0, height);
        var sums = new float[ObjectSums.Lanes];
        for (var y = 0; y < 8; y++)
        {
            scorer.Add(y, before, after);
        }

        scorer.AddTo(0, 5, sums);
        var start = GC.GetAllocatedBytesForCurrentThread();
        for (var y = 8; y < height; y++)
        {
            scorer.Add(y, before, after);
            scorer.AddTo(3, 40, sums);
        }

        (GC.GetAllocatedBytesForCurrentThread() - start).ShouldBe(0);
    }

    [Fact]
    public void Flags_EachPixel_EqualTheScalarTests()
    {
        const int width = 90, height = 6;
        var (before, after, model) = Make(width, height, isWhole: true, seed: 21);
        var scorer = new RowScorer(model, Pairing, 0, width, 0, width, 0, height);
        var seen = 0;
        for (var y = 0; y < height; y++)
        {
            scorer.Add(y, before, after);
            for (var x = 0; x < width; x++)
            {
                var (a, b) = (Reflectances(before, model.DecodingBefore, x, y), Reflectances(after, model.DecodingAfter, x, y));
                byte flags = 0;
                flags |= CloudTest.LooksLikeCloud(a[0], a[1], a[2]) ? PixelFlags.BrightBefore : (byte)0;
                flags |= CloudTest.LooksLikeCloud(b[0], b[1], b[2]) ? PixelFlags.BrightAfter : (byte)0;
                float Root(float[] s, RowMath.Decoding[] how, int k) => (MathF.Sqrt(Math.Max(0, s[k])) * how[k].Slope) + how[k].Lift;
                flags = CloudTest.Settle(
                    flags, Root(a, model.DecodingBefore, 0), Root(b, model.DecodingAfter, 0), Root(a, model.DecodingBefore, 3), Root(b, model.DecodingAfter, 3),
                    Root(a, model.DecodingBefore, 4), Root(b, model.DecodingAfter, 4));
                scorer.Flags[x].ShouldBe(flags, $"{x}, {y}");
                seen |= flags;
            }
        }

        seen.ShouldBe(PixelFlags.BrightBefore | PixelFlags.BrightAfter | PixelFlags.DarkBefore | PixelFlags.DarkAfter, "the pixels should show every look");
    }

    [Fact]
    public void Sums_OfPieces_AreThoseOfTheWhole()
    {
        const int width = 80, height = 9;
        var (before, after, model) = Make(width, height, isWhole: false, seed: 3);
        var scorer = new RowScorer(model, Pairing, 0, width, 0, width, 0, height);
        Run(scorer, before, after, height, _ =>
        {
            float[] whole = new float[ObjectSums.Lanes], parts = new float[ObjectSums.Lanes];
            scorer.AddTo(2, 77, whole);
            foreach (var (from, to) in ((int, int)[])[(2, 3), (3, 19), (19, 35), (35, 77)])
            {
                scorer.AddTo(from, to, parts);
            }

            for (var lane = 0; lane < whole.Length; lane++)
            {
                parts[lane].ShouldBe(whole[lane], 1e-4f * (1 + Math.Abs(whole[lane])));
            }
        });
    }

    [Fact]
    public void Sums_OnePixel_AreThoseOfTheFormula()
    {
        const int width = 37, height = 8;
        var (before, after, model) = Make(width, height, isWhole: true, seed: 13);
        var scorer = new RowScorer(model, Pairing, 0, width, 0, width, 0, height);
        Run(scorer, before, after, height, y =>
        {
            for (var x = 0; x < width; x++)
            {
                var sums = new float[ObjectSums.Lanes];
                scorer.AddTo(x, x + 1, sums);
                double difference = 0, squared = 0, textureBefore = 0, textureAfter = 0;
                for (var k = 0; k < Bands; k++)
                {
                    double a = RootAt(before, model.DecodingBefore, k, x, y, width, height), b = RootAt(after, model.DecodingAfter, k, x, y, width, height);
                    double ga = TextureAt(before, model.DecodingBefore, k, x, y, width, height), gb = TextureAt(after, model.DecodingAfter, k, x, y, width, height);
                    var d = (b - a) / Math.Sqrt(model.Noise[k].Floor + (model.Noise[k].Slope * Math.Min(ga, gb)));
                    (difference, squared) = (difference + (d / Bands), squared + (d * d / Bands));
                    (textureBefore, textureAfter) = (textureBefore + (Math.Sqrt(ga) / Bands), textureAfter + (Math.Sqrt(gb) / Bands));
                    Close(ObjectSums.Lane.Before + k, a * a);
                    Close(ObjectSums.Lane.After + k, b * b);
                }

                Close(ObjectSums.Lane.Pixels, 1);
                Close(ObjectSums.Lane.Score, scorer.Scores[x]);
                Close(ObjectSums.Lane.Difference, difference);
                Close(ObjectSums.Lane.DifferenceSquared, squared);
                Close(ObjectSums.Lane.TextureBefore, textureBefore);
                Close(ObjectSums.Lane.TextureAfter, textureAfter);

                void Close(int lane, double expected) => ((double)sums[lane]).ShouldBe(expected, 1e-3 * (1 + Math.Abs(expected)), $"lane {lane} at {x}, {y}");
            }
        });
    }

    /// <summary>Colour pictures have no infrared: what is bright on both dates is ground there too.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Flags_ColourPictureBrightOnBothDates_AreNoCloud(bool clouded)
    {
        const int width = 40, height = 3;
        var pairing = new BandPairing([.. Enumerable.Range(0, 3).Select(k => new BandPair(k, k, (BandRole)k))], null, null);
        StoredPixels Fill(ushort value)
        {
            var pixels = new StoredPixels(3, width, height, isWhole: true, hasQuality: false);
            Array.Fill(pixels.Whole, value);
            return pixels;
        }

        var model = new PairModel([], true, [], [.. Enumerable.Range(0, 3).Select(_ => new DifferenceNoise(0.0003, 0.3))], 0, 0, 32, null)
        {
            DecodingBefore = [.. Enumerable.Repeat(new RowMath.Decoding(1e-4f, 0, float.NaN, 1, 0), 3)],
            DecodingAfter = [.. Enumerable.Repeat(new RowMath.Decoding(1e-4f, 0, float.NaN, 1, 0), 3)],
        };
        var (before, after) = (Fill(3000), Fill((ushort)(clouded ? 6000 : 3010)));
        var scorer = new RowScorer(model, pairing, 0, width, 0, width, 0, height);
        for (var y = 0; y < height; y++)
        {
            scorer.Add(y, before, after);
            scorer.Flags.ToArray().ShouldAllBe(f => f == (clouded ? PixelFlags.BrightAfter : 0));
        }
    }

    private static List<byte[]> Levels(RowScorer scorer, StoredPixels before, StoredPixels after, int height)
    {
        var rows = new List<byte[]>();
        Run(scorer, before, after, height, _ => rows.Add(scorer.Levels.ToArray()));
        return rows;
    }

    private static void Run(RowScorer scorer, StoredPixels before, StoredPixels after, int height, Action<int> row)
    {
        var finished = 0;
        for (var y = 0; y < height + RowScorer.Reach; y++)
        {
            if (y < height)
            {
                scorer.Add(y, before, after);
            }
            else
            {
                scorer.AddNothing();
            }

            if (scorer.HasRow)
            {
                scorer.Row.ShouldBe(finished++);
                row(scorer.Row);
            }
        }

        finished.ShouldBe(height);
    }

    /// <summary>Patchy ground with noise, missing numbers, black pixels, and for floats also what is no number.</summary>
    private static (StoredPixels Before, StoredPixels After, PairModel Model) Make(int width, int height, bool isWhole, int seed, bool gaps = true)
    {
        var random = new Random(seed);
        StoredPixels Fill()
        {
            var pixels = new StoredPixels(Bands, width, height, isWhole, hasQuality: false);
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    var black = gaps && random.Next(23) == 0;
                    var bright = random.Next(3);
                    for (var k = 0; k < Bands; k++)
                    {
                        var value = black ? 0 : gaps && random.Next(41) == 0 ? Missing : (bright * 1500) + (300 * k) + random.Next(400);
                        if (isWhole)
                        {
                            pixels.Whole[pixels.At(k, x, y)] = (ushort)value;
                        }
                        else
                        {
                            pixels.Real[pixels.At(k, x, y)] = random.Next(97) switch { 0 => float.NaN, 1 => float.PositiveInfinity, 2 => -50, _ => value };
                        }
                    }
                }
            }

            return pixels;
        }

        var model = new PairModel(
            [], true, [], [.. Enumerable.Range(0, Bands).Select(k => new DifferenceNoise(0.0003 + (0.0001 * k), 0.3))], 0, 0, 32, null)
        {
            DecodingBefore = [.. Enumerable.Range(0, Bands).Select(k => new RowMath.Decoding(1e-4f, 0.001f, Missing, 0.9f + (0.03f * k), 0.01f))],
            DecodingAfter = [.. Enumerable.Range(0, Bands).Select(_ => new RowMath.Decoding(1e-4f, 0, Missing, 1, 0))],
        };
        return (Fill(), Fill(), model);
    }

    private static float Stored(StoredPixels pixels, int k, int x, int y) => pixels.Whole.Length > 0 ? pixels.Whole[pixels.At(k, x, y)] : pixels.Real[pixels.At(k, x, y)];

    private static float[] Reflectances(StoredPixels pixels, RowMath.Decoding[] how, int x, int y) =>
        [.. Enumerable.Range(0, Bands).Select(k => (Stored(pixels, k, x, y) * how[k].Scale) + how[k].Offset)];

    private static (double Score, bool Valid)[,] Formula(StoredPixels before, StoredPixels after, PairModel model, int width, int height)
    {
        double Root(StoredPixels pixels, RowMath.Decoding[] how, int k, int x, int y) => RootAt(pixels, how, k, x, y, width, height);

        bool Seen(StoredPixels pixels, int x, int y)
        {
            var values = Enumerable.Range(0, Bands).Select(k => Stored(pixels, k, x, y)).ToArray();
            return values.All(v => float.IsFinite(v) && v != Missing) && values.Any(v => v != 0);
        }

        double Texture(StoredPixels pixels, RowMath.Decoding[] how, int k, int x, int y) => TextureAt(pixels, how, k, x, y, width, height);

        var magnitude = new double[height, width];
        var valid = new bool[height, width];
        var result = new (double, bool)[height, width];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                valid[y, x] = Seen(before, x, y) && Seen(after, x, y);
                double total = 0;
                for (var k = 0; k < Bands; k++)
                {
                    var d = Root(after, model.DecodingAfter, k, x, y) - Root(before, model.DecodingBefore, k, x, y);
                    var g = Math.Min(Texture(before, model.DecodingBefore, k, x, y), Texture(after, model.DecodingAfter, k, x, y));
                    total += d * d / (model.Noise[k].Floor + (model.Noise[k].Slope * g));
                }

                magnitude[y, x] = Math.Sqrt(total / Bands);
            }
        }

        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                double sum = 0;
                var count = 0;
                for (var v = Math.Max(0, y - 1); v <= Math.Min(height - 1, y + 1); v++)
                {
                    for (var u = Math.Max(0, x - 1); u <= Math.Min(width - 1, x + 1); u++)
                    {
                        sum += valid[v, u] ? magnitude[v, u] : 0;
                        count += valid[v, u] ? 1 : 0;
                    }
                }

                float Square(StoredPixels pixels, RowMath.Decoding[] how, BandRole role) => (float)Math.Pow(Root(pixels, how, (int)role, x, y), 2);
                float Ndvi(StoredPixels pixels, RowMath.Decoding[] how) => SpectralIndex.Ndvi(Square(pixels, how, BandRole.Red), Square(pixels, how, BandRole.Nir));
                bool Water(StoredPixels pixels, RowMath.Decoding[] how) =>
                    CoverLimits.IsWater(Ndvi(pixels, how), Square(pixels, how, BandRole.Green), Square(pixels, how, BandRole.Swir16));
                var green = Math.Min(Ndvi(before, model.DecodingBefore), Ndvi(after, model.DecodingAfter));
                var weight = Math.Clamp((0.5 - green) / 0.3, 0, 1);
                weight = Water(before, model.DecodingBefore) && Water(after, model.DecodingAfter) ? 0 : weight;
                result[y, x] = (sum / Math.Max(1, count) * weight, valid[y, x]);
            }
        }

        return result;
    }

    private static double RootAt(StoredPixels pixels, RowMath.Decoding[] how, int k, int x, int y, int width, int height)
    {
        double stored = Stored(pixels, k, Math.Clamp(x, 0, width - 1), Math.Clamp(y, 0, height - 1));
        stored = double.IsFinite(stored) ? stored : 0;
        return (Math.Sqrt(Math.Max(0, (stored * how[k].Scale) + how[k].Offset)) * how[k].Slope) + how[k].Lift;
    }

    private static double TextureAt(StoredPixels pixels, RowMath.Decoding[] how, int k, int x, int y, int width, int height)
    {
        double sum = 0;
        for (var v = Math.Max(0, y - 1); v <= Math.Min(height - 1, y + 1); v++)
        {
            for (var u = Math.Max(0, x - 1); u <= Math.Min(width - 1, x + 1); u++)
            {
                var dx = RootAt(pixels, how, k, u + 1, v, width, height) - RootAt(pixels, how, k, u - 1, v, width, height);
                var dy = RootAt(pixels, how, k, u, v + 1, width, height) - RootAt(pixels, how, k, u, v - 1, width, height);
                sum += ((dx * dx) + (dy * dy)) / 4;
            }
        }

        return sum;
    }
}
