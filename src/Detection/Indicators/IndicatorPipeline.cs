using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Indicators;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Indicators;

/// <summary>
/// The river from scenes, map versions and decided cases to monthly values and the findings that a target is breached or off course.
/// What a scene affects is computed again: its month, the months whose persistence looks back on it, and the same month a year later. A
/// value that did not change is not stored again, so repeating a step after a crash changes nothing.
/// </summary>
public sealed partial class IndicatorPipeline(
    ISceneCatalogue scenes,
    IIndicatorStore indicators,
    IFindingStore findings,
    IAlertStore alerts,
    ICursorStore cursors,
    IEventBus bus,
    PlanIndexSource indexes,
    IPlanRegister plans,
    ISceneSampler sampler,
    IndicatorCatalogue catalogue,
    DetectionRules rules,
    IAuditTrail audit,
    TimeProvider clock,
    ILogger<IndicatorPipeline> log) : BackgroundService
{
    public const string ScenesConsumer = "indicators/scenes";
    public const string MapConsumer = "indicators/map";

    /// <summary>Scenes come in bursts; waiting a little computes a month once for several of them.</summary>
    internal static readonly TimeSpan Settle = TimeSpan.FromSeconds(15);

    private const int ScenesAtOnce = 200;
    private const int SupplyMonthsAtOnce = 3;
    private const int CasesAtOnce = 100_000;

    // What land that waits was last computed from.
    private (long MapVersion, long Quarter, long Changes, long Scenes)? _suppliedOn;

    private readonly SetAside _aside = new("indicators", audit, clock, log);
    private readonly LandSupply _supply = new(rules.Judgement, catalogue.Parameters, new GdalGeodesic());
    private readonly TargetJudge _targets = new(catalogue.Version, clock);

    private MonthlyIndicators? _made;

    private MonthlyIndicators Monthly => _made ??= new(scenes, sampler, catalogue.Parameters, rules.Judgement.TimeZone, _aside, clock, log);

    /// <summary>Works everything that is there now. A scene or region that fails again and again is set aside (<see cref="SetAside"/>).</summary>
    /// <returns>How many values were stored.</returns>
    public async Task<int> WorkOffAsync(CancellationToken cancellationToken)
    {
        int stored;
        try
        {
            await SaveDefinitionsAsync(cancellationToken);
            stored = await WorkScenesAsync(cancellationToken) + await WorkCasesAsync(cancellationToken) + await WorkSupplyAsync(cancellationToken);
        }
        catch (ItemFailedException failed)
        {
            await _aside.CountAsync(failed, cancellationToken);
            throw;
        }

        if (stored > 0)
        {
            bus.Publish(new IndicatorsComputed());
        }

        return stored;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var arrived = bus.Subscribe<SceneArrived>();
        using var changed = bus.Subscribe<PlanChanged>();
        using var decided = bus.Subscribe<CaseDecided>();
        await WakeLoop.RunAsync(
            async token =>
            {
                await Task.Delay(Settle, clock, token);
                var stored = await WorkOffAsync(token);
                if (stored > 0)
                {
                    Worked(stored);
                }
            },
            [arrived, changed, decided],
            clock,
            e => Failed(e),
            stoppingToken);
    }

    private async Task SaveDefinitionsAsync(CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var have = await indicators.DefinitionsAsync(today, cancellationToken);
        var targets = await indicators.TargetsAsync(cancellationToken);
        List<IndicatorDefinition> fresh = [.. catalogue.Definitions.Where(d => !have.Contains(d))];
        List<IndicatorTarget> freshTargets = [.. catalogue.Targets.Where(t => !targets.Contains(t))];
        if (fresh.Count + freshTargets.Count > 0)
        {
            await indicators.SaveDefinitionsAsync(fresh, freshTargets, "system", cancellationToken);
        }
    }

    private async Task<int> WorkScenesAsync(CancellationToken cancellationToken)
    {
        var stored = 0;
        var position = await cursors.PositionAsync(ScenesConsumer, cancellationToken);
        var mapPosition = await cursors.PositionAsync(MapConsumer, cancellationToken);
        while (true)
        {
            var arrived = await scenes.ReadAfterAsync(position, ScenesAtOnce, cancellationToken);
            var index = await indexes.CurrentAsync(cancellationToken);
            var versions = await plans.VersionsAfterAsync(mapPosition, int.MaxValue, cancellationToken);
            versions = [.. versions.Where(v => v.Version <= index.MapVersion)];
            if (arrived.Count == 0 && versions.Count == 0)
            {
                return stored;
            }

            // Month by month over all regions, so that a scene is read once for all of them.
            var affected = await AffectedAsync(arrived, versions, index, cancellationToken);
            var values = affected.ToDictionary(a => a.Id, _ => new List<IndicatorValue>(), StringComparer.Ordinal);
            foreach (var month in affected.SelectMany(a => a.Months).Distinct().Order())
            {
                var regions = affected.Where(a => a.Months.Contains(month)).Select(a => MonthlyIndicators.PeriodOf(a.Periods, month)).ToList();
                Monthly.Together(regions);
                foreach (var region in regions)
                {
                    values[region.Id].AddRange(
                        await OfRegionAsync(region.Id, index, () => Monthly.ComputeAsync(region, month, catalogue.Definitions, index, cancellationToken)) ?? []);
                }
            }

            foreach (var (id, periods, _) in affected)
            {
                stored += await OfRegionAsync(id, index, () => StoreAsync(periods, values[id], cancellationToken));
            }

            // The cursors last: until then everything is simply computed again.
            if (arrived.Count > 0)
            {
                position = arrived[^1].Sequence;
                await indicators.CommitAsync([], [], new Cursor(ScenesConsumer, position), cancellationToken);
            }

            if (versions.Count > 0)
            {
                mapPosition = versions[^1].Version;
                await indicators.CommitAsync([], [], new Cursor(MapConsumer, mapPosition), cancellationToken);
            }
        }
    }

    /// <summary>Does a step for a region, unless the region was set aside on this map.</summary>
    private async Task<T?> OfRegionAsync<T>(string id, PlanIndex index, Func<Task<T>> step)
    {
        var item = $"region {id} at map version {index.MapVersion}";
        try
        {
            return _aside.Holds(item) ? default : await step();
        }
        catch (Exception problem) when (SetAside.IsOfTheItem(problem))
        {
            throw new ItemFailedException(item, problem);
        }
    }

    /// <summary>Regions, each with all of its periods, with the months to compute again, ascending.</summary>
    private async Task<List<(string Id, List<Region> Periods, SortedSet<DateOnly> Months)>> AffectedAsync(
        IReadOnlyList<CataloguedScene> arrived, IReadOnlyList<MapVersion> versions, PlanIndex index, CancellationToken cancellationToken)
    {
        List<(string, List<Region>, SortedSet<DateOnly>)> affected = [];
        var touched = versions.Where(v => v.Layer is MapLayer.Region or MapLayer.ControlLine).Select(v => v.Touched).ToList();
        var plausible = arrived.Select(a => a.Scene).Where(Monthly.IsPlausible).ToList();
        foreach (var group in index.Regions.GroupBy(r => r.Id))
        {
            List<Region> periods = [.. group];
            SortedSet<DateOnly> months = [];
            foreach (var scene in plausible.Where(s => periods.Exists(r => r.Outline.Box.Intersects(s.Footprint.Box))))
            {
                var month = Monthly.MonthOf(scene.AcquiredAt, periods[0]);
                periods.ForEach(r => Monthly.Forget(r, month));
                for (var forward = 0; forward < catalogue.Parameters.PersistMonths; forward++)
                {
                    months.Add(month.AddMonths(forward));
                }

                for (var forward = 0; forward < catalogue.Parameters.QuickMonths; forward++)
                {
                    months.Add(month.AddYears(1).AddMonths(forward));
                }
            }

            foreach (var region in periods.Where(r => touched.Exists(box => box.Intersects(r.Outline.Box))))
            {
                foreach (var scene in await scenes.QueryAsync(region.Outline.Box, null, null, int.MaxValue, cancellationToken))
                {
                    if (Monthly.IsPlausible(scene.Scene))
                    {
                        months.Add(Monthly.MonthOf(scene.Scene.AcquiredAt, periods[0]));
                    }
                }
            }

            if (months.Count > 0)
            {
                affected.Add((group.Key, periods, months));
            }
        }

        return affected;
    }

    /// <summary>Counts of field-confirmed cases by month of the decision, for regions that have had one.</summary>
    private async Task<int> WorkCasesAsync(CancellationToken cancellationToken)
    {
        List<IndicatorDefinition> definitions = [.. catalogue.Definitions.Where(d => d.Measure == Measures.ConfirmedCases)];
        if (definitions.Count == 0)
        {
            return 0;
        }

        var decided = await alerts.CasesAsync(new CaseQuestion { State = CaseState.Judged, Limit = CasesAtOnce }, cancellationToken);
        List<Case> confirmed = [.. decided.Where(c => c.Verification?.Outcome is FieldOutcome.Illegal && c.DecidedAt is not null && c.RegionCode is not null)];
        if (confirmed.Count == 0)
        {
            return 0;
        }

        var index = await indexes.CurrentAsync(cancellationToken);
        var stored = 0;
        foreach (var group in index.Regions.GroupBy(r => r.Id))
        {
            List<Region> periods = [.. group];
            var prefix = DivisionPrefix(group.Key);
            var own = confirmed.Where(c => c.RegionCode!.StartsWith(prefix, StringComparison.Ordinal)).ToLookup(c => Monthly.MonthOf(c.DecidedAt!.Value, periods[0]));
            if (own.Count == 0)
            {
                continue;
            }

            List<IndicatorValue> values = [];
            var last = Monthly.MonthOf(clock.GetUtcNow(), periods[0]);
            for (var month = own.Min(g => g.Key); month <= last; month = month.AddMonths(1))
            {
                var region = MonthlyIndicators.PeriodOf(periods, month);
                var cases = own[month].OrderBy(c => c.Id, StringComparer.Ordinal).ToList();
                values.AddRange(definitions.Select(definition => new IndicatorValue
                {
                    Code = definition.Code,
                    DefinitionVersion = definition.DefinitionVersion,
                    RegionCode = region.Id,
                    RegionRevision = region.Revision,
                    Month = month,
                    Value = cases.Count,
                    InputsThrough = cases.Count == 0 ? null : cases.Max(c => c.DecidedAt),
                    Inputs = [.. cases.Select(c => new EvidenceInput("case", c.Id))],
                    ComputedAt = clock.GetUtcNow(),
                }));
            }

            stored += await OfRegionAsync(group.Key, index, () => StoreAsync(periods, values, cancellationToken));
        }

        return stored;
    }

    /// <summary>Land that waits, of the newest months: papers are registered late, and an older month says what was known then.</summary>
    private async Task<int> WorkSupplyAsync(CancellationToken cancellationToken)
    {
        List<IndicatorDefinition> definitions = [.. catalogue.Definitions.Where(d => d.Measure is Measures.ApprovedNotSupplied or Measures.SuppliedNotUsed)];
        var index = await indexes.CurrentAsync(cancellationToken);
        var now = clock.GetUtcNow();

        // All that it rests on; a day ends somewhere on a whole quarter of an hour.
        var rests = (
            index.MapVersion, now.UtcTicks / TimeSpan.FromMinutes(15).Ticks, await cursors.PositionAsync(JudgementPipeline.ChangesConsumer, cancellationToken),
            await cursors.PositionAsync(ScenesConsumer, cancellationToken));
        if (_suppliedOn == rests)
        {
            return 0;
        }

        var stored = 0;
        foreach (var group in definitions.Count == 0 ? [] : index.Regions.GroupBy(r => r.Id))
        {
            List<Region> periods = [.. group];
            List<IndicatorValue> values = [];
            var today = DayInterval.DayOf(now, Monthly.ZoneOf(periods[0]));
            var last = Monthly.MonthOf(now, periods[0]);
            for (var month = last.AddMonths(1 - SupplyMonthsAtOnce); month <= last; month = month.AddMonths(1))
            {
                var region = MonthlyIndicators.PeriodOf(periods, month);
                var end = month.AddMonths(1).AddDays(-1);
                values.AddRange(await OfRegionAsync(group.Key, index, () => WaitingAsync(region, month, end < today ? end : today, definitions, index, cancellationToken)) ?? []);
            }

            stored += values.Count == 0 ? 0 : await OfRegionAsync(group.Key, index, () => StoreAsync(periods, values, cancellationToken));
        }

        _suppliedOn = rests;
        return stored;
    }

    private async Task<List<IndicatorValue>> WaitingAsync(Region region, DateOnly month, DateOnly day, List<IndicatorDefinition> definitions, PlanIndex index, CancellationToken cancellationToken)
    {
        List<IndicatorValue> values = [];
        foreach (var definition in definitions)
        {
            LandSupply.Waiting? waiting;
            var looked = true;
            if (definition.Measure == Measures.ApprovedNotSupplied)
            {
                waiting = _supply.NotSupplied(region, day, index);
            }
            else
            {
                waiting = _supply.NotUsed(region, day, index, await findings.JudgedPatchesAsync(region.Outline.Box, cancellationToken));

                // Where nobody looked, that nothing was seen says nothing.
                var until = new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
                looked = (await scenes.QueryAsync(region.Outline.Box, until.AddMonths(-catalogue.Parameters.UseMonths), until, 1, cancellationToken)).Count > 0;
            }

            if (waiting is not null)
            {
                values.Add(new IndicatorValue
                {
                    Code = definition.Code,
                    DefinitionVersion = definition.DefinitionVersion,
                    RegionCode = region.Id,
                    RegionRevision = region.Revision,
                    Month = month,
                    Value = looked ? waiting.SquareMeters : null,
                    Inputs = waiting.Inputs,
                    ComputedAt = clock.GetUtcNow(),
                });
            }
        }

        return values;
    }

    /// <summary>Stores what differs from what is stored, with what it means for the targets.</summary>
    private async Task<int> StoreAsync(List<Region> periods, List<IndicatorValue> values, CancellationToken cancellationToken)
    {
        List<IndicatorValue> fresh = [];
        foreach (var group in values.GroupBy(v => v.Code))
        {
            var have = (await indicators.ValuesAsync(group.Key, periods[0].Id, group.Min(v => v.Month), group.Max(v => v.Month), cancellationToken)).ToDictionary(v => v.Month);
            fresh.AddRange(group.Where(v => !have.TryGetValue(v.Month, out var old) || !Same(old, v)));
        }

        if (fresh.Count == 0)
        {
            return 0;
        }

        var told = await JudgeTargetsAsync(periods, fresh, cancellationToken);
        await indicators.CommitAsync(fresh, told, null, cancellationToken);
        if (told.Count > 0 && await findings.FindAsync(told[^1].Id, cancellationToken) is { } last)
        {
            bus.Publish(new FindingRaised(last.Sequence));
        }

        return fresh.Count;
    }

    private async Task<List<Finding>> JudgeTargetsAsync(List<Region> periods, List<IndicatorValue> fresh, CancellationToken cancellationToken)
    {
        List<Finding> told = [];
        var id = periods[0].Id;
        var targets = await indicators.TargetsAsync(cancellationToken);
        foreach (var group in fresh.GroupBy(v => v.Code))
        {
            if (targets.LastOrDefault(t => t.Code == group.Key && t.RegionCode == id) is not { } target
                || catalogue.Definitions.FirstOrDefault(d => d.Code == group.Key) is not { } definition)
            {
                continue;
            }

            var said = await findings.OfSubjectAsync(new(SubjectKind.Indicator, $"{group.Key}@{id}"), 1, cancellationToken);
            var newest = said.Count == 0 ? null : said[0].Finding;
            foreach (var value in group.OrderBy(v => v.Month))
            {
                var region = MonthlyIndicators.PeriodOf(periods, value.Month);
                var finding = _targets.Judge(definition, target, value, region, Monthly.ZoneOf(region), newest?.Condition is FindingCondition.Holds);

                // A month before the newest one that was told changes nothing for people now.
                if (finding is not null && (newest is null || finding.PhenomenonStart >= newest.PhenomenonStart))
                {
                    told.Add(finding);
                    newest = finding;
                }
            }
        }

        return told;
    }

    private static bool Same(IndicatorValue a, IndicatorValue b) =>
        a.Value.Equals(b.Value) && a.ObservableShare.Equals(b.ObservableShare) && a.DefinitionVersion == b.DefinitionVersion && a.RegionRevision == b.RegionRevision
        && a.Inputs.SequenceEqual(b.Inputs);

    /// <summary>What the codes within a division start with: GB/T 2260 fills provinces and prefectures up with zeros.</summary>
    internal static string DivisionPrefix(string code)
    {
        var prefix = code;
        while (code.Length == 6 && prefix.Length > 2 && prefix.EndsWith("00", StringComparison.Ordinal))
        {
            prefix = prefix[..^2];
        }

        return prefix;
    }

    [LoggerMessage(3022, LogLevel.Information, "Stored {Values} monthly indicator values")]
    private partial void Worked(int values);

    [LoggerMessage(3023, LogLevel.Error, "The indicators stopped at an error and try again from what is stored")]
    private partial void Failed(Exception exception);
}
