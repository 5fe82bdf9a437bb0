using System.Text;

namespace Monitoring.Storage.DuckDb;

/// <summary>
/// Text as the file holds it. DuckDB's appender ends a string at U+0000, and UTF-8 has no lone surrogates: without care two
/// different categories could become one.
/// </summary>
internal static class StoredText
{
    /// <summary>Backslash becomes <c>\\</c>, U+0000 becomes <c>\0</c>, a lone surrogate becomes U+FFFD.</summary>
    public static string Encode(string text)
    {
        if (text.AsSpan().IndexOfAny('\\', '\0') >= 0)
        {
            text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\0", "\\0", StringComparison.Ordinal);
        }

        foreach (var character in text)
        {
            if (char.IsSurrogate(character))
            {
                return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            }
        }

        return text;
    }

    /// <summary>The text that <see cref="Encode"/> was given (lone surrogates stay U+FFFD).</summary>
    public static string Decode(string stored)
    {
        if (!stored.Contains('\\', StringComparison.Ordinal))
        {
            return stored;
        }

        var text = new StringBuilder(stored.Length);
        for (var i = 0; i < stored.Length; i++)
        {
            if (stored[i] == '\\' && i + 1 < stored.Length)
            {
                i++;
                text.Append(stored[i] == '0' ? '\0' : stored[i]);
            }
            else
            {
                text.Append(stored[i]);
            }
        }

        return text.ToString();
    }

    /// <summary>Text that only people read: U+0000 is shown as U+2400.</summary>
    public static string Readable(string text) => text.Replace('\0', '\u2400');
}
