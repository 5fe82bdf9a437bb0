using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Learning;
using Monitoring.TestKit;

namespace Monitoring.Crash;

/// <summary>
/// kill -9 while places are judged, scored, gathered into incidents, warned of and learned from: what was accepted is there once, every warning has its one first
/// score, incidents and the model equal those of a run that nobody disturbed, and nothing is told twice.
/// </summary>
public sealed class LearningKillTests(ITestOutputHelper output)
{
    private static int Kills => Effort.Full ? 40 : 8;

    [Fact]
    public async Task Learning_KilledAgainAndAgain_LosesNoScoreModelOrIncidentAndTellsNothingTwice()
    {
        const int Seed = 20261123;
        var stop = TestContext.Current.CancellationToken;
        using TempDirectory undisturbed = new(), disturbed = new();
        (await GoOnAsync(undisturbed.Path, 0, null, stop)).ShouldBe(LearningChild.Steps);

        var random = new Random(Seed);
        var step = 0;
        for (var kill = 1; kill <= Kills; kill++)
        {
            // So many parts later; the moment within the next part is the machine's own chance.
            var parts = random.Next(1, (LearningChild.Steps * LearningChild.Parts / Kills) + 2);
            step = await GoOnAsync(disturbed.Path, step, parts, stop);
            output.WriteLine($"kill {kill} in step {step}");
        }

        (await GoOnAsync(disturbed.Path, step, null, stop)).ShouldBe(LearningChild.Steps);
        var (quiet, killed) = (await ReadAsync(undisturbed.Path, stop), await ReadAsync(disturbed.Path, stop));

        quiet.Findings.Count.ShouldBeGreaterThan(LearningChild.Steps);
        killed.Findings.ShouldBe(quiet.Findings);
        quiet.Scores.Count.ShouldBeGreaterThan(LearningChild.Steps / 3);
        killed.Scores.ShouldBe(quiet.Scores);
        quiet.Incidents.ShouldContain(i => i.EndsWith("True", StringComparison.Ordinal), "space and ground together");
        killed.Incidents.ShouldBe(quiet.Incidents);
        killed.Outcomes.ShouldBe(quiet.Outcomes);
        quiet.Alerts.ShouldNotBeEmpty();
        killed.Alerts.ShouldBe(quiet.Alerts);
        killed.Fired.ShouldAllBe(f => f.Count == 1, "a warning is told once");

        // The model in the shadow learned from the same, whatever number it has; an operator was told once that it waits.
        (quiet.Told, quiet.Shadow).ShouldSatisfyAllConditions(q => q.Told.ShouldBe(1), q => q.Shadow.ShouldNotBeNull());
        (killed.Told, killed.Shadow).ShouldBe((quiet.Told, quiet.Shadow));
    }

    /// <summary>Runs the child from a step on, to its end or until it has said so many lines.</summary>
    /// <returns>The step to go on with.</returns>
    private static async Task<int> GoOnAsync(string data, int step, int? parts, CancellationToken stop)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in new[] { typeof(LearningChild).Assembly.Location, LearningChild.Mode, data, step.ToString(CultureInfo.InvariantCulture) })
        {
            start.ArgumentList.Add(argument);
        }

        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync(stop);
        try
        {
            var said = 0;
            while (await child.StandardOutput.ReadLineAsync(stop) is { } line)
            {
                if (line.Split(' ') is [var number, var part] && part == LearningChild.Parts.ToString(CultureInfo.InvariantCulture))
                {
                    step = int.Parse(number, CultureInfo.InvariantCulture) + 1;
                }

                if (++said == parts)
                {
                    child.Kill();
                    await child.WaitForExitAsync(stop);
                    return step;
                }
            }

            await child.WaitForExitAsync(stop);
            child.ExitCode.ShouldBe(0, await errors);
            return step;
        }
        finally
        {
            if (!child.HasExited)
            {
                child.Kill();
            }
        }
    }

    private static async Task<Outcome> ReadAsync(string data, CancellationToken stop)
    {
        await using var stores = OpenStores.In(data);
        var learning = stores.Services.GetRequiredService<ILearningStore>();
        var stored = await stores.Services.GetRequiredService<IFindingStore>().ReadAfterAsync(0, 100_000, stop);
        stored.Select(f => f.Sequence).ShouldBe(Enumerable.Range(1, stored.Count).Select(i => (long)i));
        var findings = stored.Select(f => f.Finding).ToList();
        findings.Select(f => f.Id).ShouldBeUnique();

        // Said of a model that waits is compared apart: its version is the count of trainings, and one may have been stopped.
        var (waiting, others) = (findings.Where(f => f.RuleId == LearningLoop.WaitingRuleId).ToList(), findings.Where(f => f.RuleId != LearningLoop.WaitingRuleId).ToList());
        List<string> scores = [];
        foreach (var finding in others.Where(f => f.RuleId == "building-without-approval" && f.Condition is FindingCondition.Holds))
        {
            var all = (await learning.ScoresOfSiteAsync(finding.Subject.Id, stop)).Where(s => s.FindingId == finding.Id).ToList();
            var first = all.MinBy(s => s.AsOf).ShouldNotBeNull($"{finding.Id} has its score");
            all.Select(s => s.AsOf).ShouldBeUnique();
            scores.Add(string.Create(CultureInfo.InvariantCulture, $"{finding.Id} {first.AsOf:O} {first.Model} {first.Probability:R} {string.Join(',', first.Features)}"));
        }

        var incidents = await stores.Services.GetRequiredService<IIncidentStore>().QueryAsync(new IncidentQuestion { Limit = 1000 }, stop);
        var alerts = stores.Services.GetRequiredService<IAlertStore>();
        var changes = (await alerts.ChangesAfterAsync(0, 100_000, stop)).Where(c => c.Alert.RuleId != LearningLoop.WaitingRuleId).ToList();
        var trail = stores.Services.GetRequiredService<IAuditTrail>();
        var register = await ModelRegister.OpenAsync(LearningChild.Models(data), trail, TimeProvider.System, stop);
        var audited = (await trail.ReadAfterAsync(0, 100_000, stop)).Where(e => e.Entry.Action.StartsWith("model.", StringComparison.Ordinal)).ToList();
        foreach (var act in register.Now.Acts)
        {
            audited.ShouldContain(e => e.Entry.Action == $"model.{act.Act}" && e.Entry.Details.Contains($"\"number\":{act.Number},", StringComparison.Ordinal), "every act is on the trail");
        }

        return new Outcome(
            [.. others.Select(f => $"{f.Id} {f.Condition} {f.Verdict}").Order(StringComparer.Ordinal)],
            [.. scores.Order(StringComparer.Ordinal)],
            [.. incidents.Select(i => string.Create(CultureInfo.InvariantCulture, $"{i.Id} {i.Weight:R} {i.MergedInto} {string.Join(',', i.Evidence.Select(e => $"{e.FindingId}x{e.Findings}"))} {i.Corroborated}")).Order(StringComparer.Ordinal)],
            [.. (await learning.OutcomesAsync("building-without-approval", null, stop)).Select(o => $"{o.Id} {o.RecordedAt:O} {o.Confirmed}")],
            [.. (await alerts.QueryAsync(new AlertQuestion { Limit = 1000 }, stop)).Where(a => a.RuleId != LearningLoop.WaitingRuleId).Select(a => $"{a.Fingerprint} {a.State} {a.FindingId} {a.FindingCount} {a.StartsAt:O}").Order(StringComparer.Ordinal)],
            [.. changes.Where(c => c.Kind is AlertChangeKind.Fired).GroupBy(c => c.Alert.Id).Select(g => (g.Key, g.Count()))],
            waiting.Count(f => f.Condition is FindingCondition.Holds),
            register.Now.Shadow is { } shadow ? register.EntryOf(shadow).DataHash : null);
    }

    private sealed record Outcome(
        IReadOnlyList<string> Findings, IReadOnlyList<string> Scores, IReadOnlyList<string> Incidents, IReadOnlyList<string> Outcomes, IReadOnlyList<string> Alerts,
        IReadOnlyList<(string Alert, int Count)> Fired, int Told, string? Shadow);
}
