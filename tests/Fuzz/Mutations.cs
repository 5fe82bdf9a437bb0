using System.Text;

namespace Monitoring.Fuzz;

/// <summary>Seeded damage to well-formed input. The same seed and round give the same bytes.</summary>
internal sealed class Mutations(int seed)
{
    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "null", "true", "false", "0", "-1", "1e999", "-0", "1E-400", "99999999999999999999", "0.1", "NaN", "\\u0000", "\\ud800",
            "\\udc00", "\\u0022", "\"\\ud83d\\ude9c\"", "\"2026-05-01T08:00:00+08:00\"", "\"2026-05-01T08:00:00\"", "\"9999-12-31T23:59:59-14:00\"", "\"0001-01-01T00:00:00+14:00\"",
            "\"observations\"", "\"datastream\"", "\"time\"", "\"result\"", "\"seq\"", "\"quality\"", "\"bands\":", "\"assets\":", "\"things\":", "\"devices\":", "\"datastreams\":",
            "\uFEFF", "工地", " ", "\n", "\t", "/*x*/", "//", "\u2028",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0x00], [0xF0, 0x9F],
    ];

    /// <summary>One to eight damages to one of the seeds.</summary>
    public byte[] Make(IReadOnlyList<byte[]> seeds, int round)
    {
        var random = new Random(HashCode(seed, round));
        var bytes = new List<byte>(seeds[random.Next(seeds.Count)]);
        for (var damages = random.Next(1, 9); damages > 0; damages--)
            Damage(bytes, random, seeds);
        return [.. bytes];
    }

    private static void Damage(List<byte> bytes, Random random, IReadOnlyList<byte[]> seeds)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(random.Next(1, 24), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                break;
            case 3:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                bytes.RemoveRange(at, length);
                bytes.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                break;
            case 6:
                ReplaceValue(bytes, Tokens[random.Next(Tokens.Length)], at);
                break;
            default:
                var other = seeds[random.Next(seeds.Count)];
                var from = random.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(40, other.Length - from)).ToArray());
                break;
        }
    }

    /// <summary>Another value for a member, so that well-formed input of the wrong type is met often.</summary>
    private static void ReplaceValue(List<byte> bytes, byte[] value, int at)
    {
        var colon = at < bytes.Count ? bytes.IndexOf((byte)':', at) : -1;
        if (colon < 0)
            return;
        var end = bytes.FindIndex(colon + 1, static b => b is (byte)',' or (byte)'}' or (byte)']');
        bytes.RemoveRange(colon + 1, (end < 0 ? bytes.Count : end) - colon - 1);
        bytes.InsertRange(colon + 1, value);
    }

    /// <summary>Stable over runs, unlike <see cref="System.HashCode"/>.</summary>
    private static int HashCode(int seed, int round)
    {
        unchecked
        {
            var mixed = ((uint)seed * 2654435761u) ^ ((uint)round * 2246822519u);
            mixed ^= mixed >> 15;
            return (int)(mixed * 3266489917u & 0x7FFF_FFFF);
        }
    }
}
