using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Devices;

/// <summary>
/// Takes a devices.json into the register. Secrets become salted hashes on the way; a device whose secret is unchanged keeps its hash, so
/// that its connection stays; a device that the file does not enable or disable stays what it is. Nothing is taken unless all is right.
/// </summary>
public sealed class DevicesImport(IDeviceRegister register)
{
    /// <summary>Largest file in bytes.</summary>
    public const long MaxFileBytes = 64L * 1024 * 1024;

    public async Task<ImportResult> ImportAsync(string path, string actor, CancellationToken cancellationToken)
    {
        var problems = new ProblemList();
        var file = new FileInfo(path);
        if (!file.Exists)
            return Refused($"{path} does not exist or is no file; give a devices.json.");
        if (file.Length > MaxFileBytes)
            return Refused(string.Create(CultureInfo.InvariantCulture, $"{path} has {file.Length} bytes; a devices.json has at most {MaxFileBytes}."));

        var known = (await register.AllAsync(cancellationToken)).ToDictionary(d => d.Device.Id, StringComparer.Ordinal);
        var content = DevicesFile.Read(await File.ReadAllBytesAsync(path, cancellationToken), problems, file => CheckAgainst(known, file, problems));
        if (content is null)
            return new ImportResult(false, 0, null, problems.Sentences);

        var hashes = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(content.Devices, cancellationToken, (device, _) =>
        {
            var existing = known.GetValueOrDefault(device.Id)?.Device.SecretHash;
            hashes[device.Id] = content.Secrets.TryGetValue(device.Id, out var secret)
                && (existing is null || !DeviceSecret.Verify(Encoding.UTF8.GetBytes(secret), existing))
                ? DeviceSecret.Hash(secret)
                : existing!;
            return ValueTask.CompletedTask;
        });
        await register.ImportAsync(
            new DeviceImport(
                content.Things,
                [.. content.Devices.Select(d => new Device(d.Id, d.ThingId, d.Firmware, hashes[d.Id], d.Enabled ?? known.GetValueOrDefault(d.Id)?.Device.Enabled ?? true))],
                content.Datastreams,
                actor,
                Path.GetFileName(path)),
            cancellationToken);
        return new ImportResult(true, content.Devices.Count, null, []);
    }

    /// <summary>What the file alone cannot tell; said together with its own faults.</summary>
    private static void CheckAgainst(Dictionary<string, RegisteredDevice> known, DevicesFile file, ProblemList problems)
    {
        var registered = known.Values.Select(d => d.Thing.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var (id, thing, _, _) in file.Devices)
        {
            if (file.NamedThings is { } named && !named.Contains(thing) && !registered.Contains(thing))
                problems.Add($"Device {id} serves the thing {thing}, which is neither in $.things nor in the register; add it to $.things.");
            if (!file.Secrets.ContainsKey(id) && !known.ContainsKey(id))
                problems.Add($"Device {id} is new and has no secret; give one.");
        }
    }

    private static ImportResult Refused(string sentence) => new(false, 0, null, [sentence]);
}
