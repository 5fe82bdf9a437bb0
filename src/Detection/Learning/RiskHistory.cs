using Monitoring.Detection.Judgement;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using NetTopologySuite.Index;

namespace Monitoring.Detection.Learning;

/// <summary>
/// Turns the history of the map into facts of the risk map on both axes of time: what was known at an instant, in force on its day. Pure; thread-safe.
/// </summary>
internal static class RiskHistory
{
    /// <summary>Permits as signs, dated by their first entry in the register: of each number and status one, for as long as the map said so.</summary>
    public static IEnumerable<SignFact> Permits(IEnumerable<KnownPeriod> periods, TimeZoneInfo zone)
    {
        foreach (var entries in periods.GroupBy(static p => (p.Feature.Id, ((Permit)p.Feature).Status)).Where(static g => g.Key.Status is PermitStatus.Applied or PermitStatus.Granted)
            .OrderBy(static g => g.Key.Id, StringComparer.Ordinal).ThenBy(static g => g.Key.Status))
        {
            var sign = entries.Key.Status is PermitStatus.Applied ? EarlySign.PermitApplied : EarlySign.PermitGranted;
            var entered = entries.Min(static p => p.KnownFrom);
            var edges = entries.SelectMany(static p => new[] { p.KnownFrom, p.KnownUntil ?? DateTimeOffset.MaxValue }).Distinct().Order().ToList();
            foreach (var (from, until) in edges.Zip(edges.Skip(1)))
            {
                // What the map said between two of its versions: an application that is cut by a grant is known on as over.
                List<KnownPeriod> said = [.. entries.Where(p => p.KnownFrom <= from && (p.KnownUntil is not { } end || end > from))];
                if (said.Count > 0)
                {
                    var ends = said.Any(static p => p.Feature.EffectiveTo is null) ? null : said.Max(static p => p.Feature.EffectiveTo);
                    yield return new SignFact(sign, entered, from, 1)
                    {
                        KnownUntil = until == DateTimeOffset.MaxValue ? null : until,
                        EndsAt = ends is { } day ? StartOf(day, zone) : null,
                    };
                }
            }
        }
    }

    /// <summary>Of each stretch between two changes of the map around a parcel: whether it stood, on farmland, how far from a road.</summary>
    public static IReadOnlyList<LandFact> Land(
        Parcel parcel, IReadOnlyList<KnownPeriod> own, ISpatialIndex<KnownPeriod> lines, ISpatialIndex<KnownPeriod> roads, double roadReachMeters, TimeZoneInfo zone)
    {
        var inside = parcel.Outline.Shape.InteriorPoint;
        var plane = LocalPlane.At(parcel.Outline.Box);
        var shape = plane.ToMeters(parcel.Outline.Shape);
        List<KnownPeriod> farmland =
        [
            .. lines.Query(inside.EnvelopeInternal).Where(p => ((ControlLine)p.Feature).Kind is ControlLineKind.PermanentBasicFarmland && p.Feature.Outline.Shape.Intersects(inside)),
        ];
        List<(KnownPeriod Period, double Meters)> near =
        [
            .. roads.Query(plane.Grow(parcel.Outline.Box, roadReachMeters)).Select(p => (p, plane.ToMeters(p.Feature.Outline.Shape).Distance(shape))).Where(p => p.Item2 <= roadReachMeters),
        ];
        List<DateTimeOffset> edges =
        [
            .. own.Concat(farmland).Concat(near.Select(static n => n.Period)).SelectMany(p => Edges(p, zone)).Distinct().Order(),
        ];
        List<LandFact> facts = [];
        foreach (var from in edges)
        {
            var fact = new LandFact(
                from, own.Any(p => Holds(p, from, zone)), farmland.Any(p => Holds(p, from, zone)),
                near.Where(n => Holds(n.Period, from, zone)).Select(static n => n.Meters).DefaultIfEmpty(roadReachMeters).Min());
            if (facts.Count == 0 || facts[^1] with { From = from } != fact)
            {
                facts.Add(fact);
            }
        }

        return facts;
    }

    private static IEnumerable<DateTimeOffset> Edges(KnownPeriod period, TimeZoneInfo zone)
    {
        yield return period.KnownFrom;
        if (period.KnownUntil is { } until)
        {
            yield return until;
        }

        foreach (var day in new[] { period.Feature.EffectiveFrom, period.Feature.EffectiveTo })
        {
            if (day is { } known && StartOf(known, zone) > period.KnownFrom)
            {
                yield return StartOf(known, zone);
            }
        }
    }

    private static bool Holds(KnownPeriod period, DateTimeOffset at, TimeZoneInfo zone) =>
        period.KnownFrom <= at && (period.KnownUntil is not { } until || until > at) && period.Feature.InForceOn(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime));

    private static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
