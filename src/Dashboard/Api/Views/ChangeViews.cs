using Monitoring.Dashboard.Regions;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Api.Views;

/// <summary>An image that a comparison was made from, with what identifies its content. Null facts: it lies outside the reader's scope.</summary>
internal sealed record ComparedSceneView(string Id, DateTimeOffset? AcquiredAt, string? ContentHash, IReadOnlyList<SceneFileView> Files)
{
    public static ComparedSceneView Of(string id, Scene? scene) => scene is null
        ? new ComparedSceneView(id, null, null, [])
        : new ComparedSceneView(id, scene.AcquiredAt, scene.ContentHash, [.. scene.Assets.Select(static a => new SceneFileView(Path.GetFileName(a.Path), a.Sha256, a.Bytes))]);
}

/// <param name="Name">Without its folder: where the server keeps it is nobody's matter.</param>
internal sealed record SceneFileView(string Name, string Sha256, long Bytes);

/// <summary>A comparison as one reader may see it.</summary>
/// <param name="ObservableShare">Of the reader's ground; null where it was not stated where the comparison could see.</param>
/// <param name="Reasons">Without those that speak of scenes or patches beyond the reader's ground.</param>
/// <param name="Statistics">With a part of the scene in the reader's ground only its settings, and the counts of the patches there.</param>
internal sealed record ChangeSetView(
    string Id, string DetectorId, string DetectorVersion, double? ObservableShare, ComparedSceneView Baseline, ComparedSceneView Current,
    IReadOnlyList<Reason> Reasons, IReadOnlyDictionary<string, double> Statistics, IReadOnlyList<ChangePatchView> Patches)
{
    /// <summary>Figures that say how a comparison was made, and nothing of any place.</summary>
    private static readonly string[] Settings = ["built_in_score_at_high_resolution", "calibrated", "network", "threshold"];

    /// <summary>Reasons that count what is on the ground.</summary>
    private static readonly string[] Counting = ["since-last-time"];

    /// <param name="baseline">Null when it is beyond the reader's ground.</param>
    /// <param name="ground">Of the reader's scope; null = everything.</param>
    /// <param name="reasons">Those of the set whose scenes the reader may see.</param>
    public static ChangeSetView Of(ChangeSet set, Scene? baseline, Scene? current, ScopeShape? ground, IReadOnlyList<Reason> reasons, bool withPatches)
    {
        var isWhole = ground is null || (baseline is not null && current is not null && ground.Contains(baseline.Footprint.Shape) && ground.Contains(current.Footprint.Shape));
        List<ChangePatch> patches = [.. set.Patches.Where(p => ground is null || ground.Covers(p.Outline.Shape))];
        return new(
            set.Id, set.DetectorId, set.DetectorVersion, isWhole ? set.ObservableShare : ShareWithin(ground!, set, baseline),
            ComparedSceneView.Of(set.BaselineSceneId, baseline), ComparedSceneView.Of(set.CurrentSceneId, current),
            isWhole ? reasons : [.. reasons.Where(static r => !Counting.Contains(r.Code))],
            isWhole ? set.Statistics : StatisticsOf(set, patches),
            withPatches ? [.. patches.Select(ChangePatchView.Of)] : []);
    }

    /// <summary>Observed part of what the reader sees of the baseline; their ground is small enough for degrees.</summary>
    private static double? ShareWithin(ScopeShape ground, ChangeSet set, Scene? baseline)
    {
        if (set.Observed is not { } observed || baseline is null)
        {
            return null;
        }

        var shown = ground.AreaIn(baseline.Footprint.Shape);
        return shown > 0 ? Math.Clamp(ground.AreaIn(observed.Shape) / shown, 0, 1) : null;
    }

    private static SortedDictionary<string, double> StatisticsOf(ChangeSet set, List<ChangePatch> patches)
    {
        var own = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in set.Statistics.Where(static s => Settings.Contains(s.Key)))
        {
            own[name] = value;
        }

        own["patches"] = patches.Count;
        own["changed_pixels"] = patches.Sum(static p => (double)p.PixelCount);
        return own;
    }
}

/// <summary>A patch as a comparison told it, before anybody judged it.</summary>
internal sealed record ChangePatchView(
    string Id, ChangeKind Kind, double Score, DateTimeOffset NotBefore, DateTimeOffset NotAfter, double AreaSquareMeters, int PixelCount, double GsdMeters,
    Geometry Geometry, IReadOnlyDictionary<string, double> Facts)
{
    public static ChangePatchView Of(ChangePatch p) =>
        new(p.Id, p.Kind, p.Score, p.NotBefore, p.NotAfter, p.Outline.AreaSquareMeters, p.PixelCount, p.GsdMeters, p.Outline.Shape, p.Facts);
}

internal sealed record RefusedSceneView(string Name, DateTimeOffset RefusedAt, string Reason);

/// <param name="FirstSceneId">The scene whose grid is followed.</param>
/// <param name="Share">Share of the area that is watched by seasonal models, [0, 1].</param>
internal sealed record WatchedSeriesView(string FirstSceneId, long Pixels, int Looks, WatchProgress Progress, double Share);

/// <param name="State"><c>none</c>, <c>waiting</c>, <c>working</c>, <c>done</c> or <c>failed</c>.</param>
/// <param name="Problem">With <c>failed</c>: one sentence.</param>
internal sealed record SecondLookView(string State, DateTimeOffset? RequestedAt, DateTimeOffset? FinishedAt, string? Problem, IReadOnlyList<SecondLookRunView> Runs);

internal sealed record SecondLookRunView(
    string Detector, string? BaselineSceneId, string? OldVersion, string NewVersion, IReadOnlyDictionary<string, int> Counts, IReadOnlyList<SecondLookLineView> Lines)
{
    /// <param name="lines">Those that the reader may see.</param>
    public static SecondLookRunView Of(SecondLookRun run, IReadOnlyList<SecondLookLine> lines) => new(
        run.Detector, run.BaselineSceneId, run.OldVersion, run.NewVersion,
        new SortedDictionary<string, int>(lines.GroupBy(static l => l.Fate).ToDictionary(static g => g.Key, static g => g.Count()), StringComparer.Ordinal),
        [.. lines.Select(static l => new SecondLookLineView(
            l.Fate, l.Before is null ? null : ChangePatchView.Of(l.Before), l.After is null ? null : ChangePatchView.Of(l.After), l.CommonShare, l.Differences, l.SiteId, l.Verdict, l.OpenAlerts))]);
}

internal sealed record SecondLookLineView(
    string Fate, ChangePatchView? Before, ChangePatchView? After, double CommonShare, IReadOnlyList<string> Differences, string? SiteId, Verdict? Verdict, IReadOnlyList<string> OpenAlerts);
