using Monitoring.Detection.Imagery.Reading;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests;

/// <summary>
/// What detection knows of a quality band by its name alone (scenes catalogued before bands had tables) against what the intake's sensor descriptions say:
/// two rooms that may not share code, one meaning.
/// </summary>
public sealed class QualityTableTests
{
    [Theory]
    [InlineData("SCL")]
    [InlineData("QA_PIXEL")]
    [InlineData("quality")]
    public void Codes_ByNameAndByTheIntakesTable_AreTheSameForAllValues(string name)
    {
        using var folder = new TempDirectory();
        var path = folder.File($"a_{name}_20260430.tif");
        using (var data = RasterDataset.Create(path, "GTiff", 8, 8, 2, PixelType.UInt16))
        {
            data.Transform = GeoTransform.NorthUp(500_000, 3_400_000, 10, 10);
            using var crs = SpatialReference.FromEpsg(32650);
            data.SetSpatialReference(crs);
            data.SetDescription(1, "B04");
            data.SetDescription(2, name);
        }

        var reading = new SceneReader(new SceneOptions(), TimeProvider.System).Read(path);
        reading.Problem.ShouldBeNull();
        var band = reading.Scene!.Bands[1];
        var byTable = QualityCodes.For(band with { Quality = band.Quality.ShouldNotBeNull() }).ShouldNotBeNull();
        var byName = QualityCodes.For(band with { Quality = null }).ShouldNotBeNull();

        Enumerable.Range(0, 65_536).Where(stored => byTable.Of(stored) != byName.Of(stored)).ShouldBeEmpty();
        Enumerable.Range(0, 65_536).Select(byTable.Of).Distinct().Count().ShouldBe(4);
    }
}
