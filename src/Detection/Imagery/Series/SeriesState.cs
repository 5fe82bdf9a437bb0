using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Domain.Faults;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>A scene that was worked into a series.</summary>
/// <param name="Sequence">Its place in the catalogue.</param>
public sealed record SeriesScene(long Sequence, string Id, DateTimeOffset AcquiredAt);

/// <summary>
/// The memory of one series: its grid, the scenes it was made from, and a raster of <see cref="PixelHistory"/>. A step writes a new
/// generation beside the old one, which stays until the step after next, so that a crash at any moment leaves the generation that
/// belongs to the stored cursor. Everything in it follows from the catalogue: a lost one is made again.
/// </summary>
public sealed record SeriesState
{
    public required string SeriesId { get; init; }

    public required Grid Grid { get; init; }

    /// <summary>Box of the grid in degrees: west, south, east, north; then once more where it goes on behind the 180° meridian.</summary>
    public required IReadOnlyList<double> Box { get; init; }

    /// <summary>Worked scenes in order; the n-th has ordinal n.</summary>
    public required IReadOnlyList<SeriesScene> Scenes { get; init; }

    /// <summary>Hash over the content of all worked scenes in order: with the options it decides what the next scene gives.</summary>
    public required string HistoryHash { get; init; }

    /// <summary>File name of the raster, in the folder of the state.</summary>
    public required string Raster { get; init; }

    /// <summary>File name of the index of the watch (seasonal models of every pixel), in the folder of the state; null when the series is not watched.</summary>
    public string? Watch { get; init; }

    /// <summary>Ordinals of the scenes whose looks are laid by for the watch, ascending (<see cref="LaidLooks"/>).</summary>
    public IReadOnlyList<int> Laid { get; init; } = [];

    /// <summary>Tiles of the watch that have had their first fit, in order of their numbers.</summary>
    public int FittedTiles { get; init; }

    /// <summary>The same as a shape.</summary>
    [JsonIgnore]
    public NetTopologySuite.Geometries.Geometry Ground => GroundBoxes.FromNumbers(Box);

    [JsonIgnore]
    public DateTimeOffset LastAcquired => Scenes[^1].AcquiredAt;

    /// <summary>First ordinal acquired within the time before <paramref name="at"/>; everything smaller is older.</summary>
    public int OrdinalAfter(DateTimeOffset at)
    {
        for (var i = 0; i < Scenes.Count; i++)
        {
            if (Scenes[i].AcquiredAt >= at)
            {
                return i + 1;
            }
        }

        return Scenes.Count + 1;
    }

    public static string HashAfter(string before, Scene scene) => FindingId.Of("series", before, scene.Id, scene.ContentHash);
}

/// <summary>The memory of the series cannot be read. It is a cache: forget it and make it again.</summary>
public sealed class SeriesMemoryException(string path, Exception inner) : Exception($"The memory of a series cannot be read and is made again: {path}. {inner.Message}", inner)
{
    /// <summary>
    /// Whether a failure says that a file is missing or damaged. A full disk, too many open files or somebody who holds the file say nothing of what is in
    /// it: the memory of years must not be dropped for them.
    /// </summary>
    internal static bool IsDamage(Exception problem) => problem switch
    {
        InvalidDataException or JsonException => true,
        IOException => !SystemFault.IsPassing(problem),
        _ => false,
    };
}

/// <summary>The states of all series in a folder. One owner.</summary>
public sealed class SeriesStore
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private const string ReferenceEnding = ".reference";

    /// <summary>Kept free beside what a generation takes: indices, the list of the series, and what others write meanwhile.</summary>
    private const long Spare = 64L << 20;

    private const int ProbedAtOnce = 8;

    private readonly string _folder;

    public SeriesStore(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <summary>Bytes that may still be written where a folder lies; null when the system does not tell.</summary>
    internal Func<string, long?> FreeBytes { get; init; } = static folder =>
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    };

    /// <summary>How rasters are opened.</summary>
    internal Func<string, RasterDataset> OpenRaster { get; init; } = static path => RasterDataset.Open(path);

    /// <summary>Asked before a generation is written, so that a disk is not filled to its end and what is there stays as it is.</summary>
    /// <param name="bytes">That it will take.</param>
    /// <exception cref="NoRoomException">There is less.</exception>
    internal void NeedRoom(long bytes)
    {
        if (FreeBytes(_folder) is { } free && free < bytes + Spare)
        {
            throw new NoRoomException(Path.GetFullPath(_folder), bytes + Spare, free);
        }
    }

    public string PathOf(string raster) => Path.Combine(_folder, raster);

    /// <summary>All series as they stood when catalogue sequence <paramref name="sequence"/> was worked, or null when that cannot be had.</summary>
    public List<SeriesState>? At(long sequence)
    {
        var file = Path.Combine(_folder, FileOf(sequence));
        if (!File.Exists(file))
        {
            return sequence == 0 ? [] : null;
        }

        try
        {
            var states = JsonSerializer.Deserialize<List<SeriesState>>(File.ReadAllBytes(file), Json);
            return states is not null && states.TrueForAll(s => FilesOf(s).All(f => File.Exists(PathOf(f)))) ? states : null;
        }
        catch (JsonException)
        {
            // Cut off by a crash: make it again.
            return null;
        }
    }

    /// <summary>Drops the memory, which cannot be read and is made again; what the series keep of their first scenes stays.</summary>
    public void Forget()
    {
        foreach (var file in Directory.EnumerateFiles(_folder).Where(f => !f.EndsWith(ReferenceEnding, StringComparison.Ordinal)))
        {
            File.Delete(file);
        }
    }

    /// <summary>A series with an empty raster.</summary>
    internal SeriesState Begin(SeriesState state)
    {
        Create(state.Raster, state.Grid).Dispose();
        return state;
    }

    /// <summary>What a series keeps of its first scene.</summary>
    /// <exception cref="SeriesMemoryException">It cannot be read.</exception>
    internal SeriesReference ReferenceOf(SeriesState state) => SeriesReference.Read(PathOf(state.SeriesId + ReferenceEnding));

    internal void Keep(SeriesReference reference) => reference.Write(PathOf(reference.Begun.SeriesId + ReferenceEnding));

    /// <summary>What is kept of first scenes and can be read, in the order of the catalogue.</summary>
    internal List<SeriesReference> References()
    {
        List<SeriesReference> found = [];
        foreach (var file in Directory.EnumerateFiles(_folder, "*" + ReferenceEnding))
        {
            try
            {
                found.Add(SeriesReference.Read(file));
            }
            catch (SeriesMemoryException)
            {
                // Its series begins anew with a scene that can be read.
                File.Delete(file);
            }
        }

        return [.. found.OrderBy(r => r.First.Sequence)];
    }

    /// <summary>The histories of a generation; closed by the caller.</summary>
    /// <exception cref="SeriesMemoryException">They cannot be read.</exception>
    /// <exception cref="IOException">The system cannot open files now.</exception>
    internal RasterDataset Open(string raster)
    {
        var path = PathOf(raster);
        try
        {
            return OpenRaster(path);
        }
        catch (GdalException)
        {
            // GDAL does not say whether the file is damaged or the system had nothing left to open it with; the framework does.
            Probe(path);
        }

        try
        {
            return OpenRaster(path);
        }
        catch (GdalException problem)
        {
            throw new SeriesMemoryException(path, problem);
        }
    }

    /// <summary>Opens and reads a file as often at once as GDAL may have it open.</summary>
    /// <exception cref="SeriesMemoryException">It is missing or damaged.</exception>
    /// <exception cref="IOException">The system lacks something, which says nothing of the file.</exception>
    private static void Probe(string path)
    {
        List<FileStream> open = [];
        try
        {
            for (var i = 0; i < ProbedAtOnce; i++)
            {
                var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                open.Add(file);
                file.ReadByte();
            }
        }
        catch (Exception problem) when (SeriesMemoryException.IsDamage(problem))
        {
            throw new SeriesMemoryException(path, problem);
        }
        finally
        {
            open.ForEach(static f => f.Dispose());
        }
    }

    /// <summary>Reads from what <see cref="Open"/> gave.</summary>
    /// <exception cref="SeriesMemoryException">They cannot be read.</exception>
    internal static void Read(RasterDataset histories, ReadOnlySpan<int> bands, PixelWindow window, Span<ushort> fields, CancellationToken cancellation)
    {
        try
        {
            histories.Read(bands, window, window.Width, window.Height, fields, cancellation: cancellation);
        }
        catch (GdalException problem)
        {
            throw new SeriesMemoryException(histories.Path, problem);
        }
    }

    /// <summary>
    /// A closed raster is on the disk when this returns, so that a state never names one whose pixels a power cut took back. Its name in
    /// the folder may still be lost: then the state does not count (<see cref="At"/>).
    /// </summary>
    internal void MakeDurable(string raster)
    {
        using var file = File.OpenHandle(PathOf(raster), FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Records how all series stand after <paramref name="sequence"/>, then drops what the generation before needed alone.</summary>
    /// <param name="keep">The generation that the durable cursor still stands on.</param>
    public void Save(long sequence, long keep, IReadOnlyList<SeriesState> states)
    {
        var file = Path.Combine(_folder, FileOf(sequence));
        var part = file + ".part";
        using (var stream = new FileStream(part, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, states, Json);
            stream.Flush(flushToDisk: true);
        }

        File.Move(part, file, overwrite: true);
        HashSet<string> needed = [FileOf(sequence), FileOf(keep), .. states.SelectMany(FilesOf), .. (At(keep) ?? []).SelectMany(FilesOf)];
        foreach (var old in Directory.EnumerateFiles(_folder).Where(f => !needed.Contains(Path.GetFileName(f)) && !f.EndsWith(ReferenceEnding, StringComparison.Ordinal)))
        {
            File.Delete(old);
        }
    }

    /// <summary>File name of the states of a series' watch, which all its generations share.</summary>
    internal static string WatchData(SeriesState state) => $"{state.SeriesId}.states";

    /// <summary>File name of a generation of a series' watch.</summary>
    /// <param name="fitted">Tiles that the first fit had done; 0 of a generation that a scene made.</param>
    internal static string WatchIndex(SeriesState state, int fitted) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{state.SeriesId}-{state.Scenes[^1].Sequence}{(fitted == 0 ? "" : $"-{fitted}")}.watch");

    /// <summary>File name of a look that is laid by.</summary>
    internal static string LaidLook(SeriesState state, int ordinal) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{state.SeriesId}-{state.Scenes[ordinal - 1].Sequence}.look");

    /// <summary>The states of a series' watch for one more generation; closed by the caller.</summary>
    /// <exception cref="SeriesMemoryException">They cannot be read.</exception>
    internal SeriesWatchFile OpenWatch(SeriesState state, WatchTiles tiles) =>
        SeriesWatchFile.Open(PathOf(WatchData(state)), state.Watch is null ? null : PathOf(state.Watch), tiles);

    private static IEnumerable<string> FilesOf(SeriesState state) =>
        [state.Raster, state.SeriesId + ReferenceEnding, .. state.Watch is null ? Array.Empty<string>() : [state.Watch, WatchData(state)], .. state.Laid.Select(l => LaidLook(state, l))];

    /// <summary>An empty raster of histories; closed by the caller.</summary>
    internal RasterDataset Create(string raster, Grid grid)
    {
        var data = RasterDataset.Create(
            PathOf(raster), "GTiff", grid.Width, grid.Height, PixelHistory.Fields, PixelType.UInt16, ["TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "BIGTIFF=IF_SAFER", "SPARSE_OK=TRUE", "INTERLEAVE=BAND"]);
        data.Transform = GridReader.TransformOf(grid);
        return data;
    }

    /// <summary>What another version of the detector remembered is not ours: it is made again.</summary>
    private static string FileOf(long sequence) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"series-v{SeriesDetector.Version}-{sequence}.json");
}
