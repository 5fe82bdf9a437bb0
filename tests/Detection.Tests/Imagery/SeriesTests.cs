using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Imagery;

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

        (BaselineChooser.Choose(now, others, inSeries).Baseline?.Id).ShouldBe(expected);
    }

    [Fact]
    public async Task Pipeline_BuildingAppears_OneBuiltUpPatchWithTrueBracket()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 9, built: i => i >= 4);
        using var folder = new ScratchFolder();
        (await world.Pipeline(folder.Path).WorkOffAsync(Token)).ShouldBe(9);
        var patch = world.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem();
        patch.Kind.ShouldBe(ChangeKind.BuiltUp);
        patch.NotBefore.ShouldBe(SeriesWorld.At(3));
        patch.NotAfter.ShouldBe(SeriesWorld.At(4));
        patch.PixelCount.ShouldBeInRange(80, 96);
        patch.Facts["seen_in_passes"].ShouldBe(3);
        patch.Score.ShouldBeGreaterThan(0.5);
        world.Sets.Select(s => s.CurrentSceneId).Distinct().Count().ShouldBe(9);
    }

    /// <summary>Reflectance in floats, whole numbers × 10 000 that say so and ones that do not: one ground, one answer.</summary>
    [Theory]
    [InlineData("floats")]
    [InlineData("floats that are said to be reflectance")]
    [InlineData("whole numbers without a scale")]
    public async Task Pipeline_OtherWaysToStoreReflectance_SamePatches(string stored)
    {
        using var pair = new SyntheticPair();
        var usual = new SeriesWorld(pair, 9, built: i => i >= 4);
        var other = new SeriesWorld(pair, 9, built: i => i >= 4);
        for (var i = 0; i < 9; i++)
        {
            var scene = other.Scenes[i];
            other.Scenes[i] = stored == "whole numbers without a scale" ? scene with { Bands = [.. scene.Bands.Select(b => b with { Scale = 1 })] } : pair.AsFloats(scene);
            if (stored == "floats that are said to be reflectance")
            {
                other.Scenes[i] = other.Scenes[i] with { Bands = [.. other.Scenes[i].Bands.Select(b => b.CommonName == "quality" ? b : b with { IsReflectance = true })] };
            }
        }

        foreach (var world in new[] { usual, other })
        {
            using var folder = new ScratchFolder();
            await world.Pipeline(folder.Path).WorkOffAsync(Token);
        }

        var expected = usual.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem();
        var patch = other.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem();
        (patch.Kind, patch.NotBefore, patch.NotAfter, patch.PixelCount).ShouldBe((expected.Kind, expected.NotBefore, expected.NotAfter, expected.PixelCount));
        patch.Outline.Shape.AsText().ShouldBe(expected.Outline.Shape.AsText());
    }

    [Fact]
    public void Unfit_NumbersOfUnknownMeaning_IsToldInOneSentence()
    {
        using var pair = new SyntheticPair();
        var scene = pair.Write("a", 1, false);
        SeriesDetector.Unfit(scene, Token).ShouldBeNull();
        var tenfold = scene with { Bands = [.. scene.Bands.Select(b => b with { Scale = 1, Offset = 30_000 })] };
        SeriesDetector.Unfit(tenfold, Token).ShouldNotBeNull().ShouldContain("neither reflectance nor");
        var numbers = scene with { Bands = [.. scene.Bands.Select(b => b with { IsReflectance = false })] };
        SeriesDetector.Unfit(numbers, Token).ShouldNotBeNull().ShouldContain("digital numbers");
    }

    /// <summary>Clouds hide the days of the demolition and one look after it: the bracket is that of the looks that were clear.</summary>
    [Fact]
    public async Task Pipeline_BuildingDemolished_BracketIsOfClearLooks()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 15, built: i => i is >= 3 and < 8, cloudy: i => i is 7 or 8 or 9 or 11);
        using var folder = new ScratchFolder();
        await world.Pipeline(folder.Path).WorkOffAsync(Token);
        var patches = world.Sets.SelectMany(s => s.Patches).ToList();
        patches.Select(p => p.Kind).ShouldBe([ChangeKind.BuiltUp, ChangeKind.Demolition]);
        patches[1].NotBefore.ShouldBe(SeriesWorld.At(6));
        patches[1].NotAfter.ShouldBe(SeriesWorld.At(10));
    }

    [Fact]
    public void PixelHistory_ToldAsBuilt_RemembersBothEndsOfAGap()
    {
        var history = Of("NAAAA");
        history.Stage = PixelStage.Built;
        Take(ref history, "A--N-N-N", 6);
        (history.LastArtificial, history.NaturalSince, history.NaturalRun).ShouldBe(((ushort)6, (ushort)9, (ushort)3));

        // Single natural looks are forgotten again.
        Take(ref history, "AANAANN", 14);
        (history.LastArtificial, history.NaturalSince, history.NaturalRun).ShouldBe(((ushort)18, (ushort)19, (ushort)2));
    }

    /// <summary>A patch that is too large to be held is read in strips and outlined from a file.</summary>
    [Fact]
    public async Task Pipeline_PatchesInStripsOfOneRow_AreTheSame()
    {
        using var pair = new SyntheticPair();
        List<List<string>> told = [];
        foreach (var series in new[] { new SeriesOptions(), new SeriesOptions { StripPixels = 5 } })
        {
            var world = new SeriesWorld(pair, 13, built: i => i is >= 3 and < 8);
            using var folder = new ScratchFolder();
            await world.Pipeline(folder.Path, series).WorkOffAsync(Token);
            told.Add(world.Describe());
        }

        told[1].ShouldBe(told[0]);
        told[0].Count(t => t.Contains("POLYGON", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task Pipeline_GreenhouseForOneSeason_NoBuiltUpPatch()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 9, built: i => i == 4);
        using var folder = new ScratchFolder();
        await world.Pipeline(folder.Path).WorkOffAsync(Token);
        world.Sets.SelectMany(s => s.Patches).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pipeline_DiesAtEachCommit_SameChangeSetsAsUninterrupted()
    {
        using var pair = new SyntheticPair();
        var calm = new SeriesWorld(pair, 8, built: i => i >= 3);
        using (var folder = new ScratchFolder())
        {
            await calm.Pipeline(folder.Path).WorkOffAsync(Token);
        }

        // Dies before and after the commit of every scene; each time a new process takes over the same folder.
        var rough = new SeriesWorld(pair, 8, built: i => i >= 3);
        using var kept = new ScratchFolder();
        for (var death = 0; death < 40 && await rough.PositionAsync(ChangePipeline.Consumer, Token) < 8; death++)
        {
            rough.DieAtCommit = death % 2 == 0 ? Death.Before : Death.After;
            await Should.ThrowAsync<IOException>(() => rough.Pipeline(kept.Path).WorkOffAsync(Token));
        }

        rough.DieAtCommit = Death.None;
        await rough.Pipeline(kept.Path).WorkOffAsync(Token);
        rough.Describe().ShouldBe(calm.Describe());
        rough.Acts.ShouldBeEmpty("a store that is away is no scene's fault");

        // And with the memory lost in the middle.
        var lost = new SeriesWorld(pair, 8, built: i => i >= 3) { Offered = 5 };
        using (var folder = new ScratchFolder())
        {
            await lost.Pipeline(folder.Path).WorkOffAsync(Token);
        }

        lost.Offered = 8;
        using (var empty = new ScratchFolder())
        {
            await lost.Pipeline(empty.Path).WorkOffAsync(Token);
        }

        lost.Describe().ShouldBe(calm.Describe());
    }

    [Fact]
    public async Task Pipeline_DamagedScene_IsSetAsideAtOnce()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 6, built: i => i >= 2);
        await File.WriteAllBytesAsync(world.Scenes[3].Assets[0].Path, (await File.ReadAllBytesAsync(world.Scenes[3].Assets[0].Path, Token))[..2000], Token);
        using var folder = new ScratchFolder();
        (await world.Pipeline(folder.Path).WorkOffAsync(Token)).ShouldBe(6);
        world.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.BuiltUp);
        var act = world.Acts.ShouldHaveSingleItem();
        (act.Action, act.Subject).ShouldBe(("detection.set-aside", world.Scenes[3].Id));
    }

    private static PixelHistory Of(string looks, int forgetBefore = 0)
    {
        var history = new PixelHistory();
        Take(ref history, looks, 1, forgetBefore);
        return history;
    }

    private static void Take(ref PixelHistory history, string looks, int first, int forgetBefore = 0)
    {
        for (var i = 0; i < looks.Length; i++)
        {
            history.Take(looks[i] switch { 'N' => GroundLook.Natural, 'A' => GroundLook.Artificial, _ => GroundLook.Unclear }, first + i, 0.1f, forgetBefore);
        }
    }
}
