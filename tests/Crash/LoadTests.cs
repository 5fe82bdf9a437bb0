using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Sensing;
using Monitoring.TestKit;

namespace Monitoring.Crash;

/// <summary>
/// Many devices send as fast as they are answered: the ledger balances, each observation is there once, and memory stays bounded
/// however long it goes on.
/// </summary>
public sealed class LoadTests
{
    private const int Devices = 50;
    private const int Window = 16;

    /// <summary>Observations a device sends: five in each message.</summary>
    private static int Days => Effort.Full ? 40 : 1;

    [Fact]
    public async Task Service_UnderManyFastDevices_KeepsItsAccountAndItsMemory()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TempDirectory();
        var devices = Enumerable.Range(0, Devices).Select(i => (Device: $"load{i}", Secret: Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)))).ToList();
        await KillTests.ImportAsync(folder.Path, devices, cancellationToken);
        await using var service = await ServiceProcess.StartAsync(folder.Path, cancellationToken);
        var midnight = new DateTimeOffset(2026, 8, 1, 0, 0, 0, TimeSpan.FromHours(8));

        var peaks = new List<long>();
        long observations = 0;
        for (var day = 0; day < Days; day++)
        {
            var scripts = devices
                .Select((d, i) => new DeviceScript(d.Device, d.Secret, ScriptedMessage.NoisyDay(d.Device, midnight.AddDays(day), (day * Devices) + i), Window))
                .ToList();
            var sent = await Task.WhenAll(scripts.Select(s => s.SendAsync(service.MqttPort, cancellationToken)));
            sent.ShouldAllBe(whole => whole, service.Output);
            observations += scripts.Sum(s => s.Messages.Sum(m => m.Keys.Count));
            peaks.Add(HighWaterMib(service.ProcessId));
        }

        await Consumers.CaughtUpAsync(service, folder.Path, cancellationToken);
        peaks.Add(HighWaterMib(service.ProcessId));
        (await service.StopAsync(cancellationToken)).ShouldBe(0, service.Output);

        await using var stores = OpenStores.In(folder.Path);
        var store = stores.Services.GetRequiredService<IObservationStore>();
        (await store.ReadDeadLettersAsync(null, 10, cancellationToken)).ShouldBeEmpty();
        long last = 0;
        var keys = new HashSet<(string, DateTimeOffset)>();
        for (var page = await store.ReadAfterAsync(0, 10_000, cancellationToken); page.Count > 0; page = await store.ReadAfterAsync(last, 10_000, cancellationToken))
        {
            foreach (var one in page)
            {
                one.Sequence.ShouldBe(++last, "the commit sequence has no hole");
                keys.Add((one.Observation.DatastreamId, one.Observation.PhenomenonTime)).ShouldBeTrue("each observation is there once");
            }
        }

        last.ShouldBe(observations);
        // The store's own buffers are bounded (DuckDB's memory limit); what grows with time would be a leak.
        peaks[^1].ShouldBeLessThan(1_500, string.Join(' ', peaks));
        LongProofs.Record("load",
            string.Create(CultureInfo.InvariantCulture, $"{Devices} devices, window {Window}, {observations:N0} observations in {observations / 5:N0} messages, as fast as they were answered"),
            string.Create(CultureInfo.InvariantCulture, $"each one stored once, no dead letter; peak memory {peaks[0]} MiB after the first day of data, {peaks[^1]} MiB at the end"));
    }

    /// <summary>VmHWM in MiB.</summary>
    private static long HighWaterMib(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
