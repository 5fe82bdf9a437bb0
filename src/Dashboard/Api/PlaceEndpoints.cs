using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.Regions;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using QRCoder;

namespace Monitoring.Dashboard.Api;

/// <summary>Spatial codes (空间码): the code of a place or of a feature, what holds at a code, and the code as a picture to print.</summary>
internal static class PlaceEndpoints
{
    private const string Svg = "image/svg+xml";

    private static readonly GeometryFactory Geometries = new();

    public static void MapPlaces(this IEndpointRouteBuilder api)
    {
        api.MapGet("/places", CodeAsync);
        api.MapGet("/places/{code}", PlaceAsync);
        api.MapGet("/places/{code}/qr.svg", Picture).Produces(StatusCodes.Status200OK, contentType: Svg);
    }

    /// <summary>
    /// The code of a point, or of a feature: of the middle of its oldest outline, so that it stays the same when the outline is changed from a later day on. A code names
    /// ground, so one that was printed before still leads to the place.
    /// </summary>
    private static async Task<Results<Ok<SpatialCodeView>, ProblemHttpResult>> CodeAsync(
        double? lon, double? lat, string? layer, string? id, Reader reader, IPlanRegister register, CancellationToken cancellationToken)
    {
        if (layer is null && id is null)
        {
            return lon is >= -180 and <= 180 && lat is >= -90 and <= 90
                ? TypedResults.Ok(new SpatialCodeView(SpatialCode.At(lon.Value, lat.Value).Text))
                : Problems.Bad("A place is lon in [-180, 180] and lat in [-90, 90] degrees, or layer and id of a feature.");
        }

        if (MapLayers.Parse(layer ?? "") is not { } which)
        {
            return Problems.NotFound(MapLayers.Unknown(layer));
        }

        var versions = await register.QueryAsync(which, new MapQuestion { Id = id ?? "" }, cancellationToken);
        return versions.Where(reader.MaySee).MinBy(static f => f.EffectiveFrom ?? DateOnly.MinValue) is { } oldest && !oldest.Outline.Shape.IsEmpty
            ? TypedResults.Ok(new SpatialCodeView(CodeOf(oldest.Outline.Shape).Text))
            : Problems.NotFound($"Nothing called {id} is in {layer}.");
    }

    private static async Task<Results<Ok<PlaceView>, ProblemHttpResult>> PlaceAsync(
        string code, string? on, Reader reader, IPlanRegister register, RegionDirectory regions, CancellationToken cancellationToken)
    {
        if (!SpatialCode.TryParse(code, out var place, out var problem))
        {
            return Problems.Bad(problem);
        }

        if (!MapEndpoints.TryParseDay(on, regions, out var day))
        {
            return MapEndpoints.BadDay();
        }

        var version = reader.Names.Version;
        var cell = Geometries.ToGeometry(place.Cell);
        if (reader.SeesNothing || (reader.Ground is { } ground && !ground.Ground.Intersects(cell)))
        {
            // The same whether something lies there or not.
            return TypedResults.Ok(new PlaceView(place.Text, null, null, day, version, [], [new WithheldView(null, "region")]));
        }

        var features = new List<PlaceFeatureView>();
        var withheld = new List<WithheldView>();
        foreach (var layer in Enum.GetValues<MapLayer>())
        {
            var name = MapLayers.NameOf(layer);
            if (!reader.Grades.ShowsAll(reader.Role, name))
            {
                withheld.Add(new(name, "grade"));
            }

            if (!reader.MaySee(name))
            {
                continue;
            }

            var found = await register.QueryAsync(layer, new MapQuestion { Box = place.Cell, InForceOn = day, AsOfVersion = version > 0 ? version : null }, cancellationToken);
            features.AddRange(found
                .Where(f => f.Outline.Shape.Intersects(cell) && reader.MaySee(f))
                .OrderBy(static f => f.Id, StringComparer.Ordinal)
                .Select(f => new PlaceFeatureView(MapFeatureView.Of(f), f.Outline.Shape.Covers(cell) ? "covers" : "touches", reader.Grades.Of(f))));
        }

        return TypedResults.Ok(new PlaceView(place.Text, [place.Center.X, place.Center.Y], Boxes.ToArray(place.Cell), day, version, [.. features], [.. withheld]));
    }

    /// <summary>A QR code (ISO/IEC 18004) of the page of the place on this service; a quarter of it may be lost before it cannot be read.</summary>
    private static Results<FileContentHttpResult, ProblemHttpResult> Picture(string code, HttpRequest request)
    {
        if (!SpatialCode.TryParse(code, out var place, out var problem))
        {
            return Problems.Bad(problem);
        }

        using var data = QRCodeGenerator.GenerateQrCode($"{request.Scheme}://{request.Host}/places/{Uri.EscapeDataString(place.Text)}", QRCodeGenerator.ECCLevel.Q);
        return TypedResults.File(Encoding.UTF8.GetBytes(new SvgQRCode(data).GetGraphic(8)), Svg);
    }

    private static SpatialCode CodeOf(Geometry shape) => SpatialCode.At(shape.InteriorPoint.X, shape.InteriorPoint.Y);
}

internal sealed record SpatialCodeView(string Code);

/// <param name="Center">Longitude and latitude of the middle of the cell; left out with <paramref name="Cell"/> where the reader has no business.</param>
/// <param name="MapVersion">Version of the map that was asked.</param>
internal sealed record PlaceView(
    string Code, double[]? Center, double[]? Cell, DateOnly On, long MapVersion, IReadOnlyList<PlaceFeatureView> Features, IReadOnlyList<WithheldView> Withheld);

/// <param name="Relation"><c>covers</c>: all of the cell; <c>touches</c>: a border runs through it.</param>
internal sealed record PlaceFeatureView(MapFeatureView Feature, string Relation, DataGrade Grade);

/// <summary>What was not told, whether there is something or not.</summary>
/// <param name="Layer">Layer of the map, or null for all of them.</param>
/// <param name="Because"><c>grade</c> or <c>region</c>.</param>
internal sealed record WithheldView(string? Layer, string Because);
