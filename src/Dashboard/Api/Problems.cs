using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Monitoring.Domain.Alerts;

namespace Monitoring.Dashboard.Api;

/// <summary>Problem details (RFC 9457) with one sentence in <c>detail</c>.</summary>
internal static class Problems
{
    public static ProblemHttpResult Of(int status, string detail) => TypedResults.Problem(detail, statusCode: status);

    public static ProblemHttpResult Bad(string detail) => Of(StatusCodes.Status400BadRequest, detail);

    public static ProblemHttpResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, detail);

    public static ProblemHttpResult Forbidden(string detail) => Of(StatusCodes.Status403Forbidden, detail);

    public static ProblemHttpResult Of(CommandResult refused) => Of(
        refused.Status switch
        {
            CommandStatus.NotFound => StatusCodes.Status404NotFound,
            CommandStatus.NotAllowed => StatusCodes.Status409Conflict,
            _ => StatusCodes.Status400BadRequest,
        },
        refused.Detail ?? "The command was refused.");
}
