using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Alerts;
using Monitoring.FirmwareSim.World;

namespace Monitoring.Acceptance;

/// <summary>
/// Two years over the demonstration county: every planted building without approval that could be seen is warned of, none twice, and
/// few warnings are false.
/// </summary>
public sealed class CountyTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(7)]
    public async Task County_TwoYearsOfPasses_EveryObservableUnapprovedBuildingIsWarnedOfOnce(long seed)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var run = await CountyRun.StartAsync(CountySize.County, seed, cancellationToken);
        await run.DeliverAsync(run.County.Schedule.Dates(), cancellationToken);
        var truth = Truth.Read(run.TruthFile);
        var warnings = await run.BuildingWarningsAsync(cancellationToken);

        var wanted = truth.Sites.Where(s => !s.Lawful && s.Observable).ToList();
        wanted.Count.ShouldBeGreaterThan(9, "the county is made to be worth watching");
        var hits = wanted.ToDictionary(s => s.Id, s => warnings.Where(w => w.Where!.Shape.Intersects(s.UnlawfulPart)).ToList());
        // A warning that touches any unlawful site, observable or not, is right.
        var unlawful = truth.Sites.Where(s => !s.Lawful).ToList();
        var falseWarnings = warnings.Where(w => !unlawful.Exists(s => w.Where!.Shape.Intersects(s.Footprint))).ToList();
        foreach (var site in wanted)
        {
            var first = hits[site.Id].Select(w => w.FiringSince).Min();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{site.Id} {site.Reason} {site.Pixels} px, earthworks {site.EarthworksFrom}, complete {site.CompletedOn}: {hits[site.Id].Count} warning(s), first on image of {first:yyyy-MM-dd}"));
        }

        foreach (var warning in falseWarnings)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"false: {warning.Subject.Id} {warning.Verdict} score {warning.Score:F2} {warning.Where!.AreaSquareMeters:F0} m2 at {warning.Where.Shape.Centroid} fired on image of {warning.FiringSince:yyyy-MM-dd}: {string.Join(", ", warning.Reasons.Select(r => r.Code))}"));
        }

        output.WriteLine($"{wanted.Count} wanted, {wanted.Count(s => hits[s.Id].Count > 0)} warned of, {falseWarnings.Count} false of {warnings.Count}");
        wanted.Where(s => hits[s.Id].Count == 0).Select(s => s.Id).ShouldBeEmpty("every observable one is warned of");
        wanted.Where(s => hits[s.Id].Count > 1).Select(s => s.Id).ShouldBeEmpty("none twice");
        falseWarnings.Count.ShouldBeLessThanOrEqualTo(wanted.Count / 5, "at most one false for five planted");

        // No path leads to an outcome but a person's verification.
        (await run.Services.GetRequiredService<IAlertStore>().CasesAsync(new(), cancellationToken)).ShouldAllBe(c => c.Verification == null);
    }
}
