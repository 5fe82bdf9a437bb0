using Monitoring.Detection.Imagery.Objects;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Learning;

/// <summary>
/// Everything on record about a candidate (a place where change was seen), each fact with the instant from which it was known. May hold facts of any time;
/// <see cref="ViolationFeatureBuilder"/> takes only those that were known. No fact is about a person.
/// </summary>
public sealed record CandidateFacts
{
    /// <summary>Site id.</summary>
    public required string Id { get; init; }

    public IReadOnlyList<PassFact> Passes { get; init; } = [];

    public IReadOnlyList<DeviceFact> Devices { get; init; } = [];

    public IReadOnlyList<SignalFact> Signals { get; init; } = [];

    public IReadOnlyList<LineFact> Lines { get; init; } = [];

    public IReadOnlyList<UseFact> Uses { get; init; } = [];

    public IReadOnlyList<PermitFact> Permits { get; init; } = [];

    public IReadOnlyList<OutcomeFact> Neighbours { get; init; } = [];

    public IReadOnlyList<VerdictFact> Verdicts { get; init; } = [];
}

/// <summary>A satellite pass that saw it.</summary>
/// <param name="AcquiredAt">When the image was taken.</param>
/// <param name="KnownAt">When its detection was stored.</param>
/// <param name="Score">Confidence of the detector, [0, 1].</param>
/// <param name="Certainty">Of the kind, [0, 1].</param>
/// <param name="AreaSquareMeters">&gt; 0.</param>
public sealed record PassFact(DateTimeOffset AcquiredAt, DateTimeOffset KnownAt, double Score, SiteKind Kind, double Certainty, double AreaSquareMeters);

/// <summary>A device that could hear or feel works there.</summary>
/// <param name="DistanceMeters">≥ 0.</param>
/// <param name="KnownFrom">Since when it reports.</param>
public sealed record DeviceFact(double DistanceMeters, DateTimeOffset KnownFrom);

public enum SignalKind
{
    /// <summary>Noise or vibration at night.</summary>
    Night,
    Dust,
    Trucks,

    /// <summary>Power drawn as works draw it.</summary>
    Power,
}

/// <summary>An episode on the ground.</summary>
/// <param name="Strength">Excess over the limit in dB for <see cref="SignalKind.Night"/>; else in units of the limit.</param>
public sealed record SignalFact(SignalKind Kind, DateTimeOffset Start, DateTimeOffset KnownAt, double Strength);

/// <summary>The share of the candidate that lies inside control lines of a kind, by one version of the map.</summary>
/// <param name="Share">[0, 1].</param>
/// <param name="KnownFrom">When the version was imported; a later one replaces it.</param>
public sealed record LineFact(ControlLineKind Kind, double Share, DateTimeOffset KnownFrom);

/// <summary>Whether the planned use allows what it is taken for, by one version of the plan.</summary>
public sealed record UseFact(bool Fits, DateTimeOffset KnownFrom);

/// <summary>One version of a permit near it.</summary>
/// <param name="Kind">As in docs/formats/registers.md.</param>
/// <param name="KnownFrom">When this version came into the register, which may be long after it was granted.</param>
/// <param name="ValidFrom">First day, null = open.</param>
/// <param name="ValidTo">First day no longer, null = open.</param>
/// <param name="Share">Of the candidate under its outline, [0, 1].</param>
/// <param name="DistanceMeters">From the candidate to its outline; 0 when they meet.</param>
public sealed record PermitFact(
    string PermitNo, string Kind, PermitStatus Status, DateTimeOffset KnownFrom, DateOnly? ValidFrom, DateOnly? ValidTo, double Share, double DistanceMeters);

/// <summary>A recorded outcome of another case in the neighbourhood.</summary>
/// <param name="Confirmed">True: building without approval was verified in the field; false: it was dismissed.</param>
public sealed record OutcomeFact(double DistanceMeters, DateTimeOffset DecidedAt, DateTimeOffset KnownAt, bool Confirmed);

/// <summary>What judgement said.</summary>
public sealed record VerdictFact(Verdict Verdict, DateTimeOffset KnownAt);
