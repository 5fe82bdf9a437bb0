using Monitoring.Detection.Imagery.Objects;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Learning;

/// <summary>
/// Turns facts into features as of an instant. The one door through which facts become numbers: a fact known later than the instant changes nothing, which a
/// test proves by adding such facts. Pure; thread-safe.
/// </summary>
public sealed class ViolationFeatureBuilder(TimeZoneInfo zone)
{
    /// <summary>Ground signals are counted over this long before the instant.</summary>
    public static readonly TimeSpan SignalWindow = TimeSpan.FromDays(30);

    /// <summary>Outcomes in the neighbourhood count for this long.</summary>
    public static readonly TimeSpan NeighbourWindow = TimeSpan.FromDays(730);

    /// <summary>Permits and devices further away are not looked at, in m.</summary>
    public const double PermitReachMeters = 2000;

    public const double DeviceReachMeters = 500;

    private const string Temporary = "temporary_land";
    private const string Facility = "facility_agriculture";

    private static readonly FeatureSchema Schema = ViolationFeatures.Schema;
    private static readonly int Season = Schema.PlaceOf("month");

    /// <param name="asOf">Facts known at or before it count.</param>
    public ViolationFeatures Build(CandidateFacts facts, DateTimeOffset asOf)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var values = new float[Schema.Count];
        Array.Fill(values, FeatureSchema.Missing);
        var row = new Row(values);
        Imagery(row, facts, asOf);
        Ground(row, facts, asOf);
        var area = row["area_log_m2"] is var log && log == FeatureSchema.Missing ? (double?)null : Math.Exp(log);
        var local = TimeZoneInfo.ConvertTime(asOf, zone);
        Plan(row, facts, asOf);
        Permits(row, facts, asOf, DateOnly.FromDateTime(local.DateTime), area);
        Neighbours(row, facts, asOf);
        values[Season] = local.Month;
        values[Season + 1] = DateTime.DaysInMonth(local.Year, local.Month) - local.Day;
        if (facts.Verdicts.Where(v => v.KnownAt <= asOf).MaxBy(v => v.KnownAt) is { } said && said.Verdict is not Verdict.NotJudged)
        {
            row["verdict"] = (int)said.Verdict - (int)Verdict.Compliant;
        }

        return new(facts.Id, asOf, values);
    }

    private static void Imagery(Row row, CandidateFacts facts, DateTimeOffset asOf)
    {
        PassFact? first = null, last = null;
        var count = 0;
        foreach (var pass in facts.Passes)
        {
            if (pass.KnownAt > asOf)
            {
                continue;
            }

            count++;
            first = first is null || pass.AcquiredAt < first.AcquiredAt ? pass : first;
            last = last is null || pass.AcquiredAt >= last.AcquiredAt ? pass : last;
        }

        row["passes"] = count;
        if (first is null || last is null)
        {
            return;
        }

        row["image_score"] = last.Score;
        row["kind_building"] = last.Kind is SiteKind.Building ? last.Certainty : 0;
        row["kind_earthworks"] = last.Kind is SiteKind.Earthworks ? last.Certainty : 0;
        row["kind_greenhouse"] = last.Kind is SiteKind.Greenhouse ? last.Certainty : 0;
        row["kind_untold"] = last.Kind is SiteKind.Other ? last.Certainty : 0;
        row["kind_other"] = last.Kind is SiteKind.Building or SiteKind.Earthworks or SiteKind.Greenhouse or SiteKind.Other ? 0 : last.Certainty;
        row["area_log_m2"] = Math.Log(last.AreaSquareMeters);
        row["days_since_first"] = (asOf - first.AcquiredAt).TotalDays;
        var days = (last.AcquiredAt - first.AcquiredAt).TotalDays;
        if (days >= 1)
        {
            row["growth_log_per_30d"] = Math.Log(last.AreaSquareMeters / first.AreaSquareMeters) / days * 30;
        }
    }

    private static void Ground(Row row, CandidateFacts facts, DateTimeOffset asOf)
    {
        var nearest = double.PositiveInfinity;
        foreach (var device in facts.Devices)
        {
            nearest = device.KnownFrom <= asOf ? Math.Min(nearest, device.DistanceMeters) : nearest;
        }

        Span<int> counts = stackalloc int[4];
        var excess = 0.0;
        var any = false;
        foreach (var signal in facts.Signals)
        {
            if (signal.KnownAt <= asOf && signal.Start <= asOf && signal.Start > asOf - SignalWindow)
            {
                any = true;
                counts[(int)signal.Kind]++;
                excess += signal.Kind is SignalKind.Night ? signal.Strength : 0;
            }
        }

        var near = nearest <= DeviceReachMeters;
        if (near)
        {
            row["device_m"] = nearest;
        }

        if (!near && !any)
        {
            // Silence means nothing where nobody listens.
            return;
        }

        row["night_episodes"] = counts[(int)SignalKind.Night];
        row["dust_episodes"] = counts[(int)SignalKind.Dust];
        row["truck_episodes"] = counts[(int)SignalKind.Trucks];
        row["power_episodes"] = counts[(int)SignalKind.Power];
        var kinds = 0;
        foreach (var count in counts)
        {
            kinds += count > 0 ? 1 : 0;
        }

        row["signal_kinds"] = kinds;
        if (counts[(int)SignalKind.Night] > 0)
        {
            row["night_excess_db"] = excess / counts[(int)SignalKind.Night];
        }
    }

    private static void Plan(Row row, CandidateFacts facts, DateTimeOffset asOf)
    {
        foreach (var (kind, name) in new[]
        {
            (ControlLineKind.UrbanDevelopmentBoundary, "urban_share"), (ControlLineKind.PermanentBasicFarmland, "farmland_share"),
            (ControlLineKind.EcologicalProtectionRedLine, "red_line_share"),
        })
        {
            if (facts.Lines.Where(l => l.Kind == kind && l.KnownFrom <= asOf).MaxBy(l => l.KnownFrom) is { } line)
            {
                row[name] = line.Share;
            }
        }

        if (facts.Uses.Where(u => u.KnownFrom <= asOf).MaxBy(u => u.KnownFrom) is { } use)
        {
            row["use_fits"] = use.Fits ? 1 : 0;
        }
    }

    private static void Permits(Row row, CandidateFacts facts, DateTimeOffset asOf, DateOnly day, double? area)
    {
        double share = 0, meters = double.PositiveInfinity;
        bool expired = false, applied = false, temporary = false, facility = false;
        var count = 0;
        DateTimeOffset? newest = null;
        foreach (var permit in facts.Permits)
        {
            if (permit.KnownFrom > asOf || permit.DistanceMeters > PermitReachMeters || Superseded(facts.Permits, permit, asOf))
            {
                continue;
            }

            count++;
            newest = newest is null || permit.KnownFrom > newest ? permit.KnownFrom : newest;
            var covers = permit.Share > 0;
            var over = permit.Status is PermitStatus.Expired || (permit.ValidTo is { } to && day >= to);
            var inForce = permit.Status is PermitStatus.Granted && !over && (permit.ValidFrom is not { } from || day >= from);
            expired |= covers && over;
            applied |= covers && permit.Status is PermitStatus.Applied;
            temporary |= covers && inForce && permit.Kind == Temporary;
            facility |= covers && inForce && permit.Kind == Facility;
            if (inForce && permit.Kind is not (Temporary or Facility))
            {
                share = Math.Max(share, permit.Share);
                meters = Math.Min(meters, permit.DistanceMeters);
            }
        }

        row["permits_near"] = count;
        row["permit_share"] = share;
        row["expired_permit"] = expired ? 1 : 0;
        row["applied_permit"] = applied ? 1 : 0;
        row["temporary_permit"] = temporary ? 1 : 0;
        row["facility_record"] = facility ? 1 : 0;
        if (double.IsFinite(meters))
        {
            row["permit_m"] = meters;
        }

        if (share > 0 && area is { } square)
        {
            row["uncovered_log_m2"] = Math.Log(1 + (square * (1 - share)));
        }

        if (newest is { } at)
        {
            row["permit_days"] = (asOf - at).TotalDays;
        }
    }

    private static bool Superseded(IReadOnlyList<PermitFact> permits, PermitFact permit, DateTimeOffset asOf)
    {
        foreach (var other in permits)
        {
            if (other.KnownFrom > permit.KnownFrom && other.KnownFrom <= asOf && other.PermitNo == permit.PermitNo)
            {
                return true;
            }
        }

        return false;
    }

    private static void Neighbours(Row row, CandidateFacts facts, DateTimeOffset asOf)
    {
        int confirmed1 = 0, confirmed3 = 0, dismissed1 = 0, dismissed3 = 0;
        foreach (var outcome in facts.Neighbours)
        {
            if (outcome.KnownAt > asOf || outcome.DecidedAt > asOf || outcome.DecidedAt < asOf - NeighbourWindow || outcome.DistanceMeters > 3000)
            {
                continue;
            }

            var close = outcome.DistanceMeters <= 1000 ? 1 : 0;
            (confirmed3, confirmed1) = outcome.Confirmed ? (confirmed3 + 1, confirmed1 + close) : (confirmed3, confirmed1);
            (dismissed3, dismissed1) = outcome.Confirmed ? (dismissed3, dismissed1) : (dismissed3 + 1, dismissed1 + close);
        }

        (row["confirmed_1km"], row["confirmed_3km"], row["dismissed_1km"], row["dismissed_3km"]) = (confirmed1, confirmed3, dismissed1, dismissed3);
    }

    private readonly ref struct Row(float[] values)
    {
        private readonly float[] _values = values;

        public double this[string name]
        {
            get => _values[Schema.PlaceOf(name)];
            set => _values[Schema.PlaceOf(name)] = (float)value;
        }
    }
}
