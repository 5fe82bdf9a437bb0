using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.Regions;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Api;

/// <summary>Features of the versioned map.</summary>
internal static class MapEndpoints
{
    private static readonly GeometryFactory Geometries = new();

    public static void MapMap(this IEndpointRouteBuilder api)
    {
        api.MapGet("/map/features/{layer}/{id}", FeatureAsync);
        api.MapGet("/map/at", AtAsync);
    }

    private static async Task<Results<Ok<MapFeatureView>, ProblemHttpResult>> FeatureAsync(
        string layer, string id, string? on, Reader reader, IPlanRegister register, RegionDirectory regions, CancellationToken cancellationToken)
    {
        if (MapLayers.Parse(layer) is not { } which)
        {
            return Problems.NotFound(MapLayers.Unknown(layer));
        }

        if (!TryParseDay(on, regions, out var day))
        {
            return BadDay();
        }

        var found = await register.QueryAsync(which, new MapQuestion { Id = id, InForceOn = day }, cancellationToken);
        return found.FirstOrDefault(reader.MaySee) is { } feature
            ? TypedResults.Ok(MapFeatureView.Of(feature))
            : Problems.NotFound($"Nothing called {id} is in force on {day:yyyy-MM-dd} in {layer}.");
    }

    private static async Task<Results<Ok<MapFeatureView[]>, ProblemHttpResult>> AtAsync(
        double lon, double lat, string? on, Reader reader, IPlanRegister register, RegionDirectory regions, CancellationToken cancellationToken)
    {
        if (!(lon is >= -180 and <= 180 && lat is >= -90 and <= 90))
        {
            return Problems.Bad("A place is lon in [-180, 180] and lat in [-90, 90] degrees.");
        }

        if (!TryParseDay(on, regions, out var day))
        {
            return BadDay();
        }

        var point = Geometries.CreatePoint(new Coordinate(lon, lat));
        if (reader.Ground is { } ground && !ground.Ground.Intersects(point))
        {
            return TypedResults.Ok(Array.Empty<MapFeatureView>());
        }

        var question = new MapQuestion { Box = point.EnvelopeInternal, InForceOn = day };
        var all = new List<MapFeatureView>();
        foreach (var layer in Enum.GetValues<MapLayer>())
        {
            all.AddRange((await register.QueryAsync(layer, question, cancellationToken))
                .Where(f => f.Outline.Shape.Intersects(point) && reader.MaySee(f))
                .Select(MapFeatureView.Of));
        }

        return TypedResults.Ok(all.ToArray());
    }

    /// <summary>A day of the question; none = today.</summary>
    internal static bool TryParseDay(string? text, RegionDirectory regions, out DateOnly day)
    {
        day = regions.Today;
        return text is null || DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
    }

    internal static ProblemHttpResult BadDay() => Problems.Bad("A date is yyyy-MM-dd.");
}
