using Monitoring.Detection.Imagery.Ccdc.Watch;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>The monthly watch on real NDVI of farmland and forest: tuned on the left half of the place, held to its bars on the right half.</summary>
public sealed class WatchQualityTests(ITestOutputHelper output)
{
    private const int Columns = 100;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Watch_RealSeries_FewFalseBreaksAndPlantedOnesWithinTwoLooks(bool right)
    {
        var trial = new WatchTrial(NdviStack.Read(), Columns, new WatchOptions());
        var (breaks, lasting, years) = trial.Stable(right);
        output.WriteLine($"{(right ? "right" : "left")} half: {breaks} breaks in {years:F0} pixel years, {breaks / years:P2} a year; {lasting} of them last, without them {(breaks - lasting) / years:P2}");
        output.WriteLine($"left out of {trial.Screened.Looks}: {string.Join(' ', trial.Screened.LeftOut.Select(d => d.ToString("O", System.Globalization.CultureInfo.InvariantCulture)))}");
        // Within two looks that show ground; the same with neither in December to March; told at all.
        (string Name, Func<short, double> Becomes, double Least, double Grown, double Ever)[] kinds =
        [
            ("roof, NDVI 0.12", _ => 1200, 0.945, 0.98, 0.8),
            ("water, NDVI -0.1", _ => -1000, 0.98, 0.98, 0.8),
            ("bare soil, NDVI 0.2", _ => 2000, 0.85, 0.95, 0.8),
            ("half a pixel of roof", old => (0.5 * old) + 600, 0, 0, 0.5),
        ];
        foreach (var (name, becomes, least, grown, ever) in kinds)
        {
            var planted = trial.Plant(right, seed: 3, becomes);
            output.WriteLine($"{name}: {planted}");
            planted.Share.ShouldBeGreaterThan(least, name);
            ((double)planted.FoundGrown / planted.Grown).ShouldBeGreaterThanOrEqualTo(grown, name);
            ((double)planted.Ever / planted.All).ShouldBeGreaterThan(ever, name);
        }

        (breaks / years).ShouldBeLessThan(0.01);
        years.ShouldBeGreaterThan(5_000);
    }
}
