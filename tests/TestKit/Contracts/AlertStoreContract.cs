using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using NetTopologySuite.Geometries;
using Shouldly;
using Xunit;

namespace Monitoring.TestKit.Contracts;

/// <summary>What <see cref="IAlertStore"/> promises.</summary>
public abstract class AlertStoreContract : StoreContract
{
    private IAlertStore Store => Stores.Alerts;

    [Fact]
    public async Task Commit_Changes_GetGaplessSequencesInTheOrderGiven()
    {
        var one = await CommitAsync(An.Change(An.Alert("s1"), AlertChangeKind.Pended), An.Change(An.Alert("s2"), AlertChangeKind.Fired));
        var two = await CommitAsync(An.Change(An.Alert("s1"), AlertChangeKind.Fired));
        await Stores.ReopenAsync();
        var three = await CommitAsync(An.Change(An.Alert("s1"), AlertChangeKind.Acknowledged, "officer") with { Note = "看到了" });

        one.Concat(two).Concat(three).Select(c => c.Sequence).ShouldBe([1, 2, 3, 4]);
        one.Concat(two).Concat(three).ShouldAllBe(c => c.Alert.Sequence == c.Sequence);
        (await Store.LastSequenceAsync(Cancellation)).ShouldBe(4);
        (await Store.ChangesAfterAsync(1, 2, Cancellation)).Select(c => (c.Sequence, c.Kind)).ShouldBe([(2, AlertChangeKind.Fired), (3, AlertChangeKind.Fired)]);
        var last = (await Store.ChangesOfAsync(An.Alert("s1").Id, Cancellation))[^1];
        (last.Sequence, last.Kind, last.Actor, last.Note).ShouldBe((4, AlertChangeKind.Acknowledged, "officer", "看到了"));
        Stores.Bus.Of<AlertChanged>().Select(e => e.Through).ShouldBe([2, 3, 4]);
    }

    [Fact]
    public async Task Commit_ManyWritersAtOnce_LeaveNoHole()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => CommitAsync(An.Change(An.Alert($"s{i}")), An.Change(An.Alert($"s{i}"))), Cancellation)));

        (await Store.ChangesAfterAsync(0, 1000, Cancellation)).Select(c => c.Sequence).ShouldBe(Enumerable.Range(1, 80).Select(i => (long)i));
    }

    [Fact]
    public async Task Commit_Alert_IsReadBackWhole()
    {
        var alert = An.Alert() with
        {
            NotBefore = An.Epoch, FiringSince = An.Epoch.AddHours(1), FiredAt = An.Epoch.AddHours(2).AddTicks(7), AcknowledgedBy = "李四", AcknowledgedAt = An.Epoch.AddHours(3),
            Assignee = "王五", CaseId = "case-1", FindingCount = 3, ResolvedAt = An.Epoch.AddHours(4), ResolveReason = ResolveReason.HumanOutcome, State = AlertState.Resolved,
        };
        await CommitAsync(An.Change(alert, AlertChangeKind.Verified));

        var read = (await Store.FindAsync(alert.Id, Cancellation)).ShouldNotBeNull();
        read.Where!.Shape.EqualsExact(alert.Where!.Shape).ShouldBeTrue();
        read.Reasons[0].Facts.ShouldBe(alert.Reasons[0].Facts);
        (read with { Where = alert.Where, Reasons = alert.Reasons, Sequence = 0 }).ShouldBe(alert);
    }

    [Fact]
    public async Task OpenByFingerprint_UntilResolved_ThenNextInstanceMayOpen()
    {
        var alert = An.Alert();
        await CommitAsync(An.Change(alert));
        (await Store.OpenByFingerprintAsync(alert.Fingerprint, Cancellation)).ShouldNotBeNull().Id.ShouldBe(alert.Id);
        await CommitAsync(An.Change(alert with { State = AlertState.Resolved }, AlertChangeKind.Resolved));
        (await Store.OpenByFingerprintAsync(alert.Fingerprint, Cancellation)).ShouldBeNull();
        await CommitAsync(An.Change(An.Alert(instance: 2)));

        (await Store.OpenByFingerprintAsync(alert.Fingerprint, Cancellation)).ShouldNotBeNull().Id.ShouldBe(An.Alert(instance: 2).Id);
    }

    [Fact]
    public async Task Commit_SecondOpenAlertOfAFingerprint_IsRefusedWhole()
    {
        await CommitAsync(An.Change(An.Alert(instance: 1)));

        await Should.ThrowAsync<InvalidOperationException>(() => Store.CommitAsync(
            new AlertBatch { Changes = [An.Change(An.Alert("other")), An.Change(An.Alert(instance: 2))], Audit = [An.Audit()], Cursor = new Cursor("alerts", 9) }, Cancellation));

        (await Store.LastSequenceAsync(Cancellation)).ShouldBe(1);
        (await Store.FindAsync(An.Alert("other").Id, Cancellation)).ShouldBeNull();
        (await Stores.Audit.ReadAfterAsync(0, 10, Cancellation)).ShouldBeEmpty();
        (await Stores.Cursors.PositionAsync("alerts", Cancellation)).ShouldBe(0);
        (await CommitAsync(An.Change(An.Alert("other")))).ShouldHaveSingleItem().Sequence.ShouldBe(2);
    }

    [Fact]
    public async Task Query_ByRegionPrefix_ShowsTheScopeOnly()
    {
        await CommitAsync(
            An.Change(An.Alert("a", region: "330100")), An.Change(An.Alert("b", region: "330200")), An.Change(An.Alert("c", region: "3301")),
            An.Change(An.Alert("d", region: null)), An.Change(An.Alert("e", region: "33_1")));

        (await Subjects(new AlertQuestion())).ShouldBe(["e", "d", "c", "b", "a"]);
        (await Subjects(new AlertQuestion { RegionPrefixes = ["3301"] })).ShouldBe(["c", "a"]);
        (await Subjects(new AlertQuestion { RegionPrefixes = ["33"] })).ShouldBe(["e", "c", "b", "a"]);
        (await Subjects(new AlertQuestion { RegionPrefixes = ["3302", "3301"] })).ShouldBe(["c", "b", "a"]);
        (await Subjects(new AlertQuestion { RegionPrefixes = ["33_"] })).ShouldBe(["e"]);
        (await Subjects(new AlertQuestion { RegionPrefixes = ["%"] })).ShouldBeEmpty();
        (await Subjects(new AlertQuestion { RegionPrefixes = ["' OR 1=1 --"] })).ShouldBeEmpty();
        (await Subjects(new AlertQuestion { RegionPrefixes = [] })).ShouldBeEmpty();
        (await Subjects(new AlertQuestion { RegionPrefixes = [""] })).ShouldBe(["e", "c", "b", "a"]);
    }

    [Fact]
    public async Task Query_ByStateRuleSubjectBoxAndPage_Narrows()
    {
        await CommitAsync(
            An.Change(An.Alert("a")), An.Change(An.Alert("b", AlertState.Pending)), An.Change(An.Alert("c", where: An.Square(125, 35))),
            An.Change(An.Alert("d", AlertState.Resolved) with { Where = null }), An.Change(An.Alert("e") with { RuleId = "noise-night" }));

        (await Subjects(new AlertQuestion { States = [AlertState.Firing, AlertState.Pending] })).ShouldBe(["e", "c", "b", "a"]);
        (await Subjects(new AlertQuestion { States = [] })).ShouldBeEmpty();
        (await Subjects(new AlertQuestion { RuleId = "noise-night" })).ShouldBe(["e"]);
        (await Subjects(new AlertQuestion { Subject = new Subject(SubjectKind.Site, "b") })).ShouldBe(["b"]);
        (await Subjects(new AlertQuestion { Box = new Envelope(124, 126, 34, 36) })).ShouldBe(["c"]);
        (await Subjects(new AlertQuestion { Limit = 2 })).ShouldBe(["e", "d"]);
        (await Subjects(new AlertQuestion { BeforeSequence = 4, Limit = 2 })).ShouldBe(["c", "b"]);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Subjects(new AlertQuestion { Limit = 1001 }));
    }

    [Fact]
    public async Task Query_AfterAChange_ShowsTheNewestStateOnly()
    {
        await CommitAsync(An.Change(An.Alert("a")), An.Change(An.Alert("b")));
        await CommitAsync(An.Change(An.Alert("a") with { Assignee = "王五" }, AlertChangeKind.Assigned));

        var all = await Store.QueryAsync(new AlertQuestion(), Cancellation);
        all.Select(a => (a.Subject.Id, a.Sequence, a.Assignee)).ShouldBe([("a", 3, "王五"), ("b", 2, null)]);
    }

    [Fact]
    public async Task Commit_Seen_ReplacesTheStateWithoutAChange()
    {
        var alert = (await CommitAsync(An.Change(An.Alert())))[0].Alert;
        await Store.CommitAsync(new AlertBatch { Seen = [alert with { FindingCount = 7, LastHeldAt = An.Epoch.AddDays(20) }] }, Cancellation);
        await Stores.ReopenAsync();

        var read = (await Store.FindAsync(alert.Id, Cancellation)).ShouldNotBeNull();
        (read.FindingCount, read.LastHeldAt, read.Sequence).ShouldBe((7, An.Epoch.AddDays(20), 1));
        (await Store.OpenByFingerprintAsync(alert.Fingerprint, Cancellation)).ShouldNotBeNull().FindingCount.ShouldBe(7);
        (await Store.ChangesOfAsync(alert.Id, Cancellation)).ShouldHaveSingleItem().Alert.FindingCount.ShouldBe(1);
        (await Store.LastSequenceAsync(Cancellation)).ShouldBe(1);
        Stores.Bus.Of<AlertChanged>().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Commit_SeenFromAnOlderState_IsRefusedWhole()
    {
        var old = (await CommitAsync(An.Change(An.Alert())))[0].Alert;
        await CommitAsync(An.Change(old with { Assignee = "王五" }, AlertChangeKind.Assigned));

        await Should.ThrowAsync<InvalidOperationException>(() => Store.CommitAsync(new AlertBatch { Seen = [old], Cursor = new Cursor("alerts", 1) }, Cancellation));
        await Should.ThrowAsync<InvalidOperationException>(() => Store.CommitAsync(new AlertBatch { Seen = [An.Alert("unknown")] }, Cancellation));
        (await Store.FindAsync(old.Id, Cancellation))!.Assignee.ShouldBe("王五");
        (await Stores.Cursors.PositionAsync("alerts", Cancellation)).ShouldBe(0);
    }

    [Fact]
    public async Task Commit_CasesPhotosAudit_AreStoredTogether()
    {
        var photo = An.Photo(1, 2, 3);
        await Store.CommitAsync(new AlertBatch { Cases = [An.Case()], Cursor = new Cursor("alerts", 4) }, Cancellation);
        var judged = An.Case(state: CaseState.Judged);
        await Store.CommitAsync(new AlertBatch { Cases = [judged], Photos = [photo, photo], Audit = [An.Audit("case.judge"), An.Audit("alert.verify")] }, Cancellation);
        await Stores.ReopenAsync();

        var read = (await Store.FindCaseAsync("case-1", Cancellation)).ShouldNotBeNull();
        read.Verification!.PhotoHashes.ShouldBe(judged.Verification!.PhotoHashes);
        (read with { Verification = judged.Verification }).ShouldBe(judged);
        var stored = (await Store.PhotoAsync(photo.Sha256, Cancellation)).ShouldNotBeNull();
        stored.Bytes.ToArray().ShouldBe([1, 2, 3]);
        stored.MediaType.ShouldBe("image/jpeg");
        (await Store.PhotoAsync("none", Cancellation)).ShouldBeNull();
        (await Stores.Audit.ReadAfterAsync(0, 10, Cancellation)).Select(e => e.Entry.Action).ShouldBe(["case.judge", "alert.verify"]);
        Stores.Bus.Of<CaseDecided>().ShouldHaveSingleItem().CaseId.ShouldBe("case-1");
    }

    [Fact]
    public async Task Commit_PhotoThatIsNotItsHash_IsRefused() =>
        await Should.ThrowAsync<ArgumentException>(() => Store.CommitAsync(new AlertBatch { Photos = [An.Photo(1) with { Bytes = new byte[] { 2 } }] }, Cancellation));

    [Fact]
    public async Task Cases_ByStateRegionAndDecision_Narrow()
    {
        await Store.CommitAsync(
            new AlertBatch { Cases = [An.Case("a", openedDays: 1), An.Case("b", CaseState.Judged, "330200", 2), An.Case("c", CaseState.Judged, null, 3)] }, Cancellation);

        (await Cases(new CaseQuestion())).ShouldBe(["c", "b", "a"]);
        (await Cases(new CaseQuestion { State = CaseState.Judged })).ShouldBe(["c", "b"]);
        (await Cases(new CaseQuestion { RegionPrefixes = ["33"] })).ShouldBe(["b", "a"]);
        (await Cases(new CaseQuestion { DecidedFrom = An.Epoch.AddDays(3), DecidedTo = An.Epoch.AddDays(4) })).ShouldBe(["b"]);
        (await Cases(new CaseQuestion { Limit = 1 })).ShouldBe(["c"]);
    }

    private Task<IReadOnlyList<AlertChange>> CommitAsync(params IReadOnlyList<AlertChange> changes) => Store.CommitAsync(new AlertBatch { Changes = changes }, Cancellation);

    private async Task<IEnumerable<string>> Subjects(AlertQuestion question) => (await Store.QueryAsync(question, Cancellation)).Select(a => a.Subject.Id);

    private async Task<IEnumerable<string>> Cases(CaseQuestion question) => (await Store.CasesAsync(question, Cancellation)).Select(c => c.Id);
}
