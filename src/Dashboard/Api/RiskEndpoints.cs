using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;

namespace Monitoring.Dashboard.Api;

/// <summary>The risk map: parcels on which building without approval may begin.</summary>
internal static class RiskEndpoints
{
    private const int ReadAtOnce = 1000;
    private const int MostReads = 20;

    public static void MapRisk(this IEndpointRouteBuilder api) => api.MapGet("/risk", RiskAsync);

    private static async Task<Results<Ok<RiskView>, ProblemHttpResult>> RiskAsync(Reader reader, ILearningStore learning, string? bbox, int? limit, CancellationToken cancellationToken)
    {
        if (!Boxes.TryParse(bbox, out var box))
        {
            return Problems.Bad(Boxes.Fault);
        }

        if (limit is < 1 or > 2000)
        {
            return Problems.Bad("A limit is 1 to 2000.");
        }

        var question = new RiskQuestion { Box = box, RegionPrefixes = reader.Scope.RegionPrefixes, Limit = ReadAtOnce };
        if (reader.SeesNothing || await learning.RiskAsync(question, cancellationToken) is not { } picture)
        {
            return TypedResults.Ok(new RiskView("FeatureCollection", null, []));
        }

        // Counts of the whole installation say something of places outside the scope.
        var whole = reader.Scope.RegionPrefixes is null;
        List<RiskParcel> seen = [];
        if (reader.MaySee(MapLayers.NameOf(MapLayer.Parcel)))
        {
            var page = picture.Parcels;
            for (var reads = 1; ; reads++)
            {
                seen.AddRange(page.Where(p => reader.Ground is not { } ground || ground.Covers(p.Outline.Shape)).Take((limit ?? 1000) - seen.Count));
                if (seen.Count == (limit ?? 1000) || page.Count < ReadAtOnce || reads == MostReads)
                {
                    break;
                }

                page = (await learning.RiskAsync(question with { After = (page[^1].Risk, page[^1].ParcelId) }, cancellationToken))?.Parcels ?? [];
            }
        }

        return TypedResults.Ok(new RiskView(
            "FeatureCollection",
            new RiskFacts(picture.AsOf, picture.Source, whole ? picture.Beginnings : null, picture.BeginningsNeeded, whole ? picture.ParcelsLookedAt : null),
            [.. seen.Select(static p => new RiskFeatureView(
                "Feature", p.ParcelId, p.Outline.Shape, new(p.ParcelId, p.RegionCode, p.Within30Days, p.Within90Days, p.Order, RiskProperties.LevelOf(p), p.Signs)))]));
    }
}
