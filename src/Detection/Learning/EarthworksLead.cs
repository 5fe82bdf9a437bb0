using Monitoring.Detection.Imagery.Objects;

namespace Monitoring.Detection.Learning;

/// <summary>How long before foundations a warning at earthworks came.</summary>
/// <param name="AtLeastDays">To the last pass that did not show them yet: they came after it.</param>
/// <param name="AtMostDays">To the first pass that shows them.</param>
public sealed record EarthworksLead(double AtLeastDays, double AtMostDays)
{
    /// <summary>Null when the warning did not come at earthworks, or nothing stands there yet.</summary>
    /// <param name="warnedAt">When people were warned.</param>
    public static EarthworksLead? Of(IEnumerable<PassFact> passes, DateTimeOffset warnedAt)
    {
        PassFact[] ordered = [.. passes.OrderBy(p => p.AcquiredAt)];
        var built = Array.FindIndex(ordered, p => p.Kind is SiteKind.Building);
        if (built <= 0 || ordered[built].AcquiredAt <= warnedAt || !ordered[..built].Any(p => p.Kind is SiteKind.Earthworks && p.KnownAt <= warnedAt))
        {
            return null;
        }

        return new(Math.Max(0, (ordered[built - 1].AcquiredAt - warnedAt).TotalDays), (ordered[built].AcquiredAt - warnedAt).TotalDays);
    }
}
