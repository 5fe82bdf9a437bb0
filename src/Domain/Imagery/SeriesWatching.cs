namespace Monitoring.Domain.Imagery;

/// <summary>How far the areas that are followed by series of scenes are watched by seasonal models.</summary>
public interface ISeriesWatching
{
    /// <summary>One for each series that the process follows; empty where none is, or another process does. Any thread.</summary>
    IReadOnlyList<WatchedSeries> Now { get; }
}

/// <summary>How far the watch of one series is.</summary>
/// <param name="SeriesId">Of the series.</param>
/// <param name="FirstSceneId">The scene whose grid is followed.</param>
/// <param name="Footprint">What of the ground it follows, in degrees; in several parts where it crosses the 180° meridian.</param>
/// <param name="Pixels">Of the grid.</param>
/// <param name="Looks">Scenes that were worked.</param>
/// <param name="Share">Share of the area that is watched, [0, 1].</param>
public sealed record WatchedSeries(string SeriesId, string FirstSceneId, NetTopologySuite.Geometries.Geometry Footprint, long Pixels, int Looks, WatchProgress Progress, double Share);

/// <summary>Where the watch of a series stands.</summary>
public enum WatchProgress
{
    /// <summary>Larger than what the settings allow: followed without seasonal models.</summary>
    NotWatched,

    /// <summary>Looks are gathered: there are too few yet, or they span too little of a year.</summary>
    Gathering,

    /// <summary>The history is fitted in the background.</summary>
    Fitting,

    /// <summary>Each new scene is held against the models.</summary>
    Watching,
}
