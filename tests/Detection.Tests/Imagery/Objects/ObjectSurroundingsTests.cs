using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Tests.Imagery.Objects;

/// <summary>Likeness of a candidate's change to those of its neighbours within 1 km.</summary>
public sealed class ObjectSurroundingsTests
{
    private const double Gsd = 10;

    private static readonly float[] Before = [0.08f, 0.10f, 0.12f, 0.25f, 0.22f, 0.15f];
    private static readonly float[] Brighter = [0.16f, 0.18f, 0.20f, 0.33f, 0.30f, 0.23f];
    private static readonly float[] Darker = [0.03f, 0.05f, 0.06f, 0.16f, 0.14f, 0.09f];

    [Fact]
    public void Likeness_NoNeighbourWithinReach_IsNought()
    {
        Of(Block(0, 0, 5, 5, Brighter)).ShouldBe([0f]);

        // 1 km from middle to middle is 100 pixels.
        Of(Block(0, 0, 5, 5, Brighter), Block(100, 0, 5, 5, Brighter)).ShouldBe([0f, 0f]);
        Of(Block(0, 0, 5, 5, Brighter), Block(99, 0, 5, 5, Brighter)).ShouldAllBe(l => l > 0);
    }

    [Fact]
    public void Likeness_SameChange_IsTheShareOfTheNeighbours()
    {
        // 60 pixels off: k = 1 − 0.36; 50 pixels of neighbour beside 25 of its own.
        var likeness = Of(Block(0, 2, 5, 5, Brighter), Block(60, 0, 5, 10, Brighter));
        likeness[0].ShouldBe((float)(K(60, 0.5) * 50 / ((K(60, 0.5) * 50) + 25)), 1e-6f);
        likeness[1].ShouldBe((float)(K(60, 0.5) * 25 / ((K(60, 0.5) * 25) + 50)), 1e-6f);

        static double K(double x, double y) => 1 - (((x * x) + (y * y)) / 10_000);
    }

    [Fact]
    public void Likeness_OppositeChange_IsBelowNoughtAndLessThanAlike()
    {
        var opposite = Of(Block(0, 0, 5, 5, Brighter), Block(30, 0, 5, 5, Darker));
        opposite.ShouldAllBe(l => l < -0.3f);
        var mixed = Of(Block(0, 0, 5, 5, Brighter), Block(30, 0, 5, 5, Darker), Block(0, 30, 5, 5, Brighter));
        mixed[0].ShouldBeGreaterThan(opposite[0]);
        mixed[0].ShouldBeLessThan(Of(Block(0, 0, 5, 5, Brighter), Block(30, 0, 5, 5, Brighter))[0]);
    }

    [Fact]
    public void Likeness_NearAndLarge_CountForMore()
    {
        Of(Block(0, 0, 5, 5, Brighter), Block(20, 0, 5, 5, Brighter))[0].ShouldBeGreaterThan(Of(Block(0, 0, 5, 5, Brighter), Block(80, 0, 5, 5, Brighter))[0]);
        Of(Block(0, 0, 5, 5, Brighter), Block(50, 0, 9, 9, Brighter))[0].ShouldBeGreaterThan(Of(Block(0, 0, 5, 5, Brighter), Block(50, 0, 4, 4, Brighter))[0]);
    }

    [Fact]
    public void Likeness_BandsThatTheScenesLack_DoNotCount()
    {
        var three = Of(Block(0, 0, 5, 5, Brighter[..3]), Block(30, 0, 5, 5, Brighter[..3]));
        three.ShouldAllBe(l => l > 0.4f && l < 0.5f);
    }

    [Fact]
    public void Likeness_NoChangeAtAll_IsNought() => Of(Block(0, 0, 5, 5, Before), Block(30, 0, 5, 5, Brighter)).ShouldBe([0f, 0f]);

    [Theory]
    [InlineData(10)]
    [InlineData(2.5)]
    [InlineData(30)]
    [InlineData(400)]
    [InlineData(100_000)]
    public void Likeness_ManyObjects_IsThatOfAllPairsOfCells(double gsd)
    {
        var objects = Scattered(600, seed: 3, width: (int)Math.Clamp(6000 / gsd, 40, 2000));
        var likeness = new ObjectSurroundings(objects, Scene(), gsd);
        for (var i = 0; i < objects.Length; i++)
        {
            likeness.Likeness(i).ShouldBe((float)Slow(objects, i, gsd, Math.Max(1, 250 / gsd)), 1e-5f);
        }
    }

    [Fact]
    public void Likeness_OneObjectACell_IsThatOfAllPairs()
    {
        // Cells are 25 pixels; each object lies in one of its own.
        var random = new Random(8);
        (ObjectSums, ObjectShape)[] objects =
            [.. Enumerable.Range(0, 400).Select(i => Block((25 * (i % 20)) + random.Next(15), (25 * (i / 20)) + random.Next(15), 3 + random.Next(6), 3 + random.Next(6), Change(random)))];
        var likeness = new ObjectSurroundings(objects, Scene(), Gsd);
        for (var i = 0; i < objects.Length; i++)
        {
            likeness.Likeness(i).ShouldBe((float)Slow(objects, i, Gsd, cell: null), 1e-5f);
        }
    }

    [Fact]
    public void Likeness_OtherOrderOrThreads_IsTheSame()
    {
        var objects = Scattered(500, seed: 5, width: 300);
        var likeness = new ObjectSurroundings(objects, Scene(), Gsd);
        var one = Enumerable.Range(0, objects.Length).Select(likeness.Likeness).ToArray();

        var many = new float[objects.Length];
        Parallel.For(0, many.Length, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, i => many[i] = likeness.Likeness(i));
        many.ShouldBe(one);

        var order = Enumerable.Range(0, objects.Length).ToArray();
        new Random(1).Shuffle(order);
        var turned = new ObjectSurroundings([.. order.Select(i => objects[i])], Scene(), Gsd);
        for (var i = 0; i < order.Length; i++)
        {
            turned.Likeness(i).ShouldBe(one[order[i]], 1e-6f);
        }
    }

    [Fact]
    public void Likeness_ManyObjects_StaysWithinItsBounds()
    {
        var objects = Scattered(3000, seed: 9, width: 120);
        var likeness = new ObjectSurroundings(objects, Scene(), Gsd);
        var all = Enumerable.Range(0, objects.Length).Select(likeness.Likeness).ToArray();
        all.ShouldAllBe(l => l > -1 && l < 1);
        all.Max().ShouldBeGreaterThan(0.3f);
        all.Min().ShouldBeLessThan(-0.3f);
    }

    private static float[] Of(params (ObjectSums Sums, ObjectShape Shape)[] objects)
    {
        var surroundings = new ObjectSurroundings(objects, Scene(), Gsd);
        return [.. Enumerable.Range(0, objects.Length).Select(surroundings.Likeness)];
    }

    /// <summary>The formula, written down anew over all pairs: with cells those of one cell count as one at their common centre.</summary>
    private static double Slow((ObjectSums Sums, ObjectShape Shape)[] objects, int at, double gsd, double? cell)
    {
        var me = objects[at];
        var mine = Direction(me.Sums);
        double like = 0, weights = me.Sums.Pixels;
        var others = objects.Select((o, i) => (Object: o, Number: i)).Where(o => o.Number != at);
        foreach (var group in others.GroupBy(o => cell is { } side ? ((int)(X(o.Object) / side), (int)(Y(o.Object) / side)) : (o.Number, 0)))
        {
            var area = group.Sum(o => (double)o.Object.Sums.Pixels);
            var dx = (group.Sum(o => X(o.Object) * o.Object.Sums.Pixels) / area) - X(me);
            var dy = (group.Sum(o => Y(o.Object) * o.Object.Sums.Pixels) / area) - Y(me);
            var near = Math.Max(0, 1 - (((dx * dx) + (dy * dy)) * gsd * gsd / 1e6));
            weights += near * area;
            like += near * group.Sum(o => o.Object.Sums.Pixels * Direction(o.Object.Sums).Zip(mine, (a, b) => a * b).Sum());
        }

        return like / weights;
    }

    private static double X((ObjectSums Sums, ObjectShape Shape) o) => (o.Shape.Left + o.Shape.Right + 1) / 2.0;

    private static double Y((ObjectSums Sums, ObjectShape Shape) o) => (o.Shape.Top + o.Shape.Bottom + 1) / 2.0;

    private static double[] Direction(ObjectSums sums)
    {
        var deviation = Scene().DeviationRoot;
        double[] change = [.. Enumerable.Range(0, RoleValues.Count).Select(k => (Math.Sqrt(sums.After((BandRole)k)) - Math.Sqrt(sums.Before((BandRole)k))) / deviation[k])];
        var length = Math.Sqrt(change.Sum(c => c * c));
        return [.. change.Select(c => c / length)];
    }

    private static (ObjectSums Sums, ObjectShape Shape)[] Scattered(int count, int seed, int width)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Block(random.Next(width), random.Next(width), 1 + random.Next(12), 1 + random.Next(12), Change(random)))];
    }

    private static float[] Change(Random random) => [.. Before.Select(b => b * (0.3f + (float)(2 * random.NextDouble())))];

    private static (ObjectSums Sums, ObjectShape Shape) Block(int left, int y, int width, int height, float[] after)
    {
        var shape = default(ObjectShape);
        for (var row = y; row < y + height; row++)
        {
            shape.AddRun(row, left, left + width);
        }

        return (MadeObject.Sums(width * height, 5, Before[..after.Length], after, 0.03, 0.05), shape);
    }

    private static SceneContext Scene()
    {
        var tally = new SceneTally();
        foreach (var factor in (float[])[0.5f, 0.9f, 1.6f])
        {
            RoleValues values = default;
            for (var k = 0; k < RoleValues.Count; k++)
            {
                values[k] = Before[k] * factor;
            }

            tally.Add(values, 0.03);
        }

        return tally.Context(true, 2, Gsd);
    }
}
