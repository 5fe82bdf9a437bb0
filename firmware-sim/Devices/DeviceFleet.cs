using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Devices;

/// <summary>All devices of a county over MQTT, each on its own task.</summary>
public sealed class DeviceFleet : IAsyncDisposable
{
    private readonly List<FieldDevice> _devices = [];

    /// <param name="county">The county.</param>
    /// <param name="secrets">Device id to secret.</param>
    /// <param name="host">MQTT host.</param>
    /// <param name="port">MQTT port.</param>
    /// <param name="options">Behaviour of every device; its <see cref="FieldDeviceOptions.BufferPath"/>, when given, is a directory.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where link losses are told.</param>
    public DeviceFleet(
        County county, IReadOnlyDictionary<string, string> secrets, string host, int port, FieldDeviceOptions options, TimeProvider time, TextWriter log)
    {
        ArgumentNullException.ThrowIfNull(county);
        ArgumentNullException.ThrowIfNull(secrets);
        ArgumentNullException.ThrowIfNull(options);
        if (options.BufferPath is { } directory) Directory.CreateDirectory(directory);
        foreach (var profile in county.Devices)
        {
            if (!secrets.TryGetValue(profile.Id, out var secret))
                throw new InvalidDataException($"devices.json has no secret for {profile.Id}: make the county again with 'firmware-sim world'.");
            _devices.Add(new FieldDevice(
                profile,
                new DeviceSignals(county.Options.Seed, profile, county.Options.Today),
                new LinkPlan(county.Options.Seed, profile.Id, options.OutageShare, options.LostAckShare),
                new MqttDeviceLink(profile, secret, host, port),
                options with { BufferPath = options.BufferPath is null ? null : Path.Combine(options.BufferPath, profile.Id + ".buffer") },
                time, log));
        }
    }

    public IReadOnlyList<FieldDevice> Devices => _devices;

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(_devices.Select(d => d.RunAsync(stop)));

    public async ValueTask DisposeAsync()
    {
        foreach (var device in _devices) await device.DisposeAsync();
    }
}
