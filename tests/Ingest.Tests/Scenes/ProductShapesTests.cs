using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>Files as makers, map services and people in a hurry deliver them: each is a scene with the right facts, or one sentence.</summary>
public sealed class ProductShapesTests
{
    private static readonly string[] Bgrn = ["blue", "green", "red", "nir"];
    private static readonly string[] Rgbn = ["red", "green", "blue", "nir"];
    private const string Day = "20260430";

    /// <summary>What is written, and what of it is told: bands with their colours, ground size, CRS, no data, share with data.</summary>
    public static TheoryData<string, Func<TempFolderPath, string>, string> Scenes => new()
    {
        { "4 bands in the order of who made it", f => new Made { Names = Bgrn }.Write(f[$"x_{Day}.tif"]), "blue green red nir; 10 m; EPSG:4549; 100 %" },
        { "4 bands, red first", f => new Made { Names = Rgbn }.Write(f[$"x_{Day}.tif"]), "red green blue nir; 10 m; EPSG:4549; 100 %" },
        { "4 bands without names", f => new Made().Write(f[$"x_{Day}.tif"]), "- - - -; 10 m; EPSG:4549; 100 %" },
        { "4 bands whose name says the order", f => new Made().Write(f[$"x_bgrn_{Day}.tif"]), "blue green red nir; 10 m; EPSG:4549; 0; 100 %" },
        { "PlanetScope beside its usable data mask", f => Beside(new Made { Names = Bgrn, NoData = 0 }.Write(f[$"{Day}_023412_55_2455_3B_AnalyticMS_SR.tif"]), f[$"{Day}_023412_55_2455_3B_udm2.tif"]), "blue green red nir; 10 m; EPSG:4549; 0; 100 %" },
        { "bytes with alpha", f => new Made { Type = PixelType.UInt8, Options = ["PHOTOMETRIC=RGB", "ALPHA=YES"], Value = (b, x, _) => b == 4 ? x < 32 ? 0 : 255 : 90 }.Write(f[$"x_{Day}.tif"]), "red green blue quality; 10 m; EPSG:4549; 50 %" },
        { "signed 16 bits", f => new Made { Type = PixelType.Int16, Names = Bgrn, Value = (_, x, _) => x < 16 ? -9999 : 900 }.Write(f[$"x_{Day}.tif"]), "blue green red nir; 10 m; EPSG:4549; -9999; 75 %" },
        { "reflectance in floats", f => new Made { Type = PixelType.Float32, Names = Bgrn, Value = (_, x, _) => x < 16 ? double.NaN : 0.09 }.Write(f[$"x_{Day}.tif"]), "blue green red nir; 10 m; EPSG:4549; 75 %" },
        { "12 of 16 bits", f => new Made { Names = Bgrn, Options = ["NBITS=12", "COMPRESS=DEFLATE", "TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16"] }.Write(f[$"x_{Day}.tif"]), "blue green red nir; 10 m; EPSG:4549; 100 %" },
        { "big-endian BigTIFF", f => new Made { Names = Bgrn, Options = ["BIGTIFF=YES", "ENDIANNESS=BIG", "COMPRESS=DEFLATE", "TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16"] }.Write(f[$"x_{Day}.tif"]), "blue green red nir; 10 m; EPSG:4549; 100 %" },
        { "odd blocks", f => new Made { Names = Bgrn, Options = ["TILED=YES", "BLOCKXSIZE=48", "BLOCKYSIZE=80"] }.Write(f[$"x_{Day}.tif"]), "blue green red nir; 10 m; EPSG:4549; 100 %" },
        { "sparse", f => new Made { Names = Bgrn, Options = ["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16", "SPARSE_OK=TRUE"], Value = (_, x, y) => x < 16 && y < 16 ? 900 : 0 }.Write(f[$"x_{Day}.tif"]), "blue green red nir; 10 m; EPSG:4549; 6 %" },
        { "JPEG in a COG with a mask of 1 bit", JpegCog, "red green blue; 10 m; EPSG:4549; 50 %" },
        { "zone number before the easting", f => new Made { Names = Bgrn, Epsg = 4526, Left = 38_500_000 }.Write(f[$"x_{Day}.tif"]), "blue green red nir; 10 m; EPSG:4526; 100 %" },
        { "the same zone by its meridian", f => new Made { Names = Bgrn, Epsg = 4547 }.Write(f[$"x_{Day}.tif"]), "blue green red nir; 10 m; EPSG:4547; 100 %" },
        { "CGCS2000 in degrees", f => new Made { Names = Bgrn, Epsg = 4490, Left = 114, Top = 32, Pixel = 0.0001 }.Write(f[$"x_{Day}.tif"]), "blue green red nir; 10.3 m; EPSG:4490; 100 %" },
        { "name in Chinese with spaces, # and %", f => new Made { Names = Bgrn }.Write(f[$"影像 数据/武汉 #3 100%_{Day}.tif"]), "blue green red nir; 10 m; EPSG:4549; 100 %" },
        { "name that looks like an escape", f => new Made { Names = Bgrn }.Write(f[$"a%20b%2F_{Day}.tif"]), "blue green red nir; 10 m; EPSG:4549; 100 %" },
        { "date in Chinese", f => new Made { Names = Bgrn }.Write(f["武汉2026年04月30日正射影像.tif"]), "blue green red nir; 10 m; EPSG:4549; 100 %" },
        { "Item beside a file in Chinese", ItemOfAChineseName, "blue green red nir; 10 m; EPSG:4549; 100 %" },
        { "ZIP with names in Chinese", f => Packed(f, null), "red green blue nir; 10 m; EPSG:4549; 100 %" },
        { "ZIP with names in UTF-8 that are not flagged, as zip and macOS pack", f => Packed(f, Encoding.UTF8), "red green blue nir; 10 m; EPSG:4549; 100 %" },
        { "ZIP of Chinese Windows with names in GBK", f => Packed(f, Gbk), "red green blue nir; 10 m; EPSG:4549; 100 %" },
        { "folder of one unknown orthophoto", f => Path.GetDirectoryName(new Made { Names = Bgrn }.Write(f[$"in/x_{Day}.tif"]))!, "blue green red nir; 10 m; EPSG:4549; 100 %" },
        { "Sentinel-2 L1C since 04.00", f => Sentinel1C(f, "04.00", -1000), "blue green red nir swir16; 10 m; EPSG:32650; 0; 0.0001 x - 0.1; 100 %" },
        { "Sentinel-2 L1C since 04.00, zipped", f => ProductFilesWritten.Zip(Sentinel1C(f, "05.10", -1000)), "blue green red nir swir16; 10 m; EPSG:32650; 0; 0.0001 x - 0.1; 100 %" },
        { "Sentinel-2 L1C before 04.00", f => Sentinel1C(f, "02.09", null), "blue green red nir swir16; 10 m; EPSG:32650; 0; 0.0001 x; 100 %" },
        { "Sentinel-2 L2A of Sen2Cor's first years", Sen2Cor, "blue green red nir; 10 m; EPSG:32650; 0; 0.0001 x; 100 %" },
        { "Landsat 5 L2 in a TAR", f => ProductFilesWritten.Tar(Landsat5(f)), "blue green red nir08 swir16 swir22 quality; 30 m; EPSG:32650; 0; 2.75E-05 x - 0.2; 100 %" },
    };

    public static TheoryData<string, Func<TempFolderPath, string>, string> Sentences => new()
    {
        { "no CRS", f => new Made { Epsg = null }.Write(f[$"x_{Day}.tif"]), "does not say which CRS it is in; set it" },
        { "no CRS, zone number before the easting", f => new Made { Epsg = null, Left = 38_500_000 }.Write(f[$"x_{Day}.tif"]), "EPSG:4526" },
        { "zone number in the easting, but a CRS without", f => new Made { Left = 38_500_000, Epsg = 4547 }.Write(f[$"x_{Day}.tif"]), "EPSG:4526" },
        { "control points only", ControlPoints, "control points" },
        { "camera model inside only", CameraModel, "no orthophoto: it only has a camera model (RPC)" },
        { "palette", Palette, "expand it (gdal_translate -expand rgb" },
        { "two orthophotos in a folder", f => { new Made().Write(f[$"in/a_{Day}.tif"]); return Path.GetDirectoryName(new Made().Write(f[$"in/b_{Day}.tif"]))!; }, "give the raster you mean" },
    };

    [Theory]
    [MemberData(nameof(Scenes), DisableDiscoveryEnumeration = true)]
    public void Read_ProductShape_IsASceneWithItsFacts(string row, Func<TempFolderPath, string> write, string facts)
    {
        using var folder = new TempFolder();
        var reading = Read(write(new TempFolderPath(folder)));
        (reading.Problem ?? Facts(reading.Scene!)).ShouldBe(facts, row);

        // Whoever opens it later reads the same file.
        foreach (var asset in reading.Scene!.Assets)
        {
            using var file = ClosedRaster.OpenStored(asset.Path);
            file.Read<float>(1, new PixelWindow(0, 0, 1, 1), new float[1]);
        }
    }

    [Theory]
    [MemberData(nameof(Sentences), DisableDiscoveryEnumeration = true)]
    public void Read_ProductShapeThatIsNoScene_IsOneSentence(string row, Func<TempFolderPath, string> write, string part)
    {
        using var folder = new TempFolder();
        var problem = Read(write(new TempFolderPath(folder))).Problem.ShouldNotBeNull(row);
        problem.ShouldContain(part, Case.Sensitive, row);
        problem.ShouldEndWith(".");
        problem.ShouldNotContain("\n");
    }

    private static Encoding Gbk
    {
        get
        {
            Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
            return Encoding.GetEncoding("GBK");
        }
    }

    private static SceneReading Read(string path) => new SceneReader(new SceneOptions(), new FakeTimeProvider(Payload.Start)).Read(path, new SceneReadOptions { Survey = true });

    private static string Facts(Scene scene)
    {
        var first = scene.Bands[0];
        string[] facts =
        [
            string.Join(' ', scene.Bands.Select(b => b.CommonName ?? "-")),
            string.Create(CultureInfo.InvariantCulture, $"{first.GsdMeters:0.#} m"),
            scene.Footprint.SourceCrs,
            first.NoData is { } missing ? missing.ToString(CultureInfo.InvariantCulture) : "",
            first.Scale == 1 && first.Offset == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{first.Scale} x{(first.Offset == 0 ? "" : $" - {-first.Offset}")}"),
            string.Create(CultureInfo.InvariantCulture, $"{Math.Round(100 * scene.ValidShare!.Value)} %"),
        ];
        return string.Join("; ", facts.Where(f => f.Length > 0));
    }

    private static string Beside(string path, string mask)
    {
        new Made { Bands = 8, Type = PixelType.UInt8 }.Write(mask);
        return path;
    }

    private static string JpegCog(TempFolderPath folder)
    {
        GdalLibrary.SetOption("GDAL_TIFF_INTERNAL_MASK", "YES");
        var plain = new Made { Bands = 3, Type = PixelType.UInt8, Options = ["PHOTOMETRIC=RGB"] }.Write(folder["plain.tif"]);
        using (var file = RasterDataset.Open(plain, new() { Update = true }))
        {
            file.CreateMask();
            file.WriteMask(file.FullWindow, [.. Enumerable.Range(0, Made.Side * Made.Side).Select(i => (byte)(i % Made.Side < Made.Side / 2 ? 255 : 0))]);
        }

        using var source = RasterDataset.Open(plain);
        source.CopyTo(folder[$"x_{Day}.tif"], "COG", ["COMPRESS=JPEG", "BLOCKSIZE=128"]);
        return folder[$"x_{Day}.tif"];
    }

    private static string ItemOfAChineseName(TempFolderPath folder)
    {
        new Made { Names = Bgrn }.Write(folder["in/武汉 #3 100%.tif"]);
        var item = SceneFiles.Item("wuhan", Uri.EscapeDataString("武汉 #3 100%.tif"), 4);
        item["assets"]!["data"]!.AsObject().Remove("nodata");
        item["assets"]!["data"]!.AsObject().Remove("raster:scale");
        return SceneFiles.Write(folder["in/item.json"], item);
    }

    /// <param name="unflagged">What the names are written in without saying so; null = as the standard has it.</param>
    private static string Packed(TempFolderPath folder, Encoding? unflagged)
    {
        var path = folder[$"x_{Day}.zip"];
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create, leaveOpen: false, unflagged is null ? null : Encoding.Latin1);
        foreach (var (band, word) in Bgrn.Zip(["蓝", "绿", "红", "近红外"]))
        {
            var name = $"武汉影像/{word}.tif";
            zip.CreateEntryFromFile(new Made { Bands = 1 }.Write(folder[$"{band}.tif"]), unflagged is null ? name : Encoding.Latin1.GetString(unflagged.GetBytes(name)));
        }

        return path;
    }

    private static string ControlPoints(TempFolderPath folder)
    {
        var path = new Made { Epsg = null, Pixel = 0 }.Write(folder[$"x_{Day}.tif"]);
        using var file = RasterDataset.Open(path, new() { Update = true });
        using var crs = SpatialReference.FromEpsg(4549);
        file.SetControlPoints([new("1", 0, 0, 500_000, 3_600_000, 0), new("2", 64, 0, 500_640, 3_600_000, 0), new("3", 0, 64, 500_000, 3_599_360, 0), new("4", 64, 64, 500_640, 3_599_350, 0)], crs);
        return path;
    }

    private static string CameraModel(TempFolderPath folder)
    {
        var path = new Made { Epsg = null, Pixel = 0 }.Write(folder[$"x_{Day}.tif"]);
        using var file = RasterDataset.Open(path, new() { Update = true });
        var terms = string.Join(' ', Enumerable.Range(0, 20).Select(i => i == 0 ? "1" : "0"));
        foreach (var (key, value) in new[]
        {
            ("LINE_OFF", "32"), ("SAMP_OFF", "32"), ("LAT_OFF", "32"), ("LONG_OFF", "114"), ("HEIGHT_OFF", "50"), ("LINE_SCALE", "32"), ("SAMP_SCALE", "32"), ("LAT_SCALE", "0.01"), ("LONG_SCALE", "0.01"), ("HEIGHT_SCALE", "500"),
            ("LINE_NUM_COEFF", terms), ("LINE_DEN_COEFF", terms), ("SAMP_NUM_COEFF", terms), ("SAMP_DEN_COEFF", terms),
        })
        {
            file.SetMetadata(key, value, "RPC");
        }

        return path;
    }

    private static string Palette(TempFolderPath folder)
    {
        var path = folder[$"x_{Day}.tif"];
        using var file = RasterDataset.Create(path, "GTiff", 16, 16, 1, PixelType.UInt8);
        file.Transform = GeoTransform.NorthUp(500_000, 3_600_000, 10, 10);
        using var crs = SpatialReference.FromEpsg(4549);
        file.SetSpatialReference(crs);
        file.SetColorTable(1, [(0, 0, 0, 255), (10, 90, 10, 255)]);
        return path;
    }

    private static string Sentinel1C(TempFolderPath folder, string baseline, int? offset)
    {
        var root = folder[$"S2B_MSIL1C_20260430T024009_N{baseline.Replace(".", "", StringComparison.Ordinal)}_R089_T50SQA_20260430T060000.SAFE"];
        var granule = Path.Combine(root, "GRANULE/L1C_T50SQA_A012345_20260430T024011");
        foreach (var (band, meters) in new[] { ("B02", 10), ("B03", 10), ("B04", 10), ("B08", 10), ("B11", 20) })
            ProductFilesWritten.Band(Path.Combine(granule, $"IMG_DATA/T50SQA_20260430T024009_{band}.jp2"), 640 / meters, meters, 2000);
        ProductFilesWritten.Band(Path.Combine(granule, "IMG_DATA/T50SQA_20260430T024009_TCI.jp2"), 64, 10, 100, bands: 3, eightBit: true);
        var offsets = offset is null ? "" : $"<Radiometric_Offset_List>{string.Concat(Enumerable.Range(0, 13).Select(b => $"<RADIO_ADD_OFFSET band_id=\"{b}\">{offset}</RADIO_ADD_OFFSET>"))}</Radiometric_Offset_List>";
        File.WriteAllText(Path.Combine(root, "MTD_MSIL1C.xml"), $"""
            <n1:Level-1C_User_Product xmlns:n1="x"><n1:General_Info><Product_Info><PRODUCT_START_TIME>2026-04-30T02:40:09.024Z</PRODUCT_START_TIME><PRODUCT_TYPE>S2MSI1C</PRODUCT_TYPE>
            <PROCESSING_BASELINE>{baseline}</PROCESSING_BASELINE></Product_Info><Product_Image_Characteristics><QUANTIFICATION_VALUE unit="none">10000</QUANTIFICATION_VALUE>{offsets}</Product_Image_Characteristics></n1:General_Info>
            </n1:Level-1C_User_Product>
            """);
        return root;
    }

    /// <summary>Sen2Cor 2.4 of 2017: names of bands begin with L2A_, and so do elements.</summary>
    private static string Sen2Cor(TempFolderPath folder)
    {
        var root = folder["S2A_MSIL2A_20170615T024551_N0205_R132_T50SQA_20170615T024551.SAFE"];
        foreach (var band in new[] { "B02", "B03", "B04", "B08" })
            ProductFilesWritten.Band(Path.Combine(root, $"GRANULE/L2A_T50SQA_A010345_20170615T024551/IMG_DATA/R10m/L2A_T50SQA_20170615T024551_{band}_10m.jp2"), 64, 10, 2000);
        File.WriteAllText(Path.Combine(root, "MTD_MSIL2A.xml"), """
            <n1:Level-2A_User_Product xmlns:n1="x"><n1:General_Info><L2A_Product_Info><PRODUCT_START_TIME>2017-06-15T02:45:51.026Z</PRODUCT_START_TIME><PRODUCT_TYPE>S2MSI2Ap</PRODUCT_TYPE>
            <PROCESSING_BASELINE>02.05</PROCESSING_BASELINE></L2A_Product_Info><L2A_Product_Image_Characteristics><L1C_L2A_Quantification_Values_List><L2A_BOA_QUANTIFICATION_VALUE unit="none">10000</L2A_BOA_QUANTIFICATION_VALUE>
            </L1C_L2A_Quantification_Values_List></L2A_Product_Image_Characteristics></n1:General_Info></n1:Level-2A_User_Product>
            """);
        return root;
    }

    private static string Landsat5(TempFolderPath folder)
    {
        const string name = "LT05_L2SP_119038_20100506_20200823_02_T1";
        foreach (var band in new[] { 1, 2, 3, 4, 5, 7 })
            ProductFilesWritten.Band(folder[$"{name}/{name}_SR_B{band}.TIF"], 20, 30, 10_000);
        ProductFilesWritten.Band(folder[$"{name}/{name}_ST_B6.TIF"], 20, 30, 40_000);
        ProductFilesWritten.Band(folder[$"{name}/{name}_QA_PIXEL.TIF"], 20, 30, 5440);
        var factors = string.Concat(new[] { 1, 2, 3, 4, 5, 7 }.Select(b => $"    REFLECTANCE_MULT_BAND_{b} = 2.75e-05\n    REFLECTANCE_ADD_BAND_{b} = -0.2\n"));
        File.WriteAllText(folder[$"{name}/{name}_MTL.txt"], $"""
            GROUP = LANDSAT_METADATA_FILE
              GROUP = PRODUCT_CONTENTS
                LANDSAT_PRODUCT_ID = "{name}"
                PROCESSING_LEVEL = "L2SP"
                COLLECTION_NUMBER = 02
              END_GROUP = PRODUCT_CONTENTS
              GROUP = IMAGE_ATTRIBUTES
                SPACECRAFT_ID = "LANDSAT_5"
                SENSOR_ID = "TM"
                DATE_ACQUIRED = 2010-05-06
                SCENE_CENTER_TIME = "02:21:22.1234560Z"
                SUN_ELEVATION = 60.0
              END_GROUP = IMAGE_ATTRIBUTES
              GROUP = LEVEL2_SURFACE_REFLECTANCE_PARAMETERS
            {factors}  END_GROUP = LEVEL2_SURFACE_REFLECTANCE_PARAMETERS
            END_GROUP = LANDSAT_METADATA_FILE
            END

            """);
        return folder[name];
    }

    /// <summary>A raster of 64 × 64 pixels.</summary>
    private sealed record Made
    {
        public const int Side = 64;

        public int Bands { get; init; } = 4;

        public PixelType Type { get; init; } = PixelType.UInt16;

        public int? Epsg { get; init; } = 4549;

        public double Left { get; init; } = 500_000;

        public double Top { get; init; } = 3_600_000;

        /// <summary>0 = no georeference.</summary>
        public double Pixel { get; init; } = 10;

        public double? NoData { get; init; }

        public string[]? Names { get; init; }

        public IReadOnlyList<string> Options { get; init; } = [];

        /// <summary>Of a band from 1, a column and a row.</summary>
        public Func<int, int, int, double> Value { get; init; } = static (band, x, y) => 20 + band + ((x + y) % 50);

        public string Write(string path)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var file = RasterDataset.Create(path, "GTiff", Side, Side, Bands, Type, Options);
            if (Pixel > 0)
                file.Transform = GeoTransform.NorthUp(Left, Top, Pixel, Pixel);
            if (Epsg is { } code)
            {
                using var crs = SpatialReference.FromEpsg(code);
                file.SetSpatialReference(crs);
            }

            for (var band = 1; band <= Bands; band++)
            {
                if (NoData is { } missing)
                    file.SetNoData(band, missing);
                if (Names is not null)
                    file.SetDescription(band, Names[band - 1]);
                for (var y = 0; y < Side; y += 16)
                {
                    for (var x = 0; x < Side; x += 16)
                    {
                        var window = new PixelWindow(x, y, 16, 16);
                        double[] values = [.. Enumerable.Range(0, 256).Select(i => Value(band, x + (i % 16), y + (i / 16)))];
                        if (!values.All(v => v == 0))
                            file.Write<double>(band, window, values);
                    }
                }
            }

            return path;
        }
    }
}
