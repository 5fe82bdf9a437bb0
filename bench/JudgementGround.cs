using Monitoring.Detection.Judgement;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Bench;

/// <summary>
/// Seeded ground around 120° E, 31° N for the comparison with PostGIS: parcels of about 50 m in a grid with moved corners, permits for a
/// tenth as many places, ragged control lines of 100 to 400 corners over about a third of it, and patches as a detector draws them,
/// along pixels of 10 m; 70 % of the patches lie on or over a permit.
/// </summary>
internal sealed class JudgementGround
{
    private const double Cell = 50;
    private static readonly GeometryFactory Factory = new();
    private readonly Random _random;
    private readonly LocalPlane _plane = new(120, 31);
    private readonly GdalGeodesic _geodesic = new();

    public JudgementGround(int seed, int parcels, int permits, int patches)
    {
        _random = new Random(seed);
        var count = (int)Math.Round(Math.Sqrt(parcels));
        Side = count * Cell;
        var row = Corners(count, 0);
        for (var i = 0; i < count; i++)
        {
            var next = Corners(count, i + 1);
            for (var j = 0; j < count; j++)
            {
                var shape = Factory.CreatePolygon([row[j].Copy(), row[j + 1].Copy(), next[j + 1].Copy(), next[j].Copy(), row[j].Copy()]);
                Features.Add(new Parcel { Id = $"P{i:0000}{j:0000}", Outline = Out(shape), UseCode = "0101", PlannedUseCode = "0701", SourceFields = Nothing });
            }

            row = next;
        }

        List<Coordinate> sites = [];
        for (var i = 0; i < permits; i++)
        {
            var at = new Coordinate(Between(100, Side - 100), Between(100, Side - 100));
            sites.Add(at);
            var from = new DateOnly(2024, 1, 1).AddDays(_random.Next(600));
            Features.Add(new Permit
            {
                Id = $"A{i:000000}",
                Outline = Out(Turned(at, Between(40, 110), Between(40, 110))),
                Kind = _random.Next(5) == 0 ? "temporary_land" : "construction_works",
                Status = _random.Next(8) == 0 ? PermitStatus.Applied : PermitStatus.Granted,
                EffectiveFrom = from,
                EffectiveTo = from.AddDays(_random.Next(200, 1500)),
                SourceFields = Nothing,
            });
        }

        for (var i = 0; i < Math.Max(3, parcels / 1000); i++)
        {
            Features.Add(new ControlLine
            {
                Id = $"L{i:00000}",
                Kind = (ControlLineKind)(i % 2),
                Outline = Out(Ragged(new(Between(0, Side), Between(0, Side)), Between(200, 600), _random.Next(100, 400))),
                EffectiveFrom = new DateOnly(2022, 10, 1),
                SourceFields = Nothing,
            });
        }

        Features.Add(new Region { Id = "330500", Revision = "201904", Name = "330500", Outline = Out((Polygon)Factory.ToGeometry(new Envelope(-500, Side + 500, -500, Side + 500))), SourceFields = Nothing });
        for (var i = 0; i < patches; i++)
        {
            var at = _random.NextDouble() < 0.7 && sites.Count > 0
                ? sites[_random.Next(sites.Count)] is var s ? new Coordinate(s.X + Between(-30, 30), s.Y + Between(-30, 30)) : null!
                : new Coordinate(Between(100, Side - 100), Between(100, Side - 100));
            Patches.Add(Patch(i, at));
        }
    }

    public double Side { get; }

    public List<MapFeature> Features { get; } = [];

    public List<ChangePatch> Patches { get; } = [];

    private static IReadOnlyDictionary<string, string> Nothing { get; } = new Dictionary<string, string>();

    private static IReadOnlyDictionary<string, double> NoFacts { get; } = new Dictionary<string, double>();

    private ChangePatch Patch(int number, Coordinate at)
    {
        var shape = Stairs(Math.Round(at.X / 10) * 10, Math.Round(at.Y / 10) * 10, _random.Next(2, 9), _random.Next(2, 9), _random.Next(0, 3));
        var outline = Out(shape);
        return new()
        {
            Id = $"C{number:000000}",
            Outline = outline,
            Kind = ChangeKind.BuiltUp,
            Score = 0.9,
            NotBefore = new DateTimeOffset(2025, 6, 1, 4, 0, 0, TimeSpan.Zero),
            NotAfter = new DateTimeOffset(2025, 6, 11, 4, 0, 0, TimeSpan.Zero),
            PixelCount = (int)(outline.AreaSquareMeters / 100),
            GsdMeters = 10,
            Facts = NoFacts,
        };
    }

    private Coordinate[] Corners(int count, int row)
    {
        var corners = new Coordinate[count + 1];
        for (var j = 0; j <= count; j++)
        {
            corners[j] = new((row * Cell) + Between(-12, 12), (j * Cell) + Between(-12, 12));
        }

        return corners;
    }

    /// <summary>A rectangle of pixels, less steps at one corner.</summary>
    private static Polygon Stairs(double x, double y, int width, int height, int steps)
    {
        steps = Math.Min(steps, Math.Min(width, height) - 1);
        List<Coordinate> ring = [new(x, y), new(x + (10 * width), y)];
        for (var i = 0; i < steps; i++)
        {
            ring.Add(new(x + (10 * (width - i)), y + (10 * (height - steps + i))));
            ring.Add(new(x + (10 * (width - i - 1)), y + (10 * (height - steps + i))));
        }

        ring.Add(new(x + (10 * (width - steps)), y + (10 * height)));
        ring.Add(new(x, y + (10 * height)));
        ring.Add(new(x, y));
        return Factory.CreatePolygon([.. ring]);
    }

    private Polygon Turned(Coordinate at, double width, double height)
    {
        var (sin, cos) = Math.SinCos(Between(0, Math.PI));
        Coordinate Corner(double x, double y) => new(at.X + (x * cos) - (y * sin), at.Y + (x * sin) + (y * cos));
        return Factory.CreatePolygon([Corner(-width / 2, -height / 2), Corner(width / 2, -height / 2), Corner(width / 2, height / 2), Corner(-width / 2, height / 2), Corner(-width / 2, -height / 2)]);
    }

    private Polygon Ragged(Coordinate at, double radius, int corners)
    {
        var ring = new Coordinate[corners + 1];
        for (var i = 0; i < corners; i++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * i / corners);
            var r = radius * Between(0.85, 1.15);
            ring[i] = new(at.X + (r * cos), at.Y + (r * sin));
        }

        ring[^1] = ring[0].Copy();
        return Factory.CreatePolygon(ring);
    }

    private Outline Out(Polygon meters)
    {
        var shape = _plane.ToDegrees(meters);
        return new(shape, _geodesic.AreaSquareMeters(shape), "EPSG:4490");
    }

    private double Between(double low, double high) => low + (_random.NextDouble() * (high - low));
}
