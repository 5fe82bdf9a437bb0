using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Monitoring.Dashboard.Api;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Gdal;

namespace Monitoring.Dashboard.Tiles;

/// <summary>Tiles and chips over HTTP.</summary>
internal static class TileEndpoints
{
    private const int MostPixels = 1024;
    private const string Png = "image/png";
    private const string Mvt = "application/vnd.mapbox-vector-tile";

    public static void MapTiles(this IEndpointRouteBuilder api)
    {
        api.MapGet("/map/tiles/{layer}/{z:int}/{x:int}/{y:int}.mvt", VectorAsync).Produces(StatusCodes.Status200OK, contentType: Mvt);
        api.MapGet("/scenes/{id}/tiles/{z:int}/{x:int}/{y:int}.png", SceneAsync).Produces(StatusCodes.Status200OK, contentType: Png);
        api.MapGet("/scenes/{id}/chip.png", ChipAsync).Produces(StatusCodes.Status200OK, contentType: Png);
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> VectorAsync(
        string layer, int z, int x, int y, HttpContext context, Reader reader, VectorTiles tiles, CancellationToken cancellationToken)
    {
        if (!WebMercator.IsTile(z, x, y) || (layer != LayerGrading.Patches && MapLayers.Parse(layer) is null))
        {
            return Problems.NotFound($"There is no tile {layer}/{z}/{x}/{y}; layers are regions, control-lines, permits, parcels, plans, patches, zooms 0 to {WebMercator.DeepestZoom}.");
        }

        var (tile, version) = await tiles.CutAsync(layer, z, x, y, reader, cancellationToken);
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.Headers.Vary = "Cookie";
        var tag = version is null ? null : new EntityTagHeaderValue($"\"{version}-{reader.Ground?.Key.Replace(' ', '.') ?? "all"}\"", isWeak: true);
        return TypedResults.File(tile, Mvt, entityTag: tag);
    }

    private static async Task<Results<FileContentHttpResult, NoContent, ProblemHttpResult>> SceneAsync(
        string id, int z, int x, int y, string? style, HttpContext context, Reader reader, ISceneCatalogue scenes, SceneTiles tiles,
        ILogger<SceneTiles> log, CancellationToken cancellationToken)
    {
        if (!WebMercator.IsTile(z, x, y))
        {
            return Problems.NotFound($"There is no tile {z}/{x}/{y}; zooms are 0 to {WebMercator.DeepestZoom}.");
        }

        return await PictureAsync(id, style, context, reader, scenes, log, (scene, how) => tiles.TileAsync(scene, how, z, x, y, reader.Ground, cancellationToken), cancellationToken);
    }

    private static async Task<Results<FileContentHttpResult, NoContent, ProblemHttpResult>> ChipAsync(
        string id, string? bbox, int? width, string? style, HttpContext context, Reader reader, ISceneCatalogue scenes, SceneTiles tiles,
        ILogger<SceneTiles> log, CancellationToken cancellationToken)
    {
        if (!Boxes.TryParse(bbox, out var box) || box is null)
        {
            return Problems.Bad(Boxes.Fault);
        }

        if (width is < 1 or > MostPixels)
        {
            return Problems.Bad($"A width is 1 to {MostPixels} pixels.");
        }

        var meters = WebMercator.ToMeters(box);
        double wide = width ?? 512, high = wide * meters.Height / meters.Width;
        var shrink = Math.Max(1, high / MostPixels);
        var (w, h) = (Math.Max(1, (int)Math.Round(wide / shrink)), Math.Clamp((int)Math.Round(high / shrink), 1, MostPixels));
        return await PictureAsync(
            id, style, context, reader, scenes, log,
            (scene, how) => tiles.PictureAsync(scene, how, meters, w, h, reader.Ground, FormattableString.Invariant($"{box.MinX},{box.MinY},{box.MaxX},{box.MaxY}"), cancellationToken),
            cancellationToken);
    }

    private static async Task<Results<FileContentHttpResult, NoContent, ProblemHttpResult>> PictureAsync(
        string id, string? style, HttpContext context, Reader reader, ISceneCatalogue scenes, ILogger log, Func<Scene, SceneStyle, Task<byte[]>> draw,
        CancellationToken cancellationToken)
    {
        if (SceneStyles.Parse(style) is not { } how)
        {
            return Problems.Bad("A style is natural or falsecolour.");
        }

        if (await scenes.FindAsync(id, cancellationToken) is not { } found || !reader.MaySee(found.Scene))
        {
            return Problems.NotFound($"There is no scene {id}.");
        }

        try
        {
            var picture = await draw(found.Scene, how);
            // A scene's content never changes under its id; what a reader may see of it can.
            context.Response.Headers.CacheControl = reader.Ground is null ? "private, max-age=3600" : "private, max-age=300";
            context.Response.Headers.Vary = "Cookie";
            return picture.Length == 0 ? TypedResults.NoContent() : TypedResults.File(picture, Png);
        }
        catch (TooManyTilesException busy)
        {
            context.Response.Headers.RetryAfter = "1";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, busy.Message);
        }
        catch (GdalException failure)
        {
            log.LogError(failure, "The picture of scene {Scene} could not be made.", id);
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, $"The files of scene {id} cannot be read; the service's log says why.");
        }
    }
}
