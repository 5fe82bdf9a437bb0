using CsCheck;
using Monitoring.Detection.Imagery.Patches;

namespace Monitoring.Detection.Tests.Imagery;

public sealed class RunRowsTests
{
    [Fact]
    public void Rows_AnyGroupsInAnyOrder_AreThePixelsOfTheirRows()
    {
        const int width = 12, height = 9;
        Gen.Int[0, 5].Array[width * height].Sample(
            labels =>
            {
                var groups = Enumerable.Range(1, 5).Select(label => RunsOf(labels, label)).Where(g => g.Count > 0).Reverse().ToList();
                var rows = new RunRows(groups);
                for (var y = 0; y < height; y++)
                {
                    var marked = new bool[width];
                    foreach (var run in rows.Row(y))
                    {
                        run.Row.ShouldBe(y);
                        marked.AsSpan(run.From, run.Length).Fill(true);
                    }

                    marked.ShouldBe(labels.Skip(y * width).Take(width).Select(l => l > 0));
                }
            },
            iter: 300, seed: "0000NKs1Q6d3");

        static List<PixelRun> RunsOf(int[] labels, int label)
        {
            List<PixelRun> runs = [];
            for (var i = 0; i < labels.Length; i++)
            {
                if (labels[i] == label)
                {
                    runs.Add(new PixelRun(i / width, i % width, (i % width) + 1));
                }
            }

            return runs;
        }
    }

    [Fact]
    public void Rows_SomeSkipped_AreNotAskedAgain()
    {
        var rows = new RunRows([[new(0, 1, 2), new(1, 1, 3), new(5, 4, 6)], [new(2, 0, 1)]]);
        rows.Row(1).ShouldBe([new PixelRun(1, 1, 3)]);
        rows.Row(4).ShouldBeEmpty();
        rows.Row(5).ShouldBe([new PixelRun(5, 4, 6)]);
    }
}
