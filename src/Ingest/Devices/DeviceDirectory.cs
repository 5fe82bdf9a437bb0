using System.Collections.Concurrent;
using System.Security.Cryptography;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Devices;

/// <summary>
/// Who may connect. Secrets that were right once are remembered as a keyed digest, so that a reconnecting device does not cost the slow
/// hash again; a changed secret in the register ends that. Thread-safe.
/// </summary>
public sealed class DeviceDirectory(IDeviceRegister register) : IDisposable
{
    /// <summary>Slow hashes that may run at once: the doors must not take all processors from the commits.</summary>
    private readonly SemaphoreSlim _slowHashes = new(Math.Max(1, Environment.ProcessorCount / 2));

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, (string StoredHash, byte[] Digest)> _verified = new(StringComparer.Ordinal);

    /// <summary>A hash that no secret of a real device belongs to, so that an unknown id costs what a wrong secret costs.</summary>
    private readonly Lazy<string> _decoy = new(() => DeviceSecret.Hash(Convert.ToHexString(RandomNumberGenerator.GetBytes(32))));

    private int _version;

    /// <summary>Counts up whenever the register changed; a connection that sees another number asks again.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Raised after <see cref="Version"/> counted up, on the thread that did it.</summary>
    internal event Action? VersionMoved;

    public void Changed()
    {
        Interlocked.Increment(ref _version);
        VersionMoved?.Invoke();
    }

    public Task<RegisteredDevice?> FindAsync(string deviceId, CancellationToken cancellationToken) => register.FindAsync(deviceId, cancellationToken);

    public Task<IReadOnlyList<RegisteredDevice>> AllAsync(CancellationToken cancellationToken) => register.AllAsync(cancellationToken);

    /// <returns>The device when this secret was right before and still is; null says nothing.</returns>
    public async Task<RegisteredDevice?> RecogniseAsync(string deviceId, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken) =>
        _verified.ContainsKey(deviceId) && await register.FindAsync(deviceId, cancellationToken) is { Device.Enabled: true } device
            && IsRemembered(device, HMACSHA256.HashData(_key, secret.Span))
            ? device
            : null;

    /// <returns>The device, or null when id or secret is wrong or the device is disabled; the caller is not told which.</returns>
    public async Task<RegisteredDevice?> AuthenticateAsync(string deviceId, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken)
    {
        var device = await register.FindAsync(deviceId, cancellationToken);
        var stored = device?.Device.SecretHash ?? _decoy.Value;
        var digest = HMACSHA256.HashData(_key, secret.Span);
        if (device is not null && IsRemembered(device, digest))
        {
            return device.Device.Enabled ? device : null;
        }

        bool right;
        await _slowHashes.WaitAsync(cancellationToken);
        try
        {
            right = DeviceSecret.Verify(secret.Span, stored);
        }
        finally
        {
            _slowHashes.Release();
        }

        if (device is null || !right)
            return null;
        _verified[deviceId] = (stored, digest);
        return device.Device.Enabled ? device : null;
    }

    private bool IsRemembered(RegisteredDevice device, byte[] digest) =>
        _verified.TryGetValue(device.Device.Id, out var known) && known.StoredHash == device.Device.SecretHash
        && CryptographicOperations.FixedTimeEquals(known.Digest, digest);

    public void Dispose() => _slowHashes.Dispose();
}
