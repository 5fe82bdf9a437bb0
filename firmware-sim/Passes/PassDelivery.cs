using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Passes;

/// <summary>Renders passes one after the other and puts them into an inbox at a pace.</summary>
public sealed class PassDelivery(County county, string inbox, TimeProvider time, TextWriter log)
{
    private readonly PassRenderer _renderer = new(county);

    /// <summary>
    /// While this many scenes of ours lie in the inbox unread, the next pass waits, so that a service that is away does not find a
    /// full disk. Null (default): deliver on.
    /// </summary>
    public int? InboxLimit { get; init; }

    /// <summary>Delivers the passes of the days given. The pace is from start to start; the first comes at once.</summary>
    /// <param name="dates">The days.</param>
    /// <param name="pace">Zero: as fast as they render.</param>
    /// <param name="delivered">Called after each pass.</param>
    /// <param name="stop">A stop leaves no half scene behind.</param>
    public async Task<int> RunAsync(IEnumerable<DateOnly> dates, TimeSpan pace, Action<DateOnly>? delivered, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(dates);
        var count = 0;
        var due = time.GetUtcNow();
        foreach (var date in dates)
        {
            var pass = _renderer.Render(date);
            while (InboxLimit is { } limit && Unread() >= limit) await Task.Delay(TimeSpan.FromSeconds(1), time, stop);
            var wait = due - time.GetUtcNow();
            if (wait > TimeSpan.Zero) await Task.Delay(wait, time, stop);
            stop.ThrowIfCancellationRequested();
            var (tiff, _) = PassFiles.Deliver(inbox, county, pass);
            await log.WriteLineAsync($"pass {date:yyyy-MM-dd}: {Path.GetFileName(tiff)}, cloud {pass.CloudCoverPercent:0} %");
            delivered?.Invoke(date);
            count++;
            due += pace;
            if (due < time.GetUtcNow()) due = time.GetUtcNow();
        }

        return count;
    }

    private int Unread() => Directory.Exists(inbox) ? Directory.EnumerateFiles(inbox, "demo-sat_*.tif").Count() : 0;
}
