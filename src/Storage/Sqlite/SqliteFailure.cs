using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Monitoring.Storage.Sqlite;

/// <summary>Puts a failure of the register file into one sentence: what, where, how to mend.</summary>
internal static class SqliteFailure
{
    /// <summary>SQLITE_CONSTRAINT: the data is at fault, not the store.</summary>
    public const int Constraint = 19;

    private const int Busy = 5;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CantOpen = 14;
    private const int NotADatabase = 26;

    public static string Sentence(string path, string act, Exception failure)
    {
        var mend = failure is SqliteException { SqliteErrorCode: var code }
            ? code switch
            {
                Full => "free space on the disk",
                Busy => "another process has it open: end that one first",
                ReadOnly or CantOpen => "give this user the right to read and write it and its folder",
                Corrupt or NotADatabase => "the file is damaged: move it (and the -wal and -shm files beside it) away and restore it from a backup",
                InputOutput => "check the disk and its free space",
                _ => "see the log; when it stays so, check the disk and restart",
            }
            : "give this user the right to read and write it and its folder";
        return string.Create(CultureInfo.InvariantCulture, $"The register {path} could not be {act} ({failure.Message.ReplaceLineEndings(" ").Trim()}): {mend}.");
    }
}
