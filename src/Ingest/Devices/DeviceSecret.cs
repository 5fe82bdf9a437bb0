using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Monitoring.Ingest.Devices;

/// <summary>
/// Device secrets as the register keeps them: PBKDF2 with HMAC-SHA256 (RFC 8018) over a 16-byte random salt, written
/// <c>pbkdf2-sha256$iterations$salt$hash</c> with base64. The secret itself is never stored.
/// </summary>
/// <remarks>
/// Device secrets are drawn by machines and long, unlike passwords, so the count is chosen for thousands of devices that reconnect
/// after an outage rather than for a guessable word; the count is part of the text, so it can be raised for new secrets at any time.
/// </remarks>
public static class DeviceSecret
{
    /// <summary>Shortest secret that an import takes, in characters.</summary>
    public const int MinLength = 8;

    /// <summary>Longest secret in characters; MQTT could carry 65 535 bytes.</summary>
    public const int MaxLength = 256;

    private const string Scheme = "pbkdf2-sha256";
    private const int Iterations = 20_000;
    private const int MaxIterations = 10_000_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>The text to keep for a secret; another salt each time.</summary>
    public static string Hash(string secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Scheme}${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(Encoding.UTF8.GetBytes(secret), salt, Iterations))}");
    }

    /// <summary>Compares in constant time. A text of another scheme fits no secret.</summary>
    public static bool Verify(ReadOnlySpan<byte> secret, string stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var parts = stored.Split('$');
        if (parts.Length != 4 || parts[0] != Scheme
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations is < 1 or > MaxIterations)
        {
            return false;
        }

        Span<byte> salt = stackalloc byte[64];
        Span<byte> hash = stackalloc byte[HashBytes];
        return Convert.TryFromBase64String(parts[2], salt, out var saltLength)
            && Convert.TryFromBase64String(parts[3], hash, out var hashLength) && hashLength == HashBytes
            && CryptographicOperations.FixedTimeEquals(Derive(secret, salt[..saltLength], iterations), hash);
    }

    private static byte[] Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(secret, salt, iterations, HashAlgorithmName.SHA256, HashBytes);
}
