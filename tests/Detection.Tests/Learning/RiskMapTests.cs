using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Monitoring.Detection.Learning;
using Monitoring.TestKit.World;

namespace Monitoring.Detection.Tests.Learning;

public sealed class RiskMapTests
{
    /// <summary>Never edited to pass: another output is another version of the world.</summary>
    [Theory]
    [InlineData(false, "93f93ff0c66b3c2f5a861a5b5da8ce590ab829aecf115296bad5631dd57c7abe")]
    [InlineData(true, "77dd3ce18e6b4f0d251e1a14ae831d73121c631120fcf6194fbaf1cb530ff8bb")]
    public void World_OfAVersion_NeverChangesItsOutput(bool shifted, string digest)
    {
        ParcelWorld.Version.ShouldBe(1);
        var text = new StringBuilder();
        foreach (var m in new ParcelWorld(200, 24, shifted).Rows(1))
        {
            text.Append(CultureInfo.InvariantCulture, $"{m.Parcel},{m.Month},{m.Farmland},{Math.Round(m.RoadMeters)},{string.Join('/', m.Signs)},{m.Starts1},{m.Starts3},{Math.Round(m.Posterior1 * 1000)},{Math.Round(m.Posterior3 * 1000)}\n");
        }

        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))).ShouldBe(digest);
    }

    [Fact]
    public void Row_SignsKnownLater_ChangeNothing()
    {
        var parcels = new ParcelWorld(300, 24).Rows(3).GroupBy(m => m.Parcel).Where(g => g.Count() > 12).ToArray();
        var differs = 0;
        foreach (var parcel in parcels)
        {
            ParcelMonth[] all = [.. parcel];
            var asOf = ParcelRows.EndOf(all[6].Month);
            RiskMap.Row(ParcelRows.Facts(all), asOf).ShouldBe(RiskMap.Row(ParcelRows.Facts(all[..7]), asOf));
            differs += RiskMap.Row(ParcelRows.Facts(all), ParcelRows.EndOf(all[9].Month)).SequenceEqual(RiskMap.Row(ParcelRows.Facts(all), asOf)) ? 0 : 1;
        }

        differs.ShouldBeGreaterThan(parcels.Length / 2);
    }

    [Fact]
    public void Row_ALateReport_CountsOnlyOnceKnown()
    {
        var at = ParcelRows.EndOf(3);
        var facts = new ParcelFacts("p", [new(at.AddDays(-100), true, true, 100)], [new(EarlySign.Earthworks, at.AddDays(-5), at.AddDays(1), 1)]);
        var place = RiskMap.Schema.PlaceOf("earthworks_30d");
        RiskMap.Row(facts, at)[place].ShouldBe(0);
        RiskMap.Row(facts, at.AddDays(1))[place].ShouldBe(1);
        RiskMap.Row(facts, at)[RiskMap.Schema.PlaceOf("earthworks_days_since")].ShouldBe(FeatureSchema.Missing);
    }

    /// <summary>Exact for the next month; for three months up to what the neighbourhood brings meanwhile.</summary>
    [Fact]
    public void World_Posterior_IsTheShareThatBegins()
    {
        var rows = new ParcelWorld(6000, 24).Rows(5).Where(r => r.Starts3 is not null).ToArray();
        foreach (var level in rows.GroupBy(r => (int)(r.Posterior1 * 20)).Where(g => g.Count() > 300))
        {
            var expected = level.Average(r => r.Posterior1);
            level.Average(r => r.Starts1!.Value ? 1.0 : 0).ShouldBe(expected, 4 * Math.Sqrt(expected * (1 - expected) / level.Count()));
        }

        rows.Average(r => r.Starts3!.Value ? 1.0 : 0).ShouldBe(rows.Average(r => r.Posterior3), 0.004);
    }

    [Fact]
    public void Train_WithTooFewBeginnings_GivesNoModel()
    {
        var table = new TrainingTable(RiskMap.Schema);
        table.Add(new float[RiskMap.Schema.Count], true);
        RiskMap.Train(table, table, new BoostingOptions(), TestContext.Current.CancellationToken).ShouldBeNull();
    }
}
