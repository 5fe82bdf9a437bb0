using System.Globalization;
using Monitoring.Dashboard.Api;
using Monitoring.Dashboard.Regions;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using NetTopologySuite.Features;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO.VectorTiles;
using NetTopologySuite.IO.VectorTiles.Mapbox;
using NetTopologySuite.Operation.OverlayNG;
using NetTopologySuite.Simplify;

namespace Monitoring.Dashboard.Tiles;

/// <summary>
/// Vector tiles (Mapbox Vector Tile 2.1) of the registers and of judged patches. Each feature is clipped to the tile with a margin and
/// simplified to what the zoom can show before it is written; what the reader may not see is not in it.
/// </summary>
internal sealed class VectorTiles(IPlanRegister register, IFindingStore findings, RegionDirectory regions, TileCache cache)
{
    private const int Extent = 4096;

    /// <summary>Patches are small, and read anew for each tile: below this zoom they cannot be seen and their tiles are empty.</summary>
    private const int LeastPatchZoom = 8;

    /// <summary>Margin around a tile in shares of its side, so that outlines do not show at tile borders.</summary>
    private const double Margin = 64.0 / Extent;

    /// <summary>Detail finer than this share of a tile's side is left out: a quarter of a pixel of a 512-pixel tile.</summary>
    private const double Finest = 1.0 / 2048;

    private static readonly GeometryFactory Geometries = new();

    /// <summary>The tile and, where it does not change with every new finding, the name of its version.</summary>
    public async Task<(byte[] Tile, string? Version)> CutAsync(string layer, int z, int x, int y, Reader reader, CancellationToken cancellationToken)
    {
        if (reader.SeesNothing || !reader.MaySee(layer))
        {
            return ([], null);
        }

        var meters = WebMercator.MetersOf(z, x, y);
        var cut = new Cut(meters);
        if (MapLayers.Parse(layer) is not { } which)
        {
            if (z < LeastPatchZoom)
            {
                return ([], null);
            }

            var patches = await findings.JudgedPatchesAsync(cut.Degrees, cancellationToken);
            return (Write(layer, z, x, y, patches.Where(p => reader.Scope.Covers(p.RegionCode)).Select(p => FeatureOf(p, cut))), null);
        }

        var day = regions.Today;
        var seen = reader.Grades.ShowsAll(reader.Role, layer) ? "all" : reader.Role.ToString();
        var version = string.Create(CultureInfo.InvariantCulture, $"{reader.Names.Version}-{day:yyyyMMdd}-{seen}");
        var key = $"{layer}/{z}/{x}/{y}/{version}/{reader.Ground?.Key ?? "*"}";
        if (cache.Find(key) is { } kept)
        {
            return (kept, version);
        }

        var features = await register.QueryAsync(
            which, new MapQuestion { Box = cut.Degrees, InForceOn = day, AsOfVersion = reader.Names.Version > 0 ? reader.Names.Version : null }, cancellationToken);
        var tile = Write(layer, z, x, y, features.Where(reader.MaySee).Select(f => FeatureOf(f, cut)));
        cache.Keep(key, tile);
        return (tile, version);
    }

    private static Feature? FeatureOf(MapFeature feature, Cut cut)
    {
        // What is too small to see goes, except where its mere presence matters: control lines and permits.
        if (cut.Take(feature.Outline.Shape, keepTiny: feature.Layer is not MapLayer.Parcel) is not { } shape)
        {
            return null;
        }

        var attributes = new AttributesTable { { "id", feature.Id } };
        foreach (var (name, value) in MapLayers.PropertiesOf(feature))
        {
            attributes.Add(name, value);
        }

        return new Feature(shape, attributes);
    }

    private static Feature? FeatureOf(JudgedPatch judged, Cut cut) =>
        cut.Take(judged.Patch.Outline.Shape, keepTiny: true) is { } shape
            ? new Feature(shape, new AttributesTable
            {
                { "id", judged.Patch.Id },
                { "siteId", judged.SiteId },
                { "kind", MapLayers.Camel(judged.Patch.Kind.ToString()) },
                { "verdict", MapLayers.Camel(judged.Verdict.ToString()) },
                { "score", judged.Patch.Score },
                { "areaSquareMeters", judged.Patch.Outline.AreaSquareMeters },
                { "notBefore", ApiTime.Text(judged.Patch.NotBefore) },
                { "notAfter", ApiTime.Text(judged.Patch.NotAfter) },
            })
            : null;

    private static byte[] Write(string name, int z, int x, int y, IEnumerable<Feature?> features)
    {
        var layer = new Layer { Name = name };
        foreach (var feature in features)
        {
            if (feature is not null)
            {
                layer.Features.Add(feature);
            }
        }

        if (layer.Features.Count == 0)
        {
            return [];
        }

        var tile = new VectorTile { TileId = new NetTopologySuite.IO.VectorTiles.Tiles.Tile(x, y, z).Id };
        tile.Layers.Add(layer);
        using var stream = new MemoryStream();
        // The id attribute stays a property: ids here are text, which the format's own feature id cannot hold.
        tile.Write(stream, minLinealExtent: 1, minPolygonalExtent: 1, extent: Extent, idAttributeName: "");
        return stream.ToArray();
    }

    /// <summary>One tile's window and tolerance.</summary>
    private sealed class Cut
    {
        private readonly Geometry window;
        private readonly double tolerance;

        public Cut(Envelope meters)
        {
            var around = meters.Copy();
            around.ExpandBy(meters.Width * Margin);
            Degrees = WebMercator.ToDegrees(around);
            window = Geometries.ToGeometry(Degrees);
            tolerance = (Degrees.MaxX - Degrees.MinX) * Finest;
        }

        public Envelope Degrees { get; }

        /// <summary>The part of a shape to draw, or null when there is none. A tiny shape that must stay becomes the smallest square that is drawn.</summary>
        public Geometry? Take(Geometry shape, bool keepTiny)
        {
            var box = shape.EnvelopeInternal;
            if (shape.IsEmpty || !Degrees.Intersects(box))
            {
                return null;
            }

            if (shape.Dimension is Dimension.Surface && box.Width < tolerance && box.Height < tolerance)
            {
                return keepTiny ? SquareAround(box) : null;
            }

            var clipped = Degrees.Contains(box) ? shape : Clip(shape);
            if (clipped.IsEmpty)
            {
                return null;
            }

            var simple = DouglasPeuckerSimplifier.Simplify(clipped, tolerance);
            return simple.IsEmpty ? keepTiny ? SquareAround(clipped.EnvelopeInternal) : null : simple;
        }

        private Geometry Clip(Geometry shape)
        {
            var clipped = OverlayNGRobust.Overlay(shape.IsValid ? shape : NetTopologySuite.Geometries.Utilities.GeometryFixer.Fix(shape), window, NetTopologySuite.Operation.Overlay.SpatialFunction.Intersection);
            return clipped is GeometryCollection and not (MultiPolygon or MultiLineString or MultiPoint) ? OfDimension(clipped, shape.Dimension) : clipped;
        }

        /// <summary>A clip can leave points and lines where a polygon only touches the window.</summary>
        private static Geometry OfDimension(Geometry mixed, Dimension dimension) => Geometries.BuildGeometry(
            Enumerable.Range(0, mixed.NumGeometries).Select(mixed.GetGeometryN).Where(g => g.Dimension == dimension).ToList());

        private Geometry SquareAround(Envelope box)
        {
            var square = new Envelope(box.Centre);
            square.ExpandBy(tolerance);
            return Geometries.ToGeometry(square);
        }
    }
}
