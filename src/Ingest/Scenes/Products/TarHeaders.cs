using System.Buffers.Text;
using System.Globalization;

namespace Monitoring.Ingest.Scenes.Products;

/// <summary>
/// Walks the headers of a TAR file before it is read: the runtime's reader takes memory for a block of names or attributes by the size that its header
/// declares. Holds one such block at most. Format: POSIX.1-2001 pax with the extensions of GNU tar.
/// </summary>
internal static class TarHeaders
{
    /// <summary>Bytes of a block of names or attributes; real ones have some hundred.</summary>
    public const int MaxBlockBytes = 1 << 20;

    private const int HeaderBytes = 512;

    /// <summary>An entry has at most a name, a link's name and attributes before it.</summary>
    private const int MostHeaders = 4 * ProductFiles.MaxFiles;

    /// <returns>False when it holds more headers than a product does.</returns>
    /// <exception cref="InvalidDataException">A block of names or attributes is too large, or a header is damaged.</exception>
    /// <exception cref="EndOfStreamException">It was cut off.</exception>
    public static bool Walk(FileStream file)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        long? stated = null;
        for (long at = 0, seen = 0; at <= file.Length - HeaderBytes; seen++)
        {
            if (seen == MostHeaders)
                return false;
            file.Seek(at, SeekOrigin.Begin);
            file.ReadExactly(header);
            if (!header.ContainsAnyExcept((byte)0))
                return true;
            var kind = (char)header[156];
            var size = SizeOf(header[124..136]);
            if (kind is 'x' or 'g' or 'L' or 'K')
            {
                if (size > MaxBlockBytes)
                    throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"A header in it declares {size} bytes of names or attributes; at most {MaxBlockBytes} are read."));
                if (kind == 'x')
                    stated = StatedSize(file, (int)size);
            }
            else
            {
                (size, stated) = (stated ?? size, null);
            }

            if (size < 0 || size > file.Length - at - HeaderBytes)
                throw new EndOfStreamException("It was cut off.");
            at += HeaderBytes + ((size + HeaderBytes - 1) / HeaderBytes * HeaderBytes);
        }

        return true;
    }

    /// <summary>Octal digits, or a number of base 256 where the first bit is set.</summary>
    private static long SizeOf(ReadOnlySpan<byte> field)
    {
        long size = 0;
        if ((field[0] & 0x80) != 0)
        {
            for (var i = 0; i < field.Length; i++)
            {
                if (size > long.MaxValue >> 8)
                    throw new InvalidDataException("A header in it declares a size that no file has.");
                size = (size << 8) | (byte)(i == 0 ? field[0] & 0x7F : field[i]);
            }

            return size;
        }

        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
                throw new InvalidDataException("A header in it declares a size that is no number.");
            size = (size * 8) + (digit - '0');
        }

        return size;
    }

    /// <summary>The attribute size of the entry that follows; files over 8 GiB have it.</summary>
    private static long? StatedSize(FileStream file, int bytes)
    {
        var block = new byte[bytes];
        file.ReadExactly(block);
        long? size = null;
        for (var rest = block.AsSpan(); rest.Length > 0;)
        {
            // "27 size=123\n": the length of the record, itself included.
            if (!Utf8Parser.TryParse(rest, out int length, out var digits) || length <= digits || length > rest.Length)
                return size;
            var record = rest[digits..length].Trim(" \n"u8);
            if (record.StartsWith("size="u8) && Utf8Parser.TryParse(record[5..], out long value, out _))
                size = value;
            rest = rest[length..];
        }

        return size;
    }
}
