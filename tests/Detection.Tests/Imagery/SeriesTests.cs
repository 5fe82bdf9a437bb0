using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Events;
using Monitoring.Domain.Imagery;
using Monitoring.TestKit;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>Histories of pixels, the choice of baselines, and the pipeline with crashes.</summary>
public sealed class SeriesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, float[], GroundLook> Spectra => new()
    {
        // Blue, green, red, nir, swir16, swir22; rounded library values.
        { "young wheat", [.040f, .070f, .060f, .300f, .220f, .130f], GroundLook.Natural },
        { "dry topsoil", [.084f, .108f, .133f, .192f, .275f, .238f], GroundLook.Natural },
        { "wet topsoil", [.050f, .065f, .080f, .115f, .145f, .112f], GroundLook.Natural },
        { "river", [.066f, .096f, .082f, .034f, .011f, .008f], GroundLook.Natural },
        { "concrete", [.185f, .208f, .224f, .248f, .272f, .258f], GroundLook.Artificial },
        { "blue steel", [.262f, .232f, .166f, .228f, .262f, .232f], GroundLook.Artificial },
        { "subsoil", [.118f, .162f, .222f, .298f, .366f, .326f], GroundLook.Artificial },
        { "ripe straw", [.072f, .118f, .165f, .285f, .310f, .225f], GroundLook.Unclear },
        { "greenhouse film", [.205f, .224f, .232f, .335f, .285f, .215f], GroundLook.Unclear },
        { "shaded concrete", [.060f, .055f, .050f, .048f, .046f, .043f], GroundLook.Unclear },
        { "asphalt", [.088f, .096f, .103f, .118f, .132f, .122f], GroundLook.Unclear },
    };

    [Theory]
    [MemberData(nameof(Spectra))]
    public void GroundEvidence_LibrarySpectrum_IsTold(string name, float[] s, GroundLook expected) =>
        GroundEvidence.Of(s[0], s[1], s[2], s[3], s[4], s[5]).ShouldBe(expected, name);

    [Theory]
    [InlineData("NNAAA", true)]
    [InlineData("NAA", false)]
    [InlineData("AAAAA", false)] // never seen natural
    [InlineData("NAANAA", true)] // one contrary look
    [InlineData("NANANA", false)] // as many contrary as not
    [InlineData("NAANNAAA", false)] // comes and goes
    [InlineData("NANNAAA", true)] // a single leaked cloud before is forgiven
    [InlineData("N--A-A--A", true)] // unclear looks move nothing
    public void PixelHistory_Looks_Confirm(string looks, bool confirmed) => Of(looks).Confirmed(3).ShouldBe(confirmed);

    [Fact]
    public void PixelHistory_OldSpell_IsForgottenAfterACycle()
    {
        var recent = Of("NAAANNNNNNNNNNAAA");
        recent.Confirmed(3).ShouldBeFalse();
        Of("NAAANNNNNNNNNNAAA", forgetBefore: 8).Confirmed(3).ShouldBeTrue();
    }

    [Fact]
    public void PixelHistory_WrittenAndRead_IsTheSame()
    {
        var history = Of("NNAANAA");
        history.Stage = PixelStage.Built;
        var fields = new ushort[PixelHistory.Fields * 3];
        history.Write(fields, 1, 3);
        PixelHistory.Read(fields, 1, 3).ShouldBe(history);
        history.Onset.ShouldBe((ushort)3);
        history.LastNatural.ShouldBe((ushort)2);
    }

    [Theory]
    [InlineData(true, "near", null)] // looks are frequent: the series speaks
    [InlineData(false, "near", "near")]
    [InlineData(true, "rare", "last-year")]
    public void BaselineChooser_Scenes_ChoosesOneOrNone(bool inSeries, string companions, string? expected)
    {
        using var pair = new SyntheticPair();
        var at = new DateTimeOffset(2025, 6, 15, 3, 0, 0, TimeSpan.Zero);
        var now = pair.Write("now", 1, true, at: at);
        List<Scene> others =
        [
            now with { Id = "last-year", AcquiredAt = at.AddDays(-360) },
            now with { Id = "winter", AcquiredAt = at.AddDays(-150) },
            now with { Id = "cloudy", AcquiredAt = at.AddDays(-80), CloudCover = 97 },
            now with { Id = "later", AcquiredAt = at.AddDays(10) },
        ];
        if (companions == "near")
        {
            others = [now with { Id = "near", AcquiredAt = at.AddDays(-6) }];
        }

        BaselineChooser.Choose(now, others, inSeries)?.Id.ShouldBe(expected);
        (BaselineChooser.Choose(now, others, inSeries)?.Id).ShouldBe(expected);
    }

    [Fact]
    public async Task Pipeline_BuildingAppears_OneBuiltUpPatchWithTrueBracket()
    {
        using var pair = new SyntheticPair();
        var world = new World(pair, 9, built: i => i >= 4);
        using var folder = new ScratchFolder();
        (await world.Pipeline(folder.Path).WorkOffAsync(Token)).ShouldBe(9);
        var patch = world.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem();
        patch.Kind.ShouldBe(ChangeKind.BuiltUp);
        patch.NotBefore.ShouldBe(World.At(3));
        patch.NotAfter.ShouldBe(World.At(4));
        patch.PixelCount.ShouldBeInRange(80, 96);
        patch.Facts["seen_in_passes"].ShouldBe(3);
        patch.Score.ShouldBeGreaterThan(0.5);
        world.Sets.Select(s => s.CurrentSceneId).Distinct().Count().ShouldBe(9);
    }

    [Fact]
    public async Task Pipeline_GreenhouseForOneSeason_NoBuiltUpPatch()
    {
        using var pair = new SyntheticPair();
        var world = new World(pair, 9, built: i => i == 4);
        using var folder = new ScratchFolder();
        await world.Pipeline(folder.Path).WorkOffAsync(Token);
        world.Sets.SelectMany(s => s.Patches).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pipeline_DiesAtEachCommit_SameChangeSetsAsUninterrupted()
    {
        using var pair = new SyntheticPair();
        var calm = new World(pair, 8, built: i => i >= 3);
        using (var folder = new ScratchFolder())
        {
            await calm.Pipeline(folder.Path).WorkOffAsync(Token);
        }

        // Dies before and after the commit of every scene; each time a new process takes over the same folder.
        var rough = new World(pair, 8, built: i => i >= 3);
        using var kept = new ScratchFolder();
        for (var death = 0; death < 40 && await rough.PositionAsync(ChangePipeline.Consumer, Token) < 8; death++)
        {
            rough.DieAtCommit = death % 2 == 0 ? Death.Before : Death.After;
            await Should.ThrowAsync<IOException>(() => rough.Pipeline(kept.Path).WorkOffAsync(Token));
        }

        rough.DieAtCommit = Death.None;
        await rough.Pipeline(kept.Path).WorkOffAsync(Token);
        Describe(rough).ShouldBe(Describe(calm));

        // And with the memory lost in the middle.
        var lost = new World(pair, 8, built: i => i >= 3) { Offered = 5 };
        using (var folder = new ScratchFolder())
        {
            await lost.Pipeline(folder.Path).WorkOffAsync(Token);
        }

        lost.Offered = 8;
        using (var empty = new ScratchFolder())
        {
            await lost.Pipeline(empty.Path).WorkOffAsync(Token);
        }

        Describe(lost).ShouldBe(Describe(calm));
    }

    [Fact]
    public async Task Pipeline_DamagedScene_IsPassedOver()
    {
        using var pair = new SyntheticPair();
        var world = new World(pair, 6, built: i => i >= 2);
        await File.WriteAllBytesAsync(world.Scenes[3].Assets[0].Path, (await File.ReadAllBytesAsync(world.Scenes[3].Assets[0].Path, Token))[..2000], Token);
        using var folder = new ScratchFolder();
        (await world.Pipeline(folder.Path).WorkOffAsync(Token)).ShouldBe(6);
        world.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.BuiltUp);
    }

    private static PixelHistory Of(string looks, int forgetBefore = 0)
    {
        var history = new PixelHistory();
        for (var i = 0; i < looks.Length; i++)
        {
            history.Take(looks[i] switch { 'N' => GroundLook.Natural, 'A' => GroundLook.Artificial, _ => GroundLook.Unclear }, i + 1, 0.1f, forgetBefore);
        }

        return history;
    }

    private static List<string> Describe(World world) =>
        [.. world.Sets.Select(s => $"{s.Id} {s.BaselineSceneId} {s.CurrentSceneId} {s.ObservableShare:R} {string.Join(';', s.Patches.Select(p => $"{p.Id} {p.Kind} {p.Score:R} {p.Outline.Shape.AsText()}"))}")];

    private enum Death
    {
        None,
        Before,
        After,
    }

    /// <summary>A catalogue of passes a week apart, and stores that can die.</summary>
    private sealed class World : ISceneCatalogue, IChangeStore, ICursorStore
    {
        private static readonly DateTimeOffset Start = new(2025, 3, 1, 3, 0, 0, TimeSpan.Zero);
        private readonly List<StoredChangeSet> _sets = [];
        private long _position;

        public World(SyntheticPair pair, int passes, Func<int, bool> built)
        {
            Scenes = [.. Enumerable.Range(0, passes).Select(i => pair.Write($"pass-{i}", i + 1, built(i), gain: 1 + (0.01 * (i % 3)), quality: (_, _) => 1, at: At(i)))];
            Offered = passes;
        }

        public List<Scene> Scenes { get; }

        public int Offered { get; set; }

        public Death DieAtCommit { get; set; }

        public IReadOnlyList<ChangeSet> Sets => [.. _sets.Select(s => s.ChangeSet)];

        public static DateTimeOffset At(int pass) => Start.AddDays(7 * pass);

        public ChangePipeline Pipeline(string folder) =>
            new(this, this, this, new RecordingBus(), new PairDetection(TimeProvider.System), new ImageryOptions { Folder = folder }, TimeProvider.System, NullLogger<ChangePipeline>.Instance);

        public Task<CataloguedScene?> FindAsync(string sceneId, CancellationToken cancellationToken) =>
            Task.FromResult(All().FirstOrDefault(s => s.Scene.Id == sceneId));

        Task<IReadOnlyList<CataloguedScene>> ISceneCatalogue.ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<CataloguedScene>>([.. All().Where(s => s.Sequence > afterSequence).Take(limit)]);

        public Task<IReadOnlyList<CataloguedScene>> QueryAsync(Envelope? box, DateTimeOffset? from, DateTimeOffset? to, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<CataloguedScene>>([.. All().Where(s => !(s.Scene.AcquiredAt > to)).Reverse().Take(limit)]);

        public Task<bool> AddAsync(Scene scene, string actor, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CommitAsync(IReadOnlyList<ChangeSet> changeSets, Cursor? cursor, CancellationToken cancellationToken)
        {
            if (DieAtCommit == Death.Before)
            {
                throw new IOException("The process died before the commit, as the test wants it.");
            }

            foreach (var set in changeSets.Where(s => _sets.All(have => have.ChangeSet.Id != s.Id)))
            {
                _sets.Add(new StoredChangeSet(_sets.Count + 1, set));
            }

            _position = Math.Max(_position, cursor?.Position ?? 0);
            return DieAtCommit == Death.After ? throw new IOException("The process died after the commit, as the test wants it.") : Task.CompletedTask;
        }

        Task<IReadOnlyList<StoredChangeSet>> IChangeStore.ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<StoredChangeSet>>([.. _sets.Where(s => s.Sequence > afterSequence).Take(limit)]);

        Task<ChangeSet?> IChangeStore.FindAsync(string changeSetId, CancellationToken cancellationToken) =>
            Task.FromResult(_sets.FirstOrDefault(s => s.ChangeSet.Id == changeSetId)?.ChangeSet);

        public Task<IReadOnlyList<ChangeSet>> OfCurrentSceneAsync(string currentSceneId, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<ChangeSet>>([.. Sets.Where(s => s.CurrentSceneId == currentSceneId)]);

        public Task<long> PositionAsync(string consumer, CancellationToken cancellationToken) => Task.FromResult(_position);

        public Task AdvanceAsync(Cursor cursor, CancellationToken cancellationToken)
        {
            _position = Math.Max(_position, cursor.Position);
            return Task.CompletedTask;
        }

        private IEnumerable<CataloguedScene> All() => Scenes.Take(Offered).Select((s, i) => new CataloguedScene(i + 1, s));
    }
}
