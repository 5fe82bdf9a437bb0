using System.Security.Cryptography;
using Monitoring.Domain.Cases;

namespace Monitoring.Dashboard.Api;

/// <summary>Evidence photos as they come in: told by their first bytes, never by their name or stated type.</summary>
internal static class Photos
{
    public const int Most = 10;

    /// <summary>Media type by magic bytes, or null when it is none of JPEG, PNG, WebP.</summary>
    public static string? MediaTypeOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "image/png",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        _ => null,
    };

    public static EvidencePhoto Of(byte[] bytes, string mediaType) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)), mediaType, bytes);
}
