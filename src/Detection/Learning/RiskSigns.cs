using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.Domain.Sensing;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;

namespace Monitoring.Detection.Learning;

/// <summary>
/// Gathers early signs of parcels from the registers: earthworks on them, trucks and power at devices near by, permits, cases confirmed in the neighbourhood; and
/// the map around them with its whole history. Each with the instants between which it was known. Thread-safe.
/// </summary>
/// <remarks>
/// It reads what was told in a stretch of time and the map around it, never the whole register. A parcel is looked at because of works or a confirmed case; a
/// permit by itself makes none.
/// </remarks>
public sealed class RiskSigns(IDeviceRegister devices, ILearningStore learning, PlanIndexSource indexes, DetectionRules rules, LearningOptions options)
{
    private const double DeviceReachMeters = 300;
    private const double NeighbourReachMeters = 1000;
    private const double RoadReachMeters = 1000;

    /// <summary>Newest patches and findings that are read at most; bounds memory and time.</summary>
    private const int MostRead = 200_000;

    /// <summary>The map is read by squares of this size, in degrees.</summary>
    private const double CellDegrees = 0.05;

    private volatile CountedParcels? _counted;

    /// <summary>What differs once there is something new to gather.</summary>
    public Task<string> StampAsync(CancellationToken cancellationToken) => learning.RiskStampAsync(rules.Activity.RuleId, cancellationToken);

    /// <summary>Parcels that are known now, for the picture's head; counted once for a version of the map and a day.</summary>
    public async Task<int> ParcelsAsync(DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        var (index, day) = (await indexes.CurrentAsync(cancellationToken), DayOf(asOf));
        if (_counted is not { } counted || !ReferenceEquals(counted.Index, index) || counted.Day != day)
        {
            _counted = counted = new(index, day, index.InBox<Parcel>(MapLayer.Parcel, new Envelope(-180, 180, -90, 90)).Count(p => p.InForceOn(day)));
        }

        return counted.Parcels;
    }

    /// <param name="since">Works and cases that came to be known earlier are left out.</param>
    public async Task<IReadOnlyList<SignedParcel>> GatherAsync(DateTimeOffset asOf, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var sightings = await learning.SightingsAsync(since, MostRead, cancellationToken);
        var outcomes = await learning.OutcomesAsync(JudgementRules.BuildingRuleId, null, cancellationToken);
        List<PlacedSign> signs =
        [
            .. sightings.Where(static s => CandidateFactsSource.KindOf(s.Patch).Kind is SiteKind.Earthworks)
                .Select(static s => new PlacedSign(s.Patch.Outline.Shape.InteriorPoint, 0, new(EarlySign.Earthworks, s.Patch.NotAfter, s.KnownAt, 1))),
            .. await ActivityAsync(since, cancellationToken),
            .. outcomes.Where(o => o.Confirmed && o.RecordedAt >= since)
                .Select(static o => new PlacedSign(new Point(o.Longitude, o.Latitude), NeighbourReachMeters, new(EarlySign.NeighbourConfirmed, o.DecidedAt, o.RecordedAt, 1))),
        ];

        var parcels = await ParcelsWithAsync(signs, cancellationToken);
        var works = WorksOf(sightings, outcomes);
        var index = await indexes.CurrentAsync(cancellationToken);
        List<SignedParcel> signed = [];
        foreach (var cell in parcels.GroupBy(static p => CellOf(p.Parcel.Outline.Box.Centre)).OrderBy(static g => g.Key))
        {
            var around = new Envelope();
            foreach (var found in cell)
            {
                around.ExpandToInclude(LocalPlane.At(found.Parcel.Outline.Box).Grow(found.Parcel.Outline.Box, RoadReachMeters));
            }

            var permits = await TreeAsync(MapLayer.Permit, null, around, cancellationToken);
            var lines = await TreeAsync(MapLayer.ControlLine, null, around, cancellationToken);
            var roads = await TreeAsync(MapLayer.Plan, PlanKinds.Road, around, cancellationToken);
            foreach (var found in cell.OrderBy(static p => p.Parcel.Id, StringComparer.Ordinal))
            {
                var shape = found.Parcel.Outline.Shape;
                var granted = permits.Query(shape.EnvelopeInternal).Where(p => p.Feature.Outline.Shape.Intersects(shape));
                IReadOnlyList<SignFact> facts = [.. found.Signs, .. RiskHistory.Permits(granted, options.Zone)];
                signed.Add(new(
                    found.Parcel, index.RegionAt(shape.InteriorPoint.Coordinate, DayOf(asOf))?.Id,
                    new ParcelFacts(found.Parcel.Id, RiskHistory.Land(found.Parcel, found.Periods, lines, roads, RoadReachMeters, options.Zone), facts),
                    [.. works.Query(shape.EnvelopeInternal).Where(w => shape.Intersects(w.Place)).Select(static w => w.Works)]));
            }
        }

        return signed;
    }

    private DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, options.Zone).DateTime);

    private static (int X, int Y) CellOf(Coordinate place) => ((int)Math.Floor(place.X / CellDegrees), (int)Math.Floor(place.Y / CellDegrees));

    private async Task<List<PlacedSign>> ActivityAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var places = (await devices.AllAsync(cancellationToken)).Select(static d => d.Thing).DistinctBy(static t => t.Id).ToDictionary(static t => t.Id, StringComparer.Ordinal);
        var held = (await learning.FindingsOfRuleAsync(rules.Activity.RuleId, since, MostRead, cancellationToken))
            .Where(f => f.Condition is FindingCondition.Holds && f.Subject.Kind is SubjectKind.Thing && places.ContainsKey(f.Subject.Id)).ToList();

        // Stated every hour while it goes on: a day of it is one sign.
        return
        [
            .. new[] { ("truck-passes", EarlySign.Trucks), ("power-draw", EarlySign.Power) }.SelectMany(kind => held.Where(f => f.Reasons.Any(r => r.Code == kind.Item1))
                .GroupBy(static f => (f.Subject.Id, f.PhenomenonEnd.UtcDateTime.Date))
                .Select(static g => g.MinBy(static f => f.DetectedAt)!)
                .Select(f => new PlacedSign(
                    new Point(places[f.Subject.Id].Longitude, places[f.Subject.Id].Latitude), DeviceReachMeters, new(kind.Item2, f.PhenomenonEnd, f.DetectedAt, 1)))),
        ];
    }

    /// <summary>Every statement about a parcel, of any version of the map, that a sign reaches; with the periods in which it stood.</summary>
    private async Task<IReadOnlyList<FoundParcel>> ParcelsWithAsync(List<PlacedSign> signs, CancellationToken cancellationToken)
    {
        Dictionary<long, FoundParcel> found = [];
        foreach (var cell in signs.GroupBy(static s => CellOf(s.Place.Coordinate)).OrderBy(static g => g.Key))
        {
            var around = new Envelope();
            foreach (var sign in cell)
            {
                around.ExpandToInclude(LocalPlane.At(sign.Place.EnvelopeInternal).Grow(sign.Place.EnvelopeInternal, sign.ReachMeters));
            }

            var tree = await TreeAsync(MapLayer.Parcel, null, around, cancellationToken);
            foreach (var sign in cell)
            {
                var plane = LocalPlane.At(sign.Place.EnvelopeInternal);
                var place = plane.ToMeters(sign.Place);
                foreach (var periods in tree.Query(plane.Grow(sign.Place.EnvelopeInternal, sign.ReachMeters)).GroupBy(static p => p.Content)
                    .Where(g => plane.ToMeters(g.First().Feature.Outline.Shape).IsWithinDistance(place, sign.ReachMeters)))
                {
                    if (!found.TryGetValue(periods.Key, out var parcel))
                    {
                        found[periods.Key] = parcel = new((Parcel)periods.First().Feature, [.. periods], []);
                    }

                    parcel.Signs.Add(sign.Fact);
                }
            }
        }

        return [.. found.Values];
    }

    /// <summary>
    /// Where works were warned of or found, and what came of it. Earthworks are a sign and no beginning: where building was confirmed, it began with the first image that
    /// showed more.
    /// </summary>
    private static STRtree<(Point Place, SiteWorks Works)> WorksOf(IReadOnlyList<SightedPatch> sightings, IReadOnlyList<CaseOutcome> outcomes)
    {
        var places = new STRtree<CaseOutcome>();
        foreach (var outcome in outcomes)
        {
            places.Insert(new Envelope(outcome.Longitude, outcome.Longitude, outcome.Latitude, outcome.Latitude), outcome);
        }

        var tree = new STRtree<(Point Place, SiteWorks Works)>();
        void Add(Point place, SiteWorks works) => tree.Insert(place.EnvelopeInternal, (place, works));
        var decided = outcomes.Select(static o => o.SiteId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        Dictionary<string, DateTimeOffset> began = new(StringComparer.Ordinal);
        foreach (var site in sightings.GroupBy(static s => s.SiteId, StringComparer.Ordinal))
        {
            if (site.Where(static s => CandidateFactsSource.KindOf(s.Patch).Kind is not SiteKind.Earthworks).Select(static s => (DateTimeOffset?)s.Patch.NotAfter).Min() is { } first)
            {
                began[site.Key] = first;
            }

            if (decided.Contains(site.Key) || site.All(static s => s.Verdict < Verdict.Review)
                || site.Any(s => places.Query(s.Patch.Outline.Box).Any(o => s.Patch.Outline.Shape.Intersects(new Point(o.Longitude, o.Latitude)))))
            {
                continue;
            }

            var works = new SiteWorks(site.Min(static s => s.Patch.NotAfter), site.Min(static s => s.KnownAt), null);
            foreach (var patch in site)
            {
                Add(patch.Patch.Outline.Shape.InteriorPoint, works);
            }
        }

        foreach (var outcome in outcomes.Where(static o => o.Confirmed))
        {
            var start = outcome.SiteId is { } site && began.TryGetValue(site, out var first) && first < outcome.DecidedAt ? first : outcome.DecidedAt;
            Add(new Point(outcome.Longitude, outcome.Latitude), new(start, outcome.RecordedAt, true));
        }

        tree.Build();
        return tree;
    }

    private async Task<STRtree<KnownPeriod>> TreeAsync(MapLayer layer, string? planKind, Envelope box, CancellationToken cancellationToken)
    {
        var tree = new STRtree<KnownPeriod>();
        foreach (var period in await learning.HistoryAsync(layer, planKind, box, cancellationToken))
        {
            tree.Insert(period.Feature.Outline.Box, period);
        }

        tree.Build();
        return tree;
    }

    private sealed record CountedParcels(PlanIndex Index, DateOnly Day, int Parcels);

    private sealed record PlacedSign(Geometry Place, double ReachMeters, SignFact Fact);

    private sealed record FoundParcel(Parcel Parcel, IReadOnlyList<KnownPeriod> Periods, List<SignFact> Signs);
}

/// <summary>A statement about a parcel with the signs around it. One parcel may stand in several: its outline was another before.</summary>
/// <param name="RegionCode">By the newest map; no feature.</param>
/// <param name="Works">Works on it that were warned of or found.</param>
public sealed record SignedParcel(Parcel Parcel, string? RegionCode, ParcelFacts Facts, IReadOnlyList<SiteWorks> Works);

/// <summary>Works at a place.</summary>
/// <param name="BeganAt">First image that showed more than earthworks, or the day of the decision where there is none; while nobody decided, the first image of any.</param>
/// <param name="KnownAt">When they came to be known.</param>
/// <param name="Confirmed">True: building without approval was confirmed. Null: nobody decided yet.</param>
public sealed record SiteWorks(DateTimeOffset BeganAt, DateTimeOffset KnownAt, bool? Confirmed);
