using Monitoring.Domain.Sensing;

namespace Monitoring.Detection.Telemetry;

/// <summary>One hour of a thing's signals of building. Sums are whole numbers, so that they do not hang on the order of arrival.</summary>
internal sealed class ActivityHour
{
    // Few categories an hour, and most hours none: there are hundreds of hours of each thing in memory.
    private (string Category, int Count, DateTimeOffset Last)[] _pictures = [];

    /// <summary>Truck passes, by count.</summary>
    public long Trucks { get; private set; }

    /// <summary>Sum of power results in mW; with <see cref="PowerResults"/> it gives the mean.</summary>
    public long PowerMilliwatts { get; private set; }

    public int PowerResults { get; private set; }

    /// <summary>Results of any of the streams.</summary>
    public int Results { get; private set; }

    /// <summary>Camera events by category, in no order.</summary>
    public IReadOnlyList<(string Category, int Count, DateTimeOffset Last)> Pictures => _pictures;

    public double? MeanKilowatts => PowerResults == 0 ? null : PowerMilliwatts / 1e6 / PowerResults;

    public void Add(string property, Observation observation)
    {
        if ((observation.Quality & ResultQuality.Disqualifying) != 0)
        {
            return;
        }

        Results++;
        switch (property)
        {
            case ObservedProperties.TruckPass when observation.Result.Number is { } passes && passes is > 0 and < 1e6:
                Trucks += (long)Math.Round(passes);
                break;
            case ObservedProperties.ActivePower when observation.Result.Number is { } kilowatts && kilowatts is > -1e6 and < 1e6:
                PowerMilliwatts += (long)Math.Round(kilowatts * 1e6);
                PowerResults++;
                break;
            case ObservedProperties.CameraEvent when observation.Result.Text is { } category:
                See(category, observation.PhenomenonTime);
                break;
            default:
                break;
        }
    }

    private void See(string category, DateTimeOffset time)
    {
        var i = Array.FindIndex(_pictures, p => p.Category == category);
        if (i < 0)
        {
            _pictures = [.. _pictures, (category, 1, time)];
            return;
        }

        var (_, count, last) = _pictures[i];
        _pictures[i] = (category, count + 1, time > last ? time : last);
    }
}

/// <summary>
/// The hours of one thing in event time, as the observations up to the newest one worked make them. Not thread-safe.
/// </summary>
internal sealed class ActivityBook(TimeSpan lateness, int historyHours)
{
    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>Late data this far behind the newest closed hour are still judged again.</summary>
    public static readonly TimeSpan Reach = TimeSpan.FromDays(7);

    private readonly SortedList<DateTimeOffset, ActivityHour> _hours = [];
    private DateTimeOffset? _newest;

    /// <summary>Properties that say something of building.</summary>
    public static bool Watches(string property) => property is ObservedProperties.TruckPass or ObservedProperties.ActivePower or ObservedProperties.CameraEvent;

    /// <summary>Hours from here on are needed to go on after a restart whose newest phenomenon time is <paramref name="newest"/>.</summary>
    public DateTimeOffset NeededFrom(DateTimeOffset newest) => StartOf(newest - lateness) - Reach - TimeSpan.FromHours(historyHours) - Hour;

    public static DateTimeOffset StartOf(DateTimeOffset time)
    {
        var ticks = time.UtcTicks;
        return new(ticks - (ticks % Hour.Ticks), TimeSpan.Zero);
    }

    /// <summary>Sets the newest phenomenon time of the thing's streams, as it stands in the store.</summary>
    public void Restore(DateTimeOffset newest) => _newest = newest;

    /// <summary>Takes a result in as it stands in the store.</summary>
    public void Restore(string property, Observation observation) => Keep(property, observation);

    /// <summary>Takes the next observation in order of sequence.</summary>
    /// <returns>Ends of the hours at which the thing is to be judged now, ascending.</returns>
    public IReadOnlyList<DateTimeOffset> Put(string property, Observation observation)
    {
        DateTimeOffset? closed = _newest is { } newest ? StartOf(newest - lateness) : null;
        var hour = StartOf(observation.PhenomenonTime);
        if (closed is { } through && hour < through)
        {
            if (hour < through - Reach)
            {
                return [];
            }

            Keep(property, observation);
            return [hour + Hour];
        }

        Keep(property, observation);
        if (_newest is null || observation.PhenomenonTime > _newest)
        {
            _newest = observation.PhenomenonTime;
        }

        var now = StartOf(_newest.Value - lateness);
        if (closed is null || now == closed)
        {
            return [];
        }

        // Hours without any result state nothing, so a long gap does not make work.
        List<DateTimeOffset> ends = [.. _hours.Keys.Where(h => h >= closed && h < now).Select(h => h + Hour)];
        var needed = NeededFrom(_newest.Value);
        while (_hours.Count > 0 && _hours.GetKeyAtIndex(0) < needed)
        {
            _hours.RemoveAt(0);
        }

        return ends;
    }

    public ActivityHour? At(DateTimeOffset hour) => _hours.GetValueOrDefault(hour);

    /// <summary>Hours in [<paramref name="from"/>, <paramref name="to"/>) with results, ascending.</summary>
    public IEnumerable<ActivityHour> Between(DateTimeOffset from, DateTimeOffset to)
    {
        for (var hour = from; hour < to; hour += Hour)
        {
            if (_hours.TryGetValue(hour, out var found))
            {
                yield return found;
            }
        }
    }

    private void Keep(string property, Observation observation)
    {
        var hour = StartOf(observation.PhenomenonTime);
        if (!_hours.TryGetValue(hour, out var found))
        {
            _hours[hour] = found = new ActivityHour();
        }

        found.Add(property, observation);
    }
}
