namespace Monitoring.Domain.Findings;

/// <summary>
/// What the life of an alert needs to know of a rule: how long its condition must hold before people are warned, how long the alert
/// is kept after it cleared, and what may end it. All durations run in event time (<see cref="Finding.PhenomenonEnd"/>).
/// </summary>
/// <param name="Id">The <see cref="Finding.RuleId"/> it applies to.</param>
/// <param name="Version">Version of the rule data it was read from; goes into the audit trail.</param>
/// <param name="Name">Name for people, Chinese first. It never states a violation: 疑似 is the label's part.</param>
/// <param name="NameEn">English name.</param>
/// <param name="For">How long the condition must hold before the alert fires; zero = at the first finding. ≥ 0.</param>
/// <param name="KeepFiringFor">How long the alert fires on after data showed that the condition holds no more. ≥ 0; without meaning for <see cref="AlertEnding.ByHuman"/>.</param>
/// <param name="Severity">Severity where a finding states none of its own; findings carry theirs.</param>
/// <param name="Ends">What may end a firing alert.</param>
/// <param name="FiresFrom">Lowest verdict at which an alert is made. A finding below it makes no new alert, but updates one that is open.</param>
public sealed record AlertRule(
    string Id,
    string Version,
    string Name,
    string NameEn,
    TimeSpan For,
    TimeSpan KeepFiringFor,
    Severity Severity,
    AlertEnding Ends,
    Verdict FiresFrom = Verdict.NotJudged);

/// <summary>What may end a firing alert. The absence of data or of a later sighting never does.</summary>
public enum AlertEnding
{
    /// <summary>A finding that says <see cref="FindingCondition.Clears"/>, after KeepFiringFor.</summary>
    ByData,

    /// <summary>
    /// A person's field verification, or a finding that says <see cref="FindingCondition.Clears"/> with the reason
    /// <c>demolition-seen</c>. Nothing else: a finding with a milder verdict updates the alert and leaves it firing.
    /// </summary>
    ByHuman,
}

/// <summary>The rules by id. Immutable once loaded; thread-safe.</summary>
public interface IAlertRules
{
    /// <summary>
    /// The rule of a finding, or null when no such rule is known. A finding of an unknown rule must not be lost: treat it as
    /// <see cref="AlertEnding.ByHuman"/> without waiting.
    /// </summary>
    AlertRule? Find(string ruleId);

    /// <summary>All rules, by id in ordinal order.</summary>
    IReadOnlyList<AlertRule> All { get; }
}
