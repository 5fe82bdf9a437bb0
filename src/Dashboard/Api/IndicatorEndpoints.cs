using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.Regions;
using Monitoring.Domain.Indicators;

namespace Monitoring.Dashboard.Api;

/// <summary>Monthly indicators.</summary>
internal static class IndicatorEndpoints
{
    public static void MapIndicators(this IEndpointRouteBuilder api)
    {
        api.MapGet("/indicators", AllAsync);
        api.MapGet("/indicators/{code}", SeriesAsync);
    }

    private static async Task<Ok<IndicatorDefinitionView[]>> AllAsync(IIndicatorStore indicators, RegionDirectory regions, CancellationToken cancellationToken) =>
        TypedResults.Ok((await indicators.DefinitionsAsync(regions.Today, cancellationToken)).Select(IndicatorDefinitionView.Of).ToArray());

    private static async Task<Results<Ok<IndicatorView>, ProblemHttpResult>> SeriesAsync(
        string code, string? region, Reader reader, IIndicatorStore indicators, RegionDirectory regions, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(region))
        {
            return Problems.Bad("An indicator is asked for one region: ?region=320102.");
        }

        if (!reader.Scope.Covers(region))
        {
            return Problems.NotFound($"There is no region {region}.");
        }

        if ((await indicators.DefinitionsAsync(regions.Today, cancellationToken)).FirstOrDefault(d => d.Code == code) is not { } definition)
        {
            return Problems.NotFound($"There is no indicator {code}.");
        }

        var values = await indicators.ValuesAsync(code, region, null, null, cancellationToken);
        var target = (await indicators.TargetsAsync(cancellationToken)).Where(t => t.Code == code && t.RegionCode == region).MaxBy(static t => t.TargetDate);
        return TypedResults.Ok(new IndicatorView(
            IndicatorDefinitionView.Of(definition),
            region,
            [.. values.Select(static v => new IndicatorValueView(v.Month, v.Value, v.ObservableShare, v.ComputedAt, v.InputsThrough))],
            target is null ? null : new IndicatorTargetView(target.BaseDate, target.BaseValue, target.TargetDate, target.TargetValue, target.Tolerance)));
    }
}
