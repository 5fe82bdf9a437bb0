using System.Text.Json;
using System.Text.Unicode;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes;

/// <summary>A document of a static STAC catalogue: what it is, and where it leads.</summary>
/// <param name="Links">Addresses as written, of rel child and item, in order.</param>
internal sealed record StacNode(bool IsItem, IReadOnlyList<(bool IsItem, string Href)> Links)
{
    public const int MaxLinks = 10_000;

    /// <exception cref="RefusedInputException">Not a document of STAC 1.x.</exception>
    public static StacNode Read(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span))
            throw new RefusedInputException("The document is not UTF-8 text; save it as UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(JsonFaults.WithoutByteOrderMark(utf8), new JsonDocumentOptions { MaxDepth = 64 });
            return Read(document.RootElement);
        }
        catch (JsonException problem)
        {
            throw new RefusedInputException(JsonFaults.Sentence(problem), problem);
        }
        catch (InvalidOperationException problem)
        {
            throw new RefusedInputException(JsonFaults.HalfCharacter, problem);
        }
    }

    private static StacNode Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || Text(root, "stac_version") is not { } version || Text(root, "type") is not ("Catalog" or "Collection" or "Feature"))
            throw new RefusedInputException("The document is no STAC Catalog, Collection or Item: it has no \"type\" and \"stac_version\".");
        if (!version.StartsWith("1.", StringComparison.Ordinal))
            throw new RefusedInputException($"$.stac_version is \"{DeviceTopic.Show(version)}\"; this reader knows 1.0 and 1.1.");
        if (Text(root, "type") == "Feature")
            return new StacNode(true, []);
        if (!root.TryGetProperty("links", out var links) || links.ValueKind != JsonValueKind.Array)
            throw new RefusedInputException("$.links is no list; a catalogue links to its children and Items.");
        if (links.GetArrayLength() > MaxLinks)
            throw new RefusedInputException($"$.links has {links.GetArrayLength()} entries; at most {MaxLinks} are followed. Split the catalogue.");
        var followed = new List<(bool, string)>();
        foreach (var link in links.EnumerateArray().Where(l => l.ValueKind == JsonValueKind.Object && Text(l, "rel") is "child" or "item"))
        {
            if (Text(link, "href") is not { Length: > 0 and <= 2048 } href)
                throw new RefusedInputException("$.links has an entry without href, or one of more than 2048 characters; correct it.");
            followed.Add((Text(link, "rel") == "item", href));
        }

        return new StacNode(false, followed);
    }

    private static string? Text(JsonElement parent, string field) =>
        parent.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <param name="Items">Paths or addresses of the Items, each once, in the order of the links; empty with a problem.</param>
/// <param name="Problem">One sentence, or null.</param>
public sealed record StacCatalogueReading(IReadOnlyList<string> Items, string? Problem);

/// <summary>
/// Finds the Items of a static STAC catalogue or collection: on the disk within the catalogue's own folder, over HTTP on hosts that are named. Bounded in depth, documents,
/// Items and bytes; a catalogue that leads back to itself is refused. Thread-safe.
/// </summary>
public sealed class StacCatalogueReader(SceneOptions options)
{
    private const int MaxDepth = 12;
    private const int MaxDocuments = 2_000;
    private const long MaxBytes = 256L * 1024 * 1024;

    private static readonly string[] RootNames = ["catalog.json", "collection.json"];

    /// <summary>Whether a path or address is to be walked instead of read as one scene.</summary>
    public bool IsCatalogue(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (RemoteFiles.IsAddress(path))
            return !path.EndsWith("item.json", StringComparison.OrdinalIgnoreCase);
        if (Directory.Exists(path))
            return RootOf(path) is not null;
        if (!Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) || !File.Exists(path))
            return false;
        try
        {
            return new FileInfo(path).Length <= options.MaxItemBytes && !StacNode.Read(File.ReadAllBytes(path)).IsItem;
        }
        catch (Exception problem) when (problem is RefusedInputException or IOException or UnauthorizedAccessException)
        {
            // Reading it as a scene says what is wrong with it.
            return false;
        }
    }

    /// <param name="path">A catalogue's file, a folder with catalog.json or collection.json, or an http(s) address; an address of an Item gives that Item.</param>
    /// <param name="cancellation">Ends the walk, and the wait for a remote host.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public StacCatalogueReading Read(string path, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            var remote = new RemoteFiles(options);
            var root = RemoteFiles.IsAddress(path) ? remote.Allowed(path, path).AbsoluteUri : Path.GetFullPath(RootOf(path) ?? path);
            var walk = new Walk(options, remote, RemoteFiles.IsAddress(path) ? null : Path.GetDirectoryName(root)!, cancellation);
            walk.Visit(root, [], isItem: false);
            return walk.Items.Count > 0
                ? new StacCatalogueReading(walk.Items, null)
                : new StacCatalogueReading([], $"{path} has no Items; link to them with rel \"item\".");
        }
        catch (RefusedInputException refused)
        {
            return new StacCatalogueReading([], refused.Message);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new StacCatalogueReading([], $"{path} cannot be read: {problem.Message}");
        }
    }

    private static string? RootOf(string folder) =>
        Directory.Exists(folder) ? RootNames.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists) : null;

    private sealed class Walk(SceneOptions options, RemoteFiles remote, string? folder, CancellationToken cancellation)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private long _bytes;
        private int _documents;

        public List<string> Items { get; } = [];

        public void Visit(string at, IReadOnlyList<string> above, bool isItem)
        {
            cancellation.ThrowIfCancellationRequested();
            if (above.Contains(at, StringComparer.Ordinal))
                throw new RefusedInputException($"{at} is linked as its own child: the catalogue leads in a circle; mend its links.");
            if (!_seen.Add(at))
                return;
            if (isItem)
            {
                Keep(at);
                return;
            }

            if (above.Count == MaxDepth)
                throw new RefusedInputException($"{at} lies more than {MaxDepth} catalogues deep; give a catalogue further down.");
            if (++_documents > MaxDocuments)
                throw new RefusedInputException($"{above[0]} has more than {MaxDocuments} catalogues; give one further down.");
            var node = NodeAt(at);
            if (node.IsItem)
            {
                Keep(at);
                return;
            }

            IReadOnlyList<string> path = [.. above, at];
            foreach (var (leadsToItem, href) in node.Links)
                Visit(Resolve(at, href), path, leadsToItem);
        }

        private void Keep(string at)
        {
            if (Items.Count == options.MaxCatalogueItems)
                throw new RefusedInputException($"The catalogue has more than {options.MaxCatalogueItems} Items; give a catalogue or collection further down.");
            Items.Add(at);
        }

        private StacNode NodeAt(string at)
        {
            byte[] bytes;
            if (folder is null)
            {
                bytes = remote.Read(new Uri(at), options.MaxItemBytes, cancellation);
            }
            else
            {
                if (!File.Exists(at))
                    throw new RefusedInputException($"{at} does not exist; mend the catalogue's links.");
                PlainFiles.Demand(folder, at);
                if (new FileInfo(at).Length is var length && length > options.MaxItemBytes)
                    throw new RefusedInputException($"{at} has {length} bytes; a STAC document has at most {options.MaxItemBytes}.");
                bytes = File.ReadAllBytes(at);
            }

            if ((_bytes += bytes.Length) > MaxBytes)
                throw new RefusedInputException($"{at}: the catalogue's documents have more than {MaxBytes} bytes together; give a catalogue further down.");
            try
            {
                return StacNode.Read(bytes);
            }
            catch (RefusedInputException problem)
            {
                throw new RefusedInputException($"{at}: {problem.Message}", problem);
            }
        }

        private string Resolve(string from, string href)
        {
            var where = $"{from}: the link \"{DeviceTopic.Show(href)}\"";
            if (folder is null)
            {
                if (!Uri.TryCreate(new Uri(from), href, out var address))
                    throw new RefusedInputException($"{where} is no address; correct it.");
                return remote.Allowed(address.AbsoluteUri, where).AbsoluteUri;
            }

            if (RemoteFiles.IsAddress(href))
                throw new RefusedInputException($"{where} leads from a catalogue on this machine to another; give that address itself, with its host in SceneHosts.");
            var name = Uri.UnescapeDataString(href);
            if (name.Contains("://", StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal) || Path.IsPathRooted(name))
                throw new RefusedInputException($"{where} is no relative path; write it relative to its document.");
            var at = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(from)!, name));
            return at.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                ? at
                : throw new RefusedInputException($"{where} leads out of the catalogue's folder; keep its documents below {folder}.");
        }
    }
}
