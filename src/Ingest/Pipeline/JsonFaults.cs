using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Monitoring.Ingest.Pipeline;

/// <summary>Words for what is wrong with JSON.</summary>
internal static class JsonFaults
{
    /// <summary>What .NET's JSON types throw <see cref="InvalidOperationException"/> for when a name or string is unescaped.</summary>
    public const string HalfCharacter = "The text holds half a character (a lone \\uD800 to \\uDFFF escape) in a name; send whole characters.";

    private const int ShownBytes = 64;

    /// <summary>One sentence for text that is no JSON, with the place counted from 1.</summary>
    public static string Sentence(JsonException problem)
    {
        // The reader's own message ends with "LineNumber: … | BytePositionInLine: …", which says the place once more.
        var cut = problem.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var what = (cut < 0 ? problem.Message : problem.Message[..cut]).TrimEnd('.');
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The text is not valid JSON at line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1}: {Clean(what)}; send well-formed JSON (RFC 8259).");
    }

    public static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> text) =>
        text.Span.StartsWith("\uFEFF"u8) ? text[3..] : text;

    /// <summary>The string under the reader, or null when it holds half a character.</summary>
    public static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate escape: JSON's grammar allows it, no text does.
            return null;
        }
    }

    public static string Name(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        JsonTokenType.Null => "null",
        _ => "empty",
    };

    public static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.Null => "null",
        _ => "missing",
    };

    /// <summary>The scalar under the reader as a sentence may repeat it: cut, control characters replaced.</summary>
    public static string Show(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
            return Name(reader.TokenType);
        var raw = reader.ValueSpan;
        var cut = raw.Length > ShownBytes;
        var text = Clean(Encoding.UTF8.GetString(cut ? raw[..ShownBytes] : raw)) + (cut ? "…" : "");
        return reader.TokenType == JsonTokenType.String ? $"\"{text}\"" : text;
    }

    public static string Clean(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;
}
