namespace Monitoring.Ingest.Scenes;

/// <summary>Folders and limits of the scene door.</summary>
public sealed record SceneOptions
{
    /// <summary>Folder that holds <c>inbox</c>, <c>store</c> and <c>rejected</c>, all in one file system. Default <c>scenes</c>.</summary>
    public string Folder { get; init; } = "scenes";

    /// <summary>Pixels of a scene in bytes, all bands at full size, as its files declare them. At least 1; default 256 GiB.</summary>
    public long MaxPixelBytes { get; init; } = 256L * 1024 * 1024 * 1024;

    /// <summary>Bands of a scene, at least 1. Default 64.</summary>
    public int MaxBands { get; init; } = 64;

    /// <summary>
    /// Bytes of one block of a file, the unit in which it can be read; of all bands where they are stored pixel by pixel. At least 1; default 64 MiB.
    /// A comparison holds a block for each of its four file handles.
    /// </summary>
    public long MaxBlockBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Bytes of a STAC Item. At least 1; default 4 MiB.</summary>
    public int MaxItemBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long a file in the inbox must stay unchanged before it is taken. Positive; default 5 s.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an Item waits for a file it names. Not negative; default 60 s.</summary>
    public TimeSpan AssetPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the inbox is looked through, besides when the file system says that something changed. Positive; default 1 s.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an entry that could not be taken for a fault of this machine (a full disk) waits for the next try. Positive; default 60 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes that stay free on the disk of <see cref="Folder"/>: a scene that would leave less is not taken. Not negative; default 1 GiB, 0 = no floor.</summary>
    public long MinFreeBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Folder of the operator's own sensor descriptions (*.json, docs/formats/sensors.md); missing or null = only those that come with the program. Default null.</summary>
    public string? SensorFolder { get; init; }

    /// <summary>
    /// Hosts, as host or host:port, from which Items, catalogues and their rasters may be read over HTTP. Default none: nothing remote is read.
    /// </summary>
    public IReadOnlyList<string> RemoteHosts { get; init; } = [];

    /// <summary>How long a document of a remote host is waited for, headers and body together. Positive; default 30 s.</summary>
    public TimeSpan RemotePatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Items that one catalogue may give, at least 1. Default 1000.</summary>
    public int MaxCatalogueItems { get; init; } = 1000;

    public string Inbox => Path.Combine(Folder, "inbox");

    public string Store => Path.Combine(Folder, "store");

    public string Rejected => Path.Combine(Folder, "rejected");

    /// <summary>One sentence for each option outside its range.</summary>
    public IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(Folder))
            yield return "Scenes:Folder is empty; name a folder.";
        if (MaxPixelBytes < 1)
            yield return $"Scenes:MaxPixelBytes is {MaxPixelBytes}; it must be at least 1.";
        if (MaxBands < 1)
            yield return $"Scenes:MaxBands is {MaxBands}; it must be at least 1.";
        if (MaxBlockBytes < 1)
            yield return $"Scenes:MaxBlockBytes is {MaxBlockBytes}; it must be at least 1.";
        if (MaxItemBytes < 1)
            yield return $"Scenes:MaxItemBytes is {MaxItemBytes}; it must be at least 1.";
        if (Settle <= TimeSpan.Zero || Poll <= TimeSpan.Zero)
            yield return $"Scenes:Settle is {Settle} and Scenes:Poll {Poll}; both must be positive.";
        if (RetryAfter <= TimeSpan.Zero)
            yield return $"Scenes:RetryAfter is {RetryAfter}; it must be positive.";
        if (MinFreeBytes < 0)
            yield return $"Scenes:MinFreeBytes is {MinFreeBytes}; it must not be negative.";
        if (RemotePatience <= TimeSpan.Zero)
            yield return $"Scenes:RemotePatience is {RemotePatience}; it must be positive.";
        if (MaxCatalogueItems < 1)
            yield return $"Scenes:MaxCatalogueItems is {MaxCatalogueItems}; it must be at least 1.";
        foreach (var host in RemoteHosts.Where(h => !Uri.TryCreate($"https://{h}/", UriKind.Absolute, out var address) || !address.Authority.Equals(h, StringComparison.OrdinalIgnoreCase)))
            yield return $"Scenes:RemoteHosts names \"{host}\", which is no host; write for example stac.example.org or 127.0.0.1:8000.";
        if (Sensors.SensorCatalogue.ProblemOf(SensorFolder) is { } problem)
            yield return problem;
        if (AssetPatience < TimeSpan.Zero)
            yield return $"Scenes:AssetPatience is {AssetPatience}; it must not be negative.";
    }
}
