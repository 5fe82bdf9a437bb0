using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;
using Outline = Monitoring.Domain.Geometry.Outline;

namespace Monitoring.Ingest.Scenes;

/// <summary>A scene as its input states it, before grid, footprint and hashes.</summary>
/// <param name="StatedId">The Item's id, or null: then the id is made of <paramref name="Name"/> and the content's hash.</param>
internal sealed record SceneDraft(
    string? StatedId, string Name, string? Collection, string? Platform, DateTimeOffset AcquiredAt, double? CloudCover, double? SunElevation,
    IReadOnlyList<DraftBand> Bands, IReadOnlyList<string> Files);

internal sealed record DraftBand(
    string Name, string? CommonName, double? Micrometers, RasterSource Source, int BandIndex, double? NoData, double Scale, double Offset);

/// <summary>Computes grid, footprint and hashes.</summary>
internal sealed class SceneAssembler(TimeProvider clock, bool hashFiles)
{
    /// <summary>Pieces of each edge of the footprint: straight in the raster's CRS is bent in degrees.</summary>
    private const int PiecesPerEdge = 16;

    private const int MaxIdLength = 128;

    public Scene Assemble(SceneDraft draft)
    {
        foreach (var source in draft.Bands.Select(b => b.Source).DistinctBy(s => s.Path))
            MustBePlaced(source);
        var finest = draft.Bands.MinBy(b => b.Source.PixelMeters)!.Source;
        var transform = finest.Info.Transform!.Value;
        var paths = draft.Bands.Select(b => b.Source.Path).Distinct(StringComparer.Ordinal).ToList();
        var assets = paths.Select(AssetOf).ToList();
        var content = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(assets.Select(a => a.Sha256)))));
        return new Scene
        {
            Id = draft.StatedId is { } id ? Clean(id) : $"{Clean(draft.Name, MaxIdLength - 9)}-{content[..8]}",
            Collection = draft.Collection,
            Platform = draft.Platform,
            AcquiredAt = draft.AcquiredAt.ToUniversalTime(),
            ReceivedAt = clock.GetUtcNow(),
            Footprint = Footprint(finest, transform),
            Bands =
            [
                .. draft.Bands.Select(b => new SceneBand(
                    b.Name, b.CommonName, b.Micrometers, paths.IndexOf(b.Source.Path), b.BandIndex, b.Source.PixelMeters, b.NoData, b.Scale, b.Offset)),
            ],
            Grid = new Grid(
                finest.CrsWkt!,
                [transform.OriginX, transform.PixelWidth, transform.RowRotation, transform.OriginY, transform.ColumnRotation, transform.PixelHeight],
                finest.Info.Width,
                finest.Info.Height),
            CloudCover = draft.CloudCover,
            SunElevation = draft.SunElevation,
            Assets = assets,
            ContentHash = content,
        };
    }

    private static void MustBePlaced(RasterSource source)
    {
        if (source.CrsWkt is null)
        {
            throw new RefusedInputException(
                $"{source.Path} does not say which CRS it is in; set it (gdal_edit.py -a_srs EPSG:4547 FILE), or name it in a STAC Item with proj:code.");
        }

        if (source.Info.Transform is not { } transform || transform == GeoTransform.Identity || source.PixelMeters is not > 0)
        {
            throw new RefusedInputException(
                $"{source.Path} has no georeference (no place and pixel size); deliver it with its world file or as georeferenced GeoTIFF.");
        }
    }

    private static Outline Footprint(RasterSource source, GeoTransform transform)
    {
        var ring = new List<Coordinate>();
        (double Column, double Row)[] corners = [(0, 0), (source.Info.Width, 0), (source.Info.Width, source.Info.Height), (0, source.Info.Height)];
        for (var edge = 0; edge < 4; edge++)
        {
            var (from, to) = (corners[edge], corners[(edge + 1) % 4]);
            for (var piece = 0; piece < PiecesPerEdge; piece++)
            {
                var share = piece / (double)PiecesPerEdge;
                var (x, y) = transform.Apply(from.Column + ((to.Column - from.Column) * share), from.Row + ((to.Row - from.Row) * share));
                ring.Add(new Coordinate(x, y));
            }
        }

        ring.Add(ring[0].Copy());
        using var crs = SpatialReference.FromWkt(source.CrsWkt!);
        using var common = SpatialReference.FromEpsg(Outline.Srid);
        double[] xs = [.. ring.Select(c => c.X)], ys = [.. ring.Select(c => c.Y)];
        using (var toCommon = new CoordinateTransform(crs, common))
        {
            if (toCommon.Transform(xs, ys) > 0 || xs.Any(x => x is not (>= -180 and <= 180)) || ys.Any(y => y is not (>= -90 and <= 90)))
                throw new RefusedInputException($"{source.Path} cannot be placed on the earth: its coordinates do not fit its CRS ({crs}); correct the CRS.");
        }

        var shape = new GeometryFactory(new PrecisionModel(), Outline.Srid).CreatePolygon([.. xs.Zip(ys, (x, y) => new Coordinate(x, y))]);
        var name = crs.IdentifyEpsg() is { } epsg ? string.Create(CultureInfo.InvariantCulture, $"EPSG:{epsg}") : source.CrsWkt!;
        return new Outline(shape, Geodesic.Cgcs2000.Measure(new WKBWriter().Write(shape)).Area, name);
    }

    private SceneAsset AssetOf(string path)
    {
        var full = Path.GetFullPath(path);
        var file = new FileInfo(full);
        if (!hashFiles)
        {
            var statement = string.Create(CultureInfo.InvariantCulture, $"{full}|{file.Length}|{file.LastWriteTimeUtc.Ticks}");
            return new SceneAsset(full, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(statement))), file.Length);
        }

        using var stream = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        return new SceneAsset(full, Convert.ToHexStringLower(SHA256.HashData(stream)), file.Length);
    }

    /// <summary>An id that can stand in an address: other characters become _, and then a hash keeps two names apart.</summary>
    private static string Clean(string text, int maxLength = MaxIdLength)
    {
        var clean = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_'));
        if (clean == text && clean.Length <= maxLength)
            return clean;
        var tail = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
        return $"{(clean.Length > maxLength - 9 ? clean[..(maxLength - 9)] : clean)}-{tail}";
    }
}
