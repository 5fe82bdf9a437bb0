using System.Globalization;
using System.Security.Cryptography;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.TestKit;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>Scenes of the data folder, described as an intake would.</summary>
internal static class RealScenes
{
    private static readonly (string Name, string Common)[] Sentinel = [("B02", "blue"), ("B03", "green"), ("B04", "red"), ("B08", "nir"), ("B11", "swir16"), ("B12", "swir22")];

    public static (Scene Before, Scene After, byte[] Label) Taizhou()
    {
        var root = TestData.Need("landsat_taizhou");
        var changed = ReadBytes(Path.Combine(root, "change.bmp"));
        var unchanged = ReadBytes(Path.Combine(root, "unchanged.bmp"));
        var label = new byte[changed.Length];
        for (var i = 0; i < label.Length; i++)
        {
            label[i] = (byte)(changed[i] != 0 ? 2 : unchanged[i] != 0 ? 1 : 0);
        }

        // No common names: the detector must work from the order of the bands.
        return (
            Of("taizhou-2000", [Path.Combine(root, "2000TM")], new DateTimeOffset(2000, 3, 17, 2, 0, 0, TimeSpan.Zero), null),
            Of("taizhou-2003", [Path.Combine(root, "2003TM")], new DateTimeOffset(2003, 2, 6, 2, 0, 0, TimeSpan.Zero), null),
            label);
    }

    public static (Scene Before, Scene After, byte[] Label) Oscd(string city)
    {
        var root = TestData.Need("oscd", city);
        var dates = File.ReadAllLines(Path.Combine(root, "dates.txt")).Where(l => l.Contains(':', StringComparison.Ordinal))
            .Select(l => DateTimeOffset.ParseExact(l.Split(':')[1].Trim(), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)).ToArray();
        return (
            Of($"{city}-1", Files("imgs_1"), dates[0], Sentinel),
            Of($"{city}-2", Files("imgs_2"), dates[1], Sentinel),
            ReadBytes(Path.Combine(root, "cm", $"{city}-cm.tif")));

        string[] Files(string folder) => [.. Sentinel.Select(b => Directory.GetFiles(Path.Combine(root, folder), $"*{b.Name}.tif").Single())];
    }

    /// <summary>A scene of one many-band file, or of one-band files.</summary>
    public static Scene Of(string id, string[] files, DateTimeOffset acquired, IReadOnlyList<(string Name, string Common)>? names, double scale = 1, double? noData = null)
    {
        var bands = new List<SceneBand>();
        var assets = new List<SceneAsset>();
        Grid? grid = null;
        var finest = double.MaxValue;
        foreach (var file in files)
        {
            using var data = RasterDataset.Open(file);
            var info = data.Describe();
            var transform = data.Transform!.Value;
            var size = Math.Sqrt(transform.PixelArea);
            for (var b = 1; b <= data.BandCount; b++)
            {
                var name = names is null ? null : names[bands.Count] is var n ? n.Name : null;
                var common = names is null ? null : names[bands.Count].Common;
                var quality = common == "quality";
                bands.Add(new SceneBand(name ?? $"b{b}", common, null, assets.Count, b, 10, quality ? null : info.Bands[b - 1].NoData ?? noData, quality ? 1 : scale, 0));
            }

            if (size < finest * 0.99)
            {
                finest = size;
                grid = new Grid(
                    info.CrsWkt!, [transform.OriginX, transform.PixelWidth, transform.RowRotation, transform.OriginY, transform.ColumnRotation, transform.PixelHeight], data.Width, data.Height);
            }

            assets.Add(new SceneAsset(file, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))), new FileInfo(file).Length));
        }

        using var crs = SpatialReference.Parse(grid!.CrsWkt);
        using var degrees = SpatialReference.FromEpsg(4490);
        using var toDegrees = new CoordinateTransform(crs, degrees);
        var at = new GeoTransform(grid.Transform[0], grid.Transform[1], grid.Transform[2], grid.Transform[3], grid.Transform[4], grid.Transform[5]);
        var box = toDegrees.Transform(at.BoundsOf(grid.Width, grid.Height));
        var ring = new GeometryFactory().ToGeometry(new Envelope(box.MinX, box.MaxX, box.MinY, box.MaxY));
        return new Scene
        {
            Id = id,
            AcquiredAt = acquired,
            ReceivedAt = acquired,
            Footprint = new Outline(ring, Geodesic.Cgcs2000.Measure(ring.AsBinary()).Area, "EPSG:4490"),
            Bands = bands,
            Grid = grid,
            Assets = assets,
            ContentHash = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Concat(assets.Select(a => a.Sha256))))),
        };
    }

    public static byte[] ReadBytes(string file)
    {
        using var data = RasterDataset.Open(file);
        var pixels = new byte[data.Width * data.Height];
        data.Read<byte>(1, data.FullWindow, pixels);
        return pixels;
    }
}
