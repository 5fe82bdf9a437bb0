using System.Text.Json.Serialization;
using System.Text.Json;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// What a series needs of its first scene for as long as it lives, in a file of its own: the grid, who the scene was, and a few windows of its
/// short-wave infrared onto which later scenes are registered. With it nobody needs the first scene again, also when the memory is made again
/// and the scene is gone.
/// </summary>
internal sealed record SeriesReference
{
    private const int Side = 256;
    private const int MostWindows = 9;
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The series as its first scene began it.</summary>
    public required SeriesState Begun { get; init; }

    public required SeriesScene First { get; init; }

    /// <summary>Hash of the history after the first scene.</summary>
    public required string HashAfterFirst { get; init; }

    /// <summary>Windows of the first scene, NaN where it was not clear, little-endian 32-bit floats row by row.</summary>
    public required IReadOnlyList<byte[]> Windows { get; init; }

    [JsonIgnore]
    private List<PixelWindow> Places => SampleWindows.Of(Begun.Grid.Width, Begun.Grid.Height, Side, MostWindows);

    /// <param name="begun">Before its first scene.</param>
    /// <param name="band">That sees edges through haze.</param>
    public static SeriesReference Of(SeriesState begun, CataloguedScene first, int band, CancellationToken cancellation)
    {
        using var reader = new GridReader(first.Scene, begun.Grid, [band], BandPairing.Of(first.Scene, first.Scene).QualityBefore, []);
        return new SeriesReference
        {
            Begun = begun,
            First = new SeriesScene(first.Sequence, first.Scene.Id, first.Scene.AcquiredAt),
            HashAfterFirst = SeriesState.HashAfter(begun.HistoryHash, first.Scene),
            Windows = [.. SampleWindows.Of(begun.Grid.Width, begun.Grid.Height, Side, MostWindows).Select(w => System.Runtime.InteropServices.MemoryMarshal.AsBytes(Clear(reader, w, cancellation).AsSpan()).ToArray())],
        };
    }

    /// <summary>How far a later scene lies beside the first.</summary>
    public PixelShift Register(Scene scene, int band, CancellationToken cancellation)
    {
        using var reader = new GridReader(scene, Begun.Grid, [band], BandPairing.Of(scene, scene).QualityBefore, []);
        var tiles = new List<(float[], float[], int, int)>();
        foreach (var (window, stored) in Places.Zip(Windows))
        {
            var a = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(stored).ToArray();
            var b = Clear(reader, window, cancellation);
            for (var i = 0; i < a.Length; i++)
            {
                if (float.IsNaN(a[i]) || float.IsNaN(b[i]))
                {
                    a[i] = b[i] = float.NaN;
                }
            }

            tiles.Add((a, b, window.Width, window.Height));
        }

        return ShiftEstimate.Of(tiles).Trusted;
    }

    /// <summary>The series with its first look missing: its scene is gone, but what came after it goes on in the same series.</summary>
    public SeriesState WithoutFirstLook() => Begun with { Scenes = [First], HistoryHash = HashAfterFirst };

    /// <summary>On the disk when this returns.</summary>
    public void Write(string path)
    {
        var part = path + ".part";
        using (var stream = new FileStream(part, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, this, Json);
            stream.Flush(flushToDisk: true);
        }

        File.Move(part, path, overwrite: true);
    }

    /// <exception cref="SeriesMemoryException">It cannot be read.</exception>
    public static SeriesReference Read(string path)
    {
        try
        {
            var reference = JsonSerializer.Deserialize<SeriesReference>(File.ReadAllBytes(path), Json) ?? throw new InvalidDataException("It is empty.");
            var places = reference.Places;
            return places.Count == reference.Windows.Count && places.Zip(reference.Windows).All(p => p.First.PixelCount * sizeof(float) == p.Second.Length)
                ? reference : throw new InvalidDataException("Its windows do not fit its grid.");
        }
        catch (Exception problem) when (SeriesMemoryException.IsDamage(problem))
        {
            throw new SeriesMemoryException(path, problem);
        }
    }

    private static float[] Clear(GridReader reader, PixelWindow window, CancellationToken cancellation)
    {
        var values = new float[(int)window.PixelCount];
        var quality = new PixelQuality[values.Length];
        reader.Read(window, values, quality, cancellation);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = quality[i] == PixelQuality.Clear ? values[i] : float.NaN;
        }

        return values;
    }
}
