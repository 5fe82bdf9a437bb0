using System.Globalization;
using System.Runtime.InteropServices;
using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Reading;

/// <summary>
/// How a scene's stored values become reflectance: the one rule of the pairs, the series and the indicators. A stated scale is believed, and so is a
/// sensor's description; where nobody says, a sample of the scene's own values tells reflectance from the usual reflectance × 10 000. The sample is the
/// same for a scene each time.
/// </summary>
/// <param name="Unstated">
/// What scale and offset of the bands without a stated scale are multiplied with to give reflectance: 1 or <see cref="UsualScale"/>; null where their values
/// are digital numbers of unknown meaning.
/// </param>
/// <param name="High">The 98 % quantile of the sample; NaN where none was needed or the scene has no valid value.</param>
public sealed record StoredReflectance(float? Unstated, float High)
{
    /// <summary>The usual form of surface reflectance without a stated scale: times 10 000.</summary>
    public const float UsualScale = 1e-4f;

    /// <summary>Reflectance is hardly above this, even of clouds and glint.</summary>
    private const float MostReflectance = 2;

    /// <summary>Up to this, whole numbers may be those of 8 bits.</summary>
    private const float MostOfBytes = 256;

    /// <summary>Reflectance × 10 000 is hardly above this.</summary>
    private const float MostUsual = 20_000;

    /// <summary>The sample is that of the pairs with their usual options, so that they need not read another one.</summary>
    private const int TileSide = 256;
    private const int Tiles = 20;

    /// <summary>Tiles that are looked at for any value at all: a scene of nothing but gaps is not read to its end.</summary>
    private const int MostTiles = 400;

    /// <summary>Whether a band states no scale: its values are digital numbers as stored.</summary>
    public static bool Is(SceneBand band)
    {
        ArgumentNullException.ThrowIfNull(band);
        return band.Scale is 1 or 0 && band.Offset == 0 && band.IsReflectance != true;
    }

    /// <summary>Whether a band is known to hold digital numbers that no scale turns into reflectance: <see cref="UsualScale"/> is not for these.</summary>
    public static bool IsNever(SceneBand band)
    {
        ArgumentNullException.ThrowIfNull(band);
        return band.IsReflectance == false;
    }

    /// <summary>Looks at a scene. Reads a sample of its pixels only when one of the bands states no scale.</summary>
    /// <param name="bands">Indices of the bands that are wanted, none of them of quality.</param>
    /// <param name="atHand">What was read of the scene on its own grid already; null when nothing.</param>
    /// <exception cref="GdalException">A file of the scene cannot be read.</exception>
    /// <exception cref="ImageryException">A file cannot be brought onto the scene's own grid.</exception>
    internal static StoredReflectance Of(Scene scene, IEnumerable<int> bands, ISampleAtHand? atHand, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(scene);
        int[] wanted = [.. bands];
        if (Array.Exists(wanted, b => IsNever(scene.Bands[b])))
        {
            return new StoredReflectance(null, float.NaN);
        }

        int[] open = [.. wanted.Where(b => NeedsLook(scene.Bands[b])).Order()];
        if (open.Length == 0)
        {
            return new StoredReflectance(1f, float.NaN);
        }

        var high = HighOf(scene, open[0], atHand, cancellation);
        return new StoredReflectance(
            high switch
            {
                // Nothing to see: what it would be multiplied with is all the same.
                float.NaN => UsualScale,
                >= 0 and <= MostReflectance => 1f,
                > MostOfBytes and <= MostUsual => UsualScale,
                _ => null,
            },
            high);
    }

    /// <inheritdoc cref="Of(Scene, IEnumerable{int}, ISampleAtHand?, CancellationToken)"/>
    public static StoredReflectance Of(Scene scene, IEnumerable<int> bands, CancellationToken cancellation) => Of(scene, bands, null, cancellation);

    /// <summary>What a band's scale and offset are multiplied with; only where <see cref="Unstated"/> is known.</summary>
    public float FactorOf(SceneBand band)
    {
        ArgumentNullException.ThrowIfNull(band);
        return NeedsLook(band) ? Unstated ?? throw new InvalidOperationException("The meaning of the values is not known; look at Unstated first.") : 1;
    }

    /// <summary>Why a scene's values cannot be taken for reflectance, as one sentence, or null.</summary>
    public string? Problem(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return Unstated is not null ? null
            : float.IsNaN(High) ? $"\"{scene.Id}\" holds digital numbers, not reflectance."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"The values of \"{scene.Id}\" are neither reflectance nor reflectance × 10 000 (98 % of them are below {High:G3}): state scale and offset, or give the scene as reflectance.");
    }

    /// <summary>An offset alone is as stored, too: × 10 000 is subtracted from before the scale.</summary>
    private static bool NeedsLook(SceneBand band) => band.Scale is 1 or 0 && band.IsReflectance != true;

    private static float HighOf(Scene scene, int band, ISampleAtHand? atHand, CancellationToken cancellation)
    {
        var grid = scene.Grid;
        GridReader? reader = null;
        var planes = new float[TileSide * TileSide];
        var quality = new PixelQuality[TileSide * TileSide];
        List<float> clear = [], hidden = [];
        try
        {
            Take(SampleWindows.Of(grid.Width, grid.Height, TileSide, Tiles), all: true);
            if (clear.Count + hidden.Count == 0)
            {
                // A narrow strip of data may lie between the tiles.
                Take(SampleWindows.Of(grid.Width, grid.Height, TileSide, MostTiles), all: false);
            }
        }
        finally
        {
            reader?.Dispose();
        }

        // Below clouds there is still a value; it does as well where nothing is clear.
        var values = clear.Count > 0 ? clear : hidden;
        return values.Count == 0 ? float.NaN : RobustStatistics.Quantile(CollectionsMarshal.AsSpan(values), 0.98);

        void Take(List<PixelWindow> windows, bool all)
        {
            foreach (var window in windows)
            {
                if (atHand?.Read(band, window, planes, quality) != true)
                {
                    reader ??= new GridReader(scene, grid, [band], BandPairing.Of(scene, scene).QualityBefore, []);
                    reader.Read(window, planes, quality, cancellation);
                }

                for (var i = 0; i < window.PixelCount; i += 7)
                {
                    if (quality[i] != PixelQuality.NoData)
                    {
                        (quality[i] == PixelQuality.Clear ? clear : hidden).Add(planes[i]);
                    }
                }

                if (!all && clear.Count + hidden.Count > 0)
                {
                    return;
                }
            }
        }
    }
}
