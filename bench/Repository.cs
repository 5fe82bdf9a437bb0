namespace Monitoring.Bench;

/// <summary>The checkout the bench was built from.</summary>
internal static class Repository
{
    public static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Monitoring.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Monitoring.sln is in no folder above the bench.");
        }

        return folder;
    }
}
