using System.Text.Json;
using Monitoring.Gdal;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests;

/// <summary>The built program as its users call it: exit codes and sentences.</summary>
public sealed class CommandLineTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string[], string> BadInput => new()
    {
        { "no such command", ["dtect"], "\"dtect\" is no command" },
        { "a missing option", ["detect", "--before", "a.tif", "--out", "o"], "--after" },
        { "a scene that is not there", ["detect", "--before", "/nowhere/a.tif", "--after", "/nowhere/b.tif", "--out", "o"], "--before" },
        { "a column of a file that is not given", ["detect", "--before", "a.tif", "--after", "b.tif", "--out", "o", "--parcels", "p.gpkg", "--map", "permits.permit_no=NO"], "here parcels" },
        { "a file as the folder", ["detect", "--before", "a.tif", "--after", "b.tif", "--out", "/proc/self/status"], "is a file" },
        { "an empty value", ["detect", "--before", "", "--after", "b.tif", "--out", "o"], "--before is empty" },
        { "an empty argument", ["import", "permits", ""], "an argument is empty" },
        { "a date that is none", ["detect", "--before", "a.tif", "--after", "b.tif", "--before-date", "yesterday", "--out", "o"], "no date" },
        { "an unknown kind", ["import", "castles", "a.gpkg"], "castles" },
        { "a map without =", ["import", "permits", "a.gpkg", "--map", "permit_no"], "field=column" },
        { "an audit file that is not there", ["verify-audit", "/nowhere/audit.jsonl"], "no file" },
        { "an earlier audit file that is not there", ["verify-audit", "/nowhere/audit.jsonl", "--follows", "/nowhere/earlier.jsonl"], "earlier.jsonl" },
        { "a register that is not there", ["reset-password", "admin", "--data", "/nowhere"], "no register" },
    };

    [Theory]
    [MemberData(nameof(BadInput))]
    public async Task Command_BadInput_ExitsWithTwoAndOneSentence(string what, string[] arguments, string expected)
    {
        using var folder = new TempDirectory();
        string[] all = arguments[0] == "import" ? [.. arguments, "--data", folder.Path] : arguments;
        var (code, output) = await ServiceProcess.RunAsync(Stop, all);
        code.ShouldBe(2, $"{what}: {output}");
        output.ShouldContain(expected);
        output.ShouldNotContain("   at ", Case.Sensitive, "no stack trace");
    }

    [Fact]
    public async Task Detect_PermitsButNoDates_IsBadInput()
    {
        using var folder = new TempDirectory();
        var scene = Path.Combine(folder.Path, "a.tif");
        MakeScene(scene, withCrs: true);
        var permits = Path.Combine(folder.Path, "permits.geojson");
        await File.WriteAllTextAsync(permits, """{"type":"FeatureCollection","features":[]}""", Stop);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", scene, "--after", scene, "--permits", permits, "--out", Path.Combine(folder.Path, "o"));
        code.ShouldBe(2, output);
        output.ShouldContain("give it with --before-date,");
        output.ShouldNotContain("--after-date", Case.Sensitive, "the missing side alone");
    }

    [Fact]
    public async Task Detect_UndatedScenesAndNothingToJudge_InventsNoTimes()
    {
        using var folder = new TempDirectory();
        var (before, after, to) = (folder.File("a.tif"), folder.File("b.tif"), folder.File("o"));
        MakeScene(before, withCrs: true);
        MakeScene(after, withCrs: true, built: true);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", before, "--after", after, "--out", to);
        code.ShouldBe(0, output);
        output.ShouldContain("note: the scenes do not say when");
        foreach (var file in new[] { "summary.json", "changes.geojson" })
        {
            var text = await File.ReadAllTextAsync(Path.Combine(to, file), Stop);
            text.ShouldNotContain("1970");
            text.ShouldNotContain("1971");
        }

        using (var summary = await ReadAsync("summary.json"))
        {
            summary.RootElement.GetProperty("before").GetProperty("acquired_at").ValueKind.ShouldBe(JsonValueKind.Null);
            summary.RootElement.GetProperty("after").GetProperty("acquired_at").ValueKind.ShouldBe(JsonValueKind.Null);
        }

        (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", before, "--after", after, "--after-date", "2026-05-01", "--out", to);
        code.ShouldBe(0, output);
        using var changes = await ReadAsync("changes.geojson");
        var features = changes.RootElement.GetProperty("features").EnumerateArray().Select(f => f.GetProperty("properties")).ToList();
        features.ShouldNotBeEmpty();
        foreach (var patch in features)
        {
            patch.GetProperty("not_before").ValueKind.ShouldBe(JsonValueKind.Null);
            patch.GetProperty("not_after").GetString().ShouldBe("2026-05-01T12:00:00Z");
            var interval = patch.GetProperty("reasons").EnumerateArray().Single(r => r.GetProperty("code").GetString() == "change-interval");
            interval.TryGetProperty("not_before", out _).ShouldBeFalse();
        }

        // Parcels alone judge nothing either.
        var parcels = folder.File("parcels.geojson");
        await File.WriteAllTextAsync(parcels, """{"type":"FeatureCollection","features":[]}""", Stop);
        (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", before, "--after", after, "--parcels", parcels, "--out", to);
        code.ShouldBe(0, output);
        var told = await File.ReadAllTextAsync(Path.Combine(to, "changes.geojson"), Stop);
        told.ShouldContain("not-judged");
        told.ShouldNotContain("1970");
        told.ShouldNotContain("1969");

        async Task<JsonDocument> ReadAsync(string file) => JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(to, file), Stop));
    }

    [Fact]
    public async Task Detect_FilesWithColumnsOfTheirOwn_AreReadAsItIsTold()
    {
        using var folder = new TempDirectory();
        var (before, after, to, permits, lines) = (folder.File("a.tif"), folder.File("b.tif"), folder.File("o"), folder.File("permits.csv"), folder.File("lines.csv"));
        MakeScene(before, withCrs: true);
        MakeScene(after, withCrs: true, built: true);
        const string square = "\"POLYGON ((700300 3569300, 700700 3569300, 700700 3569700, 700300 3569700, 700300 3569300))\"";
        await File.WriteAllTextAsync(permits, $"wkt,NO,类型,状态,发证日期\n{square},0012,建设工程规划许可证,有效,2026-01-01\n", Stop);
        await File.WriteAllTextAsync(lines, $"wkt,备注\n{square},x\n", Stop);
        string[] basis = ["detect", "--before", before, "--after", after, "--before-date", "2026-02-01", "--after-date", "2026-05-01", "--out", to];

        var (code, output) = await ServiceProcess.RunAsync(Stop, [.. basis, "--control-lines", lines]);
        code.ShouldBe(2, output);
        output.ShouldContain("--crs control-lines=EPSG");

        (code, output) = await ServiceProcess.RunAsync(Stop, [.. basis, "--control-lines", lines, "--crs", "control-lines=EPSG:32650"]);
        code.ShouldBe(2, output);
        output.ShouldContain("--map control-lines.kind=COLUMN", Case.Sensitive, "the option that would mend it exists here");

        (code, output) = await ServiceProcess.RunAsync(
            Stop, [.. basis, "--permits", permits, "--map", "permits.permit_no=NO", "--control-lines", lines, "--map", "control-lines.kind==permanent_basic_farmland", "--crs", "permits=EPSG:32650", "control-lines=EPSG:32650"]);
        code.ShouldBe(0, output);
        output.ShouldContain("--control-lines: no column holds id: features are named by their place in the file");
        var told = await File.ReadAllTextAsync(Path.Combine(to, "changes.geojson"), Stop);
        told.ShouldContain("occupied-basic-farmland");
        output.ShouldNotContain("no column holds permit_no", Case.Sensitive, "it was named");
    }

    [Fact]
    public async Task Detect_OutputThatCannotBeWritten_IsNoFaultOfTheScene()
    {
        using var folder = new TempDirectory();
        var (before, after, to) = (folder.File("a.tif"), folder.File("b.tif"), folder.File("o"));
        MakeScene(before, withCrs: true);
        MakeScene(after, withCrs: true, built: true);

        // Where the raster is worked on lies something that cannot be replaced.
        Directory.CreateDirectory(Path.Combine(to, ".change-cog.tif.part.work", "x"));
        var (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", before, "--after", after, "--rasters", "--out", to);
        code.ShouldBe(3, output);
        output.ShouldContain($"Make room in {to}");
        output.ShouldNotContain("Get the file again");
    }

    [Fact]
    public async Task Detect_BeforeLaterThanAfter_IsBadInputThoughNothingIsJudged()
    {
        using var folder = new TempDirectory();
        var (before, after) = (folder.File("a_20260501.tif"), folder.File("b_20250501.tif"));
        MakeScene(before, withCrs: true);
        MakeScene(after, withCrs: true);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", before, "--after", after, "--out", folder.File("o"));
        code.ShouldBe(2, output);
        output.ShouldContain("swap them");
    }

    [Fact]
    public async Task Detect_NoApprovalsInThePermits_JudgesWithANote()
    {
        using var folder = new TempDirectory();
        var (before, after, to) = (folder.File("a_20250501.tif"), folder.File("b_20260501.tif"), folder.File("o"));
        MakeScene(before, withCrs: true);
        MakeScene(after, withCrs: true, built: true);
        var permits = folder.File("permits.geojson");
        await File.WriteAllTextAsync(permits, """{"type":"FeatureCollection","features":[]}""", Stop);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", before, "--after", after, "--permits", permits, "--out", to);
        code.ShouldBe(0, output);
        output.ShouldContain("has no features: judged as no approvals in this area");
        using var changes = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(to, "changes.geojson"), Stop));
        var features = changes.RootElement.GetProperty("features").EnumerateArray().Select(f => f.GetProperty("properties")).ToList();
        features.ShouldNotBeEmpty();
        foreach (var patch in features)
        {
            var kind = patch.GetProperty("kind").GetString();
            foreach (var reason in patch.GetProperty("reasons").EnumerateArray().Where(r => r.GetProperty("code").GetString() is "change-kind" or "kind-not-judged"))
            {
                reason.GetProperty("kind").GetString().ShouldBe(kind, "one spelling in the file");
            }

            patch.GetProperty("reasons").EnumerateArray().ShouldNotContain(r => r.GetProperty("code").GetString() == "approvals-unknown");
        }
    }

    [Fact]
    public async Task Detect_LandSurvey_TellsTheFarmlandOfEachChangeInBothUnits()
    {
        using var folder = new TempDirectory();
        var (before, after, to) = (folder.File("a_20250501.tif"), folder.File("b_20260501.tif"), folder.File("o"));
        MakeScene(before, withCrs: true);
        MakeScene(after, withCrs: true, built: true);
        var survey = folder.File("survey.geojson");
        await File.WriteAllTextAsync(
            survey,
            """
            {"type":"FeatureCollection","features":[{"type":"Feature","properties":{"BSM":"1","DLBM":"0101","DLMC":"水田","SJNF":"2024"},
            "geometry":{"type":"Polygon","coordinates":[[[118.5,31.5],[120,31.5],[120,33],[118.5,33],[118.5,31.5]]]}}]}
            """,
            Stop);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", before, "--after", after, "--land-survey", survey, "--out", to);
        code.ShouldBe(0, output);
        using var changes = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(to, "changes.geojson"), Stop));
        var features = changes.RootElement.GetProperty("features").EnumerateArray().Select(f => f.GetProperty("properties")).ToList();
        features.ShouldNotBeEmpty();
        foreach (var patch in features)
        {
            var told = patch.GetProperty("reasons").EnumerateArray().Single(r => r.GetProperty("code").GetString() == "occupied-farmland");
            var area = double.Parse(told.GetProperty("area_m2").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
            area.ShouldBe(patch.GetProperty("area_m2").GetDouble(), 1);
            double.Parse(told.GetProperty("area_mu").GetString()!, System.Globalization.CultureInfo.InvariantCulture).ShouldBe(area * 3 / 2000, 0.01);
        }
    }

    [Fact]
    public async Task ScenesAdd_UndatedScene_IsTakenWithADate()
    {
        using var folder = new TempDirectory();
        var scene = folder.File("a.tif");
        MakeScene(scene, withCrs: true);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "scenes", "add", scene, "--data", folder.File("d"));
        code.ShouldBe(2, output);
        output.ShouldContain("give it with --date, put it into the name");
        (code, output) = await ServiceProcess.RunAsync(Stop, "scenes", "add", scene, "--date", "2999-05-01", "--data", folder.File("d"));
        code.ShouldBe(2, output);
        output.ShouldContain("at most a day ahead");
        (code, output) = await ServiceProcess.RunAsync(Stop, "scenes", "add", scene, "--date", "2026-05-01", "--data", folder.File("d"));
        code.ShouldBe(0, output);
        output.ShouldContain(": taken");
    }

    [Fact]
    public async Task Detect_TruncatedTiff_IsBadInput()
    {
        using var folder = new TempDirectory();
        var (before, after) = (Path.Combine(folder.Path, "a.tif"), Path.Combine(folder.Path, "b.tif"));
        MakeScene(before, withCrs: true);
        var bytes = await File.ReadAllBytesAsync(before, Stop);
        await File.WriteAllBytesAsync(after, bytes[..(bytes.Length / 3)], Stop);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", before, "--after", after, "--out", Path.Combine(folder.Path, "o"));
        code.ShouldBe(2, output);
        output.ShouldContain("b.tif");
    }

    [Fact]
    public async Task Detect_RasterWithoutCrs_IsBadInput()
    {
        using var folder = new TempDirectory();
        var scene = Path.Combine(folder.Path, "a.tif");
        MakeScene(scene, withCrs: false);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", scene, "--after", scene, "--out", Path.Combine(folder.Path, "o"));
        code.ShouldBe(2, output);
        output.ShouldContain("CRS");
    }

    [Fact]
    public async Task VerifyAudit_ChangedLine_IsFoundBroken()
    {
        using var folder = new TempDirectory();
        var file = Path.Combine(folder.Path, "audit.jsonl");
        Domain.Audit.ChainedAuditEntry? last = null;
        var lines = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            last = Domain.Audit.AuditChain.Chain(last, new(DateTimeOffset.UnixEpoch.AddDays(i), "wang", "alert.acknowledge", $"a{i}", "{}"));
            lines.Add(Domain.Audit.AuditLines.Format(last));
        }

        await File.WriteAllLinesAsync(file, lines, Stop);
        var (whole, intact) = await ServiceProcess.RunAsync(Stop, "verify-audit", file);
        whole.ShouldBe(0, intact);
        intact.ShouldContain("3 entries");
        await File.WriteAllLinesAsync(file, [lines[0], lines[1].Replace("wang", "li", StringComparison.Ordinal), lines[2]], Stop);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "verify-audit", file);
        code.ShouldBe(3, output);
        output.ShouldContain("BROKEN at line 2");
    }

    [Fact]
    public void VerifyAudit_FollowsAnEarlierOne_FindsCutsAndRewrites()
    {
        using var folder = new TempDirectory();
        var (old, grown, cut, anew) = (Chain("wang", 3), Chain("wang", 5), Chain("wang", 2), Chain("li", 5));
        var earlier = Write("earlier.jsonl", old);
        var note = $"{old[^1].Sequence}:{old[^1].Hash}";
        foreach (var follows in new[] { earlier, note })
        {
            Verify("grown.jsonl", grown, follows).ShouldBe((0, $"intact: 5 entries, last hash {grown[^1].Hash}, goes on from 3"));
            Verify("same.jsonl", old, follows).Code.ShouldBe(0);
            var (lost, shorter) = Verify("cut.jsonl", cut, follows);
            (lost, shorter).ShouldBe((3, "BROKEN at the end: the trail ends at 2, but it reached 3 before; its end was cut off."));
            var (other, rewritten) = Verify("anew.jsonl", anew, follows);
            (other, rewritten).ShouldBe((3, "BROKEN at line 3: entry 3 is not the one that was noted before; the trail was written anew."));
        }

        Verify("anew.jsonl", anew, null).Code.ShouldBe(0, "without an anchor nothing tells it from the right one");
        Should.Throw<BadInputException>(() => Verify("grown.jsonl", grown, folder.File("none.jsonl"))).Message.ShouldContain("none.jsonl");

        static List<Domain.Audit.ChainedAuditEntry> Chain(string actor, int count)
        {
            var chain = new List<Domain.Audit.ChainedAuditEntry>();
            for (var i = 0; i < count; i++)
            {
                chain.Add(Domain.Audit.AuditChain.Chain(chain.LastOrDefault(), new(DateTimeOffset.UnixEpoch.AddDays(i), actor, "alert.acknowledge", $"a{i}", "{}")));
            }

            return chain;
        }

        string Write(string name, List<Domain.Audit.ChainedAuditEntry> chain)
        {
            File.WriteAllLines(folder.File(name), chain.Select(Domain.Audit.AuditLines.Format));
            return folder.File(name);
        }

        (int Code, string Said) Verify(string name, List<Domain.Audit.ChainedAuditEntry> chain, string? follows)
        {
            using var said = new StringWriter();
            return (Commands.VerifyAuditCommand.Verify(new FileInfo(Write(name, chain)), follows, said), said.ToString().Trim());
        }
    }

    [Fact]
    public async Task Import_IntoTheOtherWorld_IsRefused()
    {
        using var folder = new TempDirectory();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "monitoring.json"), """{ "demonstration": true }""", Stop);
        var devices = Path.Combine(folder.Path, "devices.json");
        await File.WriteAllTextAsync(devices, """{"things":[],"devices":[]}""", Stop);
        await ServiceProcess.RunAsync(Stop, "import", "devices", devices, "--data", folder.Path);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "monitoring.json"), "{}", Stop);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "import", "devices", devices, "--data", folder.Path);
        code.ShouldBe(2, output);
        output.ShouldContain("demonstration");
    }

    [Theory]
    [InlineData("--http-port", "--mqtt-port")]
    [InlineData("--mqtt-port", "--http-port")]
    public async Task Serve_PortTaken_IsOneSentenceAndLeavesNothing(string taken, string free)
    {
        using var folder = new TempDirectory();
        using var holder = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        holder.Start();
        var port = ((System.Net.IPEndPoint)holder.LocalEndpoint).Port;
        var (code, output) = await ServiceProcess.RunAsync(Stop, "serve", taken, $"{port}", free, "0", "--data", folder.File("d"));
        code.ShouldBe(2, output);
        output.Trim().Split('\n').ShouldHaveSingleItem().ShouldContain($"Port {port} of 127.0.0.1 is taken already; end the program that holds it, or choose another with {taken}.");
        Directory.Exists(folder.File("d")).ShouldBeFalse();
    }

    [Fact]
    public async Task Serve_AddressOfAnotherMachine_IsOneSentence()
    {
        using var folder = new TempDirectory();
        var (code, output) = await ServiceProcess.RunAsync(Stop, "serve", "--bind", "192.0.2.1", "--http-port", "0", "--mqtt-port", "0", "--data", folder.File("d"));
        code.ShouldBe(2, output);
        output.Trim().Split('\n').ShouldHaveSingleItem().ShouldContain("192.0.2.1 is no address of this machine; choose another with --bind");
        Directory.Exists(folder.File("d")).ShouldBeFalse();
    }

    [Fact]
    public async Task Import_DataDirectoryThatCannotBeMade_IsBadInput()
    {
        using var folder = new TempDirectory();
        var devices = folder.File("devices.json");
        await File.WriteAllTextAsync(devices, """{"things":[],"devices":[]}""", Stop);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "import", "devices", devices, "--data", "/proc/x");
        code.ShouldBe(2, output);
        output.ShouldContain("The data directory /proc/x cannot be used");
        output.ShouldContain("--data");
    }

    private static void MakeScene(string path, bool withCrs, bool built = false)
    {
        using var raster = RasterDataset.Create(path, "GTiff", 96, 96, 4, PixelType.UInt16, RasterDataset.TiledDeflate);
        if (withCrs)
        {
            using var crs = SpatialReference.Parse("EPSG:32650");
            raster.SetSpatialReference(crs);
            raster.Transform = GeoTransform.NorthUp(700_000, 3_570_000, 10, 10);
        }

        var (random, noise) = (new Random(3), new Random(4));
        var pixels = new ushort[4 * 96 * 96];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (ushort)(random.Next(500, 3000) + (built ? noise.Next(-30, 30) : 0));
            var (x, y) = (i % 96, i / 96 % 96);
            if (built && x is >= 40 and < 60 && y is >= 40 and < 60)
            {
                pixels[i] += 4000;
            }
        }

        raster.Write<ushort>([1, 2, 3, 4], new PixelWindow(0, 0, 96, 96), pixels);
    }
}
