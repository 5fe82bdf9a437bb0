using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.TestKit.World;

namespace Monitoring.Detection.Tests.Learning;

/// <summary>
/// Writes what the simulated world lets be known of a candidate as dated facts, and with them facts that become known only later: those that would give it away
/// to a builder that leaks.
/// </summary>
internal static class WorldFacts
{
    private static readonly ViolationFeatureBuilder Builder = new(TimeZoneInfo.Utc);

    public static ViolationFeatures FeaturesOf(WorldCandidate candidate) => Builder.Build(Of(candidate), candidate.Seen.AsOf);

    public static RecordedOutcome OutcomeOf(WorldCandidate candidate) => new(
        FeaturesOf(candidate), candidate.Outcome!.Value, FoundByOf(candidate.FoundBy), candidate.DecidedAt!.Value, candidate.InspectionChance);

    public static CandidateFacts Of(WorldCandidate candidate)
    {
        var known = Known(candidate);
        var later = Later(candidate, known);
        return known with
        {
            Passes = [.. known.Passes, .. later.Passes], Signals = [.. known.Signals, .. later.Signals], Permits = [.. known.Permits, .. later.Permits],
            Neighbours = [.. known.Neighbours, .. later.Neighbours], Verdicts = [.. known.Verdicts, .. later.Verdicts], Lines = [.. known.Lines, .. later.Lines],
            Uses = [.. known.Uses, .. later.Uses], Devices = [.. known.Devices, .. later.Devices],
        };
    }

    public static CandidateFacts Known(WorldCandidate candidate)
    {
        var o = candidate.Seen;
        var past = o.AsOf.AddYears(-5);
        return new()
        {
            Id = candidate.Id, Passes = Passes(o), Devices = o.DeviceMeters is { } meters ? [new(meters, past)] : [], Signals = Signals(o),
            Lines =
            [
                new(ControlLineKind.UrbanDevelopmentBoundary, o.InsideBoundary ? 1 : 0, past), new(ControlLineKind.PermanentBasicFarmland, o.FarmlandShare, past),
                new(ControlLineKind.EcologicalProtectionRedLine, o.RedLineShare, past),
            ],
            Uses = o.UseFits is { } fits ? [new(fits, past)] : [], Permits = Permits(o),
            Neighbours =
            [
                .. Outcomes(o.Confirmed1, 500, true, o.AsOf), .. Outcomes(o.Confirmed3 - o.Confirmed1, 2000, true, o.AsOf), .. Outcomes(o.Dismissed1, 500, false, o.AsOf),
                .. Outcomes(o.Dismissed3 - o.Dismissed1, 2000, false, o.AsOf),
            ],
            Verdicts = [new((Verdict)((int)Verdict.Compliant + (int)o.Verdict), o.AsOf)],
        };
    }

    /// <summary>What comes to be known afterwards, and depends on what is really there.</summary>
    public static CandidateFacts Later(WorldCandidate candidate, CandidateFacts known)
    {
        var after = candidate.Seen.AsOf.AddSeconds(1);
        var day = DateOnly.FromDateTime(candidate.Seen.AsOf.UtcDateTime);
        var guilty = candidate.IsViolation;
        return new()
        {
            Id = candidate.Id,
            Passes = [new(after, after, guilty ? 0.99 : 0.3, SiteKind.Building, 0.9, 5000), new(candidate.Seen.AsOf.AddDays(-1), after, 0.9, SiteKind.Building, 0.9, 4000)],
            Signals = [new(SignalKind.Night, candidate.Seen.AsOf.AddDays(-2), after, guilty ? 20 : 1)],
            Permits = candidate.Truth is WorldScenario.RegisteredLate or WorldScenario.Approved
                ? [new("late", "construction_works", PermitStatus.Granted, after.AddDays(40), day.AddDays(-60), null, 1, 0)]
                : [new("k1", "construction_works", PermitStatus.Revoked, after, day.AddDays(-60), null, 0, 900)],
            Neighbours = [new(100, candidate.Seen.AsOf.AddDays(-3), after, guilty), new(0, after, after, guilty)],
            Verdicts = [new(guilty ? Verdict.Conflict : Verdict.Compliant, after)],
            Lines = [new(ControlLineKind.EcologicalProtectionRedLine, guilty ? 1 : 0, after)], Uses = [new(!guilty, after)], Devices = [new(1, after)],
        };
    }

    private static FoundBy FoundByOf(WorldFoundBy found) => found switch
    {
        WorldFoundBy.RandomSample => FoundBy.RandomSample, WorldFoundBy.Pushed => FoundBy.Pushed, WorldFoundBy.Ranked => FoundBy.Ranked, WorldFoundBy.Patrol => FoundBy.Patrol,
        WorldFoundBy.Complaint => FoundBy.Complaint, _ => throw new ArgumentOutOfRangeException(nameof(found), found, "Nobody went there."),
    };

    private static PassFact[] Passes(WorldObservation o)
    {
        var kind = o.Kind switch
        {
            WorldKind.Building => SiteKind.Building, WorldKind.Earthworks => SiteKind.Earthworks, WorldKind.Greenhouse => SiteKind.Greenhouse,
            WorldKind.VegetationLoss => SiteKind.Pond, _ => SiteKind.Other,
        };
        var (score, certainty) = (Sigmoid(o.LogitScore), Sigmoid(o.LogitCertainty));
        return [.. Enumerable.Range(0, o.Passes).Select(i =>
        {
            var before = o.Passes == 1 ? 0 : o.DaysSinceFirst * (1 - ((double)i / (o.Passes - 1)));
            var at = o.AsOf.AddDays(-before);
            return new PassFact(at, at, score, kind, certainty, Math.Exp(o.LogArea - (before > 0 ? o.Growth * before / 30 : 0)));
        })];
    }

    private static List<SignalFact> Signals(WorldObservation o)
    {
        var signals = new List<SignalFact>();
        foreach (var (kind, count) in new[] { (SignalKind.Night, o.Night), (SignalKind.Dust, o.Dust), (SignalKind.Trucks, o.Trucks), (SignalKind.Power, o.Power) })
        {
            for (var i = 0; i < count; i++)
            {
                var at = o.AsOf.AddDays(-29.0 * (i + 1) / (count + 1));
                signals.Add(new(kind, at, at.AddHours(1), kind is SignalKind.Night ? o.NightStrength : 1));
            }
        }

        return signals;
    }

    private static List<PermitFact> Permits(WorldObservation o)
    {
        if (double.IsNaN(o.PermitDays))
        {
            return [];
        }

        var permits = new List<PermitFact>();
        var known = o.AsOf.AddDays(-o.PermitDays);
        var day = DateOnly.FromDateTime(o.AsOf.UtcDateTime);
        void Add(string kind, PermitStatus status, DateOnly? to, double share, double meters) => permits.Add(new($"k{permits.Count}", kind, status, known, day.AddDays(-900), to, share, meters));
        if (o.PermitShare > 0)
        {
            Add("construction_works", PermitStatus.Granted, null, o.PermitShare, 0);
        }
        else if (!double.IsNaN(o.PermitMeters))
        {
            Add("construction_works", PermitStatus.Granted, null, 0, Math.Min(o.PermitMeters, ViolationFeatureBuilder.PermitReachMeters));
        }

        if (o.ExpiredPermit)
        {
            Add("land_use", PermitStatus.Granted, day.AddDays(-30), 0.8, 0);
        }

        if (o.AppliedPermit)
        {
            Add("rural_planning", PermitStatus.Applied, null, 0.8, 0);
        }

        if (o.TemporaryPermit)
        {
            Add("temporary_land", PermitStatus.Granted, day.AddDays(200), 0.8, 0);
        }

        if (o.FacilityRecord)
        {
            Add("facility_agriculture", PermitStatus.Granted, null, 0.8, 0);
        }

        return permits;
    }

    private static IEnumerable<OutcomeFact> Outcomes(int count, double meters, bool confirmed, DateTimeOffset asOf) =>
        Enumerable.Range(0, count).Select(i => new OutcomeFact(meters, asOf.AddDays(-10 - i), asOf.AddDays(-10 - i), confirmed));

    private static double Sigmoid(double z) => 1 / (1 + Math.Exp(-z));
}
