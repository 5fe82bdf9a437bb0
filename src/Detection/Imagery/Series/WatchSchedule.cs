namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// When the watch of a series does what. It follows from the scenes of the series and the options alone, never from how fast a machine is: the
/// same scenes give the same change sets. A small series is watched scene by scene from the first on. Of a large one the looks are laid by;
/// once a model can begin (<see cref="ReadyFrom"/>) the history is fitted in the background, and <see cref="SeriesOptions.FirstFitLooks"/>
/// looks later (<see cref="SpeaksFrom"/>) the models are heard and kept up scene by scene.
/// </summary>
internal sealed class WatchSchedule
{
    private readonly List<int> _days = [];
    private readonly List<int> _looks = [];

    public WatchSchedule(SeriesState state, SeriesOptions options)
    {
        var pixels = (long)state.Grid.Width * state.Grid.Height;
        IsWatched = pixels <= options.MostWatchedPixels && state.Scenes.Count > 0;
        if (!IsWatched)
        {
            return;
        }

        Epoch = DayOf(state.Scenes[0]) - 1;
        for (var i = 0; i < state.Scenes.Count; i++)
        {
            var day = DayOf(state.Scenes[i]) - Epoch;
            if (day <= ushort.MaxValue && (_days.Count == 0 || day > _days[^1]))
            {
                _looks.Add(i + 1);
            }

            _days.Add(day);
        }

        var ready = _looks.FindIndex(l => l >= options.Watch.InitialLooks && _days[l - 1] - _days[0] >= options.Watch.InitialDays);
        MayBegin = ready >= 0 ? _looks[ready] : int.MaxValue;
        if (pixels <= options.WatchedAtOncePixels)
        {
            (ReadyFrom, SpeaksFrom) = (1, 1);
        }
        else if (ready >= 0)
        {
            ReadyFrom = _looks[ready];
            SpeaksFrom = ready + options.FirstFitLooks + 1 < _looks.Count ? _looks[ready + options.FirstFitLooks + 1] : int.MaxValue;
        }
    }

    /// <summary>False when the grid is too large.</summary>
    public bool IsWatched { get; }

    /// <summary>Day number of the day before the series' first.</summary>
    public int Epoch { get; }

    /// <summary>Ordinal of the first scene by which there are looks enough, over time enough, for a model; a small series is followed before, in silence.</summary>
    public int MayBegin { get; } = int.MaxValue;

    /// <summary>Ordinal of the first scene with which the work on models can begin.</summary>
    public int ReadyFrom { get; } = int.MaxValue;

    /// <summary>Ordinal of the first scene in which the models are heard.</summary>
    public int SpeaksFrom { get; } = int.MaxValue;

    /// <summary>Days of the scenes, from 1, in order.</summary>
    public IReadOnlyList<int> Days => _days;

    /// <summary>Whether a scene is a look for the watch: the first of its day.</summary>
    public bool IsLook(int ordinal) => _looks.BinarySearch(ordinal) >= 0;

    /// <summary>Ordinal of the scene of a day.</summary>
    public int OrdinalOf(int day)
    {
        var at = _days.BinarySearch(day);
        if (at < 0)
        {
            return ~at + 1;
        }

        while (at > 0 && _days[at - 1] == day)
        {
            at--;
        }

        return at + 1;
    }

    private static int DayOf(SeriesScene scene) => DateOnly.FromDateTime(scene.AcquiredAt.UtcDateTime).DayNumber;
}
