using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Intake;
using Monitoring.Host.Configuration;
using Monitoring.Host.Local;
using Monitoring.Storage;

namespace Monitoring.Host.Commands;

/// <summary><c>monitoring import KIND FILE</c>.</summary>
internal static class ImportCommand
{
    private static readonly Dictionary<string, ImportKind> Kinds = new(StringComparer.Ordinal)
    {
        ["regions"] = ImportKind.Regions,
        ["control-lines"] = ImportKind.ControlLines,
        ["permits"] = ImportKind.Permits,
        ["parcels"] = ImportKind.Parcels,
        ["devices"] = ImportKind.Devices,
    };

    public static Command Create()
    {
        var kind = new Argument<string>("KIND") { Description = string.Join(" | ", Kinds.Keys) };
        var file = new Argument<string>("FILE") { Description = "GeoPackage, GeoJSON, Shapefile, FileGDB …; for devices a JSON file." };
        var effective = CommonOptions.Date("--effective", "First day in force of features that do not say it themselves.");
        var layer = new Option<string?>("--layer") { Description = "Layer within the file, when it has several." };
        var crs = new Option<string?>("--crs") { Description = "CRS of the coordinates, over what the file says; for example EPSG:4525." };
        var map = new Option<string[]>("--map") { Description = "Which column holds a field; may be repeated.", HelpName = "field=column", AllowMultipleArgumentsPerToken = true };
        var data = CommonOptions.Data();
        var command = new Command("import", "Takes a file into the versioned registers, whole or not at all.") { kind, file, effective, layer, crs, map, data };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var request = new ImportRequest
            {
                Kind = Kinds.TryGetValue(parse.GetRequiredValue(kind), out var known)
                    ? known
                    : throw new BadInputException($"There is no kind \"{parse.GetValue(kind)}\" to import; the kinds are {string.Join(", ", Kinds.Keys)}."),
                Path = Path.GetFullPath(parse.GetRequiredValue(file)),
                Effective = CommonOptions.ParseDate("--effective", parse.GetValue(effective)),
                Layer = parse.GetValue(layer),
                Crs = parse.GetValue(crs),
                Map = FieldMap(parse.GetValue(map) ?? []),
                Actor = CommonOptions.Actor,
            };
            var settings = SettingsLoader.Load(parse.GetValue(data), new Dictionary<string, string?>());
            var result = await RunAsync(settings, request, cancellationToken);
            foreach (var problem in result.Problems)
            {
                await Console.Error.WriteLineAsync(result.Accepted ? $"note: {problem}" : $"monitoring: {problem}");
            }

            if (!result.Accepted)
            {
                return ExitCodes.BadInput;
            }

            Console.WriteLine(result.Version is { } version
                ? $"{parse.GetValue(kind)}: {result.Features} taken, map version {version}"
                : $"{parse.GetValue(kind)}: {result.Features} {(request.Kind is ImportKind.Devices ? "taken" : "read, nothing changed")}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<ImportResult> RunAsync(HostSettings settings, ImportRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await using var rooms = Rooms.WithoutLoops(settings);
            return await rooms.GetRequiredService<IRegisterImport>().ImportAsync(request, cancellationToken);
        }
        catch (DataDirectoryInUseException held)
        {
            return await LocalClient.ImportAsync(settings.Data, held, request, cancellationToken);
        }
    }

    private static Dictionary<string, string> FieldMap(string[] pairs)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || at == pair.Length - 1)
            {
                throw new BadInputException($"--map takes field=column; \"{pair}\" is not of that form.");
            }

            map[pair[..at]] = pair[(at + 1)..];
        }

        return map;
    }
}
