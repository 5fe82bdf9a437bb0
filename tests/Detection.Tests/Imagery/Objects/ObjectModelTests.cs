using System.Globalization;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Tests.Imagery.Objects;

public sealed class ObjectModelTests
{
    private static readonly BandRole[] Six = [BandRole.Blue, BandRole.Green, BandRole.Red, BandRole.Nir, BandRole.Swir16, BandRole.Swir22];

    [Fact]
    public void Shipped_Card_SaysWhatTheFileSays()
    {
        var model = ObjectModel.Shipped;
        var card = File.ReadAllText(Path.Combine(Root(), "docs", "models", "urban-change-objects.md"));
        card.ShouldContain($"version {model.Version}");
        card.ShouldContain(model.TrainingTable);
        card.ShouldContain(model.Hash);
        foreach (var variant in model.Variants)
        {
            card.ShouldContain(variant.Name);
            card.ShouldContain(variant.Threshold.ToString("0.000", CultureInfo.InvariantCulture));
            foreach (var input in variant.Inputs)
            {
                card.ShouldContain($"`{input.Name}`");
            }
        }
    }

    [Fact]
    public void Parse_WhatToJsonWrote_IsTheSameModel()
    {
        var again = ObjectModel.Parse(ObjectModel.Shipped.ToJson());
        again.ShouldBe(ObjectModel.Shipped);
        var features = Features(Six, calibrated: true);
        again.Judge(features).ShouldBe(ObjectModel.Shipped.Judge(features));
    }

    [Fact]
    public void Judge_KnownCoefficients_IsTheLogisticOfTheClampedSum()
    {
        var model = ObjectModel.Shipped with
        {
            Variants = [new ModelVariant("test", [], [new ModelInput("area_log", 5, 2, 0.5), new ModelInput("coherence", 0, 0.1, -1)], 0.25, 0.5)],
        };
        var features = new float[ObjectFeatures.Names.Count];
        features[ObjectFeatures.PlaceOf("area_log")] = 7;
        features[ObjectFeatures.PlaceOf("coherence")] = 0.9f;

        // 0.25 + 0.5·1 − 1·3 (nine deviations count as three).
        model.Judge(features)!.Value.Probability.ShouldBe(1 / (1 + Math.Exp(2.25)), 1e-6);
        model.Judge(features)!.Value.Keep.ShouldBeFalse();
    }

    [Theory]
    [InlineData(6, true, true)]
    [InlineData(6, false, true)]
    [InlineData(4, true, false)]
    [InlineData(3, true, false)]
    [InlineData(0, false, false)]
    public void Speaks_Bands_OnlyWhereItWasShownToHelp(int bands, bool calibrated, bool speaks)
    {
        ObjectModel.Shipped.Speaks(Six.Take(bands), calibrated).ShouldBe(speaks);
        ObjectModel.Shipped.Judge(Features(Six.Take(bands), calibrated)).HasValue.ShouldBe(speaks);
    }

    [Fact]
    public void Parse_UnknownFeature_SaysSoInOneSentence()
    {
        var text = System.Text.Encoding.UTF8.GetString(ObjectModel.Shipped.ToJson()).Replace("\"area_log\"", "\"colour_of_joy\"", StringComparison.Ordinal);
        Should.Throw<InvalidDataException>(() => ObjectModel.Parse(System.Text.Encoding.UTF8.GetBytes(text))).Message.ShouldContain("train-objects");
    }

    [Fact]
    public void Parse_NotJson_SaysSoInOneSentence() =>
        Should.Throw<InvalidDataException>(() => ObjectModel.Parse("{]"u8)).Message.ShouldContain("cannot be read");

    [Fact]
    public void Features_Six_AllKnown() => Features(Six, calibrated: true).ShouldAllBe(f => float.IsFinite(f));

    [Fact]
    public void Features_DigitalNumbers_NoIndexIsMadeUp()
    {
        var features = Features(Six, calibrated: false);
        features[ObjectFeatures.PlaceOf("ndvi_after")].ShouldBe(float.NaN);
        features[ObjectFeatures.PlaceOf("swir_ratio_after")].ShouldBe(float.NaN);
        float.IsFinite(features[ObjectFeatures.PlaceOf("before_nir_relative")]).ShouldBeTrue();
    }

    private static float[] Features(IEnumerable<BandRole> roles, bool calibrated)
    {
        var bands = roles.Count();
        float[] before = [.. Enumerable.Repeat(0.1f, bands)], after = [.. Enumerable.Repeat(0.22f, bands)];
        return MadeObject.Features(before, after, 8, 5, after, calibrated);
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Monitoring.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
