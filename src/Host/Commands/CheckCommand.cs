using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Detection.Conflicts;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Host.Configuration;
using Monitoring.Host.Local;
using Monitoring.Ingest.Plans;
using Monitoring.Storage;

namespace Monitoring.Host.Commands;

/// <summary><c>monitoring check</c>: what is planned against the map, before anything is built (docs/formats/conflicts.md).</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "What is planned, any vector format.", Arity = ArgumentArity.ZeroOrOne };
        var kind = new Option<string?>("--kind") { Description = "road, pipe, project, or another plan layer that the file holds." };
        var layer = new Option<string?>("--layer") { Description = "Instead of a file: check the features of this plan layer of the map, for example detailed-plan." };
        var source = new Option<string?>("--source-layer") { Description = "The layer within the file, when it has several." };
        var crs = new Option<string?>("--crs") { Description = "CRS of the coordinates, over what the file says; for example EPSG:4525." };
        var map = new Option<string[]>("--map") { Description = "Which column holds a field; may be repeated.", HelpName = "field=column", AllowMultipleArgumentsPerToken = true };
        var date = CommonOptions.Date("--date", "What is in force on this day counts; default today.");
        var against = new Option<string[]>("--against") { Description = "Only these layers: control-lines, permits, parcels, or plan layers; default all.", AllowMultipleArgumentsPerToken = true };
        var bare = new Option<bool>("--no-suggestions") { Description = "Do not look for a way around conflicts." };
        var built = new Option<string?>("--as-built") { Description = "Outlines as built, to compare the buildings of FILE with.", HelpName = "FILE" };
        var lines = Files("--control-lines", "Control lines of a map without a data directory; may be repeated.");
        var permits = Files("--permits", "Approvals, the same.");
        var parcels = Files("--parcels", "Parcels, the same.");
        var plans = new Option<string[]>("--plan") { Description = "A plan layer, the same, for example zoning=zones.gpkg.", HelpName = "KIND=FILE", AllowMultipleArgumentsPerToken = true };
        var folder = new Option<string>("--out") { Description = "Folder for conflicts.json, conflicts.geojson, suggestion.geojson.", HelpName = "DIR", Required = true };
        var data = CommonOptions.Data();
        var command = new Command("check", "Checks a planned road, pipe or project against the map before anything is built.")
        {
            file, kind, layer, source, crs, map, date, against, bare, built, lines, permits, parcels, plans, folder, data,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var path = parse.GetValue(file);
            if ((path is null) == (parse.GetValue(layer) is null))
            {
                throw new BadInputException("Give either a FILE of what is planned or --layer with a plan layer of the map.");
            }

            var settings = SettingsLoader.Load(parse.GetValue(data), new Dictionary<string, string?>());
            var asked = parse.GetValue(against) ?? [];
            var request = new ConflictRequest
            {
                Path = path is null ? null : Path.GetFullPath(path),
                Kind = parse.GetValue(kind),
                Layer = parse.GetValue(layer),
                SourceLayer = parse.GetValue(source),
                Crs = parse.GetValue(crs),
                Map = ImportCommand.FieldMap(parse.GetValue(map) ?? []),
                On = CommonOptions.ParseDate("--date", parse.GetValue(date))
                    ?? DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(TimeProvider.System.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone)).Date),
                Against = asked.Length == 0 ? null : asked,
                Suggest = !parse.GetValue(bare),
                AsBuilt = parse.GetValue(built) is { } outlines ? Path.GetFullPath(outlines) : null,
                Out = Path.GetFullPath(parse.GetRequiredValue(folder)),
            };
            List<(ImportKind Kind, string? Plan, string Option, string Path)> loose =
            [
                .. (parse.GetValue(lines) ?? []).Select(p => (ImportKind.ControlLines, (string?)null, "--control-lines", p)),
                .. (parse.GetValue(permits) ?? []).Select(p => (ImportKind.Permits, (string?)null, "--permits", p)),
                .. (parse.GetValue(parcels) ?? []).Select(p => (ImportKind.Parcels, (string?)null, "--parcels", p)),
                .. (parse.GetValue(plans) ?? []).Select(PlanFile),
            ];
            if (loose.Count > 0 && parse.GetValue(data) is not null)
            {
                throw new BadInputException("Give the map either as files (--control-lines, --permits, --parcels, --plan) or as --data, not both.");
            }

            var reader = new MapFileReader(new PlanImportOptions { AllowEmpty = true });
            RefuseUnknown(asked, reader.PlanKinds);
            if (loose.Count > 0 || request.AsBuilt is not null && parse.GetValue(data) is null)
            {
                return await TellAsync(Loose(request, loose, reader, cancellationToken));
            }

            if (!Directory.Exists(settings.Data))
            {
                throw new BadInputException($"There is no map: the data directory {settings.Data} does not exist. Name it with --data, or give files with --control-lines, --permits, --parcels or --plan KIND=FILE.");
            }

            return await TellAsync(await RunAsync(settings, request, cancellationToken));
        });
        return command;
    }

    private static async Task<ConflictDone> RunAsync(HostSettings settings, ConflictRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await using var rooms = Rooms.WithoutLoops(settings);
            return await rooms.GetRequiredService<ConflictWork>().RunAsync(request, rooms.GetRequiredService<PlanIndexSource>(), cancellationToken);
        }
        catch (DataDirectoryInUseException held)
        {
            return await LocalClient.CheckAsync(settings.Data, held, request, cancellationToken);
        }
        catch (InvalidDataException wrong)
        {
            throw new BadInputException(wrong.Message);
        }
    }

    private static ConflictDone Loose(
        ConflictRequest request, List<(ImportKind Kind, string? Plan, string Option, string Path)> files, MapFileReader reader, CancellationToken cancellationToken)
    {
        var features = new List<MapFeature>();
        var layers = new HashSet<MapLayer>();
        foreach (var (kind, plan, option, path) in files)
        {
            var read = reader.Read(
                new ImportRequest { Kind = kind, PlanKind = plan, Path = Path.GetFullPath(path), Actor = CommonOptions.Actor, Map = Numbered(kind, reader, path, plan, cancellationToken) }, cancellationToken);
            if (read.Features is not { } found)
            {
                throw new BadInputException($"{option}: {string.Join(Environment.NewLine, read.Told)}");
            }

            features.AddRange(found);
            layers.Add(kind switch { ImportKind.ControlLines => MapLayer.ControlLine, ImportKind.Permits => MapLayer.Permit, ImportKind.Parcels => MapLayer.Parcel, _ => MapLayer.Plan });
        }

        return new ConflictWork(new ProposalFile(reader), new ConflictEngine(ConflictRules.Default, LandCodes.Shipped)).Run(request, PlanIndex.Of(features, [.. layers]), cancellationToken);
    }

    /// <summary>A layer of files without ids goes by the place in the file.</summary>
    private static Dictionary<string, string> Numbered(ImportKind kind, MapFileReader reader, string path, string? plan, CancellationToken cancellationToken)
    {
        var field = kind switch { ImportKind.Permits => "permit_no", ImportKind.Parcels => "parcel_id", _ => "id" };
        var first = reader.Read(new ImportRequest { Kind = kind, PlanKind = plan, Path = Path.GetFullPath(path), Actor = CommonOptions.Actor }, cancellationToken);
        return first.Features is null && first.Told.Any(t => t.StartsWith($"The field '{field}' was not found", StringComparison.Ordinal)) ? new() { [field] = "#" } : [];
    }

    private static async Task<int> TellAsync(ConflictDone done)
    {
        if (done.Problem is { } problem)
        {
            await Console.Error.WriteLineAsync($"monitoring: {problem}");
            return ExitCodes.BadInput;
        }

        foreach (var note in done.Notes)
        {
            await Console.Error.WriteLineAsync($"note: {note}");
        }

        foreach (var line in done.Lines)
        {
            Console.WriteLine(line);
        }

        return ExitCodes.Done;
    }

    private static void RefuseUnknown(string[] against, IReadOnlyList<string> plans)
    {
        string[] known = ["control-lines", "permits", "parcels", .. plans];
        if (against.FirstOrDefault(a => !known.Contains(a)) is { } unknown)
        {
            throw new BadInputException($"--against {unknown}: there is no such layer; layers are {string.Join(", ", known)}.");
        }
    }

    private static (ImportKind Kind, string? Plan, string Option, string Path) PlanFile(string pair) =>
        pair.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && at < pair.Length - 1
            ? (ImportKind.Plan, pair[..at], "--plan", pair[(at + 1)..])
            : throw new BadInputException($"--plan takes KIND=FILE, for example zoning=zones.gpkg; \"{pair}\" is not of that form.");

    private static Option<string[]> Files(string name, string description) => new(name) { Description = description, HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
}
