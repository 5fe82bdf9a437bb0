using System.Globalization;

namespace Monitoring.Storage.DuckDb;

/// <summary>Puts a failure of the database file into one sentence: what, where, how to mend.</summary>
internal static class DuckDbFailure
{
    /// <param name="act">What could not be done to the file: opened, read, written.</param>
    public static string Sentence(string path, string act, Exception failure)
    {
        var said = failure.Message.ReplaceLineEndings(" ").Trim();
        var mend = said switch
        {
            _ when Has("No space left") || Has("disk full") => "free space on the disk; the store goes on by itself",
            _ when Has("lock on file") => "another process has it open: end that one first",
            _ when Has("valid DuckDB database file") || Has("corrupt") || Has("checksum") || Has("Checksum") || Has("deserialize")
                => "the file is damaged: move it (and the .wal file beside it) away and restore it from a backup",
            _ when Has("ermission denied") => "give this user the right to read and write it",
            _ => "see the log; when it stays so, check the disk and restart",
        };
        return string.Create(CultureInfo.InvariantCulture, $"The observation store {path} could not be {act} ({Cut(said)}): {mend}.");

        bool Has(string words) => said.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    private static string Cut(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
