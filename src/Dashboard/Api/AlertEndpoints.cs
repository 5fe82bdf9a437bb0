using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Learning;

namespace Monitoring.Dashboard.Api;

/// <summary>Warnings: lists, evidence, acts.</summary>
internal static class AlertEndpoints
{
    public static void MapAlerts(this IEndpointRouteBuilder api)
    {
        api.MapGet("/alerts", ListAsync);
        api.MapGet("/alerts/{id}", DetailAsync);
        api.MapPost("/alerts/{id}/acknowledge", AcknowledgeAsync).RequireAuthorization(Guards.Officer);
        api.MapGet("/alerts/{id}/assignees", AssigneesAsync).RequireAuthorization(Guards.Officer);
        api.MapPost("/alerts/{id}/assign", AssignAsync).RequireAuthorization(Guards.Officer);
    }

    /// <summary>The alert when it is there and in the reader's scope; what is outside is as if it were not there.</summary>
    public static async Task<Alert?> FindAsync(this IAlertStore alerts, string id, Reader reader, CancellationToken cancellationToken) =>
        id.Length <= 200 && await alerts.FindAsync(id, cancellationToken) is { } alert && reader.Scope.Covers(alert.RegionCode) ? alert : null;

    public static ProblemHttpResult NoSuch(string id) => Problems.NotFound($"There is no warning {id}.");

    private static async Task<Results<Ok<AlertPageView>, ProblemHttpResult>> ListAsync(
        Reader reader, IAlertStore alerts, Likelihoods likelihoods, string? state, string? bbox, string? rule, long? before, string? after, int? limit, string? order, CancellationToken cancellationToken)
    {
        if (!TryParseStates(state, out var states))
        {
            return Problems.Bad("A state is one or several of pending, firing, resolved, with commas between.");
        }

        if (!Boxes.TryParse(bbox, out var box))
        {
            return Problems.Bad(Boxes.Fault);
        }

        if (limit is < 1 or > 1000)
        {
            return Problems.Bad("A limit is 1 to 1000.");
        }

        if (order is not (null or "newest" or "likelihood"))
        {
            return Problems.Bad("An order is newest or likelihood.");
        }

        if (!TryParsePlace(after, out var place) || (after is not null && order is not "likelihood"))
        {
            return Problems.Bad("After is the nextAfter of an earlier page in the order by likelihood.");
        }

        var count = limit ?? 100;
        if (order is "likelihood")
        {
            // What nobody scored keeps its place behind, what was set aside comes last and is not left out.
            var question = new AlertQuestion { States = states, Box = box, RuleId = rule, ByLikelihood = true, After = place, Limit = count };
            var likely = await ViewsAsync(await QueryAsync(alerts, reader, question, cancellationToken), reader, alerts, likelihoods, cancellationToken);
            return TypedResults.Ok(new AlertPageView(likely, null, likely.Length == count ? TextOf(likely[^1]) : null));
        }

        var found = await QueryAsync(alerts, reader, new AlertQuestion { States = states, Box = box, RuleId = rule, BeforeSequence = before, Limit = count }, cancellationToken);
        return TypedResults.Ok(new AlertPageView(
            await ViewsAsync(found, reader, alerts, likelihoods, cancellationToken), found.Count == count ? found[^1].Sequence : null, null));
    }

    private static async Task<AlertView[]> ViewsAsync(
        IReadOnlyList<Alert> found, Reader reader, IAlertStore alerts, Likelihoods likelihoods, CancellationToken cancellationToken)
    {
        var scores = await likelihoods.OfAsync(found, cancellationToken);
        var views = new AlertView[found.Count];
        for (var i = 0; i < views.Length; i++)
        {
            var alert = found[i];
            // Only what a person ended has an outcome: few of a page, each found by its key.
            var judged = alert is { ResolveReason: ResolveReason.HumanOutcome, CaseId: { } caseId } ? await alerts.FindCaseAsync(caseId, cancellationToken) : null;
            views[i] = AlertView.Of(alert, reader.Names) with { Outcome = judged?.Verification?.Outcome, Likelihood = scores.GetValueOrDefault(alert.FindingId) };
        }

        return views;
    }

    /// <summary>Asks within the reader's scope, whatever the question says of regions.</summary>
    public static async Task<IReadOnlyList<Alert>> QueryAsync(
        this IAlertStore alerts, Reader reader, AlertQuestion question, CancellationToken cancellationToken) =>
        reader.SeesNothing
            ? []
            : await alerts.QueryAsync(question with { RegionPrefixes = reader.Scope.RegionPrefixes }, cancellationToken);

    private static async Task<Results<Ok<AlertDetailView>, ProblemHttpResult>> DetailAsync(
        string id, Reader reader, IAlertStore alerts, AlertEvidence evidence, CancellationToken cancellationToken) =>
        await alerts.FindAsync(id, reader, cancellationToken) is { } alert
            ? TypedResults.Ok(await evidence.GatherAsync(alert, reader, cancellationToken))
            : NoSuch(id);

    private static async Task<Results<Ok<SequenceView>, ProblemHttpResult>> AcknowledgeAsync(
        string id, AcknowledgeRequest request, Reader reader, IAlertStore alerts, IAlertCommands commands, CancellationToken cancellationToken) =>
        await alerts.FindAsync(id, reader, cancellationToken) is null
            ? NoSuch(id)
            : Answer(await commands.AcknowledgeAsync(id, reader.Name, string.IsNullOrWhiteSpace(request.Note) ? null : request.Note, cancellationToken));

    private static async Task<Results<Ok<SequenceView>, ProblemHttpResult>> AssignAsync(
        string id, AssignRequest request, Reader reader, IAlertStore alerts, IAlertCommands commands, Assignees assignees, CancellationToken cancellationToken)
    {
        if (await alerts.FindAsync(id, reader, cancellationToken) is not { } alert)
        {
            return NoSuch(id);
        }

        string? assignee = null;
        if (!string.IsNullOrWhiteSpace(request.Assignee))
        {
            (assignee, var fault) = await assignees.FindAsync(request.Assignee, alert.RegionCode, cancellationToken);
            if (fault is not null)
            {
                return Problems.Bad(fault);
            }
        }

        return Answer(await commands.AssignAsync(id, assignee, reader.Name, cancellationToken));
    }

    private static async Task<Results<Ok<AssigneeView[]>, ProblemHttpResult>> AssigneesAsync(
        string id, Reader reader, IAlertStore alerts, Assignees assignees, CancellationToken cancellationToken) =>
        await alerts.FindAsync(id, reader, cancellationToken) is { } alert
            ? TypedResults.Ok((await assignees.WhoSeeAsync(alert.RegionCode, cancellationToken)).Select(static p => new AssigneeView(p.UserName!, p.DisplayName)).ToArray())
            : NoSuch(id);

    public static Results<Ok<SequenceView>, ProblemHttpResult> Answer(CommandResult result) =>
        result.Status is CommandStatus.Done ? TypedResults.Ok(new SequenceView(result.Sequence)) : Problems.Of(result);

    /// <summary>Where the last of a page stands in the order by likelihood.</summary>
    private static string TextOf(AlertView last)
    {
        var group = last.Likelihood switch { null => 1, { Triage: Triage.SetAside } => 2, _ => 0 };
        return string.Create(CultureInfo.InvariantCulture, $"{group}~{last.Likelihood?.Probability ?? 0:R}~{last.Sequence}");
    }

    private static bool TryParsePlace(string? text, out LikelihoodPlace? place)
    {
        place = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (text.Split('~') is not [var first, var second, var third] || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var group) || group > 2
            || !double.TryParse(second, NumberStyles.Float, CultureInfo.InvariantCulture, out var probability) || !(probability is >= 0 and <= 1)
            || !long.TryParse(third, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return false;
        }

        place = new(group, probability, sequence);
        return true;
    }

    private static bool TryParseStates(string? text, out IReadOnlyList<AlertState>? states)
    {
        states = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        var parsed = new List<AlertState>();
        foreach (var part in text.Split(','))
        {
            if (!Enum.TryParse<AlertState>(part, ignoreCase: true, out var state) || !Enum.IsDefined(state) || char.IsAsciiDigit(part[0]))
            {
                return false;
            }

            parsed.Add(state);
        }

        states = parsed;
        return true;
    }
}
