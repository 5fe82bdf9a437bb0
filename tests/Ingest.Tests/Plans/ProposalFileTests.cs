using System.Buffers.Binary;
using System.IO.Compression;
using Monitoring.Domain.Conflicts;
using Monitoring.Ingest.Plans;
using Monitoring.Ingest.Tests.Fakes;
using static Monitoring.Ingest.Tests.Plans.PlanFile;

namespace Monitoring.Ingest.Tests.Plans;

/// <summary>Files of what is planned, as strangers send them.</summary>
public sealed class ProposalFileTests
{
    private static readonly ProposalLimits Small = new(200_000, 400_000, 5, 1000);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Read_GoodZip_GivesItsFeaturesAndLeavesNothingBehind()
    {
        using var folder = new TempFolder();
        var zip = Zipped(folder, "plan.zip", ("道路/roads.geojson", Text(folder, 3)), ("道路/readme.txt", new string('x', 100)));

        var read = Read(zip, Small);

        read.Subjects.ShouldNotBeNull(string.Join(' ', read.Told)).Count.ShouldBe(3);
        read.Told.ShouldAllBe(t => !t.Contains(folder.Root));
        Directory.GetFileSystemEntries(folder.Root).Select(Path.GetFileName).ShouldBe(["plan.zip", "raw.geojson"], ignoreOrder: true);
    }

    [Theory]
    [InlineData(6, "takes at most 5")]
    [InlineData(5, null)]
    public void Read_MoreFeaturesThanTheLimit_IsRefused(int features, string? says)
    {
        using var folder = new TempFolder();
        var path = folder.Write("roads.geojson", Text(folder, features));

        var read = Read(path, Small);

        (read.Subjects is null).ShouldBe(says is not null, string.Join(' ', read.Told));
        if (says is not null)
        {
            read.Told.ShouldHaveSingleItem().ShouldContain(says);
        }

        Read(path, null).Subjects.ShouldNotBeNull("an import's limits are others").Count.ShouldBe(features);
    }

    [Fact]
    public void Unpack_DiskIsFull_IsSaidOfTheDiskNotOfTheFile()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "A device that is always full.");
        var full = Should.Throw<IOException>(static () =>
        {
            using var file = new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
            file.Write(new byte[100_000]);
        });
        var said = UnpackedZip.Refused("plan.zip", full).Message;
        said.ShouldContain("disk");
        said.ShouldContain("is full");
        said.ShouldNotContain("damaged");
        UnpackedZip.Refused("plan.zip", new IOException("As the system says it.", 122)).Message.ShouldBe(said);
        UnpackedZip.Refused("plan.zip", new IOException("As the system says it.", 5)).Message.ShouldContain("damaged");
    }

    [Fact]
    public void Read_FileLargerThanTheLimit_IsRefusedByItsBytes()
    {
        using var folder = new TempFolder();
        Read(folder.Write("roads.geojson", Text(folder, 1) + new string(' ', 500_000)), Small).Told.ShouldHaveSingleItem().ShouldContain("bytes");
        Read(Zipped(folder, "much.zip", CompressionLevel.NoCompression, ("roads.geojson", new string(' ', 300_000))), Small).Told.ShouldHaveSingleItem().ShouldContain("at most 200000");
    }

    [Fact]
    public void Read_ZipThatUnpacksToTooMuch_IsRefusedBeforeAnyOfItIsWritten()
    {
        using var folder = new TempFolder();
        var zip = Zipped(folder, "bomb.zip", ("roads.geojson", new string(' ', 20_000_000)));
        new FileInfo(zip).Length.ShouldBeLessThan(Small.MaxFileBytes);

        Read(zip, Small).Told.ShouldHaveSingleItem().ShouldContain("unpacks to more than 400000");

        Directory.GetFileSystemEntries(folder.Root).Select(Path.GetFileName).ShouldBe(["bomb.zip"]);
    }

    /// <summary>The headers say 1,000 bytes; the stream holds twenty million.</summary>
    [Fact]
    public void Read_ZipWhoseHeaderLies_GivesAtMostTheLimitAndLeavesNothingBehind()
    {
        using var folder = new TempFolder();
        var zip = Zipped(folder, "liar.zip", ("roads.geojson", new string(' ', 20_000_000)));
        var bytes = File.ReadAllBytes(zip);
        Lie(bytes, 0x04034B50, 22);
        Lie(bytes, 0x02014B50, 24);
        File.WriteAllBytes(zip, bytes);
        using (var open = ZipFile.OpenRead(zip))
        {
            open.Entries.ShouldHaveSingleItem().Length.ShouldBe(1000);
        }

        var read = Read(zip, Small);

        read.Subjects.ShouldBeNull();
        read.Told.ShouldNotBeEmpty();
        Directory.GetFileSystemEntries(folder.Root).Select(Path.GetFileName).ShouldBe(["liar.zip"]);

        static void Lie(byte[] bytes, uint signature, int offset)
        {
            var mark = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(mark, signature);
            var at = bytes.AsSpan().IndexOf(mark);
            at.ShouldBeGreaterThanOrEqualTo(0);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + offset), 1000);
        }
    }

    [Theory]
    [InlineData("../out.geojson")]
    [InlineData("/etc/out.geojson")]
    [InlineData("a/../../out.geojson")]
    public void Read_ZipWhoseNamesLeadOut_IsRefused(string name)
    {
        using var folder = new TempFolder();
        var zip = Zipped(folder, "out.zip", (name, Text(folder, 1)));
        File.Delete(folder["raw.geojson"]);

        Read(zip, Small).Subjects.ShouldBeNull();

        Directory.GetFileSystemEntries(folder.Root).Select(Path.GetFileName).ShouldBe(["out.zip"]);
        File.Exists(Path.Combine(Path.GetDirectoryName(folder.Root)!, "out.geojson")).ShouldBeFalse();
    }

    [Fact]
    public void Read_ZipThatIsNone_OrHoldsNothingToRead_IsOneSentence()
    {
        using var folder = new TempFolder();
        Read(folder.Write("no.zip", "hello"), Small).Told.ShouldHaveSingleItem().ShouldBe("no.zip is no ZIP file, or a damaged one; pack it again.");
        Read(Zipped(folder, "empty.zip", ("a.txt", "x"), ("b.txt", "y")), Small).Told.ShouldHaveSingleItem().ShouldContain("no vector file");
        Read(Zipped(folder, "two.zip", ("a.geojson", "{}"), ("b.geojson", "{}")), Small).Told.ShouldHaveSingleItem().ShouldContain("several vector files");
    }

    [Fact]
    public void Read_StoppedWhileUnpacking_LeavesNothingBehind()
    {
        using var folder = new TempFolder();
        var zip = Zipped(folder, "plan.zip", ("roads.geojson", new string(' ', 100_000)));
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();

        Should.Throw<OperationCanceledException>(() => new ProposalFile(new MapFileReader(new PlanImportOptions())).Read(new ProposalRequest(zip, "road", "EPSG:4490") { Limits = Small }, stopped.Token));

        Directory.GetFileSystemEntries(folder.Root).Select(Path.GetFileName).ShouldBe(["plan.zip"]);
    }

    private static ProposalReading Read(string path, ProposalLimits? limits) =>
        new ProposalFile(new MapFileReader(new PlanImportOptions())).Read(new ProposalRequest(path, "road", "EPSG:4490") { Limits = limits }, Stop);

    private static string Text(TempFolder folder, int features) =>
        File.ReadAllText(GeoJson(folder["raw.geojson"], Enumerable.Range(0, features).Select(i => ($"LINESTRING (119 {32 + (i * 0.01)}, 119.01 {32 + (i * 0.01)})", new (string, object?)[] { ("name", $"road {i}") }))));

    private static string Zipped(TempFolder folder, string name, params (string Name, string Text)[] files) => Zipped(folder, name, CompressionLevel.Optimal, files);

    private static string Zipped(TempFolder folder, string name, CompressionLevel level, params (string Name, string Text)[] files)
    {
        using var zip = ZipFile.Open(folder[name], ZipArchiveMode.Create);
        foreach (var (entry, text) in files)
        {
            using var writer = new StreamWriter(zip.CreateEntry(entry, level).Open());
            writer.Write(text);
        }

        return folder[name];
    }
}
