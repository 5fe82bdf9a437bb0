namespace Monitoring.Domain.Findings;

/// <summary>
/// A finding said once more so that somebody goes there although its verdict alone makes no warning: drawn by chance to check what is set aside, or taken up by a person.
/// It says the same of the place, and first why it was called up.
/// </summary>
public static class CalledUp
{
    /// <summary>Reason code: drawn for the recheck sample.</summary>
    public const string RecheckDrawn = "recheck-drawn";

    /// <summary>Reason code: a person took it up.</summary>
    public const string TakenUp = "taken-up";

    /// <summary>Whether a warning is made of it whatever its verdict.</summary>
    public static bool Is(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return finding.Reasons.Any(static r => r.Code is RecheckDrawn or TakenUp);
    }

    /// <summary>The finding as called up; of the same finding and code the same, whenever it is made.</summary>
    public static Finding Of(Finding finding, string detectorId, Reason why)
    {
        ArgumentNullException.ThrowIfNull(finding);
        ArgumentNullException.ThrowIfNull(why);
        return finding with { Id = FindingId.Of(why.Code, finding.Id), DetectorId = detectorId, DetectorVersion = "1", Reasons = [why, .. finding.Reasons] };
    }
}
