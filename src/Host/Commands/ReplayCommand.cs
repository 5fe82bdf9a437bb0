using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Host.Configuration;
using Monitoring.Host.Local;
using Monitoring.Ingest.Replay;
using Monitoring.Storage;

namespace Monitoring.Host.Commands;

/// <summary><c>monitoring replay FILE…</c>.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Recorded device messages, one JSON object a line.", Arity = ArgumentArity.OneOrMore };
        var data = CommonOptions.Data();
        var command = new Command("replay", "Takes recorded device messages as if the devices sent them now.") { files, data };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = SettingsLoader.Load(parse.GetValue(data), new Dictionary<string, string?>());
            var left = 0;
            foreach (var file in parse.GetRequiredValue(files).Select(Path.GetFullPath))
            {
                if (!File.Exists(file))
                {
                    throw new BadInputException($"There is no file {file}; give the path of a replay file.");
                }

                var summary = await RunAsync(settings, file, cancellationToken);
                foreach (var problem in summary.Problems)
                {
                    await Console.Error.WriteLineAsync($"monitoring: {problem}");
                }

                Console.WriteLine($"{Path.GetFileName(file)}: {summary.Taken} messages taken, {summary.Problems.Count} lines left out, {summary.NotTaken} not stored");
                left += summary.Problems.Count;
                if (summary.NotTaken > 0)
                {
                    return ExitCodes.Failed;
                }
            }

            return left == 0 ? ExitCodes.Done : ExitCodes.BadInput;
        });
        return command;
    }

    private static async Task<ReplaySummary> RunAsync(HostSettings settings, string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var rooms = Rooms.WithoutLoops(settings);
            return await rooms.GetRequiredService<ReplayDoor>().ReplayAsync(file, cancellationToken);
        }
        catch (DataDirectoryInUseException held)
        {
            return await LocalClient.ReplayAsync(settings.Data, held, file, cancellationToken);
        }
    }
}
