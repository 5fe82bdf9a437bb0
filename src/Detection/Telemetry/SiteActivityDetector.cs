using System.Globalization;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Telemetry;

/// <summary>
/// Recognises building activity at a thing from truck passes, power and camera events together, never from dust or noise, and sets it
/// against the permits in force nearby. Several kinds of evidence must agree, so that harvest, farm traffic or a pump does not warn.
/// Pure but for the clock that dates the statement. docs/algorithms/site-activity.md.
/// </summary>
public sealed class SiteActivityDetector(DetectionRules rules, TimeProvider clock)
{
    public const string DetectorId = "site-activity";

    /// <summary>Changes with the meaning of results.</summary>
    public const string Version = "1";

    private readonly ActivityRule _rule = rules.Activity;

    /// <summary>Hours of history that a judgement needs before the judged hour ends.</summary>
    public int HistoryHours => (_rule.HistoryDays * 24) + _rule.WindowHours;

    /// <summary>Weighs the window that ends at <paramref name="end"/> and states what changed or goes on, or null.</summary>
    /// <param name="end">End of a closed hour; the statement's phenomenon time is that hour.</param>
    internal Finding? Evaluate(TelemetrySource source, DateTimeOffset end, ActivityBook book, Statements statements, PlanIndex index)
    {
        var from = end - _rule.Window;
        var start = end - ActivityBook.Hour;
        var evidence = Weigh(book, statements, from, end);
        var score = evidence.Sum(e => e.Weight);
        var kinds = evidence.Count(e => e.Weight >= _rule.KindScore);
        var (lawful, approvals) = Lawful(source, end, index);
        FindingCondition condition;
        if (lawful)
        {
            condition = FindingCondition.Clears;
        }
        else if (score >= _rule.HoldScore && kinds >= _rule.MinKinds)
        {
            condition = FindingCondition.Holds;
        }
        else if (score < _rule.ClearScore)
        {
            // A gap does not clear: most hours of the window must have been seen.
            if (book.Between(from, end).Count(h => h.Results > 0) < _rule.ClearCompleteness * _rule.WindowHours)
            {
                return null;
            }

            condition = FindingCondition.Clears;
        }
        else
        {
            condition = statements.Before(start) ?? FindingCondition.Clears;
        }

        var said = statements.At(start);
        if (condition is FindingCondition.Clears && said is not FindingCondition.Holds && !statements.MustSayCleared(start, rules.Find(_rule.RuleId)?.KeepFiringFor ?? TimeSpan.Zero))
        {
            return null;
        }

        return said == condition ? null : Tell(source, from, start, end, evidence, score, condition, approvals, index);
    }

    private sealed record Evidence(double Weight, Reason Reason);

    private List<Evidence> Weigh(ActivityBook book, Statements statements, DateTimeOffset from, DateTimeOffset end)
    {
        var history = History(book, statements, end);
        List<Evidence> evidence = [];
        if (Pictures(book, from, end) is { } pictures)
        {
            evidence.Add(pictures);
        }

        if (Trucks(book, history, from, end) is { } trucks)
        {
            evidence.Add(trucks);
        }

        if (Power(book, history, from, end) is { } power)
        {
            evidence.Add(power);
        }

        return [.. evidence.OrderByDescending(e => e.Weight)];
    }

    /// <summary>Earlier windows at the same hours that say what is usual: seen for at least half of their hours, and not busy with building themselves.</summary>
    private List<(DateTimeOffset From, DateTimeOffset To)> History(ActivityBook book, Statements statements, DateTimeOffset end)
    {
        List<(DateTimeOffset, DateTimeOffset)> usable = [];
        for (var day = 1; day <= _rule.HistoryDays; day++)
        {
            var to = end - TimeSpan.FromDays(day);
            var from = to - _rule.Window;
            if (to > end - _rule.Window)
            {
                continue;
            }

            if (book.Between(from, to).Count(h => h.Results > 0) * 2 >= _rule.WindowHours && !statements.HeldWithin(from - ActivityBook.Hour, to))
            {
                usable.Add((from, to));
            }
        }

        return usable;
    }

    private Evidence? Pictures(ActivityBook book, DateTimeOffset from, DateTimeOffset end)
    {
        var seen = false;
        SortedDictionary<string, (int Count, DateTimeOffset Last)> counts = new(StringComparer.Ordinal);
        foreach (var (category, count, last) in book.Between(from, end).SelectMany(h => h.Pictures))
        {
            seen = true;
            if (_rule.CameraEvents.Contains(category))
            {
                var (have, latest) = counts.GetValueOrDefault(category);
                counts[category] = (have + count, last > latest ? last : latest);
            }
        }

        if (!seen)
        {
            return null;
        }

        var total = counts.Values.Sum(c => c.Count);
        if (total == 0)
        {
            return new(_rule.CameraSawNothing, Reason.Of("camera-event", ("event", "none"), ("count", "0"), ("weight", Facts.Number(_rule.CameraSawNothing))));
        }

        var weight = Math.Min(_rule.CameraCap, _rule.CameraFirst + ((total - 1) * _rule.CameraMore));
        var most = counts.OrderByDescending(c => c.Value.Count).ThenBy(c => c.Key, StringComparer.Ordinal).First().Key;
        return new(weight, Reason.Of(
            "camera-event",
            ("event", most),
            ("count", Facts.Count(total)),
            ("last", Facts.Time(counts.Values.Max(c => c.Last))),
            ("weight", Facts.Number(weight))));
    }

    private Evidence? Trucks(ActivityBook book, List<(DateTimeOffset From, DateTimeOffset To)> history, DateTimeOffset from, DateTimeOffset end)
    {
        var count = book.Between(from, end).Sum(h => h.Trucks);
        if (count == 0)
        {
            return null;
        }

        var earlier = history.Select(w => (double)book.Between(w.From, w.To).Sum(h => h.Trucks)).ToList();
        var usual = earlier.Count >= _rule.MinHistoryDays ? Median(earlier) : _rule.TruckPriorPerDay * _rule.WindowHours / 24;

        // 3 decades of improbability under a Poisson rate of the usual are one unit of weight.
        var weight = Math.Min(_rule.TruckCap, -PoissonUpperTailLog10(count, Math.Max(1, usual)) / 3);
        return new(weight, Reason.Of(
            "truck-passes",
            ("count", Facts.Count(count)),
            ("usual", usual.ToString("0.#", CultureInfo.InvariantCulture)),
            ("window_hours", Facts.Count(_rule.WindowHours)),
            ("weight", weight.ToString("0.##", CultureInfo.InvariantCulture))));
    }

    private Evidence? Power(ActivityBook book, List<(DateTimeOffset From, DateTimeOffset To)> history, DateTimeOffset from, DateTimeOffset end)
    {
        List<double> window = [.. Kilowatts(book, from, end)];
        if (window.Count == 0)
        {
            return null;
        }

        // What always runs is no work: the base is a low quantile of the hours, the usual ones where there are enough.
        var usable = history.Count >= _rule.MinHistoryDays;
        List<double> quiet = usable ? [.. history.SelectMany(w => Kilowatts(book, w.From, w.To))] : window;
        var basis = quiet.Count == 0 ? 0 : Quantile(quiet, 0.2);
        var energy = window.Sum(kw => Math.Max(0, kw - basis));
        var usual = usable
            ? Median([.. history.Select(w => Kilowatts(book, w.From, w.To).Sum(kw => Math.Max(0, kw - basis)))])
            : _rule.PowerPriorKwhPerDay * _rule.WindowHours / 24;
        if (energy < _rule.PowerMinKwh)
        {
            return null;
        }

        var ratio = energy / Math.Max(usual, _rule.PowerMinKwh);
        var weight = ratio <= 1 ? 0 : Math.Min(_rule.PowerCap, _rule.PowerCap * Math.Log(ratio) / Math.Log(_rule.PowerRatio));
        return new(weight, Reason.Of(
            "power-draw",
            ("kwh", energy.ToString("0.#", CultureInfo.InvariantCulture)),
            ("usual_kwh", usual.ToString("0.#", CultureInfo.InvariantCulture)),
            ("window_hours", Facts.Count(_rule.WindowHours)),
            ("weight", weight.ToString("0.##", CultureInfo.InvariantCulture))));
    }

    private static IEnumerable<double> Kilowatts(ActivityBook book, DateTimeOffset from, DateTimeOffset to) =>
        book.Between(from, to).Select(h => h.MeanKilowatts).OfType<double>();

    /// <summary>Whether a permit that allows building or moving ground is in force at or near the thing, and what is to be said of it.</summary>
    private (bool Lawful, Reason Reason) Lawful(TelemetrySource source, DateTimeOffset end, PlanIndex index)
    {
        if (!index.Knows(MapLayer.Permit))
        {
            return (false, Reason.Of("approvals-unknown"));
        }

        var day = DayInterval.DayOf(end, source.Zone);
        return NearbyPermits.Nearest(source, day, index, _rule.NearMeters, Allows) is { } near
            ? (true, Reason.Of("approved", ("permit_no", near.Permit.Id), ("kind", near.Permit.Kind), ("distance_m", Facts.Area(near.Distance))))
            : (false, Reason.Of("activity-without-approval", ("thing", source.Thing.Id), ("distance_m", Facts.Area(_rule.NearMeters))));
    }

    private bool Allows(Permit permit) =>
        rules.Judgement.Approvals.FirstOrDefault(a => a.Kind == permit.Kind) is { } row
        && (row.Building is Allowance.Authorises || row.Earthworks is Allowance.Authorises);

    private Finding Tell(
        TelemetrySource source, DateTimeOffset from, DateTimeOffset start, DateTimeOffset end, List<Evidence> evidence, double score,
        FindingCondition condition, Reason approvals, PlanIndex index)
    {
        var greatest = _rule.TruckCap + _rule.PowerCap + _rule.CameraCap;
        List<Reason> reasons = condition is FindingCondition.Holds
            ? [approvals, .. evidence.Select(e => e.Reason)]
            : [.. evidence.Select(e => e.Reason), .. approvals.Code == "approved" ? [approvals] : Array.Empty<Reason>()];
        return new Finding
        {
            Id = FindingId.Of([
                _rule.RuleId, rules.Version, _rule.Version, DetectorId, Version, source.Thing.Id, Facts.Time(start), condition.ToString(), approvals.Code,
                .. evidence.Select(e => e.Reason.Code + string.Join('|', e.Reason.Facts.Select(f => $"{f.Key}={f.Value}"))),
            ]),
            RuleId = _rule.RuleId,
            RuleVersion = rules.Version,
            DetectorId = DetectorId,
            DetectorVersion = Version,
            Subject = new(SubjectKind.Thing, source.Thing.Id),
            Condition = condition,
            Severity = _rule.Severity,
            PhenomenonStart = start,
            PhenomenonEnd = end,
            DetectedAt = clock.GetUtcNow(),
            RegionCode = source.Thing.RegionCode,
            Where = source.Where,
            Score = Math.Clamp(score / greatest, 0, 1),
            Verdict = condition is FindingCondition.Holds ? Verdict.Review : Verdict.NotJudged,
            Reasons = reasons,
            Inputs = [new EvidenceInput("observations", $"{source.Thing.Id}@{Facts.Time(from)}/{Facts.Time(end)}")],
            MapVersion = index.MapVersion,
        };
    }

    internal static double Median(List<double> values) => Quantile(values, 0.5);

    /// <summary>Quantile by linear interpolation between order statistics; <paramref name="share"/> in [0, 1], at least one value.</summary>
    internal static double Quantile(List<double> values, double share)
    {
        var sorted = values.Order().ToList();
        var at = share * (sorted.Count - 1);
        var low = (int)Math.Floor(at);
        var high = Math.Min(low + 1, sorted.Count - 1);
        return sorted[low] + ((at - low) * (sorted[high] - sorted[low]));
    }

    /// <summary>log10 of P(X ≥ <paramref name="count"/>) for X Poisson with a rate &gt; 0; 0 for a count of 0.</summary>
    internal static double PoissonUpperTailLog10(long count, double rate)
    {
        if (count <= 0)
        {
            return 0;
        }

        if (count <= rate)
        {
            // Near or below the mean the tail is no evidence; its exact size is no matter.
            return Math.Log10(0.5);
        }

        // Log of the first term, then the series 1 + λ/(k+1) + λ²/((k+1)(k+2)) + …, which falls because k ≥ λ.
        var first = (count * Math.Log(rate)) - rate - LogFactorial(count);
        double sum = 1, term = 1;
        for (var i = 1; i < 10_000 && term > 1e-17 * sum; i++)
        {
            term *= rate / (count + i);
            sum += term;
        }

        return Math.Min(0, (first + Math.Log(sum)) / Math.Log(10));
    }

    private static double LogFactorial(long n) => MathNet.Numerics.SpecialFunctions.GammaLn(n + 1.0);
}
