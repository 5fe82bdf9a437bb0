using System.IO.Compression;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Tests.Fakes;
using static Monitoring.Ingest.Tests.Scenes.ProductFilesWritten;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>Bands in a ZIP or TAR file without a product's metadata, and paths that lead into an archive.</summary>
public sealed class ArchivedBandsTests
{
    private static readonly string[] Short = ["B2", "B3", "B4", "B8"];

    [Theory]
    [InlineData("zip", "")]
    [InlineData("zip", "x_20260430/")]
    [InlineData("tar", "")]
    [InlineData("zip", "deep/x_20260430/")]
    public void Read_ArchiveOfBandFiles_IsWhatTheirFolderIs(string form, string below)
    {
        using var folder = new TempFolder();
        var home = Bands(folder, "in/x_20260430/" + below);
        var fromFolder = Read(home).Scene.ShouldNotBeNull();
        var archive = form == "zip" ? Zip(folder["in/x_20260430"]) : Tar(folder["in/x_20260430"]);
        var reading = Read(archive, confined: true);
        var scene = reading.Scene.ShouldNotBeNull(reading.Problem);
        Told(scene).ShouldBe(Told(fromFolder));
        scene.Grid.Transform.ShouldBe(fromFolder.Grid.Transform);
        reading.Files.ShouldBe([Path.GetFullPath(archive)]);
        foreach (var asset in scene.Assets)
        {
            using var file = ClosedRaster.OpenStored(asset.Path);
            file.BandCount.ShouldBe(1);
        }
    }

    [Fact]
    public async Task Inbox_ZipOfBandFiles_IsTaken()
    {
        using var world = new SceneWorld();
        Bands(world.Folder, "in/x_20260430/");
        File.Move(Zip(world.Folder["in/x_20260430"]), world.Inbox("x_20260430.zip"));
        await world.SettleAsync();
        world.Reasons.ShouldBeEmpty();
        world.Catalogue.Scenes.ShouldHaveSingleItem().Bands.Count.ShouldBe(4);
        Directory.GetFileSystemEntries(world.Options.Inbox).ShouldBeEmpty();
    }

    [Fact]
    public void Read_ArchiveThatMayBeTwoScenesOrNone_IsOneSentence()
    {
        using var folder = new TempFolder();
        Bands(folder, "two/a_20260430/");
        Bands(folder, "two/b_20260501/");
        Refused(Zip(folder["two"])).ShouldContain("holds band files in 2 folders");
        SceneFiles.Raster(folder["many/B2.tif"], 2);
        SceneFiles.Raster(folder["many/B8.tif"], 1);
        Refused(Zip(folder["many"])).ShouldContain("each file has one");
        folder.Write("recipe/blue.tif", "<VRTDataset rasterXSize=\"1\" rasterYSize=\"1\"/>");
        Refused(Zip(folder["recipe"])).ShouldContain("cannot be read as a raster");
    }

    [Theory]
    [InlineData("/vsizip/{0}.zip")]
    [InlineData("/vsizip/{{{0}.zip}}/in/a_20260430")]
    [InlineData("/vsizip/{0}.zip/in/a_20260430")]
    [InlineData("/vsizip/{0}.zip/in/a_20260430/B2.tif")]
    [InlineData("/vsitar/{0}.tar/a_20260430/")]
    [InlineData("zip://{0}.zip!/in/a_20260430")]
    [InlineData("zip+file://{0}.zip")]
    public void Read_PathWithinAnArchive_IsThatPartOfIt(string form)
    {
        // A folder that begins as GDAL's file systems do is a folder.
        using var folder = new TempFolder();
        Bands(folder, "vsit/in/a_20260430/");
        Zip(folder["vsit/in"]);
        Tar(folder["vsit/in"]);
        var path = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, folder["vsit/in"]);
        SceneReader.IsInArchive(path).ShouldBeTrue();
        var isOne = form.EndsWith(".tif", StringComparison.Ordinal);
        var reading = isOne ? new SceneReader(new SceneOptions(), TimeProvider.System).Read(path, Payload.Start) : Read(path);
        var scene = reading.Scene.ShouldNotBeNull(reading.Problem);
        scene.Bands.Count.ShouldBe(form.EndsWith(".tif", StringComparison.Ordinal) ? 1 : 4);
        Read(path, confined: true).Problem!.ShouldContain("is a part of an archive; give the archive itself");
    }

    [Theory]
    [InlineData("/vsicurl/http://127.0.0.1:1/a.tif", "is of a file system that is not read")]
    [InlineData("/VSIS3/bucket/a.tif", "is of a file system that is not read")]
    [InlineData("/vsimem/a.tif", "is of a file system that is not read")]
    [InlineData("/vsisubfile/0_10,/etc/passwd", "is of a file system that is not read")]
    [InlineData("/vsistdin/", "is of a file system that is not read")]
    [InlineData("/vsizip//vsicurl/http://127.0.0.1:1/a.zip/b.tif", "is not followed")]
    [InlineData("/vsizip//vsizip/{0}.zip/b.zip/c.tif", "is not followed")]
    [InlineData("/vsizip/{0}.zip//vsizip/b.zip/c.tif", "holds nothing named")]
    [InlineData("zip://http://127.0.0.1:1/a.zip", "is not followed")]
    [InlineData("/vsigzip/{0}.tif.gz", "is compressed as a whole")]
    [InlineData("/vsizip/{0}.zip/../../secret.tif", "leads out of the archive")]
    [InlineData("/vsizip/{0}.zip/nowhere.tif", "holds nothing named")]
    [InlineData("/vsizip/nowhere.zip/a.tif", "names no .zip or .tar file on the disk")]
    public void Read_HostileOrWrongPathWithinAnArchive_IsOneSentence(string form, string part)
    {
        using var folder = new TempFolder();
        Bands(folder, "in/a_20260430/");
        Zip(folder["in"]);
        Refused(form.Replace("{0}", folder["in"], StringComparison.Ordinal)).ShouldContain(part);
    }

    private static string Bands(TempFolder folder, string home)
    {
        foreach (var (name, seed) in Short.Select((n, i) => (n, i)))
            SceneFiles.Raster(folder[$"{home}{name}.tif"], 1, seed: seed);
        return folder[home];
    }

    private static List<(string, string?, double?, double?, double)> Told(Scene scene) => [.. scene.Bands.Select(b => (b.Name, b.CommonName, b.WavelengthMicrometers, b.NoData, b.Scale))];

    private static SceneReading Read(string path, bool confined = false) =>
        new SceneReader(new SceneOptions(), new FakeTimeProvider(Payload.Start)).Read(path, new SceneReadOptions { Confined = confined, HashFiles = false });

    private static string Refused(string path)
    {
        var reading = Read(path);
        reading.Scene.ShouldBeNull();
        reading.Problem!.ShouldEndWith(".");
        reading.Problem!.ShouldNotContain('\n');
        return reading.Problem!;
    }
}
