using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Sensing;
using Monitoring.TestKit;

namespace Monitoring.Crash;

/// <summary>
/// kill -9 under load, again and again: every acknowledged observation is there once, findings and alerts equal those of a run that
/// nobody disturbed, the service starts again by itself, and the alert sequence has no hole.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Devices = 6;

    private static int Kills => Effort.Full ? 20 : 3;

    [Fact]
    public async Task Service_KilledUnderLoad_LosesNothingAndRepeatsNothing()
    {
        const int Seed = 20261123;
        var cancellationToken = TestContext.Current.CancellationToken;
        var secrets = Enumerable.Range(0, Devices).Select(_ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))).ToArray();
        // Yesterday and before: event time is what everything is judged by.
        var midnight = new DateTimeOffset(2026, 10, 12, 0, 0, 0, TimeSpan.FromHours(8));

        var quiet = await RunAsync("undisturbed", kills: 0, Seed, secrets, midnight, cancellationToken);
        var killed = await RunAsync("killed", Kills, Seed, secrets, midnight, cancellationToken);

        killed.Observations.ShouldBe(quiet.Observations);
        killed.Findings.ShouldBe(quiet.Findings, ignoreOrder: true);
        quiet.Findings.Count.ShouldBeGreaterThan(0, "the load is made to be worth findings");
        killed.Alerts.ShouldBe(quiet.Alerts, ignoreOrder: true);
        quiet.Alerts.Count.ShouldBeGreaterThan(0, "and alerts");
        LongProofs.Record("kill",
            string.Create(CultureInfo.InvariantCulture, $"kill -9 {Kills} times in a row under load of {Devices} devices, seed {Seed}"),
            string.Create(CultureInfo.InvariantCulture,
                $"{killed.Observations:N0} observations, {killed.Findings.Count} findings and {killed.Alerts.Count} alerts equal those of an undisturbed run; sequences without a hole"));
    }

    private async Task<Outcome> RunAsync(string name, int kills, int seed, string[] secrets, DateTimeOffset midnight, CancellationToken cancellationToken)
    {
        using var folder = new TempDirectory();
        var random = new Random(seed);
        var scripts = Enumerable.Range(0, Devices)
            .Select(i => new DeviceScript($"kill{i}", secrets[i], ScriptedMessage.NoisyDay($"kill{i}", midnight, seed + i)))
            .ToList();
        await ImportAsync(folder.Path, scripts.Select((s, i) => (s.Device, secrets[i])), cancellationToken);
        var total = scripts.Sum(s => s.Messages.Count);
        var service = await ServiceProcess.StartAsync(folder.Path, cancellationToken);
        try
        {
            for (var kill = 1; kill <= kills; kill++)
            {
                // A random share of the work between kills; the moment within a message's way is the machine's own chance.
                var goal = (int)(total * (double)kill / (kills + 1)) - random.Next(0, total / (4 * (kills + 1)));
                var sending = scripts.Select(s => s.SendAsync(service.MqttPort, cancellationToken)).ToArray();
                await ReachedAsync(scripts, goal, sending);
                await service.KillAsync();
                await Task.WhenAll(sending);
                await service.DisposeAsync();
                service = await ServiceProcess.StartAsync(folder.Path, cancellationToken);
                output.WriteLine($"{name}: kill {kill} at {scripts.Sum(s => s.Acknowledged)} of {total} acknowledged messages");
            }

            while (!scripts.TrueForAll(s => s.Done))
            {
                await Task.WhenAll(scripts.Where(s => !s.Done).Select(s => s.SendAsync(service.MqttPort, cancellationToken)));
            }

            // A clean stop lets every loop finish what is committed; a second start and stop shows that nothing is left to do.
            (await service.StopAsync(cancellationToken)).ShouldBe(0, service.Output);
            await service.DisposeAsync();
            service = await ServiceProcess.StartAsync(folder.Path, cancellationToken);
            await Consumers.CaughtUpAsync(service, folder.Path, cancellationToken);
            (await service.StopAsync(cancellationToken)).ShouldBe(0, service.Output);
        }
        finally
        {
            await service.DisposeAsync();
        }

        return await ReadAsync(folder.Path, scripts, cancellationToken);
    }

    /// <summary>Completes once so many messages are acknowledged, or every sender has ended.</summary>
    private static async Task ReachedAsync(List<DeviceScript> scripts, int goal, Task<bool>[] sending)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var script in scripts)
        {
            script.Advanced = Look;
        }

        Look();
        await Task.WhenAny(reached.Task, Task.WhenAll(sending));

        void Look()
        {
            if (scripts.Sum(s => s.Acknowledged) >= goal)
            {
                reached.TrySetResult();
            }
        }
    }

    internal static async Task ImportAsync(string data, IEnumerable<(string Device, string Secret)> devices, CancellationToken cancellationToken)
    {
        var file = Path.Combine(data, "devices.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            things = new[] { new { id = "yard", name = "工地", lon = 119.9, lat = 32.3, region = "990001" } },
            devices = devices.Select(d => new
            {
                id = d.Device,
                thing = "yard",
                secret = d.Secret,
                datastreams = new[] { new { name = "noise", property = "noise_laeq", unit = "dB(A)", interval_s = (int?)60, aggregation = "energy_mean" } },
            }),
        }), cancellationToken);
        var (code, printed) = await ServiceProcess.RunAsync(cancellationToken, "import", "devices", file, "--data", data);
        code.ShouldBe(0, printed);
    }

    private static async Task<Outcome> ReadAsync(string data, List<DeviceScript> scripts, CancellationToken cancellationToken)
    {
        await using var stores = OpenStores.In(data);
        var observations = stores.Services.GetRequiredService<IObservationStore>();
        var stored = new Dictionary<(string, DateTimeOffset), double>();
        long expected = 1;
        for (long after = 0; ;)
        {
            var page = await observations.ReadAfterAsync(after, 10_000, cancellationToken);
            if (page.Count == 0)
            {
                break;
            }

            foreach (var one in page)
            {
                one.Sequence.ShouldBe(expected++, "the commit sequence has no hole");
                stored.TryAdd((one.Observation.DatastreamId, one.Observation.PhenomenonTime), one.Observation.Result.Number!.Value)
                    .ShouldBeTrue($"{one.Observation.DatastreamId} at {one.Observation.PhenomenonTime:O} is there twice");
            }

            after = page[^1].Sequence;
        }

        foreach (var key in scripts.SelectMany(s => s.Messages).SelectMany(m => m.Keys))
        {
            stored.ShouldContainKey((key.Datastream, key.Time));
            stored[(key.Datastream, key.Time)].ShouldBe(key.Result);
        }

        (await observations.ReadDeadLettersAsync(null, 10, cancellationToken)).ShouldBeEmpty();

        var findings = new List<string>();
        var findingStore = stores.Services.GetRequiredService<IFindingStore>();
        for (long after = 0; ;)
        {
            var page = await findingStore.ReadAfterAsync(after, 1_000, cancellationToken);
            if (page.Count == 0)
            {
                break;
            }

            findings.AddRange(page.Select(f => f.Finding.Id));
            after = page[^1].Sequence;
        }

        var alertStore = stores.Services.GetRequiredService<IAlertStore>();
        long last = 0;
        for (; ;)
        {
            var page = await alertStore.ChangesAfterAsync(last, 1_000, cancellationToken);
            if (page.Count == 0)
            {
                break;
            }

            foreach (var change in page)
            {
                change.Sequence.ShouldBe(++last, "the alert sequence has no hole");
            }
        }

        // Machine times and the order of changes between alerts differ from run to run; what an alert is does not.
        var alerts = (await alertStore.QueryAsync(new AlertQuestion { Limit = 1_000 }, cancellationToken))
            .Select(a => string.Create(CultureInfo.InvariantCulture,
                $"{a.Fingerprint} {a.State} {a.Severity} {a.StartsAt:O} {a.FiringSince:O} {a.LastHeldAt:O} {a.ResolvedAt:O} {a.ResolveReason} {a.FindingCount} {a.FindingId}"))
            .ToList();
        return new Outcome(stored.Count, findings, alerts);
    }

    private sealed record Outcome(int Observations, IReadOnlyList<string> Findings, IReadOnlyList<string> Alerts);
}
