using Monitoring.Detection.Imagery.Patches;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Imagery;

public sealed class PatchDiffTests
{
    [Fact]
    public void Compare_SameList_IsAllTheSame()
    {
        ChangePatch[] list = [Patch(Box(0, 0, 50, 50), id: "a"), Patch(Box(100, 0, 50, 50), id: "b")];
        var lines = PatchDiff.Compare(list, list, null);
        lines.Select(l => (l.Before!.Id, l.After!.Id, l.Fate)).ShouldBe([("a", "a", PatchFate.Same), ("b", "b", PatchFate.Same)]);
        lines.ShouldAllBe(l => Math.Abs(l.CommonShare - 1) < 1e-6);
    }

    [Fact]
    public void Compare_EveryFate_IsTold()
    {
        ChangePatch[] before =
        [
            Patch(Box(0, 0, 50, 50), id: "same"), Patch(Box(100, 0, 50, 50), id: "grown"), Patch(Box(200, 0, 50, 50), id: "kind", kind: ChangeKind.BareSoil),
            Patch(Box(300, 0, 40, 50), id: "left"), Patch(Box(345, 0, 60, 50), id: "right"), Patch(Box(500, 0, 100, 50), id: "whole"),
            Patch(Box(0, 300, 50, 50), id: "gone"), Patch(Box(2000, 300, 50, 50), id: "hidden"),
        ];
        ChangePatch[] after =
        [
            Patch(Box(1, 0, 50, 50), id: "same2"), Patch(Box(100, 0, 90, 50), id: "grown2"), Patch(Box(200, 0, 50, 50), id: "kind2"),
            Patch(Box(300, 0, 105, 50), id: "joined2"), Patch(Box(500, 0, 40, 50), id: "part1"), Patch(Box(545, 0, 55, 50), id: "part2"),
            Patch(Box(0, 600, 50, 50), id: "new"),
        ];
        var lines = PatchDiff.Compare(before, after, Box(-100, -100, 1500, 1500));
        lines.Select(l => $"{l.Before?.Id}>{l.After?.Id} {l.Fate} {string.Join('+', l.Differences)}".TrimEnd()).ShouldBe(
        [
            "gone> Gone", "grown>grown2 Changed outline", "hidden> NotObserved", "kind>kind2 Changed kind", "left>joined2 Merged", "right>joined2 Changed outline", "same>same2 Same",
            "whole>part2 Changed outline", ">new New", "whole>part1 Split",
        ]);
    }

    [Fact]
    public void Compare_NothingObserved_TellsNothingGone()
    {
        var nothing = new Outline(new NetTopologySuite.Geometries.MultiPolygon([]), 0, "EPSG:4490");
        PatchDiff.Compare([Patch(Box(0, 0, 50, 50), id: "a")], [], nothing).ShouldHaveSingleItem().Fate.ShouldBe(PatchFate.NotObserved);
        PatchDiff.Compare([Patch(Box(0, 0, 50, 50), id: "a")], [], null).ShouldHaveSingleItem().Fate.ShouldBe(PatchFate.Gone, "not stated, as stored earlier");
    }

    [Fact]
    public void Compare_AnyOrder_GivesTheSameLines()
    {
        ChangePatch[] before = [.. Enumerable.Range(0, 12).Select(i => Patch(Box(35 * i, 0, 40, 40), id: $"b{i:00}"))];
        ChangePatch[] after = [.. Enumerable.Range(0, 12).Select(i => Patch(Box((35 * i) + 11, 7, 40, 40), id: $"a{i:00}"))];
        var expected = PatchDiff.Compare(before, after, null).Select(l => (l.Before?.Id, l.After?.Id, l.Fate));
        PatchDiff.Compare([.. before.Reverse()], [.. after.Reverse()], null).Select(l => (l.Before?.Id, l.After?.Id, l.Fate)).ShouldBe(expected);
    }

    [Fact]
    public void Compare_NeighbourThatOnlyTouches_IsNoMatch()
    {
        var lines = PatchDiff.Compare([Patch(Box(0, 0, 50, 50), id: "a")], [Patch(Box(50, 0, 50, 50), id: "b")], null);
        lines.Select(l => l.Fate).ShouldBe([PatchFate.Gone, PatchFate.New]);
    }
}
