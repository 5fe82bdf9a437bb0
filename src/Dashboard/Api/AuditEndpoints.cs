using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Audit;

namespace Monitoring.Dashboard.Api;

/// <summary>The audit trail. It has no regions, so only an administrator without region limit reads it.</summary>
internal static class AuditEndpoints
{
    private const int Page = 1000;

    public static void MapAudit(this IEndpointRouteBuilder api)
    {
        var audit = api.MapGroup("/audit").RequireAuthorization(Guards.WholeAdministrator);
        audit.MapGet("", ReadAsync);
        audit.MapGet("/export", ExportAsync).Produces(StatusCodes.Status200OK, contentType: "application/x-ndjson");
    }

    private static async Task<Results<Ok<AuditEntryView[]>, ProblemHttpResult>> ReadAsync(long? after, int? limit, IAuditTrail audit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > Page || after is < 0)
        {
            return Problems.Bad($"after is a sequence from 0, a limit 1 to {Page}.");
        }

        return TypedResults.Ok((await audit.ReadAfterAsync(after ?? 0, limit ?? 100, cancellationToken))
            .Select(static e => new AuditEntryView(e.Sequence, e.Entry.At, e.Entry.Actor, e.Entry.Action, e.Entry.Subject, e.Entry.Details, e.PreviousHash, e.Hash)).ToArray());
    }

    private static async Task ExportAsync(
        HttpContext context, IAuditTrail audit, PeopleAuditor auditor, ILogger<IAuditTrail> log, CancellationToken cancellationToken)
    {
        // The export itself is an act, so it is the last entry of what it gives.
        await audit.AppendAsync(auditor.Entry(context.User.NameOf(), "audit.export", "audit"), CancellationToken.None);
        context.Response.ContentType = "application/x-ndjson; charset=utf-8";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"audit.jsonl\"";
        long after = 0;
        var hash = AuditChain.Genesis;
        IReadOnlyList<ChainedAuditEntry> page;
        do
        {
            page = await audit.ReadAfterAsync(after, Page, cancellationToken);
            foreach (var entry in page)
            {
                await context.Response.WriteAsync(AuditLines.Format(entry), cancellationToken);
                await context.Response.WriteAsync("\n", cancellationToken);
                (after, hash) = (entry.Sequence, entry.Hash);
            }
        }
        while (page.Count == Page);

        log.LogInformation("The audit trail was exported by {Person} through {Sequence}:{Hash}", context.User.NameOf(), after, hash);
    }
}
