using Monitoring.Detection.Judgement;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Ingest.Plans;

namespace Monitoring.Host.Commands;

/// <summary>
/// The files of a map that a command is given instead of a data directory, each under its option (<c>--permits FILE</c>), and what <c>--map</c>, <c>--layer</c> and <c>--crs</c>
/// say of one of them: its option's name, then what <c>import</c> takes.
/// </summary>
internal sealed class MapFiles
{
    private readonly List<Given> _files = [];

    public int Count => _files.Count;

    /// <summary>Whether a file is there against which changes are judged; parcels only name the place.</summary>
    public bool AreJudged => _files.Exists(f => f.Kind is not ImportKind.Parcels);

    public void Add(ImportKind kind, string option, string? path)
    {
        if (path is not null)
        {
            _files.Add(new Given(kind, option, Path.GetFullPath(path)));
        }
    }

    /// <param name="maps">Each <c>permits.permit_no=COLUMN</c>.</param>
    /// <param name="layers">Each <c>permits=LAYER</c>.</param>
    /// <param name="systems">Each <c>permits=EPSG:4525</c>.</param>
    /// <exception cref="BadInputException">One names no file that is given, or has another form.</exception>
    public void Say(string[] maps, string[] layers, string[] systems)
    {
        foreach (var text in maps)
        {
            var (file, rest) = Split("--map", text, '.', "LAYER.field=column");
            foreach (var (field, column) in ImportCommand.FieldMap([rest]))
            {
                file.Map[field] = column;
            }
        }

        foreach (var text in layers)
        {
            var (file, layer) = Split("--layer", text, '=', "LAYER=name");
            file.Layer = layer;
        }

        foreach (var text in systems)
        {
            var (file, crs) = Split("--crs", text, '=', "LAYER=CRS");
            file.Crs = crs;
        }
    }

    /// <summary>Reads all of them; notes go to the error output.</summary>
    /// <exception cref="BadInputException">A file cannot be read; the sentence names the option.</exception>
    public PlanIndex Read(CancellationToken cancellationToken)
    {
        var reader = new MapFileReader(new PlanImportOptions { AllowEmpty = true });
        var features = new List<MapFeature>();
        var layers = new List<MapLayer>();
        foreach (var file in _files)
        {
            var read = Read(reader, file, cancellationToken);
            if (read.Features is not { } found)
            {
                throw new BadInputException($"{file.Option}: {file.Named(string.Join(Environment.NewLine, read.Told))}");
            }

            foreach (var told in read.Told)
            {
                Console.Error.WriteLine($"note: {file.Option}: {file.Named(told)}");
            }

            if (found.Count == 0)
            {
                var what = file.Kind switch { ImportKind.Permits => "approvals", ImportKind.ControlLines => "control lines", ImportKind.Plan => "surveyed land", _ => "parcels" };
                Console.Error.WriteLine($"note: {file.Option}: {file.Path} has no features: judged as no {what} in this area.");
            }

            features.AddRange(found);
            layers.Add(file.Kind switch { ImportKind.Permits => MapLayer.Permit, ImportKind.ControlLines => MapLayer.ControlLine, ImportKind.Plan => MapLayer.Plan, _ => MapLayer.Parcel });
        }

        return PlanIndex.Of(features, layers);
    }

    private static MapFile Read(MapFileReader reader, Given file, CancellationToken cancellationToken)
    {
        var request = new ImportRequest
        {
            Kind = file.Kind, Path = file.Path, Actor = CommonOptions.Actor, Map = file.Map, Layer = file.Layer, Crs = file.Crs,
            PlanKind = file.Kind is ImportKind.Plan ? PlanKinds.LandSurvey : null,
        };
        var read = reader.Read(request, cancellationToken);
        var id = file.Kind switch { ImportKind.Permits => "permit_no", ImportKind.Parcels => "parcel_id", _ => "id" };
        if (read.Features is not null || !read.Told.Any(t => t.StartsWith($"The field '{id}' was not found", StringComparison.Ordinal)))
        {
            return read;
        }

        // Once, without a register, the place in the file is as good an id as any.
        var numbered = reader.Read(request with { Map = new Dictionary<string, string>(file.Map, StringComparer.Ordinal) { [id] = "#" } }, cancellationToken);
        if (numbered.Features is null)
        {
            // What else is wrong: that the ids are missing would not be.
            return numbered;
        }

        Console.Error.WriteLine($"note: {file.Option}: no column holds {id}: features are named by their place in the file; --map {file.Name}.{id}=COLUMN names one.");
        return numbered;
    }

    private (Given File, string Value) Split(string option, string text, char mark, string form)
    {
        var at = text.IndexOf(mark, StringComparison.Ordinal);
        if (at > 0 && at < text.Length - 1 && _files.Find(f => f.Name == text[..at]) is { } file)
        {
            return (file, text[(at + 1)..]);
        }

        var given = _files.Count == 0 ? "none is given" : $"here {string.Join(", ", _files.Select(f => f.Name))}";
        throw new BadInputException($"{option} takes {form}, where LAYER is a file that is given ({given}); \"{text}\" is not of that form.");
    }

    private sealed class Given(ImportKind kind, string option, string path)
    {
        public ImportKind Kind => kind;

        public string Option => option;

        public string Name => option[2..];

        public string Path => path;

        public Dictionary<string, string> Map { get; } = new(StringComparer.Ordinal);

        public string? Layer { get; set; }

        public string? Crs { get; set; }

        /// <summary>The reader's sentences name the options of <c>import</c>; here they name the file too.</summary>
        public string Named(string told) => told
            .Replace("--map ", $"--map {Name}.", StringComparison.Ordinal)
            .Replace("with --layer.", $"with --layer {Name}=NAME.", StringComparison.Ordinal)
            .Replace("--crs EPSG", $"--crs {Name}=EPSG", StringComparison.Ordinal);
    }
}
