namespace Monitoring.Ingest.Pipeline;

/// <summary>
/// Instants as RFC 3339 writes them: <c>2026-05-01T08:00:00.123+08:00</c>. The zone may also be <c>+0800</c> or <c>+08</c>, the
/// separator a space or lower-case letters. Fractions finer than 100 ns are cut. Nothing is assumed: no zone is a fault.
/// </summary>
public static class Iso8601
{
    /// <summary>Reads an instant from ASCII bytes.</summary>
    public static Iso8601Fault Parse(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':'
            || text[10] is not ((byte)'T' or (byte)'t' or (byte)' '))
        {
            return Iso8601Fault.NotATime;
        }

        if (!Digits(text[..4], out var year) || !Digits(text[5..7], out var month) || !Digits(text[8..10], out var day)
            || !Digits(text[11..13], out var hour) || !Digits(text[14..16], out var minute) || !Digits(text[17..19], out var second))
        {
            return Iso8601Fault.NotATime;
        }

        var rest = text[19..];
        long fractionTicks = 0;
        if (rest.Length > 0 && (rest[0] == '.' || rest[0] == ','))
        {
            var digits = 1;
            long unit = TimeSpan.TicksPerSecond / 10;
            for (; digits < rest.Length && char.IsAsciiDigit((char)rest[digits]); digits++)
            {
                fractionTicks += (rest[digits] - '0') * unit;
                unit /= 10;
            }

            if (digits == 1)
                return Iso8601Fault.NotATime;
            rest = rest[digits..];
        }

        if (month is < 1 or > 12 || year < 1 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return Iso8601Fault.NoSuchTime;
        if (rest.IsEmpty)
            return Iso8601Fault.NoZone;
        if (!Zone(rest, out var offsetMinutes))
            return Iso8601Fault.NotATime;
        if (Math.Abs(offsetMinutes) > 14 * 60)
            return Iso8601Fault.NoSuchTime;

        var ticks = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Unspecified).Ticks + fractionTicks
            - (offsetMinutes * TimeSpan.TicksPerMinute);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
            return Iso8601Fault.NoSuchTime;
        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return Iso8601Fault.None;
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, out DateTimeOffset)"/>
    public static Iso8601Fault Parse(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        Span<byte> ascii = stackalloc byte[64];
        time = default;
        if (text.Length > ascii.Length || System.Text.Ascii.FromUtf16(text, ascii, out var written) != System.Buffers.OperationStatus.Done)
            return Iso8601Fault.NotATime;
        return Parse(ascii[..written], out time);
    }

    private static bool Zone(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.Length == 1 && (text[0] | 0x20) == 'z')
            return true;
        if (text.Length < 3 || text[0] is not ((byte)'+' or (byte)'-') || !Digits(text[1..3], out var hours))
            return false;
        var rest = text[3..];
        if (rest.Length > 0 && rest[0] == ':')
            rest = rest[1..];
        else if (rest.Length is not (0 or 2))
            return false;
        var extra = 0;
        if ((text.Length > 3 && rest.Length != 2) || (rest.Length == 2 && !Digits(rest, out extra)) || extra > 59)
            return false;
        minutes = ((hours * 60) + extra) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit((char)c))
                return false;
            value = (value * 10) + (c - '0');
        }

        return true;
    }
}

/// <summary>What is wrong with a time.</summary>
public enum Iso8601Fault
{
    None,

    /// <summary>Not of the form at all.</summary>
    NotATime,

    /// <summary>Of the form, but no such day, hour or zone exists (a leap second too: the service's time scale has none).</summary>
    NoSuchTime,

    NoZone,
}
