namespace Monitoring.Domain.Sensing;

/// <summary>Things, devices and datastreams. Thread-safe.</summary>
public interface IDeviceRegister
{
    /// <summary>Adds or replaces things, devices and datastreams in one transaction, with an audit entry and an outbox row.</summary>
    Task ImportAsync(DeviceImport import, CancellationToken cancellationToken);

    /// <summary>The device with its datastreams, or null. Called for each connection, not for each message.</summary>
    Task<RegisteredDevice?> FindAsync(string deviceId, CancellationToken cancellationToken);

    Task<IReadOnlyList<RegisteredDevice>> AllAsync(CancellationToken cancellationToken);
}

/// <summary>A device with the thing it serves and its datastreams.</summary>
public sealed record RegisteredDevice(Device Device, Thing Thing, IReadOnlyList<Datastream> Datastreams);

/// <param name="Actor">Who imports, for the audit trail.</param>
/// <param name="Source">File name or address, for the audit trail.</param>
public sealed record DeviceImport(
    IReadOnlyList<Thing> Things, IReadOnlyList<Device> Devices, IReadOnlyList<Datastream> Datastreams, string Actor, string Source);
