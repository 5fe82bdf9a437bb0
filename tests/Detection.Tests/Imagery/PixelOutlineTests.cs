using System.Collections;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>Outlines of objects with very many parts and holes.</summary>
public sealed class PixelOutlineTests
{
    [Fact]
    public void Outline_OneObjectOfNoise_IsDrawnInCoarserCellsInBoundedSteps()
    {
        var runs = new CountedRuns(Noise(2048, 30, 7));
        var pixels = runs.Sum(r => (double)r.Length);
        runs.Reads = 0;
        var drawn = PatchOutline.AlongPixels(runs, GeoTransform.Identity, TestContext.Current.CancellationToken);
        Rings(drawn.Shape).ShouldBeInRange(1, PixelOutline.MostRings);
        drawn.Cell.ShouldBeGreaterThan(1);
        runs.Reads.ShouldBeLessThan(100L * runs.Count, "work grows with the runs");
        drawn.Shape.IsValid.ShouldBeTrue();
        drawn.Shape.Area.ShouldBe(pixels, 0.2 * pixels, "as near as whole cells come");
        new Envelope(0, 2048, 0, 2048).Covers(drawn.Shape.EnvelopeInternal).ShouldBeTrue();
    }

    [Fact]
    public void Outline_SmallNoise_IsThatOfTheSlowWay()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var runs = Noise(18, 20 + seed, seed);
            var rings = PixelOutline.RingsOf(runs, TestContext.Current.CancellationToken);
            var shells = rings.Select(r => new Polygon(Ring(r.Shell))).ToList();
            for (var i = 0; i < rings.Count; i++)
            {
                foreach (var hole in rings[i].Holes)
                {
                    // The smallest shell around the hole's first pixel.
                    var first = hole.MinBy(c => (c.Y, c.X));
                    var middle = new Point(first.X + 0.5, first.Y + 0.5);
                    shells.Where(s => s.Contains(middle)).MinBy(s => s.Area).ShouldBeSameAs(shells[i]);
                }
            }

            var (shape, cell) = PixelOutline.Trace(runs, GeoTransform.Identity, int.MaxValue, TestContext.Current.CancellationToken);
            (shape.IsValid, shape.Area, cell).ShouldBe((true, runs.Sum(r => r.Length), 1));
            new RunGroups(runs, TestContext.Current.CancellationToken).RingsAtMost.ShouldBeGreaterThanOrEqualTo(Rings(shape));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    public void Outline_FewRingsAllowed_StaysWithinThemAndTheBox(int most)
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var runs = Noise(45, 10 + (4 * seed), seed);
            var (shape, _) = PixelOutline.Trace(runs, GeoTransform.Identity, most, TestContext.Current.CancellationToken);
            Rings(shape).ShouldBeInRange(1, most);
            shape.IsValid.ShouldBeTrue();
            new Envelope(runs.Min(r => r.From), runs.Max(r => r.To), runs[0].Row, runs[^1].Row + 1).Covers(shape.EnvelopeInternal).ShouldBeTrue();
        }
    }

    [Fact]
    public void Outline_Cancelled_EndsAtOnce()
    {
        using var ended = new CancellationTokenSource();
        ended.Cancel();
        Should.Throw<OperationCanceledException>(() => PatchOutline.Straight(Noise(64, 30, 1), GeoTransform.Identity, 1, ended.Token));
    }

    private static int Rings(Geometry shape) =>
        Enumerable.Range(0, shape.NumGeometries).Sum(i => 1 + ((Polygon)shape.GetGeometryN(i)).NumInteriorRings);

    private static LinearRing Ring(List<(int X, int Y)> corners) => new([.. corners.Append(corners[0]).Select(c => new Coordinate(c.X, c.Y))]);

    private static PixelRun[] Noise(int side, int percent, int seed)
    {
        var random = new Random(seed);
        List<PixelRun> runs = [];
        for (var y = 0; y < side; y++)
        {
            var from = -1;
            for (var x = 0; x <= side; x++)
            {
                var set = x < side && random.Next(100) < percent;
                if (set && from < 0)
                {
                    from = x;
                }
                else if (!set && from >= 0)
                {
                    runs.Add(new PixelRun(y, from, x));
                    from = -1;
                }
            }
        }

        return [.. runs];
    }

    private sealed class CountedRuns(PixelRun[] runs) : IReadOnlyList<PixelRun>
    {
        public long Reads { get; set; }

        public int Count => runs.Length;

        public PixelRun this[int index]
        {
            get
            {
                Reads++;
                return runs[index];
            }
        }

        public IEnumerator<PixelRun> GetEnumerator()
        {
            foreach (var run in runs)
            {
                Reads++;
                yield return run;
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
