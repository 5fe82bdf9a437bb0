using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;

namespace Monitoring.Detection.Learning;

/// <summary>
/// Learning beside the river: learns again when enough outcomes came, compares the shadow, scores open warnings again when another model is used or patches were
/// pushed, watches for drift, makes the risk map. It changes no finding and ends no warning; what it has to tell operators it tells as a finding about the model.
/// </summary>
/// <remarks>It keeps nothing that the stores and the model register do not hold: stopped at any moment, it finds out again what is to be done.</remarks>
public sealed partial class LearningLoop(
    ModelDesk desk, ExampleBook examples, CandidateScoring scoring, CandidateFactsSource facts, RiskMaker risk, ILearningStore learning, IFindingStore findings,
    IAlertStore alerts, IPushedPatches pushed, PlanIndexSource indexes, IEventBus bus, LearningOptions options, TimeProvider clock, ILogger<LearningLoop> log)
    : BackgroundService
{
    /// <summary>Rule of the finding that a better model waits for an operator.</summary>
    public const string WaitingRuleId = "model-waiting";

    private const int MostAlerts = 1000;
    private const int MostAgain = 200;
    private const int MostSaid = 20;
    private const int MostDriftRows = 20_000;

    private string? _again;

    // Findings that were scored, or tried, again in this state of models and deliveries.
    private readonly HashSet<string> _tried = new(StringComparer.Ordinal);
    private string? _trying;
    private Queue<string> _due = new();
    private string? _triedOn;

    // Only a stop leaves a version that no act names: once in the life of a process is enough.
    private bool _tookUp;
    private DateTimeOffset? _driftAt;
    private DateTimeOffset? _riskAt;
    private string? _riskOf;

    /// <summary>Does what is due now.</summary>
    public async Task WorkOffAsync(CancellationToken cancellationToken)
    {
        await LearnAsync(cancellationToken);
        await ScoreAgainAsync(cancellationToken);
        await WatchAsync(cancellationToken);
        await MapRiskAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var decided = bus.Subscribe<CaseDecided>();
        await WakeLoop.RunAsync(WorkOffAsync, [decided], clock, e => Failed(e), stoppingToken);
    }

    private async Task LearnAsync(CancellationToken cancellationToken)
    {
        var (_, cases) = await examples.ReadAsync(cancellationToken);
        var confirmed = cases.Count(static c => c.Outcome.Confirmed);
        var least = options.Training.LeastOfEach;
        var stamp = ExampleBook.StampOf(cases);
        if (stamp == _triedOn || confirmed < least || cases.Count - confirmed < least)
        {
            return;
        }

        if (!_tookUp)
        {
            await desk.TakeUpAsync(cancellationToken);
            _tookUp = true;
        }

        var newest = await desk.NewestAsync(cancellationToken);
        if (newest is null || ExampleBook.Since(cases, newest.MadeAt) >= options.RetrainAfter)
        {
            // Not again on the same outcomes, however it ends.
            _triedOn = stamp;
            var result = await desk.TrainAsync("system", cancellationToken);
            Trained(result.Sentence);
        }

        if (await desk.CompareAsync(null, cases, cancellationToken) is not { Comparison: { Promotes: true } better } compared)
        {
            await ClearAsync(WaitingRuleId, cancellationToken);
            return;
        }

        if (options.PromotesItself)
        {
            var result = await desk.PromoteAsync(compared.Version, "system", "found better by the comparison", cancellationToken);
            Promoted(result.Sentence);
        }
        else
        {
            await TellWaitingAsync(compared, better, cancellationToken);
        }
    }

    /// <summary>
    /// Tells that a better model waits; again when it still waits after <see cref="LearningOptions.WaitingToldEvery"/>, on a comparison of
    /// half as many cases again, or after it was not better for a while. Told again is a warning that ends and one that begins.
    /// </summary>
    private async Task TellWaitingAsync(ComparedCases compared, Comparison better, CancellationToken cancellationToken)
    {
        var subject = new Subject(SubjectKind.Indicator, $"violation-model@{compared.Version}");
        await ClearAsync(WaitingRuleId, cancellationToken, except: subject);
        var now = clock.GetUtcNow();
        var last = (await findings.OfSubjectAsync(subject, MostSaid, cancellationToken)).Select(static f => f.Finding).FirstOrDefault(static f => f.RuleId == WaitingRuleId);
        List<Finding> said = [];
        if (last is { Condition: FindingCondition.Holds } told)
        {
            var cases = told.Reasons.Select(static r => r.Facts.GetValueOrDefault("cases")).FirstOrDefault(static c => c is not null);
            if (now - told.DetectedAt < options.WaitingToldEvery && 2 * compared.Cases < 3 * int.Parse(cases ?? "0", CultureInfo.InvariantCulture))
            {
                return;
            }

            said.Add(EndOf(told, now));
        }

        said.Add(WaitingOf(compared, better, subject, last?.Id ?? ""));
        await findings.CommitAsync(new FindingBatch { Findings = said }, cancellationToken);
    }

    private static Finding EndOf(Finding held, DateTimeOffset now) => held with
    {
        Id = FindingId.Of(held.Id, "clears"), Condition = FindingCondition.Clears, PhenomenonStart = held.PhenomenonEnd, PhenomenonEnd = now, DetectedAt = now,
    };

    /// <param name="before">What was said last, so that each telling has its own id, the same whenever it is made.</param>
    private Finding WaitingOf(ComparedCases compared, Comparison better, Subject subject, string before)
    {
        static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
        var now = clock.GetUtcNow();
        return new Finding
        {
            Id = FindingId.Of(WaitingRuleId, compared.Version, before), RuleId = WaitingRuleId, RuleVersion = "1", DetectorId = "model-comparison", DetectorVersion = "1",
            Subject = subject, Condition = FindingCondition.Holds, Severity = Severity.Info,
            PhenomenonStart = now, PhenomenonEnd = now, DetectedAt = now, Score = 1, Inputs = [new EvidenceInput("model", compared.Version)],
            Reasons =
            [
                Reason.Of(
                    "model-better", ("version", compared.Version), ("cases", compared.Cases.ToString(CultureInfo.InvariantCulture)),
                    ("average_precision", Text(better.Challenger.AveragePrecision)), ("average_precision_now", Text(better.Current.AveragePrecision))),
            ],
        };
    }

    /// <summary>Open warnings that were scored by another model, with another shadow, not at all, or before a patch was pushed there: as of now, a few at a time.</summary>
    private async Task ScoreAgainAsync(CancellationToken cancellationToken)
    {
        var (active, shadow) = await desk.InUseAsync(cancellationToken);
        var state = $"{active}|{shadow}|{await pushed.DeliveryCountAsync(cancellationToken)}";
        if (state == _again)
        {
            return;
        }

        if (state != _trying)
        {
            _tried.Clear();
            _due = new(await DueAsync(active, shadow, cancellationToken));
            _trying = state;
        }

        List<string> due = [];
        while (due.Count < MostAgain && _due.TryDequeue(out var next))
        {
            due.Add(next);
        }

        if (due.Count > 0)
        {
            var scorer = await desk.ScorerAsync(cancellationToken);
            var now = clock.GetUtcNow();
            var index = await indexes.CurrentAsync(cancellationToken);
            List<Finding> said = [];
            foreach (var id in due)
            {
                if (await findings.FindAsync(id, cancellationToken) is { Finding: var finding } && CandidateScoring.Counts(finding))
                {
                    said.Add(finding);
                }
            }

            var session = await facts.OpenAsync(CandidateScoring.BoxOf(said), cancellationToken);
            List<CandidateScore> made = [];
            foreach (var finding in said)
            {
                try
                {
                    made.Add(await scoring.AgainAsync(finding, now, index, session, scorer, cancellationToken));
                }
                catch (Exception problem) when (SetAside.IsOfTheItem(problem))
                {
                    NotScored(problem, finding.Id);
                }
            }

            await learning.AddScoresAsync(made, cancellationToken);

            // Once for each state of models and deliveries: what cannot be scored keeps nobody waiting.
            _tried.UnionWith(due);
            Scored(made.Count);
        }

        if (_due.Count == 0)
        {
            // A warning whose finding was scored before the change may have been opened since: looked once more, and done when there is none.
            _due = new(await DueAsync(active, shadow, cancellationToken));
            _again = _due.Count == 0 ? state : null;
        }
    }

    /// <summary>Findings of open warnings to be scored again in this state; every open warning is read once.</summary>
    private async Task<List<string>> DueAsync(string? active, string? shadow, CancellationToken cancellationToken)
    {
        var deliveries = await pushed.DeliveriesAsync(cancellationToken);
        var delivered = deliveries.Count == 0 ? (DateTimeOffset?)null : deliveries.Max(static d => d.ReceivedAt);
        List<string> due = [];
        long? before = null;
        while (await alerts.QueryAsync(
            new AlertQuestion { RuleId = JudgementRules.BuildingRuleId, States = [AlertState.Firing, AlertState.Pending], BeforeSequence = before, Limit = MostAlerts }, cancellationToken) is { Count: > 0 } page)
        {
            var scores = await learning.ScoresOfAsync([.. page.Select(static a => a.FindingId)], cancellationToken);
            due.AddRange(page.Where(a => !_tried.Contains(a.FindingId)
                && (!scores.TryGetValue(a.FindingId, out var s) || s.Model != active || (shadow is not null && s.ShadowModel != shadow)
                    || (s.Triage is not Domain.Learning.Triage.Work && !s.Pushed && s.AsOf < delivered))).Select(static a => a.FindingId));
            before = page[^1].Sequence;
        }

        return due;
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (_driftAt is { } last && now - last < options.DriftEvery)
        {
            return;
        }

        _driftAt = now;
        if (await desk.ProfileAsync(cancellationToken) is not { } used)
        {
            desk.Drift = null;
            await ClearAsync(DriftWatch.RuleId, cancellationToken);
            return;
        }

        // By whole days, so that the same statement is the same finding.
        var to = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var from = to - options.DriftWindow;
        ViolationFeatures[] rows =
        [
            .. (await learning.ScoresSinceAsync(from, MostDriftRows, cancellationToken))
                .Where(static s => s.SchemaVersion == ViolationFeatures.Schema.Version && s.Features.Count == ViolationFeatures.Schema.Count)
                .Select(static s => new ViolationFeatures(s.SiteId, s.AsOf, [.. s.Features])),
        ];
        var (_, cases) = await examples.ReadAsync(cancellationToken);
        List<LearnedCase> judged = [.. cases.Where(c => c.Score.Model == used.Version && c.Outcome.RecordedAt >= from)];
        List<Reason> reasons =
        [
            .. DriftWatch.OfFeatures(used.Profile, rows, options.Drift),
            .. DriftWatch.OfOutcomes(
                [.. judged.Select(static c => c.Score.Probability)], [.. judged.Select(static c => c.Outcome.Confirmed)],
                [.. judged.Select(c => (float)options.Training.Weights.Of(c.Example))], options.Drift),
        ];
        desk.Drift = new DriftState(now, rows.Length, judged.Count, reasons);
        if (DriftWatch.Tell(used.Version, reasons, from, to, now) is { } finding)
        {
            await TellAsync(finding, cancellationToken);
        }
        else
        {
            await ClearAsync(DriftWatch.RuleId, cancellationToken);
        }
    }

    private async Task MapRiskAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (_riskAt is { } last && now - last < options.RiskEvery)
        {
            return;
        }

        // Whatever came while it is made belongs to the next.
        var stamp = await risk.StampAsync(now, cancellationToken);
        if (stamp == _riskOf)
        {
            return;
        }

        await learning.ReplaceRiskAsync(await risk.MakeAsync(now, cancellationToken), cancellationToken);
        (_riskAt, _riskOf) = (now, stamp);
    }

    /// <summary>What was told of a model and holds no more ends its warning.</summary>
    private async Task ClearAsync(string ruleId, CancellationToken cancellationToken, Subject? except = null)
    {
        foreach (var alert in await alerts.QueryAsync(new AlertQuestion { RuleId = ruleId, States = [AlertState.Firing, AlertState.Pending], Limit = 10 }, cancellationToken))
        {
            if (alert.Subject != except && await findings.FindAsync(alert.FindingId, cancellationToken) is { Finding: { Condition: FindingCondition.Holds } held })
            {
                await TellAsync(EndOf(held, clock.GetUtcNow()), cancellationToken);
            }
        }
    }

    private async Task TellAsync(Finding finding, CancellationToken cancellationToken)
    {
        if (await findings.FindAsync(finding.Id, cancellationToken) is null)
        {
            // The store tells that there is a finding.
            await findings.CommitAsync(new FindingBatch { Findings = [finding] }, cancellationToken);
        }
    }

    [LoggerMessage(3061, LogLevel.Error, "The warning of finding {Finding} could not be scored again; it keeps the score it has")]
    private partial void NotScored(Exception problem, string finding);

    [LoggerMessage(3053, LogLevel.Error, "Learning stopped at an error and tries again; warnings go on with the model in use")]
    private partial void Failed(Exception exception);

    [LoggerMessage(3054, LogLevel.Information, "Learning: {Sentence}")]
    private partial void Trained(string sentence);

    [LoggerMessage(3055, LogLevel.Warning, "A better model was put to use: {Sentence}")]
    private partial void Promoted(string sentence);

    [LoggerMessage(3056, LogLevel.Information, "Scored {Count} open warnings again")]
    private partial void Scored(int count);
}
