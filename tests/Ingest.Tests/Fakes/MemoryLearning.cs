using Monitoring.Domain.Learning;
using NetTopologySuite.Geometries;

namespace Monitoring.Ingest.Tests.Fakes;

/// <summary>Only what the doors ask for.</summary>
internal sealed class MemoryLearning : ILearningStore
{
    public List<CaseOutcome> Taken { get; } = [];

    public Task<int> RecordAsync(OutcomeDelivery delivery, CancellationToken cancellationToken)
    {
        Taken.AddRange(delivery.Outcomes);
        return Task.FromResult(delivery.Outcomes.Count);
    }

    public Task AddScoresAsync(IReadOnlyList<CandidateScore> scores, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyDictionary<string, CandidateScore>> ScoresOfAsync(IReadOnlyCollection<string> findingIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<CandidateScore>> ScoresOfSiteAsync(string siteId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<CandidateScore>> ScoresSinceAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<CaseOutcome>> OutcomesAsync(string ruleId, Envelope? box, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<KnownPatch>> PatchesOfSiteAsync(string siteId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<KnownPermit>> PermitsAsync(Envelope box, long asOfVersion, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyDictionary<string, DateTimeOffset>> DevicesKnownFromAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReplaceRiskAsync(RiskPicture picture, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<KnownPeriod>> HistoryAsync(Monitoring.Domain.Land.MapLayer layer, string? planKind, Envelope box, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<SightedPatch>> SightingsAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Monitoring.Domain.Findings.Finding>> FindingsOfRuleAsync(string ruleId, DateTimeOffset since, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Dictionary<string, CandidateScore> OfSites { get; } = new(StringComparer.Ordinal);

    public Task<IReadOnlyDictionary<string, CandidateScore>> NewestOfSitesAsync(IReadOnlyCollection<string> siteIds, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, CandidateScore>>(OfSites.Where(s => siteIds.Contains(s.Key)).ToDictionary(StringComparer.Ordinal));

    public Task<IReadOnlyList<HeldBack>> HeldBackAsync(HeldBackQuestion question, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string> RiskStampAsync(string activityRuleId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<RiskPicture?> RiskAsync(RiskQuestion question, CancellationToken cancellationToken) => throw new NotSupportedException();
}
