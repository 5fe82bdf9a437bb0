using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Gdal;

using Lane = Monitoring.Detection.Imagery.Objects.ObjectSums.Lane;

namespace Monitoring.Detection.Tests.Imagery.Objects;

/// <summary>Which objects stay, and what closing makes of them.</summary>
public sealed class ObjectSieveTests
{
    /// <summary>Keeps what has a log area of 7 or more: from 11 pixels of 10 m on.</summary>
    private static readonly ObjectModel KeepsLarge = ObjectModel.Shipped with
    {
        ClosingMeters = 20, Variants = [new ModelVariant("area", [], [new ModelInput("area_log", 7, 1, 1)], 0, 0.5)],
    };

    [Fact]
    public void Choose_GapsOfFourPixels_AreClosedAndTheObjectsJoined()
    {
        // Two columns apart by four; the third is five away, the fourth is too small to stay.
        var (kept, known) = Choose([Block(0, 20, 4, 6, 1), Block(8, 20, 3, 6, 2), Block(16, 20, 4, 6, 3), Block(11, 30, 2, 2, 4)], _ => { });
        kept.Select(o => (o.Extent.Pixels, o.Extent.Left, o.Extent.Right)).ShouldBe([(66, 0, 10), (24, 16, 19)]);

        // Facts are those of the candidate pixels: 24 of score 1 and 18 of score 2.
        known[0].Sums.Pixels.ShouldBe(42);
        known[0].Sums.Mean(Lane.Score).ShouldBe((24 + 36) / 42.0, 1e-9);
        known[0].Shape.Pixels.ShouldBe(66);
        known[0].Sums.After(BandRole.Blue).ShouldBe(0.25, 1e-6);
        known[1].Sums.Mean(Lane.Score).ShouldBe(3, 1e-9);
    }

    [Fact]
    public void Choose_JoinedObjects_HaveTheMeanLikenessOfTheirParts()
    {
        // The small one is not kept, but surrounds the others all the same.
        FoundObject[] Blocks() => [Changed(0, 20, 4, 6, 0.5f), Changed(8, 20, 3, 6, 0.3f), Changed(11, 30, 2, 2, 0.1f)];
        var (apart, alone) = Choose(Blocks(), _ => { }, ObjectModel.Shipped with { ClosingMeters = 0, Variants = KeepsLarge.Variants });
        apart.Count.ShouldBe(2);
        var (kept, known) = Choose(Blocks(), _ => { });

        kept.Single().Sums.Length.ShouldBe(ObjectSums.Lanes);
        var place = ObjectFeatures.PlaceOf("neighbour_likeness");
        alone[0].Features[place].ShouldNotBe(alone[1].Features[place]);
        known[0].Features[place].ShouldBe(((24 * alone[0].Features[place]) + (18 * alone[1].Features[place])) / 42, 1e-6f);

        // One changes the other way: it is less like its neighbours than they are like each other.
        var (_, turned) = Choose([Changed(0, 20, 4, 6, 0.5f), Changed(8, 20, 3, 6, 0.01f), Changed(11, 30, 3, 4, 0.5f)], _ => { }, ObjectModel.Shipped with { ClosingMeters = 0, Variants = KeepsLarge.Variants });
        turned[1].Features[place].ShouldBeLessThan(turned[0].Features[place]);
    }

    [Fact]
    public void Choose_GapThatNobodySaw_StaysOpen()
    {
        byte[] unseen = [1, 1];
        var (kept, _) = Choose([Block(0, 20, 4, 3, 1), Block(8, 20, 4, 3, 2)], layers =>
        {
            for (var y = 20; y < 23; y++)
            {
                layers.WriteHidden(new PixelWindow(5, y, 2, 1), unseen);
            }
        });

        // One column beside each block is seen, and closed with it.
        kept.Select(o => (o.Extent.Pixels, o.Extent.Left, o.Extent.Right)).ShouldBe([(15, 0, 4), (15, 7, 11)]);
    }

    private static (IReadOnlyList<FoundObject> Kept, CandidateObject[] Known) Choose(FoundObject[] objects, Action<PassLayers> hide, ObjectModel? with = null)
    {
        using var pair = new SyntheticPair();
        var before = pair.Write("a", 1, false);
        var request = new PairRequest(before, before with { Id = "b" }, new PairOptions { Model = with ?? KeepsLarge });
        var pairing = BandPairing.Of(request.Baseline, request.Current);
        var tally = new SceneTally();
        RoleValues ground = default;
        ((Span<float>)ground).Fill(0.1f);
        tally.Add(ground, 0.02);
        var model = new PairModel([], true, [], [], 0, 0, 32, null) { ModelDecides = true, Scene = tally.Context(true, 2, 10) };
        using var layers = new PassLayers(pair.Folder, SyntheticPair.Width, SyntheticPair.Height, keepScores: false);
        hide(layers);
        var cells = new CloudCells(SyntheticPair.Width, SyntheticPair.Height, 10);
        return new ObjectSieve(request, pairing, model, 10, cells, layers).Choose(objects, TestContext.Current.CancellationToken);
    }

    /// <summary>Its visible light comes to <paramref name="after"/> from 0.25.</summary>
    private static FoundObject Changed(int left, int top, int width, int height, float after)
    {
        var block = Block(left, top, width, height, 5);
        block.Sums.AsSpan(Lane.After, 3).Fill(width * height * (double)after);
        return block;
    }

    private static FoundObject Block(int left, int top, int width, int height, float score)
    {
        var lanes = new double[ObjectSums.Lanes];
        Array.Fill(lanes, width * height * 0.25);
        (lanes[Lane.Pixels], lanes[Lane.Score]) = (width * height, width * height * (double)score);
        return new FoundObject(
            [.. Enumerable.Range(top, height).Select(y => new PixelRun(y, left, left + width))], lanes, new Component(width * height, left, top, left + width - 1, top + height - 1));
    }
}
