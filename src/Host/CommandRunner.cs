using System.CommandLine;

namespace Monitoring.Host;

/// <summary>Runs a command line and turns what it throws into one sentence and an exit code.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parse = root.Parse(args);
        if (parse.Errors.Count > 0)
        {
            var fault = parse.UnmatchedTokens is [var unknown, ..] ? $"\"{unknown}\" is no command or option here." : parse.Errors[0].Message;
            await Console.Error.WriteLineAsync($"monitoring: {fault} See `monitoring {string.Join(' ', CommandPath(parse))}--help`.");
            return ExitCodes.BadInput;
        }

        if (EmptyValue(parse) is { } place)
        {
            await Console.Error.WriteLineAsync($"monitoring: {place} is empty; give a value, or leave it out.");
            return ExitCodes.BadInput;
        }

        using var stop = new CancellationTokenSource();
        try
        {
            return await parse.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, stop.Token);
        }
        catch (BadInputException fault)
        {
            await Console.Error.WriteLineAsync($"monitoring: {fault.Message}");
            return ExitCodes.BadInput;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("monitoring: stopped before it was done.");
            return ExitCodes.Failed;
        }
#pragma warning disable CA1031 // The last line of defence: people get a sentence, the cause goes with it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            await Console.Error.WriteLineAsync($"monitoring: failed: {fault.Message}");
            if (Environment.GetEnvironmentVariable("MONITORING__LogLevel") is "Debug" or "Verbose")
            {
                await Console.Error.WriteLineAsync(fault.ToString());
            }

            return ExitCodes.Failed;
        }
    }

    /// <summary>The option or argument that was given as an empty text, as scripts do whose variable is not set; null when none is.</summary>
    private static string? EmptyValue(ParseResult parse)
    {
        for (var i = 0; i < parse.Tokens.Count; i++)
        {
            if (parse.Tokens[i].Value.Length == 0)
                return i > 0 && parse.Tokens[i - 1].Value.StartsWith("--", StringComparison.Ordinal) ? parse.Tokens[i - 1].Value : "an argument";
        }

        return null;
    }

    private static IEnumerable<string> CommandPath(ParseResult parse)
    {
        for (var command = parse.CommandResult; command is not null; command = command.Parent as System.CommandLine.Parsing.CommandResult)
        {
            if (command.Command is not RootCommand)
            {
                yield return command.Command.Name + " ";
            }
        }
    }
}
