using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Judgement;

/// <summary>More area than approved counts for the site as it stood on the day of each patch, not for each patch alone.</summary>
public class SiteAreaTests
{
    private static readonly MapLayer[] All = [MapLayer.Permit, MapLayer.ControlLine];
    private static readonly Domain.Geometry.Outline Around = Box(-50, -50, 400, 400);

    [Fact]
    public void Arrive_GrowsInPartsEachBelowThePermit_IsSeenOnceTogetherTheyExceed()
    {
        // Three halls of 60 by 60 m, seen a month apart: at half a pixel of edge 2 400 m² of each are sure, of all three together 8 400 m².
        var parts = Enumerable.Range(0, 3).Select(i => Part(i, Box(60 * i, 0, 60, 60))).ToArray();
        var judged = Arrive(parts, Stating(5000));

        judged.Select(j => j.Verdict).ShouldBe([Verdict.Compliant, Verdict.Compliant, Verdict.Conflict]);
        var told = judged[2].Reasons[0];
        told.Code.ShouldBe("more-area-of-site");
        (told.Facts["which"], told.Facts["area_m2"], told.Facts["patch_area_m2"], told.Facts["patches"], told.Facts["approved_m2"], told.Facts["permit_no"]).ShouldBe(
            ("approved_area", "8400", "2400", "3", "5000", "A"));
        judged.Take(2).ShouldAllBe(j => j.Reasons.All(r => r.Code != "more-area-of-site"), "what came later makes no earlier part larger");
    }

    [Fact]
    public void Arrive_SameHallSeenAgainAndAgain_IsNoLargerThanItsEdgesAllow()
    {
        // Half a pixel to and fro, eight times.
        var seen = Enumerable.Range(0, 8).Select(i => Part(i, Box(i % 3 * 2.5, i % 2 * 2.5, 100, 100))).ToArray();

        Arrive(seen, Stating(8700)).ShouldAllBe(j => j.Verdict == Verdict.Compliant);
    }

    [Fact]
    public void Arrive_PartTakenDownBefore_CountsNoMore()
    {
        var parts = new[] { Part(0, Box(0, 0, 60, 60)), Part(1, Box(60, 0, 60, 60)), Part(2, Box(0, 0, 60, 60)) with { Kind = ChangeKind.Demolition }, Part(3, Box(120, 0, 60, 60)) };

        var judged = Arrive(parts, Stating(6000));

        judged.ShouldAllBe(j => j.Reasons.All(r => r.Code != "more-area-of-site"));
    }

    [Fact]
    public void Arrive_PartsBuiltUnderPapersOfTheirOwn_AreSetAgainstTheSumOfThem()
    {
        var parts = new[] { Part(0, Box(0, 0, 60, 60)), Part(5, Box(60, 0, 60, 60)) };
        Permit[] papers =
        [
            Stating(2600, "A", "2025-01-01", "2025-05-01", Box(-50, -50, 110, 400)),
            Stating(2600, "B", "2025-06-01", "2026-06-01", Box(60, -50, 300, 400)),
        ];

        Arrive(parts, papers).ShouldAllBe(j => j.Reasons.All(r => r.Code != "more-area-of-site"));
        Arrive(parts, [papers[0], papers[1] with { SourceFields = Area(2000) }])[^1].Reasons.ShouldContain(r => r.Code == "more-area-of-site" && r.Facts["approved_m2"] == "4600");
    }

    [Fact]
    public void Again_PermitAmendedLater_JudgesTheSiteAnew()
    {
        var parts = Enumerable.Range(0, 3).Select(i => Part(i, Box(60 * i, 0, 60, 60))).ToArray();
        var judge = new SiteJudge(DetectionRules.Default, Geodesic, new FakeTimeProvider(Noon("2026-01-01")));
        var before = Judged(judge, parts, [Stating(5000)]);
        var after = judge.Again("S", before, PlanIndex.Of([Stating(9000)], All, 2));

        after.Patches.ShouldContain(p => p.Patch.Id == "part-2" && p.Verdict == Verdict.Compliant);
    }

    [Fact]
    public void Arrive_InAnyOrder_SaysTheSameInTheEnd() =>
        Gen.Select(Gen.Shuffle((int[])[0, 1, 2, 3]), Gen.Int[20, 90].Array[4], Gen.Int[-30, 30].Array[4], Gen.Int[1000, 12_000]).Sample(
            (order, sides, moves, stated) =>
            {
                var parts = Enumerable.Range(0, 4).Select(i => Part(i, Box((40 * i) + moves[i], moves[3 - i], sides[i], sides[3 - i]))).ToArray();
                Said(Arrive([.. order.Select(i => parts[i])], Stating(stated))).ShouldBe(Said(Arrive(parts, Stating(stated))));
            },
            iter: 60);

    [Fact]
    public void Arrive_UnderAPermitThatStatesMore_IsNeverJudgedWorse() =>
        Gen.Select(Gen.Int[20, 90].Array[4], Gen.Int[-30, 30].Array[4], Gen.Int[1000, 12_000], Gen.Int[0, 6000]).Sample(
            (sides, moves, stated, more) =>
            {
                var parts = Enumerable.Range(0, 3).Select(i => Part(i, Box((40 * i) + moves[i], moves[3 - i], sides[i], sides[3 - i]))).ToArray();
                var (less, larger) = (Arrive(parts, Stating(stated)), Arrive(parts, Stating(stated + more)));
                foreach (var (one, other) in less.Zip(larger))
                {
                    ((int)other.Verdict).ShouldBeLessThanOrEqualTo((int)one.Verdict);
                }
            },
            iter: 60);

    [Fact]
    public void Arrive_SeenInOnePieceOrInParts_ExceedsAlike() =>
        Gen.Select(Gen.Int[2, 5], Gen.Int[3, 9], Gen.Int[4, 9], Gen.Int[1000, 9000]).Sample(
            (count, width, height, stated) =>
            {
                // On a grid of pixels, so that the parts are the whole; a month and a half each.
                var parts = Enumerable.Range(0, count).Select(i => Part(i, Box(10 * width * i, 0, 10 * width, 10 * height))).ToArray();
                var whole = new PatchJudge(DetectionRules.Default.Judgement, Geodesic).Judge(Part(count - 1, Box(0, 0, 10 * width * count, 10 * height)), PlanIndex.Of([Stating(stated)], All));
                var last = Arrive(parts, Stating(stated))[^1];
                var (one, other) = (whole.Reasons.FirstOrDefault(r => r.Code.StartsWith("more-area", StringComparison.Ordinal)), last.Reasons.FirstOrDefault(r => r.Code.StartsWith("more-area", StringComparison.Ordinal)));
                (other?.Facts["area_m2"], last.Verdict).ShouldBe((one?.Facts["area_m2"], whole.Verdict));
            },
            iter: 60);

    private static List<JudgedPatch> Arrive(ChangePatch[] parts, params Permit[] permits) => Judged(new SiteJudge(DetectionRules.Default, Geodesic, new FakeTimeProvider(Noon("2026-01-01"))), parts, permits);

    /// <summary>What was said of each, as it stands after the last arrived.</summary>
    private static List<JudgedPatch> Judged(SiteJudge judge, ChangePatch[] parts, Permit[] permits)
    {
        var index = PlanIndex.Of(permits, All, 1);
        Dictionary<string, JudgedPatch> known = new(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            foreach (var judged in judge.Arrive("S", "set-" + part.Id, part, [.. known.Values.OrderBy(k => k.Patch.NotAfter)], index).Patches)
            {
                known[judged.Patch.Id] = judged;
            }
        }

        return [.. known.Values.OrderBy(k => k.Patch.NotAfter).ThenBy(k => k.Patch.Id, StringComparer.Ordinal)];
    }

    private static string Said(List<JudgedPatch> judged) =>
        string.Join("\n", judged.Select(j => $"{j.Patch.Id} {j.Verdict} {string.Join(" ", j.Reasons.Select(r => r.Code + string.Concat(r.Facts.Select(f => $"|{f.Key}={f.Value}"))))}"));

    private static ChangePatch Part(int month, Domain.Geometry.Outline outline)
    {
        var last = new DateOnly(2025, 3, 11).AddMonths(month);
        return Patch(outline, last.AddDays(-10).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), last.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), id: $"part-{month}");
    }

    private static Permit Stating(int squareMeters, string id = "A", string from = "2024-06-01", string to = "2027-06-01", Domain.Geometry.Outline? outline = null) =>
        Permit(id, outline ?? Around, from, to) with { SourceFields = Area(squareMeters) };

    private static Dictionary<string, string> Area(int squareMeters) => new() { ["approved_area_m2"] = squareMeters.ToString(System.Globalization.CultureInfo.InvariantCulture) };
}
