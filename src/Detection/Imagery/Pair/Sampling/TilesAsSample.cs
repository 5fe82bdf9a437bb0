using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair.Sampling;

/// <summary>The sample of a pair as what is at hand of one of its scenes.</summary>
internal sealed class TilesAsSample : ISampleAtHand
{
    private readonly SampleTile[] _tiles;
    private readonly int[] _bands;
    private readonly (float Scale, float Offset, float? NoData)[] _decodings;
    private readonly bool _isLate;

    private TilesAsSample(SampleTile[] tiles, int[] bands, (float, float, float?)[] decodings, bool isLate) =>
        (_tiles, _bands, _decodings, _isLate) = (tiles, bands, decodings, isLate);

    /// <param name="bands">Of the scene, in the order of the tiles' planes.</param>
    /// <param name="reader">What read the tiles of this scene.</param>
    /// <returns>Null where the tiles are not the scene's own pixels: warped onto the other's grid, or of another reading of quality.</returns>
    public static TilesAsSample? Of(SampleTile[] tiles, int[] bands, GridReader reader, Scene scene, bool isLate) =>
        reader.IsWarped || reader.Width != scene.Grid.Width || reader.Height != scene.Grid.Height || !reader.ReadsQualityOf(BandPairing.Of(scene, scene).QualityBefore)
            ? null
            : new TilesAsSample(tiles, bands, [.. Enumerable.Range(0, bands.Length).Select(reader.Decoding)], isLate);

    public bool Read(int band, PixelWindow window, Span<float> values, Span<PixelQuality> quality)
    {
        var (plane, tile) = (Array.IndexOf(_bands, band), Array.Find(_tiles, t => t.Window == window));
        if (plane < 0 || tile is null)
        {
            return false;
        }

        tile.Read(_isLate, plane, _decodings[plane], values, quality);
        return true;
    }
}
