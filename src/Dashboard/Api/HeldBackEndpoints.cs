using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Learning;

namespace Monitoring.Dashboard.Api;

/// <summary>
/// Candidates of which no warning was made, each with the reason; the recheck sample among them with its warning. An officer may take one up: then it is a warning.
/// </summary>
internal static class HeldBackEndpoints
{
    private const int MostNote = 500;

    public static void MapHeldBack(this IEndpointRouteBuilder api)
    {
        api.MapGet("/held-back", ListAsync);
        api.MapPost("/held-back/{siteId}/take-up", TakeUpAsync).RequireAuthorization(Guards.Officer);
    }

    private static async Task<Results<Ok<HeldBackPageView>, ProblemHttpResult>> ListAsync(
        Reader reader, ILearningStore learning, IAlertRules rules, string? bbox, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (!Boxes.TryParse(bbox, out var box))
        {
            return Problems.Bad(Boxes.Fault);
        }

        if (limit is < 1 or > 500)
        {
            return Problems.Bad("A limit is 1 to 500.");
        }

        if (!TryParsePlace(after, out var place))
        {
            return Problems.Bad("After is the nextAfter of an earlier page.");
        }

        var count = limit ?? 100;
        var held = reader.SeesNothing ? [] : await learning.HeldBackAsync(Question(reader, count) with { Box = box, After = place }, cancellationToken);
        var firesFrom = FiresFrom(rules);
        return TypedResults.Ok(new HeldBackPageView(
            [.. held.Select(h => HeldBackView.Of(h, firesFrom, reader.Names))],
            held.Count == count ? string.Create(CultureInfo.InvariantCulture, $"{held[^1].Score.Probability:R}~{held[^1].Sequence}") : null));
    }

    private static async Task<Results<Ok, ProblemHttpResult>> TakeUpAsync(
        string siteId, TakeUpRequest request, Reader reader, ILearningStore learning, IFindingStore findings, IAuditTrail audit, PeopleAuditor auditor, CancellationToken cancellationToken)
    {
        var reason = request.Reason?.Trim() ?? "";
        if (reason.Length is 0 or > MostNote)
        {
            return Problems.Bad($"Say why in 1 to {MostNote} characters.");
        }

        var held = reader.SeesNothing || siteId.Length > 200 ? [] : await learning.HeldBackAsync(Question(reader, 1) with { SiteId = siteId }, cancellationToken);
        if (held is not [{ AlertId: null } one])
        {
            return Problems.NotFound($"No candidate {siteId} is held back.");
        }

        var finding = CalledUp.Of(one.Finding, "people", Reason.Of(CalledUp.TakenUp, ("person", reader.Name), ("note", reason)));
        await audit.AppendAsync(auditor.Entry(reader.Name, "candidate.take-up", siteId, ("finding", finding.Id), ("reason", reason)), cancellationToken);
        await findings.CommitAsync(new FindingBatch { Findings = [finding], Scores = [one.Score with { FindingId = finding.Id }] }, cancellationToken);
        return TypedResults.Ok();
    }

    private static HeldBackQuestion Question(Reader reader, int limit) =>
        new() { RuleId = ScoredRule.Id, RegionPrefixes = reader.Scope.RegionPrefixes, Limit = limit };

    private static Verdict FiresFrom(IAlertRules rules) => rules.Find(ScoredRule.Id)?.FiresFrom ?? Verdict.NotJudged;

    private static bool TryParsePlace(string? text, out (double Probability, long Sequence)? place)
    {
        place = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (text.Split('~') is not [var first, var second] || !double.TryParse(first, NumberStyles.Float, CultureInfo.InvariantCulture, out var probability)
            || !(probability is >= 0 and <= 1) || !long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return false;
        }

        place = (probability, sequence);
        return true;
    }
}
