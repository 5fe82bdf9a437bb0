using Monitoring.Domain.Findings;

namespace Monitoring.Detection.Judgement;

/// <summary>Which land uses fit which kinds of change, and each other: practice as data, not confirmed by a text.</summary>
public sealed record UseRules
{
    /// <summary>Certainty in [0, 1] of the kind of a patch from which its use is compared; below it nothing is said of use.</summary>
    public required double MinCertainty { get; init; }

    /// <summary>Kinds of site (docs/algorithms/imagery.md) with the uses they fit. A kind that is missing is not compared.</summary>
    public required IReadOnlyList<UseRow> Kinds { get; init; }

    /// <summary>Digits of a land-use code in which a permit and a plan must agree, 2, 4 or 6; 0 = not compared.</summary>
    public int PlanDigits { get; init; } = 2;

    /// <summary>What it means when they do not: compliant (told only) or review, never more.</summary>
    public Verdict PlanVerdict { get; init; } = Verdict.Review;

    /// <summary>Uses of permits that do not fit a zone.</summary>
    public IReadOnlyList<ZoneRow> Zones { get; init; } = [];

    internal IEnumerable<string> Faults()
    {
        if (!(MinCertainty is > 0 and <= 1))
        {
            yield return "judgement: use.min_certainty lies in (0, 1].";
        }

        if (PlanDigits is not (0 or 2 or 4 or 6) || PlanVerdict is not (Verdict.Compliant or Verdict.Review))
        {
            yield return "judgement: use.plan_digits is 0, 2, 4 or 6 and use.plan_verdict is compliant or review.";
        }

        foreach (var kind in Kinds.GroupBy(k => k.Kind).Where(g => g.Count() > 1))
        {
            yield return $"judgement: use.kinds name {kind.Key} {kind.Count()} times; keep one.";
        }
    }
}

/// <summary>What a kind of site may be used for.</summary>
/// <param name="Kind">For example <c>greenhouse</c>: the facts <c>certainty_…</c> of a patch without their beginning.</param>
/// <param name="Fits">Beginnings of land-use codes it fits.</param>
/// <param name="Conflicts">Beginnings of codes it contradicts. The longest beginning counts; a code under neither needs a look.</param>
public sealed record UseRow(string Kind, IReadOnlyList<string> Fits, IReadOnlyList<string> Conflicts)
{
    /// <summary>Compliant where the use fits, conflict where it contradicts, else review.</summary>
    public Verdict Of(string useCode)
    {
        var (fits, conflicts) = (Longest(Fits, useCode), Longest(Conflicts, useCode));
        return fits < 0 && conflicts < 0 ? Verdict.Review : fits >= conflicts ? Verdict.Compliant : Verdict.Conflict;
    }

    private static int Longest(IReadOnlyList<string> beginnings, string code) =>
        beginnings.Where(b => code.StartsWith(b, StringComparison.Ordinal)).Select(b => b.Length).DefaultIfEmpty(-1).Max();
}

/// <param name="Zone">Code of the zone (list <c>zone-kinds</c>).</param>
/// <param name="Unfit">Beginnings of land-use codes of permits that do not fit it.</param>
public sealed record ZoneRow(string Zone, IReadOnlyList<string> Unfit);
