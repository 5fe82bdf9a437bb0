using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Tests.Imagery.Reading;

public sealed class QualityCodesTests
{
    private static SceneBand Band(string name) => new(name, "quality", null, 0, 1, 10, null, 1, 0);

    [Fact]
    public void Table_OfTheBand_GoesBeforeItsName()
    {
        var table = new QualityTable([new(4, QualityMeaning.Cloud)], [new(5, QualityMeaning.Shadow), new(0, QualityMeaning.NoData)], QualityMeaning.Clear);
        var codes = QualityCodes.For(Band("SCL") with { Quality = table }).ShouldNotBeNull();
        codes.Of(4).ShouldBe(PixelQuality.Cloud);
        codes.Of(0b100001).ShouldBe(PixelQuality.Shadow);
        codes.Of(1).ShouldBe(PixelQuality.NoData);
        codes.Of(2).ShouldBe(PixelQuality.Clear);
        codes.Of(-1).ShouldBe(PixelQuality.Clear);
        codes.Of(70_000).ShouldBe(PixelQuality.Clear);
    }

    /// <summary>Scenes that were catalogued before bands had tables are read as before.</summary>
    [Theory]
    [InlineData("SCL", 0, PixelQuality.NoData)]
    [InlineData("SCL", 3, PixelQuality.Shadow)]
    [InlineData("SCL", 9, PixelQuality.Cloud)]
    [InlineData("SCL", 4, PixelQuality.Clear)]
    [InlineData("QA_PIXEL", 1, PixelQuality.NoData)]
    [InlineData("QA_PIXEL", 0b1010, PixelQuality.Cloud)]
    [InlineData("QA_PIXEL", 0b10000, PixelQuality.Shadow)]
    [InlineData("QA_PIXEL", 21_824, PixelQuality.Clear)]
    [InlineData("clouds", 0, PixelQuality.NoData)]
    [InlineData("clouds", 1, PixelQuality.Clear)]
    public void Name_WithoutTable_TellsTheCodes(string name, int stored, PixelQuality expected) => QualityCodes.For(Band(name)).ShouldNotBeNull().Of(stored).ShouldBe(expected);

    [Fact]
    public void DigitalNumbers_AreNeverReflectance()
    {
        StoredReflectance.IsNever(Band("B1")).ShouldBeFalse();
        StoredReflectance.IsNever(Band("B1") with { IsReflectance = true }).ShouldBeFalse();
        StoredReflectance.IsNever(Band("B1") with { IsReflectance = false }).ShouldBeTrue();
    }
}
