using Monitoring.FirmwareSim.Chance;
using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Passes;

/// <summary>The days on which the satellite comes by: the story's first day, then every five to eight days.</summary>
public sealed class PassSchedule
{
    private readonly Dice _dice;
    private readonly CountyOptions _options;

    internal PassSchedule(Dice dice, CountyOptions options) => (_dice, _options) = (dice, options);

    /// <summary>Days in [from, to], ascending. The default schedule does not depend on the interval asked for.</summary>
    /// <param name="from">Default: the story's first day.</param>
    /// <param name="to">Default: the story's last day. Later days are allowed: the schedule goes on.</param>
    /// <param name="everyDays">A fixed gap instead of five to eight days; then the days are not those of the truth file.</param>
    public IReadOnlyList<DateOnly> Dates(DateOnly? from = null, DateOnly? to = null, int? everyDays = null)
    {
        if (everyDays is { } n) ArgumentOutOfRangeException.ThrowIfLessThan(n, 1, nameof(everyDays));
        var first = from ?? _options.Start;
        var last = to ?? _options.Today;
        var dates = new List<DateOnly>();
        var day = _options.Start;
        for (var i = 0; day <= last; i++)
        {
            if (day >= first) dates.Add(day);
            day = day.AddDays(everyDays ?? 5 + _dice.Index(4, i));
        }

        return dates;
    }
}
