using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Learning;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Learning;

/// <summary>An outcome of a place that had been scored before it was decided.</summary>
/// <param name="Score">The newest score from before the visit: what was known when somebody was sent.</param>
public sealed record LearnedCase(CaseOutcome Outcome, CandidateScore Score, RecordedOutcome Example);

/// <summary>
/// Makes examples of outcomes: each with the features as they were scored before somebody went there. An outcome of a place that nobody had scored by
/// then is no example; it still counts as a neighbour. What an outcome gives never changes, so it is worked out once. Thread-safe.
/// </summary>
public sealed class ExampleBook(ILearningStore learning, IFindingStore findings, LearningOptions options) : IDisposable
{
    /// <summary>About a metre, in degrees.</summary>
    private const double PointReachDegrees = 1e-5;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, LearnedCase?> _known = new(StringComparer.Ordinal);

    /// <summary>All outcomes, and those of them that are examples: newest <see cref="LearningOptions.MostExamples"/>, by the instant of the score, then site.</summary>
    public async Task<(IReadOnlyList<CaseOutcome> Outcomes, IReadOnlyList<LearnedCase> Cases)> ReadAsync(CancellationToken cancellationToken)
    {
        var outcomes = await learning.OutcomesAsync(JudgementRules.BuildingRuleId, null, cancellationToken);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            foreach (var outcome in outcomes.TakeLast(options.MostExamples).Where(o => !_known.ContainsKey(o.Id)))
            {
                _known[outcome.Id] = await OfAsync(outcome, cancellationToken);
            }

            IReadOnlyList<LearnedCase> cases =
            [
                .. outcomes.TakeLast(options.MostExamples).Select(o => _known[o.Id]).OfType<LearnedCase>()
                    .OrderBy(static c => c.Score.AsOf).ThenBy(static c => c.Score.SiteId, StringComparer.Ordinal).ThenBy(static c => c.Outcome.Id, StringComparer.Ordinal),
            ];
            return (outcomes, cases);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Differs once there is another example. How many there are does not tell it: at <see cref="LearningOptions.MostExamples"/> one goes for each that comes.</summary>
    public static string StampOf(IReadOnlyList<LearnedCase> cases) =>
        $"{cases.Count}|{cases.Select(static c => c.Outcome).MaxBy(static o => (o.RecordedAt, o.Id), Comparer<(DateTimeOffset At, string Id)>.Create(
            static (a, b) => a.At != b.At ? a.At.CompareTo(b.At) : string.CompareOrdinal(a.Id, b.Id)))?.Id}";

    /// <summary>Examples that were recorded after an instant, such as that of a model: it did not learn from them.</summary>
    public static int Since(IReadOnlyList<LearnedCase> cases, DateTimeOffset madeAt) => cases.Count(c => c.Outcome.RecordedAt > madeAt);

    public void Dispose() => _gate.Dispose();

    private async Task<LearnedCase?> OfAsync(CaseOutcome outcome, CancellationToken cancellationToken)
    {
        if (await ScoreBeforeAsync(outcome, cancellationToken) is not { } score)
        {
            return null;
        }

        var (found, chance) = (outcome.FoundBy, score) switch
        {
            ({ } stated, _) => ((FoundBy)(int)stated, outcome.InspectionChance),
            (null, { InspectionChance: { } drawn }) => (FoundBy.RandomSample, drawn),
            (null, { Pushed: true }) => (FoundBy.Pushed, (double?)null),
            _ => (FoundBy.Ranked, null),
        };
        return new(outcome, score, new RecordedOutcome(
            new ViolationFeatures(score.SiteId, score.AsOf, [.. score.Features]), outcome.Confirmed, found, outcome.DecidedAt, chance));
    }

    private async Task<CandidateScore?> ScoreBeforeAsync(CaseOutcome outcome, CancellationToken cancellationToken)
    {
        IEnumerable<string> sites = outcome.SiteId is { } own ? [own] : await SitesAtAsync(outcome, cancellationToken);
        List<CandidateScore> before = [];
        foreach (var site in sites)
        {
            // A score by another schema has other columns.
            before.AddRange((await learning.ScoresOfSiteAsync(site, cancellationToken))
                .Where(s => s.AsOf < outcome.DecidedAt && s.SchemaVersion == ViolationFeatures.Schema.Version && s.Features.Count == ViolationFeatures.Schema.Count));
        }

        return before.OrderByDescending(static s => s.AsOf).ThenBy(static s => s.SiteId, StringComparer.Ordinal).FirstOrDefault();
    }

    private async Task<IEnumerable<string>> SitesAtAsync(CaseOutcome outcome, CancellationToken cancellationToken)
    {
        var point = new Point(outcome.Longitude, outcome.Latitude);
        var box = new Envelope(point.Coordinate);
        box.ExpandBy(PointReachDegrees);
        return (await findings.JudgedPatchesAsync(box, cancellationToken))
            .Where(p => p.Patch.Outline.Shape.IsWithinDistance(point, PointReachDegrees)).Select(static p => p.SiteId).Distinct(StringComparer.Ordinal);
    }
}
