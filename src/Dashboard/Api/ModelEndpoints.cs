using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Learning;

namespace Monitoring.Dashboard.Api;

/// <summary>
/// The models behind the probabilities. Their figures, and who did what for which reason, are of the whole installation: whoever sees a part of it reads which
/// version is in use and no more. Acts are for administrators without region limit, and each is on the audit trail.
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

    private static async Task<Results<Ok<ModelsView>, ProblemHttpResult>> OverviewAsync(Reader reader, [FromServices] IViolationModels? models, CancellationToken cancellationToken) =>
        models is null ? Problems.NotFound(NoModels) : TypedResults.Ok(ModelsView.Of(await models.OverviewAsync(cancellationToken), SeesAll(reader)));

    private static async Task<Results<Ok<ModelDetails>, ProblemHttpResult>> ShowAsync(
        string version, Reader reader, [FromServices] IViolationModels? models, CancellationToken cancellationToken) =>
        !SeesAll(reader)
            ? Problems.Of(StatusCodes.Status403Forbidden, "The figures of a model are of the whole installation; your account sees a part of it.")
            : models is not null && IsVersion(version) && await models.ShowAsync(version, cancellationToken) is { } details
                ? TypedResults.Ok(details)
                : Problems.NotFound($"There is no model {version}.");

    private static bool SeesAll(Reader reader) => reader.Scope.RegionPrefixes is null;

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
