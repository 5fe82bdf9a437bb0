using System.Globalization;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// The calendar days, in one zone, on which something between two images may have happened: from the day of the earlier image to the
/// day of the later one, both included, because each was taken at some hour of its day.
/// </summary>
public readonly record struct DayInterval(DateOnly First, DateOnly Last)
{
    /// <exception cref="ArgumentException">The end lies before the start.</exception>
    public static DayInterval Of(DateTimeOffset notBefore, DateTimeOffset notAfter, TimeZoneInfo zone) =>
        notAfter < notBefore
            ? throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The interval ends {notAfter:O}, before it starts {notBefore:O}."), nameof(notAfter))
            : new(DayOf(notBefore, zone), DayOf(notAfter, zone));

    public static DateOnly DayOf(DateTimeOffset time, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, zone).DateTime);

    /// <summary>How a period [from, to) lies to these days.</summary>
    public Overlap With(DateOnly? from, DateOnly? to)
    {
        if (from is { } f && f > Last)
        {
            return Overlap.After;
        }

        if (to is { } t && t <= First)
        {
            return Overlap.Before;
        }

        return (from is { } begin && begin > First, to is { } end && end <= Last) switch
        {
            (true, _) => Overlap.BeginsInside,
            (false, true) => Overlap.EndsInside,
            _ => Overlap.Throughout,
        };
    }

    public Overlap With(MapFeature feature) => With(feature.EffectiveFrom, feature.EffectiveTo);
}

/// <summary>How a period of validity lies to an interval of days.</summary>
public enum Overlap
{
    /// <summary>It was over before the first day.</summary>
    Before,

    /// <summary>In force on the first day, no longer on the last.</summary>
    EndsInside,

    /// <summary>In force on all days.</summary>
    Throughout,

    /// <summary>Not yet on the first day, but on a later one.</summary>
    BeginsInside,

    /// <summary>It takes effect only after the last day.</summary>
    After,
}
