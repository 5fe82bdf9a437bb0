using System.Buffers.Binary;

namespace Monitoring.Fuzz;

/// <summary>Seeded damage to binary files: bits, integers at their limits, cuts, repeats. The same seed and round give the same bytes.</summary>
internal static class RasterMutations
{
    private static readonly uint[] Limits = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFFE, 1_000_000];

    public static byte[] Make(byte[] sound, int seed, int round)
    {
#pragma warning disable CA5394 // Seeded, so that a failure can be replayed; nothing secret is made of it.
        var random = new Random(unchecked((seed * 486_187_739) + round));
        var bytes = (byte[])sound.Clone();

        // Headers lie at the start or the end: most damage goes there.
        for (var damages = random.Next(1, 12); damages > 0 && bytes.Length > 8; damages--)
        {
            var at = random.Next(3) switch { 0 => random.Next(Math.Min(512, bytes.Length - 4)), 1 => bytes.Length - 4 - random.Next(Math.Min(512, bytes.Length - 4)), _ => random.Next(bytes.Length - 4) };
            var limit = Limits[random.Next(Limits.Length)];
            switch (random.Next(9))
            {
                case 0 or 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 3:
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)limit);
                    break;
                case 4:
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), limit);
                    break;
                case 5:
                    BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), limit);
                    break;
                case 6:
                    Array.Fill(bytes, (byte)random.Next(256), at, Math.Min(random.Next(1, 64), bytes.Length - at));
                    break;
                case 7:
                    var from = random.Next(bytes.Length - 4);
                    Array.Copy(bytes, from, bytes, at, Math.Min(random.Next(1, 64), bytes.Length - Math.Max(from, at)));
                    break;
                case 8 when random.Next(4) == 0:
                    bytes = bytes[..at];
                    break;
            }
        }
#pragma warning restore CA5394
        return bytes;
    }
}
