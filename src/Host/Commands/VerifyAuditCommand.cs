using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Monitoring.Domain.Audit;

namespace Monitoring.Host.Commands;

/// <summary>
/// <c>monitoring verify-audit FILE [--follows EARLIER]</c>: checks an exported audit trail without any database, and that it goes on from
/// what was exported or noted before.
/// </summary>
internal static partial class VerifyAuditCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Audit export, one JSON object a line." };
        var follows = new Option<string?>("--follows")
        {
            Description = "An earlier export, or SEQUENCE:HASH as the log notes it, that FILE must go on from.", HelpName = "FILE|N:HASH",
        };
        var command = new Command("verify-audit", "Checks the hash chain of an exported audit trail.") { file, follows };
        command.SetAction(parse => Verify(parse.GetRequiredValue(file), parse.GetValue(follows), Console.Out));
        return command;
    }

    /// <param name="follows">Path of an earlier export, or <c>N:HASH</c>; null when there is none.</param>
    /// <exception cref="BadInputException">A file cannot be read as an export.</exception>
    public static int Verify(FileInfo file, string? follows, TextWriter output)
    {
        (long Sequence, string Hash)? anchor = null;
        if (follows is not null && Note().Match(follows) is { Success: true } note)
        {
            if (!long.TryParse(note.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var noted) || noted == 0)
            {
                throw new BadInputException($"--follows is {follows}, but sequences begin at 1; copy it from the log as it is.");
            }

            anchor = (noted, note.Groups[2].Value.ToLowerInvariant());
        }
        else if (follows is not null)
        {
            var (earlier, fault) = Read(new FileInfo(follows), null);
            if (fault is not null)
            {
                output.WriteLine($"BROKEN in {follows}: {fault}");
                return ExitCodes.Failed;
            }

            anchor = (earlier!.Sequence, earlier.Hash);
        }

        var (last, broken) = Read(file, anchor);
        if (broken is not null)
        {
            output.WriteLine($"BROKEN {broken}");
            return ExitCodes.Failed;
        }

        output.WriteLine($"intact: {last!.Sequence} entries, last hash {last.Hash}{(anchor is { } from ? $", goes on from {from.Sequence}" : "")}");
        return ExitCodes.Done;
    }

    /// <summary>The last entry, or where the chain breaks.</summary>
    private static (ChainedAuditEntry? Last, string? Broken) Read(FileInfo file, (long Sequence, string Hash)? anchor)
    {
        if (!file.Exists)
        {
            throw new BadInputException($"There is no file {file.FullName}; give the path of an audit export.");
        }

        ChainedAuditEntry? last = null;
        var number = 0;
        foreach (var line in File.ReadLines(file.FullName))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            var (entry, fault) = AuditLines.Parse(line);
            if (entry is null)
            {
                throw new BadInputException($"Line {number} of {file.Name} cannot be read: {fault}; export the trail again.");
            }

            if (AuditChain.FirstBreak(last, [entry]) is { } broken)
            {
                return (null, $"at line {number}: {broken}");
            }

            if (anchor is { } noted && noted.Sequence == entry.Sequence && noted.Hash != entry.Hash)
            {
                return (null, $"at line {number}: entry {entry.Sequence} is not the one that was noted before; the trail was written anew.");
            }

            last = entry;
        }

        if (last is null)
        {
            throw new BadInputException($"{file.Name} holds no entries; export the trail again.");
        }

        return anchor is { Sequence: var least } && last.Sequence < least
            ? (null, $"at the end: the trail ends at {last.Sequence}, but it reached {least} before; its end was cut off.")
            : (last, null);
    }

    [GeneratedRegex("^([0-9]{1,19}):([0-9a-fA-F]{64})$")]
    private static partial Regex Note();
}
