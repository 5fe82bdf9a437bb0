using System.Reflection;
using Monitoring.Gdal;

namespace Monitoring.Ingest.Scenes.Sensors;

/// <summary>
/// The sensors that are known: those that come with the program, and over them the files of a folder. A file there with the id of another takes its place.
/// Immutable; thread-safe.
/// </summary>
internal sealed class SensorCatalogue
{
    private const int MaxFiles = 256;

    private static readonly Lazy<IReadOnlyList<Sensor>> Shipped = new(ReadShipped);

    private SensorCatalogue(IReadOnlyList<Sensor> sensors) => All = sensors;

    /// <summary>The user's first, then those that come with the program.</summary>
    public IReadOnlyList<Sensor> All { get; }

    /// <param name="folder">Folder of *.json files; null or missing = only what comes with the program.</param>
    /// <exception cref="RefusedInputException">A file is wrong.</exception>
    public static SensorCatalogue Load(string? folder)
    {
        var own = new List<Sensor>();
        if (folder is not null && Directory.Exists(folder))
        {
            var files = Directory.EnumerateFiles(folder, "*.json").Take(MaxFiles + 1).Order(StringComparer.Ordinal).ToList();
            if (files.Count > MaxFiles)
                throw new RefusedInputException($"{folder} holds more than {MaxFiles} sensor files; remove what is not used.");
            foreach (var file in files)
            {
                if (new FileInfo(file).Length > SensorFile.MaxBytes)
                    throw new RefusedInputException($"{file} has more than {SensorFile.MaxBytes} bytes; a sensor's description is smaller.");
                var sensor = SensorFile.Read(File.ReadAllBytes(file), file);
                if (own.Exists(s => s.Id == sensor.Id))
                    throw new RefusedInputException($"{file}: $.id \"{sensor.Id}\" stands in another file of the folder too; keep one.");
                own.Add(sensor);
            }
        }

        return new SensorCatalogue([.. own, .. Shipped.Value.Where(s => !own.Exists(o => o.Id == s.Id))]);
    }

    /// <summary>One sentence about a folder that cannot be used; null when it can.</summary>
    public static string? ProblemOf(string? folder)
    {
        if (folder is null || !Directory.Exists(folder))
            return null; // Those that come with the program are sound: a test reads them.
        try
        {
            Load(folder);
            return null;
        }
        catch (Exception problem) when (problem is RefusedInputException or IOException or UnauthorizedAccessException)
        {
            return problem is RefusedInputException ? problem.Message : $"{folder} cannot be read: {problem.Message}";
        }
    }

    public Sensor? ById(string id) => All.FirstOrDefault(s => s.Id == id);

    /// <summary>The first sensor whose metadata elements all have one of their values.</summary>
    public Sensor? ByMetadata(Func<string, string?> element) =>
        All.FirstOrDefault(s => s.Metadata.Count > 0 && s.Metadata.All(m => element(m.Element) is { } value && m.Values.Any(v => v.IsMatch(value.Trim()))));

    /// <summary>The first sensor one of whose name patterns fits.</summary>
    public Sensor? ByName(string name) => All.FirstOrDefault(s => s.Names.Any(p => p.IsMatch(name)));

    /// <summary>The first sensor whose colours are those of the file, in the file's order; alpha left out.</summary>
    public Sensor? ByColors(IEnumerable<ColorInterpretation> colors)
    {
        var names = colors.Where(c => c != ColorInterpretation.Alpha).Select(c => c switch
        {
            ColorInterpretation.Red => "red",
            ColorInterpretation.Green => "green",
            ColorInterpretation.Blue => "blue",
            ColorInterpretation.Gray => "gray",
            _ => "",
        }).ToList();
        return All.FirstOrDefault(s => s.Colors.Count > 0 && s.Colors.SequenceEqual(names));
    }

    private static List<Sensor> ReadShipped()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var sensors = new List<Sensor>();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("sensors/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            sensors.Add(SensorFile.Read(bytes, name, shipped: true));
        }

        return sensors;
    }
}
