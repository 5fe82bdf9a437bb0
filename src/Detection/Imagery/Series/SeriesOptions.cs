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
    /// A series of more pixels than this has no seasonal models, ≥ 0; 0 = none has. Default 134 217 728, a whole Sentinel-2 tile of 10 m. On the
    /// disk they take about 150 bytes a pixel (two places of 75), 9 GB for each of the two in such a tile; memory is that of one tile of
    /// <see cref="TilePixels"/>.
    /// </summary>
    public long MostWatchedPixels { get; init; } = 1 << 27;

    /// <summary>
    /// A series of at most so many pixels is watched from its first scene on within the work on each scene, ≥ 0. Default 1 048 576. Of a larger
    /// one the looks are laid by and fitted in the background once a model can begin.
    /// </summary>
    public long WatchedAtOncePixels { get; init; } = 1 << 20;

    /// <summary>
    /// Looks that may come while the history of a larger series is fitted in the background, 0 to 100. Default 6, a month of Sentinel-2. With the
    /// one after them the models are heard: what the background has not done by then that scene does first. A number of looks and not of hours,
    /// so that the same scenes give the same change sets on any machine.
    /// </summary>
    public int FirstFitLooks { get; init; } = 6;

    /// <summary>Share of one processor that the background may take, (0, 1]. Default 0.5. It only works while no scene waits. Changes no result.</summary>
    public double BackgroundShare { get; init; } = 0.5;

    /// <summary>Longest work between two generations of a watch on the disk: what a crash takes back at most.</summary>
    internal TimeSpan BackgroundPiece { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The seasonal models.</summary>
    public WatchOptions Watch { get; init; } = new();

    /// <summary>Pixels that are held at once while a patch is made, ≥ 1. Costs memory, changes no result.</summary>
    internal int StripPixels { get; init; } = 1 << 20;

    /// <summary>Everything that changes a result, as one line.</summary>
    internal string Fingerprint => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"tile {TilePixels} looks {LooksToConfirm} days {DaysToConfirm:R} harden {DaysToHarden:R} clear {LooksToClear} least {LeastPixels} margin {CloudMargin} watched {MostWatchedPixels} {WatchedAtOncePixels} {FirstFitLooks} {Watch.Fingerprint}");

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

        if (WatchedAtOncePixels < 0)
        {
            wrong.Add(nameof(WatchedAtOncePixels));
        }

        if (FirstFitLooks is < 0 or > 100)
        {
            wrong.Add(nameof(FirstFitLooks));
        }

        if (!(BackgroundShare is > 0 and <= 1))
        {
            wrong.Add(nameof(BackgroundShare));
        }

        wrong.AddRange(Watch.Problems());
        if (wrong.Count > 0)
        {
            throw new ArgumentException($"Out of range: {string.Join(", ", wrong)}.");
        }
    }
}
