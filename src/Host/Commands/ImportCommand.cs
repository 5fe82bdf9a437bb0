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
        ["plan"] = ImportKind.Plan,
        ["patches"] = ImportKind.Patches,
        ["devices"] = ImportKind.Devices,
        ["outcomes"] = ImportKind.Outcomes,
    };

    public static Command Create()
    {
        var kind = new Argument<string>("KIND") { Description = string.Join(" | ", Kinds.Keys) };
        var file = new Argument<string>("FILE") { Description = "GeoPackage, GeoJSON, Shapefile, FileGDB …; for plan also XPlanGML and CityJSON; for devices a JSON file, for outcomes CSV or GeoJSON points." };
        var effective = CommonOptions.Date("--effective", "First day in force of features that do not say it themselves.");
        var layer = new Option<string?>("--layer") { Description = "For plan: the plan layer, for example zoning, land-survey, pipe. Else the layer within the file, when it has several." };
        var source = new Option<string?>("--source-layer") { Description = "For plan: the layer within the file, when it has several." };
        var crs = new Option<string?>("--crs") { Description = "CRS of the coordinates, over what the file says; for example EPSG:4525." };
        var map = new Option<string[]>("--map") { Description = "Which column holds a field; may be repeated.", HelpName = "field=column", AllowMultipleArgumentsPerToken = true };
        var mapping = new Option<string?>("--mapping") { Description = "Use the columns saved under this name; --map overrides single ones." };
        var save = new Option<string?>("--save-mapping") { Description = "Save --map, --crs and --source-layer under this name for the next time." };
        var batch = new Option<string?>("--batch") { Description = "For patches: name of the batch, when no column holds it." };
        var check = new Option<bool>("--check") { Description = "Only look and report; nothing is taken." };
        var report = new Option<string?>("--report") { Description = "Folder for the quality report: JSON, text and a picture of where." };
        var accept = new Option<string[]>("--accept") { Description = "Take this kind of fault as it is, for example overlap; may be repeated.", AllowMultipleArgumentsPerToken = true };
        var data = CommonOptions.Data();
        var command = new Command("import", "Takes a file into the versioned registers, whole or not at all.")
        {
            kind, file, effective, layer, source, crs, map, mapping, save, batch, check, report, accept, data,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = SettingsLoader.Load(parse.GetValue(data), new Dictionary<string, string?>());
            var what = Kinds.TryGetValue(parse.GetRequiredValue(kind), out var known)
                ? known
                : throw new BadInputException($"There is no kind \"{parse.GetValue(kind)}\" to import; the kinds are {string.Join(", ", Kinds.Keys)}.");
            var saved = parse.GetValue(mapping) is { } name ? SavedMapping.Load(settings.Data, name) : new SavedMapping();
            var columns = new Dictionary<string, string>(saved.Map, StringComparer.Ordinal);
            foreach (var (field, column) in FieldMap(parse.GetValue(map) ?? []))
            {
                columns[field] = column;
            }

            var path = Path.GetFullPath(parse.GetRequiredValue(file));
            var request = new ImportRequest
            {
                Kind = what,
                Path = path,
                Effective = CommonOptions.ParseDate("--effective", parse.GetValue(effective)),
                Layer = (what is ImportKind.Plan ? parse.GetValue(source) : parse.GetValue(layer) ?? parse.GetValue(source)) ?? saved.SourceLayer,
                PlanKind = what is ImportKind.Plan ? parse.GetValue(layer) : null,
                Crs = parse.GetValue(crs) ?? saved.Crs,
                Map = columns,
                Batch = parse.GetValue(batch),
                CheckOnly = parse.GetValue(check),
                ReportFolder = parse.GetValue(report) is { } folder ? Path.GetFullPath(folder) : parse.GetValue(check) ? path.TrimEnd(Path.DirectorySeparatorChar) + "-check" : null,
                Accept = parse.GetValue(accept) ?? [],
                Actor = CommonOptions.Actor,
            };
            if (parse.GetValue(save) is { } newName)
            {
                new SavedMapping { Map = columns, Crs = request.Crs, SourceLayer = request.Layer }.Save(settings.Data, newName);
            }

            return await TellAsync(parse.GetRequiredValue(kind), request, await RunAsync(settings, request, cancellationToken));
        });
        return command;
    }

    private static async Task<int> TellAsync(string kind, ImportRequest request, ImportResult result)
    {
        foreach (var problem in result.Problems)
        {
            await Console.Error.WriteLineAsync(result.Accepted ? $"note: {problem}" : $"monitoring: {problem}");
        }

        foreach (var written in result.ReportFiles)
        {
            Console.WriteLine($"report: {written}");
        }

        if (!result.Accepted)
        {
            return ExitCodes.BadInput;
        }

        var what = result.Taken is { } taken ? $"{kind} {taken}" : kind;
        Console.WriteLine((request, result.Version) switch
        {
            ({ CheckOnly: true }, _) => $"{what}: {result.Features} can be taken; nothing was",
            ({ Kind: ImportKind.Patches }, { } delivery) => $"{what}: {result.Features} taken, delivery {delivery}",
            (_, { } version) => $"{what}: {result.Features} taken, map version {version}",
            ({ Kind: ImportKind.Devices or ImportKind.Outcomes }, _) => $"{what}: {result.Features} taken",
            _ => $"{what}: {result.Features} read, nothing changed",
        });
        return ExitCodes.Done;
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

    internal static Dictionary<string, string> FieldMap(string[] pairs)
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
