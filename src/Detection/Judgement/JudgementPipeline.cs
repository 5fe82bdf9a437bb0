using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// The river from changes and map versions to findings: change set → site of each patch → judgement of the site → commit with the
/// cursor; and map version → sites it touches → judgement again → differences. One reader, one step at a time.
/// </summary>
/// <remarks>
/// After a crash it goes on behind what it stored: sites are rebuilt from the stored judgements, findings have deterministic ids. A
/// change set is judged against the newest map; map versions are worked one by one, each against the map as it stood after it. A patch, or a
/// site at a version, that fails again and again is set aside (<see cref="SetAside"/>); the others are judged.
/// </remarks>
public sealed partial class JudgementPipeline(
    IChangeStore changes,
    IFindingStore findings,
    IPlanRegister plans,
    ICursorStore cursors,
    IEventBus bus,
    PlanIndexSource indexes,
    DetectionRules rules,
    IGeodesic geodesic,
    IAuditTrail audit,
    TimeProvider clock,
    ILogger<JudgementPipeline> log,
    CandidateScoring? scoring = null) : BackgroundService
{
    public const string ChangesConsumer = "judgement/changes";
    public const string MapConsumer = "judgement/map";
    private const int SetsAtOnce = 50;
    private const int VersionsAtOnce = 50;

    private readonly SiteJudge _judge = new(rules, geodesic, clock);
    private readonly LineChangeFindings _lines = new(plans, rules, geodesic, clock);
    private readonly ProjectFindings _projects = new(plans, rules, geodesic, clock);
    private readonly SetAside _aside = new("judgement", audit, clock, log);
    private SiteRegistry? _sites;

    /// <summary>Works everything that is there now: the map first, then changes.</summary>
    /// <returns>How many change sets and map versions were worked.</returns>
    public async Task<(int ChangeSets, int MapVersions)> WorkOffAsync(CancellationToken cancellationToken)
    {
        try
        {
            var versions = await WorkMapAsync(cancellationToken);
            var sets = await WorkChangesAsync(cancellationToken);
            return (sets, versions);
        }
        catch (Exception problem)
        {
            // What was put into the registry may not have been stored.
            _sites = null;
            if (problem is ItemFailedException failed)
            {
                await _aside.CountAsync(failed, cancellationToken);
            }

            throw;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var detected = bus.Subscribe<ChangesDetected>();
        using var changed = bus.Subscribe<PlanChanged>();
        await WakeLoop.RunAsync(
            async token =>
            {
                var (sets, versions) = await WorkOffAsync(token);
                if (sets + versions > 0)
                {
                    Worked(sets, versions);
                }
            },
            [detected, changed],
            clock,
            e => Failed(e),
            stoppingToken);
    }

    private async Task<int> WorkChangesAsync(CancellationToken cancellationToken)
    {
        var worked = 0;
        var position = await cursors.PositionAsync(ChangesConsumer, cancellationToken);
        while (true)
        {
            var batch = await changes.ReadAfterAsync(position, SetsAtOnce, cancellationToken);
            if (batch.Count == 0)
            {
                return worked;
            }

            foreach (var stored in batch)
            {
                var index = await indexes.CurrentAsync(cancellationToken);
                var sites = _sites ??= SiteRegistry.Rebuild(rules.Judgement.Site, await findings.JudgedPatchesAsync(null, cancellationToken));
                var step = await ScoredAsync(Judge(stored.ChangeSet, sites, index), index, cancellationToken);
                await CommitAsync(step, new(ChangesConsumer, stored.Sequence), $"change set {stored.ChangeSet.Id}", cancellationToken);
                position = stored.Sequence;
                worked++;
                await TellAsync(step, cancellationToken);
            }
        }
    }

    /// <summary>One change set against sites and map; sites take the new judgements up.</summary>
    private FindingBatch Judge(ChangeSet set, SiteRegistry sites, PlanIndex index)
    {
        List<Finding> told = [];
        Dictionary<string, JudgedPatch> judged = new(StringComparer.Ordinal);

        // The largest first: what it joins does not hang on how the patches were numbered.
        foreach (var patch in set.Patches.OrderByDescending(p => p.Outline.AreaSquareMeters).ThenBy(p => p.Id, StringComparer.Ordinal))
        {
            var item = $"patch {patch.Id} of change set {set.Id}";
            if (sites.SiteOf(patch.Id) is not null || _aside.Holds(item))
            {
                continue;
            }

            var site = SetAside.Do(item, () =>
            {
                var siteId = sites.Assign(patch);
                return _judge.Arrive(siteId, set.Id, patch, sites.PatchesOf(siteId), index);
            });
            foreach (var one in site.Patches)
            {
                sites.Put(one);
                judged[one.Patch.Id] = one;
            }

            told.AddRange(site.Findings);
        }

        return new FindingBatch { Findings = told, JudgedPatches = [.. judged.Values] };
    }

    private async Task<int> WorkMapAsync(CancellationToken cancellationToken)
    {
        var worked = 0;
        var position = await cursors.PositionAsync(MapConsumer, cancellationToken);
        PlanIndex? index = null;
        while (true)
        {
            var versions = await plans.VersionsAfterAsync(position, VersionsAtOnce, cancellationToken);
            if (versions.Count == 0)
            {
                return worked;
            }

            var sites = _sites ??= SiteRegistry.Rebuild(rules.Judgement.Site, await findings.JudgedPatchesAsync(null, cancellationToken));
            foreach (var version in versions)
            {
                FindingBatch step;
                if (sites.PatchCount == 0)
                {
                    step = new FindingBatch();
                }
                else
                {
                    var before = index is { } have && have.MapVersion + 1 == version.Version ? have : await indexes.AsOfAsync(version.Version - 1, cancellationToken);
                    index = await indexes.StepAsync(before, version, cancellationToken);
                    step = await ScoredAsync(JudgeAgain(version, sites, before, index), index, cancellationToken);
                }

                var changed = await _lines.OfAsync(version, Guarded, cancellationToken);
                var projects = await _projects.OfAsync(version, Guarded, cancellationToken);
                step = step with { Findings = [.. changed, .. projects, .. step.Findings] };
                await CommitAsync(step, new(MapConsumer, version.Version), $"map version {version.Version}", cancellationToken);
                position = version.Version;
                worked++;
                await TellAsync(step, cancellationToken);
            }
        }
    }

    private IReadOnlyList<Finding> Guarded(string item, Func<IReadOnlyList<Finding>> work) => _aside.Holds(item) ? [] : SetAside.Do(item, work);

    private FindingBatch JudgeAgain(MapVersion version, SiteRegistry sites, PlanIndex earlier, PlanIndex index)
    {
        List<Finding> told = [];
        List<JudgedPatch> judged = [];
        foreach (var siteId in ConcernedSites.Of(version, sites, earlier, index, rules.Judgement))
        {
            var before = sites.PatchesOf(siteId);
            var item = $"site {siteId} at map version {version.Version}";

            // A patch that came after this version was judged against a newer map already; an older one must not take its place.
            if (before.Any(p => p.MapVersion >= version.Version) || _aside.Holds(item))
            {
                continue;
            }

            var site = SetAside.Do(item, () => _judge.Again(siteId, before, index));
            foreach (var one in site.Patches)
            {
                sites.Put(one);
            }

            judged.AddRange(site.Patches);
            told.AddRange(site.Findings);
        }

        return new FindingBatch { Findings = told, JudgedPatches = judged };
    }

    /// <summary>The same with a score beside each warning of building without approval, to be stored with it, and the recheck sample called up.</summary>
    private async Task<FindingBatch> ScoredAsync(FindingBatch step, PlanIndex index, CancellationToken cancellationToken) =>
        scoring is null || step.Findings.Count == 0
            ? step
            : RecheckSample.AddTo(
                step with { Scores = await scoring.OfNewAsync(step.Findings, step.JudgedPatches, index, cancellationToken) }, rules.Find(JudgementRules.BuildingRuleId)?.FiresFrom ?? Verdict.NotJudged);

    private async Task CommitAsync(FindingBatch step, Cursor cursor, string item, CancellationToken cancellationToken)
    {
        try
        {
            await findings.CommitAsync((_aside.Holds(item) ? new FindingBatch() : step) with { Cursor = cursor }, cancellationToken);
        }
        catch (Exception problem) when (SetAside.IsOfTheItem(problem))
        {
            throw new ItemFailedException(item, problem);
        }
    }

    private async Task TellAsync(FindingBatch step, CancellationToken cancellationToken)
    {
        if (step.Findings.Count > 0 && await findings.FindAsync(step.Findings[^1].Id, cancellationToken) is { } last)
        {
            bus.Publish(new FindingRaised(last.Sequence));
        }
    }

    [LoggerMessage(3001, LogLevel.Information, "Judged {ChangeSets} change sets and {MapVersions} map versions")]
    private partial void Worked(int changeSets, int mapVersions);

    [LoggerMessage(3002, LogLevel.Error, "Judgement stopped at an error and tries again from what is stored")]
    private partial void Failed(Exception exception);
}
