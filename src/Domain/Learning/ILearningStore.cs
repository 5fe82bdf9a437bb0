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

    /// <summary>Puts a risk map in the place of the last one, in one transaction.</summary>
    Task ReplaceRiskAsync(RiskPicture picture, CancellationToken cancellationToken);

    /// <summary>The risk map, its parcels those whose box meets <paramref name="box"/>, highest first; null when none was made.</summary>
    Task<RiskPicture?> RiskAsync(Envelope? box, int limit, CancellationToken cancellationToken);
}

public sealed record KnownPatch(ChangePatch Patch, DateTimeOffset KnownAt);

public sealed record KnownPermit(Permit Permit, DateTimeOffset KnownFrom);
