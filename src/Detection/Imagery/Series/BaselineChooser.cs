using System.Globalization;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>A scene that might have been the baseline.</summary>
/// <param name="PassedOver">Why it could not be, as a code; null when it could.</param>
/// <param name="Burden">How much speaks against it, in years of age; what is not passed over with the least is taken.</param>
public sealed record ConsideredScene(Scene Scene, string? PassedOver, bool SameSeason, bool SameSensor, double Burden);

/// <summary>With which scene a new one is compared, and why.</summary>
/// <param name="WhyNone">When there is no baseline: why, as a code.</param>
/// <param name="Considered">Those that fit first, best first; then those that do not, newest first.</param>
public sealed record BaselineChoice(Scene? Baseline, string? WhyNone, IReadOnlyList<ConsideredScene> Considered)
{
    /// <summary>Scenes that are named; the others are counted.</summary>
    private const int MostNamed = 8;

    /// <summary>The choice as it is kept with the change set (docs/formats/reasons.md).</summary>
    public IReadOnlyList<Reason> Reasons
    {
        get
        {
            List<Reason> reasons = [];
            if (Baseline is not null)
            {
                var taken = Considered.First(c => c.Scene.Id == Baseline.Id);
                reasons.Add(Reason.Of(
                    "baseline-chosen", ("scene", Baseline.Id), ("considered", Text(Considered.Count)), ("fitting", Text(Considered.Count(c => c.PassedOver is null))),
                    ("same_season", taken.SameSeason ? "true" : "false"), ("same_sensor", taken.SameSensor ? "true" : "false"), ("burden_years", Text(taken.Burden))));
            }
            else
            {
                reasons.Add(Reason.Of("no-baseline", ("why", WhyNone!), ("considered", Text(Considered.Count))));
            }

            foreach (var other in Considered.Where(c => c.Scene.Id != Baseline?.Id).Take(MostNamed))
            {
                reasons.Add(Reason.Of("baseline-passed-over", ("scene", other.Scene.Id), ("why", other.PassedOver ?? "less-suited"), ("burden_years", Text(other.Burden))));
            }

            return reasons;
        }
    }

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}

/// <summary>
/// Where looks at a place are rare, or a scene lacks the bands of a series, two scenes are compared directly; this chooses with which.
/// Pure functions; docs/algorithms/series.md gives the rules.
/// </summary>
public static class BaselineChooser
{
    /// <summary>From this gap on looks are too rare to confirm each other.</summary>
    public static readonly TimeSpan Rare = TimeSpan.FromDays(60);

    private static readonly TimeSpan Oldest = TimeSpan.FromDays(3 * 366);
    private const double SeasonDays = 30;
    private const double LeastOverlap = 0.2;
    private const double TooCloudy = 80;

    /// <summary>Pixels of one scene that are larger than this times those of the other hide what the other shows.</summary>
    private const double MostCoarser = 4;

    /// <summary>What a flaw weighs, in years that a baseline without it may be older.</summary>
    private const double OtherSensorYears = 0.75;
    private const double CloudYears = 1.5;
    private const double DoubleResolutionYears = 0.5;

    /// <summary>
    /// Chooses, of the earlier scenes, the one of the same season (within 30 days of the year, 60 days to three years old) with the least
    /// burden if there is one; else the one with the least burden of all. The burden is the age in years, and more for another sensor, for
    /// clouds, for other pixel sizes and for ground that is not shown. Never: scenes under 80 % cloud or more, with little of the same ground, with bands
    /// that cannot be matched, of a rotated grid, or with pixels over four times as large or small.
    /// </summary>
    /// <param name="scene">The new scene.</param>
    /// <param name="others">Other scenes of the place, in any order.</param>
    /// <param name="inSeries">Whether the scene is followed by a series.</param>
    public static BaselineChoice Choose(Scene scene, IReadOnlyList<Scene> others, bool inSeries)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(others);
        var considered = others
            .Where(o => o.Id != scene.Id && o.AcquiredAt < scene.AcquiredAt)
            .Select(o => Consider(scene, o))
            .OrderBy(c => c.PassedOver is not null).ThenByDescending(c => c.PassedOver is null && c.SameSeason)
            .ThenBy(c => c.PassedOver is null ? c.Burden : 0)
            .ThenByDescending(c => c.Scene.AcquiredAt).ThenBy(c => c.Scene.Id, StringComparer.Ordinal)
            .ToList();
        var fitting = considered.Where(c => c.PassedOver is null).ToList();
        string? none = scene.CloudCover >= TooCloudy ? "scene-cloudy"
            : considered.Count == 0 ? "first-scene"
            : fitting.Count == 0 ? "none-fits"

            // Looks through clouds prove nothing, so they are not counted among the frequent ones.
            : inSeries && scene.AcquiredAt - fitting.Max(c => c.Scene.AcquiredAt) < Rare ? "series-watches"
            : null;
        return new BaselineChoice(none is null ? fitting[0].Scene : null, none, considered);
    }

    private static ConsideredScene Consider(Scene scene, Scene other)
    {
        var season = IsOfSeason(scene, other);
        var sensor = IsSameSensor(scene, other);
        var coarser = Math.Max(PixelOf(scene) / PixelOf(other), PixelOf(other) / PixelOf(scene));
        var overlap = Overlap(scene, other);
        var burden = ((scene.AcquiredAt - other.AcquiredAt).TotalDays / 365.25)
            + (sensor ? 0 : OtherSensorYears)
            + (CloudYears * (other.CloudCover ?? 0) / 100)
            + (DoubleResolutionYears * Math.Log2(coarser))
            + (1 - overlap);
        var why = overlap < LeastOverlap ? "little-common-ground"
            : other.CloudCover >= TooCloudy ? "cloudy"
            : coarser > MostCoarser ? "other-resolution"
            : !GridReader.TransformOf(other.Grid).IsNorthUp ? "rotated-grid"
            : !BandsMatch(scene, other) ? "other-bands"
            : null;
        return new ConsideredScene(other, why, season, sensor, Math.Round(burden, 3));
    }

    /// <summary>Common part of the boxes as a share of the smaller, [0, 1].</summary>
    private static double Overlap(Scene a, Scene b)
    {
        Envelope one = EarthShape.BoxOf(a.Footprint.Shape), other = EarthShape.BoxOf(b.Footprint.Shape);
        return Math.Min(one.Area, other.Area) is > 0 and var smaller ? Math.Clamp(EarthShape.CommonArea(one, other) / smaller, 0, 1) : 0;
    }

    private static bool IsOfSeason(Scene scene, Scene other)
    {
        var age = scene.AcquiredAt - other.AcquiredAt;
        var apart = Math.Abs(scene.AcquiredAt.UtcDateTime.DayOfYear - other.AcquiredAt.UtcDateTime.DayOfYear);
        return age >= Rare && age <= Oldest && Math.Min(apart, 365 - apart) <= SeasonDays;
    }

    /// <summary>The same collection where both name one; else the same bands by name.</summary>
    private static bool IsSameSensor(Scene a, Scene b) => a.Collection is { } one && b.Collection is { } other
        ? string.Equals(one, other, StringComparison.OrdinalIgnoreCase)
        : a.Bands.Select(x => x.Name).SequenceEqual(b.Bands.Select(x => x.Name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Metres of the finest band's pixel, over 0.</summary>
    private static double PixelOf(Scene scene) => scene.Bands.Count == 0 ? 1 : Math.Max(1e-3, scene.Bands.Min(b => b.GsdMeters));

    private static bool BandsMatch(Scene a, Scene b)
    {
        try
        {
            _ = BandPairing.Of(b, a);
            return true;
        }
        catch (ImageryException)
        {
            return false;
        }
    }
}
