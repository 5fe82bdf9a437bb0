using System.Globalization;
using System.Text.Json;
using Monitoring.FirmwareSim.Devices;
using Monitoring.FirmwareSim.Geo;
using Monitoring.FirmwareSim.Passes;
using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Commands;

/// <summary>
/// The demonstration: passes and devices together, until stopped. Under <c>state/</c> in the world's directory it keeps the day
/// of the last pass delivered and the devices' buffers, so that the next run goes on from there.
/// </summary>
public sealed class DemoRunner(string world, string inbox, string host, int port, TimeSpan pace, TimeProvider time, TextWriter log)
{
    private readonly string _statePath = Path.Combine(world, "state", "passes.json");

    public async Task RunAsync(CancellationToken stop)
    {
        var county = County.Create(WorldFiles.ReadOptions(world));
        var secrets = WorldFiles.ReadSecrets(world);
        Directory.CreateDirectory(Path.Combine(world, "state"));
        await using var fleet = new DeviceFleet(
            county, secrets, host, port, new FieldDeviceOptions { BufferPath = Path.Combine(world, "state", "devices") }, time, log);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // A failure of one half (a full disk, a bug) ends the other half and then the program, with its reason.
        var halves = new[] { PassesAsync(county, both.Token), fleet.RunAsync(both.Token) };
        await Task.WhenAny(halves);
        await both.CancelAsync();
        try
        {
            await Task.WhenAll(halves);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A clean stop.
        }
    }

    private async Task PassesAsync(County county, CancellationToken stop)
    {
        var delivery = new PassDelivery(county, inbox, time, log) { InboxLimit = 6 };
        while (true)
        {
            var from = LastPass() is { } last ? last.AddDays(1) : county.Options.Start;
            var dates = county.Schedule.Dates(from, Today(time));
            await delivery.RunAsync(dates, pace, Remember, stop);
            // Up to date: the satellite comes by again in some days.
            await Task.Delay(TimeSpan.FromMinutes(10), time, stop);
        }
    }

    /// <summary>The day in the county.</summary>
    public static DateOnly Today(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return DateOnly.FromDateTime(time.GetUtcNow().ToOffset(DeviceSignals.Zone).Date);
    }

    private DateOnly? LastPass()
    {
        if (!File.Exists(_statePath)) return null;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(_statePath));
            return DateOnly.ParseExact(json.RootElement.GetProperty("last_pass").GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or ArgumentNullException)
        {
            throw new InvalidDataException($"{_statePath} is damaged: delete it to deliver the passes from the beginning.", e);
        }
    }

    private void Remember(DateOnly day)
    {
        var part = _statePath + ".part";
        File.WriteAllBytes(part, JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, string> { ["last_pass"] = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) }, JsonText.Compact));
        File.Move(part, _statePath, true);
    }
}
