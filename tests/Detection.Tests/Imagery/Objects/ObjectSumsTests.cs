using CsCheck;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Tests.Imagery.Objects;

public sealed class ObjectSumsTests
{
    private static readonly Gen<PixelSample> Pixel =
        from score in Gen.Float[0, 40]
        from values in Gen.Float[-0.2f, 1.4f].Array[18]
        from bands in Gen.Int[3, 6]
        select Sample(score, values, bands);

    [Fact]
    public void Merge_PiecesInAnyOrder_EqualsTheWholeToTheLastBit() =>
        Gen.Select(Pixel.Array[1, 60], Gen.Int[1, 6], Gen.Int[0, int.MaxValue]).Sample((pixels, pieces, seed) =>
        {
            var whole = default(ObjectSums);
            foreach (var pixel in pixels)
            {
                whole.Add(pixel);
            }

            var random = new Random(seed);
            var parts = new ObjectSums[pieces];
            foreach (var pixel in pixels)
            {
                parts[random.Next(pieces)].Add(pixel);
            }

            random.Shuffle(parts);
            var merged = default(ObjectSums);
            foreach (var part in parts)
            {
                merged.Merge(part);
            }

            return Lanes(merged).SequenceEqual(Lanes(whole));
        }, seed: "0000KIzLV9Y1");

    [Fact]
    public void Mean_MissingBand_IsNaNAndTheOthersAreKnown()
    {
        var sums = default(ObjectSums);
        sums.Add(Sample(3, [.. Enumerable.Repeat(0.25f, 18)], 4));
        sums.After(BandRole.Nir).ShouldBe(0.25);
        sums.After(BandRole.Swir16).ShouldBe(double.NaN);
        sums.Peak.ShouldBe(3);
    }

    [Fact]
    public void Shape_AnyMask_AgreesWithCountingPixelByPixel() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12], Gen.Bool.Array[144]).Sample((width, height, bits) =>
        {
            bool At(int x, int y) => x >= 0 && y >= 0 && x < width && y < height && bits[(y * width) + x];
            // Far from the origin, where sums of squares lose digits first.
            const int far = 60_000;
            ObjectShape upper = default, lower = default;
            long pixels = 0, edges = 0;
            double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    if (!At(x, y))
                    {
                        continue;
                    }

                    pixels++;
                    edges += (At(x - 1, y) ? 0 : 1) + (At(x + 1, y) ? 0 : 1) + (At(x, y - 1) ? 0 : 1) + (At(x, y + 1) ? 0 : 1);
                    (sx, sy, xx, yy, xy) = (sx + x, sy + y, xx + (x * x), yy + (y * y), xy + (x * y));
                    if (!At(x - 1, y))
                    {
                        var to = x;
                        var below = 0;
                        for (; At(to, y); to++)
                        {
                            below += At(to, y - 1) ? 1 : 0;
                        }

                        // Two pieces that are joined at the end, as tiles would be.
                        ref var piece = ref (y % 2 == 0 ? ref upper : ref lower);
                        piece.AddRun(y + far, x + far, to + far);
                        piece.Touch(below);
                    }
                }
            }

            upper.Merge(lower);
            if (pixels == 0)
            {
                return upper.Pixels == 0;
            }

            upper.Pixels.ShouldBe(pixels);
            upper.Perimeter.ShouldBe(edges);
            upper.CentreX.ShouldBe((sx / pixels) + far, 1e-6);
            double vx = (xx / pixels) - (sx / pixels * sx / pixels) + (1.0 / 12), vy = (yy / pixels) - (sy / pixels * sy / pixels) + (1.0 / 12), c = (xy / pixels) - (sx / pixels * sy / pixels);
            upper.Axes.Length.ShouldBe(Math.Sqrt(6 * (vx + vy + Math.Sqrt(((vx - vy) * (vx - vy)) + (4 * c * c)))), 1e-6);
            return true;
        }, seed: "0000KIzLV9Y1");

    [Fact]
    public void Axes_Rectangle_AreItsSides()
    {
        var shape = default(ObjectShape);
        for (var y = 0; y < 4; y++)
        {
            shape.AddRun(y, 10, 30);
            shape.Touch(y > 0 ? 20 : 0);
        }

        shape.Axes.Length.ShouldBe(20, 1e-9);
        shape.Axes.Width.ShouldBe(4, 1e-9);
        shape.Fill.ShouldBe(1);
        shape.Perimeter.ShouldBe(48);
    }

    private static double[] Lanes(ObjectSums sums)
    {
        var lanes = new double[ObjectSums.Lanes];
        sums.CopyTo(lanes);
        return lanes;
    }

    private static PixelSample Sample(float score, float[] values, int bands)
    {
        var sample = new PixelSample(score, values[0], values[1]);
        for (var k = 0; k < bands; k++)
        {
            sample.Set(k, Math.Abs(values[3 * k]), Math.Abs(values[(3 * k) + 1]), values[(3 * k) + 2] * 10);
        }

        return sample;
    }
}
