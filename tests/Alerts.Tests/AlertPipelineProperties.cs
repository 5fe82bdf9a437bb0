using CsCheck;
using Monitoring.Alerts.Lifecycle;
using Monitoring.Alerts.Tests.Fakes;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Sensing;

namespace Monitoring.Alerts.Tests;

/// <summary>What must hold whatever findings come, in whatever batches, with whatever crashes.</summary>
public sealed class AlertPipelineProperties
{
    private static readonly AlertRule[] Rules = [Given.Building, Given.Confirmed, Given.Noise, Given.Dust];

    private static readonly Gen<Finding> AnyFinding =
        from rule in Gen.OneOf(Rules)
        from subject in Gen.OneOf("a", "b", "c")
        from end in Gen.Int[0, 60]
        from length in Gen.Int[1, 20]
        from clears in Gen.Frequency((3, Gen.Const(false)), (2, Gen.Const(true)))
        from verdict in Gen.OneOf(Verdict.Compliant, Verdict.Review, Verdict.Conflict)
        from severity in Gen.OneOf(Severity.Minor, Severity.Critical)
        from reason in Gen.OneOf("no-approval", "approval-expired", AlertStateMachine.DemolitionSeen)
        select Given.Finding(
            rule,
            rule.Ends is AlertEnding.ByHuman ? Given.Site(subject) : Given.Stream(subject),
            end,
            clears ? FindingCondition.Clears : FindingCondition.Holds,
            length,
            severity,
            verdict,
            reason);

    private static readonly Gen<Finding[]> AnyFindings =
        AnyFinding.Array[0, 60].Select(static findings => findings.DistinctBy(static f => f.Id).ToArray());

    [Fact]
    public async Task EndState_AnyInterleavingBatchingRestartAndFault_IsThatOfAnUninterruptedRun() =>
        await Gen.Select(AnyFindings, Gen.Int[0, int.MaxValue]).SampleAsync(
            async (findings, seed) =>
            {
                using var whole = new Room(new AlertsOptions { FindingsPerCommit = 1000 });
                await whole.TakeAsync(findings);

                var broken = await BrokenRunAsync(Interleave(findings, new Random(seed)), seed);

                Told(broken).ShouldBe(Told(whole.Store));
                broken.Changes.Select(static c => c.Sequence).ShouldBe(Enumerable.Range(1, broken.Changes.Count).Select(static n => (long)n));
            },
            iter: 300);

    [Fact]
    public async Task Findings_Whatever_NeverMakeAnOutcome() =>
        await AnyFindings.SampleAsync(
            async findings =>
            {
                using var room = new Room();
                await room.TakeAsync(findings);

                room.Store.Cases.ShouldAllBe(static c => c.State == CaseState.Detected && c.Verification == null && c.DecidedAt == null);
                room.Store.Alerts.ShouldAllBe(static a => a.ResolveReason != ResolveReason.HumanOutcome);
                room.Store.Changes.ShouldAllBe(static c => c.Kind != AlertChangeKind.Verified);
                room.Store.Audit.ShouldAllBe(static a => a.Action != "case.verify");
            },
            iter: 300);

    [Fact]
    public async Task OpenAlerts_Whatever_AreOnePerFingerprint() =>
        await AnyFindings.SampleAsync(
            async findings =>
            {
                using var room = new Room();
                await room.TakeAsync(findings);

                room.Store.Alerts.Where(static a => a.State != AlertState.Resolved).GroupBy(static a => a.Fingerprint).ShouldAllBe(static g => g.Count() == 1);
                room.Store.Cases.Count.ShouldBe(room.Store.Changes.Count(static c => c.Kind == AlertChangeKind.CaseOpened));
            },
            iter: 200);

    /// <summary>A run with small random batches in which every third commit fails and the process starts again at random.</summary>
    private static async Task<MemoryAlertStore> BrokenRunAsync(Finding[] findings, int seed)
    {
        var random = new Random(seed);
        var store = new MemoryAlertStore
        {
            NextFault = () => random.Next(6) switch { 0 => Fault.Before, 1 => Fault.After, _ => Fault.None },
        };
        var source = new MemoryFindingStore();
        source.Add(findings);
        var done = false;
        while (!done)
        {
            using var process = new Room(new AlertsOptions { FindingsPerCommit = random.Next(1, 8) }, store, source);
            try
            {
                await process.Pipeline.RecallAsync(default);
                var steps = random.Next(1, 6);
                while (steps-- > 0 && !done)
                {
                    done = !await process.Pipeline.FlowAsync(default);
                }
            }
            catch (StoreUnavailableException)
            {
                // The process dies here; the next one reads what is stored.
            }
        }

        return store;
    }

    /// <summary>Another order that keeps the order of each fingerprint.</summary>
    private static Finding[] Interleave(Finding[] findings, Random random)
    {
        var queues = findings.GroupBy(static f => (f.RuleId, f.Subject)).Select(static g => new Queue<Finding>(g)).ToList();
        var mixed = new List<Finding>();
        while (queues.Count > 0)
        {
            var queue = queues[random.Next(queues.Count)];
            mixed.Add(queue.Dequeue());
            if (queue.Count == 0)
            {
                queues.Remove(queue);
            }
        }

        return [.. mixed];
    }

    /// <summary>All instances and the kinds of their changes, without what names the order of the run.</summary>
    private static string Told(MemoryAlertStore store) => string.Join('\n', store.Alerts
        .OrderBy(static a => a.Fingerprint, StringComparer.Ordinal).ThenBy(static a => a.Sequence)
        .Select(a => string.Join(' ',
            a.Fingerprint, a.State, a.Severity, a.Verdict, a.Reasons[0].Code, a.StartsAt, a.LastHeldAt, a.LastFindingAt, a.ClearedSince, a.FiringSince,
            a.ResolvedAt, a.ResolveReason, a.FindingId, a.FindingCount, a.CaseId is null ? "no case" : "case",
            string.Join(',', store.Changes.Where(c => c.Alert.Id == a.Id).Select(static c => c.Kind)))));
}
