using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Imagery.Reading;

public sealed class GridReaderTests : IDisposable
{
    private const int Side = 40;

    private readonly ScratchFolder _folder = new();

    /// <summary>Cubic, since only shifted; bilinear, onto pixels of another size; bilinear, onto another CRS.</summary>
    public enum Warp
    {
        Shift,
        OtherSize,
        OtherCrs,
    }

    public static TheoryData<Warp, int, bool> Gaps => new()
    {
        { Warp.Shift, 0, false }, { Warp.Shift, 65535, false }, { Warp.Shift, 0, true },
        { Warp.OtherSize, 0, false }, { Warp.OtherSize, 65535, true },
        { Warp.OtherCrs, 0, false }, { Warp.OtherCrs, 0, true },
    };

    [Theory]
    [MemberData(nameof(Gaps))]
    public void GridReader_GapInOneBandOnly_NoResampledValueHoldsAPartOfIt(Warp warp, int missing, bool inAllBands)
    {
        var scene = Write(missing, (x, y, band) => (inAllBands || band == 1) && x is >= 12 and < 20 && y is >= 15 and < 30 ? missing : 1000 * (band + 1), declared: true);
        var grid = GridOf(warp, scene);
        using var reader = new GridReader(scene, grid, [0, 1, 2], null, Shifts(warp));

        var (planes, quality) = ReadAll(reader);
        var (stored, gaps) = ReadAllStored(reader);

        var seen = 0;
        for (var i = 0; i < grid.Width * grid.Height; i++)
        {
            gaps[i].ShouldBe(quality[i] == PixelQuality.NoData);
            if (quality[i] == PixelQuality.NoData)
            {
                continue;
            }

            seen++;
            for (var band = 0; band < 3; band++)
            {
                planes[band][i].ShouldBe(1000 * (band + 1), 0.01);
                stored[band][i].ShouldBe(planes[band][i]);
            }
        }

        // The gap is 120 of 1600 pixels, and the last row or column of a shifted scene may have nothing below it.
        var share = seen / (double)(grid.Width * grid.Height);
        share.ShouldBeInRange(0.8, 0.95);
    }

    [Theory]
    [InlineData(Warp.Shift)]
    [InlineData(Warp.OtherSize)]
    public void GridReader_BlackCollarNobodyDeclares_IsNotMixedIntoTheGround(Warp warp)
    {
        var scene = Write(null, (x, _, band) => x < 10 ? 0 : 1000 * (band + 1), declared: false);
        var grid = GridOf(warp, scene);
        using var reader = new GridReader(scene, grid, [0, 1, 2], null, Shifts(warp));

        var (planes, quality) = ReadAll(reader);

        var seen = Enumerable.Range(0, quality.Length).Where(i => quality[i] == PixelQuality.Clear).ToList();
        seen.Count.ShouldBeGreaterThan(quality.Length / 2);
        seen.ShouldAllBe(i => Math.Abs(planes[0][i] - 1000) < 0.01 && Math.Abs(planes[2][i] - 3000) < 0.01);
        quality.Count(q => q == PixelQuality.NoData).ShouldBeInRange(quality.Length / 5, quality.Length / 3);
    }

    [Fact]
    public void GridReader_OneBandBlackWithoutDeclaration_IsAValue()
    {
        var scene = Write(null, (_, _, band) => band == 1 ? 0 : 1000, declared: false);
        var grid = GridOf(Warp.Shift, scene);
        using var reader = new GridReader(scene, grid, [0, 1, 2], null, Shifts(Warp.Shift));

        var (planes, quality) = ReadAll(reader);

        quality[(20 * Side) + 20].ShouldBe(PixelQuality.Clear);
        planes[1][(20 * Side) + 20].ShouldBe(0);
    }

    /// <summary>Bands in files of their own: black in one of them alone is a value there, too, as deep water is in the infrared.</summary>
    [Fact]
    public void GridReader_OneFileBlackWithoutDeclaration_IsAValue()
    {
        List<string> files = [];
        foreach (var (name, value) in new[] { ("dark", 0), ("bright", 1000) })
        {
            files.Add(Path.Combine(_folder.Path, name + ".tif"));
            using var data = RasterDataset.Create(files[^1], "GTiff", Side, Side, 1, PixelType.UInt16);
            data.Transform = GeoTransform.NorthUp(500_000, 3_400_000, 10, 10);
            using var reference = SpatialReference.FromEpsg(32650);
            data.SetSpatialReference(reference);
            data.Write<ushort>(1, data.FullWindow, [.. Enumerable.Range(0, Side * Side).Select(i => (ushort)(i % Side < 20 ? value : 1000))]);
        }

        var scene = RealScenes.Of("scene", [.. files], new DateTimeOffset(2025, 5, 1, 3, 0, 0, TimeSpan.Zero), [("r", "red"), ("g", "green")]);
        scene.Bands.Select(b => b.AssetIndex).ShouldBe([0, 1]);
        using var reader = new GridReader(scene, scene.Grid, [0, 1], null, [new PixelShift(0.4, 0.3), new PixelShift(0.4, 0.3)]);

        var (planes, quality) = ReadAll(reader);

        quality[(20 * Side) + 5].ShouldBe(PixelQuality.Clear);
        (planes[0][(20 * Side) + 5], planes[1][(20 * Side) + 5]).ShouldBe((0, 1000));
    }

    /// <summary>Bands in files of their own in a frame of black: what is black in all of them, at the outline, is no ground, and a river that is black in one is.</summary>
    [Theory]
    [InlineData(Warp.Shift, false, false)]
    [InlineData(Warp.Shift, false, true)]
    [InlineData(Warp.OtherSize, false, false)]
    [InlineData(Warp.OtherCrs, true, false)]
    public void GridReader_FilesInABlackFrameNobodyDeclares_AreNotMixedWithIt(Warp warp, bool isSouthUp, bool eachItsOwnWay)
    {
        List<string> files = [];
        foreach (var (name, value) in new[] { ("r", 1000), ("g", 2000), ("b", 3000) })
        {
            files.Add(Path.Combine(_folder.Path, name + ".tif"));
            using var data = RasterDataset.Create(files[^1], "GTiff", Side, Side, 1, PixelType.UInt16);
            var north = GeoTransform.NorthUp(500_000, 3_400_000, 10, 10);
            data.Transform = isSouthUp ? north.WithRowsReversed(Side) : north;
            using var reference = SpatialReference.FromEpsg(32650);
            data.SetSpatialReference(reference);
            data.Write<ushort>(1, data.FullWindow, [.. Enumerable.Range(0, Side * Side).Select(i => (ushort)(i % Side < 10 || (name == "b" && i % Side >= 32) ? 0 : value))]);
        }

        var scene = RealScenes.Of("scene", [.. files], new DateTimeOffset(2025, 5, 1, 3, 0, 0, TimeSpan.Zero), [("r", "red"), ("g", "green"), ("b", "blue")]);
        PixelShift[] shifts = eachItsOwnWay ? [new(0.4, 0.3), default, new(-0.3, 0.4)] : Shifts(warp);
        using var reader = new GridReader(scene, GridOf(warp, scene), [0, 1, 2], null, shifts);

        var (planes, quality) = ReadAll(reader);

        var seen = Enumerable.Range(0, quality.Length).Where(i => quality[i] == PixelQuality.Clear).ToList();
        seen.Count.ShouldBeInRange((int)(quality.Length * 0.68), (int)(quality.Length * 0.8));
        seen.ShouldAllBe(i => Math.Abs(planes[0][i] - 1000) < 0.01 && Math.Abs(planes[1][i] - 2000) < 0.01);
        seen.Count(i => planes[2][i] == 0).ShouldBeGreaterThan(quality.Length / 10);
    }

    /// <summary>Four bands of bytes are taken for red, green, blue and alpha by who writes and who reads GeoTIFF.</summary>
    [Fact]
    public void GridReader_AlphaOfAWarpedFile_HidesWhereItIsZeroAndNothingElse()
    {
        var file = Path.Combine(_folder.Path, "rgba.tif");
        using (var data = RasterDataset.Create(file, "GTiff", Side, Side, 4, PixelType.UInt8, ["ALPHA=YES", "PHOTOMETRIC=RGB"]))
        {
            data.Transform = GeoTransform.NorthUp(500_000, 3_400_000, 10, 10);
            using var reference = SpatialReference.FromEpsg(32650);
            data.SetSpatialReference(reference);
            for (var band = 1; band <= 4; band++)
            {
                data.Write<byte>(band, data.FullWindow, [.. Enumerable.Range(0, Side * Side).Select(i => (byte)(band < 4 ? 50 * band : i % Side < 10 ? 0 : i % Side < 20 ? 90 : 255))]);
            }
        }

        var scene = RealScenes.Of("scene", [file], new DateTimeOffset(2025, 5, 1, 3, 0, 0, TimeSpan.Zero), [("r", "red"), ("g", "green"), ("b", "blue"), ("alpha", "quality")]);
        using var reader = new GridReader(scene, scene.Grid, [0, 1, 2], null, Shifts(Warp.Shift));

        var (planes, quality) = ReadAll(reader);

        for (var x = 0; x < Side - 1; x++)
        {
            if (x is not 9)
            {
                quality[(20 * Side) + x].ShouldBe(x < 9 ? PixelQuality.NoData : PixelQuality.Clear, $"column {x}");
            }
        }

        planes[1][(20 * Side) + 15].ShouldBe(100, 0.01);
        planes[2][(20 * Side) + 30].ShouldBe(150, 0.01);
    }

    /// <summary>Drones' orthophotos end in alpha 0, under which any colour may stand.</summary>
    [Fact]
    public void GridReader_AlphaOfAFileOnItsOwnGrid_HidesWhereItIsZero()
    {
        var file = Path.Combine(_folder.Path, "drone.tif");
        using (var data = RasterDataset.Create(file, "GTiff", Side, Side, 4, PixelType.UInt8, ["ALPHA=YES", "PHOTOMETRIC=RGB"]))
        {
            data.Transform = GeoTransform.NorthUp(500_000, 3_400_000, 10, 10);
            using var reference = SpatialReference.FromEpsg(32650);
            data.SetSpatialReference(reference);
            for (var band = 1; band <= 4; band++)
            {
                data.Write<byte>(band, data.FullWindow, [.. Enumerable.Range(0, Side * Side).Select(i => (byte)(band < 4 ? 255 : i % Side < 10 ? 0 : i % Side < 20 ? 90 : 255))]);
            }
        }

        var scene = RealScenes.Of("scene", [file], new DateTimeOffset(2025, 5, 1, 3, 0, 0, TimeSpan.Zero), [("red", "red"), ("green", "green"), ("blue", "blue"), ("alpha", "quality")]);
        using var reader = new GridReader(scene, scene.Grid, [0, 1, 2], BandPairing.Of(scene, scene).QualityBefore, []);

        var (_, quality) = ReadAll(reader);

        reader.TellsClouds.ShouldBeFalse("clouds are still to be looked for");
        for (var x = 0; x < Side; x++)
        {
            quality[(20 * Side) + x].ShouldBe(x < 10 ? PixelQuality.NoData : PixelQuality.Clear, $"column {x}");
        }
    }

    /// <summary>A folder of bands whose files declare "no data" and have a mask too: what either says was not seen.</summary>
    [Theory]
    [InlineData("inside", Warp.Shift)]
    [InlineData("beside", Warp.Shift)]
    [InlineData("alpha", Warp.Shift)]
    [InlineData("inside", Warp.OtherSize)]
    [InlineData("beside", Warp.OtherCrs)]
    [InlineData("alpha", Warp.OtherSize)]
    public void GridReader_OneBandFilesWithNoDataAndAMask_HideBoth(string kind, Warp warp)
    {
        GdalLibrary.SetOption("GDAL_TIFF_INTERNAL_MASK", kind == "inside" ? "YES" : "NO");
        List<string> files = [];
        foreach (var name in new[] { "red", "green", "blue" })
        {
            files.Add(Path.Combine(_folder.Path, name + ".tif"));
            using var data = RasterDataset.Create(files[^1], "GTiff", Side, Side, kind == "alpha" ? 2 : 1, PixelType.UInt16, kind == "alpha" ? ["ALPHA=YES"] : []);
            data.Transform = GeoTransform.NorthUp(500_000, 3_400_000, 10, 10);
            using var reference = SpatialReference.FromEpsg(32650);
            data.SetSpatialReference(reference);
            data.SetNoData(1, 7);

            // From west to east: no data, ground, hidden.
            data.Write<ushort>(1, data.FullWindow, [.. Enumerable.Range(0, Side * Side).Select(i => (ushort)(i % Side < 10 ? 7 : i % Side < 30 ? 1000 : 60_000))]);
            if (kind == "alpha")
            {
                data.Write<ushort>(2, data.FullWindow, [.. Enumerable.Range(0, Side * Side).Select(i => (ushort)(i % Side < 30 ? 65_535 : 0))]);
            }
            else
            {
                data.CreateMask();
                data.WriteMask(data.FullWindow, [.. Enumerable.Range(0, Side * Side).Select(i => (byte)(i % Side < 30 ? 255 : 0))]);
            }
        }

        var names = files.SelectMany(f => kind == "alpha" ? new[] { (Path.GetFileName(f), Path.GetFileNameWithoutExtension(f)), ("alpha", "quality") } : [(Path.GetFileName(f), Path.GetFileNameWithoutExtension(f))]);
        var scene = RealScenes.Of("scene", [.. files], new DateTimeOffset(2025, 5, 1, 3, 0, 0, TimeSpan.Zero), [.. names]);
        var grid = GridOf(warp, scene);
        using var reader = new GridReader(scene, grid, [.. Enumerable.Range(0, 3).Select(i => kind == "alpha" ? 2 * i : i)], null, Shifts(warp));

        var (planes, quality) = ReadAll(reader);
        var (_, gaps) = ReadAllStored(reader);

        for (var i = 0; i < quality.Length; i++)
        {
            gaps[i].ShouldBe(quality[i] == PixelQuality.NoData);
            if (quality[i] != PixelQuality.NoData)
            {
                planes.ShouldAllBe(p => Math.Abs(p[i] - 1000) < 0.01);
            }
        }

        (quality.Count(q => q == PixelQuality.Clear) / (double)quality.Length).ShouldBeInRange(0.44, 0.58);
    }

    /// <summary>Fill that nobody declares is what is stored as zero, whatever that decodes to.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void GridReader_BlackUnderAnOffset_WasNeverFilled(bool isSouthUp, bool moves)
    {
        var written = Write(null, (x, _, band) => x < 10 ? 0 : 2000 * (band + 1), declared: false);
        var file = Path.Combine(_folder.Path, "scene.tif");
        if (isSouthUp)
        {
            using var data = RasterDataset.Open(file, new() { Update = true });
            data.Transform = data.Transform!.Value.WithRowsReversed(Side);
        }

        var scene = written with { Bands = [.. written.Bands.Select(b => b with { Scale = 0.0001, Offset = -0.1 })] };
        using var reader = new GridReader(scene, scene.Grid, [0, 1, 2], null, moves ? Shifts(Warp.Shift) : []);

        var (planes, quality) = ReadAll(reader);

        for (var x = 0; x < Side - 1; x++)
        {
            if (!moves || x is not 9)
            {
                quality[(20 * Side) + x].ShouldBe(x < 10 ? PixelQuality.NoData : PixelQuality.Clear, $"column {x}");
            }
        }

        planes[0][(20 * Side) + 15].ShouldBe(0.1f, 1e-4f);
    }

    [Fact]
    public void GridReader_SomeBandsOfAWarpedFile_AreTheBandsThatWereAsked()
    {
        var scene = Write(0, (_, _, band) => 1000 * (band + 1), declared: true);
        using var reader = new GridReader(scene, GridOf(Warp.OtherSize, scene), [2, 0], null, []);

        var (planes, quality) = ReadAll(reader);

        var at = Array.IndexOf(quality, PixelQuality.Clear);
        planes[0][at].ShouldBe(3000, 0.01);
        planes[1][at].ShouldBe(1000, 0.01);
    }

    public void Dispose() => _folder.Dispose();

    private static PixelShift[] Shifts(Warp warp) => warp == Warp.Shift ? [.. Enumerable.Repeat(new PixelShift(0.4, 0.3), 3)] : [];

    private static Grid GridOf(Warp warp, Scene scene)
    {
        if (warp == Warp.Shift)
        {
            return scene.Grid;
        }

        if (warp == Warp.OtherSize)
        {
            return new Grid(scene.Grid.CrsWkt, [500_000, 6, 0, 3_400_000, 0, -6], Side * 10 / 6, Side * 10 / 6);
        }

        using var to = SpatialReference.FromEpsg(4326);
        using var from = SpatialReference.Parse(scene.Grid.CrsWkt);
        using var transform = new CoordinateTransform(from, to);
        var box = transform.Transform(new Bounds(500_020, 3_399_620, 500_380, 3_399_980));
        return new Grid(to.ToWkt(), [box.MinX, (box.MaxX - box.MinX) / 50, 0, box.MaxY, 0, (box.MinY - box.MaxY) / 50], 50, 50);
    }

    private static (float[][] Planes, PixelQuality[] Quality) ReadAll(GridReader reader)
    {
        var pixels = reader.Width * reader.Height;
        var planes = new float[reader.Bands * pixels];
        var quality = new PixelQuality[pixels];
        reader.Read(new PixelWindow(0, 0, reader.Width, reader.Height), planes, quality);
        return ([.. Enumerable.Range(0, reader.Bands).Select(b => planes[(b * pixels)..((b + 1) * pixels)])], quality);
    }

    /// <summary>As the pair detector reads: a gap is what is no number, or the declared one, in some band.</summary>
    private static (float[][] Planes, bool[] Gaps) ReadAllStored(GridReader reader)
    {
        var to = new StoredPixels(reader, reader.Width, reader.Height);
        reader.ReadStored(new PixelWindow(0, 0, reader.Width, reader.Height), to);
        var planes = new float[reader.Bands][];
        var gaps = new bool[reader.Width * reader.Height];
        for (var band = 0; band < reader.Bands; band++)
        {
            planes[band] = new float[gaps.Length];
            for (var i = 0; i < gaps.Length; i++)
            {
                planes[band][i] = to.Real[to.At(band, i % reader.Width, i / reader.Width)];
                gaps[i] |= !float.IsFinite(planes[band][i]) || planes[band][i] == reader.Decoding(band).NoData;
            }
        }

        return (planes, gaps);
    }

    private Scene Write(int? missing, Func<int, int, int, int> value, bool declared)
    {
        var file = Path.Combine(_folder.Path, "scene.tif");
        using (var data = RasterDataset.Create(file, "GTiff", Side, Side, 3, PixelType.UInt16))
        {
            data.Transform = GeoTransform.NorthUp(500_000, 3_400_000, 10, 10);
            using var reference = SpatialReference.FromEpsg(32650);
            data.SetSpatialReference(reference);
            for (var band = 0; band < 3; band++)
            {
                if (declared)
                {
                    data.SetNoData(band + 1, missing!.Value);
                }

                data.Write<ushort>(band + 1, data.FullWindow, [.. Enumerable.Range(0, Side * Side).Select(i => (ushort)value(i % Side, i / Side, band))]);
            }
        }

        return RealScenes.Of("scene", [file], new DateTimeOffset(2025, 5, 1, 3, 0, 0, TimeSpan.Zero), [("r", "red"), ("g", "green"), ("b", "blue")], noData: missing);
    }
}
