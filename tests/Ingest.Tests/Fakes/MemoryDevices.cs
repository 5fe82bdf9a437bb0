using System.Collections.Concurrent;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Devices;

namespace Monitoring.Ingest.Tests.Fakes;

internal sealed class MemoryDevices : IDeviceRegister
{
    private readonly ConcurrentDictionary<string, RegisteredDevice> _devices = new();

    public List<DeviceImport> Imports { get; } = [];

    public Task ImportAsync(DeviceImport import, CancellationToken cancellationToken)
    {
        Imports.Add(import);
        return Task.CompletedTask;
    }

    public Task<RegisteredDevice?> FindAsync(string deviceId, CancellationToken cancellationToken) =>
        Task.FromResult(_devices.GetValueOrDefault(deviceId));

    public Task<IReadOnlyList<RegisteredDevice>> AllAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RegisteredDevice>>([.. _devices.Values]);

    public RegisteredDevice Add(string id, string secret = "secret-of-device", bool enabled = true, params string[] more)
    {
        Datastream[] streams =
        [
            new(id, "t1", "pm10", "pm10", "ug/m3", TimeSpan.FromMinutes(1), Aggregation.Mean),
            new(id, "t1", "camera", "camera_event", "1", null, Aggregation.None),
            .. more.Select(m => new Datastream(id, "t1", m, m, "1", null, Aggregation.Mean)),
        ];
        var device = new RegisteredDevice(
            new Device(id, "t1", "1.0", DeviceSecret.Hash(secret), enabled), new Thing("t1", "工地一", "Site 1", 119.9, 32.4, "321200"), streams);
        _devices[id] = device;
        return device;
    }

    public void Replace(RegisteredDevice device) => _devices[device.Device.Id] = device;
}
