using System.ComponentModel;
using System.Net;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Land;

namespace Monitoring.Dashboard;

/// <summary>Settings of the dashboard room.</summary>
public sealed record DashboardOptions
{
    /// <summary>SQLite file that holds people and their passwords' hashes, in tables of their own (<c>people_…</c>). The register's file: an act on people and its audit entry are one transaction.</summary>
    public required string PeopleDatabase { get; init; }

    /// <summary>Folder for the keys that protect cookies; made when missing.</summary>
    public required string KeysFolder { get; init; }

    /// <summary>Folder for files under upload; made when missing, each file deleted when its import is done.</summary>
    public required string UploadsFolder { get; init; }

    /// <summary>Folder of the built pages. Default <c>wwwroot</c> beside the program.</summary>
    public string WebRoot { get; init; } = Path.Combine(AppContext.BaseDirectory, "wwwroot");

    /// <summary>True: pages and exports carry the watermark 演示. Default false.</summary>
    public bool Demonstration { get; init; }

    /// <summary>IANA zone in which pages show times that have no region, and in which today's date is taken. Default Asia/Shanghai.</summary>
    public string TimeZone { get; init; } = "Asia/Shanghai";

    /// <summary>Base map from outside, or null (default) for none: then only our own layers and scenes are drawn.</summary>
    public BaseMapOptions? BaseMap { get; init; }

    /// <summary>Grade of each layer of the interface (<c>regions</c>, <c>control-lines</c>, <c>permits</c>, <c>parcels</c>, <c>plans</c>, <c>plans/KIND</c>, <c>patches</c>, <c>alerts</c>). Default: what is not named is general.</summary>
    public IReadOnlyDictionary<string, DataGrade> LayerGrades { get; init; } = new Dictionary<string, DataGrade>(StringComparer.Ordinal);

    /// <summary>The most sensitive grade of map layers that each role sees. Default: a role that is not named sees every grade.</summary>
    public IReadOnlyDictionary<Role, DataGrade> SeenUpTo { get; init; } = new Dictionary<Role, DataGrade>();

    /// <summary>Proxies (addresses or networks) whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed. Default none.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>True: browsers send the cookie over https only. False (default): they do when it was set over https.</summary>
    public bool SecureCookies { get; init; }

    /// <summary>Failed passwords in a row, of one name from one address, after which each further one makes that pair wait, twice as long each time. 1 to 100. Default 5.</summary>
    public int FailuresBeforeWait { get; init; } = 5;

    /// <summary>Longest such wait, at most 1 h. Default 5 min.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Sign-in attempts that one address may make a minute. 1 to 10 000. Default 20.</summary>
    public int SignInsPerMinute { get; init; } = 20;

    /// <summary>How long a cookie lives without use. Default 12 h.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromHours(12);

    /// <summary>How long a session lives at most, however much it is used. Default 7 days.</summary>
    public TimeSpan SessionLongest { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Requests that one person may make a second on the interface, averaged over a while. 1 to 100 000. Default 100.</summary>
    public int RequestsPerSecond { get; init; } = 100;

    /// <summary>Requests that one person may make at a go before <see cref="RequestsPerSecond"/> counts. 1 to 100 000. Default 1000: a map that opens asks for many tiles.</summary>
    public int RequestBurst { get; init; } = 1000;

    /// <summary>Requests of one person that are worked on at the same time; more wait. 1 to 1000. Default 32.</summary>
    public int RequestsAtOnce { get; init; } = 32;

    /// <summary>Dashboards that one person may have open. 1 to 1000. Default 32.</summary>
    public int DashboardsPerPerson { get; init; } = 32;

    /// <summary>Largest import upload in bytes, over all its files. Default 512 MiB.</summary>
    public long MaxImportBytes { get; init; } = 512L << 20;

    /// <summary>Largest upload for a conflict check in bytes, over all its files. 1 to 1 GiB. Default 32 MiB.</summary>
    public long MaxCheckBytes { get; init; } = 32L << 20;

    /// <summary>Bytes that a ZIP file for a conflict check may unpack to. 1 to 4 GiB. Default 128 MiB.</summary>
    public long MaxCheckUnpackedBytes { get; init; } = 128L << 20;

    /// <summary>Memory for finished tiles in bytes. Default 64 MiB.</summary>
    public long TileCacheBytes { get; init; } = 64L << 20;

    /// <summary>Tiles cut from scenes at the same time. 1 to 64. Default: the processors, at most 4.</summary>
    public int SceneTilesAtOnce { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>Scene tiles that may wait; one more is answered 503. Default 256.</summary>
    public int SceneTilesWaiting { get; init; } = 256;

    /// <summary>How long a dashboard may leave a message untaken before its connection is cut. Default 10 s.</summary>
    public TimeSpan SlowClient { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads an address, as the network of itself alone, or a network with its prefix length.</summary>
    public static bool TryNetwork(string? text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }

    /// <exception cref="ArgumentException">Lists every setting that is out of its range.</exception>
    [EditorBrowsable(EditorBrowsableState.Advanced)]
    public void Validate()
    {
        var faults = new List<string>();
        Check(FailuresBeforeWait is >= 1 and <= 100, $"FailuresBeforeWait is {FailuresBeforeWait}; it must be 1 to 100.");
        Check(LongestWait > TimeSpan.Zero && LongestWait <= SignInGate.Memory, $"LongestWait is {LongestWait}; it must be longer than nothing and at most {SignInGate.Memory}.");
        Check(SessionLongest > TimeSpan.Zero, $"SessionLongest is {SessionLongest}; it must be longer than nothing.");
        Check(SignInsPerMinute is >= 1 and <= 10_000, $"SignInsPerMinute is {SignInsPerMinute}; it must be 1 to 10000.");
        Check(SessionIdle > TimeSpan.Zero, $"SessionIdle is {SessionIdle}; it must be longer than nothing.");
        Check(TrustedProxies.All(static p => TryNetwork(p, out _)), $"TrustedProxies is {string.Join(", ", TrustedProxies)}; each must be an IP address or network.");
        Check(
            LayerGrades.Keys.All(LayerGrading.CanName),
            $"LayerGrades names {string.Join(", ", LayerGrades.Keys.Where(static k => !LayerGrading.CanName(k)))}; layers are {string.Join(", ", LayerGrading.Layers)} and plans/KIND.");
        Check(RequestsPerSecond is >= 1 and <= 100_000, $"RequestsPerSecond is {RequestsPerSecond}; it must be 1 to 100000.");
        Check(RequestBurst is >= 1 and <= 100_000, $"RequestBurst is {RequestBurst}; it must be 1 to 100000.");
        Check(RequestsAtOnce is >= 1 and <= 1000, $"RequestsAtOnce is {RequestsAtOnce}; it must be 1 to 1000.");
        Check(DashboardsPerPerson is >= 1 and <= 1000, $"DashboardsPerPerson is {DashboardsPerPerson}; it must be 1 to 1000.");
        Check(MaxImportBytes > 0, $"MaxImportBytes is {MaxImportBytes}; it must be positive.");
        Check(MaxCheckBytes is >= 1 and <= 1L << 30, $"MaxCheckBytes is {MaxCheckBytes}; it lies in 1 to {1L << 30}.");
        Check(MaxCheckUnpackedBytes is >= 1 and <= 4L << 30, $"MaxCheckUnpackedBytes is {MaxCheckUnpackedBytes}; it lies in 1 to {4L << 30}.");
        Check(TileCacheBytes >= 0, $"TileCacheBytes is {TileCacheBytes}; it must not be negative.");
        Check(SceneTilesAtOnce is >= 1 and <= 64, $"SceneTilesAtOnce is {SceneTilesAtOnce}; it must be 1 to 64.");
        Check(SceneTilesWaiting >= 0, $"SceneTilesWaiting is {SceneTilesWaiting}; it must not be negative.");
        Check(SlowClient > TimeSpan.Zero, $"SlowClient is {SlowClient}; it must be longer than nothing.");
        Check(
            BaseMap is null || Uri.TryCreate(BaseMap.UrlTemplate.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal), UriKind.Absolute, out _),
            $"BaseMap is {BaseMap?.UrlTemplate}; it must be an absolute address with {{z}}, {{x}} and {{y}}.");
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }

        void Check(bool right, string fault)
        {
            if (!right)
            {
                faults.Add(fault);
            }
        }
    }
}

/// <summary>A base map from outside: any XYZ source, or WMTS by its tile template.</summary>
/// <param name="UrlTemplate">Address with {z}, {x} and {y}. It is shown to signed-in people together with the key in it.</param>
/// <param name="Attribution">What the source wants to be named as.</param>
/// <param name="MaxZoom">Deepest zoom it has, 0 to 24.</param>
public sealed record BaseMapOptions(string UrlTemplate, string Attribution, int MaxZoom = 18);
