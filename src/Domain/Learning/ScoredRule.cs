namespace Monitoring.Domain.Learning;

/// <summary>The rule whose findings are candidates: the model of violations scores them and no others.</summary>
public static class ScoredRule
{
    /// <summary>A site where something is built, or ground is moved for it, that approvals and control lines do not allow.</summary>
    public const string Id = "building-without-approval";
}
