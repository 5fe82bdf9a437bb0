using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Monitoring.Alerts.Lifecycle;

namespace Monitoring.Alerts.Writing;

/// <summary>
/// What became of the findings and commands that were taken and committed: taken = sum over reasons. Thread-safe. Also the meter
/// <c>Monitoring.Alerts</c>: <c>alerts.findings</c> and <c>alerts.commands</c>, each with the tag <c>reason</c>.
/// </summary>
public sealed class AlertLedger : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<StepReason, long> findings = [];
    private readonly Dictionary<StepReason, long> commands = [];
    private readonly Meter meter = new("Monitoring.Alerts");
    private readonly Counter<long> findingCounter;
    private readonly Counter<long> commandCounter;
    private long findingsTaken;

    public AlertLedger()
    {
        findingCounter = meter.CreateCounter<long>("alerts.findings");
        commandCounter = meter.CreateCounter<long>("alerts.commands");
    }

    /// <summary>Findings whose step is committed.</summary>
    public long FindingsTaken => Interlocked.Read(ref findingsTaken);

    public IReadOnlyDictionary<StepReason, long> Findings
    {
        get
        {
            lock (gate)
            {
                return findings.ToFrozenDictionary();
            }
        }
    }

    public IReadOnlyDictionary<StepReason, long> Commands
    {
        get
        {
            lock (gate)
            {
                return commands.ToFrozenDictionary();
            }
        }
    }

    public void Dispose() => meter.Dispose();

    internal void CountFindings(int taken, IReadOnlyDictionary<StepReason, int> reasons)
    {
        Interlocked.Add(ref findingsTaken, taken);
        lock (gate)
        {
            foreach (var (reason, count) in reasons)
            {
                findings[reason] = findings.GetValueOrDefault(reason) + count;
            }
        }

        foreach (var (reason, count) in reasons)
        {
            findingCounter.Add(count, new KeyValuePair<string, object?>("reason", reason.ToString()));
        }
    }

    internal void CountCommand(StepReason reason)
    {
        lock (gate)
        {
            commands[reason] = commands.GetValueOrDefault(reason) + 1;
        }

        commandCounter.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));
    }
}
