using System.CommandLine;
using Monitoring.Ingest.Plans;

namespace Monitoring.Host.Commands;

/// <summary><c>monitoring export patches --batch B --out FILE</c>.</summary>
internal static class ExportCommand
{
    public static Command Create() => new("export", "Writes results for those who asked for them.") { Patches() };

    private static Command Patches()
    {
        var batch = new Option<string>("--batch") { Description = "The batch as it was pushed.", Required = true };
        var to = new Option<string>("--out") { Description = "GeoJSON file to write.", Required = true };
        var data = CommonOptions.Data();
        var command = new Command("patches", "Results of a batch of pushed patches, under the numbers they came with.") { batch, to, data };
        command.SetAction((parse, cancellationToken) => MapCommand.AskAsync(
            parse.GetValue(data), new RegisterQuery("export-patches") { Batch = parse.GetRequiredValue(batch), Out = Path.GetFullPath(parse.GetRequiredValue(to)) }, cancellationToken));
        return command;
    }
}
