namespace Monitoring.Gdal.Tests;

public sealed class RasterDatasetTests
{
    [Fact]
    public void Create_WriteReadBack_SamePixels()
    {
        using var file = MemoryFile.Reserve("a.tif");
        var pixels = new ushort[7 * 5 * 2];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (ushort)(i * 900);
        using (var ds = RasterDataset.Create(file.Path, "GTiff", 7, 5, 2, PixelType.UInt16, RasterDataset.TiledDeflate))
        {
            using var crs = SpatialReference.FromEpsg(4547);
            ds.SetSpatialReference(crs);
            ds.Transform = GeoTransform.NorthUp(500000, 3400000, 10, 10);
            ds.SetNoData(1, 0);
            ds.SetDescription(1, "blue");
            ds.Write<ushort>([1, 2], ds.FullWindow, pixels);
        }
        using var back = RasterDataset.Open(file.Path);
        var read = new ushort[pixels.Length];
        back.Read<ushort>([1, 2], back.FullWindow, 7, 5, read);
        read.ShouldBe(pixels);
        var info = back.Describe();
        info.CrsEpsg.ShouldBe(4547);
        info.Bands[0].NoData.ShouldBe(0);
        info.Bands[0].Description.ShouldBe("blue");
        info.Transform.ShouldBe(GeoTransform.NorthUp(500000, 3400000, 10, 10));

        using var warped = back.WarpVirtual(new WarpGrid("EPSG:4490", GeoTransform.NorthUp(114, 30.7, 0.0001, 0.0001), 50, 50), new() { AddAlpha = true });
        warped.BandCount.ShouldBe(3);
        var w = new ushort[50 * 50];
        warped.Read(1, warped.FullWindow, w.AsSpan());
    }

    [Fact]
    public void Open_MissingFile_SaysSo()
    {
        var e = Should.Throw<GdalException>(() => RasterDataset.Open("/no/such/file.tif"));
        e.Message.ShouldContain("No such file");
    }

    [Fact]
    public void Smoke_AllElse()
    {
        using var ct = CoordinateTransform.FromEpsg(4490, 4547);
        var p = ct.Transform(114.0, 30.5);
        p.X.ShouldBe(500000, 1e-6);
        var labels = new byte[] { 1, 1, 0, 0, 1, 2, 0, 0, 2 };
        var polys = LabelRaster.Polygonize<byte>(labels, labels, 3, 3, GeoTransform.NorthUp(0, 3, 1, 1));
        polys.Count.ShouldBe(2);
        var grid = new byte[9];
        LabelRaster.Burn(polys.Select(x => new BurnShape(x.Wkb, x.Value)).ToArray(), grid.AsSpan(), 3, 3, GeoTransform.NorthUp(0, 3, 1, 1));
        grid.ShouldBe(labels);
        LabelRaster.Sieve(grid.AsSpan(), default, 3, 3, 2);
        Geodesic.Cgcs2000.Ring([0, 90, 0], [0, 0, 90]).Area.ShouldBe(510065621724089 / 8.0, 1e9);
        using var file = MemoryFile.Reserve("a.gpkg");
        using (var v = VectorDataset.Create(file.Path, "GPKG"))
        {
            using var crs = SpatialReference.FromEpsg(4490);
            var l = v.CreateLayer("x", crs, GeometryKind.Polygon, [new("a", FieldType.Text), new("d", FieldType.Date), new("t", FieldType.DateTime)]);
            v.Transaction(() => l.Add(polys[0].Wkb, ["中文", new DateOnly(2026, 1, 2), new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(8))]));
        }
        using var r = VectorDataset.Open(file.Path);
        var f = r.Layers[0].ReadAll().Single();
        f.Values[0].ShouldBe("中文");
        f.Values[1].ShouldBe(new DateOnly(2026, 1, 2));
        f.Values[2].ShouldBe(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(8)));
        f.Wkb.ShouldBe(polys[0].Wkb);
        r.Layers[0].GetSpatialReference()!.Epsg.ShouldBe(4490);
    }
}
