using CsCheck;

namespace Monitoring.Gdal.Tests;

/// <summary>Labels to polygons and back.</summary>
public sealed class LabelRasterTests
{
    private static readonly Gen<(int W, int H, byte[] Labels, GeoTransform Transform)> Pictures =
        from w in Gen.Int[1, 24]
        from h in Gen.Int[1, 24]
        from labels in Gen.Int[0, 3].Select(static v => (byte)v).Array[w * h]
        from kind in Gen.Int[0, 3]
        select (w, h, labels, kind switch
        {
            0 => GeoTransform.NorthUp(500000, 3400000, 10, 10),
            1 => GeoTransform.Identity, // south-up
            2 => new GeoTransform(100, 3, 1, 200, 1, -4), // rotated
            _ => new GeoTransform(116.5, 0.0001, 0, 39.9, 0, -0.0001),
        });

    [Fact]
    public void PolygonizeThenBurn_AnyPicture_IsTheSamePicture() => Pictures.Sample(c =>
    {
        var polygons = LabelRaster.Polygonize<byte>(c.Labels, default, c.W, c.H, c.Transform);
        var burnt = new byte[c.Labels.Length];
        Array.Fill(burnt, (byte)77);
        LabelRaster.Burn(polygons.Select(static p => new BurnShape(p.Wkb, p.Value)).ToArray(), burnt.AsSpan(), c.W, c.H, c.Transform);
        return burnt.AsSpan().SequenceEqual(c.Labels);
    }, iter: 300);

    [Fact]
    public void Polygonize_AnyPicture_CountsAndAreasEqualFloodFill() => Pictures.Sample(c =>
    {
        foreach (var connectedness in new[] { Connectedness.Four, Connectedness.Eight })
        {
            var polygons = LabelRaster.Polygonize<byte>(c.Labels, c.Labels, c.W, c.H, c.Transform, connectedness);
            var expected = FloodFill(c.Labels, c.W, c.H, connectedness).Where(static p => p.Value != 0).Select(p => (p.Value,
                Area: p.Pixels)).Order().ToArray();
            var got = polygons.Select(p => (Value: (byte)p.Value,
                Area: (int)Math.Round(Wkb.PlanarArea(p.Wkb) / c.Transform.PixelArea))).Order().ToArray();
            if (!got.SequenceEqual(expected))
                return false;
        }
        return true;
    }, iter: 300);

    [Fact]
    public void Sieve_SmallPatches_TakeTheLargestNeighbour()
    {
        byte[] labels =
        [
            1, 1, 1, 2, 2,
            1, 3, 1, 2, 2,
            1, 1, 1, 2, 4,
        ];
        LabelRaster.Sieve(labels.AsSpan(), default, 5, 3, 2);
        labels.ShouldBe(
        [
            1, 1, 1, 2, 2,
            1, 1, 1, 2, 2,
            1, 1, 1, 2, 2,
        ]);
        int[] kept = [-7, -7, 300000, 5];
        LabelRaster.Sieve(kept.AsSpan(), default, 2, 2, 1);
        kept.ShouldBe([-7, -7, 300000, 5]);
    }

    [Fact]
    public void Sieve_AnyPicture_LeavesNoSmallPatchBesideALargeOne() => Pictures.Sample(c =>
    {
        var labels = c.Labels.ToArray();
        const int threshold = 4;
        LabelRaster.Sieve(labels.AsSpan(), default, c.W, c.H, threshold);
        // Every label was there before, and patches that were large enough keep their pixels.
        var before = FloodFill(c.Labels, c.W, c.H, Connectedness.Four);
        foreach (var patch in before.Where(static p => p.Pixels >= threshold))
            foreach (var at in patch.Where)
                if (labels[at] != patch.Value)
                    return false;
        return labels.Distinct().All(c.Labels.Contains);
    }, iter: 300);

    [Fact]
    public void Sieve_Masked_DoesNotTouchOrUseIt()
    {
        byte[] labels = [9, 9, 9, 1, 5, 5];
        byte[] mask = [0, 0, 0, 1, 1, 1];
        LabelRaster.Sieve(labels.AsSpan(), mask, 6, 1, 2);
        labels.ShouldBe([9, 9, 9, 5, 5, 5]);
    }

    [Fact]
    public void Polygonize_IntLabelsWithMask_KeepsValuesBeyondBytes()
    {
        int[] labels = [70000, 70000, -5, 70000, 8, -5];
        byte[] mask = [1, 1, 1, 1, 0, 1];
        var polygons = LabelRaster.Polygonize<int>(labels, mask, 3, 2, GeoTransform.NorthUp(0, 2, 1, 1));
        polygons.Select(static p => (p.Value, Wkb.PlanarArea(p.Wkb))).Order().ShouldBe([(-5, 2.0), (70000, 3.0)]);
    }

    [Fact]
    public void Polygonize_PixelWithHole_HasTwoRings()
    {
        byte[] ring = [1, 1, 1, 1, 0, 1, 1, 1, 1];
        var polygon = LabelRaster.Polygonize<byte>(ring, ring, 3, 3, GeoTransform.NorthUp(10, 20, 2, 2)).Single();
        Wkb.Rings(polygon.Wkb).Length.ShouldBe(2);
        Wkb.PlanarArea(polygon.Wkb).ShouldBe(32);
        Wkb.FirstRing(polygon.Wkb).ShouldContain((10.0, 20.0));
    }

    [Fact]
    public void Polygonize_Dataset_LeavesOutNoData()
    {
        using var ds = RasterDataset.CreateInMemory(3, 1, 1, PixelType.Int32);
        ds.Transform = GeoTransform.NorthUp(0, 1, 1, 1);
        ds.Write<int>(1, ds.FullWindow, [4, -1, 4]);
        ds.SetNoData(1, -1);
        LabelRaster.Polygonize(ds, 1).Select(static p => p.Value).ShouldBe([4, 4]);
    }

    [Fact]
    public void Burn_OverlapsAllTouchedAndTypes_AsDocumented()
    {
        var grid = new float[16];
        Array.Fill(grid, -1);
        var transform = GeoTransform.NorthUp(0, 4, 1, 1);
        LabelRaster.Burn([new(Wkb.Box(0, 0, 2.4, 4), 1.5), new(Wkb.Box(1, 1, 2, 3), 2.5)], grid.AsSpan(), 4, 4, transform);
        grid.ShouldBe([1.5f, 1.5f, -1, -1, 1.5f, 2.5f, -1, -1, 1.5f, 2.5f, -1, -1, 1.5f, 1.5f, -1, -1]);
        var touched = new int[4];
        LabelRaster.Burn([new(Wkb.Box(0.1, 0.1, 1.1, 0.2), 9)], touched.AsSpan(), 4, 1, GeoTransform.NorthUp(0, 1, 1, 1), allTouched: true);
        touched.ShouldBe([9, 9, 0, 0]);
        var none = new int[4];
        LabelRaster.Burn([new(Wkb.Box(0.1, 0.1, 1.1, 0.2), 9)], none.AsSpan(), 4, 1, GeoTransform.NorthUp(0, 1, 1, 1));
        none.ShouldBe([0, 0, 0, 0]);
        LabelRaster.Burn([], none.AsSpan(), 4, 1, transform);
        LabelRaster.Burn([new(Wkb.Box(100, 100, 101, 101), 9)], none.AsSpan(), 4, 1, transform);
        none.ShouldBe([0, 0, 0, 0]);
    }

    [Fact]
    public void Labels_BadArguments_AreRefused()
    {
        Should.Throw<ArgumentException>(() => LabelRaster.Polygonize<byte>(new byte[5], default, 2, 2, GeoTransform.Identity));
        Should.Throw<ArgumentException>(() => LabelRaster.Polygonize<byte>(new byte[4], new byte[3], 2, 2, GeoTransform.Identity));
        Should.Throw<NotSupportedException>(() => LabelRaster.Polygonize<float>(new float[4], default, 2, 2, GeoTransform.Identity));
        Should.Throw<ArgumentException>(() => LabelRaster.Sieve(new byte[4].AsSpan(), default, 2, 2, 0));
        Should.Throw<GdalException>(() => LabelRaster.Burn([new(new byte[] { 1, 2 }, 1)], new byte[4].AsSpan(), 2, 2,
            GeoTransform.Identity)).Message.ShouldContain("WKB");
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Should.Throw<OperationCanceledException>(() => LabelRaster.Polygonize<byte>(new byte[4], default, 2, 2, GeoTransform.Identity,
            cancellation: cancelled.Token));
    }

    [Fact]
    public void Polygonize_CancelledOnTheWay_Stops()
    {
        using var source = new CancellationTokenSource();
        var labels = new byte[1000 * 1000];
        var progress = new Sink(fraction =>
        {
            if (fraction > 0.1)
                source.Cancel();
        });
        Should.Throw<OperationCanceledException>(() => LabelRaster.Polygonize<byte>(labels, default, 1000, 1000, GeoTransform.Identity,
            Connectedness.Four, progress, source.Token));
        progress.Last.ShouldBeLessThan(0.6);
    }

    private static List<(byte Value, int Pixels, List<int> Where)> FloodFill(byte[] labels, int width, int height,
        Connectedness connectedness)
    {
        var patches = new List<(byte, int, List<int>)>();
        var seen = new bool[labels.Length];
        for (var start = 0; start < labels.Length; start++)
        {
            if (seen[start])
                continue;
            seen[start] = true;
            var members = new List<int> { start };
            for (var i = 0; i < members.Count; i++)
            {
                var (x, y) = (members[i] % width, members[i] / width);
                for (var dy = -1; dy <= 1; dy++)
                    for (var dx = -1; dx <= 1; dx++)
                    {
                        if (connectedness == Connectedness.Four && dx != 0 && dy != 0)
                            continue;
                        var (nx, ny) = (x + dx, y + dy);
                        if (nx < 0 || ny < 0 || nx >= width || ny >= height)
                            continue;
                        var next = ny * width + nx;
                        if (seen[next] || labels[next] != labels[start])
                            continue;
                        seen[next] = true;
                        members.Add(next);
                    }
            }
            patches.Add((labels[start], members.Count, members));
        }
        return patches;
    }

    private sealed class Sink(Action<double> report) : IProgress<double>
    {
        internal double Last { get; private set; }

        public void Report(double value)
        {
            Last = value;
            report(value);
        }
    }
}
