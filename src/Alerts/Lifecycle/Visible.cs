using Monitoring.Domain.Alerts;
using Monitoring.Domain.Findings;

namespace Monitoring.Alerts.Lifecycle;

/// <summary>What people see of a finding on an alert: severity, verdict, reasons with their facts, region and place.</summary>
internal static class Visible
{
    public static bool Differ(Alert before, Alert after) =>
        before.Severity != after.Severity
        || before.Verdict != after.Verdict
        || before.RegionCode != after.RegionCode
        || !SameReasons(before.Reasons, after.Reasons)
        || !SamePlace(before, after);

    private static bool SameReasons(IReadOnlyList<Reason> before, IReadOnlyList<Reason> after)
    {
        if (before.Count != after.Count)
        {
            return false;
        }

        for (var i = 0; i < before.Count; i++)
        {
            if (before[i].Code != after[i].Code || !SameFacts(before[i].Facts, after[i].Facts))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameFacts(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
        before.Count == after.Count && before.All(fact => after.TryGetValue(fact.Key, out var value) && value == fact.Value);

    private static bool SamePlace(Alert before, Alert after) =>
        ReferenceEquals(before.Where, after.Where)
        || (before.Where is { } a && after.Where is { } b && a.Shape.EqualsExact(b.Shape));
}
