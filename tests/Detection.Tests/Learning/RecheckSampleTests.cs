using Monitoring.Detection.Learning;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Learning;
using Triage = Monitoring.Domain.Learning.Triage;

namespace Monitoring.Detection.Tests.Learning;

public class RecheckSampleTests
{
    [Fact]
    public void AddTo_DrawnBelowTheWarningVerdict_SaysItAgainWithTheDrawFirstAndTheScoreBesideIt()
    {
        var batch = Batch((Of("a", Verdict.Review), Triage.Recheck), (Of("b", Verdict.Review), Triage.SetAside), (Of("c", Verdict.Review), Triage.Work));

        var told = RecheckSample.AddTo(batch, Verdict.Conflict);

        told.Findings.Take(3).ShouldBe(batch.Findings);
        var drawn = told.Findings.Skip(3).ShouldHaveSingleItem();
        (drawn.Subject.Id, drawn.Verdict, drawn.RuleId, drawn.DetectorId).ShouldBe(("a", Verdict.Review, "building-without-approval", RecheckSample.DetectorId));
        drawn.Reasons.Select(r => r.Code).ShouldBe(["recheck-drawn", "approval-began-in-interval"]);
        (drawn.Reasons[0].Facts["probability"], drawn.Reasons[0].Facts["share"]).ShouldBe(("0.01", "0.05"));
        CalledUp.Is(drawn).ShouldBeTrue();
        CalledUp.Is(batch.Findings[0]).ShouldBeFalse();
        told.Scores.Skip(3).ShouldHaveSingleItem().ShouldBe(batch.Scores[0] with { FindingId = drawn.Id });
        RecheckSample.AddTo(batch, Verdict.Conflict).Findings[3].Id.ShouldBe(drawn.Id, "the same whenever it is made");
    }

    [Fact]
    public void AddTo_DrawnWhereAWarningIsMadeAnyway_SaysNothingMore()
    {
        var batch = Batch((Of("a", Verdict.Review), Triage.Recheck));

        RecheckSample.AddTo(batch, Verdict.Review).ShouldBeSameAs(batch);
    }

    private static FindingBatch Batch(params (Finding Finding, Triage Triage)[] said) => new()
    {
        Findings = [.. said.Select(s => s.Finding)],
        Scores = [.. said.Select(s => new CandidateScore
        {
            FindingId = s.Finding.Id, SiteId = s.Finding.Subject.Id, AsOf = s.Finding.DetectedAt, MapVersion = 1, SchemaVersion = 2, Features = [], Probability = 0.01, Model = "0001", Parts = [],
            Triage = s.Triage, InspectionChance = s.Triage is Triage.Recheck ? 0.05 : null,
        })],
    };

    private static Finding Of(string site, Verdict verdict) => new()
    {
        Id = "f-" + site, RuleId = "building-without-approval", RuleVersion = "1", DetectorId = "judgement", DetectorVersion = "4", Subject = new(SubjectKind.Site, site),
        Condition = FindingCondition.Holds, Severity = Severity.Minor, PhenomenonStart = DateTimeOffset.UnixEpoch, PhenomenonEnd = DateTimeOffset.UnixEpoch, DetectedAt = DateTimeOffset.UnixEpoch,
        Score = 0.9, Verdict = verdict, Reasons = [Reason.Of("approval-began-in-interval")], Inputs = [],
    };
}
