using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// Where looks at a place are rare, or a scene lacks the bands of a series, two scenes are compared directly; this chooses with which.
/// Pure functions.
/// </summary>
public static class BaselineChooser
{
    /// <summary>From this gap on looks are too rare to confirm each other.</summary>
    public static readonly TimeSpan Rare = TimeSpan.FromDays(60);

    private static readonly TimeSpan Oldest = TimeSpan.FromDays(3 * 366);
    private const double SeasonDays = 30;
    private const double LeastOverlap = 0.2;
    private const double TooCloudy = 80;

    /// <summary>
    /// The scene to compare with, or null when none fits or looks are frequent enough for the series: of the earlier scenes that show
    /// enough of the same ground, one of the same season (within 30 days of the year) and at most three years old if there is one, the
    /// newest; else the newest of all. Scenes under 80 % cloud or more are no baselines.
    /// </summary>
    /// <param name="scene">The new scene.</param>
    /// <param name="others">Other scenes of the place, in any order.</param>
    /// <param name="inSeries">Whether the scene is followed by a series.</param>
    public static Scene? Choose(Scene scene, IReadOnlyList<Scene> others, bool inSeries)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(others);
        var earlier = others
            .Where(o => o.Id != scene.Id && o.AcquiredAt < scene.AcquiredAt && Overlaps(o, scene))
            .OrderByDescending(o => o.AcquiredAt).ThenBy(o => o.Id, StringComparer.Ordinal).ToList();
        if (earlier.Count == 0 || (inSeries && scene.AcquiredAt - earlier[0].AcquiredAt < Rare) || scene.CloudCover >= TooCloudy)
        {
            return null;
        }

        var clear = earlier.Where(o => !(o.CloudCover >= TooCloudy)).ToList();
        return clear.FirstOrDefault(o => scene.AcquiredAt - o.AcquiredAt <= Oldest && scene.AcquiredAt - o.AcquiredAt >= Rare && SameSeason(o, scene)) ?? clear.FirstOrDefault();
    }

    private static bool Overlaps(Scene a, Scene b) =>
        a.Footprint.Box.Intersection(b.Footprint.Box).Area >= LeastOverlap * Math.Min(a.Footprint.Box.Area, b.Footprint.Box.Area);

    private static bool SameSeason(Scene a, Scene b)
    {
        var apart = Math.Abs(a.AcquiredAt.UtcDateTime.DayOfYear - b.AcquiredAt.UtcDateTime.DayOfYear);
        return Math.Min(apart, 365 - apart) <= SeasonDays;
    }
}
