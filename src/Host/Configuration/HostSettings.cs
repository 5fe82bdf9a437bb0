using System.Net;

namespace Monitoring.Host.Configuration;

/// <summary>
/// Everything an operator can set: <c>monitoring.json</c> in the data directory, over it <c>MONITORING__*</c> environment variables,
/// over them options of the command line.
/// </summary>
internal sealed record HostSettings
{
    /// <summary>Data directory. Default <c>data</c> in the current directory.</summary>
    public string Data { get; init; } = "data";

    /// <summary>Roles whose loops run here. Default all.</summary>
    public IReadOnlyList<string> Roles { get; init; } = AllRoles;

    /// <summary>Address to listen on. Default 127.0.0.1; anything else is an operator's decision.</summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>HTTP port, 0..65535; 0 lets the system choose. Default 8080.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>
    /// Proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed: addresses or networks such as 10.0.0.0/8. Default none:
    /// then all who come through a proxy count as one address, and cookies are marked Secure only when the service is bound beyond this machine.
    /// </summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>
    /// Plain MQTT port, 0..65535; 0 lets the system choose. Default 1883; with a certificate and a <see cref="Bind"/> that others reach, none:
    /// secrets would cross the network in clear. Naming a port opens it all the same.
    /// </summary>
    public int? MqttPort { get; init; }

    /// <summary>MQTT over TLS, 0..65535; only with a certificate. Default 8883.</summary>
    public int MqttTlsPort { get; init; } = 8883;

    /// <summary>PEM file with the server's certificate chain for MQTT over TLS; null = no TLS door.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file with its private key; null = it is in <see cref="CertificateFile"/>.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>True only in a demonstration's own data directory: pages and exports carry 演示.</summary>
    public bool Demonstration { get; init; }

    /// <summary>IANA zone for times and days that have no region of their own. Default Asia/Shanghai.</summary>
    public string TimeZone { get; init; } = "Asia/Shanghai";

    /// <summary>XYZ or WMTS template of a base map, for example 天地图 with the user's key; null = own layers and scenes only.</summary>
    public string? BaseMapUrl { get; init; }

    /// <summary>Attribution that <see cref="BaseMapUrl"/> demands.</summary>
    public string? BaseMapAttribution { get; init; }

    /// <summary>Data grade of each layer (<c>regions</c>, <c>control-lines</c>, <c>permits</c>, <c>parcels</c>, <c>plans</c>, <c>plans/KIND</c>, <c>patches</c>, <c>alerts</c>): General, Important or Core. Default General.</summary>
    public IReadOnlyDictionary<string, Domain.Land.DataGrade> LayerGrades { get; init; } = new Dictionary<string, Domain.Land.DataGrade>(StringComparer.Ordinal);

    /// <summary>The most sensitive grade of map layers that each role (Viewer, Officer, Administrator) sees. Default: all.</summary>
    public IReadOnlyDictionary<Dashboard.People.Role, Domain.Land.DataGrade> SeenUpTo { get; init; } = new Dictionary<Dashboard.People.Role, Domain.Land.DataGrade>();

    /// <summary>Also tell changes that do not look like building to the trained model, with the probability it gives them: more to look at, less missed. Default false.</summary>
    public bool EveryChange { get; init; }

    /// <summary>
    /// Share of one processor, (0, 1], that fitting seasonal models to the history of large areas may take while no scene waits
    /// (docs/algorithms/ccdc.md). Default 0.5. Changes how soon they are ready, not what is told.
    /// </summary>
    public double WatchShare { get; init; } = 0.5;

    /// <summary>
    /// Areas of more pixels than this are followed without seasonal models, ≥ 0; 0 = all are. Default 134 217 728, a whole Sentinel-2 tile, whose models
    /// take about 18 GB of disk.
    /// </summary>
    public long WatchPixels { get; init; } = 1 << 27;

    /// <summary>Folder of the operator's own sensor descriptions (docs/formats/sensors.md). Default <c>sensors</c> in the data directory; it need not be there.</summary>
    public string? SensorFolder { get; init; }

    /// <summary>Hosts (<c>host</c> or <c>host:port</c>) from which <c>scenes add</c> and <c>detect</c> may read STAC catalogues, Items and rasters over HTTP. Default none.</summary>
    public IReadOnlyList<string> SceneHosts { get; init; } = [];

    /// <summary>How the service learns from outcomes (docs/models/violation.md).</summary>
    public LearningSettings Learning { get; init; } = new();

    /// <summary>Largest file, with its side files, that the page of conflict checks takes, in MiB, 1 to 1024. Default 32.</summary>
    public int CheckFileMebibytes { get; init; } = 32;

    /// <summary>What a ZIP file for a conflict check may unpack to, in MiB, 1 to 4096. Default 128.</summary>
    public int CheckUnpackedMebibytes { get; init; } = 128;

    /// <summary>Least level that is logged: Verbose, Debug, Information, Warning, Error. Default Information.</summary>
    public string LogLevel { get; init; } = "Information";

    public static IReadOnlyList<string> AllRoles { get; } = ["ingest", "detect", "alerts", "dashboard"];

    /// <summary>The plain MQTT port that is opened; null = none.</summary>
    public int? PlainMqttPort => MqttPort ?? (CertificateFile is not null && !IPAddress.IsLoopback(BindAddress) ? null : 1883);

    /// <summary>What the scene door takes from these settings.</summary>
    public Ingest.Scenes.SceneOptions SceneOptions => new()
    {
        Folder = Path.Combine(Data, "scenes"), SensorFolder = SensorFolder ?? Path.Combine(Data, "sensors"), RemoteHosts = SceneHosts,
    };

    public IPAddress BindAddress => IPAddress.Parse(Bind);

    /// <summary>All that is wrong, one sentence each; empty when the settings can be used.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        foreach (var role in Roles.Where(r => !AllRoles.Contains(r, StringComparer.Ordinal)))
        {
            faults.Add($"There is no role \"{role}\"; the roles are {string.Join(", ", AllRoles)}.");
        }

        if (Roles.Count == 0)
        {
            faults.Add($"Roles is empty; name at least one of {string.Join(", ", AllRoles)}.");
        }
        else if (faults.Count == 0 && !AllRoles.All(r => Roles.Contains(r, StringComparer.Ordinal)))
        {
            faults.Add("The embedded stores serve one process, so it must run all roles; leave --roles out (several processes need the server stores).");
        }

        if (!IPAddress.TryParse(Bind, out _))
        {
            faults.Add($"Bind is \"{Bind}\", which is no IP address; give one with --bind, for example 127.0.0.1 or 0.0.0.0.");
        }

        foreach (var proxy in TrustedProxies.Where(static p => !Dashboard.DashboardOptions.TryNetwork(p, out _)))
        {
            faults.Add($"TrustedProxies names \"{proxy}\", which is no IP address or network; give for example 127.0.0.1 or 10.0.0.0/8.");
        }

        foreach (var layer in LayerGrades.Keys.Where(static k => !Domain.Land.LayerGrading.CanName(k)))
        {
            faults.Add($"LayerGrades names \"{layer}\"; the layers are {string.Join(", ", Domain.Land.LayerGrading.Layers)} and plans/KIND.");
        }

        AddPortFault(faults, nameof(HttpPort), HttpPort);
        AddPortFault(faults, nameof(MqttPort), MqttPort ?? 1883);
        AddPortFault(faults, nameof(MqttTlsPort), MqttTlsPort);
        if (HttpPort != 0 && HttpPort == (MqttPort ?? 1883))
        {
            faults.Add($"HttpPort and MqttPort are both {HttpPort}; give each its own.");
        }

        if (CheckFileMebibytes is < 1 or > 1024)
        {
            faults.Add($"CheckFileMebibytes is {CheckFileMebibytes}; it lies in 1 to 1024.");
        }

        if (CheckUnpackedMebibytes is < 1 or > 4096)
        {
            faults.Add($"CheckUnpackedMebibytes is {CheckUnpackedMebibytes}; it lies in 1 to 4096.");
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
        {
            faults.Add($"TimeZone is \"{TimeZone}\", which is no IANA time zone; for example Asia/Shanghai.");
        }

        if (CertificateFile is { } file && !File.Exists(file))
        {
            faults.Add($"CertificateFile {file} does not exist; give the path of a PEM file, or leave it out.");
        }

        faults.AddRange(Learning.Options("models", TimeZone).Faults());
        faults.AddRange(SceneOptions.Problems().Select(p => p.Replace("Scenes:RemoteHosts", nameof(SceneHosts), StringComparison.Ordinal)));
        if (!Enum.TryParse<Serilog.Events.LogEventLevel>(LogLevel, ignoreCase: true, out _))
        {
            faults.Add($"LogLevel is \"{LogLevel}\"; use Verbose, Debug, Information, Warning or Error.");
        }

        return faults;
    }

    private static void AddPortFault(List<string> faults, string name, int port)
    {
        if (port is < 0 or > 65_535)
        {
            faults.Add($"{name} is {port}; a port is 0 to 65535.");
        }
    }
}
