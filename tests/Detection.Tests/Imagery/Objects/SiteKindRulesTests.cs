using Monitoring.Detection.Imagery.Objects;

namespace Monitoring.Detection.Tests.Imagery.Objects;

public sealed class SiteKindRulesTests
{
    // Blue, green, red, nir, swir16, swir22 as reflectance.
    private static readonly float[] Field = [0.05f, 0.08f, 0.07f, 0.30f, 0.20f, 0.12f];
    private static readonly float[] Soil = [0.08f, 0.12f, 0.17f, 0.24f, 0.32f, 0.28f];
    private static readonly float[] Concrete = [0.20f, 0.21f, 0.22f, 0.24f, 0.25f, 0.23f];
    private static readonly float[] Water = [0.06f, 0.06f, 0.04f, 0.03f, 0.01f, 0.01f];
    private static readonly float[] Film = [0.26f, 0.28f, 0.27f, 0.38f, 0.33f, 0.25f];
    private static readonly float[] Panels = [0.06f, 0.055f, 0.055f, 0.065f, 0.08f, 0.08f];

    public static TheoryData<string, float[], float[], int, int, SiteKind> Cases => new()
    {
        { "roof on a field", Field, Concrete, 12, 8, SiteKind.Building },
        { "road through fields", Field, Concrete, 120, 3, SiteKind.Road },
        { "stripped ground", Field, Soil, 30, 20, SiteKind.Earthworks },
        { "dug pond", Field, Water, 15, 12, SiteKind.Pond },
        { "filled water", Water, Soil, 40, 30, SiteKind.Reclamation },
        { "roof gone to grass", Concrete, Field, 12, 8, SiteKind.Demolition },
        { "film over crops", Field, Film, 20, 10, SiteKind.Greenhouse },
        { "panels on soil", Soil, Panels, 40, 30, SiteKind.Photovoltaic },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Of_ClearCase_NamesItButIsNeverCertain(string name, float[] before, float[] after, int width, int height, SiteKind expected)
    {
        var opinion = SiteKindRules.Of(Features(before, after, width, height), 10);
        opinion.Likely.ShouldBe(expected, name);
        opinion.Certainty.Values.ShouldAllBe(c => c >= 0 && c <= 1);
        opinion.Certainty[expected].ShouldBeLessThan(1, name);
    }

    [Fact]
    public void Of_RoadNarrowerThanTwoPixels_CannotBeTold()
    {
        var opinion = SiteKindRules.Of(Features(Field, Concrete, 120, 1), 10);
        opinion.Certainty[SiteKind.Road].ShouldBe(0);
        opinion.Untold.ShouldContain(SiteKind.Road);
        opinion.Likely.ShouldBeNull();
    }

    [Fact]
    public void Of_SmallObject_BuildingIsLessSureThanTheSameLarge() =>
        SiteKindRules.Of(Features(Field, Concrete, 3, 3), 10).Certainty[SiteKind.Building]
            .ShouldBeLessThan(SiteKindRules.Of(Features(Field, Concrete, 12, 8), 10).Certainty[SiteKind.Building] / 2);

    [Fact]
    public void Of_ColourPicture_TellsNothingThatNeedsInfrared()
    {
        var opinion = SiteKindRules.Of(Features(Field[..3], Concrete[..3], 12, 8), 10);
        opinion.Likely.ShouldBeNull();
        opinion.Untold.ShouldContain(SiteKind.Pond);
        opinion.Untold.ShouldContain(SiteKind.Building);
    }

    [Fact]
    public void Of_NothingFits_IsOther()
    {
        var opinion = SiteKindRules.Of(Features(Field, [.. Field.Select(r => r * 1.2f)], 12, 8), 10);
        opinion.Likely.ShouldBe(SiteKind.Other);
        opinion.Certainty[SiteKind.Other].ShouldBeGreaterThan(0.7);
    }

    private static float[] Features(float[] before, float[] after, int width, int height) => MadeObject.Features(before, after, width, height, before);
}
