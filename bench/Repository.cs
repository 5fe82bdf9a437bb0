namespace Monitoring.Bench;

/// <summary>The checkout the bench was built from.</summary>
internal static class Repository
{
    /// <summary>The folder of real data: <c>MONITORING_DATA</c>, else <c>../shared/data</c> beside the checkout.</summary>
    public static string Data()
    {
        var folder = Environment.GetEnvironmentVariable("MONITORING_DATA") ?? Path.Combine(Root(), "..", "shared", "data");
        return Directory.Exists(folder) ? folder : throw new InvalidOperationException($"The real data is not in {folder}; set MONITORING_DATA.");
    }

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
