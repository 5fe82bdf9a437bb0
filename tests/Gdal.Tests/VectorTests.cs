using System.Text;
using Monitoring.TestKit;

namespace Monitoring.Gdal.Tests;

/// <summary>Features in, the same features out; real files; wrong use.</summary>
public sealed class VectorTests
{
    private static readonly FieldInfo[] AllFields =
    [
        new("text", FieldType.Text), new("int", FieldType.Integer), new("long", FieldType.Integer64), new("real", FieldType.Real),
        new("flag", FieldType.Integer, IsBoolean: true), new("day", FieldType.Date), new("at", FieldType.DateTime),
    ];

    [Theory]
    [InlineData("GPKG", "a.gpkg")]
    [InlineData("GeoJSON", "a.geojson")]
    [InlineData("FlatGeobuf", "a.fgb")]
    [InlineData("OpenFileGDB", "a.gdb")]
    [InlineData("ESRI Shapefile", "a.shp")]
    public void RoundTrip_EveryType_SameValues(string driver, string name)
    {
        using var folder = new TempDirectory();
        var wkb = Wkb.Polygon([[(114, 30), (114.5, 30), (114.5, 30.5), (114, 30)]]);
        var at = new DateTimeOffset(2026, 5, 1, 8, 30, 15, TimeSpan.FromHours(8));
        using (var file = VectorDataset.Create(folder.File(name), driver))
        {
            using var crs = SpatialReference.FromEpsg(4490);
            var layer = file.CreateLayer("a", crs, GeometryKind.Polygon, AllFields);
            file.Transaction(() =>
            {
                layer.Add(wkb, ["永久基本农田 a'b\"c", -7, 9_007_199_254_740_991L, 0.1, true, new DateOnly(2026, 2, 28), at]);
                layer.Add(default, [null, null, null, null, null, null, null]);
            });
        }
        using var back = VectorDataset.Open(folder.File(name));
        back.Driver.ShouldBe(driver);
        var read = back.Layers.Single();
        var keepsEmpty = driver != "FlatGeobuf"; // as documented
        if (keepsEmpty)
            read.FeatureCount.ShouldBe(2);
        var features = read.ReadAll().ToArray();
        var full = features.Single(static f => f.Wkb is not null);
        PolygonOf(full.Wkb!).ShouldBe(wkb);
        var byName = AllFields.Select(f => full.Values[read.FieldIndex(f.Name)]).ToArray();
        byName[0].ShouldBe("永久基本农田 a'b\"c");
        byName[1].ShouldBe(-7L);
        Convert.ToInt64(byName[2],
            System.Globalization.CultureInfo.InvariantCulture).ShouldBe(9_007_199_254_740_991L); // FileGDB of 2022 keeps it as a double
        byName[3].ShouldBe(0.1);
        Convert.ToBoolean(byName[4], System.Globalization.CultureInfo.InvariantCulture).ShouldBeTrue(); // Shapefile and FileGDB have no boolean
        if (driver is "GPKG" or "GeoJSON" or "FlatGeobuf")
            byName[4].ShouldBe(true);
        byName[5].ShouldBeOneOf(new DateOnly(2026, 2, 28), new DateTime(2026, 2, 28), new DateTimeOffset(2026, 2, 28, 0, 0, 0, default));
        if (driver is "GPKG" or "GeoJSON" or "FlatGeobuf")
            byName[6].ShouldBe(at);
        if (keepsEmpty)
            features.Single(static f => f.Wkb is null).Values.ShouldAllBe(static v => v == null);
        using var crsBack = read.GetSpatialReference().ShouldNotBeNull();
        using var expected = SpatialReference.FromEpsg(4490);
        crsBack.IdentifyEpsg().ShouldBe(4490);
        crsBack.IsSame(expected).ShouldBeTrue();
        read.Extent.ShouldBe(new Bounds(114, 30, 114.5, 30.5)); // longitude first, though EPSG:4490 is latitude first
    }

    [Fact]
    public void Shapefile_GbkWithoutCpg_ReadsWithEncodingAndIsNoticedWithout()
    {
        using var folder = new TempDirectory();
        using (var file = VectorDataset.Create(folder.File("a.shp"), "ESRI Shapefile"))
        {
            var layer = file.CreateLayer("a", null, GeometryKind.Point, [new("名称", FieldType.Text, Width: 40), new("code", FieldType.Text,
                Width: 10)], ["ENCODING=GBK"]);
            layer.Add(Wkb.Point(500000, 3400000), ["宅基地用途管制", "0703"]);
        }
        File.Exists(folder.File("a.cpg")).ShouldBeTrue();
        File.Delete(folder.File("a.cpg"));
        // The language byte of the table's header says nothing either.
        using (var dbf = File.OpenWrite(folder.File("a.dbf")))
        {
            dbf.Position = 29;
            dbf.WriteByte(0);
        }
        using (var wrong = VectorDataset.Open(folder.File("a.shp")))
        {
            var layer = wrong.Layers[0];
            layer.SourceEncoding.ShouldBeNull();
            using var reader = layer.Read();
            reader.Next().ShouldBeTrue();
            reader.IsText(0).ShouldBeFalse();
            reader.IsText(1).ShouldBeTrue();
            reader.GetTextBytes(0).ShouldBe(Convert.FromHexString("D5ACBBF9B5D8D3C3CDBEB9DCD6C6")); // 宅基地用途管制 in GBK
            layer.GetSpatialReference().ShouldBeNull();
        }
        using var right = VectorDataset.Open(folder.File("a.shp"), new() { OpenOptions = ["ENCODING=GBK"] });
        right.Layers[0].Fields[0].Name.ShouldBe("名称");
        right.Layers[0].ReadAll().Single().Values.ShouldBe(["宅基地用途管制", "0703"]);
    }

    [Fact]
    public void Shapefile_EsriPrjAndZonePrefix_IdentifiedAndTransformed()
    {
        using var folder = new TempDirectory();
        using (var file = VectorDataset.Create(folder.File("a.shp"), "ESRI Shapefile"))
        using (var crs = SpatialReference.FromEpsg(4526))
            file.CreateLayer("a", crs, GeometryKind.Point, []).Add(Wkb.Point(38_500_000, 3_400_000), []);
        File.ReadAllText(folder.File("a.prj")).ShouldStartWith("PROJCS[\"CGCS2000_3_Degree_GK_Zone_38\"");
        using var back = VectorDataset.Open(folder.File("a.shp"));
        using var read = back.Layers[0].GetSpatialReference().ShouldNotBeNull();
        read.IdentifyEpsg().ShouldBe(4526);
        using var lonLat = SpatialReference.FromEpsg(4490);
        using var transform = new CoordinateTransform(read, lonLat);
        transform.Transform(38_500_000, 3_400_000).X.ShouldBe(114, 1e-11);
    }

    [Fact]
    public void GeoJson_BomChineseAndNoCrs_ReadAsLonLat()
    {
        var json = "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":7,\"properties\":{\"名\":\"泰州\",\"n\":1.5,\"b\":false,\"d\":\"2026-05-01\",\"t\":\"2026-05-01T08:00:00+08:00\",\"u\":\"2026-05-01T08:00:00\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":[119.9,32.5,3]}}]}";
        using var file = MemoryFile.FromBytes([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(json)], "a.geojson");
        using var ds = VectorDataset.Open(file.Path);
        var layer = ds.Layers[0];
        var feature = layer.ReadAll().Single();
        feature.Fid.ShouldBe(7);
        feature.Wkb.ShouldBe(Wkb.Point(119.9, 32.5)); // Z is left out
        object?[] values = ["名", "n", "b", "d", "t", "u"];
        values.Select(n => feature.Values[layer.FieldIndex((string)n!)]).ShouldBe(
            ["泰州", 1.5, false, new DateOnly(2026, 5, 1), new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.FromHours(8)),
                new DateTime(2026, 5, 1, 8, 0, 0)]);
        using var crs = layer.GetSpatialReference().ShouldNotBeNull();
        crs.IsGeographic.ShouldBeTrue();
        layer.ReadAll(new() { Flatten = false }).Single().Wkb!.Length.ShouldBe(29); // ISO point Z
    }

    [Fact]
    public void Read_Filters_OnlyWhatMeetsThem()
    {
        using var file = Points();
        using var ds = VectorDataset.Open(file.Path);
        var layer = ds.Layers[0];
        layer.ReadAll(new() { Within = new(2.5, 0, 5.5, 1) }).Select(static f => f.Values[0]).ShouldBe([3L, 4L, 5L]);
        layer.ReadAll(new() { Where = "n >= 8" }).Select(static f => f.Values[0]).ShouldBe([8L, 9L]);
        layer.ReadAll().Count().ShouldBe(10); // filters do not stay
        Should.Throw<GdalException>(() => layer.Read(new() { Where = "nonsense >" })).Message.ShouldContain("filter");
        layer.ReadAll().Count().ShouldBe(10); // a failed start leaves the layer free
        layer.FeatureCount.ShouldBe(10);
    }

    [Fact]
    public void Read_TwoReadersOnOneLayer_IsRefused()
    {
        using var file = Points();
        using var ds = VectorDataset.Open(file.Path);
        using (var first = ds.Layers[0].Read())
        {
            first.Next();
            Should.Throw<InvalidOperationException>(() => ds.FindLayer("POINTS")!.Read()).Message.ShouldContain("already being read");
        }
        using var second = ds.Layers[0].Read();
        second.Next().ShouldBeTrue();
        ds.FindLayer("absent").ShouldBeNull();
    }

    [Fact]
    public void Reader_WrongUse_IsNamed()
    {
        using var file = Points();
        var ds = VectorDataset.Open(file.Path);
        var reader = ds.Layers[0].Read();
        Should.Throw<InvalidOperationException>(() => reader.GetInt64(0)).Message.ShouldContain("Next");
        reader.Next();
        Should.Throw<ArgumentOutOfRangeException>(() => reader.GetInt64(1)).Message.ShouldContain("fields 0 to 0");
        reader.GetInt64(0).ShouldBe(0);
        reader.GetDouble(0).ShouldBe(0.0);
        reader.GetString(0).ShouldBe("0");
        reader.GetDate(0).ShouldBeNull();
        while (reader.Next())
        {
        }
        Should.Throw<InvalidOperationException>(() => reader.GetInt64(0));
        reader.HasGeometry.ShouldBeFalse();
        reader.Wkb.Length.ShouldBe(0);
        var layer = ds.Layers[0];
        ds.Dispose();
        Should.Throw<ObjectDisposedException>(() => reader.Next());
        reader.Dispose();
        reader.Dispose();
        Should.Throw<ObjectDisposedException>(() => layer.FeatureCount);
        Should.Throw<ObjectDisposedException>(() => layer.ReadAll().Count());
        Should.Throw<ObjectDisposedException>(() => ds.Layers);
    }

    [Fact]
    public void Read_GeometryOverTheLimit_IsAnError()
    {
        using var file = Points();
        using var ds = VectorDataset.Open(file.Path);
        Should.Throw<GdalException>(() => ds.Layers[0].ReadAll(new() { MaxWkbBytes = 20 }).Count())
            .Message.ShouldContain("21 bytes, more than the limit of 20");
    }

    [Fact]
    public void Read_Arcs_BecomeLinesAsFineAsAsked()
    {
        // Half a circle of radius 10 around (0, 0), as XPlanGML and FileGDB hold them.
        using var folder = new TempDirectory();
        var arc = Convert.FromHexString("01" + "08000000" + "03000000" + Hex(-10) + Hex(0) + Hex(0) + Hex(10) + Hex(10) + Hex(0));
        using (var file = VectorDataset.Create(folder.File("a.gpkg"), "GPKG"))
            file.CreateLayer("a", null, GeometryKind.Unknown, []).Add(arc, []);
        using var ds = VectorDataset.Open(folder.File("a.gpkg"));
        var coarse = ds.Layers[0].ReadAll(new() { ArcStepDegrees = 45 }).Single().Wkb!;
        var fine = ds.Layers[0].ReadAll(new() { ArcStepDegrees = 1 }).Single().Wkb!;
        foreach (var (line, step) in new[] { (coarse, 45.0), (fine, 1.0) })
        {
            line[1].ShouldBe((byte)2); // a line string
            var last = 180.0;
            for (var at = 9; at < line.Length; at += 16)
            {
                var (x, y) = (BitConverter.ToDouble(line, at), BitConverter.ToDouble(line, at + 8));
                Math.Sqrt(x * x + y * y).ShouldBe(10, 1e-9);
                var angle = Math.Atan2(y, x) * 180 / Math.PI;
                (last - angle).ShouldBeInRange(-1e-9, step + 1e-9);
                last = angle;
            }
            last.ShouldBe(0, 1e-9);
        }
        coarse.Length.ShouldBeLessThan(fine.Length / 10);
        ds.Layers[0].ReadAll(new() { ArcStepDegrees = null }).Single().Wkb.ShouldBe(arc);
        Should.Throw<ArgumentOutOfRangeException>(() => ds.Layers[0].Read(new() { ArcStepDegrees = 0 }));

        static string Hex(double value) => Convert.ToHexString(BitConverter.GetBytes(value));
    }

    [Fact]
    public void Transaction_WritesThrow_NothingIsKept()
    {
        using var folder = new TempDirectory();
        using (var file = VectorDataset.Create(folder.File("a.gpkg"), "GPKG"))
        {
            var layer = file.CreateLayer("a", null, GeometryKind.Point, [new("n", FieldType.Integer)]);
            file.Transaction(() => layer.Add(Wkb.Point(1, 1), [1]));
            Should.Throw<TimeZoneNotFoundException>(() => file.Transaction(() =>
            {
                layer.Add(Wkb.Point(2, 2), [2]);
                throw new TimeZoneNotFoundException();
            }));
            file.Transaction(() => layer.Add(Wkb.Point(3, 3), [3]));
        }
        using var back = VectorDataset.Open(folder.File("a.gpkg"));
        back.Layers[0].ReadAll().Select(static f => f.Values[0]).ShouldBe([1L, 3L]);
    }

    [Fact]
    public void Add_WrongValues_AreRefused()
    {
        using var folder = new TempDirectory();
        using var file = VectorDataset.Create(folder.File("a.gpkg"), "GPKG");
        var layer = file.CreateLayer("a", null, GeometryKind.Point, [new("n", FieldType.Integer)]);
        Should.Throw<ArgumentException>(() => layer.Add(Wkb.Point(1, 1), [])).Message.ShouldContain("1 fields");
        Should.Throw<ArgumentException>(() => layer.Add(Wkb.Point(1, 1), [1m])).Message.ShouldContain("Decimal");
        Should.Throw<GdalException>(() => layer.Add([1, 2, 3], [1])).Message.ShouldContain("WKB");
        layer.Add(Wkb.Point(1, 1), [1], fid: 42).ShouldBe(42);
        Should.Throw<GdalException>(() => layer.Add(Wkb.Point(1, 1), [1], fid: 42));
        using var readOnlyFile = Points();
        using var readOnly = VectorDataset.Open(readOnlyFile.Path);
        Should.Throw<GdalException>(() => readOnly.Layers[0].Add(Wkb.Point(1, 1), [1])).Message.ShouldContain("add a feature");
    }

    [Fact]
    public void DateTime_WithoutZone_StaysWithoutZone()
    {
        using var folder = new TempDirectory();
        using (var file = VectorDataset.Create(folder.File("a.geojson"), "GeoJSON"))
        {
            var layer = file.CreateLayer("a", null, GeometryKind.Point, [new("t", FieldType.DateTime)]);
            layer.Add(default, [new DateTime(2026, 5, 1, 8, 0, 0, DateTimeKind.Unspecified)]);
            layer.Add(default, [new DateTime(2026, 5, 1, 8, 0, 0, DateTimeKind.Utc)]);
            layer.Add(default, [new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.FromMinutes(-210))]);
            layer.Add(default, [new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.FromMinutes(7))]); // no zone of quarters: as UTC
        }
        using var back = VectorDataset.Open(folder.File("a.geojson"));
        var times = back.Layers[0].ReadAll().Select(static f => f.Values[0]).ToArray();
        times[0].ShouldBeOfType<DateTime>().Kind.ShouldBe(DateTimeKind.Unspecified);
        times.ShouldBe([new DateTime(2026, 5, 1, 8, 0, 0), new DateTimeOffset(2026, 5, 1, 8, 0, 0, default), new DateTimeOffset(2026, 5,
            1, 8, 0, 0, TimeSpan.FromMinutes(-210)), new DateTimeOffset(2026, 5, 1, 7, 53, 0, default)]);
    }

    [Fact]
    public void Open_MissingOrDamaged_IsOneSentence()
    {
        Should.Throw<GdalException>(() => VectorDataset.Open("/no/such/permits.gpkg")).Message.ShouldContain("/no/such/permits.gpkg");
        using var text = MemoryFile.FromBytes("name,x\n"u8, "a.txt");
        Should.Throw<GdalException>(() => VectorDataset.Open(text.Path));
        using var json = MemoryFile.FromBytes("{\"type\":\"FeatureCollection\",\"features\":[{\"type\":"u8, "a.geojson");
        Should.Throw<GdalException>(() => VectorDataset.Open(json.Path)).Message.ShouldContain("a.geojson");
    }

    [Fact]
    public void Read_GarbledGeoPackage_NeverCrashes()
    {
        byte[] whole;
        using (var folder = new TempDirectory())
        {
            using (var file = VectorDataset.Create(folder.File("a.gpkg"), "GPKG"))
            {
                var layer = file.CreateLayer("a", null, GeometryKind.Polygon, [new("t", FieldType.Text)]);
                file.Transaction(() =>
                {
                    for (var i = 0; i < 50; i++)
                        layer.Add(Wkb.Box(i, i, i + 1, i + 1), [$"name {i}"]);
                });
            }
            whole = File.ReadAllBytes(folder.File("a.gpkg"));
        }
        var random = new Random(11);
        var failed = 0;
        for (var round = 0; round < 60; round++)
        {
            var bytes = whole.ToArray();
            for (var i = 0; i < 200; i++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            using var file = MemoryFile.FromBytes(round % 5 == 0 ? bytes.AsSpan(0, random.Next(bytes.Length)) : bytes, "g.gpkg");
            try
            {
                using var ds = VectorDataset.Open(file.Path, new() { AllowedDrivers = ["GPKG"] });
                foreach (var layer in ds.Layers)
                    layer.ReadAll(new() { MaxWkbBytes = 1 << 20 }).Count().ShouldBeGreaterThanOrEqualTo(0);
            }
            catch (GdalException)
            {
                failed++;
            }
        }
        failed.ShouldBeGreaterThan(5);
    }

    [Fact]
    public void Read_NanaimoParcels_AreInCanada()
    {
        using var ds = VectorDataset.Open(TestData.Need("nanaimo/PARCELS_sm.shp"));
        var layer = ds.Layers.Single();
        layer.FeatureCount.ShouldBe(1300);
        using var crs = layer.GetSpatialReference().ShouldNotBeNull();
        crs.IdentifyEpsg().ShouldBe(26910);
        using var lonLat = SpatialReference.FromEpsg(4326);
        using var transform = new CoordinateTransform(crs, lonLat);
        var geodesic = Geodesic.Of(crs);
        var (count, planar, geodetic) = (0, 0.0, 0.0);
        using var reader = layer.Read();
        while (reader.Next())
        {
            count++;
            if (!reader.HasGeometry || reader.Wkb[1] != 3)
                continue;
            planar += Wkb.PlanarArea(reader.Wkb);
            geodetic += geodesic.Measure(transform.TransformWkb(reader.Wkb)).Area;
        }
        count.ShouldBe(1300);
        // UTM's scale near the central meridian is 0.9996: areas on the map are 0.08 % smaller.
        (geodetic / planar).ShouldBe(1 / (0.9996 * 0.9996), 5e-4);
        var box = transform.Transform(layer.Extent!.Value);
        box.MinX.ShouldBeInRange(-125, -123);
        box.MinY.ShouldBeInRange(48.5, 49.5);
    }

    [Fact]
    public void Read_ChinaBoundaries_ChineseNamesUnderBom()
    {
        using var ds = VectorDataset.Open(TestData.Need("china_boundaries/province_32.json"));
        var layer = ds.Layers[0];
        var name = layer.FieldIndex("name");
        name.ShouldBeGreaterThanOrEqualTo(0);
        var names = layer.ReadAll().Select(f => (string)f.Values[name]!).ToArray();
        names.ShouldContain("泰州市");
        layer.Extent!.Value.MinX.ShouldBeInRange(116, 117); // Jiangsu, longitude first
    }

    [Fact]
    public void Read_XPlanGml_ArcsAndAllLayers()
    {
        var before = Directory.GetFiles(TestData.Need("xplan/valid")).Order().ToArray();
        var read = 0;
        var others = 0;
        foreach (var path in Directory.GetFiles(TestData.Need("xplan/valid"), "*.gml"))
        {
            using var ds = VectorDataset.Open(path);
            foreach (var layer in ds.Layers)
                foreach (var feature in layer.ReadAll())
                    if (feature.Wkb is { } wkb)
                    {
                        read++;
                        wkb[0].ShouldBe((byte)1);
                        if (wkb[1] > 7)
                            others++;
                        var first = FirstPoint(wkb);
                        // EPSG:25832: easting about 300–800 km, northing over 5000 km, in this order.
                        first.X.ShouldBeInRange(200_000, 900_000, path);
                        first.Y.ShouldBeInRange(5_000_000, 6_200_000, path);
                    }
        }
        read.ShouldBeGreaterThan(100);
        others.ShouldBe(0);
        Directory.GetFiles(TestData.Need("xplan/valid")).Order().ShouldBe(before); // reading leaves no side files
    }

    [Fact]
    public void Read_ParallelOnSeparateDatasets_SameCount()
    {
        using var folder = new TempDirectory();
        using (var file = VectorDataset.Create(folder.File("a.gpkg"), "GPKG"))
        {
            var layer = file.CreateLayer("a", null, GeometryKind.Point, [new("n", FieldType.Integer)]);
            file.Transaction(() =>
            {
                for (var i = 0; i < 500; i++)
                    layer.Add(Wkb.Point(i, i), [i]);
            });
        }
        var sums = new long[8];
        Parallel.For(0, sums.Length, i =>
        {
            using var ds = VectorDataset.Open(folder.File("a.gpkg"));
            sums[i] = ds.Layers[0].ReadAll().Sum(static f => (long)f.Values[0]!);
        });
        sums.ShouldAllBe(static s => s == 500 * 499 / 2);
    }

    /// <summary>
    /// A polygon, or the only part of a multi-polygon, as a polygon (Shapefile and FileGDB do not tell them apart) with its ring turned
    /// counter-clockwise, from its first vertex.
    /// </summary>
    private static byte[] PolygonOf(byte[] wkb)
    {
        var ring = Wkb.FirstRing(wkb[1] == 6 ? wkb.AsSpan(9) : wkb);
        var twice = 0.0;
        for (var i = 1; i < ring.Length; i++)
            twice += ring[i - 1].X * ring[i].Y - ring[i].X * ring[i - 1].Y;
        return Wkb.Polygon([twice < 0 ? ring.Reverse().ToArray() : ring]);
    }

    private static (double X, double Y) FirstPoint(byte[] wkb)
    {
        var at = 0;
        while (true)
        {
            var type = wkb[at + 1];
            at += 5;
            if (type == 1)
                break;
            at += 4;
            if (type == 2)
                break;
            if (type == 3)
            {
                at += 4;
                break;
            }
        }
        return (BitConverter.ToDouble(wkb, at), BitConverter.ToDouble(wkb, at + 8));
    }

    private static MemoryFile Points()
    {
        var json = new StringBuilder("{\"type\":\"FeatureCollection\",\"name\":\"points\",\"features\":[");
        for (var i = 0; i < 10; i++)
            json.Append(i == 0
                ? ""
                : ",").Append("{\"type\":\"Feature\",\"properties\":{\"n\":").Append(i).Append("},\"geometry\":{\"type\":\"Point\",\"coordinates\":[").Append(i).Append(",0.5]}}");
        return MemoryFile.FromBytes(Encoding.UTF8.GetBytes(json.Append("]}").ToString()), "points.geojson");
    }
}
