using System.Text;

namespace Monitoring.Ingest.Scenes.Products;

/// <summary>
/// Names in a ZIP file. One that is not flagged as UTF-8 is of code page 437 by the standard (APPNOTE appendix D), and so GDAL takes it; but who packs under Linux or macOS writes
/// UTF-8 all the same, and under Chinese Windows GBK. So a name has two forms: what GDAL opens, and what people read.
/// </summary>
internal static class ZipName
{
    private static readonly Encoding Strict = new UTF8Encoding(false, throwOnInvalidBytes: true);

    private static readonly Encoding Gbk = CodePagesEncodingProvider.Instance.GetEncoding(936, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    /// <summary>What names without the flag are written in; no byte is lost by it.</summary>
    public static Encoding Unflagged { get; } = CodePagesEncodingProvider.Instance.GetEncoding(437, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    /// <summary>A name, read by <see cref="Unflagged"/> or flagged as UTF-8, as people read it.</summary>
    public static string Shown(string name)
    {
        if (Ascii.IsValid(name))
            return name;
        byte[] bytes;
        try
        {
            bytes = Unflagged.GetBytes(name);
        }
        catch (EncoderFallbackException)
        {
            return name; // Of other letters than those of the code page: it was flagged.
        }

        foreach (var encoding in new[] { Strict, Gbk })
        {
            try
            {
                return encoding.GetString(bytes);
            }
            catch (DecoderFallbackException)
            {
                // Not in this one.
            }
        }

        return name;
    }
}
