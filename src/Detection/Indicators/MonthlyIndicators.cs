using Microsoft.Extensions.Logging;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Indicators;
using Monitoring.Domain.Land;
using Monitoring.Gdal;

namespace Monitoring.Detection.Indicators;

/// <summary>
/// Computes the sensed indicators of a region and month from the scenes of the catalogue. Remembers samples and composites within a bound,
/// so that the next scene of a month costs one reading. Not thread-safe.
/// </summary>
internal sealed partial class MonthlyIndicators(
    ISceneCatalogue scenes, ISceneSampler sampler, MeasureParameters parameters, string defaultZone, SetAside aside, TimeProvider clock, ILogger log)
{
    /// <summary>No satellite looked at land for us before Landsat 1.</summary>
    private static readonly DateTimeOffset FirstYear = new(1972, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // In cells of all kept samples and all kept composites: 16 bytes each, so about 96 MB of each at most.
    private const long CellsKept = 6_000_000;
    private const int ScenesPerMonth = 500;

    private readonly Kept<(string Region, string Scene), CellIndices?> _samples = new(CellsKept);
    private readonly Kept<(string Region, DateOnly Month), Month> _months = new(CellsKept);
    private readonly Dictionary<string, SampleGrid> _grids = new(StringComparer.Ordinal);
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);
    private PlanIndex? _index;
    private IReadOnlyList<Region> _together = [];

    /// <summary>Scenes of a region's month, oldest first, with their composite (null when no scene could be used).</summary>
    private sealed record Month(IReadOnlyList<Scene> Scenes, CellIndices? Composite);

    public TimeZoneInfo ZoneOf(Region region) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(region.TimeZone, out var zone) ? zone : TimeZoneInfo.FindSystemTimeZoneById(defaultZone);

    /// <summary>First day of the month, in the region's zone, that a time lies in.</summary>
    public DateOnly MonthOf(DateTimeOffset time, Region region)
    {
        var day = DayInterval.DayOf(time, ZoneOf(region));
        return new(day.Year, day.Month, 1);
    }

    /// <summary>Forgets what was remembered of a month, because a scene came for it.</summary>
    public void Forget(Region region, DateOnly month) => _months.Remove((KeyOf(region), month));

    /// <summary>
    /// Whether a scene can have been acquired when it says: not before 1972, nor more than a day after it came. Any other is warned of once
    /// and belongs to no month.
    /// </summary>
    public bool IsPlausible(Scene scene)
    {
        if (scene.AcquiredAt >= FirstYear && scene.AcquiredAt - TimeSpan.FromDays(1) <= scene.ReceivedAt)
        {
            return true;
        }

        if (_warned.Count < 10_000 && _warned.Add(scene.Id))
        {
            Implausible(log, scene.Id, scene.AcquiredAt);
        }

        return false;
    }

    /// <summary>Of the periods of a region the one that stands for a month: in force on its last day, see <see cref="PlanIndex.InForce"/>.</summary>
    public static Region PeriodOf(IEnumerable<Region> periods, DateOnly month) => PlanIndex.InForce(periods, month.AddMonths(1).AddDays(-1));

    // A region may have another outline in another period.
    private static string KeyOf(Region region) => $"{region.Id}|{region.Revision}|{Facts.Day(region.EffectiveFrom)}|{Facts.Day(region.EffectiveTo)}";

    /// <summary>Regions that are computed next: a scene that is read for one of them is sampled for all of them that it meets.</summary>
    public void Together(IReadOnlyList<Region> regions) => _together = regions;

    /// <summary>Values of all sensed definitions for one month, in the order of the definitions.</summary>
    public async Task<IReadOnlyList<IndicatorValue>> ComputeAsync(
        Region region, DateOnly month, IReadOnlyList<IndicatorDefinition> definitions, PlanIndex index, CancellationToken cancellationToken)
    {
        if (!ReferenceEquals(_index, index))
        {
            _index = index;
            _grids.Clear();
            _samples.Clear();
            _months.Clear();
        }

        List<Month> run = [];
        for (var back = parameters.PersistMonths - 1; back >= 0; back--)
        {
            run.Add(await MonthAsync(region, month.AddMonths(-back), index, cancellationToken));
        }

        var now = run[^1];
        if (now.Scenes.Count == 0)
        {
            return [];
        }

        var grid = GridOf(region, month, index);
        var cover = Measures.BuiltUp([.. run.Select(m => m.Composite)], grid.Count, parameters);
        List<IndicatorValue> values = [];
        foreach (var definition in definitions.Where(d => Measures.IsSensed(d.Measure)))
        {
            IReadOnlyList<Scene> inputs = [.. run.SelectMany(m => m.Scenes)];
            Measured measured;
            if (definition.Measure == Measures.VegetationRestoration)
            {
                List<Month> season = [.. run.TakeLast(parameters.QuickMonths)];
                List<Month> earlier = [];
                for (var back = parameters.QuickMonths - 1; back >= 0; back--)
                {
                    earlier.Add(await MonthAsync(region, month.AddYears(-1).AddMonths(-back), index, cancellationToken));
                }

                measured = Measures.Restoration(grid, [.. season.Select(m => m.Composite)], [.. earlier.Select(m => m.Composite)], parameters);
                inputs = [.. earlier.Concat(season).SelectMany(m => m.Scenes)];
            }
            else
            {
                var zone = Measures.ZoneOf(definition.Measure);
                if (zone is Zone.OutsideBoundary && !grid.BoundaryKnown)
                {
                    continue;
                }

                measured = Measures.BuiltUpIn(zone, grid, cover, now.Composite, parameters);
                if (definition.Measure == Measures.BuiltUpShare && measured.Value is { } area)
                {
                    measured = measured with { Value = 100 * area / region.Outline.AreaSquareMeters };
                }
            }

            values.Add(new IndicatorValue
            {
                Code = definition.Code,
                DefinitionVersion = definition.DefinitionVersion,
                RegionCode = region.Id,
                RegionRevision = region.Revision,
                Month = month,
                Value = measured.Value,
                ObservableShare = measured.ObservableShare,
                InputsThrough = now.Scenes[^1].AcquiredAt,
                Inputs = [.. inputs.Select(s => new EvidenceInput("scene", s.Id, s.ContentHash))],
                ComputedAt = clock.GetUtcNow(),
            });
        }

        return values;
    }

    private SampleGrid GridOf(Region region, DateOnly month, PlanIndex index)
    {
        // Zones are those in force on the month's last day; most months share them.
        var day = month.AddMonths(1).AddDays(-1);
        var lines = index.InBox<ControlLine>(MapLayer.ControlLine, region.Outline.Box).Where(l => l.InForceOn(day))
            .Select(l => $"{l.Id}|{Facts.Day(l.EffectiveFrom)}|{Facts.Day(l.EffectiveTo)}");
        var key = FindingId.Of([KeyOf(region), .. lines]);
        return _grids.TryGetValue(key, out var grid) ? grid : _grids[key] = SampleGrid.Of(region, index, day, parameters);
    }

    private async Task<Month> MonthAsync(Region region, DateOnly month, PlanIndex index, CancellationToken cancellationToken)
    {
        if (_months.TryGetValue((KeyOf(region), month), out var known))
        {
            return known;
        }

        // A day around in UTC, then cut to the month in the region's zone.
        var from = new DateTimeOffset(month.AddDays(-1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var to = new DateTimeOffset(month.AddMonths(1).AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var found = await scenes.QueryAsync(region.Outline.Box, from, to, ScenesPerMonth, cancellationToken);
        List<Scene> own = [.. found.Select(c => c.Scene).Where(s => IsPlausible(s) && MonthOf(s.AcquiredAt, region) == month).OrderBy(s => s.AcquiredAt).ThenBy(s => s.Id, StringComparer.Ordinal)];
        List<Scene> used = [];
        List<CellIndices> samples = [];
        foreach (var scene in own)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Sample(scene, region, month, index) is { } sample)
            {
                used.Add(scene);
                samples.Add(sample);
            }
        }

        var grid = GridOf(region, month, index);
        return _months.Put((KeyOf(region), month), new Month(used, samples.Count == 0 ? null : CellIndices.MedianOf(samples, grid.Count)), grid.Count);
    }

    private CellIndices? Sample(Scene scene, Region region, DateOnly month, PlanIndex index)
    {
        if (_samples.TryGetValue((KeyOf(region), scene.Id), out var known))
        {
            return known;
        }

        List<Region> regions = [region, .. _together.Where(r => KeyOf(r) != KeyOf(region) && !_samples.TryGetValue((KeyOf(r), scene.Id), out _) && r.Outline.Box.Intersects(scene.Footprint.Box))];
        List<SampleGrid> grids = [.. regions.Select(r => GridOf(r, month, index))];
        IReadOnlyList<CellIndices>? samples = null;
        var item = $"scene {scene.Id}";
        try
        {
            samples = aside.Holds(item) ? null : sampler.Sample(scene, grids);
        }
        catch (GdalException e) when (IsUnreadable(scene, e))
        {
            // One broken file must not stop the series; the month is computed from the others and names them.
            Unreadable(log, scene.Id, e);
        }
        catch (Exception e) when (SetAside.IsOfTheItem(e))
        {
            throw new ItemFailedException(item, e);
        }

        // The asked one last: it must still be there.
        for (var i = regions.Count - 1; i >= 0; i--)
        {
            _samples.Put((KeyOf(regions[i]), scene.Id), samples?[i], grids[i].Count);
        }

        return samples?[0];
    }

    /// <summary>The files are all there, and GDAL names one of them: its content is the fault, not a mount that is away or a full disk.</summary>
    private static bool IsUnreadable(Scene scene, GdalException e)
    {
        var paths = scene.Assets.Select(a => a.Path).Where(p => !p.StartsWith("/vsi", StringComparison.Ordinal)).ToList();
        return paths.TrueForAll(File.Exists) && paths.Exists(p => e.Message.Contains(p, StringComparison.Ordinal));
    }

    /// <summary>Values that can be made again, the oldest forgotten when there are too many cells.</summary>
    private sealed class Kept<TKey, TValue>(long cells)
        where TKey : notnull
    {
        private readonly Dictionary<TKey, (TValue Value, int Cells)> _values = [];
        private readonly Queue<TKey> _order = [];
        private long _cells;

        public bool TryGetValue(TKey key, out TValue value)
        {
            var found = _values.TryGetValue(key, out var entry);
            value = entry.Value;
            return found;
        }

        public TValue Put(TKey key, TValue value, int count)
        {
            Remove(key);
            while (_cells > cells && _order.TryDequeue(out var oldest))
            {
                Remove(oldest);
            }

            _values[key] = (value, count);
            _cells += count;
            _order.Enqueue(key);
            return value;
        }

        public void Remove(TKey key)
        {
            if (_values.Remove(key, out var entry))
            {
                _cells -= entry.Cells;
            }
        }

        public void Clear()
        {
            _values.Clear();
            _order.Clear();
            _cells = 0;
        }
    }

    [LoggerMessage(3024, LogLevel.Warning, "Scene {Scene} says that it was acquired at {Time}, before 1972 or after it came, and is left out of the indicators")]
    private static partial void Implausible(ILogger log, string scene, DateTimeOffset time);

    [LoggerMessage(3021, LogLevel.Warning, "Scene {Scene} could not be read for the indicators and is left out of its month")]
    private static partial void Unreadable(ILogger log, string scene, Exception exception);
}
