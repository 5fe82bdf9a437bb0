namespace Monitoring.TestKit.World;

/// <summary>What is really there. Nobody sees it; field verifications come close.</summary>
public enum WorldScenario
{
    /// <summary>未批先建. A violation.</summary>
    Unapproved,

    /// <summary>Approved, but built past its outline. A violation.</summary>
    BeyondOutline,

    /// <summary>大棚房: registered as facility agriculture, houses inside. A violation.</summary>
    DisguisedGreenhouse,

    /// <summary>Approved and in the register.</summary>
    Approved,

    /// <summary>Approved in time, entered in the register only later.</summary>
    RegisteredLate,

    /// <summary>Approved; the outline in the register is shifted or wrong.</summary>
    WrongOutline,

    /// <summary>A greenhouse as registered, or one that needs no registration.</summary>
    LegalGreenhouse,

    TilledField,

    /// <summary>Temporary works and their yards.</summary>
    TemporaryWorks,

    /// <summary>Cloud, shadow, haze, season: nothing happened.</summary>
    FalseDetection,

    /// <summary>Works that need no permit of this register.</summary>
    LawfulWithoutPermit,
}

/// <summary>What the satellite takes it for.</summary>
public enum WorldKind
{
    Building,
    Earthworks,
    Greenhouse,
    VegetationLoss,
    Other,
}

/// <summary>How a recorded outcome came about.</summary>
public enum WorldFoundBy
{
    /// <summary>Nobody went there: no outcome.</summary>
    Nobody,

    /// <summary>Drawn by chance for rechecking.</summary>
    RandomSample,

    /// <summary>Pushed from above because of its size; all of these are inspected.</summary>
    Pushed,

    /// <summary>Sent out in the order of the rules.</summary>
    Ranked,

    /// <summary>Seen from the patrol's road.</summary>
    Patrol,

    /// <summary>Somebody called, afterwards: this alone depends on what is really there.</summary>
    Complaint,
}

/// <summary>What the rules say of it, from what the register shows.</summary>
public enum WorldVerdict
{
    Compliant,
    Review,
    Conflict,
}

/// <summary>
/// Everything that could be known of a candidate at the instant <see cref="AsOf"/>; absent values are null or NaN. What the posterior conditions on, and what
/// features may be built from.
/// </summary>
public sealed record WorldObservation
{
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Years since the world began.</summary>
    public required double Years { get; init; }

    // Imagery.
    public required double LogitScore { get; init; }

    public required WorldKind Kind { get; init; }

    public required double LogitCertainty { get; init; }

    /// <summary>Natural logarithm of the area in m².</summary>
    public required double LogArea { get; init; }

    /// <summary>Change of the logarithm of the area in 30 days; NaN with one pass.</summary>
    public required double Growth { get; init; }

    /// <summary>1 to 8.</summary>
    public required int Passes { get; init; }

    public required double DaysSinceFirst { get; init; }

    // Ground signals of the last 30 days; a device is near or there is nothing to know.
    public required double? DeviceMeters { get; init; }

    public required int Night { get; init; }

    public required int Dust { get; init; }

    public required int Trucks { get; init; }

    public required int Power { get; init; }

    /// <summary>Mean excess of the night episodes in dB; NaN without any.</summary>
    public required double NightStrength { get; init; }

    // The plan.
    public required bool InsideBoundary { get; init; }

    public required double FarmlandShare { get; init; }

    public required double RedLineShare { get; init; }

    /// <summary>Whether the planned use allows the kind; null where no plan says.</summary>
    public required bool? UseFits { get; init; }

    // The permit register as it stands on that day.
    /// <summary>Share under permits in force: 0, or in (0, 1].</summary>
    public required double PermitShare { get; init; }

    /// <summary>Distance to the nearest permit outline in m when none covers it; NaN when none is near, 0 when covered.</summary>
    public required double PermitMeters { get; init; }

    public required bool ExpiredPermit { get; init; }

    public required bool AppliedPermit { get; init; }

    public required bool TemporaryPermit { get; init; }

    public required bool FacilityRecord { get; init; }

    /// <summary>Days since the newest entry that touches it; NaN when there is none.</summary>
    public required double PermitDays { get; init; }

    // Recorded outcomes around it in the two years before, decided before <see cref="AsOf"/>.
    public required int Confirmed1 { get; init; }

    public required int Confirmed3 { get; init; }

    public required int Dismissed1 { get; init; }

    public required int Dismissed3 { get; init; }

    /// <summary>What rules make of the register: the same facts, no more.</summary>
    public WorldVerdict Verdict
    {
        get
        {
            if (PermitShare >= 0.95 || TemporaryPermit || (FacilityRecord && Kind is WorldKind.Greenhouse))
            {
                return RedLineShare > 0.1 ? WorldVerdict.Review : WorldVerdict.Compliant;
            }

            if (PermitShare >= 0.5 || AppliedPermit || Kind is WorldKind.VegetationLoss or WorldKind.Other or WorldKind.Greenhouse)
            {
                return WorldVerdict.Review;
            }

            return WorldVerdict.Conflict;
        }
    }
}

/// <summary>A candidate with what is known of it, what is really there, and what came of it.</summary>
/// <param name="Id">County seed and number.</param>
/// <param name="X">km east in its county.</param>
/// <param name="Y">km north in its county.</param>
/// <param name="Posterior">P(violation | everything known at that instant): the best that any model can do.</param>
/// <param name="InspectionChance">Probability of an inspection that does not depend on what is really there.</param>
/// <param name="Outcome">What the inspection recorded (1 in 50 wrong), or null.</param>
/// <param name="DecidedAt">When the outcome was recorded.</param>
public sealed record WorldCandidate(
    string Id, int Month, double X, double Y, WorldObservation Seen, WorldScenario Truth, double Posterior, WorldFoundBy FoundBy, double InspectionChance, bool? Outcome,
    DateTimeOffset? DecidedAt)
{
    public bool IsViolation => Truth is WorldScenario.Unapproved or WorldScenario.BeyondOutline or WorldScenario.DisguisedGreenhouse;
}
