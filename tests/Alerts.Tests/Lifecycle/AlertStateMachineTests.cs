using Monitoring.Alerts.Lifecycle;
using Monitoring.Alerts.Tests.Fakes;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;

namespace Monitoring.Alerts.Tests.Lifecycle;

public sealed class AlertStateMachineTests
{
    private static readonly DateTimeOffset Now = Given.Dawn.AddDays(2);

    [Fact]
    public void Apply_FirstFindingOfARuleThatWaits_Pends()
    {
        var step = Take(null, Given.Noise, Given.Finding(Given.Noise, Given.Stream(), 5));

        step.Reason.ShouldBe(StepReason.Pended);
        step.After!.State.ShouldBe(AlertState.Pending);
        step.After.StartsAt.ShouldBe(Given.Dawn.AddMinutes(5));
        step.After.FiredAt.ShouldBeNull();
        step.Changes.Single().Kind.ShouldBe(AlertChangeKind.Pended);
    }

    [Fact]
    public void Apply_FirstFindingOfARuleThatDoesNotWait_Fires()
    {
        var step = Take(null, Given.Building, Given.Finding(Given.Building, Given.Site(), 5, length: 3));

        step.After!.State.ShouldBe(AlertState.Firing);
        step.After.FiringSince.ShouldBe(Given.Dawn.AddMinutes(5));
        step.After.FiredAt.ShouldBe(Now);
        step.After.NotBefore.ShouldBe(Given.Dawn.AddMinutes(2));
        step.Changes.Single().Kind.ShouldBe(AlertChangeKind.Fired);
    }

    [Theory]
    [InlineData(14.9, AlertState.Pending)]
    [InlineData(15, AlertState.Firing)]
    [InlineData(600, AlertState.Firing)]
    public void Apply_PendingHeldInEventTime_FiresFromForOn(double end, AlertState expected)
    {
        var pending = After(null, Given.Finding(Given.Noise, Given.Stream(), 5));

        After(pending, Given.Finding(Given.Noise, Given.Stream(), end)).State.ShouldBe(expected);
    }

    [Fact]
    public void Apply_PendingClears_IsWithdrawnAndNeverFired()
    {
        var pending = After(null, Given.Finding(Given.Noise, Given.Stream(), 5));

        var step = Take(pending, Given.Noise, Given.Clears(Given.Noise, Given.Stream(), 10));

        step.Changes.Single().Kind.ShouldBe(AlertChangeKind.Withdrawn);
        step.After!.State.ShouldBe(AlertState.Resolved);
        step.After.FiredAt.ShouldBeNull();
    }

    [Fact]
    public void Apply_FiringClearsForKeepFiringFor_ResolvesThenAndNotBefore()
    {
        var firing = Fold(null, Given.Noise, Held(5), Held(15), Cleared(20), Cleared(34.9));
        firing.State.ShouldBe(AlertState.Firing);
        firing.ClearedSince.ShouldBe(Given.Dawn.AddMinutes(20));

        var step = Take(firing, Given.Noise, Cleared(35));

        step.Reason.ShouldBe(StepReason.ConditionCleared);
        step.After!.ResolveReason.ShouldBe(ResolveReason.ConditionCleared);
        step.After.ResolvedAt.ShouldBe(Given.Dawn.AddMinutes(35));
    }

    [Fact]
    public void Apply_FiringHoldsAgainWhileClearing_StartsTheKeepAnew()
    {
        var firing = Fold(null, Given.Noise, Held(5), Held(15), Cleared(20), Held(25), Cleared(30), Cleared(40));

        firing.State.ShouldBe(AlertState.Firing);
        firing.ClearedSince.ShouldBe(Given.Dawn.AddMinutes(30));
    }

    [Fact]
    public void Apply_SameFactsAgain_MovesTheBookkeepingAndTellsNobody()
    {
        var firing = Fold(null, Given.Noise, Held(5), Held(15));

        var step = Take(firing, Given.Noise, Held(20));

        step.Changes.ShouldBeEmpty();
        step.Reason.ShouldBe(StepReason.Held);
        step.After!.LastHeldAt.ShouldBe(Given.Dawn.AddMinutes(20));
        step.After.FindingCount.ShouldBe(3);
    }

    public static TheoryData<string, Finding> VisibleDifferences => new()
    {
        { "severity", Given.Finding(Given.Building, Given.Site(), 10, severity: Severity.Critical) },
        { "verdict", Given.Finding(Given.Building, Given.Site(), 10, verdict: Verdict.Review) },
        { "reason", Given.Finding(Given.Building, Given.Site(), 10, reason: "approval-expired") },
        { "fact", Given.Finding(Given.Building, Given.Site(), 10) with { Reasons = [Reason.Of("no-approval", ("area_m2", "1300"))] } },
        { "region", Given.Finding(Given.Building, Given.Site(), 10) with { RegionCode = "320104" } },
        { "place", Given.Finding(Given.Building, Given.Site(), 10) with { Where = new(Given.Place.Shape.Buffer(0.001), 1, "EPSG:4490") } },
    };

    [Theory]
    [MemberData(nameof(VisibleDifferences))]
    public void Apply_SomethingPeopleSeeChanged_TellsThem(string what, Finding finding)
    {
        var firing = After(null, Given.Finding(Given.Building, Given.Site(), 5));

        var step = Take(firing, Given.Building, finding);

        step.Changes.ShouldHaveSingleItem(what).Kind.ShouldBe(AlertChangeKind.Updated);
        step.After!.State.ShouldBe(AlertState.Firing);
    }

    [Fact]
    public void Apply_LateFindings_DoNotMoveStateBackwards()
    {
        var firing = Fold(null, Given.Dust, Given.Finding(Given.Dust, Given.Stream(), 50));

        Take(firing, Given.Dust, Given.Clears(Given.Dust, Given.Stream(), 45)).ShouldSatisfyAllConditions(
            s => s.Reason.ShouldBe(StepReason.Late),
            s => s.After.ShouldBeSameAs(firing));
        var resolved = After(firing, Given.Clears(Given.Dust, Given.Stream(), 60), Given.Dust);
        Take(resolved, Given.Dust, Given.Finding(Given.Dust, Given.Stream(), 55)).Reason.ShouldBe(StepReason.Late);
    }

    [Fact]
    public void Apply_LateFindingOfAnOlderPatchThatIsGraver_RaisesTheVerdictAndMovesNoTime()
    {
        var firing = After(null, Given.Finding(Given.Building, Given.Site(), 50, verdict: Verdict.Review));

        var step = Take(firing, Given.Building, Given.Finding(Given.Building, Given.Site(), 20, verdict: Verdict.Conflict));

        step.Changes.Single().Kind.ShouldBe(AlertChangeKind.Updated);
        step.After!.Verdict.ShouldBe(Verdict.Conflict);
        step.After.LastHeldAt.ShouldBe(firing.LastHeldAt);
        step.After.LastFindingAt.ShouldBe(firing.LastFindingAt);
        Take(step.After, Given.Building, Given.Finding(Given.Building, Given.Site(), 20, verdict: Verdict.Review)).Reason.ShouldBe(StepReason.Late);
    }

    [Fact]
    public void Apply_PatchAlert_DoesNotEndByDataOrTime()
    {
        var firing = After(null, Given.Finding(Given.Building, Given.Site(), 5));

        var step = Take(firing, Given.Building, Given.Clears(Given.Building, Given.Site(), 1_000_000, "approved"));

        step.Reason.ShouldBe(StepReason.NotEndedByData);
        step.After!.State.ShouldBe(AlertState.Firing);
        step.After.Reasons.Single().Code.ShouldBe("approved");
    }

    [Fact]
    public void Apply_PatchAlertAndAMilderVerdict_UpdatesAndStillFires()
    {
        var firing = After(null, Given.Finding(Given.Building, Given.Site(), 5));

        var after = After(firing, Given.Finding(Given.Building, Given.Site(), 10, verdict: Verdict.Compliant));

        after.State.ShouldBe(AlertState.Firing);
        after.Verdict.ShouldBe(Verdict.Compliant);
    }

    [Fact]
    public void Apply_DemolitionSeen_EndsThePatchAlert()
    {
        var firing = After(null, Given.Finding(Given.Building, Given.Site(), 5));

        var step = Take(firing, Given.Building, Given.Clears(Given.Building, Given.Site(), 90, AlertStateMachine.DemolitionSeen));

        step.After!.ResolveReason.ShouldBe(ResolveReason.DemolitionObserved);
        step.After.State.ShouldBe(AlertState.Resolved);
    }

    [Fact]
    public void Apply_ADemolitionReasonOnAFindingThatHolds_EndsNothing()
    {
        var firing = After(null, Given.Finding(Given.Building, Given.Site(), 5));

        After(firing, Given.Finding(Given.Building, Given.Site(), 90, reason: AlertStateMachine.DemolitionSeen)).State.ShouldBe(AlertState.Firing);
    }

    [Fact]
    public void Apply_BelowTheVerdictTheRuleFiresFrom_RaisesNothing() =>
        Take(null, Given.Building, Given.Finding(Given.Building, Given.Site(), 5, verdict: Verdict.Compliant)).ShouldSatisfyAllConditions(
            s => s.After.ShouldBeNull(),
            s => s.Reason.ShouldBe(StepReason.BelowFiringVerdict));

    [Theory]
    [InlineData(CalledUp.RecheckDrawn)]
    [InlineData(CalledUp.TakenUp)]
    public void Apply_CalledUpBelowTheVerdict_Fires(string reason) =>
        After(null, Given.Finding(Given.Building, Given.Site(), 5, verdict: Verdict.Compliant, reason: reason)).ShouldSatisfyAllConditions(
            a => a.State.ShouldBe(AlertState.Firing),
            a => a.Verdict.ShouldBe(Verdict.Compliant));

    [Fact]
    public void Apply_ResolvedSubjectHoldsAgain_IsANewInstance()
    {
        var first = Fold(null, Given.Dust, Given.Finding(Given.Dust, Given.Stream(), 5), Given.Clears(Given.Dust, Given.Stream(), 10));

        var second = Take(first, Given.Dust, Given.Finding(Given.Dust, Given.Stream(), 15), "second").After!;

        second.Id.ShouldBe("second");
        second.Fingerprint.ShouldBe(first.Fingerprint);
        second.FindingCount.ShouldBe(1);
        second.StartsAt.ShouldBe(Given.Dawn.AddMinutes(15));
    }

    [Theory]
    [InlineData(FieldOutcome.Legal)]
    [InlineData(FieldOutcome.Illegal)]
    [InlineData(FieldOutcome.Other)]
    public void Apply_AfterAnOutcome_OnlyWhatBeganAfterTheVisitRaisesAgain(FieldOutcome outcome)
    {
        var visit = Given.Dawn.AddMinutes(100);
        var judged = Judged(outcome, visit);

        Take(judged, Given.Building, Given.Finding(Given.Building, Given.Site(), 90)).Reason.ShouldBe(StepReason.JudgedBefore, "before the visit");
        Take(judged, Given.Building, Given.Finding(Given.Building, Given.Site(), 200, length: 150)).Reason.ShouldBe(StepReason.JudgedBefore, "across the visit");
        Take(judged, Given.Building, Given.Finding(Given.Building, Given.Site(), 200, length: 100)).Reason.ShouldBe(StepReason.Fired, "after the visit");
    }

    [Fact]
    public void Apply_Verification_TellsVerifiedThenResolved()
    {
        var (alert, file) = WithCase();

        var step = AlertStateMachine.Apply(
            alert, new AlertInput.Verify(Given.Visit(FieldOutcome.Legal, Given.Dawn.AddMinutes(60)), file), Now, "x");

        step.Changes.Select(static c => c.Kind).ShouldBe([AlertChangeKind.Verified, AlertChangeKind.Resolved]);
        step.After!.ResolveReason.ShouldBe(ResolveReason.HumanOutcome);
        step.After.ResolvedAt.ShouldBe(Given.Dawn.AddMinutes(60));
    }

    [Fact]
    public void Apply_VerificationWithoutACase_IsForbidden() =>
        AlertStateMachine.Apply(
                After(null, Given.Finding(Given.Dust, Given.Stream(), 5)),
                new AlertInput.Verify(Given.Visit(FieldOutcome.Legal, Given.Dawn.AddMinutes(60)), null),
                Now,
                "x")
            .Reason.ShouldBe(StepReason.Forbidden);

    [Fact]
    public void Apply_VerificationBeforeTheChangeCanHaveHappened_IsInvalid()
    {
        var (alert, file) = WithCase();

        AlertStateMachine.Apply(alert, new AlertInput.Verify(Given.Visit(FieldOutcome.Legal, Given.Dawn.AddMinutes(-30)), file), Now, "x")
            .Reason.ShouldBe(StepReason.Invalid);
    }

    [Fact]
    public void Apply_VerificationAfterTheDemolitionEndedTheWarning_IsStillTaken()
    {
        var (alert, file) = WithCase();
        var demolished = After(alert, Given.Clears(Given.Building, Given.Site(), 90, AlertStateMachine.DemolitionSeen));

        var step = AlertStateMachine.Apply(
            demolished, new AlertInput.Verify(Given.Visit(FieldOutcome.Other, Given.Dawn.AddMinutes(95)), file), Now, "x");

        step.Reason.ShouldBe(StepReason.Verified);
        step.After!.ResolveReason.ShouldBe(ResolveReason.DemolitionObserved);
    }

    public static TheoryData<string, AlertInput> Commands => new()
    {
        { "acknowledge", new AlertInput.Acknowledge("li") },
        { "assign", new AlertInput.Assign("li") },
        { "case", new AlertInput.CaseOpened("c") },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public void Apply_CommandOnAnAlertThatDoesNotFire_IsForbidden(string name, AlertInput command)
    {
        var pending = After(null, Given.Finding(Given.Noise, Given.Stream(), 5));
        var resolved = After(pending, Given.Clears(Given.Noise, Given.Stream(), 10), Given.Noise);

        foreach (var alert in new[] { pending, resolved })
        {
            var step = AlertStateMachine.Apply(alert, command, Now, "x");
            step.Reason.ShouldBe(StepReason.Forbidden, name);
            step.Refusal.ShouldNotBeNullOrWhiteSpace();
            step.After.ShouldBeSameAs(alert);
            step.Changes.ShouldBeEmpty();
        }
    }

    [Fact]
    public void Apply_AcknowledgedTwice_NamesWhoWasFirst()
    {
        var firing = After(null, Given.Finding(Given.Building, Given.Site(), 5));
        var acknowledged = AlertStateMachine.Apply(firing, new AlertInput.Acknowledge("li"), Now, "x").After!;

        acknowledged.State.ShouldBe(AlertState.Firing);
        AlertStateMachine.Apply(acknowledged, new AlertInput.Acknowledge("zhao"), Now, "x").Refusal.ShouldNotBeNull().ShouldContain("li");
    }

    [Fact]
    public void Apply_FindingOfAnotherSubject_IsABug()
    {
        var firing = After(null, Given.Finding(Given.Building, Given.Site(), 5));

        Should.Throw<ArgumentException>(() => Take(firing, Given.Building, Given.Finding(Given.Building, Given.Site("s2"), 5)));
    }

    internal static (Alert Alert, Case File) WithCase()
    {
        var alert = After(null, Given.Finding(Given.Building, Given.Site(), 5)) with { CaseId = "c1" };
        return (alert, new Case { Id = "c1", AlertId = alert.Id, SiteId = "s1", State = CaseState.Detected, OpenedAt = Now });
    }

    private static Alert Judged(FieldOutcome outcome, DateTimeOffset visit)
    {
        var (alert, file) = WithCase();
        return AlertStateMachine.Apply(alert, new AlertInput.Verify(Given.Visit(outcome, visit, Given.Photo()), file), Now, "x").After!;
    }

    private static Finding Held(double end) => Given.Finding(Given.Noise, Given.Stream(), end);

    private static Finding Cleared(double end) => Given.Clears(Given.Noise, Given.Stream(), end);

    private static Alert Fold(Alert? alert, AlertRule rule, params Finding[] findings) =>
        findings.Aggregate(alert, (current, finding) => Take(current, rule, finding).After)!;

    private static Alert After(Alert? alert, Finding finding, AlertRule? rule = null) => Take(alert, rule ?? Given.Rules.Find(finding.RuleId)!, finding).After!;

    private static AlertStep Take(Alert? alert, AlertRule rule, Finding finding, string id = "first") =>
        AlertStateMachine.Apply(alert, new AlertInput.Found(finding, rule), Now, id);
}
