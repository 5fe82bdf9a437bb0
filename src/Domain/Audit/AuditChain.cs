using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Monitoring.Domain.Audit;

/// <summary>The hash chain of docs/formats/audit.md.</summary>
public static class AuditChain
{
    /// <summary>Previous hash of the first entry.</summary>
    public const string Genesis = "0000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>
    /// SHA-256, lower-case hex, over: previous hash, sequence, time, actor, action, subject, details; each as UTF-8 with its length in
    /// bytes before it as a 4-byte little-endian integer. The time is ISO 8601 UTC with seven decimals and Z; the sequence is decimal.
    /// </summary>
    public static string HashOf(string previousHash, long sequence, AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, previousHash);
        Append(hash, sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Append(hash, TimeText(entry.At));
        Append(hash, entry.Actor);
        Append(hash, entry.Action);
        Append(hash, entry.Subject);
        Append(hash, entry.Details);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The time as the hash and the export write it.</summary>
    public static string TimeText(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The entry chained behind <paramref name="previous"/> (null = first).</summary>
    public static ChainedAuditEntry Chain(ChainedAuditEntry? previous, AuditEntry entry)
    {
        var sequence = (previous?.Sequence ?? 0) + 1;
        var previousHash = previous?.Hash ?? Genesis;
        return new ChainedAuditEntry(sequence, entry, previousHash, HashOf(previousHash, sequence, entry));
    }

    /// <summary>One sentence about the first break in a run of entries that should follow <paramref name="previous"/>, or null.</summary>
    public static string? FirstBreak(ChainedAuditEntry? previous, IEnumerable<ChainedAuditEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (var entry in entries)
        {
            var expectedSequence = (previous?.Sequence ?? 0) + 1;
            if (entry.Sequence != expectedSequence)
            {
                return $"Entry {expectedSequence} is missing: after it should come {expectedSequence}, but {entry.Sequence} follows.";
            }

            if (entry.PreviousHash != (previous?.Hash ?? Genesis))
            {
                return $"Entry {entry.Sequence} does not follow the entry before it: its previous hash differs.";
            }

            if (entry.Hash != HashOf(entry.PreviousHash, entry.Sequence, entry.Entry))
            {
                return $"Entry {entry.Sequence} was changed: its hash does not fit its content.";
            }

            previous = entry;
        }

        return null;
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
