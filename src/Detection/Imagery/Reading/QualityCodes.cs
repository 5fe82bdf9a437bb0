using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Reading;

/// <summary>What a quality band says about a pixel.</summary>
public enum PixelQuality : byte
{
    Clear,
    Cloud,
    Shadow,
    NoData,
}

/// <summary>How a product's quality band is read: all 16-bit values looked up once, since this is asked for every pixel.</summary>
public sealed class QualityCodes
{
    /// <summary>Scenes that were catalogued before bands had tables know the name only. The intake takes these from its sensors' descriptions; a test holds both together.</summary>
    private static readonly QualityTable Scl = Table(
        QualityMeaning.Clear, (0, QualityMeaning.NoData), (1, QualityMeaning.NoData), (3, QualityMeaning.Shadow), (8, QualityMeaning.Cloud), (9, QualityMeaning.Cloud), (10, QualityMeaning.Cloud));

    /// <inheritdoc cref="Scl"/>
    private static readonly QualityTable QaPixel = new(
        [],
        [new(0, QualityMeaning.NoData), new(1, QualityMeaning.Cloud), new(2, QualityMeaning.Cloud), new(3, QualityMeaning.Cloud), new(4, QualityMeaning.Shadow)],
        QualityMeaning.Clear);

    /// <summary>Alpha and masks: 0 is outside the picture, anything else inside it.</summary>
    private static readonly QualityTable Inside = Table(QualityMeaning.Clear, (0, QualityMeaning.NoData));

    private static readonly QualityTable Simple = Table(QualityMeaning.NoData, (1, QualityMeaning.Clear), (2, QualityMeaning.Cloud), (3, QualityMeaning.Shadow));

    private readonly PixelQuality[] _of = new PixelQuality[65536];
    private readonly PixelQuality _beyond;

    private QualityCodes(QualityTable table)
    {
        for (var stored = 0; stored < _of.Length; stored++)
        {
            _of[stored] = Quality(table.Of(stored));
        }

        _beyond = Quality(table.Otherwise);
    }

    /// <summary>
    /// By the table that came with the band, else by the band's name: <c>SCL</c> (Sentinel-2 Level-2A scene classification), <c>QA_PIXEL</c> (Landsat Collection 2 bits), anything
    /// else the simple code of docs/formats (0 no data, 1 clear, 2 cloud, 3 shadow). An alpha band or a mask tells only where the picture ends (0 no data).
    /// </summary>
    public static QualityCodes For(SceneBand band)
    {
        ArgumentNullException.ThrowIfNull(band);
        if (band.Quality is { } table)
        {
            return new QualityCodes(table);
        }

        return band.Name switch
        {
            "SCL" => new QualityCodes(Scl),
            "QA_PIXEL" or "qa_pixel" => new QualityCodes(QaPixel),
            _ when IsMask(band) => new QualityCodes(Inside),
            _ => new QualityCodes(Simple),
        };
    }

    /// <summary>Whether this quality band says nothing of clouds, only where there are pixels.</summary>
    internal static bool IsMask(SceneBand band) =>
        band.Quality is null && (string.Equals(band.Name, "alpha", StringComparison.OrdinalIgnoreCase) || string.Equals(band.Name, "mask", StringComparison.OrdinalIgnoreCase));

    public PixelQuality Of(int stored) => (uint)stored < (uint)_of.Length ? _of[stored] : _beyond;

    private static QualityTable Table(QualityMeaning otherwise, params ReadOnlySpan<(int Stored, QualityMeaning Means)> codes)
    {
        List<QualityCode> all = [];
        foreach (var (stored, means) in codes)
        {
            all.Add(new QualityCode(stored, means));
        }

        return new QualityTable(all, [], otherwise);
    }

    private static PixelQuality Quality(QualityMeaning meaning) => meaning switch
    {
        QualityMeaning.Clear => PixelQuality.Clear,
        QualityMeaning.Cloud => PixelQuality.Cloud,
        QualityMeaning.Shadow => PixelQuality.Shadow,
        _ => PixelQuality.NoData,
    };
}
