using CsCheck;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>Kernels against plain twins; statistics against what they should find.</summary>
public sealed class KernelTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(100)]
    public void Line_AnyLength_EqualsScalar(int length)
    {
        var plane = Noise(length, 8);
        var expected = plane.Select(v => (v * 1.7f) + 0.3f).ToArray();
        PlaneMath.Line(plane, 1.7f, 0.3f);
        plane.ShouldBe(expected);
    }

    [Fact]
    public void Contains_AnyLengthAndPlace_EqualsTheFrameworks()
    {
        foreach (var length in (int[])[0, 1, 15, 31, 32, 33, 63, 64, 65, 100])
        {
            var row = Enumerable.Range(1, length).Select(v => (ushort)(40_000 + v)).ToArray();
            RowMath.Contains(row, 0).ShouldBeFalse();
            for (var x = 0; x < length; x++)
            {
                RowMath.Contains(row, row[x]).ShouldBeTrue($"{x} of {length}");
                RowMath.Contains(row.AsSpan(0, x), row[x]).ShouldBeFalse($"{x} of {length}, not looked at");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(500)]
    public void PaddedRows_AnyWidth_KeepApart(int width)
    {
        var rows = new PaddedRows(40, width);
        for (var row = 0; row < 40; row++)
        {
            rows[row].Span(width).Fill(row + 1);
        }

        for (var row = 0; row < 40; row++)
        {
            rows[row].Span(width).ToArray().ShouldAllBe(v => v == row + 1);
        }

        rows.Clear(7, 2);
        rows[6].Span(width).ToArray().ShouldAllBe(v => v == 7);
        rows[7].Span(width).ToArray().ShouldAllBe(v => v == 0);
        rows[8].Span(width).ToArray().ShouldAllBe(v => v == 0);
        rows[9].Span(width).ToArray().ShouldAllBe(v => v == 10);
    }

    [Fact]
    public void Otsu_TwoHeaps_SplitsBetween()
    {
        var histogram = new long[100];
        (histogram[10], histogram[12], histogram[70], histogram[74]) = (500, 500, 20, 30);
        OtsuThreshold.Find(histogram, 0.1).ShouldNotBeNull().ShouldBeInRange(1.3, 7.0);
        OtsuThreshold.Find(new long[10], 1).ShouldBeNull();
        long[] oneValue = [0, 0, 9, 0];
        OtsuThreshold.Find(oneValue, 1).ShouldBeNull();
    }

    [Theory]
    [InlineData(1, 0.4549)]
    [InlineData(6, 5.3481)]
    public void ChiSquare_Median_IsThatOfTables(int degrees, double expected)
    {
        ChiSquare.Median(degrees).ShouldBe(expected, 1e-4);
        ChiSquare.UpperTail(ChiSquare.Median(degrees), degrees).ShouldBe(0.5, 1e-9);
    }

    [Fact]
    public void ChiSquare_UpperTail_IsTheIncompleteGammaFunction()
    {
        for (var degrees = 1; degrees <= 12; degrees++)
        {
            for (var x = 0.01; x < 80; x *= 1.3)
            {
                ChiSquare.UpperTail(x, degrees).ShouldBe(1 - MathNet.Numerics.SpecialFunctions.GammaLowerRegularized(degrees / 2.0, x / 2), 1e-12, $"{degrees} degrees at {x}");
            }

            foreach (var probability in new[] { 0.01, 0.5, 0.99, 0.999999 })
            {
                ChiSquare.UpperTail(ChiSquare.Quantile(probability, degrees), degrees).ShouldBe(1 - probability, 1e-10);
            }
        }
    }

    [Fact]
    public void InvariantLine_FifthOfPixelsChanged_FindsTheLine()
    {
        var a = Noise(20_000, 11);
        var noise = Noise(a.Length, 12);
        var b = a.Select((v, i) => (1.3f * v) + 0.2f + (0.01f * (noise[i] - 0.5f)) + (i % 5 == 0 ? 2f : 0f)).ToArray();
        var line = InvariantLine.Fit(a, b, []);
        line.Slope.ShouldBe(1.3, 0.01);
        line.Offset.ShouldBe(0.2, 0.01);
    }

    [Fact]
    public void DifferenceNoise_GrowsWithTexture_FindsFloorAndSlope()
    {
        var random = new Random(5);
        var texture = new float[60_000];
        var difference = new float[texture.Length];
        for (var i = 0; i < texture.Length; i++)
        {
            texture[i] = (float)random.NextDouble();
            difference[i] = (float)(Normal(random) * Math.Sqrt(0.04 + (0.5 * texture[i]))) + (i % 20 == 0 ? 8 : 0);
        }

        var noise = DifferenceNoise.Fit(difference, texture, 0);
        noise.Floor.ShouldBe(0.04, 0.03);
        noise.Slope.ShouldBe(0.5, 0.12);
    }

    [Fact]
    public void MultivariateAlteration_LinearRadiometry_LeavesOnlyTheChangedPixels()
    {
        var random = new Random(9);
        const int count = 8_000;
        float[][] a = [.. Enumerable.Range(0, 4).Select(_ => new float[count])], b = [.. Enumerable.Range(0, 4).Select(_ => new float[count])];
        for (var i = 0; i < count; i++)
        {
            double shade = Normal(random), green = Normal(random);
            for (var k = 0; k < 4; k++)
            {
                a[k][i] = (float)((shade * (1 + (0.2 * k))) + (green * (k == 3 ? 1 : -0.3)) + (0.1 * Normal(random)));
                b[k][i] = (float)((a[k][i] * (0.7 + (0.1 * k))) + 5 + (0.1 * Normal(random)));
            }

            if (i < 400)
            {
                b[1][i] += 3;
                b[2][i] -= 2;
            }
        }

        var unchanged = MultivariateAlteration.NoChangeProbability(a, b, 8).ShouldNotBeNull();
        unchanged.Take(400).Average().ShouldBeLessThan(0.01);
        unchanged.Skip(400).Average().ShouldBe(0.5, 0.1);
        MultivariateAlteration.NoChangeProbability([a[0], a[0]], [b[0], b[0]], 2).ShouldBeNull();
    }

    [Theory]
    [InlineData(2, -1)]
    [InlineData(-3, 0)]
    [InlineData(0, 0)]
    public void ShiftEstimate_WholePixels_FindsThem(int dx, int dy)
    {
        const int side = 80;
        var random = new Random(3);
        var ground = Enumerable.Range(0, (side + 20) * (side + 20)).Select(_ => (float)random.NextDouble()).ToArray();
        float[] a = Cut(10, 10), b = Cut(10 - dx, 10 - dy);
        var estimate = ShiftEstimate.Of([(a, b, side, side)]);
        estimate.Trusted.X.ShouldBe(dx, 0.1);
        estimate.Trusted.Y.ShouldBe(dy, 0.1);

        float[] Cut(int left, int top)
        {
            var part = new float[side * side];
            for (var y = 0; y < side; y++)
            {
                Array.Copy(ground, ((y + top) * (side + 20)) + left, part, y * side, side);
            }

            return part;
        }
    }


    private static float[] Noise(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)random.NextDouble())];
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
