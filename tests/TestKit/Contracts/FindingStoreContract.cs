using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using NetTopologySuite.Geometries;
using Shouldly;
using Xunit;

namespace Monitoring.TestKit.Contracts;

/// <summary>What <see cref="IFindingStore"/> promises.</summary>
public abstract class FindingStoreContract : StoreContract
{
    private IFindingStore Store => Stores.Findings;

    [Fact]
    public async Task Commit_Findings_AreReadBackInOrder()
    {
        var finding = An.Finding("f1");
        await Store.CommitAsync(new FindingBatch { Findings = [finding, An.Finding("f2", "site-2")], Cursor = new Cursor("judgement/changes", 7) }, Cancellation);
        await Stores.ReopenAsync();

        (await Store.ReadAfterAsync(0, 10, Cancellation)).Select(f => (f.Sequence, f.Finding.Id)).ShouldBe([(1, "f1"), (2, "f2")]);
        var read = (await Store.FindAsync("f1", Cancellation)).ShouldNotBeNull().Finding;
        read.Where!.Shape.EqualsExact(finding.Where!.Shape).ShouldBeTrue();
        read.Reasons[0].Facts.ShouldBe(finding.Reasons[0].Facts);
        read.Inputs.ShouldBe(finding.Inputs);
        (read with { Where = finding.Where, Reasons = finding.Reasons, Inputs = finding.Inputs }).ShouldBe(finding);
        (await Stores.Cursors.PositionAsync("judgement/changes", Cancellation)).ShouldBe(7);
        Stores.Bus.Of<FindingRaised>().ShouldHaveSingleItem().Through.ShouldBe(2);
    }

    [Fact]
    public async Task Commit_IdAlreadyThere_IsSkippedWithoutHole()
    {
        await Store.CommitAsync(new FindingBatch { Findings = [An.Finding("f1")] }, Cancellation);
        await Store.CommitAsync(new FindingBatch { Findings = [An.Finding("f1") with { Score = 0.1 }, An.Finding("f2"), An.Finding("f2")] }, Cancellation);
        await Store.CommitAsync(new FindingBatch { Findings = [An.Finding("f2")] }, Cancellation);
        await Store.CommitAsync(new FindingBatch { Findings = [An.Finding("f3")] }, Cancellation);

        var all = await Store.ReadAfterAsync(0, 10, Cancellation);
        all.Select(f => (f.Sequence, f.Finding.Id)).ShouldBe([(1, "f1"), (2, "f2"), (3, "f3")]);
        all[0].Finding.Score.ShouldBe(0.9);
    }

    [Fact]
    public async Task OfSubject_NewestFirst_LimitedAndOfThatKindOnly()
    {
        await Store.CommitAsync(
            new FindingBatch { Findings = [An.Finding("a"), An.Finding("b"), An.Finding("c") with { Subject = new Subject(SubjectKind.Thing, "site-1") }, An.Finding("d")] }, Cancellation);

        (await Store.OfSubjectAsync(new Subject(SubjectKind.Site, "site-1"), 2, Cancellation)).Select(f => f.Finding.Id).ShouldBe(["d", "b"]);
    }

    [Fact]
    public async Task JudgedPatches_JudgedAgain_ShowTheNewestJudgementOnly()
    {
        var patch = An.Patch("p1");
        await Store.CommitAsync(new FindingBatch { JudgedPatches = [An.Judged(patch), An.Judged(An.Patch("p2", An.Square(125, 35)), "site-2")] }, Cancellation);
        await Store.CommitAsync(new FindingBatch { JudgedPatches = [An.Judged(patch, verdict: Verdict.Compliant, mapVersion: 2)] }, Cancellation);
        await Stores.ReopenAsync();

        var all = await Store.JudgedPatchesAsync(null, Cancellation);
        all.Select(j => (j.Patch.Id, j.Verdict, j.MapVersion, j.SiteId)).ShouldBe([("p1", Verdict.Compliant, 2, "site-1"), ("p2", Verdict.Conflict, 1, "site-2")], ignoreOrder: true);
        all.Single(j => j.Patch.Id == "p1").Patch.Outline.Shape.EqualsExact(patch.Outline.Shape).ShouldBeTrue();
        (await Store.JudgedPatchesAsync(new Envelope(124, 126, 34, 36), Cancellation)).ShouldHaveSingleItem().Patch.Id.ShouldBe("p2");
    }

    [Fact]
    public async Task PatchesOfSite_OldestFirst_ByTheTimeOfThePatch()
    {
        await Store.CommitAsync(
            new FindingBatch { JudgedPatches = [An.Judged(An.Patch("new", days: 30)), An.Judged(An.Patch("old", days: 5)), An.Judged(An.Patch("other", days: 1), "site-2")] }, Cancellation);

        (await Store.PatchesOfSiteAsync("site-1", Cancellation)).Select(j => j.Patch.Id).ShouldBe(["old", "new"]);
    }

    [Fact]
    public async Task Cursor_NeverMovesBackwards()
    {
        await Stores.Cursors.AdvanceAsync(new Cursor("c", 5), Cancellation);
        await Store.CommitAsync(new FindingBatch { Cursor = new Cursor("c", 3) }, Cancellation);
        (await Stores.Cursors.PositionAsync("c", Cancellation)).ShouldBe(5);
        await Stores.Cursors.AdvanceAsync(new Cursor("c", 6), Cancellation);
        await Stores.ReopenAsync();

        (await Stores.Cursors.PositionAsync("c", Cancellation)).ShouldBe(6);
        (await Stores.Cursors.PositionAsync("nobody", Cancellation)).ShouldBe(0);
        Stores.Bus.Of<CursorAdvanced>().Select(e => (e.Consumer, e.Position)).ShouldBe([("c", 5), ("c", 3), ("c", 6)]);
    }
}
