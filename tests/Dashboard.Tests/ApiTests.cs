using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Monitoring.Dashboard.Api;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Sensing;

namespace Monitoring.Dashboard.Tests;

/// <summary>A demonstration with both regions; each test raises sites of its own.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;

    public Visitor Administrator { get; private set; } = null!;

    public Visitor Officer { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Service = await TestService.StartAsync(o => o with { Demonstration = true, MaxImportBytes = 100_000 });
        await World.SettleAsync(Service);
        await World.SceneAsync(Service, "x-scene", World.Ground("x"), World.Spring);
        Administrator = await Service.AdministratorAsync();
        Officer = await Service.PersonAsync(Administrator.Http, "wang", Role.Officer, World.X);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}

public sealed class ApiTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private static readonly byte[] Jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AlertDetail_FiringSite_ShowsChangesPatchesPlanAndDevicesNearBy()
    {
        var alert = await FiringAsync(0);

        var detail = await fixture.Officer.GetAsync($"/api/alerts/{Id(alert)}");

        Kinds(detail).ShouldBe(["fired", "caseOpened"]);
        detail.GetProperty("state").GetString().ShouldBe("firing");
        detail.GetProperty("startsAt").GetString().ShouldBe("2026-04-01T02:00:00Z");
        detail.GetProperty("subject").GetProperty("kind").GetString().ShouldBe("site");
        detail.GetProperty("center").GetArrayLength().ShouldBe(2);
        detail.GetProperty("findings")[0].GetProperty("inputs")[0].GetProperty("id").GetString().ShouldBe("x-patch-0");
        detail.GetProperty("patches")[0].GetProperty("kind").GetString().ShouldBe("builtUp");
        detail.GetProperty("case").GetProperty("state").GetString().ShouldBe("detected");
        var plan = detail.GetProperty("plan");
        plan.GetProperty("controlLines")[0].GetProperty("properties").GetProperty("kind").GetString().ShouldBe("permanentBasicFarmland");
        plan.GetProperty("parcels")[0].GetProperty("id").GetString().ShouldBe("x-parcel");
        plan.GetProperty("permits").GetArrayLength().ShouldBe(0, "the permit lies beside the place");
        detail.GetProperty("telemetry")[0].GetProperty("id").GetString().ShouldBe("x-device/pm10");
        detail.TryGetProperty("resolvedAt", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task AlertDetail_SiteWithSeveralPatches_ShowsTheImageBeforeTheFirstAndAfterTheLast()
    {
        foreach (var (id, days) in new[] { ("x-old", -400), ("x-before", -10), ("x-between", -4), ("x-after", 0) })
        {
            await World.SceneAsync(fixture.Service, id, World.Ground("x"), World.Spring.AddDays(days));
        }

        await fixture.Service.Get<IChangeStore>().CommitAsync([Compared("c0", "x-old", "x-old"), Compared("c1", "x-before", "x-between"), Compared("c2", "x-between", "x-after")], null, Cancel);
        await fixture.Service.Get<IFindingStore>().CommitAsync(
            new FindingBatch { JudgedPatches = [Judged("c0", -400, -390), Judged("c2", -4, 0), Judged("c1", -10, -4)] }, Cancel);

        var detail = await fixture.Officer.GetAsync($"/api/alerts/{Id(await FiringAsync(6, withPatch: false))}");

        detail.GetProperty("before").GetProperty("id").GetString().ShouldBe("x-before");
        detail.GetProperty("after").GetProperty("id").GetString().ShouldBe("x-after");

        static ChangeSet Compared(string id, string before, string after) => new()
        {
            Id = id, BaselineSceneId = before, CurrentSceneId = after, DetectorId = "t", DetectorVersion = "1", ObservableShare = 1, Patches = [],
        };

        static JudgedPatch Judged(string changeSet, int from, int to)
        {
            var patch = World.Patch("x", 6);
            return patch with
            {
                ChangeSetId = changeSet,
                Patch = patch.Patch with { Id = $"{changeSet}-patch", NotBefore = World.Spring.AddDays(from), NotAfter = World.Spring.AddDays(to) },
            };
        }
    }

    [Fact]
    public async Task Alerts_Paged_GiveEachOnceNewestFirst()
    {
        for (var n = 10; n < 14; n++)
        {
            await FiringAsync(n);
        }

        var seen = new List<long>();
        string? next = "";
        while (next is not null)
        {
            var page = await fixture.Administrator.GetAsync($"/api/alerts?limit=2{next}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(static a => a.GetProperty("sequence").GetInt64()));
            next = page.TryGetProperty("next", out var n) ? $"&before={n.GetInt64()}" : null;
        }

        seen.Count.ShouldBeGreaterThanOrEqualTo(4);
        seen.ShouldBe(seen.OrderDescending().Distinct());
    }

    [Fact]
    public async Task AcknowledgeAssignVerify_ByAnOfficer_EndTheWarningAndAreOnRecord()
    {
        var alert = await FiringAsync(1);
        var path = $"/api/alerts/{Id(alert)}";

        (await fixture.Officer.Http.PostAsJsonAsync($"{path}/acknowledge", new { note = "已派人" }, Cancel)).EnsureSuccessStatusCode();
        await (await fixture.Officer.Http.PostAsJsonAsync($"{path}/acknowledge", new { }, Cancel)).ShouldBeProblemAsync(HttpStatusCode.Conflict);
        (await fixture.Officer.Http.PostAsJsonAsync($"{path}/assign", new { assignee = "wang" }, Cancel)).EnsureSuccessStatusCode();
        (await VerifyAsync(path, "illegal", photos: [Jpeg])).EnsureSuccessStatusCode();

        var detail = await fixture.Officer.GetAsync(path);
        Kinds(detail).ShouldBe(["fired", "caseOpened", "acknowledged", "assigned", "verified", "resolved"]);
        detail.GetProperty("changes")[2].GetProperty("note").GetString().ShouldBe("已派人");
        detail.GetProperty("changes")[2].GetProperty("actor").GetString().ShouldBe("wang");
        detail.GetProperty("resolveReason").GetString().ShouldBe("humanOutcome");
        var listed = (await fixture.Officer.GetAsync("/api/alerts?state=resolved&limit=1000")).GetProperty("items").EnumerateArray().Single(a => Id(a) == Id(alert));
        listed.GetProperty("outcome").GetString().ShouldBe("illegal");
        var verification = detail.GetProperty("case").GetProperty("verification");
        verification.GetProperty("outcome").GetString().ShouldBe("illegal");
        var photo = await fixture.Officer.Http.GetAsync($"/api/evidence/photos/{verification.GetProperty("photoHashes")[0].GetString()}", Cancel);
        (await photo.Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(Jpeg);
        photo.Content.Headers.ContentType!.MediaType.ShouldBe("image/jpeg");
        var actions = (await fixture.Service.Get<IAuditTrail>().ReadAfterAsync(0, 1000, Cancel)).Where(static e => e.Entry.Actor == "wang").Select(static e => e.Entry.Action).ToList();
        actions.ShouldContain("alert.acknowledge");
        actions.ShouldContain("case.verify");
    }

    public static TheoryData<string, string, string, byte[][]> BadVerifications => new()
    {
        { "unknown outcome", "guilty", "2026-05-01T08:00:00+08:00", [] },
        { "time without zone", "legal", "2026-05-01T08:00:00", [] },
        { "illegal without photo", "illegal", "2026-05-01T08:00:00+08:00", [] },
        { "in the future", "legal", "2126-05-01T08:00:00+08:00", [] },
        { "before the change", "legal", "2020-05-01T08:00:00+08:00", [] },
        { "script as photo", "illegal", "2026-05-01T08:00:00+08:00", [Encoding.ASCII.GetBytes("<script>alert(1)</script>")] },
        { "svg as photo", "illegal", "2026-05-01T08:00:00+08:00", [Encoding.ASCII.GetBytes("<svg xmlns='http://www.w3.org/2000/svg'/>")] },
        { "empty photo", "illegal", "2026-05-01T08:00:00+08:00", [[]] },
        { "eleven photos", "illegal", "2026-05-01T08:00:00+08:00", [.. Enumerable.Range(0, 11).Select(static n => new byte[] { 0xFF, 0xD8, 0xFF, (byte)n })] },
    };

    [Theory]
    [MemberData(nameof(BadVerifications))]
    public async Task Verify_BadInput_IsOneSentenceAndNoOutcome(string what, string outcome, string at, byte[][] photos)
    {
        var path = $"/api/alerts/{Id(await FiringAsync(2))}";

        (await (await VerifyAsync(path, outcome, at, photos)).ShouldBeProblemAsync(HttpStatusCode.BadRequest)).ShouldNotBeNullOrWhiteSpace(what);

        (await fixture.Officer.GetAsync(path)).GetProperty("case").GetProperty("state").GetString().ShouldBe("detected");
    }

    [Fact]
    public async Task Verify_BodyBeyondTheLimit_IsRefusedBeforeItIsRead()
    {
        var path = $"/api/alerts/{Id(await FiringAsync(2))}";
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{path}/verification") { Content = new StreamContent(new NeverRead()) };
        request.Content.Headers.ContentType = new("multipart/form-data") { Parameters = { new("boundary", "x") } };
        request.Content.Headers.ContentLength = 1L << 40;
        request.Headers.ExpectContinue = true;

        (await fixture.Officer.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel)).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Series_OfADatastream_LeavesGapsOut()
    {
        await World.ObserveAsync(fixture.Service, "x", 10, 0);
        await World.ObserveAsync(fixture.Service, "x", 20, 1);
        await World.ObserveAsync(fixture.Service, "x", 90, 30);

        var series = await fixture.Officer.GetAsync("/api/datastreams/series?id=x-device/pm10&from=2026-04-01T02:00:00Z&to=2026-04-01T03:00:00Z&bucket=PT5M");

        var points = series.GetProperty("points").EnumerateArray().ToList();
        points.Select(static p => p.GetProperty("t").GetString()).ShouldBe(["2026-04-01T02:00:00Z", "2026-04-01T02:30:00Z"]);
        points[0].GetProperty("value").GetDouble().ShouldBe(15);
        points[0].GetProperty("completeness").GetDouble().ShouldBe(0.4, 0.001);
        series.GetProperty("datastream").GetProperty("expectedIntervalSeconds").GetDouble().ShouldBe(60);
        series.GetProperty("bucketSeconds").GetDouble().ShouldBe(300);
    }

    [Fact]
    public async Task Overview_OfTheDemonstration_CountsAndSaysWhereWeAre()
    {
        await FiringAsync(3);

        var overview = await fixture.Officer.GetAsync("/api/overview");

        overview.GetProperty("regions").EnumerateArray().Select(static r => r.GetProperty("code").GetString()).ShouldBe([World.X]);
        overview.GetProperty("counts").GetProperty("firing").GetInt32().ShouldBeGreaterThan(0);
        overview.GetProperty("counts").GetProperty("devices").GetInt32().ShouldBe(1);
        overview.GetProperty("lastSequence").GetInt64().ShouldBeGreaterThan(0);
        // Other tests of the same world catalogue a later one.
        overview.GetProperty("newestScene").GetProperty("id").GetString().ShouldBeOneOf("x-scene", "x-after");
        (await fixture.Officer.GetAsync("/api/session")).GetProperty("demonstration").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(4.0, false)]
    [InlineData(5.5, true)]
    public void Silence_MinutesSinceTheLastResult_CountFromFiveOn(double? minutes, bool silent)
    {
        var stream = World.Stream("x");
        var device = new RegisteredDevice(new Device("x-device", "x-thing", null, "-"), new Thing("x-thing", "x", null, 118, 32, World.X), [stream]);
        var latest = new Dictionary<string, CommittedObservation>();
        if (minutes is { } ago)
        {
            var at = World.Spring.AddMinutes(-ago);
            latest[stream.Id] = new CommittedObservation(
                1, new Observation { DatastreamId = stream.Id, PhenomenonTime = at, ReceivedTime = at, Result = ObservationResult.OfNumber(1) });
        }

        Silence.IsSilent(device, latest, World.Spring).ShouldBe(silent);
    }

    [Fact]
    public async Task Ledger_WithoutDoorsInTheProcess_StillShowsDeadLetters()
    {
        await fixture.Service.Get<IObservationStore>().CommitAsync(
            new ObservationBatch([], [new DeadLetter
            {
                Door = "mqtt", DeviceId = "x-device", Address = "a", ReceivedTime = World.Spring, Reason = DeadLetterReason.InvalidValue, Detail = "a sentence",
                Payload = new byte[] { 1 }, PayloadLength = 1,
            }]),
            Cancel);

        var ledger = await fixture.Officer.GetAsync("/api/ledger");

        ledger.GetProperty("deadLetters")[0].GetProperty("reason").GetString().ShouldBe("invalidValue");
        ledger.GetProperty("received").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task Exports_OfADemonstration_CarryTheWatermark()
    {
        await FiringAsync(4);

        var csv = await fixture.Officer.Http.GetByteArrayAsync("/api/export/alerts.csv", Cancel);
        csv[..3].ShouldBe([0xEF, 0xBB, 0xBF]);
        var lines = Encoding.UTF8.GetString(csv[3..]).Split("\r\n");
        lines[0].ShouldContain("演示");
        lines[1].ShouldStartWith("id,rule,subject,state");
        lines.ShouldContain(l => l.Contains("site:x-site-4") && l.Contains("no-approval"));
        var json = await fixture.Officer.GetAsync("/api/export/alerts.geojson");
        json.GetProperty("demonstration").GetBoolean().ShouldBeTrue();
        json.GetProperty("watermark").GetString()!.ShouldContain("演示");
        json.GetProperty("features")[0].GetProperty("geometry").GetProperty("type").GetString().ShouldBe("Polygon");
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("@cmd", "'@cmd")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("-118.5", "-118.5")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"x\"", "\"say \"\"x\"\"\"")]
    [InlineData(null, "")]
    public void Csv_AnyCell_IsNoFormulaAndStaysOneCell(string? cell, string expected) => ExportEndpoints.Csv(cell).ShouldBe(expected);

    [Fact]
    public async Task AuditExport_Lines_FormAnUnbrokenChainThatEndsWithTheExport()
    {
        var text = await fixture.Administrator.Http.GetStringAsync("/api/audit/export", Cancel);

        var entries = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(AuditLines.Parse).ToList();
        entries.ShouldAllBe(static e => e.Fault == null);
        AuditChain.FirstBreak(null, entries.Select(static e => e.Entry!)).ShouldBeNull();
        entries.ShouldContain(static e => e.Entry!.Entry.Action == "audit.export" && e.Entry.Entry.Actor == "admin");
    }

    [Fact]
    public async Task Import_Upload_ReachesTheDoorWithItsOptionsAndIsDeletedAfterwards()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("2026-05-01"), "effective" }, { new StringContent("EPSG:4547"), "crs" }, { new StringContent("XKZ_BH"), "map.permit_no" },
            { new StringContent("the dbf"), "file", "permits.dbf" }, { new StringContent("the shapes"), "file", "../../etc/permits.shp" },
        };

        var answer = await (await fixture.Administrator.Http.PostAsync("/api/import/permits", form, Cancel)).Content.ReadFromJsonAsync<JsonElement>(Cancel);

        answer.GetProperty("accepted").GetBoolean().ShouldBeTrue();
        answer.GetProperty("version").GetInt64().ShouldBe(7);
        var (request, content) = fixture.Service.Get<TestImport>().Imports.Single(static i => i.Request.Kind == ImportKind.Permits);
        content.ShouldBe("the shapes");
        Path.GetFileName(request.Path).ShouldBe("permits.shp");
        request.Path.ShouldStartWith(fixture.Service.Get<DashboardOptions>().UploadsFolder);
        request.Effective.ShouldBe(new DateOnly(2026, 5, 1));
        request.Crs.ShouldBe("EPSG:4547");
        request.Map["permit_no"].ShouldBe("XKZ_BH");
        request.Actor.ShouldBe("admin");
        Directory.Exists(Path.GetDirectoryName(request.Path)).ShouldBeFalse();
    }

    [Fact]
    public async Task Import_CheckOfAPlanLayer_AnswersWithTheReportAndItsPicture()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("zoning"), "layer" }, { new StringContent("GHFQ"), "sourceLayer" }, { new StringContent("true"), "check" }, { new StringContent("overlap, gap"), "accept" },
            { new StringContent("the shapes"), "file", "zones.gpkg" },
        };

        var answer = await (await fixture.Administrator.Http.PostAsync("/api/import/plan", form, Cancel)).Content.ReadFromJsonAsync<JsonElement>(Cancel);

        answer.GetProperty("report").GetProperty("faults")[0].GetProperty("code").GetString().ShouldBe("overlap");
        answer.GetProperty("picture").GetString().ShouldBe("<svg/>");
        answer.GetProperty("problems")[0].GetString().ShouldBe("Two overlap in zones.gpkg.", "where the server put it concerns nobody");
        var request = fixture.Service.Get<TestImport>().Imports.Single(static i => i.Request.Kind == ImportKind.Plan).Request;
        (request.PlanKind, request.Layer, request.CheckOnly).ShouldBe(("zoning", "GHFQ", true));
        request.Accept.ShouldBe(["overlap", "gap"]);
        Directory.Exists(request.ReportFolder).ShouldBeFalse("it is deleted with the upload");
    }

    [Fact]
    public async Task Import_Patches_CarryTheirBatch()
    {
        using var form = new MultipartFormDataContent { { new StringContent("2026Q1"), "batch" }, { new StringContent("the patches"), "file", "tb.geojson" } };
        (await fixture.Administrator.Http.PostAsync("/api/import/patches", form, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        fixture.Service.Get<TestImport>().Imports.Single(static i => i.Request.Kind == ImportKind.Patches).Request.Batch.ShouldBe("2026Q1");
    }

    [Fact]
    public async Task Import_BeyondTheLimit_IsRefusedAndLeavesNothing()
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[200_000]), "file", "big.gpkg" } };

        await (await fixture.Administrator.Http.PostAsync("/api/import/parcels", form, Cancel)).ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge);

        var uploads = fixture.Service.Get<DashboardOptions>().UploadsFolder;
        (Directory.Exists(uploads) ? Directory.GetFileSystemEntries(uploads) : []).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("permits.shp", "permits.shp")]
    [InlineData("C:\\data\\许可.gpkg", "许可.gpkg")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("...", "upload")]
    [InlineData("a b;c.geojson", "abc.geojson")]
    public void SafeName_AnyName_StaysInTheFolder(string given, string expected) => ImportEndpoints.SafeName(given).ShouldBe(expected);

    [Fact]
    public async Task MapAt_APlace_NamesAllLayersThere()
    {
        var centre = World.Plot("x").Box.Centre;

        var found = await fixture.Officer.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/map/at?lon={centre.X}&lat={centre.Y}"));

        found.EnumerateArray().Select(static f => f.GetProperty("layer").GetString()).Order().ShouldBe(["control-lines", "parcels", "regions"]);
    }

    private async Task<JsonElement> FiringAsync(int site, bool withPatch = true)
    {
        await World.RaiseAsync(fixture.Service, withPatch, World.Site("x", site));
        var list = await fixture.Officer.GetAsync("/api/alerts?limit=1000");
        return list.GetProperty("items").EnumerateArray().First(a => a.GetProperty("subject").GetProperty("id").GetString() == $"x-site-{site}");
    }

    private Task<HttpResponseMessage> VerifyAsync(string path, string outcome, string at = "2026-05-01T08:00:00+08:00", byte[][]? photos = null)
    {
        var form = new MultipartFormDataContent
        {
            { new StringContent(outcome), "outcome" }, { new StringContent("王芳"), "person" }, { new StringContent(at), "at" }, { new StringContent("现场核查"), "reason" },
            { new StringContent("118.02"), "longitude" }, { new StringContent("32.04"), "latitude" },
        };
        foreach (var photo in photos ?? [])
        {
            form.Add(new ByteArrayContent(photo), "photos", "photo.jpg");
        }

        return fixture.Officer.Http.PostAsync($"{path}/verification", form, Cancel);
    }

    private static string Id(JsonElement alert) => alert.GetProperty("id").GetString()!;

    private static IEnumerable<string?> Kinds(JsonElement detail) => detail.GetProperty("changes").EnumerateArray().Select(static c => c.GetProperty("kind").GetString());

    /// <summary>A body that fails the test when somebody reads it.</summary>
    private sealed class NeverRead : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => 0; set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new InvalidOperationException("The body was read.");

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
