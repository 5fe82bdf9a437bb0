using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Output;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Tests.Imagery;

public sealed class KindRulesTests
{
    // Blue, green, red, nir, swir16, swir22.
    private static readonly float[] Field = [0.05f, 0.08f, 0.07f, 0.30f, 0.20f, 0.12f];
    private static readonly float[] Soil = [0.09f, 0.11f, 0.15f, 0.20f, 0.28f, 0.24f];
    private static readonly float[] Roof = [0.25f, 0.25f, 0.26f, 0.28f, 0.28f, 0.24f];
    private static readonly float[] Water = [0.06f, 0.06f, 0.04f, 0.02f, 0.01f, 0.01f];

    public static TheoryData<string, int, string?> Bands => new()
    {
        // Six bands: as ever.
        { "field>roof", 6, "BuiltUp" }, { "field>soil", 6, "BareSoil" }, { "field>water", 6, "Water" }, { "soil>field", 6, "VegetationGain" }, { "roof>field", 6, "Demolition" },

        // Without short-wave infrared water and soil need what is not there; a roof of no soil's colour is one all the same, and so is a lost field no water.
        { "field>roof", 4, null }, { "field>soil", 4, null }, { "field>water", 4, null }, { "soil>field", 4, null }, { "field>grey", 4, "BuiltUp" }, { "field>half", 4, "VegetationLoss" },

        // Without near infrared nothing is known of plants.
        { "field>roof", 3, null }, { "field>soil", 3, null }, { "field>water", 3, null }, { "roof>field", 3, null },
    };

    [Theory]
    [MemberData(nameof(Bands))]
    public void Kind_ScenesOfSomeBands_IsToldOnlyWhereTheBandsTellIt(string change, int bands, string? kind)
    {
        var (before, after) = (SpectrumOf(change.Split('>')[0]), SpectrumOf(change.Split('>')[1]));
        var facts = new PatchFacts(Cut(before, bands), Cut(after, bands), 3);

        KindRules.Of(facts, calibrated: true)?.ToString().ShouldBe(kind);
        double.IsNaN(facts.NdviAfter).ShouldBe(bands < 4);
        double.IsNaN(facts.MndwiBefore).ShouldBe(bands < 6);
        double.IsNaN(facts.BsiAfter).ShouldBe(bands < 6);
        facts.RedBlueAfter.ShouldBe((after[2] - after[0]) / (double)(after[2] + after[0]), 1e-6);
    }

    [Fact]
    public void Kind_DigitalNumbersInThreeColours_CannotBeTold()
    {
        KindRules.Of(new PatchFacts(Cut(Field, 3), Cut(Roof, 3), 3), calibrated: false).ShouldBeNull();
        KindRules.Of(new PatchFacts(Field, Roof, 3), calibrated: false).ShouldBe(ChangeKind.BuiltUp);
    }

    [Fact]
    public async Task Detect_PairOfThreeColours_TellsNoIndexThatItCannotKnow()
    {
        using var pair = new SyntheticPair();
        var (before, after) = (Colours(pair.Write("before", 1, false)), Colours(pair.Write("after", 2, true)));

        using var result = await PairDetector.DetectAsync(new PairRequest(before, after, new()), TimeProvider.System, null, TestContext.Current.CancellationToken);

        var patch = result.Changes.Patches.ShouldHaveSingleItem();
        patch.Kind.ShouldBe(ChangeKind.Other);
        patch.Facts["cover_cannot_be_told"].ShouldBe(1);
        patch.Facts.Keys.ShouldNotContain(k => k.StartsWith("ndvi", StringComparison.Ordinal) || k.StartsWith("ndbi", StringComparison.Ordinal)
            || k.StartsWith("bsi", StringComparison.Ordinal) || k.StartsWith("mndwi", StringComparison.Ordinal));
        patch.Facts["brightness_after"].ShouldBeInRange(0.15, 0.3);
        patch.Facts.Values.ShouldAllBe(v => double.IsFinite(v));

        static Scene Colours(Scene scene) => scene with { Bands = [.. scene.Bands.Take(3)] };
    }

    private static float[] SpectrumOf(string name) => name switch
    {
        "field" => Field,
        "soil" => Soil,
        "roof" => Roof,
        "water" => Water,

        // Concrete with weeds; a meadow that was mown.
        "grey" => [0.14f, 0.15f, 0.15f, 0.19f, 0.20f, 0.19f],
        _ => [0.06f, 0.09f, 0.09f, 0.19f, 0.20f, 0.15f],
    };

    /// <summary>Scenes of four bands tell how plants changed, and say nothing of what needs short-wave infrared.</summary>
    [Theory]
    [InlineData(6, "bsi mndwi ndbi ndvi")]
    [InlineData(4, "ndvi")]
    [InlineData(3, "")]
    public void ReasonsOf_ScenesOfSomeBands_TellTheIndicesThatAreKnown(int bands, string told)
    {
        var facts = new PatchFacts(Cut(Field, bands), Cut(Roof, bands), 3);
        var known = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in new[] { ("ndvi", facts.NdviAfter - facts.NdviBefore), ("ndbi", facts.NdbiAfter - facts.NdbiBefore), ("bsi", facts.BsiAfter - facts.BsiBefore), ("mndwi", facts.MndwiAfter - facts.MndwiBefore) })
        {
            if (double.IsFinite(value))
            {
                known[name] = Math.Round(value, 3);
            }
        }

        var reason = DetectOutputs.ReasonsOf(Ground.Patch(Ground.Box(0, 0, 100, 100)) with { Facts = known }).FirstOrDefault(r => r.Code == "index-change");

        string.Join(' ', reason?.Facts.Keys ?? []).ShouldBe(told);
        if (reason is not null)
        {
            double.Parse(reason.Facts["ndvi"], System.Globalization.CultureInfo.InvariantCulture).ShouldBe(known["ndvi"], 1e-3);
        }
    }

    private static float[] Cut(float[] spectrum, int bands) => [.. spectrum.Select((v, i) => i < bands ? v : float.NaN)];
}
