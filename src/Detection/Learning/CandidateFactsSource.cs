using System.Globalization;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.Domain.Sensing;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Learning;

/// <summary>A candidate to gather facts of.</summary>
/// <param name="Where">Its outline.</param>
/// <param name="AsOf">Facts known later are left out.</param>
/// <param name="Index">The map as it stood after the version that counts.</param>
public sealed record FactsQuestion(string SiteId, Outline Where, DateTimeOffset AsOf, PlanIndex Index)
{
    /// <summary>Patches of the site that were judged and are not stored yet.</summary>
    public IReadOnlyList<KnownPatch> Patches { get; init; } = [];

    /// <summary>Findings of the site that are made and not stored yet.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}

/// <summary>
/// Gathers from the registers what was on record about a candidate at an instant, each fact with the instant from which it was known: patches from
/// their first judgement, verdicts and signals from their finding, permits from the import of their period, the rest of the map from the version that counts,
/// outcomes from their recording, devices from their import. What is stored later changes nothing; a property test replays the stores up to the instant.
/// </summary>
/// <remarks>Thread-safe. A fact whose commit was under way at the instant itself may count or not; a score is stored, so that this is decided once.</remarks>
public sealed class CandidateFactsSource(
    IFindingStore findings, IDeviceRegister devices, IPlanRegister plans, PushedLedger pushed, ILearningStore learning, DetectionRules rules, LearningOptions options)
{
    private readonly TimeZoneInfo _zone = options.Zone;

    private const double NeighbourReachMeters = 3000;
    private const int MostFindings = 2000;

    /// <summary>Statements of one rule further apart than this are two episodes.</summary>
    private static readonly TimeSpan EpisodeGap = TimeSpan.FromHours(3);

    /// <summary>Planned uses on which building may be lawful: construction land of the 2023 guide.</summary>
    private static readonly string[] Buildable = ["07", "08", "09", "10", "11", "12", "13", "15"];

    private volatile KindsOfLines? _kinds;
    private volatile MapVersion? _version;

    /// <summary>What is the same for many candidates, read once; open it after the instants that are asked for.</summary>
    /// <param name="around">Box of all candidates that are asked for, in degrees.</param>
    public async Task<FactsSession> OpenAsync(Envelope around, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(around);
        var known = await learning.DevicesKnownFromAsync(cancellationToken);
        var all = await devices.AllAsync(cancellationToken);
        var outcomes = around.IsNull ? [] : await learning.OutcomesAsync(JudgementRules.BuildingRuleId, LocalPlane.At(around).Grow(around, NeighbourReachMeters), cancellationToken);
        return new(all, known, await pushed.NowAsync(cancellationToken), outcomes);
    }

    /// <summary>The facts, and whether a patch pushed from above lies there.</summary>
    public async Task<(CandidateFacts Facts, bool Pushed)> GatherAsync(FactsQuestion question, FactsSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(session);
        var plane = LocalPlane.At(question.Where.Box);
        var shape = plane.ToMeters(question.Where.Shape);
        var said = await findings.OfSubjectAsync(new(SubjectKind.Site, question.SiteId), MostFindings, cancellationToken);
        // A device that was not known yet brings no signals either, whatever was told of its datastreams.
        var near = session.DevicesIn(plane.Grow(question.Where.Box, ViolationFeatureBuilder.DeviceReachMeters)).Where(d => session.DevicesKnownFrom.TryGetValue(d.Device.Id, out var since) && since <= question.AsOf && Meters(plane, shape, d.Thing.Longitude, d.Thing.Latitude) <= ViolationFeatureBuilder.DeviceReachMeters).ToList();
        var (lines, uses) = await LandAsync(question, plane, shape, cancellationToken);
        var facts = new CandidateFacts
        {
            Id = question.SiteId,
            Passes = await PassesAsync(question, cancellationToken),
            Devices = [.. near.Select(d => new DeviceFact(Meters(plane, shape, d.Thing.Longitude, d.Thing.Latitude), session.DevicesKnownFrom[d.Device.Id]))],
            Signals = await SignalsAsync(near, question.AsOf, cancellationToken),
            Lines = lines,
            Uses = uses,
            Permits = await PermitsAsync(question, plane, shape, cancellationToken),
            Neighbours = NeighboursOf(question, session, plane, shape),
            Verdicts = [.. said.Select(static f => f.Finding).Concat(question.Findings).DistinctBy(static f => f.Id)
                .Where(f => f.RuleId == JudgementRules.BuildingRuleId && f.Condition is FindingCondition.Holds && f.DetectedAt <= question.AsOf && !CalledUp.Is(f))
                .OrderBy(static f => f.DetectedAt).ThenBy(static f => f.Id, StringComparer.Ordinal)
                .Select(static f => new VerdictFact(f.Verdict, f.DetectedAt))],
        };
        var above = session.Pushed.Meeting(question.Where.Box).Any(p => p.KnownFrom <= question.AsOf
            && Overlap(shape, plane.ToMeters(p.Patch.Outline.Shape)) > 0);
        return (facts, above);
    }

    /// <summary>One for each image that saw the site: patches of one scene are one pass, with their area together and the kind of the largest.</summary>
    private async Task<IReadOnlyList<PassFact>> PassesAsync(FactsQuestion question, CancellationToken cancellationToken)
    {
        var stored = await learning.PatchesOfSiteAsync(question.SiteId, cancellationToken);
        return PassesOf(stored.Concat(question.Patches), question.AsOf);
    }

    internal static IReadOnlyList<PassFact> PassesOf(IEnumerable<KnownPatch> patches, DateTimeOffset asOf) =>
    [
        .. patches.GroupBy(static p => p.Patch.Id, StringComparer.Ordinal).Select(static g => g.MinBy(static p => p.KnownAt)!)
            .Where(p => p.KnownAt <= asOf)
            .GroupBy(static p => p.Patch.NotAfter).OrderBy(static g => g.Key)
            .Select(static g =>
            {
                var largest = g.OrderByDescending(static p => p.Patch.Outline.AreaSquareMeters).ThenBy(static p => p.Patch.Id, StringComparer.Ordinal).First().Patch;
                var (kind, certainty) = KindOf(largest);
                return new PassFact(
                    g.Key, g.Max(static p => p.KnownAt), Math.Clamp(largest.Score, 0, 1), kind, certainty, Math.Max(1, g.Sum(static p => p.Patch.Outline.AreaSquareMeters)));
            }),
    ];

    /// <summary>The surest kind that the patch states; where it states none, what its cover says.</summary>
    internal static (SiteKind Kind, double Certainty) KindOf(ChangePatch patch)
    {
        var stated = Enum.GetValues<SiteKind>()
            .Select(k => (Kind: k, Certainty: patch.Facts.GetValueOrDefault("certainty_" + k.ToString().ToLowerInvariant())))
            .Where(static k => k.Kind is not SiteKind.Other).OrderByDescending(static k => k.Certainty).ThenBy(static k => k.Kind).First();
        if (stated.Certainty >= SiteKindOpinion.LeastCertainty)
        {
            return (stated.Kind, Math.Min(1, stated.Certainty));
        }

        var kind = patch.Kind switch
        {
            ChangeKind.BuiltUp => SiteKind.Building,
            ChangeKind.BareSoil => SiteKind.Earthworks,
            ChangeKind.Water => SiteKind.Pond,
            ChangeKind.Demolition => SiteKind.Demolition,
            _ => SiteKind.Other,
        };
        return (kind, Math.Clamp(patch.Score, 0, 1));
    }

    private async Task<IReadOnlyList<SignalFact>> SignalsAsync(IReadOnlyList<RegisteredDevice> near, DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        var subjects = near.SelectMany(static d => d.Datastreams.Select(static s => new Subject(SubjectKind.Datastream, s.Id)))
            .Concat(near.Select(static d => new Subject(SubjectKind.Thing, d.Thing.Id))).Distinct();
        List<SignalFact> signals = [];
        foreach (var subject in subjects)
        {
            var told = await findings.OfSubjectAsync(subject, MostFindings, cancellationToken);
            foreach (var rule in told.Select(static f => f.Finding).Where(f => f.DetectedAt <= asOf).GroupBy(static f => f.RuleId))
            {
                foreach (var kind in Enum.GetValues<SignalKind>())
                {
                    signals.AddRange(Episodes(kind, rule.OrderBy(static f => f.PhenomenonStart).ThenBy(static f => f.DetectedAt)));
                }
            }
        }

        return [.. signals.OrderBy(static s => s.Start).ThenBy(static s => s.Kind).ThenBy(static s => s.KnownAt)];
    }

    /// <summary>Runs of statements that something held: known from, and as strong as, the first of them, so that how it went on does not leak into it.</summary>
    private IEnumerable<SignalFact> Episodes(SignalKind kind, IEnumerable<Finding> ordered)
    {
        DateTimeOffset? until = null;
        foreach (var finding in ordered)
        {
            var strength = finding.Condition is FindingCondition.Holds ? StrengthOf(kind, finding) : null;
            if (strength is null)
            {
                until = null;
                continue;
            }

            if (until is null || finding.PhenomenonStart - until > EpisodeGap)
            {
                yield return new SignalFact(kind, finding.PhenomenonStart, finding.DetectedAt, strength.Value);
            }

            until = finding.PhenomenonEnd;
        }
    }

    private double? StrengthOf(SignalKind kind, Finding finding)
    {
        if (finding.RuleId == rules.Activity.RuleId)
        {
            var code = kind switch { SignalKind.Trucks => "truck-passes", SignalKind.Power => "power-draw", _ => null };
            return code is not null && finding.Reasons.FirstOrDefault(r => r.Code == code) is { } seen && Number(seen, "weight") is > 0 and var weight ? weight : null;
        }

        if (rules.Limits.FirstOrDefault(l => l.RuleId == finding.RuleId) is not { } limit
            || finding.Reasons.FirstOrDefault(static r => r.Code == "limit-exceeded") is not { } reason || Number(reason, "value") is not { } value || Number(reason, "limit") is not { } bound)
        {
            return null;
        }

        var hour = TimeZoneInfo.ConvertTime(finding.PhenomenonStart, _zone).Hour;
        return (kind, limit.Property) switch
        {
            (SignalKind.Night, ObservedProperties.NoiseLaeq) when hour is >= 22 or < 6 => value - bound,
            (SignalKind.Night, ObservedProperties.VibrationVelocity) when hour is >= 22 or < 6 && bound > 0 => value / bound,
            (SignalKind.Dust, ObservedProperties.Pm10 or ObservedProperties.Pm25) when bound > 0 => value / bound,
            _ => null,
        };
    }

    private static double? Number(Reason reason, string fact) =>
        reason.Facts.TryGetValue(fact, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Control lines and planned use as the map says after the version that counts; known since that version.</summary>
    private async Task<(IReadOnlyList<LineFact> Lines, IReadOnlyList<UseFact> Uses)> LandAsync(
        FactsQuestion question, LocalPlane plane, Geometry shape, CancellationToken cancellationToken)
    {
        var index = question.Index;
        if (index.MapVersion <= 0 || await VersionAsync(index.MapVersion, cancellationToken) is not { } version)
        {
            return ([], []);
        }

        if (_kinds is not { } kinds || !ReferenceEquals(kinds.Index, index))
        {
            _kinds = kinds = new(index, [.. Enum.GetValues<ControlLineKind>().Where(k => index.ControlLines(k).Any())]);
        }

        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(question.AsOf, _zone).DateTime);
        List<LineFact> lines = [];
        foreach (var kind in kinds.Known)
        {
            // Where nobody gave lines of a kind, their absence says nothing.
            var parts = index.InBox<ControlLine>(MapLayer.ControlLine, question.Where.Box).Where(l => l.Kind == kind && l.InForceOn(day)).Select(l => plane.ToMeters(l.Outline.Shape)).ToList();
            lines.Add(new(kind, Share(shape, parts), version.KnownFrom));
        }

        var largest = index.InBox<Parcel>(MapLayer.Parcel, question.Where.Box)
            .Where(p => p.InForceOn(day) && p.PlannedUseCode is { Length: >= 2 })
            .Select(p => (Parcel: p, Area: Overlap(shape, plane.ToMeters(p.Outline.Shape))))
            .Where(static p => p.Area > 0)
            .OrderByDescending(static p => p.Area).ThenBy(static p => p.Parcel.Id, StringComparer.Ordinal)
            .Select(static p => p.Parcel).FirstOrDefault();
        return (lines, largest is null ? [] : [new UseFact(Buildable.Contains(largest.PlannedUseCode![..2], StringComparer.Ordinal), version.KnownFrom)]);
    }

    private async Task<IReadOnlyList<PermitFact>> PermitsAsync(FactsQuestion question, LocalPlane plane, Geometry shape, CancellationToken cancellationToken)
    {
        if (question.Index.MapVersion <= 0)
        {
            return [];
        }

        List<PermitFact> facts = [];
        foreach (var (permit, knownFrom) in await learning.PermitsAsync(plane.Grow(question.Where.Box, ViolationFeatureBuilder.PermitReachMeters), question.Index.MapVersion, cancellationToken))
        {
            var outline = plane.ToMeters(permit.Outline.Shape);
            var distance = outline.Distance(shape);
            if (distance <= ViolationFeatureBuilder.PermitReachMeters)
            {
                facts.Add(new(permit.Id, permit.Kind, permit.Status, knownFrom, permit.EffectiveFrom, permit.EffectiveTo, distance > 0 ? 0 : Share(shape, [outline]), distance));
            }
        }

        return facts;
    }

    /// <summary>A version never changes; one after the other asks for the same.</summary>
    private async Task<MapVersion?> VersionAsync(long number, CancellationToken cancellationToken)
    {
        if (_version is not { } have || have.Version != number)
        {
            _version = have = await plans.VersionsAfterAsync(number - 1, 1, cancellationToken) is [var found, ..] ? found : null;
        }

        return have;
    }

    /// <summary>Outcomes of other places: of our own cases those of other sites, and all that were imported.</summary>
    private static IReadOnlyList<OutcomeFact> NeighboursOf(FactsQuestion question, FactsSession session, LocalPlane plane, Geometry shape) =>
    [
        .. session.OutcomesIn(plane.Grow(question.Where.Box, NeighbourReachMeters)).Where(o => o.SiteId != question.SiteId)
            .OrderBy(static o => o.RecordedAt).ThenBy(static o => o.Id, StringComparer.Ordinal)
            .Select(o => new OutcomeFact(Meters(plane, shape, o.Longitude, o.Latitude), o.DecidedAt, o.RecordedAt, o.Confirmed))
            .Where(static o => o.DistanceMeters <= NeighbourReachMeters),
    ];

    private sealed record KindsOfLines(PlanIndex Index, IReadOnlyList<ControlLineKind> Known);

    private static double Meters(LocalPlane plane, Geometry shape, double longitude, double latitude)
    {
        var point = plane.ToMeters(shape.Factory.CreatePoint(new Coordinate(longitude, latitude)));

        // The box first: most are far off.
        return shape.EnvelopeInternal.Distance(point.EnvelopeInternal) is > 2 * NeighbourReachMeters and var far ? far : shape.Distance(point);
    }

    private static double Overlap(Geometry a, Geometry b) =>
        a.EnvelopeInternal.Intersects(b.EnvelopeInternal) ? OverlayNGRobust.Overlay(a, b, NetTopologySuite.Operation.Overlay.SpatialFunction.Intersection).Area : 0;

    private static double Share(Geometry shape, List<Geometry> others)
    {
        if (shape.Area <= 0 || others.Count == 0)
        {
            return 0;
        }

        var whole = others.Count == 1 ? others[0] : OverlayNGRobust.Union(others);
        return Math.Clamp(Math.Round(Overlap(shape, whole) / shape.Area, 9), 0, 1);
    }
}

/// <summary>What is the same for many candidates, found by place. Immutable; thread-safe.</summary>
public sealed class FactsSession
{
    private readonly STRtree<RegisteredDevice> _devices = new();
    private readonly STRtree<CaseOutcome> _outcomes = new();

    internal FactsSession(IReadOnlyList<RegisteredDevice> devices, IReadOnlyDictionary<string, DateTimeOffset> knownFrom, PushedPlaces pushed, IReadOnlyList<CaseOutcome> outcomes)
    {
        (DevicesKnownFrom, Pushed) = (knownFrom, pushed);
        foreach (var device in devices)
        {
            _devices.Insert(new Envelope(new Coordinate(device.Thing.Longitude, device.Thing.Latitude)), device);
        }

        foreach (var outcome in outcomes)
        {
            _outcomes.Insert(new Envelope(new Coordinate(outcome.Longitude, outcome.Latitude)), outcome);
        }

        _devices.Build();
        _outcomes.Build();
    }

    public IReadOnlyDictionary<string, DateTimeOffset> DevicesKnownFrom { get; }

    public PushedPlaces Pushed { get; }

    /// <summary>By id, whatever the order of the tree.</summary>
    public IEnumerable<RegisteredDevice> DevicesIn(Envelope box) => _devices.Query(box).OrderBy(static d => d.Device.Id, StringComparer.Ordinal);

    public IEnumerable<CaseOutcome> OutcomesIn(Envelope box) => _outcomes.Query(box);
}
