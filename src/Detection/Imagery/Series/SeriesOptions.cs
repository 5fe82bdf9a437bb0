using Monitoring.Detection.Imagery.Ccdc.Watch;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>Constants of the series detector; sources and reasons in docs/algorithms/series.md.</summary>
public sealed record SeriesOptions
{
    /// <summary>Side of a tile in pixels, 64 to 2048. Default 256.</summary>
    public int TilePixels { get; init; } = 256;

    /// <summary>Clear looks that must show artificial ground before a pixel counts, 2 to 20. Default 3.</summary>
    public int LooksToConfirm { get; init; } = 3;

    /// <summary>Days from the first of those looks to the last, ≥ 0. Default 8: two looks in one spell of dry weather are one.</summary>
    public double DaysToConfirm { get; init; } = 8;

    /// <summary>Days after which ground that is still bare and bright is building whatever its colour (tile roofs, gravel yards), ≥ 0. Default 120: longer than earthworks, about a crop.</summary>
    public double DaysToHarden { get; init; } = 120;

    /// <summary>Natural looks in a row before ground that was built counts as cleared, 2 to 20. Default 4.</summary>
    public int LooksToClear { get; init; } = 4;

    /// <summary>Smallest patch in pixels, ≥ 1. Default 9.</summary>
    public int LeastPixels { get; init; } = 9;

    /// <summary>How far around a product's cloud or shadow pixel nothing is believed, in pixels, 0 to 16. Default 4.</summary>
    public int CloudMargin { get; init; } = 4;

    /// <summary>Share of the series' grid a scene must cover to belong to it, (0, 1]. Default 0.2.</summary>
    public double LeastOverlap { get; init; } = 0.2;

    /// <summary>Share of a scene that lies in no series it belongs to, from which on it begins one of its own, (0, 1]. Default 0.1.</summary>
    public double LeastNewGround { get; init; } = 0.1;

    /// <summary>
    /// A series of more pixels than this has no seasonal models, ≥ 0; 0 = none has. Default 1 048 576. Their
    /// file takes 560 bytes a pixel on the disk (two places of 280), 0.6 GB for a megapixel, where the ground was ever seen; memory is that of
    /// one tile.
    /// </summary>
    public long MostWatchedPixels { get; init; } = 1 << 20;

    /// <summary>The seasonal models.</summary>
    public WatchOptions Watch { get; init; } = new();

    /// <summary>Pixels that are held at once while a patch is made, ≥ 1. Costs memory, changes no result.</summary>
    internal int StripPixels { get; init; } = 1 << 20;

    /// <summary>Everything that changes a result, as one line.</summary>
    internal string Fingerprint => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"looks {LooksToConfirm} days {DaysToConfirm:R} harden {DaysToHarden:R} clear {LooksToClear} least {LeastPixels} margin {CloudMargin} watched {MostWatchedPixels} {Watch.Fingerprint}");

    /// <exception cref="ArgumentException">Some values are out of range; all are named.</exception>
    public void Validate()
    {
        List<string> wrong = [];
        if (TilePixels is < 64 or > 2048)
        {
            wrong.Add(nameof(TilePixels));
        }

        if (LooksToConfirm is < 2 or > 20)
        {
            wrong.Add(nameof(LooksToConfirm));
        }

        if (!(DaysToConfirm >= 0))
        {
            wrong.Add(nameof(DaysToConfirm));
        }

        if (!(DaysToHarden >= 0))
        {
            wrong.Add(nameof(DaysToHarden));
        }

        if (LooksToClear is < 2 or > 20)
        {
            wrong.Add(nameof(LooksToClear));
        }

        if (LeastPixels < 1)
        {
            wrong.Add(nameof(LeastPixels));
        }

        if (CloudMargin is < 0 or > 16)
        {
            wrong.Add(nameof(CloudMargin));
        }

        if (!(LeastOverlap is > 0 and <= 1))
        {
            wrong.Add(nameof(LeastOverlap));
        }

        if (!(LeastNewGround is > 0 and <= 1))
        {
            wrong.Add(nameof(LeastNewGround));
        }

        if (MostWatchedPixels < 0)
        {
            wrong.Add(nameof(MostWatchedPixels));
        }

        wrong.AddRange(Watch.Problems());
        if (wrong.Count > 0)
        {
            throw new ArgumentException($"Out of range: {string.Join(", ", wrong)}.");
        }
    }
}
