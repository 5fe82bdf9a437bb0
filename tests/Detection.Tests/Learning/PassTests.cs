using Monitoring.Detection.Learning;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Learning;

namespace Monitoring.Detection.Tests.Learning;

public sealed class PassTests
{
    /// <summary>Two patches of one scene, of which the second came to be known a month later: before that the pass has the area of the first alone.</summary>
    [Fact]
    public void PassesOf_PatchOfTheSameSceneKnownLater_IsNoPartOfThePassBefore()
    {
        var (one, other) = (Ground.Patch(Ground.Box(0, 0, 40, 40), id: "one"), Ground.Patch(Ground.Box(100, 0, 80, 80), id: "other"));
        var (first, second) = (one.NotAfter.AddDays(1), one.NotAfter.AddDays(30));
        KnownPatch[] patches = [new(one, first), new(other, second), new(other, second.AddDays(5))];

        var before = CandidateFactsSource.PassesOf(patches, second.AddSeconds(-1)).ShouldHaveSingleItem();
        (before.KnownAt, before.AreaSquareMeters).ShouldBe((first, one.Outline.AreaSquareMeters));
        var after = CandidateFactsSource.PassesOf(patches, second).ShouldHaveSingleItem();
        (after.KnownAt, after.AreaSquareMeters).ShouldBe((second, one.Outline.AreaSquareMeters + other.Outline.AreaSquareMeters));
        CandidateFactsSource.PassesOf(patches, first.AddSeconds(-1)).ShouldBeEmpty();
    }
}
