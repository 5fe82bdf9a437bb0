using CsCheck;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Judgement;

public class SiteRegistryTests
{
    private static readonly SiteRules Rules = DetectionRules.Default.Judgement.Site;

    private static JudgedPatch Judged(ChangePatch patch, string site) => new("set", patch, site, null, Verdict.Conflict, [], 1, patch.NotAfter);

    private static string[] Assign(params ChangePatch[] patches)
    {
        var registry = new SiteRegistry(Rules);
        return [.. patches.Select(p =>
        {
            var site = registry.Assign(p);
            registry.Put(Judged(p, site));
            return site;
        })];
    }

    [Theory]
    [InlineData("the same place again", 0, 0, 100, 100, true)]
    [InlineData("moved by half a pixel", 5, 5, 100, 100, true)]
    [InlineData("grown on one side", 0, 0, 180, 100, true)]
    [InlineData("a building on a part of the earthworks", 30, 30, 40, 40, true)]
    [InlineData("a hut in the corner of a large field", 0, 0, 15, 15, false)]
    [InlineData("the next phase, touching", 100, 0, 100, 100, true)]
    [InlineData("a neighbour across a lane", 125, 0, 100, 100, false)]
    [InlineData("elsewhere", 900, 900, 100, 100, false)]
    public void Assign_SecondPatch_IsTheSameSiteOrNot(string name, double x, double y, double width, double height, bool same)
    {
        var sites = Assign(Patch(Box(0, 0, 100, 100), kind: ChangeKind.BareSoil), Patch(Box(x, y, width, height), notAfter: "2025-03-21"));

        (sites[0] == sites[1]).ShouldBe(same, name);
    }

    [Fact]
    public void Assign_TwoBuildingsOnOneEarthworks_AreOneSite()
    {
        var sites = Assign(
            Patch(Box(0, 0, 200, 100), kind: ChangeKind.BareSoil), Patch(Box(10, 10, 70, 70), notAfter: "2025-04-01"), Patch(Box(120, 10, 70, 70), notAfter: "2025-04-01"));

        sites.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public void Assign_PatchOverTwoSites_JoinsTheOneWithMoreInCommon()
    {
        var sites = Assign(Patch(Box(0, 0, 100, 100)), Patch(Box(150, 0, 140, 100)), Patch(Box(20, 0, 270, 100), notAfter: "2025-05-01"));

        sites[0].ShouldNotBe(sites[1]);
        sites[2].ShouldBe(sites[1]);
    }

    [Fact]
    public void Assign_VegetationLossUnderABuilding_IsAnotherSite()
    {
        var sites = Assign(Patch(Box(0, 0, 100, 100), kind: ChangeKind.VegetationLoss), Patch(Box(0, 0, 100, 100), notAfter: "2025-04-01"));

        sites[0].ShouldNotBe(sites[1]);
    }

    [Fact]
    public void Rebuild_FromWhatIsStored_GoesOnAssigningAsBefore()
    {
        var place = from x in Gen.Double[0, 600] from y in Gen.Double[0, 600] from w in Gen.Double[20, 160] from h in Gen.Double[20, 160] select Box(x, y, w, h);
        Gen.Select(place.Array[2, 25], Gen.Int[0, 24]).Sample(
            (outlines, cut) =>
            {
                var patches = outlines.Select((o, i) => Patch(o, id: $"p{i:00}", notAfter: $"2025-04-{1 + (i / 3):00}")).ToArray();
                var whole = new SiteRegistry(Rules);
                List<JudgedPatch> stored = [];
                var restarted = new SiteRegistry(Rules);
                for (var i = 0; i < patches.Length; i++)
                {
                    if (i == cut)
                    {
                        restarted = SiteRegistry.Rebuild(Rules, stored.AsEnumerable().Reverse());
                    }

                    var judged = Judged(patches[i], whole.Assign(patches[i]));
                    if (restarted.Assign(patches[i]) != judged.SiteId)
                    {
                        return false;
                    }

                    whole.Put(judged);
                    restarted.Put(judged);
                    stored.Add(judged);
                }

                return true;
            },
            iter: 60,
            seed: "0000KQfXQZn2");
    }
}
