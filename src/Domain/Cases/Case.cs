namespace Monitoring.Domain.Cases;

/// <summary>The human handling of a warning about a place. Its states are kept apart from the alert's.</summary>
public sealed record Case
{
    public required string Id { get; init; }

    public required string AlertId { get; init; }

    public required string SiteId { get; init; }

    public string? RegionCode { get; init; }

    public required CaseState State { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>The verification that decided it; null until then. There is no other way to an outcome.</summary>
    public FieldVerification? Verification { get; init; }
}

public enum CaseState
{
    /// <summary>线索: opened by a firing patch alert, nobody has judged it. Every label says 疑似.</summary>
    Detected,

    /// <summary>A field verification gave the outcome.</summary>
    Judged,
}

/// <summary>合法 / 违法 / 其他.</summary>
public enum FieldOutcome
{
    Legal,
    Illegal,
    Other,
}

/// <summary>
/// What a person found on the spot. A patch from a satellite is a clue; only this makes it more.
/// </summary>
/// <param name="Person">Who was there, 1 to 100 characters.</param>
/// <param name="At">When, not in the future.</param>
/// <param name="Reason">Why, 1 to 2000 characters; for legal ones the document number belongs here.</param>
/// <param name="PhotoHashes">SHA-256 of at least one photo for <see cref="FieldOutcome.Illegal"/>.</param>
/// <param name="Longitude">Where the person stood, degrees, or null.</param>
/// <param name="Latitude">See <paramref name="Longitude"/>.</param>
public sealed record FieldVerification(
    FieldOutcome Outcome, string Person, DateTimeOffset At, string Reason, IReadOnlyList<string> PhotoHashes, double? Longitude = null, double? Latitude = null)
{
    /// <summary>One sentence about what is wrong with it, or null when it may be recorded.</summary>
    public string? Fault(DateTimeOffset now)
    {
        if (Person is not { Length: > 0 and <= 100 })
        {
            return "A verification names the person who was there, in 1 to 100 characters.";
        }

        if (Reason is not { Length: > 0 and <= 2000 })
        {
            return "A verification states its reason, in 1 to 2000 characters.";
        }

        if (At > now)
        {
            return $"The verification is dated {At:O}, which is in the future; give the time you were there.";
        }

        if (Outcome is FieldOutcome.Illegal && PhotoHashes.Count == 0)
        {
            return "An illegal outcome needs at least one photo as evidence.";
        }

        return null;
    }
}

/// <param name="Sha256">Lower-case hex of the bytes.</param>
/// <param name="MediaType"><c>image/jpeg</c>, <c>image/png</c> or <c>image/webp</c>.</param>
/// <param name="Bytes">At most <see cref="MaxBytes"/>.</param>
public sealed record EvidencePhoto(string Sha256, string MediaType, ReadOnlyMemory<byte> Bytes)
{
    public const int MaxBytes = 10 * 1024 * 1024;
}

public sealed record CaseQuestion
{
    public CaseState? State { get; init; }

    public IReadOnlyList<string>? RegionPrefixes { get; init; }

    /// <summary>Judged in [from, to).</summary>
    public DateTimeOffset? DecidedFrom { get; init; }

    public DateTimeOffset? DecidedTo { get; init; }

    public int Limit { get; init; } = 1000;
}
