using System.Security.Cryptography;
using System.Text;

namespace Monitoring.Domain.Findings;

/// <summary>Deterministic identities: SHA-256 over the parts, each with its length, in lower-case hex cut to 32 characters.</summary>
public static class FindingId
{
    /// <param name="parts">Everything that makes the thing what it is, in a fixed order. A null part differs from an empty one.</param>
    public static string Of(params ReadOnlySpan<string?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            var bytes = part is null ? [] : Encoding.UTF8.GetBytes(part);
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(length, part is null ? -1 : bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
