using CsCheck;
using Monitoring.Detection.Incidents;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.TestKit;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Incidents;

public sealed class IncidentBookTests
{
    /// <summary>Degrees of a metre to the east at 30° N.</summary>
    private const double Metre = 1 / 96_486.0;

    private static readonly IncidentRules Rules = DetectionRules.Default.Incidents;

    private readonly IncidentBook _book = new(Rules, "t");

    [Fact]
    public void Take_PatchAlone_IsAnIncidentOfOneKind()
    {
        var incident = TakeAll(Patch("site-1", 0.6)).ShouldHaveSingleItem();

        incident.Evidence.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            e => e.Channel.ShouldBe(EvidenceChannel.Space), e => e.Kind.ShouldBe("image-change"), e => e.Weight.ShouldBe(3, 1e-12));
        incident.ShouldSatisfyAllConditions(i => i.Weight.ShouldBe(3, 1e-12), i => i.Corroborated.ShouldBeFalse());
    }

    [Fact]
    public void Take_NoiseAlone_IsAnIncidentToo()
    {
        var incident = TakeAll(Noise("d1/noise", excess: 8)).ShouldHaveSingleItem();
        (incident.Weight, incident.Corroborated).ShouldBe((0.8, false));
    }

    [Fact]
    public void Take_PatchNoiseTrucksPowerAndVibration_AreOneIncidentThatShowsEachWeight()
    {
        var incident = TakeAll(
            Patch("site-1", 0.5), Noise("d1/noise", excess: 8, metres: 60), Activity("t1", ("truck-passes", 1.5), ("power-draw", 2)), Vibration("d1/vib", 1.2)).ShouldHaveSingleItem();

        incident.Evidence.Select(e => (e.Kind, Math.Round(e.Weight, 6))).ShouldBe(
            [("image-change", 2.5), ("power-draw", 2), ("night-vibration", 1.5), ("truck-passes", 1.5), ("night-noise", 0.8)]);
        incident.ShouldSatisfyAllConditions(i => i.Weight.ShouldBe(8.3, 1e-9), i => i.Corroborated.ShouldBeTrue(), i => i.Where.AreaSquareMeters.ShouldBeGreaterThan(0, "the patch is the place"));
    }

    [Theory]
    [InlineData(168, 1)]
    [InlineData(172, 2)]
    public void Take_DeviceAtADistance_JoinsWithinReachOnly(double metres, int incidents) =>
        // The patch ends 20 m east of where distances are counted from.
        TakeAll(Patch("site-1", 0.5), Noise("d1/noise", 8, metres)).Count.ShouldBe(incidents);

    [Theory]
    [InlineData(44, 1)]
    [InlineData(46, 2)]
    public void Take_EvidenceLater_JoinsWithinTheWindowOnly(int days, int incidents) =>
        TakeAll(Patch("site-1", 0.5), Noise("d1/noise", 8, days: days)).Count.ShouldBe(incidents);

    [Fact]
    public void Take_ChainOfDevices_DoesNotGrowAlongTheStreet()
    {
        var all = TakeAll([.. Enumerable.Range(0, 6).Select(i => Noise($"d{i}/noise", 8, metres: 120 * i))]);
        all.Count.ShouldBeGreaterThan(2);
        all.ShouldAllBe(i => i.Evidence.Count <= 2);
    }

    [Fact]
    public void Take_PatchOverTwoGroundIncidents_MakesThemOne()
    {
        var stand = new Dictionary<string, Incident>(StringComparer.Ordinal);
        Take(stand, Noise("d1/noise", 8, metres: -150));
        Take(stand, Noise("d2/noise", 4, metres: 165));
        stand.Count.ShouldBe(2);

        Take(stand, Patch("site-1", 0.5));

        var one = stand.Values.Where(i => i.MergedInto is null).ShouldHaveSingleItem();
        one.Evidence.Select(e => e.Subject.Id).Order(StringComparer.Ordinal).ShouldBe(["d1/noise", "d2/noise", "site-1"]);
        one.Weight.ShouldBe(2.5 + 0.8, 1e-9, "two meters that hear one machine are not twice the evidence");
        stand.Values.Single(i => i.MergedInto is not null).MergedInto.ShouldBe(one.Id);
    }

    [Fact]
    public void Take_TwoSitesSideBySide_StayTwo() => TakeAll(Patch("site-1", 0.5), Patch("site-2", 0.5, metres: 80)).Count.ShouldBe(2);

    [Fact]
    public void Take_ApprovedLater_WeighsNothingAnyMore()
    {
        var activity = Activity("t1", ("truck-passes", 1.5), ("power-draw", 2));
        var approved = activity with { Id = "later", Condition = FindingCondition.Clears, PhenomenonEnd = activity.PhenomenonEnd.AddHours(1), Reasons = [Reason.Of("approved", ("permit_no", "P-1"))] };
        var incident = TakeAll(activity, approved).ShouldHaveSingleItem();

        incident.Weight.ShouldBe(0);
        incident.Evidence.ShouldAllBe(e => !e.Holds && e.Weight == 0 && e.Findings == 2);
    }

    [Fact]
    public void Take_NoiseThatEnded_StillHappened()
    {
        var noise = Noise("d1/noise", 8);
        var ended = noise with { Id = "later", Condition = FindingCondition.Clears, PhenomenonEnd = noise.PhenomenonEnd.AddHours(1) };
        var incident = TakeAll(noise, ended).ShouldHaveSingleItem();
        incident.Evidence.ShouldHaveSingleItem().ShouldSatisfyAllConditions(e => e.Holds.ShouldBeFalse(), e => e.Weight.ShouldBe(0.8), e => e.End.ShouldBe(ended.PhenomenonEnd));
    }

    [Fact]
    public void Take_WhatWeighsNothing_BeginsNoIncident()
    {
        TakeAll(Patch("site-1", 0.5) with { Verdict = Verdict.Compliant }).ShouldBeEmpty();
        TakeAll(Noise("d1/noise", 8) with { Condition = FindingCondition.Clears }).ShouldBeEmpty();
        TakeAll(Noise("d1/noise", 8) with { RuleId = "indicator-target" }).ShouldBeEmpty();
        TakeAll(Noise("d1/noise", 8) with { Where = null }).ShouldBeEmpty();
    }

    [Fact]
    public void Take_TheSameFindingAgain_ChangesNothing()
    {
        var stand = new Dictionary<string, Incident>(StringComparer.Ordinal);
        Take(stand, Patch("site-1", 0.5));
        Take(stand, Noise("d1/noise", 8));
        var before = stand.Values.Single();
        Take(stand, Noise("d1/noise", 8));
        stand.Values.Single().ShouldBe(before);
    }

    [Fact]
    public void Take_FindingsOfOnePlaceInAnyOrder_GiveTheSameEvidence()
    {
        var finding = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Double[0.05, 1], Gen.Int[0, 20]).Select((kind, subject, size, day) => kind switch
        {
            0 => Patch("site-1", size, days: day),
            1 => Noise($"d{subject}/noise", size * 20, metres: subject * 20, days: day),
            2 => Vibration($"d{subject}/vib", 0.3 + size, metres: subject * 20, days: day),
            _ => Activity($"t{subject}", days: day, ("truck-passes", size * 2)),
        });
        Gen.Select(finding.List[1, 12], Gen.Int).Sample(
            (findings, seed) =>
            {
                findings = [.. findings.DistinctBy(f => f.Id)];
                var shuffled = findings.ToArray();
                new Random(seed).Shuffle(shuffled);
                var (a, b) = (TakeAll([.. findings]), TakeAll(shuffled));
                a.Count.ShouldBe(1);
                Told(b.ShouldHaveSingleItem()).ShouldBe(Told(a[0]));
                a[0].Weight.ShouldBe(a[0].Evidence.GroupBy(e => e.Kind).Sum(g => g.Max(e => e.Weight)), 1e-9);
            },
            iter: 300);

        static string Told(Incident incident) =>
            string.Join('\n', incident.Evidence.Select(e => $"{e.Kind} {e.Subject} {e.Weight:F9} {e.Start:O} {e.End:O} {e.Findings}").Order(StringComparer.Ordinal)) + $"{incident.Start:O} {incident.End:O} {incident.Corroborated}";
    }

    private List<Incident> TakeAll(params Finding[] findings)
    {
        var stand = new Dictionary<string, Incident>(StringComparer.Ordinal);
        foreach (var finding in findings)
        {
            Take(stand, finding);
        }

        return [.. stand.Values.Where(i => i.MergedInto is null)];
    }

    private void Take(Dictionary<string, Incident> stand, Finding finding)
    {
        foreach (var incident in _book.Take(finding, [.. stand.Values.Where(i => i.MergedInto is null)]))
        {
            stand[incident.Id] = incident;
        }
    }

    private static Finding Patch(string site, double score, double metres = 0, int days = 0)
    {
        var outline = An.Square(120 + (metres * Metre), 30, side: 40 * Metre, area: 1600);
        return Of("building-without-approval", new(SubjectKind.Site, site), outline, days, [Reason.Of("no-approval")]) with { Score = score, Verdict = Verdict.Conflict };
    }

    private static Finding Noise(string stream, double excess, double metres = 0, int days = 0) => Of(
        "noise-night", new(SubjectKind.Datastream, stream), Point(metres), days, [Reason.Of("limit-exceeded", ("value", FormattableString.Invariant($"{55 + excess}")), ("limit", "55"))]);

    private static Finding Vibration(string stream, double value, double metres = 0, int days = 0) => Of(
        "vibration-night", new(SubjectKind.Datastream, stream), Point(metres), days, [Reason.Of("limit-exceeded", ("value", FormattableString.Invariant($"{value}")), ("limit", "0.3"))]);

    private static Finding Activity(string thing, params (string Code, double Weight)[] evidence) => Activity(thing, 0, evidence);

    private static Finding Activity(string thing, int days, params (string Code, double Weight)[] evidence) => Of(
        "site-activity-without-approval", new(SubjectKind.Thing, thing), Point(10), days,
        [Reason.Of("activity-without-approval"), .. evidence.Select(e => Reason.Of(e.Code, ("weight", FormattableString.Invariant($"{e.Weight}"))))]) with { Verdict = Verdict.Review };

    private static Outline Point(double metres) => new(new Point(120 + ((20 + metres) * Metre), 30 + (20 * Metre)), 0, "EPSG:4490");

    private static Finding Of(string rule, Subject subject, Outline where, int days, IReadOnlyList<Reason> reasons) => new()
    {
        Id = FindingId.Of(rule, subject.ToString(), $"{days}", string.Join('|', reasons.SelectMany(r => r.Facts.Select(f => $"{r.Code}{f.Key}{f.Value}")))),
        RuleId = rule, RuleVersion = "t", DetectorId = "t", DetectorVersion = "1", Subject = subject, Condition = FindingCondition.Holds, Severity = Severity.Minor,
        PhenomenonStart = An.Epoch.AddDays(days), PhenomenonEnd = An.Epoch.AddDays(days).AddMinutes(20), DetectedAt = An.Epoch.AddDays(days), RegionCode = "3301", Where = where, Score = 1,
        Reasons = reasons, Inputs = [],
    };
}
