using CsCheck;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Network;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Imagery.Network;

public sealed class NetworkTests
{
    private static readonly NetworkOptions Options = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void NetworkTiles_AnyRaster_KeepsEachPixelOnceAndFarFromTheTilesSides()
    {
        var gen = from width in Gen.Int[1, 300] from height in Gen.Int[1, 300] from side in Gen.Int[32, 128] from overlap in Gen.Int[0, 15] select (width, height, side, overlap);
        gen.Sample(
            c =>
            {
                var seen = new byte[c.width * c.height];
                foreach (var (tile, kept) in NetworkTiles.Cover(c.width, c.height, c.side, c.overlap))
                {
                    Far(tile.X, kept.X, 0).ShouldBeTrue();
                    Far(tile.Y, kept.Y, 0).ShouldBeTrue();
                    Far(-tile.X - c.side, -kept.X - kept.Width, -c.width).ShouldBeTrue();
                    Far(-tile.Y - c.side, -kept.Y - kept.Height, -c.height).ShouldBeTrue();
                    (tile.X >= 0 && tile.X <= Math.Max(0, c.width - c.side) && tile.Y >= 0 && tile.Y <= Math.Max(0, c.height - c.side)).ShouldBeTrue();
                    for (var y = kept.Y; y < kept.Y + kept.Height; y++)
                    {
                        for (var x = kept.X; x < kept.X + kept.Width; x++)
                        {
                            seen[(y * c.width) + x]++;
                        }
                    }
                }

                seen.ShouldAllBe(count => count == 1);

                // From a side of the tile either the overlap away, or at the raster's own edge.
                bool Far(int tileSide, int from, int edge) => from - tileSide >= c.overlap || from == edge;
            },
            iter: 300, seed: "0000NKs1Q6d3");
    }

    /// <summary>The network sees one pixel around: with an overlap of one or more, tiles must not show; without, they must (else this test could not fail).</summary>
    [Fact]
    public void NetworkScores_ManyTiles_GiveWhatOneRunOverTheWholeGives()
    {
        using var pair = new AerialPair(184, 184);
        var onnx = OnnxBytes.Difference([0.3f, -0.8f, 0.2f, 0.9f, 1.1f, -0.4f, 0.25f, 0.5f, -0.7f], -0.8f, stacked: true);
        var whole = Scores(pair, pair.Model("whole", onnx, tile: 184, overlap: 0));
        whole.Distinct().Count().ShouldBeGreaterThan(60);
        var gen = from tile in Gen.Int[4, 20] from overlap in Gen.Int[1, 10] select (tile: 8 * tile, overlap);
        gen.Sample(c => Scores(pair, pair.Model("tiled", onnx, tile: c.tile, overlap: Math.Min(c.overlap, c.tile / 3))).AsSpan().SequenceEqual(whole), iter: 12, threads: 1, seed: "0000KQfXQZn2");
        Largest(Scores(pair, pair.Model("cut", onnx, tile: 64, overlap: 0)), whole).ShouldBeGreaterThan(5);
    }

    [Fact]
    public void NetworkScores_OneOrFourThreads_GiveTheSame()
    {
        using var pair = new AerialPair(150, 130);
        var model = pair.Model("m", OnnxBytes.Difference(AerialPair.Blur, -20, stacked: false), layout: "pair");
        Largest(Scores(pair, model, new NetworkOptions { Threads = 1 }), Scores(pair, model, new NetworkOptions { Threads = 4 })).ShouldBe(0);
    }

    /// <summary>Layouts and kinds of output are ways to write the same network.</summary>
    [Fact]
    public void NetworkScores_SameNetworkInEveryForm_GivesTheSame()
    {
        using var pair = new AerialPair(100, 90);
        var expected = Scores(pair, pair.Model("a", OnnxBytes.Difference(AerialPair.Blur, -20, stacked: true)));
        Largest(Scores(pair, pair.Model("b", OnnxBytes.Difference(AerialPair.Blur, -20, stacked: false), layout: "pair")), expected).ShouldBe(0);
        Largest(Scores(pair, pair.Model("d", OnnxBytes.Difference(AerialPair.Blur, -20, stacked: true, side: 64))), expected).ShouldBe(0);

        // The runtime's sigmoid is rounded otherwise than ours.
        Largest(Scores(pair, pair.Model("c", OnnxBytes.Difference(AerialPair.Blur, -20, stacked: true, last: "Identity"), kind: "logit")), expected).ShouldBeLessThanOrEqualTo(1);
    }

    /// <summary>Halves of the logit in two classes: softmax of (−z/2 … z/2) is the sigmoid of z. The bias is the same in both, so it falls out.</summary>
    [Fact]
    public void NetworkScores_TwoClasses_AreTheirSoftmax()
    {
        using var pair = new AerialPair(100, 90);
        var half = AerialPair.Blur.Select(w => w / 2).ToArray();
        var one = Scores(pair, pair.Model("a", OnnxBytes.Difference(AerialPair.Blur, 0, stacked: true)));
        var two = Scores(pair, pair.Model("b", OnnxBytes.Difference(half, 0, stacked: true, last: "Identity", outputs: 2), kind: "softmax"));
        Largest(one, two).ShouldBeLessThanOrEqualTo(1);
        one.Max().ShouldBeGreaterThan((byte)200);
    }

    [Fact]
    public void NetworkScores_PictureSmallerThanATile_IsScored()
    {
        using var pair = new AerialPair(50, 44);
        var onnx = OnnxBytes.Difference([0, 0, 0, 0, 9, 0, 0, 0, 0], -9, stacked: true);
        Largest(Scores(pair, pair.Model("m", onnx, tile: 128, overlap: 0)), Scores(pair, pair.Model("n", onnx, tile: 32, overlap: 0))).ShouldBe(0);
    }

    [Fact]
    public async Task Detect_AerialPairWithANetwork_FindsTheBuildingWithTheCardOnRecord()
    {
        using var pair = new AerialPair(300, 240, missing: (x, _) => x > 280);
        pair.Model("tiny", OnnxBytes.Difference(AerialPair.Blur, -40, stacked: true), change: card => card.Replace("0.5 }", "0.5, \"change\": \"built-up\" }", StringComparison.Ordinal));
        var choice = ModelShelf.Choose(pair.Before, pair.After, pair.Shelf, null, Options);
        choice.Reason!.ShouldContain("scored by the network \"tiny\" 3 (CC0-1.0)");
        using var scores = choice.Scores!;
        var request = pair.Request with { Scores = scores, ScoreReason = choice.Reason };
        using var result = await PairDetector.DetectAsync(request, TimeProvider.System, null, Token);
        var patch = result.Changes.Patches.ShouldHaveSingleItem();
        var (_, _, w, h) = pair.Building;
        patch.Outline.AreaSquareMeters.ShouldBe(w * h * 0.25, 0.1 * w * h * 0.25);
        patch.Kind.ShouldBe(ChangeKind.BuiltUp);
        patch.Facts["probability"].ShouldBeGreaterThan(0.8);
        result.Changes.DetectorId.ShouldBe(NetworkScores.Id);
        result.Changes.DetectorVersion.ShouldContain("tiny@3");
        result.Changes.ObservableShare.ShouldBe(281 / 300.0, 1e-6);
        result.Changes.Statistics["network"].ShouldBe(1);

        // Nobody asked the object model: what is known of the patch is what the network, the rules and its outline say.
        patch.Facts.Keys.ShouldBe(["outline_overlap", "outline_right_angled", "outline_straight", "probability", "score_by_rules"]);
        result.Objects.ShouldBeEmpty();
        var without = request with { Options = request.Options with { Choice = ObjectChoice.Rules } };
        using var again = await PairDetector.DetectAsync(without, TimeProvider.System, null, Token);
        again.Changes.Id.ShouldBe(result.Changes.Id);

        // The same pair without the network is another change set.
        using var own = await PairDetector.DetectAsync(pair.Request, TimeProvider.System, null, Token);
        own.Changes.Id.ShouldNotBe(result.Changes.Id);
    }

    [Fact]
    public async Task Detect_AerialPairWithoutANetwork_SaysWhatItCannotDo()
    {
        using var pair = new AerialPair(300, 240);
        var choice = ModelShelf.Choose(pair.Before, pair.After, pair.Shelf, null, Options);
        choice.Scores.ShouldBeNull();
        choice.Reason.ShouldBe($"colour pictures of 0.5 m a pixel and no network is installed: {ModelShelf.Limits}.");
        using var result = await PairDetector.DetectAsync(pair.Request with { ScoreReason = choice.Reason }, TimeProvider.System, null, Token);
        result.Changes.Statistics["built_in_score_at_high_resolution"].ShouldBe(1);
        result.Changes.Patches.ShouldHaveSingleItem();
    }

    [Fact]
    public void ModelShelf_SeveralModels_TakesTheFirstWhoseCardFits()
    {
        using var pair = new AerialPair(120, 100);
        var onnx = OnnxBytes.Difference(AerialPair.Blur, -40, stacked: true);
        pair.Model("a-coarse", onnx, gsd: "1.5, 2.4");
        pair.Model("b-reflectance", onnx, values: "reflectance");
        ModelShelf.Choose(pair.Before, pair.After, pair.Shelf, null, Options).Reason!.ShouldContain(
            "no installed network fits (\"a-coarse\": it is for 1.5 to 2.4 m a pixel, the first scene has 0.5; \"b-reflectance\": it takes reflectance values, the scenes hold 8-bit digital numbers)");
        pair.Model("c-fits", onnx);
        pair.Model("d-fits", onnx);
        using var chosen = ModelShelf.Choose(pair.Before, pair.After, pair.Shelf, null, Options).Scores!;
        chosen.Card["name"].ShouldBe("c-fits");
    }

    [Fact]
    public void ModelShelf_DigitalNumbersForANetworkOfReflectance_AreRefused()
    {
        using var pair = new AerialPair(120, 100);
        var model = pair.Model("b-reflectance", OnnxBytes.Difference(AerialPair.Blur, -40, stacked: true), values: "reflectance");
        Scene Numbers(Scene scene) => scene with { Bands = [.. scene.Bands.Select(b => b with { Scale = 2, IsReflectance = false })] };
        Should.Throw<ImageryException>(() => ModelShelf.Choose(Numbers(pair.Before), pair.After, null, model, Options)).Message
            .ShouldBe("The network \"b-reflectance\" is not for this pair: it takes reflectance values, the scenes hold digital numbers that no scale turns into reflectance.");
    }

    [Fact]
    public async Task Detect_UnknownNumbersWithANetworkOfReflectance_IsOneSentence()
    {
        using var pair = new AerialPair(120, 100);
        using var scores = new NetworkScores(ChangeModel.Load(pair.Model("b-reflectance", OnnxBytes.Difference(AerialPair.Blur, -40, stacked: true), values: "reflectance"), Options));
        var problem = await Should.ThrowAsync<ImageryException>(() => PairDetector.DetectAsync(pair.Request with { Scores = scores }, TimeProvider.System, null, Token));
        problem.Message.ShouldStartWith("The network \"b-reflectance\" takes reflectance, and the values of \"before\" and \"after\" are not both known to be that");
    }

    [Fact]
    public void ModelShelf_OnlyABrokenModel_GoesOnAndSaysSo()
    {
        using var pair = new AerialPair(120, 100);
        pair.Model("broken", [1, 2, 3]);
        var choice = ModelShelf.Choose(pair.Before, pair.After, pair.Shelf, null, Options);
        choice.Scores.ShouldBeNull();
        choice.Reason!.ShouldStartWith("colour pictures of 0.5 m a pixel and an installed network cannot be used (");
        choice.Reason.ShouldEndWith(ModelShelf.Limits + ".");
        choice.ApplyTo(pair.Request).Options.LeastSquareMeters.ShouldBe(ModelShelf.LeastSquareMetersBuiltIn);
        Should.Throw<ModelException>(() => ModelShelf.Choose(pair.Before, pair.After, null, Path.Combine(pair.Shelf, "broken"), Options));
    }

    public enum Fault
    {
        NoJson,
        CardInUse,
        NetworkOfAnotherHash,
        NetworkInUse,
    }

    [Theory]
    [InlineData(Fault.NoJson)]
    [InlineData(Fault.CardInUse)]
    [InlineData(Fault.NetworkOfAnotherHash)]
    [InlineData(Fault.NetworkInUse)]
    public void ModelShelf_OneModelThatCannotBeRead_StopsNotTheOneBehindIt(Fault fault)
    {
        using var pair = new AerialPair(120, 100);
        var onnx = OnnxBytes.Difference(AerialPair.Blur, -40, stacked: true);
        var bad = pair.Model("a-bad", onnx);
        pair.Model("b-good", onnx);
        if (fault == Fault.NoJson)
        {
            File.WriteAllText(Path.Combine(bad, "card.json"), "{");
        }
        else if (fault == Fault.NetworkOfAnotherHash)
        {
            File.WriteAllBytes(Path.Combine(bad, "model.onnx"), [1, 2, 3]);
        }

        // Somebody else is writing it: no reader gets at it.
        using var held = fault is Fault.CardInUse or Fault.NetworkInUse
            ? new FileStream(Path.Combine(bad, fault == Fault.CardInUse ? "card.json" : "model.onnx"), FileMode.Open, FileAccess.ReadWrite, FileShare.None) : null;
        var choice = ModelShelf.Choose(pair.Before, pair.After, pair.Shelf, null, Options);
        using var scores = choice.Scores!;
        scores.Card["name"].ShouldBe("b-good");
        choice.Reason!.ShouldContain("scored by the network \"b-good\"");
        choice.Reason!.ShouldContain("an installed network cannot be used (");
    }

    [Fact]
    public void ModelShelf_MoreModelsThanAreLookedAt_LooksAtTheFirstByName()
    {
        using var pair = new AerialPair(60, 60);
        var onnx = OnnxBytes.Difference(AerialPair.Blur, -40, stacked: true);

        // Made from the last name to the first, so that no order of the disk helps.
        for (var i = 99; i >= 0; i--)
        {
            pair.Model($"m{i:00}", onnx, gsd: i == 0 ? "0.3, 1.0" : "1.5, 2.4");
        }

        using var scores = ModelShelf.Choose(pair.Before, pair.After, pair.Shelf, null, Options).Scores!;
        scores.Card["name"].ShouldBe("m00");
    }

    [Fact]
    public async Task ModelShelf_NetworkThatFailsOnTheWay_ScenesAreComparedWithoutItAndItIsTold()
    {
        using var pair = new AerialPair(300, 240);
        pair.Model("sick", OnnxBytes.Difference(AerialPair.Blur, float.NaN, stacked: true));
        var choice = ModelShelf.Choose(pair.Before, pair.After, pair.Shelf, null, Options);
        using var scores = choice.Scores.ShouldNotBeNull();
        var (result, used) = await ModelShelf.RunAsync(new PairDetection(TimeProvider.System), pair.Request, choice, null, Token);
        using var held = result;
        used.Scores.ShouldBeNull();
        used.Reason.ShouldBe($"an installed network cannot be used (\"sick\" gave a value that is not a number): {ModelShelf.Limits}.");
        result.Changes.DetectorId.ShouldBe(PairDetector.Id);
        result.Changes.Statistics["built_in_score_at_high_resolution"].ShouldBe(1);

        // A bad scene is still the scene's fault.
        var gone = pair.Request with { Current = pair.After with { Assets = [pair.After.Assets[0] with { Path = pair.After.Assets[0].Path + ".gone" }] } };
        await Should.ThrowAsync<GdalException>(() => ModelShelf.RunAsync(new PairDetection(TimeProvider.System), gone, choice with { Scores = null }, null, Token));
    }

    [Fact]
    public void ScenePatience_FaultOfANetwork_IsNotTheScenes()
    {
        using var pair = new AerialPair(60, 60);
        var scene = new CataloguedScene(1, pair.After);
        new ScenePatience().IsOver(scene, [pair.Before], new ImageryException("The bands cannot be matched.")).ShouldBeTrue();
        new ScenePatience().IsOver(scene, [pair.Before], new ModelException("The network fails.")).ShouldBeFalse();
    }

    [Fact]
    public void ModelShelf_CoarsePair_IsNoMatterOfNetworks()
    {
        using var pair = new SyntheticPair();
        ModelShelf.Choose(pair.Write("a", 1, false), pair.Write("b", 2, true), null, null, Options).ShouldBe(new ScoreChoice(null, null));
    }

    [Fact]
    public void ModelShelf_NamedModelForAnotherResolution_IsOneSentence()
    {
        using var pair = new AerialPair(120, 100, gsd: 2);
        var model = pair.Model("fine", OnnxBytes.Difference(AerialPair.Blur, -40, stacked: true));
        Should.Throw<ImageryException>(() => ModelShelf.Choose(pair.Before, pair.After, null, model, Options)).Message
            .ShouldBe("The network \"fine\" is not for this pair: it is for 0.3 to 1 m a pixel, the first scene has 2.");
    }

    [Theory]
    [InlineData("CC0-1.0", " ", "states no licence")]
    [InlineData("none: weights set by hand", "", "does not say what the network was trained on")]
    [InlineData("\"tile\": 64", "\"tile\": 60", "input.tile")]
    [InlineData("\"overlap\": 4", "\"overlap\": 30", "input.overlap")]
    [InlineData("\"overlap\": 4", "\"overlp\": 4", "no model card")]
    [InlineData("\"red\", \"green\"", "\"red\", \"nir\"", "input.channels")]
    [InlineData("[0.2, 0.2, 0.2]", "[0.2, 0, 0.2]", "input.std")]
    [InlineData("0.5 }", "1.5 }", "output.threshold")]
    [InlineData("0.5 }", "0.5, \"change\": \"castle\" }", "output.change")]
    [InlineData("[0.3, 1.0]", "[1.0, 0.3]", "gsd_m")]
    [InlineData("\"sha256\": \"", "\"sha256\": \"XYZ", "sha256")]
    [InlineData("\"probability\"", "\"heatmap\"", "output.kind")]
    [InlineData("\"stacked\"", "\"pair\"", "it has 1 inputs, the layout \"pair\" has 2")]
    [InlineData("\"probability\"", "\"softmax\"", "output \"p\" is Single [1, 1, -1, -1], the card says Single [1, 2, 64, 64]")]
    public void ChangeModel_CardThatIsWrong_IsRefusedInOneSentence(string from, string to, string said)
    {
        using var pair = new AerialPair(40, 40);
        var folder = pair.Model("m", OnnxBytes.Difference(AerialPair.Blur, -40, stacked: true), change: card =>
        {
            card.ShouldContain(from);
            return card.Replace(from, to, StringComparison.Ordinal);
        });
        var message = Should.Throw<ImageryException>(() => ChangeModel.Load(folder, Options).Dispose()).Message;
        message.ShouldContain(said);
        message.ShouldNotContain("\n");
    }

    [Fact]
    public void ChangeModel_OtherBytesThanTheCards_AreRefused()
    {
        using var pair = new AerialPair(40, 40);
        var folder = pair.Model("m", OnnxBytes.Difference(AerialPair.Blur, -40, stacked: true));
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), OnnxBytes.Difference(AerialPair.Blur, -39, stacked: true));
        Should.Throw<ImageryException>(() => ChangeModel.Load(folder, Options)).Message.ShouldContain("it is another network or damaged");
    }

    [Fact]
    public void ChangeModel_UnknownOperator_IsRefusedByName()
    {
        using var pair = new AerialPair(40, 40);
        var folder = pair.Model("m", OnnxBytes.Difference(AerialPair.Blur, -40, stacked: true, last: "Gerbilize"));
        var message = Should.Throw<ImageryException>(() => ChangeModel.Load(folder, Options)).Message;
        message.ShouldContain("Gerbilize");
        message.ShouldContain("cannot be run");
    }

    [Fact]
    public void ChangeModel_BytesThatAreNoNetwork_AreRefused()
    {
        using var pair = new AerialPair(40, 40);
        Should.Throw<ImageryException>(() => ChangeModel.Load(pair.Model("m", [8, 7, 6, 5, 255, 255]), Options)).Message.ShouldContain("cannot be run");
        Should.Throw<ImageryException>(() => ChangeModel.Load(pair.Model("n", OnnxBytes.Difference(AerialPair.Blur, 0, true, side: 32)), Options)).Message.ShouldContain("does not fit its card");
    }

    [Fact]
    public void ChangeModel_TileOverTheBudget_IsRefusedBeforeItIsRead()
    {
        using var pair = new AerialPair(40, 40);
        var folder = pair.Model("m", OnnxBytes.Difference(AerialPair.Blur, -40, stacked: true), tile: 2048);
        Should.Throw<ImageryException>(() => ChangeModel.Load(folder, Options)).Message.ShouldContain("more than the budget of 64 MiB");
        Should.Throw<ImageryException>(() => ChangeModel.Load(folder, Options with { TileBudgetBytes = 1L << 30, MostModelBytes = 100 })).Message.ShouldContain("that a network may have");
    }

    private static int Largest(byte[] a, byte[] b) => a.Zip(b).Max(p => Math.Abs(p.First - p.Second));

    private static byte[] Scores(AerialPair pair, string model, NetworkOptions? options = null)
    {
        using var scores = new NetworkScores(ChangeModel.Load(model, options ?? Options));
        var file = Path.Combine(pair.Folder, $"{Guid.NewGuid():N}.tif");
        using var layer = new RasterLayer(file, pair.Width, pair.Height, PixelType.UInt8);
        RowMath.Decoding[] display = [.. Enumerable.Repeat(new RowMath.Decoding(1 / 255f, 0, float.NaN, 1, 0), 3)];
        var learnt = new PairModel(
            [.. Enumerable.Repeat(PixelShift.None, 3)], false, [.. Enumerable.Repeat(InvariantLine.None, 3)], [.. Enumerable.Repeat(new DifferenceNoise(1, 0), 3)], 0, 0, 32, null)
        {
            DecodingBefore = display,
            DecodingAfter = display,
        };
        scores.Fill(new PairAtHand(pair.Request, BandPairing.Of(pair.Before, pair.After), learnt), layer, null, Token);
        var pixels = new byte[pair.Width * pair.Height];
        layer.Read<byte>(new PixelWindow(0, 0, pair.Width, pair.Height), pixels);
        return pixels;
    }
}
