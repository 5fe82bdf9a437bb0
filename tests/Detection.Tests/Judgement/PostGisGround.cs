using Monitoring.Detection.Judgement;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Judgement;

/// <summary>
/// Seeded ground of three by three kilometres with what makes overlays hard: parcels that share edges and corners, parts, holes and what
/// fills them, slivers; permits that equal a patch, touch it, or end just within or beyond the tolerance; ragged lines with lakes.
/// </summary>
internal sealed class PostGisGround
{
    private const double Side = 3000;
    private const double Cell = 50;
    private static readonly LocalPlane Plane = new(119.5, 31.2);
    private static readonly GeometryFactory Factory = new();
    private readonly Random _random;
    private readonly bool _documents;

    /// <param name="documents">Whether permits name a document.</param>
    public PostGisGround(int seed, int patches, bool documents)
    {
        (_random, _documents) = (new Random(seed), documents);
        MakeParcels();
        for (var i = 0; i < patches; i++)
        {
            Patches.Add(MakePatch(i));
        }

        MakePermits();
        MakeLines();
        Features.Add(Ground.Region("330500", Out(Box(-1000, -1000, Side + 2000, Side + 2000))));
    }

    private PostGisGround(Random random) => _random = random;

    public List<ChangePatch> Patches { get; } = [];

    public List<MapFeature> Features { get; } = [];

    /// <summary>A grid with moved corners, so that neighbours share edges exactly; every ninth has a hole with a parcel in it, every tenth two parts, every eleventh a sliver beside it.</summary>
    private void MakeParcels()
    {
        var count = (int)(Side / Cell);
        var corners = new Coordinate[count + 1, count + 1];
        for (var i = 0; i <= count; i++)
        {
            for (var j = 0; j <= count; j++)
            {
                corners[i, j] = new((i * Cell) + Between(-12, 12), (j * Cell) + Between(-12, 12));
            }
        }

        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                var ring = new[] { corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1], corners[i, j] }.Select(c => c.Copy()).ToArray();
                var number = (i * count) + j;
                var whole = Factory.CreatePolygon(ring);
                Geometry shape = whole;
                if (number % 9 == 0)
                {
                    var inner = Around((i + 0.5) * Cell, (j + 0.5) * Cell, 8, 5 + (number % 7), 0);
                    shape = Factory.CreatePolygon(whole.Shell, [inner.Shell]);
                    Add($"inner-{number}", inner);
                }
                else if (number % 10 == 0)
                {
                    shape = Factory.CreateMultiPolygon([whole, Around(((i + 7.5) * Cell) % Side, (j + 0.5) * Cell, 6, 5, 0)]);
                }
                else if (number % 11 == 0)
                {
                    var (a, b) = (ring[0], ring[1]);
                    Add($"sliver-{number}", Factory.CreatePolygon([a.Copy(), b.Copy(), new(b.X, b.Y + 0.3), new(a.X, a.Y + 0.3), a.Copy()]));
                }

                if (shape.IsValid)
                {
                    Add($"parcel-{number}", shape);
                }
            }
        }

        void Add(string id, Geometry shape) => Features.Add(Ground.Parcel(id, Out(shape)));
    }

    private ChangePatch MakePatch(int number)
    {
        var (x, y) = (Between(60, Side - 160), Between(60, Side - 160));
        Geometry shape = (number % 6) switch
        {
            0 => Stairs(Math.Round(x / 10) * 10, Math.Round(y / 10) * 10),
            1 => Turned(x, y, Between(12, 90), Between(12, 90)),
            2 => Around(x, y, Between(15, 60), _random.Next(3, 24), 0.5),
            3 => WithHole(x, y),
            4 => Factory.CreateMultiPolygon([Turned(x, y, 30, 20), Turned(x + 90, y, 25, 25)]),
            _ => Box(Math.Round(x / 10) * 10, Math.Round(y / 10) * 10, 10 * _random.Next(2, 9), 10 * _random.Next(2, 9)),
        };
        var last = new DateOnly(2025, 3, 1).AddDays(_random.Next(200));
        return Ground.Patch(
            Out(shape), last.AddDays(-_random.Next(2, 40)).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            last.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), number % 3 == 0 ? ChangeKind.BareSoil : ChangeKind.BuiltUp, id: $"patch-{number}");
    }

    private void MakePermits()
    {
        var kinds = (string[])["construction_works", "construction_works", "construction_works", "rural_planning", "temporary_land", "land_use", "unheard_of"];
        var number = 0;
        foreach (var patch in Patches)
        {
            var meters = Plane.ToMeters(patch.Outline.Shape);
            var box = meters.EnvelopeInternal;
            switch (number % 10)
            {
                case 0: Give(patch.Outline); break;
                case 1: Give(Out(Factory.ToGeometry(box))); break;
                case 2: Give(Out(Box(box.MaxX, box.MinY, 40, box.Height))); break;
                case 3: Give(Out(Shrunk(box, Between(8.5, 11.5)))); break;
                case 4: Give(Out(Box(box.MinX, box.MinY, box.Width / 2, box.Height))); Give(Out(Box(box.MinX + (box.Width / 2), box.MinY, box.Width / 2, box.Height))); break;
                case 5: Give(Out(Around(box.Centre.X, box.Centre.Y, box.Diameter * Between(0.2, 0.8), _random.Next(3, 40), 0.3))); break;
                case 6: Give(Out(Around(box.Centre.X + Between(-40, 40), box.Centre.Y, 60, 24, 0))); break;
            }

            number++;
        }

        void Give(Outline outline)
        {
            if (outline.Shape.IsEmpty || !outline.Shape.IsValid)
            {
                return;
            }

            var from = new DateOnly(2024, 9, 1).AddDays(_random.Next(300));
            Features.Add(new Permit
            {
                Id = $"permit-{Features.Count}",
                Outline = outline,
                Kind = kinds[_random.Next(kinds.Length)],
                Status = (PermitStatus)Math.Max(0, _random.Next(-1, 5)) is var status && _random.Next(3) > 0 ? PermitStatus.Granted : status,
                EffectiveFrom = _random.Next(5) == 0 ? null : from,
                EffectiveTo = _random.Next(4) == 0 ? null : from.AddDays(_random.Next(60, 700)),
                GrantedOn = _random.Next(2) == 0 ? from.AddDays(20) : null,
                Document = _documents ? "浙自然资规〔2024〕7号" : null,
            });
        }
    }

    private void MakeLines()
    {
        for (var i = 0; i < 60; i++)
        {
            var (x, y, size) = (Between(0, Side), Between(0, Side), Between(60, 350));
            Geometry shape = Around(x, y, size, _random.Next(20, 400), 0.35);
            if (i % 3 == 0)
            {
                shape = Factory.CreatePolygon(((Polygon)shape).Shell, [Around(x, y, size * 0.3, 30, 0.2).Shell]);
            }

            if (i % 5 == 0)
            {
                shape = Factory.CreateMultiPolygon([(Polygon)shape, Around(x + (3 * size), y, size * 0.5, 80, 0.3)]);
            }

            if (shape.IsValid)
            {
                Features.Add(new ControlLine
                {
                    Id = $"line-{i}",
                    Kind = (ControlLineKind)(i % 3),
                    Outline = Out(shape),
                    EffectiveFrom = new DateOnly(2025, 1, 1).AddDays(_random.Next(-200, 250)),
                    EffectiveTo = i % 4 == 0 ? new DateOnly(2025, 4, 1).AddDays(_random.Next(0, 300)) : null,
                });
            }
        }
    }

    /// <summary>Parts of one site a month apart, each beside or over those before: turned boxes, boxes along pixels, with holes.</summary>
    public static List<ChangePatch> Growing(Random random, string site, int count)
    {
        var ground = new PostGisGround(random);
        var (x, y) = (ground.Between(200, Side - 400), ground.Between(200, Side - 400));
        List<ChangePatch> parts = [];
        for (var i = 0; i < count; i++)
        {
            Geometry shape = random.Next(3) switch
            {
                0 => ground.Turned(x, y, ground.Between(40, 90), ground.Between(40, 90)),
                1 => ground.WithHole(x, y),
                _ => Box(Math.Round(x / 10) * 10, Math.Round(y / 10) * 10, 10 * random.Next(4, 10), 10 * random.Next(4, 10)),
            };
            var last = new DateOnly(2025, 3, 11).AddMonths(i);
            parts.Add(Ground.Patch(
                Out(shape), last.AddDays(-10).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
                last.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), id: $"{site}-{i}"));
            (x, y) = (x + ground.Between(-30, 60), y + ground.Between(-30, 60));
        }

        return parts;
    }

    private Polygon Around(double x, double y, double radius, int corners, double rough)
    {
        var ring = Enumerable.Range(0, corners).Select(i =>
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * i / corners);
            var r = radius * (1 + (rough * Between(-1, 1)));
            return new Coordinate(x + (r * cos), y + (r * sin));
        }).ToList();
        ring.Add(ring[0].Copy());
        return Factory.CreatePolygon([.. ring]);
    }

    private Polygon Turned(double x, double y, double width, double height)
    {
        var (sin, cos) = Math.SinCos(Between(0, Math.PI));
        return Factory.CreatePolygon([.. ((double X, double Y)[])[(0, 0), (width, 0), (width, height), (0, height), (0, 0)] is var c
            ? c.Select(p => new Coordinate(x + (p.X * cos) - (p.Y * sin), y + (p.X * sin) + (p.Y * cos)))
            : []]);
    }

    /// <summary>As a detector draws it: along the edges of pixels of 10 m.</summary>
    private Polygon Stairs(double x, double y)
    {
        var steps = _random.Next(2, 6);
        List<Coordinate> ring = [new(x, y), new(x + (10 * steps), y)];
        for (var i = steps; i > 0; i--)
        {
            var height = y + (10 * (steps - i + 1));
            ring.Add(new(x + (10 * i), height));
            ring.Add(new(x + (10 * (i - 1)), height));
        }

        ring.Add(new(x, y));
        return Factory.CreatePolygon([.. ring.Where((c, i) => i == 0 || !c.Equals2D(ring[i - 1]))]);
    }

    private Polygon WithHole(double x, double y) =>
        Factory.CreatePolygon(Around(x, y, 50, 20, 0.1).Shell, [Around(x, y, 15, _random.Next(3, 9), 0.1).Shell]);

    private static Polygon Shrunk(Envelope box, double by) =>
        box.Width > 2 * by && box.Height > 2 * by ? Box(box.MinX + by, box.MinY + by, box.Width - (2 * by), box.Height - (2 * by)) : Factory.CreatePolygon();

    private static Polygon Box(double x, double y, double width, double height) => (Polygon)Factory.ToGeometry(new Envelope(x, x + width, y, y + height));

    private static Outline Out(Geometry meters)
    {
        var shape = Plane.ToDegrees(meters);
        return new(shape, Ground.Geodesic.AreaSquareMeters(shape), "EPSG:4490");
    }

    private double Between(double low, double high) => low + (_random.NextDouble() * (high - low));
}
