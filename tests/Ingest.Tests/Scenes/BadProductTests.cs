using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Tests.Fakes;
using Monitoring.TestKit;
using static Monitoring.Ingest.Tests.Scenes.ProductFilesWritten;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>Damaged and hostile products: one sentence, and no memory to speak of.</summary>
public sealed class BadProductTests
{
    /// <summary>What a refusal may allocate on the managed heap; the metadata's own limit is 16 MiB.</summary>
    private const long MaxAllocated = 96L << 20;

    private static string Refused(string path, SceneReadOptions? how = null, SceneOptions? options = null)
    {
        var reader = new SceneReader(options ?? new SceneOptions(), new FakeTimeProvider(Payload.Start));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reading = reader.Read(path, how ?? new SceneReadOptions());
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(MaxAllocated);
        reading.Scene.ShouldBeNull();
        reading.Problem!.ShouldNotContain("\n");
        reading.Problem!.ShouldEndWith(".");
        return reading.Problem!;
    }

    private static string Mtd(string product) => Path.Combine(product, "MTD_MSIL2A.xml");

    private static void Replace(string file, string what, string with) => File.WriteAllText(file, File.ReadAllText(file).Replace(what, with, StringComparison.Ordinal));

    private static string Image(string product, string ending) => Directory.GetFiles(product, "*" + ending, SearchOption.AllDirectories).Single();

    /// <summary>A TIFF that declares a field of 1 GB, inside an archive.</summary>
    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public void Open_HugeFieldInAnArchive_IsRefusedUnread(string kind)
    {
        using var folder = new TempDirectory();
        byte[] tiff =
        [
            (byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, // the directory lies at 8
            1, 0, 0x0E, 0x01, 2, 0, 0, 0, 0, 0x40, 26, 0, 0, 0, 0, 0, 0, 0, // ImageDescription: 2^30 letters from 26 on
        ];
        Directory.CreateDirectory(folder.File("in"));
        File.WriteAllBytes(folder.File("in", "a.tif"), [.. tiff, .. new byte[5000]]);
        string path;
        if (kind == "zip")
        {
            ZipFile.CreateFromDirectory(folder.File("in"), folder.File("a.zip"));
            path = ClosedRaster.InZip(folder.File("a.zip"), "a.tif");
        }
        else
        {
            System.Formats.Tar.TarFile.CreateFromDirectory(folder.File("in"), folder.File("a.tar"), includeBaseDirectory: false);
            var at = File.ReadAllBytes(folder.File("a.tar")).AsSpan().IndexOf(tiff.AsSpan());
            path = ClosedRaster.PartOf(folder.File("a.tar"), at, tiff.Length + 5000);
        }

        Should.Throw<RefusedInputException>(() => RasterSource.Open(path, new SceneOptions(), confined: true)).Message.ShouldContain("states 1073741824 bytes for its TIFF field 270");
    }

    public static TheoryData<string, byte[], string?> Directories => new()
    {
        { "a million fields of one image", Tiff(big: true, 1_000_000, [], next: 0), "states 1000000 TIFF fields for an image" },
        { "more fields than a TIFF 6.0 image has", Tiff(big: false, 60_000, [], next: 0), "states 60000 TIFF fields for an image" },
        { "a hundred images of two thousand fields", Tiff(big: false, 2_000, Short, images: 100), "all images of a file 131072" },
        { "many long fields that are each allowed", Tiff(big: true, 8, i => ((ushort)(40_000 + i), 1, 15 << 20)), "more than 67108864 bytes for its TIFF fields together" },
        { "one that is too long", Tiff(big: true, 1, _ => (40_000, 12, 1L << 40)), "states 8796093022208 bytes for its TIFF field 40000" },
        { "as many as a picture with overviews", Tiff(big: false, 30, Short, images: 12), null },
    };

    /// <summary>Small files that state much: nothing of it is taken for granted, and nothing read for it.</summary>
    [Theory]
    [MemberData(nameof(Directories), DisableDiscoveryEnumeration = true)]
    public void Check_DirectoriesOfATiff_AreBoundedInFieldsAndBytes(string row, byte[] tiff, string? part)
    {
        using var folder = new TempDirectory();
        var path = folder.File("a.tif");
        File.WriteAllBytes(path, tiff);
        if (part is null)
        {
            Should.NotThrow(() => TiffFields.Check(path), row);
        }
        else
        {
            Should.Throw<RefusedInputException>(() => TiffFields.Check(path), row).Message.ShouldContain(part);
        }
    }

    private static (ushort Tag, ushort Type, long Values) Short(int i) => ((ushort)(40_000 + i), 3, 1);

    /// <summary>Little-endian images one after the other.</summary>
    private static byte[] Tiff(bool big, int stated, Func<int, (ushort Tag, ushort Type, long Values)> field, int images = 1)
    {
        using var bytes = new MemoryStream();
        using var to = new BinaryWriter(bytes);
        to.Write((ushort)0x4949);
        to.Write((ushort)(big ? 43 : 42));
        if (big)
        {
            to.Write((ushort)8);
            to.Write((ushort)0);
            to.Write(16L);
        }
        else
        {
            to.Write(8);
        }

        for (var image = 0; image < images; image++)
        {
            Word(stated, big ? 8 : 2);
            for (var i = 0; i < stated; i++)
            {
                var (tag, type, values) = field(i);
                to.Write(tag);
                to.Write(type);
                Word(values, big ? 8 : 4);
                Word(0, big ? 8 : 4);
            }

            var end = bytes.Position + (big ? 8 : 4);
            Word(image == images - 1 ? 0 : end, big ? 8 : 4);
        }

        return bytes.ToArray();

        void Word(long value, int length) => to.Write(BitConverter.GetBytes(value), 0, length);
    }

    /// <summary>One image that states fields and has none.</summary>
    private static byte[] Tiff(bool big, int stated, byte[] none, long next) =>
        [.. Tiff(big, 0, Short)[..(big ? 16 : 8)], .. BitConverter.GetBytes((long)stated)[..(big ? 8 : 2)], .. none, .. BitConverter.GetBytes(next)];

    [Theory]
    [InlineData("/vsicurl/http://127.0.0.1:9/x.tif", "name the host 127.0.0.1:9 in SceneHosts")]
    [InlineData("/vsicurl/https://elsewhere.example/x.tif", "elsewhere.example")]
    [InlineData("/vsicurl?url=http%3A%2F%2F127.0.0.1%3A9%2Fx.tif", "whose host cannot be told")]
    [InlineData("/vsizip//vsigs/bucket/x.zip/x.tif", "leads to /vsigs/bucket/x.zip/x.tif, which is not on this machine")]
    public void Read_RecipeThatLeadsAway_IsRefusedUnlessItsHostIsNamed(string source, string part)
    {
        using var folder = new TempDirectory();
        var path = folder.File("a_20260430.vrt");
        File.WriteAllText(path, $"""<VRTDataset rasterXSize="32" rasterYSize="32"><VRTRasterBand dataType="UInt16" band="1"><Metadata><MDI key="licence">https://licences.example/by</MDI></Metadata><SimpleSource><SourceFilename>{source}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>""");
        Refused(path).ShouldContain(part);
        if (source.Contains(":9/", StringComparison.Ordinal))
        {
            // Named: it is tried, and nobody answers.
            Refused(path, options: new SceneOptions { RemoteHosts = ["127.0.0.1:9"] }).ShouldNotContain("SceneHosts");
        }
    }

    /// <summary>GDAL takes a bare &amp; in its stride; what this reader cannot look through must not reach it.</summary>
    [Theory]
    [InlineData("nested.vrt")]
    [InlineData("&#47;vsicurl/http:&#47;&#47;elsewhere.example/x.tif")]
    public void Read_RecipeThatIsNoProperXml_IsRefused(string source)
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder.File("nested.vrt"), Recipe("/vsicurl/https://elsewhere.example/x.tif", "plain"));
        var path = folder.File("a_20260430.vrt");
        File.WriteAllText(path, Recipe(source, "Smith & Sons"));
        Refused(path).ShouldContain("is no well-formed XML at line 1, so that the sources it names cannot be checked");
        File.WriteAllText(path, Recipe(source, "Smith &amp; Sons"));
        Refused(path).ShouldContain("elsewhere.example");

        static string Recipe(string source, string description) =>
            $"<VRTDataset rasterXSize=\"32\" rasterYSize=\"32\"><VRTRasterBand dataType=\"UInt16\" band=\"1\"><Description>{description}</Description><SimpleSource><SourceFilename relativeToVRT=\"1\">{source}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>";
    }

    /// <summary>The runtime's reader takes memory for names and attributes as their headers declare, before it reads them.</summary>
    [Theory]
    [InlineData('L', 2_000_000_000)]
    [InlineData('K', 2_000_000_000)]
    [InlineData('x', 2_000_000_000)]
    [InlineData('g', 8_000_000_000)]
    [InlineData('L', 8_000_000_000)]
    public void Read_TarWithAHugeBlockOfNames_IsRefusedBeforeItIsRead(char kind, long size)
    {
        using var folder = new TempDirectory();
        var path = folder.File("a_20260430.tar");
        var header = new byte[512];
        Put("././@LongLink", 0);
        Put("0000644", 100);
        Put("0000000", 108);
        Put("0000000", 116);
        Put(Convert.ToString(size, 8).PadLeft(11, '0'), 124);
        Put("00000000000", 136);
        Put("        ", 148);
        header[156] = (byte)kind;
        Put(kind is 'L' or 'K' ? "ustar  " : "ustar\000", 257);
        Put(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ", 148);
        using (var file = new FileStream(path, FileMode.CreateNew))
        {
            file.Write(header);

            // As long as it says, and of holes: what is read of it would be zeros.
            file.SetLength(size + 4096);
        }

        Refused(path).ShouldContain($"declares {size} bytes of names or attributes; at most 1048576 are read");

        void Put(string text, int at) => System.Text.Encoding.ASCII.GetBytes(text).CopyTo(header, at);
    }

    public static TheoryData<string, Action<string>, string> Sentinel => new()
    {
        { "no metadata values", p => File.WriteAllText(Mtd(p), "<a/>"), "has no PRODUCT_TYPE" },
        { "metadata cut off", p => File.WriteAllText(Mtd(p), File.ReadAllText(Mtd(p))[..600]), "is no well-formed XML at line" },
        { "metadata empty", p => File.WriteAllText(Mtd(p), ""), "is no well-formed XML" },
        { "other product type", p => Replace(Mtd(p), "S2MSI2A", "S2MSI1B"), "knows S2MSI1C and S2MSI2A" },
        { "quantification 0", p => Replace(Mtd(p), ">10000<", ">0<"), "must be a number from 1 to" },
        { "offset missing for its baseline", p => Replace(Mtd(p), "BOA_ADD_OFFSET", "OTHER"), "has no BOA_ADD_OFFSET" },
        { "cloud cover 300", p => Replace(Mtd(p), "12.5", "300"), "must be a number from 0 to 100" },
        { "entities", p => File.WriteAllText(Mtd(p), "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>"), "is no well-formed XML" },
        { "a billion laughs", p => File.WriteAllText(Mtd(p), "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>"), "is no well-formed XML" },
        { "deep", p => File.WriteAllText(Mtd(p), string.Concat(Enumerable.Repeat("<a>", 100_000))), "nests elements more than 64 deep" },
        { "17 MiB", p => File.WriteAllText(Mtd(p), new string(' ', 17 << 20)), "metadata has at most 16777216" },
        { "a long text", p => Replace(Mtd(p), "Sentinel-2A", new string('x', 1 << 20)), "holds more than 4096 characters" },
        { "a long attribute", p => Replace(Mtd(p), "\"none\"", $"\"{new string('x', 1 << 20)}\""), "an attribute holds more than" },
        { "two granules", p => File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(p, "GRANULE/L2A_other")).FullName, "a.txt"), ""), "holds 2 granules" },
        { "no granule", p => Directory.Delete(Path.Combine(p, "GRANULE"), true), "has no folder GRANULE" },
        { "no images", p => Directory.Delete(Path.Combine(Directory.GetDirectories(Path.Combine(p, "GRANULE"))[0], "IMG_DATA"), true), "has no band files" },
        { "a band of another place", p => Band(Image(p, "B04_10m.jp2"), 64, 10, 5, left: 700_000), "does not cover the same ground" },
        { "a band of another zone", p => Band(Image(p, "B04_10m.jp2"), 64, 10, 5, epsg: 32651), "files of different products are mixed" },
        { "a band of zero bytes", p => File.WriteAllText(Image(p, "B04_10m.jp2"), ""), "cannot be read as a raster" },
        { "a band cut off", p => File.WriteAllBytes(Image(p, "B04_10m.jp2"), File.ReadAllBytes(Image(p, "B04_10m.jp2"))[..200]), "_B04_10m.jp2" },
        { "a band of three bands", p => Band(Image(p, "B04_10m.jp2"), 64, 10, 5, bands: 3), "has 3 bands; in a product of band files each file has one" },
    };

    [Theory]
    [MemberData(nameof(Sentinel), DisableDiscoveryEnumeration = true)]
    public void Sentinel_WithAFault_IsOneSentence(string row, Action<string> spoil, string part)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        var product = Sentinel2A(folder["in"]);
        spoil(product);
        Refused(product).ShouldContain(part);
        Refused(product, new SceneReadOptions { Confined = true }).ShouldContain(part);
        if (part != "metadata has at most 16777216")
            Refused(Zip(product)).ShouldContain(part);
    }

    public static TheoryData<string, Func<string, string>, string> Landsat => new()
    {
        { "cut off", t => t[..300], "it was cut off" },
        { "no groups", _ => "END\n", "has none of the groups" },
        { "binary", _ => "\0\u0001\u0002", "no KEY = value at line 1" },
        { "another satellite", t => t.Replace("LANDSAT_9", "LANDSAT_1", StringComparison.Ordinal), "is of LANDSAT_1 at PROCESSING_LEVEL L2SP" },
        { "sun a word", t => t.Replace("30.00000000", "noon", StringComparison.Ordinal), "IMAGE_ATTRIBUTES/SUN_ELEVATION is \"noon\"" },
        { "no scale", t => t.Replace("REFLECTANCE_MULT_BAND_4 = 2.75e-05", "X = 1", StringComparison.Ordinal), "has no LEVEL2_SURFACE_REFLECTANCE_PARAMETERS/REFLECTANCE_MULT_BAND_4" },
        { "no date", t => t.Replace("2026-02-06", "2026-02-31", StringComparison.Ordinal), "which is no time" },
        { "a group ended twice", t => t.Replace("  END_GROUP = IMAGE_ATTRIBUTES\n", "  END_GROUP = IMAGE_ATTRIBUTES\n  END_GROUP = IMAGE_ATTRIBUTES\n", StringComparison.Ordinal), "which is not open" },
        { "a long line", t => t + new string('x', 10_000), "no" },
        { "2 MiB", _ => new string('\n', 2 << 20), "at most 1048576" },
    };

    [Theory]
    [MemberData(nameof(Landsat), DisableDiscoveryEnumeration = true)]
    public void LandsatMtl_WithAFault_IsOneSentence(string row, Func<string, string> spoil, string part)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        var product = ProductFilesWritten.Landsat(folder["in"]);
        var mtl = Image(product, "_MTL.txt");
        var spoilt = spoil(File.ReadAllText(mtl));
        File.WriteAllText(mtl, row == "a long line" ? new string('x', 10_000) + "\n" + spoilt : spoilt);
        Refused(product).ShouldContain(row == "a long line" ? "a line of 10000 characters" : part);
    }

    [Fact]
    public void LandsatL1_ByNight_IsOneSentence()
    {
        using var folder = new TempFolder();
        var product = ProductFilesWritten.Landsat(folder["in"], level2: false);
        Replace(Image(product, "_MTL.txt"), "30.00000000", "-3.5");
        Refused(product).ShouldContain("a scene by night has no reflectance");
    }

    [Theory]
    [InlineData("<ProductMetaData><SatelliteID>GF1</SatelliteID><SensorID>PMS1", "is no well-formed XML")]
    [InlineData("<ProductMetaData><SatelliteID>GF1</SatelliteID><SensorID>PMS1</SensorID><SolarZenith>east</SolarZenith></ProductMetaData>", "SolarZenith is \"east\"")]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><ProductMetaData><SatelliteID>&x;</SatelliteID></ProductMetaData>", "is no well-formed XML")]
    public void Sidecar_WithAFault_IsOneSentence(string xml, string part)
    {
        using var folder = new TempFolder();
        var path = Band(folder["GF1_PMS1_E119.5_N32.1_20260430_L1A0001-MSS1.tiff"], 16, 8, 300, bands: 4);
        folder.Write("GF1_PMS1_E119.5_N32.1_20260430_L1A0001-MSS1.xml", xml);
        Refused(path).ShouldContain(part);
    }

    [Fact]
    public void Sidecar_ThatIsALink_IsRefusedWhenConfined()
    {
        using var folder = new TempFolder();
        var path = Band(folder["in/GF1_PMS1_E119.5_N32.1_20260430_L1A0001-MSS1.tiff"], 16, 8, 300, bands: 4);
        folder.Write("secret.xml", Sidecar("GF1", "PMS1"));
        File.CreateSymbolicLink(Path.ChangeExtension(path, ".xml"), folder["secret.xml"]);
        Refused(path, new SceneReadOptions { Confined = true }).ShouldContain("symbolic link");
    }

    [Fact]
    public void Archive_ThatIsDamagedOrStrange_IsOneSentence()
    {
        using var folder = new TempFolder();
        var zip = Zip(Sentinel2A(folder["in"]));
        var whole = File.ReadAllBytes(zip);
        File.WriteAllBytes(folder["cut.zip"], whole[..(whole.Length / 2)]);
        Refused(folder["cut.zip"]).ShouldContain("is damaged or no ZIP file");
        File.WriteAllBytes(folder["empty.zip"], []);
        Refused(folder["empty.zip"]).ShouldContain("is damaged or no ZIP file");
        File.WriteAllBytes(folder["noise.tar"], [.. Enumerable.Repeat((byte)0x41, 2048)]);
        Refused(folder["noise.tar"]).ShouldContain("is damaged or no TAR file");
        folder.Write("plain/readme.txt", "x");
        Refused(Zip(folder["plain"])).ShouldContain("holds neither MTD_MSIL1C.xml");
        using (var bad = ZipFile.Open(folder["out.zip"], ZipArchiveMode.Create))
            bad.CreateEntry("../../MTD_MSIL2A.xml").Open().Dispose();
        Refused(folder["out.zip"]).ShouldContain("which is no name within a product");
        using (var many = ZipFile.Open(folder["many.zip"], ZipArchiveMode.Create))
        {
            for (var i = 0; i < 20_001; i++)
                many.CreateEntry($"{i}");
        }

        Refused(folder["many.zip"]).ShouldContain("holds more than 20000 files");
    }

    [Fact]
    public void Archive_WithMetadataThatInflatesForever_IsCutAtTheLimit()
    {
        using var folder = new TempFolder();
        using (var zip = ZipFile.Open(folder["bomb.zip"], ZipArchiveMode.Create))
        {
            using var stream = zip.CreateEntry("x.SAFE/MTD_MSIL2A.xml", CompressionLevel.Fastest).Open();
            var spaces = new byte[1 << 20];
            Array.Fill(spaces, (byte)' ');
            for (var i = 0; i < 1024; i++)
                stream.Write(spaces);
        }

        new FileInfo(folder["bomb.zip"]).Length.ShouldBeLessThan(16 << 20);
        Refused(folder["bomb.zip"]).ShouldContain("has more than 16777216 bytes");
    }

    [Fact]
    public void Raster_WithAPalette_IsOneSentence()
    {
        using var folder = new TempFolder();
        using (var file = RasterDataset.Create(folder["p_20260430.tif"], "GTiff", 16, 16, 1, PixelType.UInt8))
        {
            file.SetColorTable(1, [(0, 0, 0, 255), (255, 0, 0, 255)]);
            file.Transform = GeoTransform.NorthUp(0, 10, 1, 1);
        }

        Refused(folder["p_20260430.tif"]).ShouldContain("colour table (palette)");
    }

    [Fact]
    public void Raster_WithoutAnyData_IsOneSentenceAtIntake()
    {
        using var folder = new TempFolder();
        var path = Band(folder["x_20260430.tif"], 64, 10, 0, bands: 2);
        Refused(path, new SceneReadOptions { Survey = true }).ShouldContain("has no pixel with data");
    }

    [Fact]
    public void Raster_OfOnePixel_IsAScene()
    {
        using var folder = new TempFolder();
        var reading = new SceneReader(new SceneOptions(), new FakeTimeProvider(Payload.Start)).Read(Band(folder["x_20260430.tif"], 1, 10, 7), new SceneReadOptions { Survey = true });
        reading.Problem.ShouldBeNull();
        reading.Scene!.Footprint.AreaSquareMeters.ShouldBe(100, 0.5);
        reading.Scene.ValidShare.ShouldBe(1);
    }

    /// <summary>Declares 1 000 000 × 1 000 000 pixels of 16 bits in a few hundred bytes: 2 TB.</summary>
    [Fact]
    public void Tiff_ThatDeclaresTwoTerabytes_IsRefusedFromItsHeader()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["x_20260430.tif"], TiffBomb(1_000_000, 1_000_000));
        new FileInfo(folder["x_20260430.tif"]).Length.ShouldBeLessThan(1000);
        Refused(folder["x_20260430.tif"]).ShouldContain("a scene has at most");
        Refused(folder["x_20260430.tif"], new SceneReadOptions { Confined = true }).ShouldContain("a scene has at most");

        // With the size allowed, its strips are not there.
        Refused(folder["x_20260430.tif"], options: new SceneOptions { MaxPixelBytes = long.MaxValue }).ShouldContain("is damaged or was cut off");
    }

    [Fact]
    public void RealRasterOddities_AreScenesOrOneSentence()
    {
        foreach (var file in Directory.GetFiles(TestData.Need("rasters"), "*.tif"))
        {
            var reading = new SceneReader(new SceneOptions(), new FakeTimeProvider(Payload.Start)).Read(file, new SceneReadOptions { AcquiredAt = Payload.Start, Survey = true });
            if (reading.Scene is { } scene)
            {
                scene.Footprint.Shape.IsValid.ShouldBeTrue(file);
                scene.ValidShare!.Value.ShouldBeInRange(0.01, 1);
            }
            else
            {
                reading.Problem!.ShouldNotContain("\n");
            }
        }

        // Its collar is nodata: the outline is that of the picture.
        var collar = new SceneReader(new SceneOptions(), new FakeTimeProvider(Payload.Start)).Read(TestData.Need("rasters", "RGB.byte.tif"), new SceneReadOptions { AcquiredAt = Payload.Start, Survey = true });
        collar.Problem.ShouldBeNull();
        collar.Scene!.ValidShare!.Value.ShouldBeInRange(0.3, 0.9);
        var whole = new SceneReader(new SceneOptions(), new FakeTimeProvider(Payload.Start)).Read(TestData.Need("rasters", "RGB.byte.tif"), Payload.Start);
        collar.Scene.Footprint.AreaSquareMeters.ShouldBeLessThan(whole.Scene!.Footprint.AreaSquareMeters * 0.95);
    }

    /// <summary>A classic TIFF of one strip, 16 bits, with a made-up place.</summary>
    internal static byte[] TiffBomb(uint width, uint height)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.ASCII);
        (ushort Tag, ushort Type, uint Count, uint Value)[] tags =
        [
            (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 0x7FFF_FFFF),
        ];
        writer.Write("II"u8);
        writer.Write((ushort)42);
        writer.Write(8u);
        writer.Write((ushort)tags.Length);
        foreach (var (tag, type, count, value) in tags)
        {
            writer.Write(tag);
            writer.Write(type);
            writer.Write(count);
            writer.Write(value);
        }

        writer.Write(0u);
        return bytes.ToArray();
    }
}
