using Monitoring.Alerts.Lifecycle;
using Monitoring.Alerts.Tests.Fakes;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Sensing;

namespace Monitoring.Alerts.Tests;

public sealed class AlertPipelineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flow_SiteFires_OpensACaseAndPutsBothOnRecord()
    {
        using var room = new Room();

        await room.TakeAsync(Given.Finding(Given.Building, Given.Site(), 5));

        room.Store.Changes.Select(static c => c.Kind).ShouldBe([AlertChangeKind.Fired, AlertChangeKind.CaseOpened]);
        room.Store.Changes.Select(static c => c.Sequence).ShouldBe([1L, 2L]);
        var file = room.Store.Cases.ShouldHaveSingleItem();
        file.State.ShouldBe(CaseState.Detected);
        file.Verification.ShouldBeNull();
        var alert = room.Store.Alerts.ShouldHaveSingleItem();
        alert.Id.ShouldBe($"{alert.Fingerprint}-1");
        alert.CaseId.ShouldBe(file.Id);
        room.Store.Audit.Select(static a => a.Action).ShouldBe(["alert.fire", "case.open"]);
        room.Store.Audit[0].Details.ShouldBe($$"""{"finding":"{{alert.FindingId}}","rule":"building-without-approval","rule_version":"1","subject":"site:s1"}""");
        room.Bus.Published.OfType<AlertChanged>().Last().Through.ShouldBe(2);
    }

    [Fact]
    public async Task Flow_DatastreamFires_OpensNoCase()
    {
        using var room = new Room();

        await room.TakeAsync(Given.Finding(Given.Dust, Given.Stream(), 5));

        room.Store.Cases.ShouldBeEmpty();
    }

    [Fact]
    public async Task Flow_UnknownRule_FiresAtOnceAndIsNotEndedByData()
    {
        using var room = new Room();
        var rule = Given.Rule("from-a-newer-detector", AlertEnding.ByData);

        await room.TakeAsync(Given.Finding(rule, Given.Site(), 5), Given.Clears(rule, Given.Site(), 10));

        room.Store.Alerts.ShouldHaveSingleItem().State.ShouldBe(AlertState.Firing);
    }

    [Fact]
    public async Task Flow_LimitReached_RefusesTheNewcomerAndKeepsWhatFires()
    {
        using var room = new Room(new AlertsOptions { MaxOpenAlerts = 2 });

        await room.TakeAsync(
            Given.Finding(Given.Dust, Given.Stream("a"), 5),
            Given.Finding(Given.Dust, Given.Stream("b"), 5),
            Given.Finding(Given.Dust, Given.Stream("c"), 5),
            Given.Finding(Given.Dust, Given.Stream("a"), 10, severity: Severity.Critical));

        room.Store.Alerts.Select(static a => a.Subject.Id).Order().ShouldBe(["a", "b"]);
        room.Store.Alerts.ShouldAllBe(static a => a.State == AlertState.Firing);
        room.Store.Audit.Count(static a => a.Action == "alert.refused" && a.Subject == "datastream:c").ShouldBe(1);
        room.Ledger.Findings[StepReason.LimitReached].ShouldBe(1);

        await room.TakeAsync(Given.Clears(Given.Dust, Given.Stream("a"), 20), Given.Finding(Given.Dust, Given.Stream("c"), 20));

        room.Store.Alerts.Single(static a => a.Subject.Id == "c").State.ShouldBe(AlertState.Firing);
    }

    [Fact]
    public async Task Ledger_AnyFindings_Balances()
    {
        using var room = new Room();

        await room.TakeAsync(
            Given.Finding(Given.Dust, Given.Stream(), 5),
            Given.Finding(Given.Dust, Given.Stream(), 3),
            Given.Clears(Given.Noise, Given.Stream(), 5),
            Given.Finding(Given.Building, Given.Site(), 5, verdict: Verdict.Compliant));

        room.Ledger.FindingsTaken.ShouldBe(4);
        room.Ledger.Findings.Values.Sum().ShouldBe(4);
        room.Ledger.Findings[StepReason.Late].ShouldBe(1);
        room.Ledger.Findings[StepReason.NothingToClear].ShouldBe(1);
        room.Ledger.Findings[StepReason.BelowFiringVerdict].ShouldBe(1);
    }

    [Fact]
    public async Task Loop_FindingRaised_IsTakenWithoutPolling()
    {
        using var room = new Room();
        await room.Pipeline.StartAsync(Cancel);
        await Raise(room, Given.Finding(Given.Building, Given.Site("s1"), 5));
        await Raise(room, Given.Finding(Given.Building, Given.Site("s2"), 5));

        room.Store.Alerts.Count.ShouldBe(2);
        await room.Pipeline.StopAsync(Cancel);

        static async Task Raise(Room room, Finding finding)
        {
            room.Findings.Add([finding]);
            room.Bus.Publish(new FindingRaised(0));
            await room.Store.Until(() => room.Store.Alerts.Any(a => a.Subject == finding.Subject)).WaitAsync(Cancel);
        }
    }

    [Fact]
    public async Task Loop_StoreFails_WaitsAndDoesTheStepAgainOnce()
    {
        var faults = new Queue<Fault>([Fault.Before, Fault.After]);
        using var room = new Room();
        room.Store.NextFault = () => faults.TryDequeue(out var fault) ? fault : Fault.None;
        room.Findings.Add([Given.Finding(Given.Building, Given.Site(), 5)]);
        await room.Pipeline.StartAsync(Cancel);

        // The second failure stored all and lost the answer: the step must not be done twice.
        var stored = room.Store.Until(() => room.Store.Alerts.Count > 0);
        while (!stored.IsCompleted)
        {
            room.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        room.Findings.Add([Given.Finding(Given.Building, Given.Site("s2"), 5)]);
        room.Bus.Publish(new FindingRaised(0));
        var both = room.Store.Until(() => room.Store.Position(AlertPipeline.Consumer) == 2);
        while (!both.IsCompleted)
        {
            room.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await room.Pipeline.StopAsync(Cancel);
        room.Store.Changes.Select(static c => c.Kind).ShouldBe(
            [AlertChangeKind.Fired, AlertChangeKind.CaseOpened, AlertChangeKind.Fired, AlertChangeKind.CaseOpened]);
        faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Flow_AnotherWriter_IsABug()
    {
        using var room = new Room();
        await room.TakeAsync(Given.Finding(Given.Building, Given.Site(), 5));
        using var other = new Room(store: room.Store, findings: room.Findings);
        await other.TakeAsync(Given.Finding(Given.Building, Given.Site("s2"), 5));
        room.Findings.Add([Given.Finding(Given.Building, Given.Site("s3"), 5)]);

        await Should.ThrowAsync<InvalidOperationException>(async () => await room.Pipeline.FlowAsync(Cancel));
    }

    [Fact]
    public void StoreUnavailable_IsWhatTheFakeThrows() =>
        Should.Throw<StoreUnavailableException>(() => new MemoryAlertStore { NextFault = () => Fault.Before }.CommitAsync(new AlertBatch(), Cancel));
}
