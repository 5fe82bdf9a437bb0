using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
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
/// change set is judged against the newest map; map versions are worked one by one, each against the map as it stood after it.
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
    TimeProvider clock,
    ILogger<JudgementPipeline> log) : BackgroundService
{
    public const string ChangesConsumer = "judgement/changes";
    public const string MapConsumer = "judgement/map";
    private const int SetsAtOnce = 50;
    private const int VersionsAtOnce = 50;

    private readonly SiteJudge _judge = new(rules, geodesic, clock);
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
        catch
        {
            // What was put into the registry may not have been stored.
            _sites = null;
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
                var step = Judge(stored.ChangeSet, sites, index);
                await findings.CommitAsync(step with { Cursor = new(ChangesConsumer, stored.Sequence) }, cancellationToken);
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
            if (sites.SiteOf(patch.Id) is not null)
            {
                continue;
            }

            var siteId = sites.Assign(patch);
            var site = _judge.Arrive(siteId, set.Id, patch, sites.PatchesOf(siteId), index);
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
                    index = index is { } before && before.MapVersion + 1 == version.Version
                        ? await indexes.StepAsync(before, version, cancellationToken)
                        : await indexes.AsOfAsync(version.Version, cancellationToken);
                    step = JudgeAgain(version, sites, index);
                }

                await findings.CommitAsync(step with { Cursor = new(MapConsumer, version.Version) }, cancellationToken);
                position = version.Version;
                worked++;
                await TellAsync(step, cancellationToken);
            }
        }
    }

    private FindingBatch JudgeAgain(MapVersion version, SiteRegistry sites, PlanIndex index)
    {
        List<Finding> told = [];
        List<JudgedPatch> judged = [];
        foreach (var siteId in sites.SitesIn(version.Touched))
        {
            var before = sites.PatchesOf(siteId);

            // A patch that came after this version was judged against a newer map already; an older one must not take its place.
            if (before.Any(p => p.MapVersion >= version.Version))
            {
                continue;
            }

            var site = _judge.Again(siteId, before, index);
            foreach (var one in site.Patches)
            {
                sites.Put(one);
            }

            judged.AddRange(site.Patches);
            told.AddRange(site.Findings);
        }

        return new FindingBatch { Findings = told, JudgedPatches = judged };
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
