using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;

namespace Monitoring.Dashboard.Tests;

/// <summary>The door of conflict checks. What it asks is kept; what a check finds is another room's matter.</summary>
public sealed class ConflictTests : IAsyncLifetime
{
    private readonly Watched watched = new();
    private TestService service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        service = await TestService.StartAsync(
            static o => o with { LayerGrades = new Dictionary<string, DataGrade> { ["parcels"] = DataGrade.Core }, SeenUpTo = new Dictionary<Role, DataGrade> { [Role.Viewer] = DataGrade.General } },
            adjust: b =>
            {
                b.Services.AddSingleton<IConflictCheck>(watched);
                b.Services.AddSingleton<IProposalFile>(watched);
            });
        await World.SettleAsync(service);
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();

    [Fact]
    public async Task Drawing_IsAskedWithTheReadersScopeAndIsOnTheRecord()
    {
        var administrator = await service.AdministratorAsync();
        var viewer = await service.PersonAsync(administrator.Http, "vera", Role.Viewer, World.X);

        var answer = await viewer.Http.PostAsJsonAsync("/api/conflicts", Body(), Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancel));
        var question = watched.Question.ShouldNotBeNull();
        question.On.ShouldBe(new DateOnly(2026, 5, 1));
        var road = question.Subjects.ShouldHaveSingleItem();
        road.ShouldSatisfyAllConditions(r => r.Kind.ShouldBe("road"), r => r.Id.ShouldBe("#1"), r => r.Name.ShouldBe("新路"), r => r.Number("width_m").ShouldBe(20));
        question.Ground!.EnvelopeInternal.MaxX.ShouldBe(118.1, 1e-9);
        var map = service.Get<IPlanRegister>();
        var seen = (await map.QueryAsync<ControlLine>(MapQuestion.Everything, Cancel)).Cast<MapFeature>().Concat(await map.QueryAsync<Parcel>(MapQuestion.Everything, Cancel)).Where(question.MaySee!).Select(f => f.Id);
        seen.ShouldBe(["x-line"]);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        body.GetProperty("withheld").EnumerateArray().Select(w => w.GetProperty("because").GetString()).ShouldBe(["region", "grade"]);
        body.GetProperty("report").GetProperty("conflicts")[0].GetProperty("severity").GetString().ShouldBe("critical");
        body.GetProperty("report").GetProperty("conflicts")[0].GetProperty("shape").GetProperty("type").GetString().ShouldBe("Polygon");
        var entry = (await service.Get<IAuditTrail>().ReadAfterAsync(0, 1000, Cancel)).Select(static e => e.Entry).Single(static e => e.Action == "conflict.check");
        entry.Actor.ShouldBe("vera");
        entry.Details.ShouldContain("\"kind\":\"road\"");
    }

    [Fact]
    public async Task Drawing_OfSomebodyNotSignedIn_IsRefused() =>
        (await service.Anonymous().PostAsJsonAsync("/api/conflicts", Body(), Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

    public static TheoryData<string, int, string> Bad => new()
    {
        { "{", 400, "not what is expected" },
        { """{"kind":"road","features":[]}""", 400, "nothing to check" },
        { """{"kind":"Road!","features":[{"geometry":{"type":"LineString","coordinates":[[118.02,32.02],[118.03,32.02]]}}]}""", 400, "kind is the plan layer" },
        { """{"kind":"road","features":[{"properties":{}}]}""", 400, "has no geometry" },
        { """{"kind":"road","features":[{"geometry":{"type":"LineString","coordinates":[[500000,32.02],[500100,32.02]]}}]}""", 400, "longitude and latitude" },
        { """{"kind":"road","on":"soon","features":[{"geometry":{"type":"LineString","coordinates":[[118.02,32.02],[118.03,32.02]]}}]}""", 400, "yyyy-MM-dd" },
        { """{"kind":"road","features":[{"geometry":{"type":"LineString","coordinates":[[118.02,32.02],[118.03,32.02]]},"properties":{"name":"refuse"}}]}""", 400, "refused for a reason." },
        { new string(' ', (2 << 20) + 1), 413, "at most 2 MiB" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Drawing_ThatIsWrong_IsRefusedInASentence(string body, int status, string says)
    {
        var administrator = await service.AdministratorAsync();

        var answer = await administrator.Http.PostAsync("/api/conflicts", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);

        ((int)answer.StatusCode).ShouldBe(status);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString()!.ShouldContain(says);
    }

    [Fact]
    public async Task Drawing_OfTooManyFeatures_IsRefused()
    {
        var administrator = await service.AdministratorAsync();
        var one = """{"geometry":{"type":"LineString","coordinates":[[118.02,32.02],[118.03,32.02]]}}""";

        var answer = await administrator.Http.PostAsync(
            "/api/conflicts", new StringContent($$"""{"kind":"road","features":[{{string.Join(',', Enumerable.Repeat(one, 501))}}]}""", Encoding.UTF8, "application/json"), Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldContain("At most 500 features");
    }

    [Fact]
    public async Task File_IsReadByTheDoorAndDeleted()
    {
        var administrator = await service.AdministratorAsync();
        using var form = new MultipartFormDataContent { { new StringContent("pipe"), "kind" }, { new StringContent("EPSG:4490"), "crs" }, { new StringContent("DN"), "map.diameter_mm" } };
        form.Add(new ByteArrayContent("hello"u8.ToArray()), "files", "../../pipes.geojson");

        var answer = await administrator.Http.PostAsync("/api/conflicts/file", form, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancel));
        var read = watched.Read.ShouldNotBeNull();
        read.ShouldSatisfyAllConditions(r => r.Kind.ShouldBe("pipe"), r => r.Crs.ShouldBe("EPSG:4490"), r => r.Map["diameter_mm"].ShouldBe("DN"), r => Path.GetFileName(r.Path).ShouldBe("pipes.geojson"));
        watched.Text.ShouldBe("hello");
        File.Exists(read.Path).ShouldBeFalse();
        Directory.GetFileSystemEntries(Path.Combine(service.Folder, "uploads")).ShouldBeEmpty();
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("told")[0].GetString().ShouldBe("pipes.geojson was read.");
    }

    [Fact]
    public async Task File_BeforeItIsRead_IsOnTheRecordAndHasSmallLimits()
    {
        var administrator = await service.AdministratorAsync();
        watched.WhenRead = () => service.Get<IAuditTrail>().ReadAfterAsync(0, 1000, Cancel).GetAwaiter().GetResult().Count(static e => e.Entry.Action == "conflict.check");
        using var form = new MultipartFormDataContent { { new StringContent("pipe"), "kind" } };
        form.Add(new ByteArrayContent("hello"u8.ToArray()), "files", "pipes.zip");

        (await administrator.Http.PostAsync("/api/conflicts/file", form, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);

        watched.Recorded.ShouldBe(1);
        watched.Read.ShouldNotBeNull().Limits.ShouldBe(new ProposalLimits(32 << 20, 128 << 20, 500, 20_000));
    }

    [Fact]
    public async Task File_ThatTakesTooLongToRead_EndsAtTheDeadline()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(World.Spring);
        var slow = new Watched();
        await using var other = await TestService.StartAsync(adjust: b =>
        {
            b.Services.AddSingleton<TimeProvider>(clock);
            b.Services.AddSingleton<IConflictCheck>(slow);
            b.Services.AddSingleton<IProposalFile>(slow);
        });
        var administrator = await other.AdministratorAsync();
        using var form = new MultipartFormDataContent { { new StringContent("slow"), "kind" } };
        form.Add(new ByteArrayContent([1]), "files", "a.geojson");

        var asking = administrator.Http.PostAsync("/api/conflicts/file", form, Cancel);
        await slow.Reading.Task.WaitAsync(Cancel);
        clock.Advance(TimeSpan.FromSeconds(61));
        var answer = await asking;

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldContain("longer than 60 s");
        Directory.GetFileSystemEntries(Path.Combine(other.Folder, "uploads")).ShouldBeEmpty();
    }

    [Fact]
    public async Task File_LargerThanTheSetting_IsRefusedBeforeItIsRead()
    {
        var door = new Watched();
        await using var small = await TestService.StartAsync(static o => o with { MaxCheckBytes = 1000 }, adjust: b => b.Services.AddSingleton<IConflictCheck>(door).AddSingleton<IProposalFile>(door));
        var administrator = await small.AdministratorAsync();
        foreach (var chunked in new[] { false, true })
        {
            using var form = new MultipartFormDataContent { { new StringContent("pipe"), "kind" } };
            form.Add(chunked ? new StreamContent(new Unknown(new byte[2000])) : new ByteArrayContent(new byte[2000]), "files", "a.geojson");
            (await administrator.Http.PostAsync("/api/conflicts/file", form, Cancel)).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        }

        door.Read.ShouldBeNull();
    }

    [Fact]
    public async Task File_ThatTheDoorRefuses_IsToldWithoutTheServersFolder()
    {
        var administrator = await service.AdministratorAsync();
        using var form = new MultipartFormDataContent { { new StringContent("refuse"), "kind" } };
        form.Add(new ByteArrayContent([1]), "files", "a.geojson");

        var answer = await administrator.Http.PostAsync("/api/conflicts/file", form, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString().ShouldBe("a.geojson was read.");
    }

    private static object Body() => new
    {
        kind = "road", on = "2026-05-01",
        features = new[] { new { type = "Feature", properties = new { name = "新路", width_m = 20 }, geometry = new { type = "LineString", coordinates = new[] { new[] { 118.09, 32.02 }, [118.11, 32.02] } } } },
    };

    /// <summary>A stream that does not say how long it is.</summary>
    private sealed class Unknown(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    /// <summary>Keeps what it was asked; finds one conflict.</summary>
    private sealed class Watched : IConflictCheck, IProposalFile
    {
        public ConflictQuestion? Question { get; private set; }

        public ProposalRequest? Read { get; private set; }

        public string? Text { get; private set; }

        /// <summary>Asked while the door is asked.</summary>
        public Func<int>? WhenRead { get; set; }

        public int? Recorded { get; private set; }

        public TaskCompletionSource Reading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<string> Kinds => ["road", "pipe"];

        public Task<ConflictReport> CheckAsync(ConflictQuestion question, CancellationToken cancellationToken)
        {
            Question = question;
            var subject = question.Subjects[0];
            return subject.Name == "refuse" ? throw new ConflictQuestionException("It is refused for a reason.") : Task.FromResult(new ConflictReport
            {
                RulesVersion = "1", MapVersion = 4, On = question.On, Notes = [], Totals = [new ConflictTotal("control_line", 1, 10, 1)],
                Subjects = [new CheckedSubject(subject.Kind, subject.Id, subject.Name, 10, 5, 2, 7, 1, question.Ground is not null) { Shape = subject.Outline.Shape }],
                Conflicts =
                [
                    new Conflict
                    {
                        Id = "c", Kind = "control_line", Rule = "r", RuleName = "红线", RuleNameEn = "red line", Severity = Severity.Critical, Weight = 1, SubjectKind = subject.Kind, SubjectId = subject.Id, Shape = World.Plot("x").Shape,
                    },
                ],
            });
        }

        ProposalReading IProposalFile.Read(ProposalRequest request, CancellationToken cancellationToken)
        {
            (Read, Text, Recorded) = (request, File.ReadAllText(request.Path), WhenRead?.Invoke());
            if (request.Kind == "slow")
            {
                Reading.SetResult();
                cancellationToken.WaitHandle.WaitOne();
                cancellationToken.ThrowIfCancellationRequested();
            }

            return new ProposalReading(
                request.Kind == "refuse" ? null : [new PlanFeature { Id = "1", Kind = request.Kind!, Outline = World.Plot("x") }], [$"{request.Path} was read."]);
        }
    }
}
