namespace Monitoring.Host;

/// <summary>Exit codes of every command.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>One sentence on standard error says what, where and how to mend.</summary>
    public const int BadInput = 2;

    public const int Failed = 3;
}

/// <summary>Input a command cannot work with; the message is the one sentence people read.</summary>
internal sealed class BadInputException(string message) : Exception(message);
