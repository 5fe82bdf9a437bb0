using System.Collections.Concurrent;

namespace Monitoring.Ingest.Pipeline;

/// <summary>Dead letters that each device may leave in an hour. One entry a device of the register. Thread-safe.</summary>
internal sealed class DeadLetterQuota(int perHour)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Window> _windows = new(StringComparer.Ordinal);

    /// <summary>Asks for places.</summary>
    /// <returns>How many are granted, and whether the last one of the hour is among them.</returns>
    public (int Granted, bool IsLast) Take(string deviceId, int wanted, DateTimeOffset now)
    {
        var window = _windows.GetOrAdd(deviceId, static _ => new Window());
        lock (window)
        {
            // A clock that was set back begins a new hour too.
            if (now - window.Since >= Hour || now < window.Since)
                (window.Since, window.Used) = (now, 0);
            var granted = Math.Min(wanted, perHour - window.Used);
            window.Used += granted;
            return (granted, granted > 0 && window.Used == perHour);
        }
    }

    private sealed class Window
    {
        public DateTimeOffset Since { get; set; }

        public int Used { get; set; }
    }
}
