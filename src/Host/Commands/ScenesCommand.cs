using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Intake;
using Monitoring.Host.Configuration;
using Monitoring.Host.Local;
using Monitoring.Storage;

namespace Monitoring.Host.Commands;

/// <summary><c>monitoring scenes add SCENE…</c>.</summary>
internal static class ScenesCommand
{
    public static Command Create()
    {
        var scenes = new Argument<string[]>("SCENE")
        {
            Description = "Raster file, VRT, STAC Item JSON, or folder of one-band files.",
            Arity = ArgumentArity.OneOrMore,
        };
        var date = CommonOptions.Date("--date", "Acquisition day of the scenes, over what they say.");
        var data = CommonOptions.Data();
        var add = new Command("add", "Takes scenes into the catalogue.") { scenes, date, data };
        add.SetAction(async (parse, cancellationToken) =>
        {
            var acquired = CommonOptions.Noon(CommonOptions.ParseDate("--date", parse.GetValue(date)));
            var settings = SettingsLoader.Load(parse.GetValue(data), new Dictionary<string, string?>());
            var refused = 0;
            foreach (var scene in parse.GetRequiredValue(scenes))
            {
                var result = await RunAsync(settings, Path.GetFullPath(scene), acquired, cancellationToken);
                if (result.SceneId is { } id)
                {
                    Console.WriteLine($"{id}: {(result.AlreadyThere ? "already there" : "taken")}");
                }
                else
                {
                    refused++;
                    await Console.Error.WriteLineAsync($"monitoring: {result.Problem}");
                }
            }

            return refused == 0 ? ExitCodes.Done : ExitCodes.BadInput;
        });
        return new Command("scenes", "The catalogue of scenes.") { add };
    }

    private static async Task<SceneIntakeResult> RunAsync(HostSettings settings, string path, DateTimeOffset? acquired, CancellationToken cancellationToken)
    {
        try
        {
            await using var rooms = Rooms.WithoutLoops(settings);
            return await rooms.GetRequiredService<ISceneIntake>().AddAsync(path, CommonOptions.Actor, acquired, cancellationToken);
        }
        catch (DataDirectoryInUseException held)
        {
            return await LocalClient.AddSceneAsync(settings.Data, held, path, CommonOptions.Actor, acquired, cancellationToken);
        }
    }
}
