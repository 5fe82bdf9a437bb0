namespace Monitoring.Domain.Learning;

/// <summary>How a place came to be inspected.</summary>
public enum FoundHow
{
    RandomSample,
    Pushed,
    Ranked,
    Patrol,
    Complaint,
}

/// <summary>
/// What a field verification found at a place: one of our own cases, or one that was recorded elsewhere and imported. Nothing in it is about a person.
/// </summary>
/// <param name="Id"><c>case:{case id}</c> or <c>import:{reference}</c>.</param>
/// <param name="SiteId">Our own site, where it is one of our cases.</param>
/// <param name="Longitude">Degrees.</param>
/// <param name="Latitude">Degrees.</param>
/// <param name="DecidedAt">When it was found on the spot.</param>
/// <param name="RecordedAt">From when on it was known here; never before <paramref name="DecidedAt"/>.</param>
/// <param name="Confirmed">True: building without approval was confirmed; false: it was dismissed.</param>
/// <param name="FoundBy">Null for our own cases, of which the score knows it.</param>
/// <param name="InspectionChance">Chance in (0, 1] that a place like it is inspected, where it is known.</param>
public sealed record CaseOutcome(
    string Id, string? SiteId, double Longitude, double Latitude, DateTimeOffset DecidedAt, DateTimeOffset RecordedAt, bool Confirmed, FoundHow? FoundBy, double? InspectionChance);

/// <summary>Outcomes recorded elsewhere, as one delivery.</summary>
/// <param name="Source">File name.</param>
/// <param name="SourceHash">SHA-256 of the file in lower-case hex.</param>
public sealed record OutcomeDelivery(IReadOnlyList<CaseOutcome> Outcomes, string Source, string SourceHash, string Actor);
