using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>The whole detector on small scenes whose change is known.</summary>
public sealed class PairDetectorTests
{
    private static readonly PairOptions Options = new() { LeastSquareMeters = 0 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Detect_NewBuilding_OnePatchInItsPlace()
    {
        using var pair = new SyntheticPair();
        using var result = await PairDetector.DetectAsync(new PairRequest(pair.Write("a", 1, false), pair.Write("b", 2, true, gain: 1.15), Options), TimeProvider.System, null, Token);
        var patch = result.Changes.Patches.ShouldHaveSingleItem();
        patch.Kind.ShouldBe(ChangeKind.BuiltUp);
        patch.PixelCount.ShouldBeInRange(96, 14 * 10);
        patch.Outline.AreaSquareMeters.ShouldBe(patch.PixelCount * 100, patch.PixelCount * 0.5);
        MiddleOf(patch).X.ShouldBe(66, 1);
        MiddleOf(patch).Y.ShouldBe(54, 1);
        patch.Score.ShouldBe(patch.Facts["urban_probability"]);
        patch.Facts["score_by_rules"].ShouldBeGreaterThan(0.8);
        result.Changes.ObservableShare.ShouldBe(1);
    }

    [Fact]
    public async Task Detect_ReflectanceInFloats_SamePatchAsWholeNumbers()
    {
        using var pair = new SyntheticPair();
        Scene before = pair.Write("a", 1, false), after = pair.Write("b", 2, true, gain: 1.15);
        using var expected = await PairDetector.DetectAsync(new PairRequest(before, after, Options), TimeProvider.System, null, Token);
        using var result = await PairDetector.DetectAsync(new PairRequest(pair.AsFloats(before), pair.AsFloats(after), Options), TimeProvider.System, null, Token);
        result.Model.Calibrated.ShouldBeTrue();
        result.Changes.Patches.ShouldHaveSingleItem().Outline.Shape.AsText().ShouldBe(expected.Changes.Patches[0].Outline.Shape.AsText());
    }

    [Fact]
    public async Task Detect_NothingChanged_NoPatch()
    {
        using var pair = new SyntheticPair();
        using var result = await PairDetector.DetectAsync(new PairRequest(pair.Write("a", 1, false), pair.Write("b", 2, false, gain: 0.8), Options), TimeProvider.System, null, Token);
        result.Changes.Patches.ShouldBeEmpty();
    }

    [Fact]
    public async Task Detect_ShiftedSecondScene_RegistersAndFindsOnlyTheBuilding()
    {
        using var pair = new SyntheticPair();
        using var result = await PairDetector.DetectAsync(new PairRequest(pair.Write("a", 1, false), pair.Write("b", 2, true, shift: (1.3, -0.7)), Options), TimeProvider.System, null, Token);
        result.Model.Shifts[0].X.ShouldBe(-1.3, 0.2);
        result.Model.Shifts[0].Y.ShouldBe(0.7, 0.2);
        var patch = result.Changes.Patches.ShouldHaveSingleItem();
        MiddleOf(patch).X.ShouldBe(66, 1);
        MiddleOf(patch).Y.ShouldBe(54, 1);
    }

    [Fact]
    public async Task Detect_CloudOverTheBuilding_IsNotObservedThere()
    {
        using var pair = new SyntheticPair();
        using var result = await PairDetector.DetectAsync(
            new PairRequest(
                pair.Write("a", 1, false), pair.Write("b", 2, true, quality: (x, y) => x is > 40 and < 100 && y is > 30 and < 80 ? 2 : 1), Options), TimeProvider.System, null, Token);
        result.Changes.Patches.ShouldBeEmpty();
        result.Changes.ObservableShare.ShouldBeInRange(0.6, 0.93);
        var hidden = new byte[SyntheticPair.Width];
        var rows = result.HiddenRows();
        rows(54, hidden);
        (hidden[66], hidden[^1]).ShouldBe(((byte)1, (byte)0));
    }

    [Fact]
    public async Task Detect_HardlyAnythingSeen_TellsAnEmptyOutline()
    {
        using var pair = new SyntheticPair();
        using var result = await PairDetector.DetectAsync(
            new PairRequest(pair.Write("a", 1, false), pair.Write("b", 2, true, missing: (x, _) => x % 3 != 0 || x >= 192), Options), TimeProvider.System, null, Token);
        result.Changes.ObservableShare.ShouldBeLessThan(0.5);
        result.Changes.Observed.ShouldNotBeNull().Shape.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Release_LayerThatCannotBeClosed_LeavesNoFolder()
    {
        using var scratch = new ScratchFolder();
        var folder = TemporaryFolder.Create(scratch.Path);
        File.WriteAllText(Path.Combine(folder, "scores.tif"), "x");
        var other = new Closing(null);
        Should.Throw<IOException>(() => TemporaryFolder.Release(folder, new Closing(new IOException("full")), other)).Message.ShouldBe("full");
        (other.Closed, Directory.Exists(folder)).ShouldBe((true, false));
        folder = TemporaryFolder.Create(scratch.Path);
        var first = new ImageryException("first");
        TemporaryFolder.ReleaseAfter(first, folder, new Closing(new IOException("full")));
        Directory.Exists(folder).ShouldBeFalse();
        first.Data["when closing"].ShouldBe("full");
    }

    private sealed class Closing(Exception? failure) : IDisposable
    {
        public bool Closed { get; private set; }

        public void Dispose()
        {
            Closed = true;
            if (failure is not null)
            {
                throw failure;
            }
        }
    }

    [Fact]
    public async Task Detect_MissingPixels_AreNotChange()
    {
        using var pair = new SyntheticPair();
        using var result = await PairDetector.DetectAsync(
            new PairRequest(pair.Write("a", 1, false), pair.Write("b", 2, true, missing: (x, y) => x > 150 || (x + y) % 97 == 0), Options), TimeProvider.System, null, Token);
        result.Changes.Patches.ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.BuiltUp);
        result.Changes.ObservableShare.ShouldBe(151.0 / 220, 0.02);
    }

    [Theory]
    [InlineData(64, 1)]
    [InlineData(64, 2)]
    [InlineData(128, 2)]
    public async Task Detect_OtherTilesAndThreads_SamePatches(int side, int threads)
    {
        using var pair = new SyntheticPair();
        var request = new PairRequest(pair.Write("a", 1, false), pair.Write("b", 2, true, gain: 1.1), Options);
        using var whole = await PairDetector.DetectAsync(request, TimeProvider.System, null, Token);
        using var tiled = await PairDetector.DetectAsync(request with { Options = Options with { TilePixels = side, Threads = threads } }, TimeProvider.System, null, Token);
        tiled.Changes.Id.ShouldBe(whole.Changes.Id);
        tiled.Changes.Patches.Select(p => (p.Id, p.PixelCount, p.Kind, p.Score)).ShouldBe(whole.Changes.Patches.Select(p => (p.Id, p.PixelCount, p.Kind, p.Score)));
        tiled.Changes.Patches[0].Facts.ShouldBe(whole.Changes.Patches[0].Facts);
        tiled.Objects.ShouldHaveSingleItem().Features.ShouldBe(whole.Objects[0].Features);
        tiled.Changes.Patches[0].Outline.Shape.EqualsExact(whole.Changes.Patches[0].Outline.Shape).ShouldBeTrue();
    }

    [Fact]
    public async Task Detect_ModelThatRefusesAll_KeepsNothingAndTheRulesDo()
    {
        using var pair = new SyntheticPair();
        var request = new PairRequest(pair.Write("a", 1, false), pair.Write("b", 2, true), Options);
        var shipped = ObjectModel.Shipped;
        var refuses = shipped with { Variants = [.. shipped.Variants.Select(v => v with { Threshold = 1.1 })] };
        using var none = await PairDetector.DetectAsync(request with { Options = Options with { Model = refuses } }, TimeProvider.System, null, Token);
        none.Changes.Patches.ShouldBeEmpty();
        using var rules = await PairDetector.DetectAsync(request with { Options = Options with { Model = refuses, Choice = ObjectChoice.Rules } }, TimeProvider.System, null, Token);
        rules.Changes.Patches.ShouldHaveSingleItem().Facts.ContainsKey("urban_probability").ShouldBeFalse();
        rules.Objects.ShouldHaveSingleItem().Probability.ShouldBe(double.NaN);
        using var own = await PairDetector.DetectAsync(request, TimeProvider.System, null, Token);
        own.Changes.Patches.ShouldHaveSingleItem().Facts["urban_probability"].ShouldBe(own.Objects[0].Probability, 1e-4);
        own.Changes.Patches[0].Facts["certainty_building"].ShouldBeGreaterThan(0.3);
        new[] { none.Changes.Id, rules.Changes.Id, own.Changes.Id }.ShouldBeUnique();
    }

    [Fact]
    public async Task Detect_BandsThatCannotBeMatched_SaysSo()
    {
        using var pair = new SyntheticPair();
        var a = pair.Write("a", 1, false);
        var b = a with { Id = "b", Bands = [.. a.Bands.Take(3).Select(x => x with { CommonName = null })] };
        var problem = await Should.ThrowAsync<ImageryException>(() => PairDetector.DetectAsync(new PairRequest(a, b, Options), TimeProvider.System, null, Token));
        problem.Message.ShouldContain("cannot be matched");
    }

    [Fact]
    public async Task Detect_ScenesApart_SaysSo()
    {
        using var pair = new SyntheticPair();
        var problem = await Should.ThrowAsync<ImageryException>(
            () => PairDetector.DetectAsync(new PairRequest(pair.Write("a", 1, false), pair.Write("b", 2, false, crs: "EPSG:32633"), Options), TimeProvider.System, null, Token));
        problem.Message.ShouldContain("same ground");
    }

    [Fact]
    public void Options_OutOfRange_NamesThemAll() =>
        Should.Throw<ArgumentException>(() => new PairOptions { TilePixels = 100, Threads = 0 }.Validate()).Message.ShouldContain("TilePixels, Threads");

    /// <summary>Middle of a patch in pixels of the grid (UTM 50N, 10 m).</summary>
    private static (double X, double Y) MiddleOf(ChangePatch patch)
    {
        using var toGrid = CoordinateTransform.FromEpsg(4490, 32650);
        var (x, y) = toGrid.Transform(patch.Outline.Shape.Centroid.X, patch.Outline.Shape.Centroid.Y);
        return ((x - 500_000) / 10, (3_400_000 - y) / 10);
    }
}
