using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Judgement;

/// <summary>
/// Every relation of one patch and one permit in time, space and status, with the expected verdict written here by hand: the patch is a
/// square of 100 m and may have happened on any day from 1 to 11 March 2025; the tolerance is 10 m.
/// </summary>
public class JudgementTableTests
{
    private static readonly PatchJudge Judge = new(DetectionRules.Default.Judgement, Geodesic);
    private static readonly MapLayer[] All = [MapLayer.Permit, MapLayer.ControlLine];
    private static readonly Domain.Geometry.Outline Here = Box(0, 0, 100, 100);

    /// <summary>The thirteen relations of two intervals, and open ends. Yes: in force on all days. Part: on some. No: on none.</summary>
    private static readonly (string Name, string? From, string? To, string InForce, string Why)[] Times =
    [
        ("before", "2024-01-01", "2025-02-20", "no", "approval-expired"),
        ("meets", "2024-01-01", "2025-03-01", "no", "approval-expired"),
        ("overlaps", "2024-01-01", "2025-03-05", "part", "approval-expired"),
        ("finished by", "2024-01-01", "2025-03-12", "yes", ""),
        ("contains", "2024-01-01", "2026-01-01", "yes", ""),
        ("starts", "2025-03-01", "2025-03-05", "part", "approval-expired"),
        ("equals", "2025-03-01", "2025-03-12", "yes", ""),
        ("started by", "2025-03-01", "2026-01-01", "yes", ""),
        ("during", "2025-03-03", "2025-03-07", "part", "approval-began-in-interval"),
        ("finishes", "2025-03-05", "2025-03-12", "part", "approval-began-in-interval"),
        ("overlapped by", "2025-03-05", "2026-01-01", "part", "approval-began-in-interval"),
        ("met by", "2025-03-12", "2026-01-01", "no", "approval-later"),
        ("after", "2025-03-20", "2026-01-01", "no", "approval-later"),
        ("since always, until further notice", null, null, "yes", ""),
        ("since always, over before", null, "2025-02-20", "no", "approval-expired"),
        ("since always, over within", null, "2025-03-11", "part", "approval-expired"),
        ("until further notice, from within", "2025-03-11", null, "part", "approval-began-in-interval"),
        ("until further notice, from after", "2025-03-12", null, "no", "approval-later"),
    ];

    /// <summary>Whole: covers the patch within the tolerance. Part: at least a tenth of it. Trace: less. None: nothing.</summary>
    private static readonly (string Name, Domain.Geometry.Outline Outline, string Covers)[] Places =
    [
        ("disjoint", Box(400, 0, 100, 100), "none"),
        ("near, beyond the tolerance", Box(112, 0, 100, 100), "none"),
        ("touches", Box(100, 0, 100, 100), "none"),
        ("overlaps by a trace", Box(95, 0, 100, 100), "trace"),
        ("overlaps by half", Box(50, 0, 100, 100), "part"),
        ("within, small", Box(40, 40, 20, 20), "trace"),
        ("within, large", Box(20, 20, 60, 60), "part"),
        ("within, by less than the tolerance", Box(8, 8, 84, 84), "whole"),
        ("equals", Box(0, 0, 100, 100), "whole"),
        ("covers", Box(-50, -50, 200, 200), "whole"),
    ];

    /// <summary>What a status makes of being in force on all, some or no days.</summary>
    private static readonly (PermitStatus Status, bool Counts)[] Statuses =
    [
        (PermitStatus.Granted, true), (PermitStatus.Expired, true), (PermitStatus.Applied, false), (PermitStatus.Suspended, false), (PermitStatus.Revoked, false),
    ];

    /// <summary>By in force (rows) and cover (columns).</summary>
    private static Verdict Expected(string inForce, string covers) => (inForce, covers) switch
    {
        ("yes", "whole") => Verdict.Compliant,
        ("part", "whole") => Verdict.Review,
        ("yes", "part") => Verdict.Conflict,
        ("part", "part") => Verdict.Conflict,
        ("yes", "trace") => Verdict.Conflict,
        ("part", "trace") => Verdict.Conflict,
        ("yes", "none") => Verdict.Conflict,
        ("part", "none") => Verdict.Conflict,
        ("no", "whole") => Verdict.Conflict,
        ("no", "part") => Verdict.Conflict,
        ("no", "trace") => Verdict.Conflict,
        ("no", "none") => Verdict.Conflict,
        _ => throw new ArgumentException(inForce + covers),
    };

    private static string FirstReason(string inForce, string covers, string why) => (inForce, covers) switch
    {
        (_, "none") or (_, "trace") => "no-approval",
        ("yes", "whole") => "approved",
        ("yes", "part") or ("part", "part") => "outside-approval",
        _ => why,
    };

    public static TheoryData<string> EveryTime => [.. Times.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(EveryTime))]
    public void Judge_EveryPlaceAndStatus_AtATime_AsTheTableSays(string time)
    {
        var (_, from, to, inForce, why) = Times.Single(t => t.Name == time);
        foreach (var place in Places)
        {
            foreach (var (status, counts) in Statuses)
            {
                // A permit that is called expired and names no day on which it did counts for nothing; what is over before is over whatever its status.
                var dated = counts && !(status is PermitStatus.Expired && to is null);
                var valid = dated ? inForce : "no";
                var reason = dated ? why : to is "2025-02-20" or "2025-03-01" ? "approval-expired" : "approval-not-granted";
                var judged = Judge.Judge(Patch(Here), PlanIndex.Of([Permit("A", place.Outline, from, to, status: status)], All));

                var name = $"{time}, {place.Name}, {status}: {string.Join(", ", judged.Reasons.Select(r => r.Code))}";
                judged.Verdict.ShouldBe(Expected(valid, place.Covers), name);
                judged.Reasons[0].Code.ShouldBe(FirstReason(valid, place.Covers, reason), name);
            }
        }
    }

    /// <summary>What the kinds of permits allow, written here by hand: building, moving ground.</summary>
    [Theory]
    [InlineData("construction_works", "yes", "yes")]
    [InlineData("rural_planning", "yes", "yes")]
    [InlineData("homestead", "yes", "yes")]
    [InlineData("facility_agriculture", "yes", "yes")]
    [InlineData("construction_start", "yes", "yes")]
    [InlineData("temporary_land", "look", "yes")]
    [InlineData("land_use", "no", "look")]
    [InlineData("land_supply", "no", "look")]
    [InlineData("farmland_conversion", "no", "look")]
    [InlineData("verification", "no", "no")]
    [InlineData("land_expropriation", "no", "no")]
    [InlineData("night_work", "no", "no")]
    [InlineData("never_heard_of", "look", "look")]
    public void Judge_EveryKindOfPermit_AllowsWhatTheTableSays(string kind, string building, string earthworks)
    {
        foreach (var (change, allows) in ((ChangeKind, string)[])[(ChangeKind.BuiltUp, building), (ChangeKind.BareSoil, earthworks)])
        {
            foreach (var (_, from, to, inForce, _) in Times)
            {
                var judged = Judge.Judge(Patch(Here, kind: change), PlanIndex.Of([Permit("A", Places[^1].Outline, from, to, kind)], All));

                judged.Verdict.ShouldBe((allows, inForce) switch
                {
                    ("yes", "yes") => Verdict.Compliant,
                    ("yes", "part") => Verdict.Review,
                    ("look", "yes" or "part") => Verdict.Review,
                    _ => Verdict.Conflict,
                }, $"{kind} {change} {from}..{to}");
            }
        }
    }

    /// <summary>The site's first change came on 1 to 11 September 2024; the patch half a year later.</summary>
    [Theory]
    [InlineData("2024-01-01", "2024-09-01", Verdict.Conflict)]
    [InlineData("2024-01-01", "2024-09-02", Verdict.Compliant)]
    [InlineData("2024-09-01", "2024-09-05", Verdict.Compliant)]
    [InlineData("2024-09-02", "2025-01-01", Verdict.Conflict)]
    [InlineData("2024-09-01", "2025-03-05", Verdict.Compliant)]
    [InlineData("2024-09-02", "2025-03-05", Verdict.Review)]
    [InlineData("2024-09-02", "2026-01-01", Verdict.Compliant)]
    [InlineData("2025-03-05", "2026-01-01", Verdict.Review)]
    public void Judge_ExpiryAfterTheSiteBegan_DependsOnWhetherItBeganUnderThePermit(string from, string to, Verdict expected)
    {
        var site = new SiteContext(Noon("2024-09-01"), Noon("2024-09-11"), 3, TimeSpan.FromDays(180));

        Judge.Judge(Patch(Here), PlanIndex.Of([Permit("A", Places[^1].Outline, from, to)], All), site).Verdict.ShouldBe(expected);
    }

    /// <summary>Two versions of one permit that take turns on a day within the interval.</summary>
    [Theory]
    [InlineData("without a gap", "2025-03-05", "2025-03-05", 200, Verdict.Compliant)]
    [InlineData("with a day between", "2025-03-05", "2025-03-06", 200, Verdict.Review)]
    [InlineData("the later one smaller", "2025-03-05", "2025-03-05", 100, Verdict.Review)]
    public void Judge_AmendedPermit_IsInForceWhereBothVersionsReach(string name, string until, string from, double width, Verdict expected)
    {
        MapFeature[] map = [Permit("A", Box(-50, -50, 200, 200), "2024-01-01", until), Permit("A", Box(-50, -50, width, 200), from, "2026-01-01")];

        Judge.Judge(Patch(Here), PlanIndex.Of(map, All)).Verdict.ShouldBe(expected, name);
    }

    [Fact]
    public void Judge_DocumentOfACorner_GivesTheRestNoDocument()
    {
        MapFeature[] map =
        [
            Line("E", ControlLineKind.EcologicalProtectionRedLine, Box(-500, -500, 1100, 1100)),
            Permit("whole", Box(-50, -50, 200, 200)), Permit("corner", Box(-50, -50, 70, 70), document: "认定〔2024〕7号"),
        ];

        Judge.Judge(Patch(Here), PlanIndex.Of(map, All)).Verdict.ShouldBe(Verdict.Conflict);
    }
}
