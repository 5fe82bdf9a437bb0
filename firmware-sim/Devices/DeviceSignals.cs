using Monitoring.FirmwareSim.Chance;

namespace Monitoring.FirmwareSim.Devices;

/// <summary>One observation as the device tells it.</summary>
/// <param name="Datastream">Name of the stream.</param>
/// <param name="Time">Phenomenon time by the device's own clock, with the zone of the county.</param>
/// <param name="Number">The numeric result; null where the result is a text.</param>
/// <param name="Text">The text result; null where the result is a number.</param>
public sealed record SimulatedObservation(string Datastream, DateTimeOffset Time, double? Number, string? Text);

/// <summary>
/// What a device senses: a pure function of (seed, device, time). The same instant gives the same observation whether it is
/// asked for alone, within a day, or after a restart. Thread safe.
/// </summary>
public sealed class DeviceSignals
{
    /// <summary>The county's time zone has had no summer time since 1991.</summary>
    public static TimeSpan Zone { get; } = TimeSpan.FromHours(8);

    private readonly Dice _dice;
    private readonly Dice _region;
    private readonly DeviceProfile _device;
    private readonly DateOnly _stormDay;

    /// <param name="seed">The county's seed.</param>
    /// <param name="device">The device.</param>
    /// <param name="today">The last day of the county's story; the day before it brings a dust storm, as do about one day in twenty.</param>
    public DeviceSignals(long seed, DeviceProfile device, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(device);
        _region = Dice.FromSeed(seed).For("air");
        _dice = Dice.FromSeed(seed).For("device").For(device.Id);
        _device = device;
        _stormDay = today.AddDays(-1);
    }

    /// <summary>
    /// The observations whose true time lies in (after, until], ordered by true time and then by stream. Their
    /// <see cref="SimulatedObservation.Time"/> is what the device's clock said.
    /// </summary>
    public IReadOnlyList<SimulatedObservation> Between(DateTimeOffset after, DateTimeOffset until)
    {
        var list = new List<(DateTimeOffset True, SimulatedObservation Seen)>();
        foreach (var stream in _device.Datastreams)
            if (stream.IntervalSeconds is { } interval) Regular(stream, interval, after, until, list);
            else Events(stream, after, until, list);
        return [.. list.OrderBy(o => o.True).ThenBy(o => o.Seen.Datastream, StringComparer.Ordinal).Select(o => o.Seen)];
    }

    /// <summary>Share of full work at the device's site, 0 to 1; 0 where no site is.</summary>
    public double Activity(DateTimeOffset time)
    {
        if (_device.Scene is not (DeviceScene.SiteByDay or DeviceScene.SiteByNight)) return 0;
        var local = time.ToOffset(Zone);
        var hour = local.TimeOfDay.TotalHours;
        var day = Plateau(hour, 6.4, 7.2, 11.6, 12.0) + Plateau(hour, 12.9, 13.3, 18.0, 18.8);
        // Late shifts keep away from the eyes of the day.
        var night = _device.Scene == DeviceScene.SiteByNight ? Plateau(hour, 20.2, 20.7, 24, 24.1) + Plateau(hour, -0.1, 0, 3.2, 3.8) : 0;
        var weak = _device.Scene == DeviceScene.SiteByNight ? 0.55 : 1;
        return Math.Clamp(day * weak + night, 0, 1);
    }

    private void Regular(
        DatastreamProfile stream, int interval, DateTimeOffset after, DateTimeOffset until, List<(DateTimeOffset, SimulatedObservation)> into)
    {
        var ticks = TimeSpan.FromSeconds(interval).Ticks;
        for (var k = after.UtcTicks / ticks + 1; k * ticks <= until.UtcTicks; k++)
        {
            var time = new DateTimeOffset(k * ticks, TimeSpan.Zero);
            if (InGap(time)) continue;
            into.Add((time, new SimulatedObservation(stream.Name, Clock(time), Value(stream, time, k), null)));
        }
    }

    private void Events(DatastreamProfile stream, DateTimeOffset after, DateTimeOffset until, List<(DateTimeOffset, SimulatedObservation)> into)
    {
        // Events are drawn by whole quarter hours, so that any interval finds the same ones.
        var quarter = TimeSpan.FromMinutes(15).Ticks;
        for (var q = after.UtcTicks / quarter; q <= until.UtcTicks / quarter; q++)
        {
            var start = new DateTimeOffset(q * quarter, TimeSpan.Zero);
            var d = _dice.For(stream.Name).For(q);
            foreach (var (share, number, text) in stream.Property == "truck_pass" ? Trucks(start, d) : Pictures(start, d, q))
            {
                // Whole seconds: field clocks give no more.
                var time = start.AddSeconds(Math.Floor(share * 900));
                if (time > after && time <= until && !InGap(time))
                    into.Add((time, new SimulatedObservation(stream.Name, Clock(time), number, text)));
            }
        }
    }

    private List<(double Share, double? Number, string? Text)> Trucks(DateTimeOffset start, Dice d)
    {
        var hour = start.ToOffset(Zone).TimeOfDay.TotalHours;
        double expected;
        switch (_device.Scene)
        {
            case DeviceScene.SiteByDay or DeviceScene.SiteByNight:
                // Convoys: most quarter hours a few, some many.
                expected = Activity(start.AddMinutes(7)) * (d.Happens(0.4, 900) ? 8 : 3);
                break;
            case DeviceScene.FarmRoad:
                var harvest = Harvest(start) && hour is > 13 and < 18;
                expected = harvest ? 2.4 : 0.22 * Plateau(hour, 5, 7, 18, 20);
                break;
            default:
                expected = 0.12 * Plateau(hour, 6, 8, 17, 19);
                break;
        }

        var count = (int)Math.Floor(expected + d.Unit(901));
        var used = new HashSet<int>();
        var list = new List<(double, double?, string?)>();
        for (var i = 0; i < count; i++)
        {
            var second = d.Index(900, i);
            // Two passes of one second would be one event.
            if (used.Add(second)) list.Add((second / 900.0, 1, null));
        }

        return list;
    }

    private List<(double Share, double? Number, string? Text)> Pictures(DateTimeOffset start, Dice d, long quarter)
    {
        var list = new List<(double, double?, string?)>();
        var activity = Activity(start.AddMinutes(7));
        if (activity > 0.3)
        {
            var stage = _device.SiteId is "L11" ? (string[])["crane", "concrete_pump", "crane", "excavator"] : ["excavator", "earthmoving", "concrete_pump", "excavator"];
            var count = 1 + d.Index(2, 900);
            for (var i = 0; i < count; i++) list.Add(((i * 450 + d.Index(449, i)) / 900.0, null, stage[d.Index(4, 50 + i)]));
        }
        else if (quarter % 4 == 0)
        {
            list.Add((d.Index(900, 0) / 900.0, null, "none"));
        }

        return list;
    }

    private bool Harvest(DateTimeOffset time) => _region.For("harvest").Happens(0.25, time.ToOffset(Zone).Date.Ticks / TimeSpan.TicksPerDay);

    private double Value(DatastreamProfile stream, DateTimeOffset time, long k)
    {
        var d = _dice.For(stream.Name).For(k);
        var local = time.ToOffset(Zone);
        var hour = local.TimeOfDay.TotalHours;
        var work = Activity(time);
        return stream.Property switch
        {
            "noise_laeq" => Noise(hour, work, d),
            "pm10" => Dust(time, work, 0.45, d),
            "pm2_5" => Dust(time, work * 0.4, 0, d),
            "vibration_velocity" => Math.Round(0.05 + 0.05 * d.Unit(1) + (_device.Scene == DeviceScene.Pump && Pumping(time) ? 0.6 + 0.2 * d.Unit(2) : 0)
                + work * (0.4 + 2.2 * Math.Pow(d.Unit(3), 3)), 2),
            "tilt" => Math.Round(0.12 + 0.03 * Math.Sin(2 * Math.PI * hour / 24) + 0.004 * d.Normal(1)
                + (_device.Scene == DeviceScene.Slope ? 0.00008 * ((local.Date - new DateTime(2024, 1, 1)).TotalDays % 900) : 0), 4),
            "active_power" => Power(time, work, d),
            _ => throw new InvalidOperationException($"Stream {stream.Name} has no signal."),
        };
    }

    private double Noise(double hour, double work, Dice d)
    {
        var day = Plateau(hour, 5.5, 7.5, 19.5, 22.5);
        var ambient = (_device.Scene == DeviceScene.FarmRoad ? 38 : 43) + 9 * day + 1.8 * d.Normal(1);
        var energy = Math.Pow(10, ambient / 10);
        if (work > 0.05) energy += work * Math.Pow(10, (67 + 3.2 * d.Normal(2)) / 10);
        return Math.Round(10 * Math.Log10(energy), 1);
    }

    private double Dust(DateTimeOffset time, double work, double coarse, Dice d)
    {
        var local = time.ToOffset(Zone);
        var hour = local.TimeOfDay.TotalHours;
        var days = (local.DateTime - new DateTime(2020, 1, 1)).TotalDays;
        var weather = new ValueNoise(_region.For("weather")).Octaves(days / 5, 0.5, 2);
        var fine = 38 * (1 + 0.55 * weather) * (1 + 0.16 * Math.Cos(2 * Math.PI * (hour - 8) / 24) + 0.1 * Math.Cos(4 * Math.PI * (hour - 8) / 24));
        var storm = Storm(local) * (coarse > 0 ? 520 : 95);
        var value = fine * (1 + coarse * 1.3) + storm + work * (coarse > 0 ? 46 : 9);
        return Math.Round(Math.Max(3, value * (1 + 0.07 * d.Normal(1))), 1);
    }

    /// <summary>Strength of a dust storm, 0 to 1: it comes at noon, is worst in the afternoon and settles by midnight.</summary>
    private double Storm(DateTimeOffset local)
    {
        var day = DateOnly.FromDateTime(local.Date);
        if (day != _stormDay && !_region.For("storm").Happens(0.05, day.DayNumber)) return 0;
        return Plateau(local.TimeOfDay.TotalHours, 11.5, 14, 17, 23.5);
    }

    private double Power(DateTimeOffset time, double work, Dice d)
    {
        if (_device.Scene == DeviceScene.Pump) return Math.Round(Pumping(time) ? 22 + 0.4 * d.Normal(1) : 0.3 + 0.05 * d.Unit(2), 2);
        // Machines switch by ten minutes.
        var block = _dice.For("machines").For(time.UtcTicks / TimeSpan.FromMinutes(10).Ticks);
        var load = work > 0.1 ? work * (45 + 75 * block.Unit(0)) : 0;
        return Math.Round(4 + 2 * Math.Abs(d.Normal(1)) + load * (1 + 0.04 * d.Normal(2)), 2);
    }

    private static bool Pumping(DateTimeOffset time)
    {
        var hour = time.ToOffset(Zone).TimeOfDay.TotalHours;
        return hour is (>= 5 and < 7.5) or (>= 17 and < 19);
    }

    private bool InGap(DateTimeOffset time) =>
        _device.GapShare > 0 && _dice.For("gap").Happens(_device.GapShare, time.UtcTicks / TimeSpan.FromMinutes(30).Ticks);

    private DateTimeOffset Clock(DateTimeOffset time)
    {
        var local = time.ToOffset(Zone);
        if (_device.ClockGainSecondsPerDay == 0) return local;
        return local.AddMilliseconds(Math.Round(_device.ClockGainSecondsPerDay * local.TimeOfDay.TotalDays * 1000));
    }

    /// <summary>0 before a, up to 1 at b, 1 until c, down to 0 at d.</summary>
    private static double Plateau(double x, double a, double b, double c, double d) =>
        x <= a || x >= d ? 0 : x < b ? (x - a) / (b - a) : x <= c ? 1 : (d - x) / (d - c);
}
