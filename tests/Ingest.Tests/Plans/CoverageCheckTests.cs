using CsCheck;
using Monitoring.Ingest.Plans.Quality;
using Monitoring.TestKit;
using NetTopologySuite.Geometries;

namespace Monitoring.Ingest.Tests.Plans;

/// <summary>Matching edges against looking at all pairs.</summary>
public sealed class CoverageCheckTests
{
    private const double Cell = 0.001;

    /// <summary>Boxes on a coarse grid: they share edges, lie over each other, within each other and apart.</summary>
    private static readonly Gen<(int X, int Y, int W, int H)[]> Boxes =
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 7], Gen.Int[1, 4], Gen.Int[1, 4]).Array[1, 9];

    [Fact]
    public void Overlaps_OfAnyBoxes_EqualAllPairs() => Boxes.Sample(
        boxes =>
        {
            Geometry[] shapes = [.. boxes.Select(Shape)];
            var expected = new HashSet<(int, int)>();
            for (var i = 0; i < shapes.Length; i++)
            {
                for (var j = i + 1; j < shapes.Length; j++)
                {
                    if (shapes[i].Intersection(shapes[j]).Area > 1e-12)
                        expected.Add((i, j));
                }
            }

            Run(shapes).Overlaps.Select(o => (o.First, o.Second)).ShouldBe(expected, ignoreOrder: true);
        },
        iter: Effort.Cases(300),
        threads: 1,
        seed: "0000000000a1");

    [Fact]
    public void Gaps_OfAnyBoxesThatDoNotOverlap_AreTheHolesOfTheirUnion() => Boxes.Sample(
        boxes =>
        {
            var shapes = new List<Geometry>();
            foreach (var shape in boxes.Select(Shape))
            {
                if (shapes.All(s => s.Intersection(shape).Area < 1e-12))
                    shapes.Add(shape);
            }

            // What the boundary of the union closes off and the union does not cover.
            var union = NetTopologySuite.Operation.Union.UnaryUnionOp.Union(shapes);
            var faces = new NetTopologySuite.Operation.Polygonize.Polygonizer();
            faces.Add(union.Boundary.Union());
            var closedOff = faces.GetPolygons().Where(f => !union.Contains(f.InteriorPoint)).Sum(f => f.Area);
            Run([.. shapes]).Gaps.Sum(g => g.Shape.Area).ShouldBe(closedOff, 1e-10);
        },
        iter: Effort.Cases(300),
        threads: 1,
        seed: "0000000000a2");

    [Fact]
    public void Run_CornerMissingInTheNeighbour_IsNoGapAndIsCounted()
    {
        var found = Run([Shape((0, 0, 4, 2)), Shape((0, 2, 2, 2)), Shape((2, 2, 2, 2))]);
        found.Gaps.ShouldBeEmpty();
        found.Overlaps.ShouldBeEmpty();
        found.MissingNodes.ShouldBe(1);
    }

    [Fact]
    public void Run_StripBetweenNeighboursInARing_IsASliverGap()
    {
        // Half of a millionth of a degree of longitude at 32° is about 5 cm.
        const double strip = 5e-7;
        var factory = new GeometryFactory();
        Geometry Box(double x, double y, double w, double h) => factory.ToGeometry(new Envelope(119 + x, 119 + x + w, 32 + y, 32 + y + h));
        Geometry[] shapes = [Box(0, 0, 0.003, 0.001), Box(0, 0.001, 0.001, 0.001), Box(0.001 + strip, 0.001, 0.002 - strip, 0.001), Box(0, 0.002, 0.003, 0.001)];
        var gap = Run(shapes).Gaps.ShouldHaveSingleItem();
        gap.WidthMeters.ShouldBe(0.047, 0.002);
        gap.Around.Order().ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public void Run_AHundredThousandParcelsWithOneOverlap_FindsItAndOnlyIt()
    {
        const int side = 316;
        var factory = new GeometryFactory();
        var shapes = new List<Geometry>();
        for (var row = 0; row < side; row++)
        {
            for (var column = 0; column < side; column++)
                shapes.Add(factory.ToGeometry(new Envelope(119 + (column * 0.0003), 119 + ((column + 1) * 0.0003), 32 + (row * 0.0003), 32 + ((row + 1) * 0.0003))));
        }

        shapes.Add(factory.ToGeometry(new Envelope(119.0301, 119.0302, 32.0301, 32.0302)));
        var found = Run([.. shapes]);
        found.Overlaps.ShouldHaveSingleItem().Second.ShouldBe(side * side);
        found.Gaps.ShouldBeEmpty();
        found.CommonEdges.ShouldBe(2 * side * (side - 1));
    }

    /// <summary>The size of a county's survey: only in the long form.</summary>
    [Fact]
    public void Run_AMillionParcelsWithFaultsInThem_FindsThemAll()
    {
        Assert.SkipUnless(Effort.Full, "The long form only.");
        const int side = 1000;
        var factory = new GeometryFactory();
        var shapes = new List<Geometry>(side * side);
        var random = new Random(7);
        int gaps = 0, overlaps = 0;
        for (var row = 0; row < side; row++)
        {
            for (var column = 0; column < side; column++)
            {
                double x = 119 + (column * 0.0003), y = 32 + (row * 0.0003);
                var inner = row is > 0 and < side - 1 && column is > 0 and < side - 1 && (row % 3) == 1 && (column % 3) == 1;
                var lot = inner ? random.Next(300) : -1;
                if (lot == 0)
                {
                    gaps++;
                    continue;
                }

                var wider = lot == 1 ? 0.00005 : 0;
                overlaps += lot == 1 ? 1 : 0;
                shapes.Add(factory.ToGeometry(new Envelope(x, x + 0.0003 + wider, y, y + 0.0003)));
            }
        }

        var clock = System.Diagnostics.Stopwatch.StartNew();
        var found = Run([.. shapes]);
        TestContext.Current.TestOutputHelper?.WriteLine($"{shapes.Count} parcels, {gaps} gaps, {overlaps} overlaps: {clock.Elapsed.TotalSeconds:0.0} s");
        found.Gaps.Count.ShouldBe(gaps);
        found.Overlaps.Count.ShouldBe(overlaps);
    }

    private static CoverageResult Run(Geometry[] shapes) => new CoverageCheck(0.002, 0.2, shapes).Run(true, double.MaxValue, TestContext.Current.CancellationToken);

    private static Geometry Shape((int X, int Y, int W, int H) box) =>
        new GeometryFactory().ToGeometry(new Envelope(119 + (box.X * Cell), 119 + ((box.X + box.W) * Cell), 32 + (box.Y * Cell), 32 + ((box.Y + box.H) * Cell)));
}
