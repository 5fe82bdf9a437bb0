using Monitoring.Domain.Findings;

namespace Monitoring.Alerts.Lifecycle;

/// <summary>The rules, with an answer for findings whose rule nobody knows: they are not lost, they fire at once and only a person ends them.</summary>
internal static class RuleBook
{
    public const string UnknownVersion = "unknown";

    public static AlertRule Of(this IAlertRules rules, Finding finding) =>
        rules.Find(finding.RuleId)
        ?? new AlertRule(
            finding.RuleId, UnknownVersion, finding.RuleId, finding.RuleId, TimeSpan.Zero, TimeSpan.Zero, finding.Severity, AlertEnding.ByHuman);
}
