using Monitoring.Domain.Imagery;
using Monitoring.Storage.Sqlite;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests;

public sealed class SceneFactsTests
{
    [Fact]
    public void Scene_WithAllItsFacts_IsReadBackAsItWas()
    {
        var table = new QualityTable([new(9, QualityMeaning.Cloud)], [new(3, QualityMeaning.Shadow)], QualityMeaning.Clear);
        var scene = An.Scene("s-1") with
        {
            SunAzimuth = 142.25, Sensor = "sentinel-2-msi-l2a", CloudMask = CloudMaskSource.Product, ValidShare = 0.75, ObservableShare = 0.5,
            Bands = [new SceneBand("SCL", "quality", null, 0, 1, 20, null, 1, 0) { WidthMicrometers = 0.066, IsReflectance = false, Quality = table }],
        };
        var back = RegisterJson.Read<Scene>(RegisterJson.Write(scene));
        (back.SunAzimuth, back.Sensor, back.CloudMask, back.ValidShare, back.ObservableShare).ShouldBe((142.25, "sentinel-2-msi-l2a", CloudMaskSource.Product, 0.75, 0.5));
        var band = back.Bands.ShouldHaveSingleItem();
        (band.WidthMicrometers, band.IsReflectance).ShouldBe((0.066, false));
        band.Quality!.ShouldSatisfyAllConditions(q => q.Of(9).ShouldBe(QualityMeaning.Cloud), q => q.Of(8).ShouldBe(QualityMeaning.Shadow), q => q.Of(4).ShouldBe(QualityMeaning.Clear));
    }
}
