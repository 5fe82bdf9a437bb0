using Microsoft.Extensions.Time.Testing;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Audit;
using Monitoring.TestKit;

namespace Monitoring.Detection.Tests.Learning;

public sealed class ModelRegisterTests : IDisposable
{
    private static readonly Comparison Better = new(new(0, 0, 0, 0, 0, 0), new(0, 0, 0, 0, 0, 0), 0.1, 0.05, true, "better");
    private readonly TempDirectory _folder = new();
    private readonly RecordingTrail _trail = new();
    private readonly FakeTimeProvider _clock = new(An.Epoch);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Register_WithoutAnything_ScoresByRulesAndSaysSo()
    {
        var scored = ViolationScorer.From(await Open()).Score(Features());
        scored.Used.Source.ShouldBe(ScoreSource.Rules);
        scored.Used.ModelVersion.ShouldBeNull();
        scored.Used.Probability.ShouldBeInRange(0.001, 0.999);
        scored.Used.Top.ShouldNotBeEmpty();
        scored.Shadow.ShouldBeNull();
    }

    [Fact]
    public async Task Register_AddShadowPromoteRollBack_IsUsedAsSaidAndOnRecord()
    {
        var register = await Open();
        var first = await register.AddAsync(Trained(0.3), Profile(), "anna", None);
        ViolationScorer.From(register).Score(Features()).Used.Source.ShouldBe(ScoreSource.Rules, "an added model is not in use");
        await register.ShadowAsync(first.Version, "anna", "try", None);
        var shadowed = ViolationScorer.From(register).Score(Features());
        shadowed.Used.Source.ShouldBe(ScoreSource.Rules);
        shadowed.Shadow.ShouldNotBeNull().ShouldBe(0.3, 1e-9);
        await register.PromoteAsync(first.Version, Better, "anna", None);
        var second = await register.AddAsync(Trained(0.6), Profile(), "anna", None);
        await register.PromoteAsync(second.Version, Better, "anna", None);
        ViolationScorer.From(register).Score(Features()).Used.Probability.ShouldBe(0.6, 1e-9);
        await register.RollBackAsync("ben", "worse in the field", None);
        register = await Open();
        register.Active.ShouldBe(first.Version);
        var used = ViolationScorer.From(register).Score(Features()).Used;
        (used.Source, used.ModelVersion).ShouldBe((ScoreSource.Model, first.Version));
        await register.RollBackAsync("ben", "back to rules", None);
        (await Open()).Active.ShouldBeNull();
        _trail.Entries.Select(e => e.Action).ShouldBe(["model.add", "model.shadow", "model.promote", "model.add", "model.promote", "model.roll-back", "model.roll-back"]);
        await Should.ThrowAsync<InvalidOperationException>(() => register.RollBackAsync("ben", "again", None));
    }

    [Fact]
    public async Task Promote_WithoutABetterComparison_IsRefusedAndChangesNothing()
    {
        var register = await Open();
        var entry = await register.AddAsync(Trained(0.3), Profile(), "anna", None);
        await Should.ThrowAsync<InvalidOperationException>(() => register.PromoteAsync(entry.Version, Better with { Promotes = false }, "anna", None));
        (await Open()).Active.ShouldBeNull();
    }

    [Fact]
    public async Task Register_StoppedWhileAdding_OpensAsBefore()
    {
        var register = await Open();
        var entry = await register.AddAsync(Trained(0.3), Profile(), "anna", None);
        await register.PromoteAsync(entry.Version, Better, "anna", None);

        // Cut between the files of a version, and between the new state and its renaming.
        Directory.CreateDirectory(_folder.File("0002.tmp"));
        await File.WriteAllTextAsync(_folder.File("0002.tmp", "model.json"), "{\"half", None);
        await File.WriteAllTextAsync(_folder.File("state.json.tmp"), "{\"active\":\"00", None);
        register = await Open();
        register.Active.ShouldBe("0001");
        register.Versions().ShouldBe(["0001"]);
        (await register.AddAsync(Trained(0.4), Profile(), "anna", None)).Version.ShouldBe("0002");
    }

    [Fact]
    public async Task Register_StoppedAfterTheFolderBeforeTheState_KeepsTheVersionUnused()
    {
        var register = await Open();
        var state = await File.ReadAllBytesAsync(await StateAfter(register), None);
        await register.AddAsync(Trained(0.4), Profile(), "anna", None);
        await File.WriteAllBytesAsync(_folder.File("state.json"), state, None);
        register = await Open();
        register.Versions().ShouldBe(["0001", "0002"]);
        register.Active.ShouldBeNull();
        (await register.AddAsync(Trained(0.5), Profile(), "anna", None)).Version.ShouldBe("0003", "a folder that exists is never written again");
    }

    [Fact]
    public async Task Register_StoppedBeforeTheAudit_TellsItAtTheNextOpening()
    {
        var register = await Open();
        _trail.Fails = true;
        await Should.ThrowAsync<IOException>(() => register.AddAsync(Trained(0.3), Profile(), "anna", None));
        _trail.Entries.ShouldBeEmpty();
        _trail.Fails = false;
        (await Open()).Versions().ShouldBe(["0001"]);
        _trail.Entries.Count.ShouldBe(1);
        await Open();
        _trail.Entries.Count.ShouldBe(1);
    }

    /// <summary>Cut before the acts of a training: between the files and the act of adding, and between that and the shadow.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TakeUp_VersionWhoseTrainingWasStoppedBeforeItsShadow_IsPutThereOnce(bool beforeItWasAdded)
    {
        var before = await StateAfter(await Open());
        if (beforeItWasAdded)
        {
            File.Delete(before);
            _trail.Entries.Clear();
        }

        var register = await Open();
        register.Shadow.ShouldBeNull();
        await register.TakeUpAsync(None);
        await (await Open()).TakeUpAsync(None);

        (await Open()).Shadow.ShouldBe("0001");
        _trail.Entries.Select(e => (e.Action, e.Actor)).ShouldBe([("model.add", "anna"), ("model.shadow", "anna")]);
    }

    [Fact]
    public async Task TakeUp_VersionThatWasInTheShadowBefore_StaysWhereItIs()
    {
        var register = await Open();
        await register.TakeUpAsync(None);
        var entry = await register.AddAsync(Trained(0.3), Profile(), "anna", None);
        await register.ShadowAsync(entry.Version, "anna", "try", None);
        await register.ShadowAsync(null, "anna", "enough", None);
        await register.TakeUpAsync(None);
        register.Shadow.ShouldBeNull();
    }

    [Fact]
    public async Task Load_OfAChangedFile_IsRefused()
    {
        var register = await Open();
        var entry = await register.AddAsync(Trained(0.3), Profile(), "anna", None);
        await File.AppendAllTextAsync(_folder.File(entry.Version, "model.json"), " ", None);
        Should.Throw<InvalidDataException>(() => register.Load(entry.Version)).Message.ShouldContain("hash");
        await Should.ThrowAsync<InvalidDataException>(() => register.PromoteAsync(entry.Version, Better, "anna", None));
        register.Active.ShouldBeNull();
    }

    [Fact]
    public async Task Card_OfAVersion_NamesDataFiguresAndFeatures()
    {
        var entry = await (await Open()).AddAsync(Trained(0.3), Profile(), "anna", None);
        var card = await File.ReadAllTextAsync(_folder.File(entry.Version, "card.md"), None);
        card.ShouldContain("data-hash");
        card.ShouldContain(entry.FileHash);
        card.ShouldContain("average precision");
        ViolationFeatures.Schema.Features.ShouldAllBe(f => card.Contains(f.Name));
    }

    private static CancellationToken None => TestContext.Current.CancellationToken;

    private Task<ModelRegister> Open() => ModelRegister.OpenAsync(_folder.Path, _trail, _clock, None);

    private async Task<string> StateAfter(ModelRegister register)
    {
        await register.AddAsync(Trained(0.3), Profile(), "anna", None);
        return _folder.File("state.json");
    }

    private static ViolationFeatures Features() => new("site", An.Epoch, [.. ViolationFeatures.Schema.Features.Select(f => f.Name == "verdict" ? 2f : FeatureSchema.Missing)]);

    private static FeatureProfile Profile() => FeatureProfile.Of([Features()]);

    /// <summary>A model that says the same of everything.</summary>
    private static TrainedModel Trained(double probability) => new(
        new(ViolationFeatures.Schema, new TreeEnsemble(0, [new Tree([], [], [], [], [0], [], [1])], ViolationFeatures.Schema.Count), new Calibration { Scores = [0], Probabilities = [probability] }),
        "data-hash", An.Epoch.AddYears(-1), An.Epoch, 1000, 200, new(300, 0.2, 0.6, 0.8, 0.02, 0.1));

    private sealed class RecordingTrail : IAuditTrail
    {
        public List<AuditEntry> Entries { get; } = [];

        public bool Fails { get; set; }

        public Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
        {
            if (Fails)
            {
                throw new IOException("The disk is gone.");
            }

            Entries.Add(entry);
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<ChainedAuditEntry>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
