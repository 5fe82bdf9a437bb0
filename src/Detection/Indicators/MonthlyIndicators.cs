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
    ISceneCatalogue scenes, ISceneSampler sampler, MeasureParameters parameters, string defaultZone, TimeProvider clock, ILogger log)
{
    // About 0.7 MB each at the default number of cells.
    private const int SamplesKept = 96;
    private const int CompositesKept = 96;
    private const int ScenesPerMonth = 500;

    private readonly Dictionary<(string Region, string Scene), CellIndices?> _samples = [];
    private readonly Dictionary<(string Region, DateOnly Month), Month> _months = [];
    private readonly Dictionary<string, SampleGrid> _grids = new(StringComparer.Ordinal);
    private PlanIndex? _index;

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
    public void Forget(string regionCode, DateOnly month) => _months.Remove((regionCode, month));

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
        var key = FindingId.Of([region.Id, .. lines]);
        return _grids.TryGetValue(key, out var grid) ? grid : _grids[key] = SampleGrid.Of(region, index, day, parameters);
    }

    private async Task<Month> MonthAsync(Region region, DateOnly month, PlanIndex index, CancellationToken cancellationToken)
    {
        if (_months.TryGetValue((region.Id, month), out var known))
        {
            return known;
        }

        // A day around in UTC, then cut to the month in the region's zone.
        var from = new DateTimeOffset(month.AddDays(-1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var to = new DateTimeOffset(month.AddMonths(1).AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var found = await scenes.QueryAsync(region.Outline.Box, from, to, ScenesPerMonth, cancellationToken);
        List<Scene> own = [.. found.Select(c => c.Scene).Where(s => MonthOf(s.AcquiredAt, region) == month).OrderBy(s => s.AcquiredAt).ThenBy(s => s.Id, StringComparer.Ordinal)];
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
        return Keep(_months, (region.Id, month), new Month(used, samples.Count == 0 ? null : CellIndices.MedianOf(samples, grid.Count)), CompositesKept);
    }

    private CellIndices? Sample(Scene scene, Region region, DateOnly month, PlanIndex index)
    {
        if (_samples.TryGetValue((region.Id, scene.Id), out var known))
        {
            return known;
        }

        CellIndices? sample = null;
        try
        {
            sample = sampler.Sample(scene, GridOf(region, month, index));
        }
        catch (GdalException e)
        {
            // One broken file must not stop the series; the month is computed from the others and names them.
            Unreadable(log, scene.Id, e);
        }

        return Keep(_samples, (region.Id, scene.Id), sample, SamplesKept);
    }

    private static TValue Keep<TKey, TValue>(Dictionary<TKey, TValue> store, TKey key, TValue value, int limit)
        where TKey : notnull
    {
        // Any entry may go: all can be made again. Everything at once keeps the bound simple.
        if (store.Count >= limit)
        {
            store.Clear();
        }

        return store[key] = value;
    }

    [LoggerMessage(3021, LogLevel.Warning, "Scene {Scene} could not be read for the indicators and is left out of its month")]
    private static partial void Unreadable(ILogger log, string scene, Exception exception);
}
