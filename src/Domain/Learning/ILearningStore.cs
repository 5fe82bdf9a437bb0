using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Domain.Learning;

/// <summary>
/// What learning keeps (scores, outcomes from elsewhere, the risk map), and what it asks of the registers beyond their own ports: from when on a
/// fact was known. Thread-safe.
/// </summary>
public interface ILearningStore
{
    /// <summary>Adds scores to those there are; one of the same finding and instant is skipped. The first score of a finding comes with it, in <see cref="Findings.FindingBatch.Scores"/>.</summary>
    Task AddScoresAsync(IReadOnlyList<CandidateScore> scores, CancellationToken cancellationToken);

    /// <summary>The newest score of each finding that has one, by finding id.</summary>
    Task<IReadOnlyDictionary<string, CandidateScore>> ScoresOfAsync(IReadOnlyCollection<string> findingIds, CancellationToken cancellationToken);

    /// <summary>All scores of a site, oldest first.</summary>
    Task<IReadOnlyList<CandidateScore>> ScoresOfSiteAsync(string siteId, CancellationToken cancellationToken);

    /// <summary>The newest score of each site that has one, by site id.</summary>
    Task<IReadOnlyDictionary<string, CandidateScore>> NewestOfSitesAsync(IReadOnlyCollection<string> siteIds, CancellationToken cancellationToken);

    /// <summary>Newest scores first, as of <paramref name="since"/> or later.</summary>
    Task<IReadOnlyList<CandidateScore>> ScoresSinceAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken);

    /// <summary>Appends outcomes from elsewhere in one transaction with an audit entry; one whose id is there already is skipped.</summary>
    /// <returns>How many were new.</returns>
    Task<int> RecordAsync(OutcomeDelivery delivery, CancellationToken cancellationToken);

    /// <summary>Judged cases of a rule and imported outcomes, by <see cref="CaseOutcome.RecordedAt"/>, then id.</summary>
    /// <param name="box">Only places in it (degrees); null = all.</param>
    Task<IReadOnlyList<CaseOutcome>> OutcomesAsync(string ruleId, Envelope? box, CancellationToken cancellationToken);

    /// <summary>The patches of a site, each with the instant of its first judgement: from then on it was known.</summary>
    Task<IReadOnlyList<KnownPatch>> PatchesOfSiteAsync(string siteId, CancellationToken cancellationToken);

    /// <summary>Permits whose box meets <paramref name="box"/> as the map stood after a version, each with the instant its period came into the register.</summary>
    Task<IReadOnlyList<KnownPermit>> PermitsAsync(Envelope box, long asOfVersion, CancellationToken cancellationToken);

    /// <summary>From when on each device was known, by id. One that was imported before this was kept counts from the first import on record.</summary>
    Task<IReadOnlyDictionary<string, DateTimeOffset>> DevicesKnownFromAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Periods of a layer's features whose box meets <paramref name="box"/>, of every version of the map, by id, first day and version: what the map said at any instant.
    /// </summary>
    /// <param name="planKind">Kind of plan features; null for the other layers.</param>
    Task<IReadOnlyList<KnownPeriod>> HistoryAsync(MapLayer layer, string? planKind, Envelope box, CancellationToken cancellationToken);

    /// <summary>Patches that were judged for the first time at <paramref name="since"/> or later, newest first, with their newest judgement.</summary>
    /// <param name="limit">At least 1.</param>
    Task<IReadOnlyList<SightedPatch>> SightingsAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken);

    /// <summary>Findings of a rule that end at <paramref name="since"/> or later, newest end first.</summary>
    /// <param name="limit">At least 1.</param>
    Task<IReadOnlyList<Findings.Finding>> FindingsOfRuleAsync(string ruleId, DateTimeOffset since, int limit, CancellationToken cancellationToken);

    /// <summary>Candidates of which no warning was made, and the open ones of the recheck sample: the newest finding of each place that holds and was not decided since.</summary>
    Task<IReadOnlyList<HeldBack>> HeldBackAsync(HeldBackQuestion question, CancellationToken cancellationToken);

    /// <summary>A text that differs once anything was added that the risk map rests on: the map, patches, findings of <paramref name="activityRuleId"/>, outcomes, devices.</summary>
    Task<string> RiskStampAsync(string activityRuleId, CancellationToken cancellationToken);

    /// <summary>Puts a risk map in the place of the last one, in one transaction.</summary>
    Task ReplaceRiskAsync(RiskPicture picture, CancellationToken cancellationToken);

    /// <summary>The risk map with the parcels that satisfy the question, highest first; null when none was made.</summary>
    Task<RiskPicture?> RiskAsync(RiskQuestion question, CancellationToken cancellationToken);
}

public sealed record KnownPatch(ChangePatch Patch, DateTimeOffset KnownAt);

public sealed record KnownPermit(Permit Permit, DateTimeOffset KnownFrom);

/// <summary>A period of a feature, and when it was known.</summary>
/// <param name="Content">Periods of one layer with the same number say the same of the same feature; cutting a period changes its days only.</param>
/// <param name="KnownFrom">Import of the first version that says so.</param>
/// <param name="KnownUntil">Import of the first version that says so no more; null = it stands.</param>
public sealed record KnownPeriod(MapFeature Feature, long Content, DateTimeOffset KnownFrom, DateTimeOffset? KnownUntil);

/// <param name="Verdict">Of the newest judgement.</param>
/// <param name="KnownAt">Instant of the first judgement, however often it was judged again.</param>
public sealed record SightedPatch(ChangePatch Patch, string SiteId, Findings.Verdict Verdict, DateTimeOffset KnownAt);
