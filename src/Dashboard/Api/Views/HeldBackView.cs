using Monitoring.Dashboard.Regions;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Learning;

namespace Monitoring.Dashboard.Api.Views;

/// <param name="NextAfter">For the next page; null at the end.</param>
internal sealed record HeldBackPageView(IReadOnlyList<HeldBackView> Items, string? NextAfter);

/// <summary>Why no warning was made of it.</summary>
internal enum HeldBackKind
{
    /// <summary>The model gives it too small a probability.</summary>
    SetAside,

    /// <summary>Its verdict is milder than the rule asks for.</summary>
    BelowVerdict,

    /// <summary>Set aside and drawn for a recheck: it is a warning.</summary>
    Recheck,
}

/// <param name="Why">The reason it is held back, or drawn.</param>
/// <param name="Reasons">What judgement says of it.</param>
/// <param name="Longitude">Of a place inside, in degrees; null without a place.</param>
/// <param name="AlertId">Its warning, for the recheck sample.</param>
internal sealed record HeldBackView(
    string SiteId, HeldBackKind Kind, Reason Why, Verdict Verdict, string? RegionCode, string? RegionName, DateTimeOffset NotBefore, DateTimeOffset NotAfter, double? AreaM2, double? Longitude,
    double? Latitude, IReadOnlyList<Reason> Reasons, LikelihoodView Likelihood, string? AlertId)
{
    public static HeldBackView Of(HeldBack held, Verdict firesFrom, RegionNames names)
    {
        var (finding, score) = (held.Finding, held.Score);
        var kind = score.Triage switch
        {
            Triage.SetAside => HeldBackKind.SetAside,
            Triage.Recheck => HeldBackKind.Recheck,
            _ => HeldBackKind.BelowVerdict,
        };
        var why = score.TriageReason ?? Reason.Of("below-warning", ("verdict", Code(finding.Verdict)), ("fires_from", Code(firesFrom)));
        var inside = finding.Where is { Shape.IsEmpty: false } where ? where.Shape.InteriorPoint : null;
        return new(
            finding.Subject.Id, kind, why, finding.Verdict, finding.RegionCode, names.NameOf(finding.RegionCode), finding.PhenomenonStart, finding.PhenomenonEnd,
            finding.Where?.AreaSquareMeters, inside?.X, inside?.Y, finding.Reasons, LikelihoodView.Of(score, whole: false), held.AlertId);
    }

    private static string Code(Verdict verdict) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(verdict.ToString());
}

/// <param name="Reason">Why somebody should go there all the same.</param>
internal sealed record TakeUpRequest(string? Reason);
