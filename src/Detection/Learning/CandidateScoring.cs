using Microsoft.Extensions.Logging;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Learning;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Learning;

/// <summary>
/// Scores warnings of building without approval with the model in use: facts as of the finding, features, probability, what told for and against, and
/// whether somebody must go there now. Thread-safe.
/// </summary>
/// <remarks>
/// A score stands beside its finding and not in it (docs/decisions/scores-beside-findings.md): a finding says what the images and the map say and is equal
/// whenever it is made; a probability is as of an instant and by a version. Both are stored in one transaction.
/// </remarks>
public sealed partial class CandidateScoring(CandidateFactsSource source, ModelDesk desk, LearningOptions options, ILogger<CandidateScoring> log)
{
    private readonly ViolationFeatureBuilder _builder = new(options.Zone);

    /// <summary>Scores of those findings that are warnings of building without approval, as of the instant each was made.</summary>
    /// <param name="patches">New judgements of the same step, not stored yet.</param>
    /// <param name="index">The map that they were judged against.</param>
    public async Task<IReadOnlyList<CandidateScore>> OfNewAsync(
        IReadOnlyList<Finding> findings, IReadOnlyList<JudgedPatch> patches, PlanIndex index, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentNullException.ThrowIfNull(patches);
        List<Finding> warnings = [.. findings.Where(Counts)];
        if (warnings.Count == 0)
        {
            return [];
        }

        var session = await source.OpenAsync(BoxOf(warnings), cancellationToken);
        var patchesOf = patches.ToLookup(static p => p.SiteId, static p => new KnownPatch(p.Patch, p.JudgedAt), StringComparer.Ordinal);
        var warningsOf = warnings.ToLookup(static f => f.Subject);
        var scorer = await desk.ScorerAsync(cancellationToken);
        List<CandidateScore> scores = [];
        foreach (var finding in warnings)
        {
            var question = new FactsQuestion(finding.Subject.Id, finding.Where!, finding.DetectedAt, index)
            {
                Patches = [.. patchesOf[finding.Subject.Id]],
                Findings = [.. warningsOf[finding.Subject]],
            };
            try
            {
                scores.Add(await ScoreAsync(finding, question, session, scorer, cancellationToken));
            }
            catch (Exception problem) when (SetAside.IsOfTheItem(problem))
            {
                // A warning without a number is told; one that is held back for its number is not.
                Failed(finding.Id, problem);
            }
        }

        return scores;
    }

    /// <summary>Says it again of a stored finding, as of a later instant.</summary>
    public async Task<CandidateScore> AgainAsync(
        Finding finding, DateTimeOffset asOf, PlanIndex index, FactsSession session, ViolationScorer scorer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return await ScoreAsync(finding, new FactsQuestion(finding.Subject.Id, finding.Where!, asOf, index), session, scorer, cancellationToken);
    }

    /// <summary>The box of all places, for <see cref="CandidateFactsSource.OpenAsync"/>.</summary>
    internal static Envelope BoxOf(IEnumerable<Finding> findings)
    {
        var box = new Envelope();
        foreach (var finding in findings)
        {
            box.ExpandToInclude(finding.Where!.Box);
        }

        return box;
    }

    /// <summary>Whether a finding is one that is scored.</summary>
    public static bool Counts(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return finding is { RuleId: JudgementRules.BuildingRuleId, Condition: FindingCondition.Holds, Subject.Kind: SubjectKind.Site, Where.Shape.IsEmpty: false };
    }

    private async Task<CandidateScore> ScoreAsync(Finding finding, FactsQuestion question, FactsSession session, ViolationScorer scorer, CancellationToken cancellationToken)
    {
        var (facts, pushed) = await source.GatherAsync(question, session, cancellationToken);
        var features = _builder.Build(facts, question.AsOf);
        var scored = scorer.Score(features, options.Contributions);
        var decision = options.Triage.Decide(finding.Subject.Id, pushed ? CandidateOrigin.Pushed : CandidateOrigin.Own, finding.Verdict, scored.Used);
        var warned = facts.Verdicts.Where(static v => v.Verdict >= Verdict.Review).Select(static v => (DateTimeOffset?)v.KnownAt).Min();
        var lead = warned is { } at ? EarthworksLead.Of(facts.Passes, at) : null;
        return new CandidateScore
        {
            FindingId = finding.Id,
            SiteId = finding.Subject.Id,
            RegionCode = finding.RegionCode,
            AsOf = question.AsOf,
            MapVersion = question.Index.MapVersion,
            SchemaVersion = ViolationFeatures.Schema.Version,
            Features = features.Values,
            Probability = scored.Used.Probability,
            Model = scored.Used.ModelVersion,
            Parts = [.. scored.Used.Top.Select(static c => PartOf(c))],
            ShadowModel = scored.ShadowVersion,
            ShadowProbability = scored.Shadow,
            Pushed = pushed,
            Triage = decision.Outcome switch
            {
                TriageOutcome.SetAside => Domain.Learning.Triage.SetAside,
                TriageOutcome.Recheck => Domain.Learning.Triage.Recheck,
                _ => Domain.Learning.Triage.Work,
            },
            TriageReason = decision.Reason,
            InspectionChance = decision.InspectionChance,
            Lead = lead is null ? null : new LeadDays(lead.AtLeastDays, lead.AtMostDays),
        };
    }

    private static ScorePart PartOf(Contribution part)
    {
        var info = ViolationFeatures.Schema.Features[ViolationFeatures.Schema.PlaceOf(part.Feature)];
        return new(info.Name, info.Zh, info.En, part.Value, part.LogOdds);
    }

    [LoggerMessage(3051, LogLevel.Error, "Finding {Finding} could not be scored; it is told without a probability")]
    private partial void Failed(string finding, Exception exception);
}
