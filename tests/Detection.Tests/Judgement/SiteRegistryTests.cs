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

    /// <summary>A hut stood first; then the field around it was dug up; then the hut was made larger, so that it shares more ground with the field than with its old self.</summary>
    [Fact]
    public void Assign_HouseThatGrowsInsideEarthworks_StaysItself()
    {
        var sites = Assign(
            Patch(Box(40, 40, 15, 15)),
            Patch(Box(0, 0, 100, 100), kind: ChangeKind.BareSoil, notAfter: "2025-04-01"),
            Patch(Box(40, 40, 25, 25), notAfter: "2025-05-01"));

        sites[1].ShouldNotBe(sites[0]);
        sites[2].ShouldBe(sites[0]);
    }

    /// <summary>What a network or colour pictures found has no told kind; the series tells it a month later.</summary>
    [Fact]
    public void Assign_KindNotTold_JoinsWhatStandsThereWhicheverComesFirst()
    {
        var first = Assign(Patch(Box(0, 0, 50, 50), kind: ChangeKind.Other), Patch(Box(2, 0, 50, 50), notAfter: "2025-04-01"));
        var second = Assign(Patch(Box(0, 0, 50, 50)), Patch(Box(2, 0, 50, 50), kind: ChangeKind.Other, notAfter: "2025-04-01"));

        first.Distinct().Count().ShouldBe(1);
        second.Distinct().Count().ShouldBe(1);
    }

    /// <summary>It may join one family, but is no bridge from one to another.</summary>
    [Fact]
    public void Assign_KindNotTold_DoesNotTieVegetationToBuilding()
    {
        var sites = Assign(
            Patch(Box(0, 0, 50, 50), kind: ChangeKind.Other), Patch(Box(0, 0, 50, 50), kind: ChangeKind.VegetationLoss, notAfter: "2025-04-01"), Patch(Box(0, 0, 50, 50), notAfter: "2025-05-01"));

        sites[1].ShouldBe(sites[0]);
        sites[2].ShouldNotBe(sites[0]);
    }

    [Fact]
    public void Assign_TwoSensors_NearIsTheCoarsersPixelWhicheverComesFirst()
    {
        var coarse = Patch(Box(0, 0, 100, 100));
        var fine = Patch(Box(105, 0, 80, 80), notAfter: "2025-04-01") with { GsdMeters = 0.5 };

        Assign(coarse, fine).Distinct().Count().ShouldBe(1);
        Assign(fine, coarse).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public void Assign_TwoBuildingsGrowTogether_KeepOneIdFromThenOn()
    {
        var sites = Assign(
            Patch(Box(0, 0, 60, 60)), Patch(Box(90, 0, 80, 60)),
            Patch(Box(0, 0, 170, 60), notAfter: "2025-05-01"), Patch(Box(0, 0, 172, 62), notAfter: "2025-06-01"), Patch(Box(-1, 0, 170, 60), notAfter: "2025-07-01"));

        sites[1].ShouldNotBe(sites[0]);
        sites[2..].Distinct().ShouldBe([sites[1]]);
    }

    /// <summary>
    /// A street of houses three pixels apart, looked at for a year: outlines move by up to a pixel and a half, grow with the house, and are cut
    /// by clouds to no less than half. Each house keeps its id, and no two houses ever share one.
    /// </summary>
    [Fact]
    public void Assign_StreetOfHousesOverAYear_EachKeepsItsId()
    {
        const double pixel = 10, house = 60, gap = 45;
        var look =
            from dx in Gen.Double[-0.75, 0.75]
            from dy in Gen.Double[-0.75, 0.75]
            from left in Gen.Double[0, 0.5]
            from seen in Gen.Double[0.5, 1]
            select (dx, dy, left, seen);
        look.Array[6 * 12].Sample(
            looks =>
            {
                var registry = new SiteRegistry(Rules);
                var ids = new string?[6];
                for (var month = 0; month < 12; month++)
                {
                    for (var h = 0; h < 6; h++)
                    {
                        var (dx, dy, left, seen) = looks[(6 * month) + h];
                        var width = house + month;
                        var from = Math.Min(left, 1 - seen) * width;
                        var outline = Box((h * (house + 12 + gap)) + (dx * pixel) + from, dy * pixel, seen * width, house);
                        var patch = Patch(outline, id: $"{month:00}-{h}", notAfter: $"2025-{month + 1:00}-15", kind: month < 2 ? ChangeKind.BareSoil : ChangeKind.BuiltUp);
                        var site = registry.Assign(patch);
                        registry.Put(Judged(patch, site));
                        ids[h] ??= site;
                        if (ids[h] != site)
                        {
                            return false;
                        }
                    }
                }

                return ids.Distinct().Count() == 6;
            },
            iter: 200,
            seed: "0000KQfXQZn2");
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
