using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Tests.Imagery;

public sealed class OrderStatisticsTests
{
    [Theory]
    [InlineData(1, 1f)]
    [InlineData(4096, 1f)]
    [InlineData(5000, 1e-30f)]
    [InlineData(5000, 1e30f)]
    public void SelectOfMany_ValuesOfBothSignsWithTies_GivesWhatSortingGives(int count, float scale)
    {
        var random = new Random(count);
        float[] values = [.. Enumerable.Range(0, count).Select(i => i % 3 == 0 ? scale * random.Next(-3, 4) : scale * (random.NextSingle() - 0.5f))];
        float[] sorted = [.. values.Order()];
        foreach (var rank in new[] { 0, count / 50, count / 2, count - 1 })
        {
            OrderStatistics.SelectOfMany((float[])values.Clone(), rank).ShouldBe(sorted[rank]);
        }
    }
}
