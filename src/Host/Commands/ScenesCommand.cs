using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Intake;
using Monitoring.Host.Configuration;
using Monitoring.Host.Local;
using Monitoring.Ingest.Scenes;
using Monitoring.Storage;

namespace Monitoring.Host.Commands;

/// <summary><c>monitoring scenes add SCENE…</c>.</summary>
internal static class ScenesCommand
{
    public static Command Create()
    {
        var scenes = new Argument<string[]>("SCENE")
        {
            Description = "Raster file, VRT, STAC Item, Collection or Catalog, Sentinel-2 or Landsat product (folder, .zip, .tar), or folder of one-band files.",
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
            var catalogues = new StacCatalogueReader(settings.SceneOptions);
            foreach (var scene in parse.GetRequiredValue(scenes).SelectMany(s => Items(catalogues, s, cancellationToken)))
            {
                var result = scene.Problem is { } problem
                    ? new SceneIntakeResult(null, false, problem)
                    : await RunAsync(settings, scene.Path, acquired, cancellationToken);
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

    /// <summary>The scene itself, or all Items of a catalogue.</summary>
    private static IEnumerable<(string Path, string? Problem)> Items(StacCatalogueReader catalogues, string scene, CancellationToken cancellationToken)
    {
        var path = IsAddress(scene) ? scene : Path.GetFullPath(scene);
        if (!catalogues.IsCatalogue(path))
            return [(path, null)];
        var reading = catalogues.Read(path, cancellationToken);
        return reading.Problem is { } problem ? [(path, problem)] : reading.Items.Select(i => (i, (string?)null));
    }

    internal static bool IsAddress(string scene) => scene.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || scene.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

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
