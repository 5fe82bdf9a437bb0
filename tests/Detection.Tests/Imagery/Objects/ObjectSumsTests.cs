using CsCheck;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Tests.Imagery.Objects;

public sealed class ObjectSumsTests
{
    [Fact]
    public void Mean_MissingBand_IsNaNAndTheOthersAreKnown()
    {
        var sums = MadeObject.Sums(4, 3, [0.25f, 0.25f, 0.25f, 0.25f], [0.5f, 0.5f, 0.5f, 0.5f], 0.01, 0.02);
        sums.Pixels.ShouldBe(4);
        sums.Before(BandRole.Nir).ShouldBe(0.25);
        sums.After(BandRole.Nir).ShouldBe(0.5);
        sums.After(BandRole.Swir16).ShouldBe(double.NaN);
        sums.Mean(ObjectSums.Lane.Score).ShouldBe(3);

        // What needs a missing band is not known.
        PatchFacts.Of(sums).NdbiAfter.ShouldBe(double.NaN);
        PatchFacts.Of(sums).NdviAfter.ShouldBe(0);
        PatchFacts.Of(sums).BrightAfter.ShouldBe(0.5, 1e-6);
        PatchFacts.Of(sums).MeanScore.ShouldBe(3);
    }

    [Fact]
    public void Shape_AnyMask_AgreesWithCountingPixelByPixel() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12], Gen.Bool.Array[144]).Sample((width, height, bits) =>
        {
            bool At(int x, int y) => x >= 0 && y >= 0 && x < width && y < height && bits[(y * width) + x];
            // Far from the origin, where sums of squares lose digits first.
            const int far = 60_000;
            ObjectShape upper = default, lower = default;
            var runs = new List<PixelRun>();
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
                        runs.Add(new PixelRun(y + far, x + far, to + far));
                        piece.Touch(below);
                    }
                }
            }

            upper.Merge(lower);
            if (pixels == 0)
            {
                return upper.Pixels == 0;
            }

            ObjectShape.Of(runs).ShouldBe(upper);

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
}
