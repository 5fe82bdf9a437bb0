using CsCheck;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.IO;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>Known forms, turned and rasterised (a pixel belongs to a form that holds its middle), against what is made of their pixels.</summary>
public sealed class OutlineRegulariserTests
{
    [Fact]
    public void Of_TurnedRectangles_GivesTheirCornersBack()
    {
        var tally = new Tally();
        Gen.Select(Gen.Double[6, 60], Gen.Double[6, 60], Gen.Double[0, Math.PI], Gen.Double[0, 1], Gen.Double[0, 1]).Sample(
            (a, b, angle, x, y) =>
            {
                var truth = Turned(Rectangle(a, b), angle, 80 + x, 80 + y);
                var made = OutlineRegulariser.Of(RunsOf(truth), 1);
                tally.Count(made is { RightAngled: true, Shape.NumPoints: 5 } && CornersWithin(truth, made.Shape, 1.3));
                return made is null || IsGood(made, RunsOf(truth));
            }, seed: "0000KxTvaX2b", iter: 1000);
        tally.Share.ShouldBeGreaterThan(0.99);
    }

    [Fact]
    public void Of_PixelsTwiceAsWideAsHigh_RightAnglesAreThoseOfTheGround()
    {
        var tally = new Tally();
        Gen.Select(Gen.Double[20, 60], Gen.Double[20, 60], Gen.Double[0.1, 1.4]).Sample(
            (a, b, angle) =>
            {
                var squeeze = AffineTransformation.ScaleInstance(0.5, 1);
                var truth = squeeze.Transform(Turned(Rectangle(a, b), angle, 80, 80));
                var made = OutlineRegulariser.Of(RunsOf(truth), 2);
                var back = made is { RightAngled: true, Shape.NumPoints: 5 } && CornersWithin(truth, made.Shape, 2);
                tally.Count(back);
                if (made is null || !back)
                {
                    return made is null || IsGood(made, RunsOf(truth));
                }

                var (p, q, r) = (made.Shape.Coordinates[0], made.Shape.Coordinates[1], made.Shape.Coordinates[2]);
                return Math.Abs((4 * (q.X - p.X) * (r.X - q.X)) + ((q.Y - p.Y) * (r.Y - q.Y))) < 1e-6 && IsGood(made, RunsOf(truth));
            }, seed: "0000KxTvaX2b", iter: 200);
        tally.Share.ShouldBeGreaterThan(0.9);
    }

    /// <summary>Corners in units of a side: an L, a U, a T, a court around a yard.</summary>
    [Theory]
    [InlineData("POLYGON((0 0,1 0,1 1,2 1,2 2,0 2,0 0))")]
    [InlineData("POLYGON((0 0,1 0,1 1,2 1,2 0,3 0,3 2,0 2,0 0))")]
    [InlineData("POLYGON((0 0,3 0,3 1,2 1,2 2,1 2,1 1,0 1,0 0))")]
    [InlineData("POLYGON((0 0,3 0,3 3,0 3,0 0),(1 1,1 2,2 2,2 1,1 1))")]
    public void Of_TurnedForms_KeepsTheirCornersAndYards(string form)
    {
        var tally = new Tally();
        Gen.Select(Gen.Double[8, 20], Gen.Double[0, Math.PI], Gen.Double[0, 1], Gen.Double[0, 1]).Sample(
            (side, angle, x, y) =>
            {
                var whole = new WKTReader().Read(form);
                var truth = Turned(AffineTransformation.ScaleInstance(side, side).Transform(whole), angle, 90 + x, 90 + y);
                var made = OutlineRegulariser.Of(RunsOf(truth), 1);
                tally.Count(made is { RightAngled: true } && made.Shape.NumPoints == truth.NumPoints && CornersWithin(truth, made.Shape, 1.6));
                return made is null || (IsGood(made, RunsOf(truth)) && made.Shape.NumInteriorRings == ((Polygon)whole).NumInteriorRings);
            }, seed: "0000KxTvaX2b", iter: 200);
        tally.Share.ShouldBeGreaterThan(0.95);
    }

    [Fact]
    public void Of_Trapezoids_HaveFewCorners()
    {
        var tally = new Tally();
        Gen.Select(Gen.Double[25, 50], Gen.Double[0.2, 0.6], Gen.Double[0, Math.PI]).Sample(
            (side, cut, angle) =>
            {
                var truth = Turned(new Polygon(new LinearRing([new(0, 0), new(side, 0), new(side * (1 - cut), side), new(0, side * 0.8), new(0, 0)])), angle, 80, 80);
                var made = OutlineRegulariser.Of(RunsOf(truth), 1);
                tally.Count(made is { RightAngled: false, Shape.NumPoints: 5 } && CornersWithin(truth, made.Shape, 2));
                return made is null || IsGood(made, RunsOf(truth));
            }, seed: "0000KxTvaX2b", iter: 200);
        tally.Share.ShouldBeGreaterThan(0.5);
    }

    [Fact]
    public void Of_FewPixels_StaysAsItIs()
    {
        OutlineRegulariser.Of([new(0, 0, 3), new(1, 0, 3), new(2, 0, 3)], 1, TestContext.Current.CancellationToken).ShouldBeNull();
        OutlineRegulariser.Of([new(0, 0, 5), new(1, 0, 6)], 1, TestContext.Current.CancellationToken).ShouldBeNull();
    }

    [Fact]
    public void Of_Disc_StaysRound()
    {
        foreach (var radius in (ReadOnlySpan<double>)[8, 12, 20, 45])
        {
            var disc = new Point(60.3, 60.6).Buffer(radius, 32);
            (OutlineRegulariser.Of(RunsOf(disc), 1, TestContext.Current.CancellationToken) is { RightAngled: true }).ShouldBeFalse($"radius {radius}");
        }
    }

    /// <summary>The form's corner lies on an edge of the pixels but for the last digit, which a plain overlay does not bear.</summary>
    [Fact]
    public void Of_BlobWhoseFormMeetsThePixelsAtAnEdge_IsGoodOrNothing()
    {
        foreach (var runs in Blobs(3, 22, 72, 198011))
        {
            (OutlineRegulariser.Of(runs, 1, TestContext.Current.CancellationToken) is not { } regular || IsGood(regular, runs)).ShouldBeTrue();
        }
    }

    /// <summary>Whatever the pixels, what comes out is valid, as large as they are and close to them.</summary>
    [Fact]
    public void Of_RandomBlobs_IsGoodOrNothing()
    {
        var made = 0;
        Gen.Select(Gen.Int[2, 30], Gen.Int[2, 30], Gen.Int[30, 95], Gen.Int[0, 1_000_000]).Sample(
            (width, height, percent, seed) =>
            {
                foreach (var runs in Blobs(width, height, percent, seed))
                {
                    if (OutlineRegulariser.Of(runs, 1) is { } regular)
                    {
                        Interlocked.Increment(ref made);
                        if (!IsGood(regular, runs))
                        {
                            return false;
                        }
                    }
                }

                return true;
            }, seed: "0000KxTvaX2b", iter: 2000);
        made.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void KeepApart_ManyNeighbours_NoneReachesIntoAnother()
    {
        var taken = 0;
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                // A block cut by lanes of a pixel or two, at any angle.
                var random = new Random(seed);
                var mask = new byte[64 * 64];
                Array.Fill<byte>(mask, 1);
                for (var lane = 0; lane < 9; lane++)
                {
                    double angle = random.NextDouble() * Math.PI, place = (random.NextDouble() - 0.5) * 50;
                    for (var i = 0; i < mask.Length; i++)
                    {
                        var off = ((i % 64) - 32) * Math.Cos(angle) + (((i / 64) - 32) * Math.Sin(angle)) - place;
                        mask[i] = Math.Abs(off) < 0.71 ? (byte)0 : mask[i];
                    }
                }

                IReadOnlyList<IReadOnlyList<PixelRun>> runs = [.. GroupsOf(mask, 64, 64)];
                var transform = GeoTransform.NorthUp(500_000, 4_000_000, 2, 2);
                PatchOutline[] outlines = [.. runs.Select(r => PatchOutline.Straight(r, transform, 1, TestContext.Current.CancellationToken))];
                Interlocked.Add(ref taken, PatchOutline.KeepApart(outlines, runs, transform));
                for (var i = 0; i < outlines.Length; i++)
                {
                    for (var k = 0; k < i; k++)
                    {
                        if (outlines[i].Shape.Intersects(outlines[k].Shape) && !outlines[i].Shape.Touches(outlines[k].Shape))
                        {
                            return false;
                        }
                    }
                }

                return true;
            }, seed: "0000KxTvaX2b", iter: 100);
        taken.ShouldBePositive("else the test shows nothing");
    }

    /// <summary>The area that the outline has on the ellipsoid is that of its pixels; on the 180° meridian it is cut like any other.</summary>
    [Theory]
    [InlineData(500_000)]
    [InlineData(832_000)]
    public void Straight_OnTheEarth_KeepsAreaAndIsCutAtTheMeridian(double east)
    {
        using var zone = SpatialReference.FromEpsg(32660);
        var grid = new Monitoring.Domain.Imagery.Grid(zone.ToWkt(), [east, 10, 0, 300_000, 0, -10], 400, 200);
        using var geodesy = Monitoring.Detection.Imagery.Pair.GridGeodesy.Of(grid);
        var runs = RunsOf(Turned(Rectangle(300, 90), 0.3, 200, 100));
        var transform = Monitoring.Detection.Imagery.Reading.GridReader.TransformOf(grid);
        var straight = PatchOutline.Straight(runs, transform, geodesy.PixelAspect, TestContext.Current.CancellationToken);
        straight.Regular.ShouldNotBeNull();
        var (outline, plain) = (geodesy.OutlineOf(straight.Shape.AsBinary()), geodesy.OutlineOf(PixelOutline.Of(runs, transform, TestContext.Current.CancellationToken).AsBinary()));
        outline.AreaSquareMeters.ShouldBe(plain.AreaSquareMeters, 1e-4 * plain.AreaSquareMeters);
        outline.Shape.IsValid.ShouldBeTrue();
        outline.Shape.NumGeometries.ShouldBe(plain.Shape.NumGeometries);
        (outline.Shape.NumGeometries > 1).ShouldBe(east > 800_000);
    }

    private static bool IsGood(RegularOutline made, List<PixelRun> runs)
    {
        var pixels = PixelOutline.Of(runs, GeoTransform.Identity, TestContext.Current.CancellationToken);
        var shape = made.Shape;
        return shape.IsValid && Math.Abs(shape.Area - pixels.Area) < 1e-6 * pixels.Area
            && OverlayNGRobust.Overlay(shape, pixels, SpatialFunction.Intersection).Area / OverlayNGRobust.Overlay(shape, pixels, SpatialFunction.Union).Area is var overlap && overlap >= OutlineRegulariser.LeastOverlap - 1e-3 && Math.Abs(overlap - made.Overlap) < 1e-3;
    }

    private static List<List<PixelRun>> Blobs(int width, int height, int percent, int seed)
    {
        var random = new Random(seed);
        return GroupsOf([.. Enumerable.Range(0, width * height).Select(_ => (byte)(random.Next(100) < percent ? 1 : 0))], width, height);
    }

    private static List<List<PixelRun>> GroupsOf(byte[] mask, int width, int height)
    {
        var scanner = new ObjectScanner(0, 1);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                if (mask[(y * width) + x] != 0)
                {
                    scanner.Add(new PixelRun(y, x, x + 1), []);
                }
            }
        }

        return [.. scanner.End().Select(o => o.Runs.ToList())];
    }

    private static Polygon Rectangle(double a, double b) => new(new LinearRing([new(-a / 2, -b / 2), new(a / 2, -b / 2), new(a / 2, b / 2), new(-a / 2, b / 2), new(-a / 2, -b / 2)]));

    private static Geometry Turned(Geometry form, double angle, double x, double y) =>
        AffineTransformation.RotationInstance(angle).Compose(AffineTransformation.TranslationInstance(x, y)).Transform(form);

    private static List<PixelRun> RunsOf(Geometry form)
    {
        var box = form.EnvelopeInternal;
        var within = new NetTopologySuite.Algorithm.Locate.IndexedPointInAreaLocator(form);
        var runs = new List<PixelRun>();
        for (var y = (int)Math.Floor(box.MinY); y <= box.MaxY; y++)
        {
            var from = -1;
            for (var x = (int)Math.Floor(box.MinX); x <= box.MaxX + 1; x++)
            {
                var inside = within.Locate(new Coordinate(x + 0.5, y + 0.5)) == Location.Interior;
                if (inside && from < 0)
                {
                    from = x;
                }
                else if (!inside && from >= 0)
                {
                    runs.Add(new PixelRun(y, from, x));
                    from = -1;
                }
            }
        }

        return runs;
    }

    private static bool CornersWithin(Geometry truth, Geometry made, double pixels) =>
        truth.Coordinates.All(t => made.Coordinates.Min(m => m.Distance(t)) <= pixels);

    /// <summary>How often something came out as hoped; what must never fail is asserted case by case.</summary>
    private sealed class Tally
    {
        private int _good;
        private int _all;

        public double Share => (double)_good / _all;

        public void Count(bool good)
        {
            Interlocked.Increment(ref _all);
            Interlocked.Add(ref _good, good ? 1 : 0);
        }
    }
}
