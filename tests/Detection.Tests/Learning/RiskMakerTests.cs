using Monitoring.Detection.Learning;
using Monitoring.Domain.Learning;
using Monitoring.TestKit;

namespace Monitoring.Detection.Tests.Learning;

/// <summary>Labels of the risk map and how it is cut.</summary>
public sealed class RiskMakerTests
{
    private static readonly DateTimeOffset At = An.Epoch;

    /// <summary>Days from the row's instant: when works began and came to be known, whether confirmed, and when it is asked.</summary>
    [Theory]
    [InlineData("nothing seen", null, 0, null, 200, false)]
    [InlineData("nothing seen, days not over", null, 0, null, 89, null)]
    [InlineData("confirmed within", 40, 60, true, 200, true)]
    [InlineData("confirmed on the last day", 90, 100, true, 200, true)]
    [InlineData("confirmed after", 91, 100, true, 200, false)]
    [InlineData("begun before", -1, 100, true, 200, null)]
    [InlineData("confirmed within, days not over", 40, 60, true, 80, null)]
    [InlineData("undecided, just known", 40, 150, null, 200, null)]
    [InlineData("undecided, known for as long as the days", 40, 110, null, 200, false)]
    [InlineData("undecided, seen after the days", 120, 150, null, 200, false)]
    public void Label_OfARow_IsGivenOnlyWhereItCanBeSaid(string name, int? began, int known, bool? confirmed, int asked, bool? expected)
    {
        SiteWorks[] works = began is { } b ? [new(At.AddDays(b), At.AddDays(known), confirmed)] : [];
        RiskMaker.Label(works, At, 90, At.AddDays(asked)).ShouldBe(expected, name);
    }

    [Fact]
    public void Highest_OfManyInOneRegion_KeepsThoseOfTheOther()
    {
        RiskParcel Of(string id, string? region, double order) => new(id, region, An.Square(), null, null, order, new Dictionary<string, int>());
        var kept = RiskMaker.Highest([.. Enumerable.Range(0, 500).Select(i => Of($"y{i:000}", "320104", 100 + i)), Of("x", "320102", 1), Of("n", null, 2)], 100);
        kept.Count.ShouldBe(102);
        kept[0].ParcelId.ShouldBe("y499");
        kept.Select(p => p.ParcelId).ShouldContain("x");
        kept[^1].ParcelId.ShouldBe("x", "ordered over all");
    }
}
