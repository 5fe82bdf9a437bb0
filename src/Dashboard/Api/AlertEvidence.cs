using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.Regions;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Api;

/// <summary>
/// All that the evidence page shows of one warning, within the reader's scope: what happened to it, its findings and patches, the plan
/// underneath, the two images, the incident it is part of, other warnings and devices near by.
/// </summary>
internal sealed class AlertEvidence(
    IAlertStore alerts, IFindingStore findings, IIncidentStore incidents, IChangeStore changes, ISceneCatalogue scenes, IPlanRegister register, IDeviceRegister devices, RegionDirectory regions,
    Likelihoods likelihoods)
{
    private const int MostFindings = 100;
    private const int MostComparisons = 20;
    private const double NearMeters = 1000;
    private const double NearDegrees = 0.02;

    public async Task<AlertDetailView> GatherAsync(Alert alert, Reader reader, CancellationToken cancellationToken)
    {
        var patches = alert.Subject.Kind is SubjectKind.Site ? await PatchesAsync(alert, reader, cancellationToken) : [];
        var (before, after) = await ScenesAsync(alert, patches, reader, cancellationToken);
        var things = await ThingsAsync(alert, reader, cancellationToken);
        return AlertDetailView.Of(alert, reader.Names) with
        {
            Changes = [.. (await alerts.ChangesOfAsync(alert.Id, cancellationToken))
                .Where(c => reader.Scope.Covers(c.Alert.RegionCode))
                .Select(c => AlertChangeView.Of(c, reader.Names))],
            Findings = [.. (await findings.OfSubjectAsync(alert.Subject, MostFindings, cancellationToken))
                .Where(f => f.Finding.RuleId == alert.RuleId && reader.Scope.Covers(f.Finding.RegionCode))
                .Select(static f => FindingView.Of(f.Finding))],
            Patches = [.. patches.Select(PatchView.Of)],
            Case = alert.CaseId is { } caseId && await alerts.FindCaseAsync(caseId, cancellationToken) is { } file ? CaseView.Of(file) : null,
            Plan = await PlanAsync(alert, reader, cancellationToken),
            Before = before,
            After = after,
            Related = await RelatedAsync(alert, reader, cancellationToken),
            Incident = await incidents.AboutAsync(alert.Subject, reader, alerts, cancellationToken),
            Telemetry = things,
            Likelihood = await likelihoods.OfAsync(alert, cancellationToken),
            Comparisons = await ComparisonsAsync(patches, reader, cancellationToken),
        };
    }

    private async Task<IReadOnlyList<JudgedPatch>> PatchesAsync(Alert alert, Reader reader, CancellationToken cancellationToken) =>
        [.. (await findings.PatchesOfSiteAsync(alert.Subject.Id, cancellationToken)).Where(p => reader.Scope.Covers(p.RegionCode ?? alert.RegionCode))];

    /// <summary>Of the newest patches: an old site has many.</summary>
    private async Task<IReadOnlyList<ChangeSetView>> ComparisonsAsync(IReadOnlyList<JudgedPatch> patches, Reader reader, CancellationToken cancellationToken)
    {
        List<ChangeSetView> views = [];
        foreach (var id in patches.OrderBy(static p => p.Patch.NotAfter).Select(static p => p.ChangeSetId).Distinct(StringComparer.Ordinal).TakeLast(MostComparisons))
        {
            if (await changes.FindAsync(id, cancellationToken) is { } set)
            {
                views.Add(await ChangeEndpoints.ViewAsync(set, reader, scenes, withPatches: false, cancellationToken));
            }
        }

        return views;
    }

    /// <summary>
    /// The last image before the change began and the newest that shows it: baseline of the earliest patch of this warning, current scene
    /// of its latest. Patches from before the warning (an earlier building that was dealt with) do not count.
    /// </summary>
    private async Task<(SceneSummaryView? Before, SceneSummaryView? After)> ScenesAsync(
        Alert alert, IReadOnlyList<JudgedPatch> patches, Reader reader, CancellationToken cancellationToken)
    {
        var own = patches.Where(p => alert.NotBefore is not { } from || p.Patch.NotBefore >= from).ToList();
        if (own.Count == 0)
        {
            return (null, null);
        }

        var first = await changes.FindAsync(own.MinBy(static p => p.Patch.NotBefore)!.ChangeSetId, cancellationToken);
        var last = await changes.FindAsync(own.MaxBy(static p => p.Patch.NotAfter)!.ChangeSetId, cancellationToken);
        return (
            first is null ? null : await SceneAsync(first.BaselineSceneId, reader, cancellationToken),
            last is null ? null : await SceneAsync(last.CurrentSceneId, reader, cancellationToken));
    }

    private async Task<SceneSummaryView?> SceneAsync(string id, Reader reader, CancellationToken cancellationToken) =>
        await scenes.FindAsync(id, cancellationToken) is { } found && reader.MaySee(found.Scene) ? SceneSummaryView.Of(found.Scene) : null;

    /// <summary>What is in force today under the place.</summary>
    private async Task<PlanView> PlanAsync(Alert alert, Reader reader, CancellationToken cancellationToken)
    {
        if (alert.Where is not { } where)
        {
            return new PlanView([], [], []);
        }

        var question = new MapQuestion { Box = where.Box, InForceOn = regions.Today };
        return new PlanView(
            Under(await register.QueryAsync<ControlLine>(question, cancellationToken)),
            Under(await register.QueryAsync<Permit>(question, cancellationToken)),
            Under(await register.QueryAsync<Parcel>(question, cancellationToken)));

        MapFeatureView[] Under(IEnumerable<MapFeature> features) =>
            [.. features.Where(f => f.Outline.Shape.Intersects(where.Shape) && reader.MaySee(f)).Select(MapFeatureView.Of)];
    }

    private async Task<IReadOnlyList<AlertView>> RelatedAsync(Alert alert, Reader reader, CancellationToken cancellationToken)
    {
        var same = await alerts.QueryAsync(reader, new AlertQuestion { Subject = alert.Subject, Limit = 20 }, cancellationToken);
        var near = alert.Where is { } where
            ? await alerts.QueryAsync(reader, new AlertQuestion { Box = Around(where.Box), States = [AlertState.Firing], Limit = 20 }, cancellationToken)
            : [];
        return [.. same.Concat(near).Where(a => a.Id != alert.Id).DistinctBy(static a => a.Id).Select(a => AlertView.Of(a, reader.Names))];
    }

    /// <summary>Datastreams of the subject itself, or of things within 1 km of the place.</summary>
    private async Task<IReadOnlyList<DatastreamView>> ThingsAsync(Alert alert, Reader reader, CancellationToken cancellationToken)
    {
        var all = (await devices.AllAsync(cancellationToken)).Where(d => reader.Scope.Covers(d.Thing.RegionCode));
        var streams = alert.Subject.Kind switch
        {
            SubjectKind.Datastream => all.SelectMany(static d => d.Datastreams).Where(s => s.Id == alert.Subject.Id),
            SubjectKind.Thing => all.Where(d => d.Thing.Id == alert.Subject.Id).SelectMany(static d => d.Datastreams),
            _ when alert.Where is { Shape.IsEmpty: false } where => all.Where(d => IsNear(d.Thing, where.Shape)).SelectMany(static d => d.Datastreams),
            _ => [],
        };
        return [.. streams.Select(DatastreamView.Of)];
    }

    private static bool IsNear(Thing thing, Geometry shape)
    {
        var point = shape.Factory.CreatePoint(new Coordinate(thing.Longitude, thing.Latitude));
        if (!Around(shape.EnvelopeInternal).Contains(point.Coordinate))
        {
            return false;
        }

        var nearest = NetTopologySuite.Operation.Distance.DistanceOp.NearestPoints(shape, point);
        return Geodesic.Cgcs2000.Inverse(nearest[0].X, nearest[0].Y, nearest[1].X, nearest[1].Y).Metres <= NearMeters;
    }

    private static Envelope Around(Envelope box)
    {
        var around = box.Copy();
        around.ExpandBy(NearDegrees);
        return around.Intersection(new Envelope(-180, 180, -90, 90));
    }
}
