using Monitoring.Detection.Imagery.Network;
using Monitoring.Detection.Imagery.Output;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Imagery.Redetect;

/// <summary>
/// Looks at a catalogued scene again with the detectors of today and tells what is otherwise than what is stored. It stores nothing and
/// closes nothing (docs/decisions/redetect.md).
/// </summary>
/// <remarks>Thread-safe: it has no state. The same catalogue and version give the same report.</remarks>
public sealed class Redetection(
    ISceneCatalogue scenes, IChangeStore changes, IFindingStore findings, IAlertStore alerts, PairDetection pairs, ImageryOptions options, DetectionRules rules)
    : ISecondLook
{
    private const int ScenesAtOnce = 16;
    private static readonly string[] PairDetectors = [PairDetector.Id, NetworkScores.Id];

    /// <summary>Memory of series in a folder.</summary>
    internal Func<string, SeriesStore> Stores { get; init; } = static folder => new SeriesStore(folder);

    /// <param name="detector"><c>pair</c>, <c>series</c>, or null: those that told something of the scene, else the pair detector.</param>
    public async Task<RedetectResult> RunAsync(string sceneId, string? detector, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sceneId);
        if (detector is not (null or "pair" or "series"))
        {
            return new RedetectResult($"\"{detector}\" is no detector: pair or series.", null);
        }

        if (await scenes.FindAsync(sceneId, cancellationToken) is not { } scene)
        {
            return new RedetectResult($"There is no scene \"{sceneId}\" in the catalogue; scenes add takes one in.", null);
        }

        try
        {
            var stored = await changes.OfCurrentSceneAsync(sceneId, cancellationToken);
            var pair = stored.Where(s => PairDetectors.Contains(s.DetectorId, StringComparer.Ordinal)).ToList();
            var series = stored.Where(s => s.DetectorId == SeriesDetector.Id).ToList();
            List<RedetectRun> runs = [];
            if (detector == "pair" || (detector is null && (pair.Count > 0 || series.Count == 0)))
            {
                runs.AddRange(await PairsAsync(scene, pair, cancellationToken));
            }

            if (detector == "series" || (detector is null && series.Count > 0))
            {
                runs.Add(await SeriesAsync(scene, series, cancellationToken));
            }

            return runs.Count > 0
                ? new RedetectResult(null, new RedetectReport(sceneId, runs))
                : new RedetectResult($"\"{sceneId}\" was compared with nothing, and no earlier scene in the catalogue fits it.", null);
        }
        catch (Exception problem) when (problem is ImageryException or GdalException)
        {
            return new RedetectResult($"\"{sceneId}\" cannot be worked again: {problem.Message}", null);
        }
        catch (NoRoomException full)
        {
            return new RedetectResult($"\"{sceneId}\" cannot be worked again now: {char.ToLowerInvariant(full.Lack[0])}{full.Lack[1..]}; make room there and look again, nothing was changed.", null);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new RedetectResult($"\"{sceneId}\" cannot be worked again now: {problem.Message.TrimEnd('.')}; look again when that is mended, nothing was changed.", null);
        }
    }

    /// <inheritdoc/>
    public async Task<SecondLook> LookAsync(string sceneId, CancellationToken cancellationToken)
    {
        var result = await RunAsync(sceneId, null, cancellationToken);
        return new SecondLook(
            result.Problem,
            [.. (result.Report?.Runs ?? []).Select(static run => new SecondLookRun(
                run.Detector, run.BaselineScene, run.OldVersion, run.NewVersion,
                [.. run.Lines.Select(static line => new SecondLookLine(
                    line.Fate, line.Before?.Whole, line.After?.Whole, line.CommonShare, line.Differences, line.Site, line.Judged, line.OpenAlerts))]))]);
    }

    /// <summary>Each stored comparison again, against the same baseline; when there is none, against the baseline that would be chosen now.</summary>
    private async Task<List<RedetectRun>> PairsAsync(CataloguedScene scene, List<ChangeSet> stored, CancellationToken cancellationToken)
    {
        // Of several versions on one baseline the newest is what stands.
        var olds = stored.GroupBy(s => s.BaselineSceneId).Select(g => (Baseline: g.Key, Old: (ChangeSet?)g.Last())).ToList();
        if (olds.Count == 0 && await ChosenAsync(scene, cancellationToken) is { } chosen)
        {
            olds.Add((chosen, null));
        }

        List<RedetectRun> runs = [];
        foreach (var (baselineId, old) in olds.OrderBy(o => o.Baseline, StringComparer.Ordinal))
        {
            var baseline = await scenes.FindAsync(baselineId, cancellationToken) ?? throw new ImageryException($"its baseline \"{baselineId}\" is no longer in the catalogue.");
            var scoring = ModelShelf.Choose(baseline.Scene, scene.Scene, options.ChangeModels, null, options.Network);
            using var network = scoring.Scores;
            var (found, _) = await ModelShelf.RunAsync(pairs, new PairRequest(baseline.Scene, scene.Scene, options.Pair), scoring, null, cancellationToken);
            using var result = found;
            runs.Add(await RunOfAsync("pair", baselineId, old is null ? [] : [old], [result.Changes], result.Changes.Observed, cancellationToken));
        }

        return runs;
    }

    private async Task<string?> ChosenAsync(CataloguedScene scene, CancellationToken cancellationToken) =>
        BaselineChooser.Choose(scene.Scene, await EarlierScenes.OfAsync(scenes, scene, cancellationToken), false).Baseline?.Id;

    /// <summary>All scenes up to this one into fresh memories of series, in a folder of its own.</summary>
    private async Task<RedetectRun> SeriesAsync(CataloguedScene scene, List<ChangeSet> stored, CancellationToken cancellationToken)
    {
        var folder = TemporaryFolder.Create(null);
        try
        {
            var store = Stores(folder);
            var following = new SceneFollowing(store, options.Series, (_, _) => { });
            List<SeriesState> states = [];
            IReadOnlyList<ChangeSet> last = [];
            long position = 0;
            while (position < scene.Sequence && await scenes.ReadAfterAsync(position, ScenesAtOnce, cancellationToken) is { Count: > 0 } batch)
            {
                foreach (var one in batch.Where(s => s.Sequence <= scene.Sequence))
                {
                    try
                    {
                        (states, last, _) = await following.FollowAsync(states, one, cancellationToken);
                    }
                    catch (Exception problem) when (problem is ImageryException or GdalException { IsOfWriting: false } && one.Sequence != scene.Sequence)
                    {
                        // Set aside then, set aside now: the series goes on without it.
                        continue;
                    }

                    store.Save(one.Sequence, one.Sequence, states);
                }

                position = batch[^1].Sequence;
            }

            // What was told by the newest version that is stored.
            var version = stored.Count > 0 ? stored[^1].DetectorVersion : null;
            return await RunOfAsync("series", null, [.. stored.Where(s => s.DetectorVersion == version)], last, null, cancellationToken);
        }
        finally
        {
            TemporaryFolder.Delete(folder);
        }
    }

    private async Task<RedetectRun> RunOfAsync(
        string detector, string? baseline, IReadOnlyList<ChangeSet> old, IReadOnlyList<ChangeSet> now, Outline? observed, CancellationToken cancellationToken)
    {
        var lines = PatchDiff.Compare([.. old.SelectMany(s => s.Patches)], [.. now.SelectMany(s => s.Patches)], observed);
        var box = new Envelope();
        foreach (var patch in lines.SelectMany(l => new[] { l.Before, l.After }).OfType<ChangePatch>())
        {
            box.ExpandToInclude(patch.Outline.Box);
        }

        // A little more than the patches: what they would join may lie beside them.
        var around = box.IsNull ? box : LocalPlane.At(box).Grow(box, 200);
        var judged = box.IsNull ? [] : await findings.JudgedPatchesAsync(around, cancellationToken);
        var sites = SiteRegistry.Rebuild(rules.Judgement.Site, judged);
        var verdicts = judged.ToDictionary(j => j.Patch.Id, StringComparer.Ordinal);
        List<RedetectLine> told = [];
        foreach (var line in lines)
        {
            var before = line.Before is null ? null : verdicts.GetValueOrDefault(line.Before.Id);
            var site = before?.SiteId ?? (line.After is { } after && sites.Assign(after) is var would && sites.PatchesOf(would).Count > 0 ? would : null);
            told.Add(new RedetectLine(
                NameOf(line.Fate), Of(line.Before), Of(line.After), Math.Round(line.CommonShare, 3), line.Differences, site,
                before is null ? null : DetectOutputs.NameOf(before.Verdict), site is null ? [] : await OpenAlertsAsync(site, cancellationToken))
            {
                Judged = before?.Verdict,
            });
        }

        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var fate in Enum.GetValues<PatchFate>())
        {
            counts[NameOf(fate)] = told.Count(t => t.Fate == NameOf(fate));
        }

        return new RedetectRun(
            detector, baseline, [.. old.Select(s => s.Id)], old.Count == 0 ? null : VersionOf(old[^1]), [.. now.Select(s => s.Id)],
            now.Count == 0 ? $"{SeriesDetector.Id} {SeriesDetector.Version}" : VersionOf(now[0]), counts, told);
    }

    private async Task<IReadOnlyList<string>> OpenAlertsAsync(string site, CancellationToken cancellationToken)
    {
        var found = await alerts.QueryAsync(new AlertQuestion { Subject = new Subject(SubjectKind.Site, site), Limit = 100 }, cancellationToken);
        return [.. found.Where(a => a.State is not AlertState.Resolved).Select(a => a.Id).Order(StringComparer.Ordinal)];
    }

    private static string VersionOf(ChangeSet set) => $"{set.DetectorId} {set.DetectorVersion}";

    private static string NameOf(PatchFate fate) => fate is PatchFate.NotObserved ? "not-observed" : fate.ToString().ToLowerInvariant();

    private static RedetectPatch? Of(ChangePatch? patch)
    {
        if (patch is null)
        {
            return null;
        }

        var inside = patch.Outline.Shape.InteriorPoint;
        return new RedetectPatch(
            patch.Id, DetectOutputs.NameOf(patch.Kind), patch.Score, Math.Round(patch.Outline.AreaSquareMeters, 1), patch.NotBefore, patch.NotAfter, Math.Round(inside.X, 6), Math.Round(inside.Y, 6))
        {
            Whole = patch,
        };
    }
}
