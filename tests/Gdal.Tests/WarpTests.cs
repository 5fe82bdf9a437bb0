using Monitoring.TestKit;

namespace Monitoring.Gdal.Tests;

/// <summary>Pixels on another grid, against numbers worked out by hand.</summary>
public sealed class WarpTests
{
    private const string Plane = "EPSG:4547";

    [Fact]
    public void Warp_ShiftByWholePixels_MovesThem()
    {
        using var source = Raster([1, 2, 3, 4, 5, 6, 7, 8, 9], 3, 3, noData: 255);
        // One pixel east and south; the last column and row have no source.
        using var warped = source.WarpVirtual(new(Plane, GeoTransform.NorthUp(500010, 3399990, 10, 10), 3, 3),
            new() { Resampling = Resampling.Nearest });
        Pixels(warped).ShouldBe([5, 6, 255, 8, 9, 255, 255, 255, 255]);
        warped.GetBand(1).NoData.ShouldBe(255);
        warped.Transform.ShouldBe(GeoTransform.NorthUp(500010, 3399990, 10, 10));
        warped.Describe().CrsEpsg.ShouldBe(4547);
        var mask = new byte[9];
        warped.ReadMask(1, warped.FullWindow, mask);
        mask.ShouldBe([255, 255, 0, 255, 255, 0, 0, 0, 0]);
    }

    [Fact]
    public void Warp_HalfPixelBilinear_AveragesNeighbours()
    {
        using var source = Raster([10, 20, 40, 80], 4, 1);
        using var warped = source.WarpVirtual(new(Plane, GeoTransform.NorthUp(500005, 3400000, 10, 10), 3, 1),
            new() { Resampling = Resampling.Bilinear });
        Pixels(warped).ShouldBe([15, 30, 60]);
    }

    [Fact]
    public void Warp_NoDataNeighbour_DoesNotEnterTheAverage()
    {
        // Two rows: GDAL's masked bilinear needs them. Centres fall on pixel edges and belong to the pixel on their right.
        using var source = Raster([10, 0, 40, 80, 10, 0, 40, 80], 4, 2, noData: 0);
        var grid = new WarpGrid(Plane, GeoTransform.NorthUp(500005, 3400000, 10, 10), 3, 2);
        using var warped = source.WarpVirtual(grid, new() { Resampling = Resampling.Bilinear, TargetNoData = 200 });
        Pixels(warped)[..3].ShouldBe([200, 40, 60]);
        using var ignoring = source.WarpVirtual(grid, new() { Resampling = Resampling.Bilinear, IgnoreSourceNoData = true });
        Pixels(ignoring)[..3].ShouldBe([5, 20, 60]);
        using var average = source.WarpVirtual(new(Plane, GeoTransform.NorthUp(500000, 3400000, 20, 20), 2, 1),
            new() { Resampling = Resampling.Average, TargetNoData = 200 });
        Pixels(average).ShouldBe([10, 60]);
    }

    [Theory]
    [InlineData("inside")]
    [InlineData("beside")]
    [InlineData("alpha")]
    public void Warp_MaskBesideNoData_LeavesOutBoth(string kind)
    {
        // Column 1 is nodata, column 3 hidden, and 200 is what stands below.
        byte[] row = [10, 0, 40, 200, 60, 80];
        byte[] shown = [255, 255, 255, 0, 255, 255];
        using var folder = new TempDirectory();
        GdalLibrary.SetOption("GDAL_TIFF_INTERNAL_MASK", kind == "inside" ? "YES" : "NO");
        using (var file = RasterDataset.Create(folder.File("a.tif"), "GTiff", 6, 2, kind == "alpha" ? 2 : 1, PixelType.UInt8, kind == "alpha" ? ["ALPHA=YES"] : []))
        {
            Georeference(file);
            file.SetNoData(1, 0);
            file.Write<byte>(1, file.FullWindow, [.. row, .. row]);
            if (kind == "alpha")
            {
                file.Write<byte>(2, file.FullWindow, [.. shown, .. shown]);
            }
            else
            {
                file.CreateMask();
                file.WriteMask(file.FullWindow, [.. shown, .. shown]);
            }
        }

        using var source = RasterDataset.Open(folder.File("a.tif"));
        foreach (var stated in new double?[] { null, 0 })
        {
            using var warped = source.WarpVirtual(
                new(Plane, GeoTransform.NorthUp(500005, 3400000, 10, 10), 5, 2), new() { Resampling = Resampling.Bilinear, AddAlpha = true, SourceNoData = stated, TargetType = PixelType.Float32 });
            warped.BandCount.ShouldBe(2);

            // Centres fall on pixel edges and belong to the pixel on their right.
            Pixels(warped, 2)[..5].ShouldBe([0, 255, 0, 255, 255]);
            var values = new float[10];
            warped.Read<float>(1, warped.FullWindow, values);
            (values[1], values[3], values[4]).ShouldBe((40f, 60f, 70f));
        }
    }

    [Fact]
    public void Warp_AverageToCoarser_IsTheMean()
    {
        using var source = Raster([1, 3, 100, 100, 5, 7, 100, 104], 4, 2);
        using var warped = source.WarpVirtual(new(Plane, GeoTransform.NorthUp(500000, 3400000, 20, 20), 2, 1),
            new() { Resampling = Resampling.Average });
        Pixels(warped).ShouldBe([4, 101]);
    }

    [Fact]
    public void Warp_AddAlpha_TellsWhatWasReached()
    {
        using var source = Raster([1, 0, 3, 4], 2, 2, noData: 0);
        using var warped = source.WarpVirtual(new(Plane, GeoTransform.NorthUp(499990, 3400000, 10, 10), 4, 2),
            new() { Resampling = Resampling.Nearest, AddAlpha = true });
        warped.BandCount.ShouldBe(2);
        warped.GetBand(2).Color.ShouldBe(ColorInterpretation.Alpha);
        Pixels(warped, 2).ShouldBe([0, 255, 0, 0, 0, 255, 255, 0]);
        var mask = new byte[8];
        warped.ReadMask(1, warped.FullWindow, mask);
        mask.ShouldBe([0, 255, 0, 0, 0, 255, 255, 0]);
    }

    [Fact]
    public void Warp_NoDataByBand_OrByAllBands()
    {
        using var source = RasterDataset.CreateInMemory(2, 1, 2, PixelType.UInt8);
        Georeference(source);
        source.SetNoData(1, 0);
        source.SetNoData(2, 0);
        source.Write<byte>([1, 2], source.FullWindow, [0, 0, /* band 2 */ 7, 0]);
        var grid = new WarpGrid(Plane, GeoTransform.NorthUp(500000, 3400000, 10, 10), 2, 1);
        using var each = source.WarpVirtual(grid, new() { Resampling = Resampling.Nearest, TargetNoData = 99 });
        Pixels(each).ShouldBe([99, 99]);
        Pixels(each, 2).ShouldBe([7, 99]);
        using var all = source.WarpVirtual(grid, new() { Resampling = Resampling.Nearest, TargetNoData = 99, UnifiedNoData = true });
        Pixels(all).ShouldBe([0, 99]); // band 1 of the first pixel is a value, because band 2 is one
        Pixels(all, 2).ShouldBe([7, 99]);
    }

    [Theory]
    [InlineData(4490, 4547)]
    [InlineData(4490, 4526)]
    [InlineData(32650, 4490)]
    public void Warp_BetweenCrs_EqualsTransformOfEachCentre(int sourceEpsg, int targetEpsg)
    {
        // The source holds its own ground position; after warping, each pixel must hold where its centre lies in the source CRS.
        using var toTarget = CoordinateTransform.FromEpsg(4490, targetEpsg);
        using var lonLatToSource = CoordinateTransform.FromEpsg(4490, sourceEpsg);
        using var back = CoordinateTransform.FromEpsg(targetEpsg, sourceEpsg);
        var centre = lonLatToSource.Transform(114.6, 30.4);
        var step = sourceEpsg == 4490 ? 0.0003 : 30;
        const int size = 300;
        var transform = GeoTransform.NorthUp(centre.X - step * size / 2, centre.Y + step * size / 2, step, step);
        using var source = RasterDataset.CreateInMemory(size, size, 2, PixelType.Float64);
        using (var crs = SpatialReference.FromEpsg(sourceEpsg))
            source.SetSpatialReference(crs);
        source.Transform = transform;
        var ground = new double[2 * size * size];
        for (var row = 0; row < size; row++)
            for (var column = 0; column < size; column++)
                (ground[row * size + column], ground[(size + row) * size + column]) = transform.Apply(column + 0.5, row + 0.5);
        source.Write<double>([1, 2], source.FullWindow, ground);

        var target = toTarget.Transform(114.6, 30.4);
        var targetStep = targetEpsg == 4490 ? 0.0002 : 20;
        var grid = GeoTransform.NorthUp(target.X - targetStep * 50, target.Y + targetStep * 50, targetStep, targetStep);
        foreach (var (error, tolerance) in new[] { (0.0, 1e-6), (0.125, 0.13) })
        {
            using var warped = source.WarpVirtual(new($"EPSG:{targetEpsg}", grid, 100, 100), new() { Resampling = Resampling.Bilinear,
                ErrorPixels = error });
            var result = new double[2 * 100 * 100];
            warped.Read<double>([1, 2], warped.FullWindow, 100, 100, result);
            var worst = 0.0;
            for (var row = 0; row < 100; row++)
                for (var column = 0; column < 100; column++)
                {
                    var (x, y) = grid.Apply(column + 0.5, row + 0.5);
                    var expected = back.Transform(x, y);
                    worst = Math.Max(worst, Math.Max(Math.Abs(result[row * 100 + column] - expected.X),
                        Math.Abs(result[(100 + row) * 100 + column] - expected.Y)) / step);
                }
            worst.ShouldBeLessThan(tolerance); // source pixels
        }
    }

    [Fact]
    public void WarpVirtual_SourceDisposedFirst_StillReads()
    {
        using var folder = new TempDirectory();
        using (var source = Raster([1, 2, 3, 4], 2, 2))
            source.CopyTo(folder.File("a.tif"), "GTiff");
        RasterDataset warped;
        using (var source = RasterDataset.Open(folder.File("a.tif")))
        using (var again = source.WarpVirtual(new(Plane, GeoTransform.NorthUp(500000, 3400000, 10, 10), 2, 2),
            new() { Resampling = Resampling.Nearest }))
            warped = again.WarpVirtual(new(Plane, GeoTransform.NorthUp(500000, 3400000, 10, 10), 2, 2),
                new() { Resampling = Resampling.Nearest });
        using (warped)
            Pixels(warped).ShouldBe([1, 2, 3, 4]);
        Should.Throw<ObjectDisposedException>(() => Pixels(warped));
    }

    [Fact]
    public void WarpInto_RotatedAndSouthUpTargets_AreFilled()
    {
        using var source = Raster([1, 2, 3, 4], 2, 2);
        using var southUp = RasterDataset.CreateInMemory(2, 2, 1, PixelType.UInt8);
        Georeference(southUp, new GeoTransform(500000, 10, 0, 3399980, 0, 10));
        southUp.WarpInto([source], new() { Resampling = Resampling.Nearest });
        Pixels(southUp).ShouldBe([3, 4, 1, 2]);
        using var turned = RasterDataset.CreateInMemory(2, 2, 1, PixelType.UInt8);
        Georeference(turned, new GeoTransform(500000, 0, 10, 3400000, -10, 0)); // columns run south, rows run east
        turned.WarpInto([source], new() { Resampling = Resampling.Nearest });
        Pixels(turned).ShouldBe([1, 3, 2, 4]);
    }

    [Fact]
    public void WarpInto_SeveralSources_LaterOnTopAndOthersKept()
    {
        using var first = Raster([1, 2], 2, 1, noData: 0);
        using var second = Raster([0, 9], 2, 1, noData: 0);
        using var target = RasterDataset.CreateInMemory(3, 1, 1, PixelType.UInt8);
        Georeference(target);
        target.Write<byte>(1, target.FullWindow, [50, 50, 50]);
        target.WarpInto([first, second], new() { Resampling = Resampling.Nearest });
        Pixels(target).ShouldBe([1, 9, 50]);
        using var readOnly = target.TranslateVirtual(new());
        Should.Throw<InvalidOperationException>(() => readOnly.WarpInto([first]));
    }

    [Fact]
    public void Warp_SourceWithoutCrs_IsOneSentenceUnlessGiven()
    {
        using var bare = RasterDataset.CreateInMemory(2, 1, 1, PixelType.UInt8);
        bare.Transform = GeoTransform.NorthUp(500000, 3400000, 10, 10);
        bare.Write<byte>(1, bare.FullWindow, [3, 4]);
        var grid = new WarpGrid(Plane, GeoTransform.NorthUp(500000, 3400000, 10, 10), 2, 1);
        using var warped = bare.WarpVirtual(grid, new() { SourceCrs = Plane, Resampling = Resampling.Nearest });
        Pixels(warped).ShouldBe([3, 4]);
        using var nowhere = RasterDataset.CreateInMemory(2, 1, 1, PixelType.UInt8);
        Should.Throw<GdalException>(() => nowhere.WarpVirtual(grid)).Message.ShouldContain("Could not warp");
        Should.Throw<GdalException>(() => bare.WarpVirtual(grid)).Message.ShouldContain("CRS");
        Should.Throw<GdalException>(() => bare.WarpVirtual(grid with { Crs = "/etc/passwd" }));
        Should.Throw<ArgumentException>(() => bare.WarpVirtual(grid with { Transform = GeoTransform.Identity }));
    }

    [Fact]
    public void WarpInto_TruncatedSource_IsAnErrorNotZeros()
    {
        byte[] whole;
        using (var file = MemoryFile.Reserve("whole.tif"))
        {
            using (var ds = RasterDataset.Create(file.Path, "GTiff", 256, 256, 1, PixelType.UInt8))
            {
                Georeference(ds);
                ds.Write<byte>(1, ds.FullWindow, Enumerable.Repeat((byte)9, 65536).ToArray());
            }
            whole = file.ToArray();
        }
        using var cut = MemoryFile.FromBytes(whole.AsSpan(0, whole.Length * 2 / 3), "cut.tif");
        using var source = RasterDataset.Open(cut.Path);
        using var target = RasterDataset.CreateInMemory(256, 256, 1, PixelType.UInt8);
        Georeference(target);
        Should.Throw<GdalException>(() => target.WarpInto([source], new() { Resampling = Resampling.Nearest }));
        using var warped = source.WarpVirtual(new(Plane, GeoTransform.NorthUp(500000, 3400000, 10, 10), 256, 256),
            new() { Resampling = Resampling.Nearest });
        Should.Throw<GdalException>(() => Pixels(warped));
    }

    [Fact]
    public void WarpInto_Cancelled_Stops()
    {
        using var source = RasterDataset.CreateInMemory(2000, 2000, 1, PixelType.UInt8);
        Georeference(source);
        using var target = RasterDataset.CreateInMemory(2000, 2000, 1, PixelType.UInt8);
        Georeference(target);
        using var cancel = new CancellationTokenSource();
        Should.Throw<OperationCanceledException>(() => target.WarpInto([source], new() { Resampling = Resampling.Cubic,
            MemoryBytes = 1 << 20 }, new Cancelling(cancel), cancel.Token));
    }

    [Fact]
    public void StackVirtual_DifferentPixelSizes_FinestGrid()
    {
        using var fine = Raster([1, 2, 3, 4], 2, 2);
        using var coarse = Raster([7], 1, 1, pixel: 20);
        RasterDataset stack;
        using (var virtualOne = fine.WarpVirtual(new(Plane, GeoTransform.NorthUp(500000, 3400000, 10, 10), 2, 2),
            new() { Resampling = Resampling.Nearest }))
            stack = RasterDataset.StackVirtual([fine, coarse, virtualOne]);
        using (stack)
        {
            (stack.Width, stack.Height, stack.BandCount).ShouldBe((2, 2, 3));
            var pixels = new byte[12];
            stack.Read<byte>([1, 2, 3], stack.FullWindow, 2, 2, pixels);
            pixels.ShouldBe([1, 2, 3, 4, 7, 7, 7, 7, 1, 2, 3, 4]);
        }
        using var elsewhere = RasterDataset.CreateInMemory(2, 2, 1, PixelType.UInt8);
        elsewhere.Transform = GeoTransform.NorthUp(114, 30, 0.1, 0.1);
        using (var crs = SpatialReference.FromEpsg(4490))
            elsewhere.SetSpatialReference(crs);
        Should.Throw<GdalException>(() => RasterDataset.StackVirtual([fine, elsewhere]));
    }

    [Fact]
    public void MosaicVirtual_SideBySide_CoversBoth()
    {
        using var left = Raster([1, 2], 2, 1);
        using var right = Raster([3, 4], 2, 1, left: 500020);
        using var mosaic = RasterDataset.MosaicVirtual([left, right]);
        Pixels(mosaic).ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void Translate_WindowBandsScaleAndSize_AsAsked()
    {
        using var source = RasterDataset.CreateInMemory(4, 2, 2, PixelType.UInt16);
        Georeference(source);
        source.Write<ushort>([1, 2], source.FullWindow, [0, 1000, 2000, 3000, 4000, 1500, 2500, 3500, /* band 2 */ 1, 2, 3, 4, 5, 6, 7, 8]);
        using var folder = new TempDirectory();
        source.TranslateTo(folder.File("a.tif"), new() { Window = new(1, 0, 2, 2), Bands = [2, 1], Type = PixelType.UInt8, Scale = [(0,
            255, 0, 255), (0, 3000, 0, 255)] });
        using (var part = RasterDataset.Open(folder.File("a.tif")))
        {
            Pixels(part).ShouldBe([2, 3, 6, 7]);
            Pixels(part, 2).ShouldBe([85, 170, 128, 213]);
            part.Transform.ShouldBe(GeoTransform.NorthUp(500010, 3400000, 10, 10));
        }
        using var small = source.TranslateVirtual(new() { Width = 2, Height = 1, Resampling = Resampling.Average, Bands = [1] });
        var values = new ushort[2];
        small.Read(1, small.FullWindow, values.AsSpan());
        values.ShouldBe([(ushort)1625, (ushort)2750]);
        Should.Throw<ArgumentException>(() => source.TranslateVirtual(new() { Width = 2 }));
        Should.Throw<ArgumentException>(() => source.TranslateVirtual(new() { Window = new(3, 0, 2, 1) }));
        Should.Throw<GdalException>(() => source.TranslateVirtual(new() { Bands = [5] }));
    }

    [Fact]
    public void CopyTo_PngAndCog_AreReadable()
    {
        using var source = RasterDataset.CreateInMemory(600, 500, 3, PixelType.UInt8);
        Georeference(source);
        var pixels = new byte[3 * 600 * 500];
        new Random(5).NextBytes(pixels);
        source.Write<byte>([1, 2, 3], source.FullWindow, pixels);
        using var folder = new TempDirectory();
        foreach (var (name, driver) in new[] { ("a.png", "PNG"), ("a.tif", "COG") })
        {
            var reports = new List<double>();
            source.CopyTo(folder.File(name), driver, null, new Collecting(reports));
            reports.ShouldNotBeEmpty();
            reports[^1].ShouldBe(1, 1e-9);
            using var copy = RasterDataset.Open(folder.File(name));
            var read = new byte[pixels.Length];
            copy.Read<byte>([1, 2, 3], copy.FullWindow, 600, 500, read);
            read.ShouldBe(pixels);
        }
        using var cog = RasterDataset.Open(folder.File("a.tif"));
        cog.Metadata("IMAGE_STRUCTURE")["LAYOUT"].ShouldBe("COG");
    }

    [Fact]
    public void CopyTo_WithoutSideFiles_LeavesOneFile()
    {
        using var source = Raster([1, 2, 3, 4], 2, 2);
        using var with = new TempDirectory();
        source.CopyTo(with.File("a.png"), "PNG");
        Directory.GetFiles(with.Path).Select(Path.GetFileName).Order().ShouldBe(["a.png", "a.png.aux.xml"]);
        using var without = new TempDirectory();
        source.CopyTo(without.File("a.png"), "PNG", sideFiles: false);
        Directory.GetFiles(without.Path).Select(Path.GetFileName).ShouldBe(["a.png"]);
    }

    [Fact]
    public void WarpInto_WorldWithPartsOutsideTheProjection_IsNoError()
    {
        // Most of the world cannot be put on EPSG:4547; the part that is asked for can.
        using var world = RasterDataset.CreateInMemory(360, 180, 1, PixelType.Float32);
        world.Transform = GeoTransform.NorthUp(-180, 90, 1, 1);
        using (var crs = SpatialReference.FromEpsg(4490))
            world.SetSpatialReference(crs);
        var longitudes = new float[360 * 180];
        for (var i = 0; i < longitudes.Length; i++)
            longitudes[i] = -179.5f + i % 360;
        world.Write<float>(1, world.FullWindow, longitudes);
        using var target = RasterDataset.CreateInMemory(10, 10, 1, PixelType.Float32);
        Georeference(target, GeoTransform.NorthUp(0, 4_000_000, 100_000, 100_000));
        target.WarpInto([world], new() { Resampling = Resampling.Nearest, ErrorPixels = 0 });
        var result = new float[100];
        target.Read(1, target.FullWindow, result.AsSpan());
        using var back = CoordinateTransform.FromEpsg(4547, 4490);
        for (var i = 0; i < 100; i++)
            result[i].ShouldBe((float)back.Transform(50_000 + i % 10 * 100_000, 3_950_000 - i / 10 * 100_000).X, 0.5001f);
    }

    [Fact]
    public void Undisposed_DatasetsBuiltOnEachOther_AreCollectedInAnyOrder()
    {
        using var folder = new TempDirectory();
        using (var source = Raster([1, 2, 3, 4], 2, 2))
            source.CopyTo(folder.File("a.tif"), "GTiff");
        for (var round = 0; round < 20; round++)
        {
            Abandon(folder.File("a.tif"));
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        OpenFiles(folder.File("a.tif")).ShouldBe(0);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Abandon(string path)
        {
            var source = RasterDataset.Open(path);
            var warped = source.WarpVirtual(new(Plane, GeoTransform.NorthUp(500000, 3400000, 10, 10), 2, 2),
                new() { Resampling = Resampling.Nearest });
            Pixels(RasterDataset.StackVirtual([source, warped]), 2).ShouldBe([1, 2, 3, 4]);
        }

        static int OpenFiles(string path) => Directory.GetFiles("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget == path);
    }

    [Fact]
    public void Warp_RealOscdPairOntoOneGrid_OverlapsCompletely()
    {
        var folder = TestData.Need("oscd/abudhabi");
        using var before = RasterDataset.Open(Directory.GetFiles(Path.Combine(folder, "imgs_1"), "*B04.tif").Single());
        using var after = RasterDataset.Open(Directory.GetFiles(Path.Combine(folder, "imgs_2"), "*B04.tif").Single());
        var info = before.Describe();
        using var onGrid = after.WarpVirtual(new(info.CrsWkt!, info.Transform!.Value, info.Width, info.Height), new() { AddAlpha = true });
        var a = new float[info.Width * info.Height];
        var b = new float[a.Length];
        var alpha = new ushort[a.Length];
        before.Read(1, before.FullWindow, a.AsSpan());
        onGrid.Read(1, onGrid.FullWindow, b.AsSpan());
        onGrid.Read(2, onGrid.FullWindow, alpha.AsSpan());
        alpha.Count(static v => v != 0).ShouldBeGreaterThan(a.Length * 9 / 10);
        var seen = Enumerable.Range(0, a.Length).Where(i => alpha[i] != 0 && a[i] > 0).ToArray();
        Correlation(seen.Select(i => (double)a[i]).ToArray(), seen.Select(i => (double)b[i]).ToArray()).ShouldBeGreaterThan(0.7);
    }

    private static double Correlation(double[] a, double[] b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        double ab = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Length; i++)
        {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }
        return ab / Math.Sqrt(aa * bb);
    }

    private static RasterDataset Raster(byte[] pixels, int width, int height, double? noData = null, double pixel = 10,
        double left = 500000)
    {
        var ds = RasterDataset.CreateInMemory(width, height, 1, PixelType.UInt8);
        Georeference(ds, GeoTransform.NorthUp(left, 3400000, pixel, pixel));
        ds.Write<byte>(1, ds.FullWindow, pixels);
        if (noData is { } value)
            ds.SetNoData(1, value);
        return ds;
    }

    private static void Georeference(RasterDataset ds, GeoTransform? transform = null)
    {
        using var crs = SpatialReference.Parse(Plane);
        ds.SetSpatialReference(crs);
        ds.Transform = transform ?? GeoTransform.NorthUp(500000, 3400000, 10, 10);
    }

    private static byte[] Pixels(RasterDataset ds, int band = 1)
    {
        var pixels = new byte[ds.Width * ds.Height];
        ds.Read(band, ds.FullWindow, pixels.AsSpan());
        return pixels;
    }

    private sealed class Cancelling(CancellationTokenSource source) : IProgress<double>
    {
        public void Report(double value) => source.Cancel();
    }

    private sealed class Collecting(List<double> reports) : IProgress<double>
    {
        public void Report(double value) => reports.Add(value);
    }
}
