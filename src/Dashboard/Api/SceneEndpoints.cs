using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Api;

/// <summary>The catalogue of scenes.</summary>
internal static class SceneEndpoints
{
    private const int Page = 500;

    public static void MapScenes(this IEndpointRouteBuilder api) => api.MapGet("/scenes", ListAsync);

    private static async Task<Results<Ok<SceneSummaryView[]>, ProblemHttpResult>> ListAsync(
        string? bbox, string? from, string? to, int? limit, Reader reader, ISceneCatalogue scenes, CancellationToken cancellationToken)
    {
        if (!Boxes.TryParse(bbox, out var box))
        {
            return Problems.Bad(Boxes.Fault);
        }

        DateTimeOffset start = default, end = default;
        if ((from is not null && !ApiTime.TryParse(from, out start)) || (to is not null && !ApiTime.TryParse(to, out end)))
        {
            return Problems.Bad("from and to are ISO 8601 with a zone, such as 2026-05-01T00:00:00Z.");
        }

        if (limit is < 1 or > 1000)
        {
            return Problems.Bad("A limit is 1 to 1000.");
        }

        var found = await VisibleAsync(scenes, reader, box, from is null ? null : start, to is null ? null : end, limit ?? 100, cancellationToken);
        return TypedResults.Ok(found.Select(SceneSummaryView.Of).ToArray());
    }

    /// <summary>Scenes that show some ground of the reader's scope, newest first.</summary>
    public static async Task<IReadOnlyList<Scene>> VisibleAsync(
        ISceneCatalogue scenes, Reader reader, Envelope? box, DateTimeOffset? from, DateTimeOffset? to, int limit, CancellationToken cancellationToken)
    {
        if (reader.Ground is not { } ground)
        {
            return [.. (await scenes.QueryAsync(box, from, to, limit, cancellationToken)).Select(static s => s.Scene)];
        }

        var within = box is null ? ground.Box : box.Intersection(ground.Box);
        if (within.IsNull)
        {
            return [];
        }

        // The catalogue knows boxes only; the true outline is tested here. A page full of near misses hides older scenes: rare, and never shows too much.
        return [.. (await scenes.QueryAsync(within, from, to, Math.Max(limit, Page), cancellationToken)).Select(static s => s.Scene).Where(reader.MaySee).Take(limit)];
    }
}
