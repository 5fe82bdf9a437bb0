using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Learning;

namespace Monitoring.Dashboard.Api;

/// <summary>
/// The models behind the probabilities. Their figures are of the whole installation and name no place, so all who are signed in read them; acts are for
/// administrators without region limit, and each is on the audit trail.
/// </summary>
internal static class ModelEndpoints
{
    private const string NoModels = "This process keeps no models.";

    public static void MapModels(this IEndpointRouteBuilder api)
    {
        api.MapGet("/models", OverviewAsync);
        api.MapGet("/models/{version}", ShowAsync);
        api.MapPost("/models/train", TrainAsync).RequireAuthorization(Guards.WholeAdministrator);
        api.MapPost("/models/{version}/promote", PromoteAsync).RequireAuthorization(Guards.WholeAdministrator);
        api.MapPost("/models/roll-back", RollBackAsync).RequireAuthorization(Guards.WholeAdministrator);
    }

    private static async Task<Results<Ok<ModelsOverview>, ProblemHttpResult>> OverviewAsync([FromServices] IViolationModels? models, CancellationToken cancellationToken) =>
        models is null ? Problems.NotFound(NoModels) : TypedResults.Ok(await models.OverviewAsync(cancellationToken));

    private static async Task<Results<Ok<ModelDetails>, ProblemHttpResult>> ShowAsync(string version, [FromServices] IViolationModels? models, CancellationToken cancellationToken) =>
        models is not null && IsVersion(version) && await models.ShowAsync(version, cancellationToken) is { } details
            ? TypedResults.Ok(details)
            : Problems.NotFound($"There is no model {version}.");

    private static async Task<Results<Ok<ModelActResult>, ProblemHttpResult>> TrainAsync(Reader reader, [FromServices] IViolationModels? models, CancellationToken cancellationToken) =>
        models is null ? Problems.NotFound(NoModels) : Answer(await models.TrainAsync(reader.Name, cancellationToken));

    private static async Task<Results<Ok<ModelActResult>, ProblemHttpResult>> PromoteAsync(
        string version, ModelActRequest request, Reader reader, [FromServices] IViolationModels? models, CancellationToken cancellationToken) =>
        models is null || !IsVersion(version)
            ? Problems.NotFound($"There is no model {version}.")
            : Answer(await models.PromoteAsync(version, reader.Name, request.Reason?.Trim() ?? "", cancellationToken));

    private static async Task<Results<Ok<ModelActResult>, ProblemHttpResult>> RollBackAsync(
        ModelActRequest request, Reader reader, [FromServices] IViolationModels? models, CancellationToken cancellationToken) =>
        models is null ? Problems.NotFound(NoModels) : Answer(await models.RollBackAsync(reader.Name, request.Reason?.Trim() ?? "", cancellationToken));

    private static Results<Ok<ModelActResult>, ProblemHttpResult> Answer(ModelActResult result) =>
        result.Done ? TypedResults.Ok(result) : Problems.Of(StatusCodes.Status409Conflict, result.Sentence);

    private static bool IsVersion(string text) => text.Length == 4 && text.All(char.IsAsciiDigit);
}

/// <param name="Reason">Why, 1 to 500 characters.</param>
internal sealed record ModelActRequest(string? Reason);
