using Microsoft.Extensions.Configuration;

namespace Monitoring.Host.Configuration;

/// <summary>Puts the three sources of settings together, refusing names it does not know.</summary>
internal static class SettingsLoader
{
    public const string FileName = "monitoring.json";
    public const string EnvironmentPrefix = "MONITORING__";

    /// <param name="data">Data directory from the command line, or null.</param>
    /// <param name="options">Options that were given on the command line, by setting name.</param>
    /// <exception cref="BadInputException">All faults, one sentence each.</exception>
    public static HostSettings Load(string? data, IReadOnlyDictionary<string, string?> options)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables(EnvironmentPrefix).Build();
        var folder = data ?? environment[nameof(HostSettings.Data)] ?? new HostSettings().Data;
        var file = Path.Combine(Path.GetFullPath(folder), FileName);
        IConfigurationRoot configuration;
        try
        {
            configuration = new ConfigurationBuilder()
                .AddJsonFile(file, optional: true)
                .AddEnvironmentVariables(EnvironmentPrefix)
                .AddInMemoryCollection(options)
                .Build();
        }
        catch (InvalidDataException fault)
        {
            throw new BadInputException($"{file} cannot be read: {fault.InnerException?.Message ?? fault.Message} Mend the JSON, or remove the file.");
        }

        RefuseUnknown(configuration, file);
        HostSettings settings;
        try
        {
            settings = configuration.Get<HostSettings>() ?? new HostSettings();
        }
        catch (InvalidOperationException fault)
        {
            throw new BadInputException($"A setting has a wrong type: {fault.Message}");
        }

        settings = settings with
        {
            Data = Path.GetFullPath(folder),
            Roles = ListOf(configuration, nameof(HostSettings.Roles)) ?? HostSettings.AllRoles,
            SceneHosts = ListOf(configuration, nameof(HostSettings.SceneHosts)) ?? [],
            TrustedProxies = ListOf(configuration, nameof(HostSettings.TrustedProxies)) ?? [],
        };
        var faults = settings.Faults();
        return faults.Count == 0 ? settings : throw new BadInputException(string.Join(Environment.NewLine, faults));
    }

    /// <summary>A list, from JSON or as text with commas. The binder would add the sources' lists up; the last one is to replace the others.</summary>
    /// <returns>Null when no source says anything.</returns>
    private static string[]? ListOf(IConfigurationRoot configuration, string name)
    {
        var section = configuration.GetSection(name);
        return !section.Exists()
            ? null
            : section.Value is { } text
                ? text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                : [.. section.GetChildren().Select(static c => c.Value ?? "")];
    }

    private static void RefuseUnknown(IConfigurationRoot configuration, string file)
    {
        var known = typeof(HostSettings).GetProperties().Where(p => p.CanWrite).Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unknown = configuration.GetChildren().Select(c => c.Key).Where(k => !known.Contains(k)).ToList();
        if (unknown.Count > 0)
        {
            throw new BadInputException(
                $"There is no setting {string.Join(", ", unknown.Select(u => $"\"{u}\""))} (in {file} or as {EnvironmentPrefix}*); the settings are {string.Join(", ", known.Order(StringComparer.Ordinal))}.");
        }
    }
}
