using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.Domain.Sensing;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Learning;

/// <summary>Parcels with an early sign on record, and where building without approval was found to have begun.</summary>
/// <param name="Beginnings">Parcel → first image that showed the works, or the day of the decision where there is none.</param>
public sealed record SignedParcels(IReadOnlyList<(Parcel Parcel, string? RegionCode, ParcelFacts Facts)> Parcels, IReadOnlyDictionary<string, DateTimeOffset> Beginnings);

/// <summary>
/// Gathers early signs of parcels from the registers: earthworks on them, trucks and power at devices near by, permits, cases confirmed in the neighbourhood.
/// Each with the instant it came to be known. Thread-safe.
/// </summary>
public sealed class RiskSigns(
    IFindingStore findings, IDeviceRegister devices, ILearningStore learning, PlanIndexSource indexes, DetectionRules rules, LearningOptions options)
{
    private const double DeviceReachMeters = 300;
    private const double NeighbourReachMeters = 1000;
    private const double RoadReachMeters = 1000;
    private const int MostFindings = 2000;

    public async Task<(SignedParcels Signed, int ParcelsLookedAt)> GatherAsync(DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        var index = await indexes.CurrentAsync(cancellationToken);
        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(asOf, options.Zone).DateTime);
        var world = new Envelope(-180, 180, -90, 90);
        var looked = index.InBox<Parcel>(MapLayer.Parcel, world).Count(p => p.InForceOn(day));
        if (looked == 0)
        {
            return (new([], new Dictionary<string, DateTimeOffset>()), 0);
        }

        Dictionary<string, (Parcel Parcel, List<SignFact> Signs)> signed = new(StringComparer.Ordinal);
        void Note(Geometry place, double reach, SignFact sign)
        {
            var plane = LocalPlane.At(place.EnvelopeInternal);
            var shape = plane.ToMeters(place);
            foreach (var parcel in index.InBox<Parcel>(MapLayer.Parcel, plane.Grow(place.EnvelopeInternal, reach)).Where(p => p.InForceOn(day)))
            {
                if (plane.ToMeters(parcel.Outline.Shape).IsWithinDistance(shape, reach))
                {
                    if (!signed.TryGetValue(parcel.Id, out var have))
                    {
                        signed[parcel.Id] = have = (parcel, []);
                    }

                    have.Signs.Add(sign);
                }
            }
        }

        var patches = await findings.JudgedPatchesAsync(null, cancellationToken);
        foreach (var patch in patches.Where(static p => CandidateFactsSource.KindOf(p.Patch).Kind is SiteKind.Earthworks))
        {
            // The newest judgement of a patch: never before it was known.
            Note(patch.Patch.Outline.Shape.InteriorPoint, 0, new(EarlySign.Earthworks, patch.Patch.NotAfter, patch.JudgedAt, 1));
        }

        foreach (var thing in (await devices.AllAsync(cancellationToken)).Select(static d => d.Thing).DistinctBy(static t => t.Id))
        {
            var place = new Point(thing.Longitude, thing.Latitude);
            foreach (var sign in await ActivityAsync(thing, cancellationToken))
            {
                Note(place, DeviceReachMeters, sign);
            }
        }

        foreach (var (permit, knownFrom) in await learning.PermitsAsync(world, index.MapVersion, cancellationToken))
        {
            if (permit.Status is PermitStatus.Applied or PermitStatus.Granted)
            {
                Note(permit.Outline.Shape, 0, new(permit.Status is PermitStatus.Applied ? EarlySign.PermitApplied : EarlySign.PermitGranted, knownFrom, knownFrom, 1));
            }
        }

        var first = patches.GroupBy(static p => p.SiteId, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.Min(static p => p.Patch.NotAfter), StringComparer.Ordinal);
        Dictionary<string, DateTimeOffset> beginnings = new(StringComparer.Ordinal);
        foreach (var outcome in (await learning.OutcomesAsync(JudgementRules.BuildingRuleId, null, cancellationToken)).Where(static o => o.Confirmed))
        {
            var place = new Point(outcome.Longitude, outcome.Latitude);
            Note(place, NeighbourReachMeters, new(EarlySign.NeighbourConfirmed, outcome.DecidedAt, outcome.RecordedAt, 1));
            foreach (var parcel in index.InBox<Parcel>(MapLayer.Parcel, place.EnvelopeInternal).Where(p => p.InForceOn(day) && p.Outline.Shape.Intersects(place)))
            {
                var began = outcome.SiteId is { } site && first.TryGetValue(site, out var seen) ? seen : outcome.DecidedAt;
                beginnings[parcel.Id] = beginnings.TryGetValue(parcel.Id, out var earlier) && earlier < began ? earlier : began;
            }
        }

        return (new([.. signed.Values.OrderBy(static p => p.Parcel.Id, StringComparer.Ordinal).Select(p => FactsOf(p.Parcel, p.Signs, index, day))], beginnings), looked);
    }

    private async Task<IEnumerable<SignFact>> ActivityAsync(Thing thing, CancellationToken cancellationToken)
    {
        var held = (await findings.OfSubjectAsync(new(SubjectKind.Thing, thing.Id), MostFindings, cancellationToken)).Select(static f => f.Finding)
            .Where(f => f.RuleId == rules.Activity.RuleId && f.Condition is FindingCondition.Holds).ToList();

        // Stated every hour while it goes on: a day of it is one sign.
        return new[] { ("truck-passes", EarlySign.Trucks), ("power-draw", EarlySign.Power) }
            .SelectMany(kind => held.Where(f => f.Reasons.Any(r => r.Code == kind.Item1))
                .GroupBy(static f => f.PhenomenonEnd.UtcDateTime.Date)
                .Select(g => g.MinBy(static f => f.DetectedAt)!)
                .Select(f => new SignFact(kind.Item2, f.PhenomenonEnd, f.DetectedAt, 1)));
    }

    private static (Parcel Parcel, string? RegionCode, ParcelFacts Facts) FactsOf(Parcel parcel, List<SignFact> signs, PlanIndex index, DateOnly day)
    {
        var inside = parcel.Outline.Shape.InteriorPoint;
        var plane = LocalPlane.At(parcel.Outline.Box);
        var shape = plane.ToMeters(parcel.Outline.Shape);
        var farmland = index.InBox<ControlLine>(MapLayer.ControlLine, inside.EnvelopeInternal)
            .Any(l => l.Kind is ControlLineKind.PermanentBasicFarmland && l.InForceOn(day) && l.Outline.Shape.Intersects(inside));
        var road = index.InBox<PlanFeature>(MapLayer.Plan, plane.Grow(parcel.Outline.Box, RoadReachMeters))
            .Where(f => f.Kind == PlanKinds.Road && f.InForceOn(day)).Select(f => plane.ToMeters(f.Outline.Shape).Distance(shape)).DefaultIfEmpty(RoadReachMeters).Min();
        return (parcel, index.RegionAt(inside.Coordinate, day)?.Id, new ParcelFacts(parcel.Id, farmland, Math.Min(RoadReachMeters, road), signs));
    }
}
