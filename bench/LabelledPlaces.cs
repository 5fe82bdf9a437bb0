using System.Globalization;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;

namespace Monitoring.Bench;

/// <summary>The labelled pairs of the data folder as places to plant on, read as an intake reads them.</summary>
internal static class LabelledPlaces
{
    public static readonly string[] Cities = ["rennes", "abudhabi", "bordeaux", "aguasclaras", "paris"];

    public static async Task<Place> CityAsync(string name)
    {
        var root = Path.Combine(Repository.Data(), "oscd", name);
        var dates = (await File.ReadAllLinesAsync(Path.Combine(root, "dates.txt"))).Where(l => l.Contains(':', StringComparison.Ordinal))
            .Select(l => DateTimeOffset.ParseExact(l.Split(':')[1].Trim(), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)).ToArray();
        return new Place(name, Read(Path.Combine(root, "imgs_1"), dates[0]), Read(Path.Combine(root, "imgs_2"), dates[1]), Bytes(Path.Combine(root, "cm", $"{name}-cm.tif"), v => v == 2));
    }

    public static Place Taizhou()
    {
        var root = Path.Combine(Repository.Data(), "landsat_taizhou");
        return new Place(
            "taizhou", Read(Path.Combine(root, "2000TM"), new DateTimeOffset(2000, 3, 17, 2, 0, 0, TimeSpan.Zero)), Read(Path.Combine(root, "2003TM"), new DateTimeOffset(2003, 2, 6, 2, 0, 0, TimeSpan.Zero)),
            Bytes(Path.Combine(root, "change.bmp"), v => v != 0));
    }

    /// <summary>The second scene of a place with roofs on it, written to a new folder.</summary>
    public static Scene Planted(Place place, PlantedGround ground, List<Roof> roofs, string folder)
    {
        Directory.CreateDirectory(folder);
        ground.Write(roofs, folder);
        return Read(place.After.Assets.Count > 1 ? folder : Directory.GetFiles(folder).Single(), place.After.AcquiredAt);
    }

    private static Scene Read(string path, DateTimeOffset acquired)
    {
        var reading = new SceneReader(new SceneOptions(), TimeProvider.System).Read(path, acquired);
        return reading.Scene ?? throw new InvalidOperationException(reading.Problem);
    }

    private static bool[] Bytes(string file, Func<byte, bool> isChange)
    {
        using var data = RasterDataset.Open(file);
        var pixels = new byte[data.Width * data.Height];
        data.Read<byte>(1, data.FullWindow, pixels);
        return [.. pixels.Select(isChange)];
    }
}
