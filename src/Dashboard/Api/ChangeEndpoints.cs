using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Intake;

namespace Monitoring.Dashboard.Api;

/// <summary>What became of a scene: refused, or compared with what, and what a second look tells.</summary>
internal static class ChangeEndpoints
{
    private const int MostRefused = 200;

    public static void MapChanges(this IEndpointRouteBuilder api)
    {
        api.MapGet("/scenes/refused", Refused);
        api.MapGet("/scenes/watch", Watched);
        api.MapGet("/scenes/{id}/changes", ChangesAsync);
        api.MapGet("/scenes/{id}/second-look", LookedAsync);
        api.MapPost("/scenes/{id}/second-look", AskAsync).RequireAuthorization(Guards.Officer);
    }

    /// <summary>A refused scene has no known place: told only to those who see every place.</summary>
    private static Ok<RefusedSceneView[]> Refused(Reader reader, IServiceProvider services) => TypedResults.Ok(
        reader.Ground is null && services.GetService(typeof(IRefusedScenes)) is IRefusedScenes refused
            ? refused.Newest(MostRefused).Select(static r => new RefusedSceneView(r.Name, r.RefusedAt, r.Reason)).ToArray()
            : []);

    /// <summary>How far the areas are watched that show some ground of the reader's scope.</summary>
    private static Ok<WatchedSeriesView[]> Watched(Reader reader, IServiceProvider services) => TypedResults.Ok(
        services.GetService(typeof(ISeriesWatching)) is ISeriesWatching watching
            ? watching.Now.Where(s => reader.Ground is not { } ground || ground.Covers(s.Footprint))
                .Select(static s => new WatchedSeriesView(s.FirstSceneId, s.Pixels, s.Looks, s.Progress, s.Share)).ToArray()
            : []);

    private static async Task<Results<Ok<ChangeSetView[]>, ProblemHttpResult>> ChangesAsync(
        string id, Reader reader, ISceneCatalogue scenes, IChangeStore changes, CancellationToken cancellationToken)
    {
        if (await SceneAsync(id, reader, scenes, cancellationToken) is not { } scene)
        {
            return Problems.NotFound($"There is no scene {id}.");
        }

        List<ChangeSetView> views = [];
        foreach (var set in await changes.OfCurrentSceneAsync(scene.Id, cancellationToken))
        {
            views.Add(await ViewAsync(set, reader, scenes, withPatches: true, cancellationToken));
        }

        return TypedResults.Ok(views.ToArray());
    }

    /// <summary>A comparison as the reader may see it: what is told of scenes and patches beyond their ground is left out.</summary>
    public static async Task<ChangeSetView> ViewAsync(ChangeSet set, Reader reader, ISceneCatalogue scenes, bool withPatches, CancellationToken cancellationToken)
    {
        List<Reason> reasons = [];
        foreach (var reason in set.Reasons)
        {
            if (reader.Ground is null || !reason.Facts.TryGetValue("scene", out var id) || await SceneAsync(id, reader, scenes, cancellationToken) is not null)
            {
                reasons.Add(reason);
            }
        }

        return ChangeSetView.Of(
            set,
            await SceneAsync(set.BaselineSceneId, reader, scenes, cancellationToken),
            await SceneAsync(set.CurrentSceneId, reader, scenes, cancellationToken),
            reader.Ground, reasons, withPatches);
    }

    private static async Task<Results<Ok<SecondLookView>, ProblemHttpResult>> LookedAsync(
        string id, Reader reader, ISceneCatalogue scenes, SecondLooks looks, CancellationToken cancellationToken) =>
        await SceneAsync(id, reader, scenes, cancellationToken) is null
            ? Problems.NotFound($"There is no scene {id}.")
            : TypedResults.Ok(ViewOf(looks.Of(id), reader));

    private static async Task<Results<Accepted<SecondLookView>, ProblemHttpResult>> AskAsync(
        string id, Reader reader, ISceneCatalogue scenes, SecondLooks looks, CancellationToken cancellationToken)
    {
        if (await SceneAsync(id, reader, scenes, cancellationToken) is null)
        {
            return Problems.NotFound($"There is no scene {id}.");
        }

        if (!looks.CanLook)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "This process has no detectors; ask the one that runs with the role detect.");
        }

        return looks.Ask(id) is { } ticket
            ? TypedResults.Accepted($"/api/scenes/{Uri.EscapeDataString(id)}/second-look", ViewOf(ticket, reader))
            : Problems.Of(StatusCodes.Status503ServiceUnavailable, "Too many second looks are waiting; try again in a few minutes.");
    }

    private static SecondLookView ViewOf(LookTicket? ticket, Reader reader) => ticket is null
        ? new SecondLookView("none", null, null, null, [])
        : new SecondLookView(
            ticket.State, ticket.RequestedAt, ticket.FinishedAt, ticket.Problem,
            [.. (ticket.Look?.Runs ?? []).Select(run => SecondLookRunView.Of(run, [.. run.Lines.Where(l => (l.Before is null || Sees(reader, l.Before)) && (l.After is null || Sees(reader, l.After)))]))]);

    private static bool Sees(Reader reader, ChangePatch patch) => reader.Ground is not { } ground || ground.Covers(patch.Outline.Shape);

    private static async Task<Scene?> SceneAsync(string id, Reader reader, ISceneCatalogue scenes, CancellationToken cancellationToken) =>
        await scenes.FindAsync(id, cancellationToken) is { } found && reader.MaySee(found.Scene) ? found.Scene : null;
}
