using Monitoring.Detection.Judgement;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Tests.Judgement;

/// <summary>What is summed edge by edge, or bounded, is what overlays and buffers give: to the last digit that is told.</summary>
public sealed class QuickWaysTests
{
    private static readonly JudgementRules Rules = DetectionRules.Default.Judgement;
    private static readonly LocalPlane Plane = new(119.5, 31.2);
    private static readonly GeometryFactory Factory = new();

    [Theory]
    [InlineData(41, false)]
    [InlineData(42, true)]
    [InlineData(43, false)]
    public void Judge_OnSeededGround_SaysWhatOverlaysSay(int seed, bool documents)
    {
        var ground = new PostGisGround(seed, 400, documents);
        var index = PlanIndex.Of(ground.Features);
        var (quick, slow) = (new PatchJudge(Rules, Ground.Geodesic), new PatchJudge(Rules, Ground.Geodesic) { ByOverlay = true });
        List<string> wrong = [];
        foreach (var patch in ground.Patches)
        {
            var (one, other) = (Text(quick.Judge(patch, index)), Text(slow.Judge(patch, index)));
            if (one != other)
            {
                wrong.Add($"{patch.Id}:\n  {one}\n  {other}");
            }
        }

        (wrong.Count, string.Join("\n", wrong.Take(5))).ShouldBe((0, ""));
    }

    /// <summary>Permits that lie apart, across each other, in each other, corner on edge, edge on edge.</summary>
    [Fact]
    public void Cover_OfSeveralPermits_SaysWhatOverlaysSay()
    {
        var random = new Random(20261123);
        var told = new Dictionary<bool, int>();
        for (var i = 0; i < 1500; i++)
        {
            var patch = Ground.Patch(Out(i % 3 == 0 ? Stairs(random) : Turned(random, 0, 0, Between(random, 20, 90), Between(random, 20, 90), i % 2 == 0)));
            List<Outline> permits = [];
            for (var count = random.Next(1, 5); count > 0; count--)
            {
                permits.Add(permits.Count > 0 && random.Next(8) == 0
                    ? permits[^1]
                    : Out(random.Next(5) == 0
                        ? Ragged(random, Snapped(random, 60), Snapped(random, 60), Between(random, 15, 60), random.Next(3, 12), random.Next(2) * 0.1)
                        : Turned(random, Snapped(random, 60), Snapped(random, 60), Snapped(random, 40) + 60, Snapped(random, 40) + 60, random.Next(3) > 0)));
            }

            var (quick, slow) = (new PatchPlace(patch, Rules, Ground.Geodesic), new PatchPlace(patch, Rules, Ground.Geodesic, byOverlay: true));
            var (one, other) = (quick.Together(permits.Select(quick.Near)), slow.Together(permits.Select(slow.Near)));
            var what = $"case {i}: " + string.Join("; ", permits.Select(p => p.Shape.AsText()));
            permits.Select(p => quick.Meets(quick.Near(p))).ShouldBe(permits.Select(p => slow.Meets(slow.Near(p))), what);
            one.Covers.ShouldBe(other.Covers, what);
            told[one.Covers] = told.GetValueOrDefault(one.Covers) + 1;
            if (one.Covers)
            {
                continue;
            }

            Math.Abs(one.ShareBeyond - other.ShareBeyond).ShouldBeLessThan(1e-9, what);
            Told(one.AreaBeyond).ShouldBe(Told(other.AreaBeyond), what);
            Facts.Area(one.ReachBeyond()).ShouldBe(Facts.Area(other.ReachBeyond()), what);
            one.HoldsShare(0.1).ShouldBe(other.HoldsShare(0.1), what);
            var third = Out(Turned(random, Snapped(random, 60), Snapped(random, 60), 70, 50, false));
            one.BeyondHoldsShare(quick.Near(third), 0.1).ShouldBe(other.BeyondHoldsShare(slow.Near(third), 0.1), what);
            one.LeavesTo(quick.Near(third)).ShouldBe(other.LeavesTo(slow.Near(third)), what);
        }

        told.Values.Min().ShouldBeGreaterThan(200);
    }

    /// <summary>Spikes, lakes and parts around a patch, and boundaries at just about the tolerance.</summary>
    [Fact]
    public void IsSurelyIn_OfRaggedLines_SaysWhatBuffersSay()
    {
        var random = new Random(20261124);
        var told = new Dictionary<bool, int>();
        for (var i = 0; i < 600; i++)
        {
            var patch = Ground.Patch(Out(i % 2 == 0 ? Stairs(random) : Turned(random, 0, 0, Between(random, 20, 90), Between(random, 20, 90), false)));
            Geometry line = Ragged(random, Between(random, -250, 250), Between(random, -250, 250), Between(random, 60, 320), random.Next(5, 300), Between(random, 0, 0.4));
            if (i % 5 == 0)
            {
                line = OverlayNGRobust.Overlay(line, Ragged(random, 0, 0, Between(random, 5, 60), 30, 0.2), SpatialFunction.Difference);
            }

            if (line is not (Polygon or MultiPolygon) || !line.IsValid || line.IsEmpty)
            {
                continue;
            }

            var outline = Out(line);
            var (quick, slow) = (new PatchPlace(patch, Rules, Ground.Geodesic), new PatchPlace(patch, Rules, Ground.Geodesic, byOverlay: true));
            var (one, other) = (quick.Near(outline), slow.Near(outline));
            var what = $"case {i}";
            quick.Meets(one).ShouldBe(slow.Meets(other), what);
            Math.Abs(quick.CommonWith(one) - slow.CommonWith(other)).ShouldBeLessThan(1e-6, what);
            quick.IsSurelyIn(one).ShouldBe(slow.IsSurelyIn(other), what);
            Told(quick.ToldInside(one)).ShouldBe(Told(slow.ToldInside(other)), what);
            quick.Holds(one).ShouldBe(slow.Holds(other), what);
            told[quick.IsSurelyIn(one)] = told.GetValueOrDefault(quick.IsSurelyIn(one)) + 1;
        }

        told.Values.Min().ShouldBeGreaterThan(100);
    }

    /// <summary>Patches with courts and of several parts, long ones and tiny ones, beside permits and lines with holes and islands that share their edges.</summary>
    [Fact]
    public void Judge_PatchesOfManyParts_SaysWhatOverlaysSay()
    {
        var random = new Random(20261128);
        var verdicts = new Dictionary<Domain.Findings.Verdict, int>();
        var (quick, slow) = (new PatchJudge(Rules, Ground.Geodesic), new PatchJudge(Rules, Ground.Geodesic) { ByOverlay = true });
        for (var i = 0; i < 600; i++)
        {
            var (first, second) = (Turned(random, 0, 0, Between(random, 30, 140), Between(random, 3, 90), i % 2 == 0), Turned(random, Snapped(random, 120), Snapped(random, 120), 40, 30, i % 2 == 0));
            var shape = (i % 4) switch
            {
                0 => Less(first, Turned(random, Snapped(random, 20), Snapped(random, 20), 20, 10, i % 2 == 0)),
                1 => Joined(first, second),
                2 => Turned(random, 0, 0, 4000, Between(random, 4, 30), false),
                _ => Turned(random, 0, 0, Between(random, 0.5, 6), Between(random, 0.5, 6), false),
            };
            List<MapFeature> features = [];
            for (var count = random.Next(1, 4); count > 0; count--)
            {
                var permit = Turned(random, Snapped(random, 60), Snapped(random, 60), Snapped(random, 40) + 90, Snapped(random, 40) + 90, i % 2 == 0);
                var outline = random.Next(3) switch
                {
                    0 => Less(permit, Turned(random, Snapped(random, 30), Snapped(random, 30), 10, 10, true)),
                    1 => Joined(permit, Turned(random, Snapped(random, 90), Snapped(random, 90), 60, 60, i % 2 == 0)),
                    _ => random.Next(3) == 0 ? shape.Buffer(Between(random, -3, 3)) : permit,
                };
                if (!outline.IsEmpty && outline is Polygon or MultiPolygon)
                {
                    features.Add(random.Next(4) == 0
                        ? Ground.Line($"line-{count}", random.Next(2) == 0 ? ControlLineKind.EcologicalProtectionRedLine : ControlLineKind.UrbanDevelopmentBoundary, Out(outline))
                        : Ground.Permit($"permit-{count}", Out(outline)));
                }
            }

            var index = PlanIndex.Of(features, [MapLayer.Permit, MapLayer.ControlLine]);
            var patch = Ground.Patch(Out(shape));
            var judged = quick.Judge(patch, index);
            Text(judged).ShouldBe(Text(slow.Judge(patch, index)), $"case {i}: {shape.AsText()} | {string.Join(" | ", features.Select(f => Plane.ToMeters(f.Outline.Shape).AsText()))}");
            verdicts[judged.Verdict] = verdicts.GetValueOrDefault(judged.Verdict) + 1;
        }

        verdicts[Domain.Findings.Verdict.Conflict].ShouldBeGreaterThan(100);
        verdicts[Domain.Findings.Verdict.Compliant].ShouldBeGreaterThan(30);

        static Geometry Less(Geometry one, Geometry other) => One(OverlayNGRobust.Overlay(one, other, SpatialFunction.Difference), one);

        static Geometry Joined(Geometry one, Geometry other) => One(OverlayNGRobust.Overlay(one, other, SpatialFunction.Union), one);

        static Geometry One(Geometry made, Geometry otherwise) => made is Polygon or MultiPolygon && !made.IsEmpty ? made : otherwise;
    }

    /// <summary>A patch so wide that its cells could not be counted in 32 bits.</summary>
    [Fact]
    public void IsSurelyIn_PatchAsWideAsACountry_IsAnswered()
    {
        const double side = 520_000;
        var patch = Ground.Patch(Out(Turned(new Random(1), 0, 0, side, side, true))) with { GsdMeters = 1 };
        var line = Out(Turned(new Random(1), side / 2, 0, 4, 40_000, true));
        var (quick, slow) = (new PatchPlace(patch, Rules, Ground.Geodesic), new PatchPlace(patch, Rules, Ground.Geodesic, byOverlay: true));
        Math.Pow(side / quick.ToleranceMeters, 2).ShouldBeInRange(int.MaxValue, uint.MaxValue);

        quick.IsSurelyIn(quick.Near(line)).ShouldBe(slow.IsSurelyIn(slow.Near(line)));
    }

    /// <summary>Ten kilometres from the middle of a patch the ground is larger than the plane by a thousandth: what is too much there is not let pass for it.</summary>
    [Fact]
    public void Cover_OfALongPatch_DoesNotLetPassWhatIsTooMuchOnTheGround()
    {
        const double half = 10_000;
        List<Coordinate> ring = [];
        for (var y = -half; y <= half; y += 20)
        {
            ring.Insert(0, new(0, y));
            ring.Add(new(0.9, y));
        }

        ring.Add(ring[0].Copy());
        var patch = Ground.Patch(Out(Factory.CreatePolygon([.. ring])));
        PatchPlace Place(bool slow) => new(patch, Rules, Ground.Geodesic, slow);
        Outline Permit(double from) => Out(Factory.ToGeometry(new Envelope(-100, 101, from, half + 200)));
        var (low, high) = (-half, -half + 2000);
        while (high - low > 1e-4)
        {
            var middle = (low + high) / 2;
            var slow = Place(true);
            var least = slow.MinAreaSquareMeters + 0.03;
            (low, high) = slow.AreaOf(slow.Together(slow.Near(Permit(middle))).Beyond) < least ? (middle, high) : (low, middle);
        }

        var (place, other) = (Place(false), Place(true));
        other.Together(other.Near(Permit(high))).Covers.ShouldBeFalse();
        place.Together(place.Near(Permit(high))).Covers.ShouldBeFalse();
    }

    [Fact]
    public void Grown_OfConvexRings_IsTheBufferOfTheLibrary()
    {
        var random = new Random(20261125);
        var compared = 0;
        for (var i = 0; i < 500; i++)
        {
            var points = Enumerable.Range(0, random.Next(3, 30)).Select(_ => new Coordinate(Between(random, -80, 80), Between(random, -80, 80))).ToArray();
            if (Factory.CreateMultiPointFromCoords(points).ConvexHull() is not Polygon hull || SimpleShapes.RingOf(i % 2 == 0 ? hull : hull.Reverse(), null) is not { } ring || !ring.TurnsClearly())
            {
                continue;
            }

            compared++;
            ring.IsConvex().ShouldBeTrue();
            var distance = Between(random, 0.5, 30);
            var (own, theirs) = (PolygonOf(ring.Grown(distance)), hull.Buffer(distance));
            Math.Abs(own.Area - theirs.Area).ShouldBeLessThan(1e-6 * theirs.Area, $"case {i}");
            (own.Difference(theirs).Area + theirs.Difference(own).Area).ShouldBeLessThan(1e-6 * theirs.Area, $"case {i}");
        }

        compared.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Common_OfConvexRings_IsTheOverlay()
    {
        var random = new Random(20261126);
        var met = 0;
        for (var i = 0; i < 500; i++)
        {
            var (a, b) = (Turned(random, Between(random, -60, 60), 0, 80, 40, false), Turned(random, 0, Between(random, -60, 60), 60, 60, false));
            var (one, other) = (SimpleShapes.RingOf(a, null)!, SimpleShapes.RingOf(b, null)!);
            var area = OverlayNGRobust.Overlay(a, b, SpatialFunction.Intersection).Area;
            Math.Abs((FlatRing.Common(one, other) is { } common ? PolygonOf(common).Area : 0) - area).ShouldBeLessThan(1e-6);
            if (FlatRing.AreApart(one, other, 1e-6))
            {
                area.ShouldBe(0);
            }

            met += area > 0 ? 1 : 0;
        }

        met.ShouldBeInRange(100, 490);
    }

    private static string Text(PatchJudgement judgement) =>
        $"{judgement.Verdict} {judgement.Severity} {judgement.Stage} {judgement.RegionCode} "
        + string.Join(" ", judgement.Reasons.Select(r => r.Code + "{" + string.Join(",", r.Facts.Select(f => f.Key + "=" + f.Value)) + "}"))
        + string.Join(" ", judgement.Inputs.Select(i => i.Kind + ":" + i.Id));

    private static string Told(double area) => Facts.Area(area) + " m² " + Facts.Mu(LandArea.ToMu(area));

    private static Polygon PolygonOf(FlatRing ring) =>
        Factory.CreatePolygon([.. Enumerable.Range(0, ring.Edges + 1).Select(i => new Coordinate(ring.X[i], ring.Y[i]))]);

    private static Polygon Stairs(Random random)
    {
        var steps = random.Next(2, 6);
        List<Coordinate> ring = [new(-20, -20), new((10 * steps) - 20, -20)];
        for (var i = steps; i > 0; i--)
        {
            ring.Add(new((10 * i) - 20, (10 * (steps - i + 1)) - 20));
            ring.Add(new((10 * (i - 1)) - 20, (10 * (steps - i + 1)) - 20));
        }

        ring.Add(new(-20, -20));
        return Factory.CreatePolygon([.. ring.Where((c, i) => i == 0 || !c.Equals2D(ring[i - 1]))]);
    }

    private static Polygon Turned(Random random, double x, double y, double width, double height, bool upright)
    {
        var (sin, cos) = upright ? (0, 1) : Math.SinCos(Between(random, 0, Math.PI));
        Coordinate Corner(double a, double b) => new(x + (a * cos) - (b * sin), y + (a * sin) + (b * cos));
        return Factory.CreatePolygon([Corner(-width / 2, -height / 2), Corner(width / 2, -height / 2), Corner(width / 2, height / 2), Corner(-width / 2, height / 2), Corner(-width / 2, -height / 2)]);
    }

    private static Polygon Ragged(Random random, double x, double y, double radius, int corners, double rough)
    {
        var ring = new Coordinate[corners + 1];
        for (var i = 0; i < corners; i++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * i / corners);
            var r = radius * (1 + (rough * Between(random, -1, 1)));
            ring[i] = new(x + (r * cos), y + (r * sin));
        }

        ring[^1] = ring[0].Copy();
        return Factory.CreatePolygon(ring);
    }

    /// <summary>Half of them on a grid of 10 m, so that edges and corners meet.</summary>
    private static double Snapped(Random random, double most) => random.Next(2) == 0 ? 10 * random.Next((int)(-most / 10), (int)(most / 10) + 1) : Between(random, -most, most);

    private static Outline Out(Geometry meters)
    {
        var shape = Plane.ToDegrees(meters);
        return new(shape, Ground.Geodesic.AreaSquareMeters(shape), "EPSG:4490");
    }

    private static double Between(Random random, double low, double high) => low + (random.NextDouble() * (high - low));
}
