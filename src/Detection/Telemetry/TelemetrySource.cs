using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Sensing;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Telemetry;

/// <summary>A datastream with the thing it is about and the zone of its region.</summary>
public sealed record TelemetrySource(Datastream Datastream, Thing Thing, TimeZoneInfo Zone)
{
    /// <summary>Where the thing stands, as an outline without area.</summary>
    public Outline Where => new(new Point(Thing.Longitude, Thing.Latitude), 0, "EPSG:4490");
}

/// <summary>What a detector said of a subject under a rule, by start of the window it was said of. The newest statement of a window counts.</summary>
/// <remarks>Remembers a bounded number of windows; statements of older ones are forgotten, and late data that old are not judged again.</remarks>
internal sealed class Statements
{
    /// <summary>Windows that are remembered.</summary>
    public const int Capacity = 2000;

    private readonly SortedList<DateTimeOffset, FindingCondition> _byStart = [];
    private DateTimeOffset? _newest;
    private DateTimeOffset? _clearedSince;

    /// <param name="newestFirst">Stored findings of the subject under the rule, newest sequence first.</param>
    public static Statements Of(IEnumerable<StoredFinding> newestFirst)
    {
        var statements = new Statements();
        foreach (var stored in newestFirst.Reverse())
        {
            statements.Put(stored.Finding.PhenomenonStart, stored.Finding.Condition);
        }

        return statements;
    }

    public FindingCondition? At(DateTimeOffset start) => _byStart.TryGetValue(start, out var condition) ? condition : null;

    public void Put(DateTimeOffset start, FindingCondition condition)
    {
        _byStart[start] = condition;

        // As the alert sees it: what is older than what it has heard moves no time of it.
        if (_newest is null || start >= _newest)
        {
            _newest = start;
            _clearedSince = condition is FindingCondition.Holds ? null : _clearedSince ?? start;
        }

        if (_byStart.Count > Capacity)
        {
            _byStart.RemoveAt(0);
        }
    }

    /// <summary>The newest statement of a window before <paramref name="start"/>.</summary>
    public FindingCondition? Before(DateTimeOffset start) => IndexBefore(start) is var i and >= 0 ? _byStart.Values[i] : null;

    /// <summary>
    /// Whether the clearing of a window must be said: the window before it was said to hold, or what was said of the clearing so far does
    /// not span <paramref name="keepFiringFor"/> yet. However long the windows in between said nothing: the alert ends by what it is told.
    /// </summary>
    public bool MustSayCleared(DateTimeOffset start, TimeSpan keepFiringFor) =>
        Before(start) is FindingCondition.Holds
        || (_newest is { } newest && start >= newest && _clearedSince is { } since && newest - since < keepFiringFor);

    /// <summary>Whether the condition was said to hold of a window that starts in (<paramref name="after"/>, <paramref name="through"/>].</summary>
    public bool HeldWithin(DateTimeOffset after, DateTimeOffset through)
    {
        for (var i = IndexBefore(through + TimeSpan.FromTicks(1)); i >= 0 && _byStart.Keys[i] > after; i--)
        {
            if (_byStart.Values[i] is FindingCondition.Holds)
            {
                return true;
            }
        }

        return false;
    }

    private int IndexBefore(DateTimeOffset start)
    {
        var (low, high) = (0, _byStart.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_byStart.Keys[middle] < start)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }
}
