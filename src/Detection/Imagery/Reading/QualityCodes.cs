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

/// <summary>How a product's quality band is read.</summary>
public abstract class QualityCodes
{
    /// <summary>
    /// By the table that came with the band, else by the band's name: <c>SCL</c> (Sentinel-2 Level-2A scene classification), <c>QA_PIXEL</c> (Landsat Collection 2 bits), anything
    /// else the simple code of docs/formats (0 no data, 1 clear, 2 cloud, 3 shadow). Null for an alpha band or a mask.
    /// </summary>
    public static QualityCodes? For(SceneBand band)
    {
        ArgumentNullException.ThrowIfNull(band);
        if (band.Quality is { } table)
        {
            return new Tabled(table);
        }

        return band.Name switch
        {
            "SCL" => new SentinelScl(),
            "QA_PIXEL" or "qa_pixel" => new LandsatQaPixel(),
            _ when string.Equals(band.Name, "alpha", StringComparison.OrdinalIgnoreCase) || string.Equals(band.Name, "mask", StringComparison.OrdinalIgnoreCase) => null,
            _ => new Simple(),
        };
    }

    public abstract PixelQuality Of(int stored);

    /// <summary>All 16-bit values looked up once, since this is asked for every pixel.</summary>
    private sealed class Tabled : QualityCodes
    {
        private readonly PixelQuality[] _of = new PixelQuality[65536];
        private readonly PixelQuality _beyond;

        public Tabled(QualityTable table)
        {
            for (var stored = 0; stored < _of.Length; stored++)
            {
                _of[stored] = Quality(table.Of(stored));
            }

            _beyond = Quality(table.Otherwise);
        }

        public override PixelQuality Of(int stored) => (uint)stored < (uint)_of.Length ? _of[stored] : _beyond;

        private static PixelQuality Quality(QualityMeaning meaning) => meaning switch
        {
            QualityMeaning.Clear => PixelQuality.Clear,
            QualityMeaning.Cloud => PixelQuality.Cloud,
            QualityMeaning.Shadow => PixelQuality.Shadow,
            _ => PixelQuality.NoData,
        };
    }

    private sealed class Simple : QualityCodes
    {
        public override PixelQuality Of(int stored) => stored switch
        {
            1 => PixelQuality.Clear,
            2 => PixelQuality.Cloud,
            3 => PixelQuality.Shadow,
            _ => PixelQuality.NoData,
        };
    }

    /// <summary>Sentinel-2 L2A: 0 no data, 1 saturated, 3 cloud shadow, 8 and 9 cloud, 10 cirrus; the rest is surface.</summary>
    private sealed class SentinelScl : QualityCodes
    {
        public override PixelQuality Of(int stored) => stored switch
        {
            0 or 1 => PixelQuality.NoData,
            3 => PixelQuality.Shadow,
            8 or 9 or 10 => PixelQuality.Cloud,
            _ => PixelQuality.Clear,
        };
    }

    /// <summary>Landsat Collection 2: bit 0 fill, 1 dilated cloud, 2 cirrus, 3 cloud, 4 cloud shadow.</summary>
    private sealed class LandsatQaPixel : QualityCodes
    {
        public override PixelQuality Of(int stored) =>
            (stored & 1) != 0 ? PixelQuality.NoData
            : (stored & 0b1110) != 0 ? PixelQuality.Cloud
            : (stored & 0b10000) != 0 ? PixelQuality.Shadow
            : PixelQuality.Clear;
    }
}
