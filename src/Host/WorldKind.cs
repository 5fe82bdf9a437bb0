using Monitoring.Storage;

namespace Monitoring.Host;

/// <summary>
/// Whether a data directory holds a demonstration or the real world. Fixed at its first use, so that simulated data never shares a
/// register with real data.
/// </summary>
internal static class WorldKind
{
    private const string Demonstration = "demonstration";
    private const string Real = "real";

    /// <exception cref="BadInputException">The directory was begun as the other kind.</exception>
    public static void Check(DataDirectory data, bool demonstration)
    {
        var file = Path.Combine(data.Keys, "world");
        var wanted = demonstration ? Demonstration : Real;
        if (!File.Exists(file))
        {
            var begun = File.Exists(data.Registers);
            if (begun && demonstration)
            {
                throw new BadInputException($"{data.Root} holds real data already; a demonstration needs a data directory of its own.");
            }

            File.WriteAllText(file, wanted + "\n");
            return;
        }

        var found = File.ReadAllText(file).Trim();
        if (found != wanted)
        {
            throw new BadInputException(found == Demonstration
                ? $"{data.Root} is a demonstration's data directory; real data needs another one (or set \"demonstration\": true in its monitoring.json)."
                : $"{data.Root} holds real data; a demonstration needs a data directory of its own.");
        }
    }
}
