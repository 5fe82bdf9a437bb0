using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Gdal;
using Monitoring.Ingest.Plans;
using Monitoring.Ingest.Tests.Fakes;
using static Monitoring.Ingest.Tests.Plans.PlanFile;

namespace Monitoring.Ingest.Tests.Plans;

/// <summary>Files as offices send them, each read right or refused with a sentence.</summary>
public sealed class ImportTests
{
    private static readonly FieldInfo[] LineFields = [new("id", FieldType.Text), new("kind", FieldType.Text)];

    /// <summary>Geodesic area of the square 500 000..501 000 by 3 600 000..3 601 000 of EPSG:4549 (CM 120) in m²: scale 1 on the meridian, so 1 km² but for the projection's curvature.</summary>
    private const double SquareKilometre = 1_000_000;

    [Fact]
    public async Task ControlLines_FromGeoPackageInProjectedCrs_AreLonLatWithGeodesicArea()
    {
        using var folder = new TempFolder();
        var path = Write(folder["lines.gpkg"], "GPKG", 4549, LineFields, [(Square(500_000, 3_600_000, 1000), ["a1", "ecological_red_line"])]);

        var (result, register) = await ImportAsync(Request(ImportKind.ControlLines, path) with { Effective = new DateOnly(2024, 1, 1) });

        result.Problems.ShouldBeEmpty();
        var line = register.Imports.Single().Features.ShouldHaveSingleItem().ShouldBeOfType<ControlLine>();
        line.ShouldSatisfyAllConditions(
            l => l.Id.ShouldBe("a1"),
            l => l.Kind.ShouldBe(ControlLineKind.EcologicalProtectionRedLine),
            l => l.EffectiveFrom.ShouldBe(new DateOnly(2024, 1, 1)),
            l => l.Outline.SourceCrs.ShouldBe("EPSG:4549"),
            l => l.Outline.Box.MinX.ShouldBe(120, 1e-9),
            l => l.Outline.Box.MinY.ShouldBeInRange(32.5, 32.6),
            l => l.Outline.AreaSquareMeters.ShouldBe(SquareKilometre, 10));
        register.Imports[0].SourceHash.Length.ShouldBe(64);
    }

    [Fact]
    public async Task Permits_FromShapefileInGbkWithoutCpg_AreReadByChinesePresets()
    {
        using var folder = new TempFolder();
        FieldInfo[] fields =
        [
            new("许可证号", FieldType.Text), new("类型", FieldType.Text), new("项目名称", FieldType.Text), new("用途", FieldType.Text),
            new("状态", FieldType.Text), new("发证日期", FieldType.Date), new("限高", FieldType.Real), new("备注", FieldType.Text),
        ];
        var path = Write(
            folder["许可.shp"], "ESRI Shapefile", 4549, fields,
            [(Square(500_000, 3_600_000, 100), ["建字第320100202400001号", "建设工程规划许可证", "安置小区二期", "0701", "有效", new DateOnly(2024, 3, 15), 54.5, "甲乙丙"])],
            ["ENCODING=GB18030"]);
        File.Delete(folder["许可.cpg"]);

        var (result, register) = await ImportAsync(Request(ImportKind.Permits, path));

        result.Accepted.ShouldBeTrue(string.Join("\n", result.Problems));
        result.Problems.ShouldHaveSingleItem().ShouldContain("GB18030");
        var permit = register.Imports.Single().Features.ShouldHaveSingleItem().ShouldBeOfType<Permit>();
        permit.ShouldSatisfyAllConditions(
            p => p.Id.ShouldBe("建字第320100202400001号"),
            p => p.Kind.ShouldBe("construction_works"),
            p => p.Status.ShouldBe(PermitStatus.Granted),
            p => p.Project.ShouldBe("安置小区二期"),
            p => p.UseCode.ShouldBe("0701"),
            p => p.MaxHeightMeters.ShouldBe(54.5),
            p => p.GrantedOn.ShouldBe(new DateOnly(2024, 3, 15)),
            p => p.EffectiveFrom.ShouldBe(new DateOnly(2024, 3, 15)),
            p => p.SourceFields.ShouldBe(new Dictionary<string, string> { ["备注"] = "甲乙丙" }),
            p => p.Outline.SourceCrs.ShouldBe("EPSG:4549"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Shapefile_WhoseNamesAreCutAlike_KeepsFromAndToApart(bool hasEnd)
    {
        using var folder = new TempFolder();
        List<FieldInfo> fields = [.. LineFields, new("effective_from", FieldType.Date)];
        List<object?> values = ["1", "永久基本农田", new DateOnly(2020, 1, 1)];
        if (hasEnd)
        {
            fields.Add(new("effective_to", FieldType.Date));
            values.Add(new DateOnly(2030, 1, 1));
        }

        var path = Write(folder["a.shp"], "ESRI Shapefile", 4490, fields, [(Square(119, 32, 0.01), [.. values])], ["ENCODING=UTF-8"]);
        var (result, register) = await ImportAsync(Request(ImportKind.ControlLines, path));
        result.Accepted.ShouldBeTrue(string.Join("\n", result.Problems));
        var line = register.Imports.Single().Features.ShouldHaveSingleItem();
        line.EffectiveFrom.ShouldBe(new DateOnly(2020, 1, 1));
        line.EffectiveTo.ShouldBe(hasEnd ? new DateOnly(2030, 1, 1) : null);
    }

    [Theory]
    [InlineData("UTF-8")]
    [InlineData("GB18030")]
    public async Task Csv_WithWktAsSpreadsheetsWriteIt_IsRead(string encoding)
    {
        using var folder = new TempFolder();
        var text = "几何,许可证号,类型,状态,项目名称\n\"POLYGON ((119 32, 119.01 32, 119.01 32.01, 119 32.01, 119 32))\",0012,建设工程规划许可证,有效,安置小区\n";
        File.WriteAllBytes(folder["许可.csv"], System.Text.CodePagesEncodingProvider.Instance.GetEncoding(encoding) is { } coded ? coded.GetBytes(text) : System.Text.Encoding.UTF8.GetBytes(text));
        (await ImportAsync(Request(ImportKind.Permits, folder["许可.csv"]))).Result.Problems.ShouldContain(p => p.Contains("--crs", StringComparison.Ordinal));

        var (result, register) = await ImportAsync(Request(ImportKind.Permits, folder["许可.csv"]) with { Crs = "EPSG:4490" });

        result.Accepted.ShouldBeTrue(string.Join("\n", result.Problems));
        result.Problems.Any(p => p.Contains("GB18030", StringComparison.Ordinal)).ShouldBe(encoding != "UTF-8");
        var permit = register.Imports.Single().Features.ShouldHaveSingleItem().ShouldBeOfType<Permit>();
        permit.Id.ShouldBe("0012", "a number with noughts before it is a text");
        permit.Project.ShouldBe("安置小区");
        permit.Outline.AreaSquareMeters.ShouldBe(1_047_000, 5000);
    }

    [Fact]
    public async Task Gml_OfALayer_IsReadAndFetchesNoSchema()
    {
        using var folder = new TempFolder();
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var path = folder.Write("lines.gml", $$"""
            <?xml version="1.0" encoding="UTF-8"?>
            <ogr:FeatureCollection xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://ogr.maptools.org/ http://{{listener.LocalEndpoint}}/lines.xsd"
              xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml/3.2">
            <ogr:featureMember><ogr:lines gml:id="l.0"><ogr:geometryProperty><gml:Polygon srsName="urn:ogc:def:crs:EPSG::4490"><gml:exterior><gml:LinearRing>
            <gml:posList>32 119 32 119.01 32.01 119.01 32.01 119 32 119</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></ogr:geometryProperty>
            <ogr:id>1</ogr:id><ogr:kind>永久基本农田</ogr:kind></ogr:lines></ogr:featureMember></ogr:FeatureCollection>
            """.TrimStart());

        var (result, register) = await ImportAsync(Request(ImportKind.ControlLines, path));

        result.Accepted.ShouldBeTrue(string.Join("\n", result.Problems));
        register.Imports.Single().Features.ShouldHaveSingleItem().Outline.Box.Centre.X.ShouldBe(119.005, 0.001);
        listener.Pending().ShouldBeFalse("nothing was asked for");
        Directory.GetFiles(Path.GetDirectoryName(path)!).ShouldBe([path], "nothing is left beside it");
    }

    [Fact]
    public async Task Shapefile_InUtf8WithoutCpg_IsReadAsUtf8WithoutRemark()
    {
        using var folder = new TempFolder();
        var path = Write(folder["a.shp"], "ESRI Shapefile", 4490, [.. LineFields, new("名称", FieldType.Text)], [(Square(119, 32, 0.01), ["1", "永久基本农田", "七里村"])], ["ENCODING=UTF-8"]);
        File.Delete(folder["a.cpg"]);
        var (result, register) = await ImportAsync(Request(ImportKind.ControlLines, path));
        result.Problems.ShouldBeEmpty();
        register.Imports.Single().Features.Cast<ControlLine>().Single().Name.ShouldBe("七里村");
    }

    [Fact]
    public async Task Shapefile_InGbkWithinZip_IsReadAsItIs()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["a"]);
        Write(folder["a/红线.shp"], "ESRI Shapefile", 4490, [.. LineFields, new("名称", FieldType.Text)], [(Square(119, 32, 0.01), ["1", "永久基本农田", "七里村"])], ["ENCODING=GB18030"]);
        File.Delete(folder["a/红线.cpg"]);
        System.IO.Compression.ZipFile.CreateFromDirectory(folder["a"], folder["a.zip"]);
        var (result, register) = await ImportAsync(Request(ImportKind.ControlLines, folder["a.zip"]));
        result.Accepted.ShouldBeTrue(string.Join("\n", result.Problems));
        register.Imports.Single().Features.Cast<ControlLine>().Single().Name.ShouldBe("七里村");
        (await ImportAsync(Request(ImportKind.ControlLines, folder["a.zip"]), new PlanImportOptions { MaxFileBytes = new FileInfo(folder["a.zip"]).Length })).Result
            .Problems.ShouldHaveSingleItem().ShouldContain("unpacks to");
        (await ImportAsync(Request(ImportKind.ControlLines, folder.Write("b.zip", "no zip")))).Result.Problems.ShouldHaveSingleItem().ShouldContain("no ZIP file");
    }

    [Theory]
    [InlineData("Shapefile in a folder", "资料/第一批/红线.shp", "ESRI Shapefile")]
    [InlineData("GeoPackage at the root", "lines.gpkg", "GPKG")]
    [InlineData("GeoJSON in a folder", "a/lines.geojson", "GeoJSON")]
    [InlineData("FileGDB in a folder", "a/红线.gdb", "OpenFileGDB")]
    public async Task Zip_WithOneSourceAtAnyDepth_IsRead(string row, string name, string driver)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(folder["x/" + name])!);
        Write(folder["x/" + name], driver, 4490, LineFields, [(Square(119, 32, 0.01), ["1", "永久基本农田"])], kind: GeometryKind.MultiPolygon);
        folder.Write("x/说明.txt", "read me");
        Directory.CreateDirectory(folder["x/__MACOSX"]);
        folder.Write("x/__MACOSX/._lines.shp", "resource fork");
        System.IO.Compression.ZipFile.CreateFromDirectory(folder["x"], folder["a.zip"]);
        var (result, register) = await ImportAsync(Request(ImportKind.ControlLines, folder["a.zip"]));
        result.Accepted.ShouldBeTrue(string.Join("\n", result.Problems));
        register.Imports.Single().Features.Single().Id.ShouldBe("1");
    }

    [Fact]
    public async Task Zip_WithSeveralSourcesOrNone_IsOneSentence()
    {
        using var folder = new TempFolder();
        foreach (var part in new[] { "a", "b" })
        {
            Directory.CreateDirectory(folder["x/" + part]);
            Write(folder[$"x/{part}/lines.gpkg"], "GPKG", 4490, LineFields, [(Square(119, 32, 0.01), ["1", "永久基本农田"])]);
        }

        System.IO.Compression.ZipFile.CreateFromDirectory(folder["x"], folder["several.zip"]);
        (await ImportAsync(Request(ImportKind.ControlLines, folder["several.zip"]))).Result.Problems.ShouldHaveSingleItem()
            .ShouldContain("holds several vector files (a/lines.gpkg, b/lines.gpkg); pack the one you mean alone.");
        Directory.CreateDirectory(folder["y"]);
        folder.Write("y/readme.txt", "nothing here");
        System.IO.Compression.ZipFile.CreateFromDirectory(folder["y"], folder["none.zip"]);
        var told = (await ImportAsync(Request(ImportKind.ControlLines, folder["none.zip"]))).Result.Problems.ShouldHaveSingleItem();
        told.ShouldContain("none.zip cannot be read as a vector file");
        told.ShouldNotContain("vsizip");
    }

    [Fact]
    public async Task Dbf_OfAShapefileInGbk_TellsReadableColumns()
    {
        using var folder = new TempFolder();
        Write(folder["a.shp"], "ESRI Shapefile", 4490, [new("地块名称", FieldType.Text)], [(Square(119, 32, 0.01), ["七里村"])], ["ENCODING=GB18030"]);
        File.Delete(folder["a.cpg"]);
        (await ImportAsync(Request(ImportKind.Parcels, folder["a.dbf"]))).Result.Problems.ShouldContain(p => p.Contains("among the columns 地块名称;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Permits_FromFileGdb_AreReadWithTheirChineseColumns()
    {
        using var folder = new TempFolder();
        FieldInfo[] fields = [new("许可证号", FieldType.Text), new("类型", FieldType.Text), new("项目名称", FieldType.Text), new("状态", FieldType.Text), new("发证日期", FieldType.Date)];
        var path = Write(
            folder["许可.gdb"], "OpenFileGDB", 4528, fields,
            [(Square(40_500_000, 3_600_000, 100), ["建字第1号", "建设工程规划许可证", "安置小区", "有效", new DateOnly(2024, 3, 15)])], layer: "许可证", kind: GeometryKind.MultiPolygon);

        var (result, register) = await ImportAsync(Request(ImportKind.Permits, path));

        result.Accepted.ShouldBeTrue(string.Join("\n", result.Problems));
        var permit = register.Imports.Single().Features.ShouldHaveSingleItem().ShouldBeOfType<Permit>();
        permit.ShouldSatisfyAllConditions(
            p => p.Id.ShouldBe("建字第1号"),
            p => p.Project.ShouldBe("安置小区"),
            p => p.GrantedOn.ShouldBe(new DateOnly(2024, 3, 15)),
            p => p.Outline.SourceCrs.ShouldBe("EPSG:4528"),
            p => p.Outline.Box.MinX.ShouldBe(120, 1e-6),
            p => p.Outline.AreaSquareMeters.ShouldBe(10_000, 1));
    }

    [Fact]
    public async Task FileGdb_EmptyFolder_IsOneSentence()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["x.gdb"]);
        (await ImportAsync(Request(ImportKind.ControlLines, folder["x.gdb"]))).Result.Problems.ShouldHaveSingleItem().ShouldContain("cannot be read as a vector file");
    }

    [Fact]
    public async Task Regions_FromGeoJson_AreLonLat()
    {
        using var folder = new TempFolder();
        var path = folder.Write("regions.geojson", """
            {"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"321202","revision":"201904","name":"海陵区","name_en":"Hailing"},
             "geometry":{"type":"Polygon","coordinates":[[[119.8,32.4],[120.0,32.4],[120.0,32.6],[119.8,32.6],[119.8,32.4]]]}}]}
            """);
        var (result, register) = await ImportAsync(Request(ImportKind.Regions, path));
        result.Accepted.ShouldBeTrue(string.Join("\n", result.Problems));
        var region = register.Imports.Single().Features.Cast<Region>().Single();
        region.ShouldSatisfyAllConditions(
            r => r.Id.ShouldBe("321202"), r => r.Revision.ShouldBe("201904"), r => r.TimeZone.ShouldBe("Asia/Shanghai"),
            r => r.Outline.Box.MinX.ShouldBe(119.8, 1e-9), r => r.Outline.Box.MinY.ShouldBe(32.4, 1e-9),
            r => r.Outline.AreaSquareMeters.ShouldBeInRange(415e6, 420e6));
    }

    [Theory]
    [InlineData("zone-prefixed eastings in a zone-prefixed CRS", 4528, 40_500_000, "EPSG:4528")]
    [InlineData("plain eastings in a plain CRS", 4549, 500_000, "EPSG:4549")]
    public async Task Eastings_ThatFitTheirCrs_LandAtTheSamePlace(string row, int epsg, double easting, string source)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        var path = Write(folder["a.gpkg"], "GPKG", epsg, LineFields, [(Square(easting, 3_600_000, 1000), ["1", "城镇开发边界"])]);
        var (result, register) = await ImportAsync(Request(ImportKind.ControlLines, path));
        result.Problems.ShouldBeEmpty();
        register.Imports.Single().Features[0].Outline.ShouldSatisfyAllConditions(o => o.SourceCrs.ShouldBe(source), o => o.Box.MinX.ShouldBe(120, 1e-9));
    }

    [Theory]
    [InlineData("prefixed eastings in a plain CRS", 4549, 40_500_000, "carry the zone number 40", "--crs EPSG:4528")]
    [InlineData("plain eastings in a prefixed CRS", 4528, 500_000, "carry no zone number", "--crs EPSG:4549")]
    [InlineData("prefixed eastings of another zone", 4549, 38_500_000, "carry the zone number 38", "--crs EPSG:4526")]
    [InlineData("metres in a geographic CRS", 4490, 40_500_000, "no degrees", "--crs")]
    [InlineData("no CRS", null, 40_500_000, "does not say which CRS", "--crs")]
    public async Task Eastings_ThatDoNotFitTheirCrs_AreRefusedWithTheMend(string row, int? epsg, double easting, string what, string mend)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        var path = Write(folder["a.shp"], "ESRI Shapefile", epsg, LineFields, [(Square(easting, 3_600_000, 1000), ["1", "城镇开发边界"])]);
        var (result, _) = await ImportAsync(Request(ImportKind.ControlLines, path));
        result.Problems.ShouldHaveSingleItem().ShouldSatisfyAllConditions(p => p.ShouldContain(what), p => p.ShouldContain(mend));
    }

    [Fact]
    public async Task Crs_Override_IsUsed()
    {
        using var folder = new TempFolder();
        var path = Write(folder["a.gpkg"], "GPKG", null, LineFields, [(Square(40_500_000, 3_600_000, 1000), ["1", "城镇开发边界"])]);
        var (result, register) = await ImportAsync(Request(ImportKind.ControlLines, path) with { Crs = "EPSG:4528" });
        result.Accepted.ShouldBeTrue(string.Join("\n", result.Problems));
        register.Imports.Single().Features[0].Outline.Box.MinX.ShouldBe(120, 1e-9);
    }

    [Fact]
    public async Task Crs_OfAnotherPartOfTheWorld_IsRefused()
    {
        using var folder = new TempFolder();
        var path = Write(folder["a.gpkg"], "GPKG", 4549, LineFields, [(Square(500_000, 3_600_000, 1000), ["1", "城镇开发边界"])]);
        var (result, _) = await ImportAsync(Request(ImportKind.ControlLines, path) with { Crs = "EPSG:25832" });
        result.Problems.ShouldHaveSingleItem().ShouldContain("outside the area of use");
    }

    [Fact]
    public async Task Crs_WithoutPublishedTransform_IsRefusedInsteadOfShifted()
    {
        using var folder = new TempFolder();

        // Xi'an 1980: its shift to CGCS2000 is a local secret, and ignoring it puts parcels some hundred metres off.
        var path = Write(folder["a.gpkg"], "GPKG", 2385, LineFields, [(Square(500_000, 3_600_000, 1000), ["1", "城镇开发边界"])]);
        var (result, _) = await ImportAsync(Request(ImportKind.ControlLines, path));
        result.Problems.ShouldHaveSingleItem().ShouldContain("no published transform");
    }

    [Fact]
    public async Task Wgs84_IsTakenAsCgcs2000AndTold()
    {
        using var folder = new TempFolder();
        var path = Write(folder["a.gpkg"], "GPKG", 4326, LineFields, [(Square(119, 32, 0.01), ["1", "城镇开发边界"])]);
        var (result, register) = await ImportAsync(Request(ImportKind.ControlLines, path));
        result.Accepted.ShouldBeTrue();
        register.Imports.Single().Features[0].Outline.Box.MinX.ShouldBe(119, 1e-7);
    }

    [Fact]
    public async Task SwappedLatitudeAndLongitude_AreTold()
    {
        using var folder = new TempFolder();
        var path = folder.Write("a.geojson", """
            {"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"1","kind":"城镇开发边界"},
             "geometry":{"type":"Polygon","coordinates":[[[32.4,119.8],[32.4,120.0],[32.6,120.0],[32.4,119.8]]]}}]}
            """);
        var (result, _) = await ImportAsync(Request(ImportKind.ControlLines, path));
        result.Problems.ShouldHaveSingleItem().ShouldContain("latitude stands before longitude");
    }

    public static TheoryData<string, string, string> BadGeometry => new()
    {
        { "bow tie", "POLYGON ((0 0, 100 100, 100 0, 0 100, 0 0))", "cross themselves at x 50, y 50" },
        { "hole outside", "POLYGON ((0 0, 100 0, 100 100, 0 100, 0 0), (200 200, 210 200, 210 210, 200 200))", "hole outside" },
        { "overlapping parts", "MULTIPOLYGON (((0 0, 100 0, 100 100, 0 100, 0 0)), ((50 50, 150 50, 150 150, 50 150, 50 50)))", "cross themselves" },
        { "point", "POINT (0 0)", "is a Point" },
        { "line", "LINESTRING (0 0, 1 1)", "is a LineString" },
        { "empty", "POLYGON EMPTY", "empty geometry" },
    };

    [Theory]
    [MemberData(nameof(BadGeometry))]
    public async Task Geometry_ThatIsNoSoundPolygon_IsRefusedWithItsPlaceAndNothingIsTaken(string row, string wkt, string part)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        var bad = new NetTopologySuite.IO.WKTReader().Read(wkt);
        var path = Write(folder["a.gpkg"], "GPKG", 4549, LineFields,
        [
            (Square(500_000, 3_600_000, 10), ["good", "城镇开发边界"]), (new NetTopologySuite.IO.WKBWriter().Write(bad), ["bad", "城镇开发边界"]),
        ]);
        var (result, _) = await ImportAsync(Request(ImportKind.ControlLines, path));
        result.Accepted.ShouldBeFalse();
        result.Problems.ShouldHaveSingleItem().ShouldSatisfyAllConditions(p => p.ShouldContain("(id 'bad')"), p => p.ShouldContain(part));
    }

    [Theory]
    [InlineData("unclosed ring", "[[119.8,32.4],[120.0,32.4],[120.0,32.6],[119.8,32.6]]")]
    [InlineData("two points", "[[119.8,32.4],[120.0,32.4]]")]
    public async Task Ring_NotClosedInGeoJson_IsRefusedNotRepaired(string row, string ring)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        var path = folder.Write("a.geojson", $$"""
            {"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"1","kind":"城镇开发边界"},"geometry":{"type":"Polygon","coordinates":[{{ring}}] } } ] }
            """);
        var (result, _) = await ImportAsync(Request(ImportKind.ControlLines, path));
        result.Accepted.ShouldBeFalse();
        result.Problems.ShouldHaveSingleItem().ShouldStartWith("Feature 0 (id '1')");
    }

    [Fact]
    public async Task Faults_OfManyFeatures_AreAllCountedAndTheFirstTold()
    {
        using var folder = new TempFolder();
        FieldInfo[] fields = [new("permit_no", FieldType.Text), new("kind", FieldType.Text), new("status", FieldType.Text), new("granted_on", FieldType.Text), new("use_code", FieldType.Text), new("floor_area_m2", FieldType.Text)];
        object?[][] rows =
        [
            ["p1", "palace", "granted", "2024-01-01", "0701", "10"],
            ["p2", "land_use", "maybe", "2024-01-01", "0701", "10"],
            ["p3", "land_use", "granted", "01/02/2024", "0701", "10"],
            ["p4", "land_use", "granted", "2024-01-01", "05H1", "10"],
            ["p5", "land_use", "granted", "2024-01-01", "0701", "-1"],
            ["p6", "land_use", "granted", "2024-01-01", "0701", "ten"],
            [null, "land_use", "granted", "2024-01-01", "0701", "10"],
            ["p9", "land_use", "granted", "2024-01-01", "0701", "10"],
            ["p9", "land_use", "granted", "2024-01-01", "0701", "10"],
        ];
        var path = Write(folder["a.gpkg"], "GPKG", 4490, fields, rows.Select((r, i) => ((byte[]?)Square(119 + i, 32, 0.01), r)));
        var (result, _) = await ImportAsync(Request(ImportKind.Permits, path), new PlanImportOptions { MaxProblemsTold = 7 });

        result.Accepted.ShouldBeFalse();
        string[] expected = ["palace", "maybe", "01/02/2024", "05H1", "-1", "'ten'", "has no permit_no", "And 1 more"];
        result.Problems.Count.ShouldBe(expected.Length);
        for (var i = 0; i < expected.Length; i++)
            result.Problems[i].ShouldContain(expected[i]);
    }

    [Fact]
    public async Task DuplicateIds_AreRefused()
    {
        using var folder = new TempFolder();
        var path = Write(folder["a.gpkg"], "GPKG", 4490, LineFields, [(Square(119, 32, 0.01), ["1", "城镇开发边界"]), (Square(120, 32, 0.01), ["1", "城镇开发边界"])]);
        var (result, _) = await ImportAsync(Request(ImportKind.ControlLines, path));
        result.Problems.ShouldHaveSingleItem().ShouldBe("Feature 2 (id '1') has the id of feature 1; ids are unique within an import.");
    }

    [Fact]
    public async Task Map_NamesColumnsAndConstants()
    {
        using var folder = new TempFolder();
        var path = Write(folder["a.gpkg"], "GPKG", 4490, [new("Nummer", FieldType.Integer64)], [(Square(119, 32, 0.01), [42L])]);
        var (result, register) = await ImportAsync(Request(ImportKind.ControlLines, path) with { Map = new Dictionary<string, string> { ["id"] = "NUMMER", ["kind"] = "=permanent_basic_farmland" } });
        result.Problems.ShouldBeEmpty();
        register.Imports.Single().Features.Cast<ControlLine>().Single().ShouldSatisfyAllConditions(l => l.Id.ShouldBe("42"), l => l.Kind.ShouldBe(ControlLineKind.PermanentBasicFarmland));
    }

    [Fact]
    public async Task Map_OfUnknownFieldOrColumn_IsRefused()
    {
        using var folder = new TempFolder();
        var path = Write(folder["a.gpkg"], "GPKG", 4490, [new("Nummer", FieldType.Integer64)], [(Square(119, 32, 0.01), [42L])]);
        var (result, _) = await ImportAsync(Request(ImportKind.ControlLines, path) with { Map = new Dictionary<string, string> { ["id"] = "No", ["colour"] = "Nummer" } });
        result.Problems.Count.ShouldBe(3);
        result.Problems[0].ShouldContain("has no column 'No'; it has Nummer");
        result.Problems[1].ShouldContain("no field 'colour'");
        result.Problems[2].ShouldContain("'kind' was not found");
    }

    [Fact]
    public async Task File_WithSeveralLayers_AsksForOne()
    {
        using var folder = new TempFolder();
        using (var file = VectorDataset.Create(folder["a.gpkg"], "GPKG"))
        {
            using var crs = SpatialReference.FromEpsg(4490);
            file.CreateLayer("one", crs, GeometryKind.Polygon, LineFields).Add(Square(119, 32, 0.01), ["1", "城镇开发边界"]);
            file.CreateLayer("two", crs, GeometryKind.Polygon, LineFields).Add(Square(119, 32, 0.01), ["2", "城镇开发边界"]);
        }

        (await ImportAsync(Request(ImportKind.ControlLines, folder["a.gpkg"]))).Result.Problems.ShouldHaveSingleItem().ShouldContain("'one', 'two'");
        var (result, register) = await ImportAsync(Request(ImportKind.ControlLines, folder["a.gpkg"]) with { Layer = "two" });
        result.Accepted.ShouldBeTrue();
        register.Imports.Single().Features[0].Id.ShouldBe("2");
        (await ImportAsync(Request(ImportKind.ControlLines, folder["a.gpkg"]) with { Layer = "three" })).Result.Problems.ShouldHaveSingleItem().ShouldContain("no layer 'three'");
    }

    [Fact]
    public async Task File_BeyondTheLimits_IsRefused()
    {
        using var folder = new TempFolder();
        var path = Write(folder["a.gpkg"], "GPKG", 4490, LineFields, Enumerable.Range(0, 3).Select(i => ((byte[]?)Square(119 + i, 32, 0.01), new object?[] { $"{i}", "城镇开发边界" })));
        var request = Request(ImportKind.ControlLines, path);
        (await ImportAsync(request, new PlanImportOptions { MaxFeatures = 2 })).Result.Problems.ShouldHaveSingleItem().ShouldContain("at most 2");
        (await ImportAsync(request, new PlanImportOptions { MaxVertices = 14 })).Result.Problems.ShouldHaveSingleItem().ShouldContain("14 corners");
        (await ImportAsync(request, new PlanImportOptions { MaxFileBytes = 1000 })).Result.Problems.ShouldHaveSingleItem().ShouldContain("at most 1000");
    }

    [Theory]
    [InlineData("no such file", "missing.gpkg", null, "does not exist")]
    [InlineData("not a vector file", "a.gpkg", "nonsense", "cannot be read as a vector file")]
    [InlineData("broken GeoJSON", "a.geojson", "{\"type\":\"FeatureCollection\",\"features\":[{]}", "cannot be read")]
    [InlineData("no features", "a.geojson", "{\"type\":\"FeatureCollection\",\"features\":[]}", "has no")]
    [InlineData("a recipe for other files", "a.vrt", "<OGRVRTDataSource><OGRVRTLayer name=\"x\"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>", "cannot be read as a vector file")]
    public async Task File_ThatIsNoSource_IsOneSentence(string row, string name, string? content, string part)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        if (content is not null)
            folder.Write(name, content);
        var (result, _) = await ImportAsync(Request(ImportKind.ControlLines, folder[name]));
        result.Problems.ShouldHaveSingleItem().ShouldContain(part);
    }
}
