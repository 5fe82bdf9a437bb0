using System.CommandLine;
using Monitoring.Domain.Audit;

namespace Monitoring.Host.Commands;

/// <summary><c>monitoring verify-audit FILE</c>: checks an exported audit trail without any database.</summary>
internal static class VerifyAuditCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Audit export, one JSON object a line." };
        var command = new Command("verify-audit", "Checks the hash chain of an exported audit trail.") { file };
        command.SetAction(parse => Verify(parse.GetRequiredValue(file), Console.Out));
        return command;
    }

    public static int Verify(FileInfo file, TextWriter output)
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
                output.WriteLine($"BROKEN at line {number}: {broken}");
                return ExitCodes.Failed;
            }

            last = entry;
        }

        if (last is null)
        {
            throw new BadInputException($"{file.Name} holds no entries; export the trail again.");
        }

        output.WriteLine($"intact: {last.Sequence} entries, last hash {last.Hash}");
        return ExitCodes.Done;
    }
}
