using System.Collections.Concurrent;
using Monitoring.Dashboard.Tiles;
using Monitoring.Domain.Land;
using Monitoring.Domain.People;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using NetTopologySuite.IO;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Dashboard.Regions;

/// <summary>The regions in force today, read again when the map has a new version or a new day began. Thread-safe.</summary>
internal sealed class RegionDirectory(IPlanRegister register, DashboardOptions options, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim reading = new(1, 1);
    private volatile RegionNames? newest;

    public void Dispose() => reading.Dispose();

    /// <summary>Today's date in the zone of the settings.</summary>
    public DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), Zone).Date);

    private TimeZoneInfo Zone { get; } = TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone);

    public async ValueTask<RegionNames> NowAsync(CancellationToken cancellationToken)
    {
        var version = await register.CurrentVersionAsync(cancellationToken);
        var today = Today;
        if (newest is { } known && known.Version == version && known.Day == today)
        {
            return known;
        }

        await reading.WaitAsync(cancellationToken);
        try
        {
            if (newest is { } meanwhile && meanwhile.Version >= version && meanwhile.Day == today)
            {
                return meanwhile;
            }

            var regions = await register.QueryAsync<Region>(new MapQuestion { InForceOn = today, AsOfVersion = version > 0 ? version : null }, cancellationToken);
            return newest = new RegionNames(version, today, regions);
        }
        finally
        {
            reading.Release();
        }
    }
}

/// <summary>Regions of one version of the map on one day. Immutable; thread-safe.</summary>
internal sealed class RegionNames(long version, DateOnly day, IReadOnlyList<Region> regions)
{
    private const int MostShapes = 256;

    private readonly Dictionary<string, Region> byCode = regions.DistinctBy(static r => r.Id).ToDictionary(static r => r.Id, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ScopeShape> shapes = new(StringComparer.Ordinal);

    public static RegionNames None { get; } = new(0, default, []);

    public long Version => version;

    public DateOnly Day => day;

    public IReadOnlyList<Region> Regions => regions;

    public string? NameOf(string? code) => code is not null && byCode.TryGetValue(code, out var region) ? region.Name : null;

    /// <summary>The ground that a scope covers, or null when it covers everything.</summary>
    public ScopeShape? ShapeOf(Scope scope)
    {
        if (scope.RegionPrefixes is not { } prefixes)
        {
            return null;
        }

        var key = string.Join(' ', prefixes.Order(StringComparer.Ordinal));
        if (shapes.Count >= MostShapes)
        {
            shapes.Clear();
        }

        return shapes.GetOrAdd(key, k => new ScopeShape(
            k, FormattableString.Invariant($"{version}-{day:yyyyMMdd}"), regions.Where(r => scope.Covers(r.Id)).Select(static r => r.Outline.Shape).ToList()));
    }
}

/// <summary>The ground of a scope. Thread-safe.</summary>
internal sealed class ScopeShape
{
    private readonly Lock gate = new();
    private readonly IPreparedGeometry prepared;
    private readonly Lazy<byte[]> mercator;

    public ScopeShape(string key, string edition, IReadOnlyList<Geometry> regions)
    {
        Key = key;
        Edition = edition;
        Ground = regions.Count == 0 ? new GeometryFactory().CreatePolygon() : OverlayNGRobust.Union(regions);
        prepared = PreparedGeometryFactory.Prepare(Ground);
        mercator = new Lazy<byte[]>(() => new WKBWriter().Write(WebMercator.ToMeters(Ground)));
    }

    /// <summary>Names the scope, for caches.</summary>
    public string Key { get; }

    /// <summary>Names the map and the day that the ground was taken from: the same scope can cover other ground tomorrow.</summary>
    public string Edition { get; }

    public Geometry Ground { get; }

    public Envelope Box => Ground.EnvelopeInternal;

    /// <summary>The ground in EPSG:3857, for masks of pictures.</summary>
    public ReadOnlyMemory<byte> MercatorWkb => mercator.Value;

    /// <summary>True when some of the inside of <paramref name="shape"/> lies in the scope; a shared border alone does not count.</summary>
    public bool Covers(Geometry shape)
    {
        if (Ground.IsEmpty || shape.IsEmpty || !Box.Intersects(shape.EnvelopeInternal))
        {
            return false;
        }

        lock (gate)
        {
            return prepared.Intersects(shape) && (prepared.Contains(shape) || !prepared.Touches(shape));
        }
    }

    public bool Covers(Envelope box) => Covers(Ground.Factory.ToGeometry(box));

    public bool Contains(Envelope box) => Contains(Ground.Factory.ToGeometry(box));

    /// <summary>True when all of <paramref name="shape"/> lies in the scope.</summary>
    public bool Contains(Geometry shape)
    {
        if (Ground.IsEmpty || shape.IsEmpty || !Box.Contains(shape.EnvelopeInternal))
        {
            return false;
        }

        lock (gate)
        {
            return prepared.Contains(shape);
        }
    }

    /// <summary>Square degrees of <paramref name="shape"/> that lie in the scope.</summary>
    public double AreaIn(Geometry shape) => Box.Intersects(shape.EnvelopeInternal) ? OverlayNGRobust.Overlay(Ground, shape, SpatialFunction.Intersection).Area : 0;

    public bool Meets(Envelope box)
    {
        if (Ground.IsEmpty || !Box.Intersects(box))
        {
            return false;
        }

        lock (gate)
        {
            return prepared.Intersects(Ground.Factory.ToGeometry(box));
        }
    }
}
