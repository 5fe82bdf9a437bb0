using CsCheck;
using Monitoring.FirmwareSim.Devices;

namespace Monitoring.FirmwareSim.Tests;

public sealed class DeviceSignalsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 4, 30, 4, 0, 0, TimeSpan.Zero);

    private static DeviceSignals Of(string id, long seed = 7) => new(seed, Counties.Large.Devices.Single(d => d.Id == id), Counties.Today);

    [Fact]
    public void Between_CutAnywhere_GivesTheSameObservations()
    {
        foreach (var device in Counties.Large.Devices)
        {
            var signals = new DeviceSignals(7, device, Counties.Today);
            var whole = signals.Between(Noon, Noon.AddHours(3));
            Gen.Int[1, 3 * 3600 - 1].Sample(cut =>
            {
                var middle = Noon.AddSeconds(cut);
                var parts = signals.Between(Noon, middle).Concat(signals.Between(middle, Noon.AddHours(3)));
                parts.ShouldBe(whole);
            }, iter: 25);
        }
    }

    [Fact]
    public void Between_OtherSeed_OtherValues() =>
        Of("air-town-1", 8).Between(Noon, Noon.AddHours(1)).ShouldNotBe(Of("air-town-1").Between(Noon, Noon.AddHours(1)));

    [Fact]
    public void Between_AnyDevice_NeverTellsOneInstantTwice()
    {
        foreach (var device in Counties.Large.Devices)
        {
            var two = new DeviceSignals(7, device, Counties.Today).Between(Noon.AddDays(-2), Noon);
            two.Select(o => (o.Datastream, o.Time)).Distinct().Count().ShouldBe(two.Count, device.Id);
            two.Select(o => o.Datastream).Distinct().Order().ShouldBe(device.Datastreams.Select(s => s.Name).Order(), device.Id);
        }
    }

    [Fact]
    public void Site_OnADay_ShowsTrucksPowerAndMachines()
    {
        foreach (var (trucks, power) in new[] { ("road-u15", "road-u15"), ("road-u16", "meter-u16") })
        {
            var day = Of(trucks).Between(Noon.AddHours(-24), Noon);
            day.Count(o => o.Datastream == "truck_pass").ShouldBeGreaterThan(60);
            day.Count(o => o.Text is "excavator" or "concrete_pump").ShouldBeGreaterThan(15);
            var load = Of(power).Between(Noon.AddHours(-24), Noon).Where(o => o.Datastream == "active_power").Select(o => o.Number!.Value).Order().ToList();
            load[^60].ShouldBeGreaterThan(10 * load[60]);
        }
    }

    [Fact]
    public void Site_ByNight_WorksAtMidnightWhileTheOtherSleeps()
    {
        var midnight = new DateTimeOffset(2026, 4, 30, 1, 0, 0, TimeSpan.FromHours(8));
        Of("road-u16").Between(midnight, midnight.AddHours(1)).Count(o => o.Datastream == "truck_pass").ShouldBeGreaterThan(3);
        Of("road-u15").Between(midnight, midnight.AddHours(1)).Count(o => o.Datastream == "truck_pass").ShouldBe(0);
    }

    [Fact]
    public void FarmRoad_OverAMonth_HasHarvestConvoysButNoMachines()
    {
        var month = Of("road-farm-3").Between(Noon.AddDays(-30), Noon);
        var days = month.Where(o => o.Datastream == "truck_pass").GroupBy(o => o.Time.Date).Select(g => g.Count()).Order().ToList();
        days[^1].ShouldBeGreaterThan(25);
        days[0].ShouldBeLessThan(20);
        month.Where(o => o.Text is not null).ShouldAllBe(o => o.Text == "none");
    }

    [Fact]
    public void Pump_EveryDay_DrawsPowerAtItsHoursOnly()
    {
        var day = Of("pump-4").Between(Noon.AddHours(-24), Noon).Where(o => o.Datastream == "active_power").ToList();
        foreach (var o in day)
        {
            var hour = o.Time.TimeOfDay.TotalHours;
            (o.Number > 15).ShouldBe(hour is (>= 5 and < 7.5) or (>= 17 and < 19), o.Time.ToString("O"));
        }
    }

    [Fact]
    public void DustStorm_DayBeforeTheLast_ExceedsLimitsEverywhereWithoutBuilding()
    {
        var storm = new DateTimeOffset(Counties.Today.AddDays(-1), new TimeOnly(15, 0), TimeSpan.FromHours(8));
        foreach (var id in new[] { "air-town-1", "air-rural-2", "air-works-7" })
        {
            var dust = Of(id).Between(storm, storm.AddHours(1)).Where(o => o.Datastream == "pm10").ToList();
            if (dust.Count > 0) dust.Average(o => o.Number!.Value).ShouldBeGreaterThan(350, id);
        }
    }

    [Fact]
    public void Noise_LawfulSite_IsLoudByDayAndQuietAtNight()
    {
        double Leq(int hour) => 10 * Math.Log10(Of("site-l12")
            .Between(new DateTimeOffset(2026, 4, 30, hour, 0, 0, TimeSpan.FromHours(8)), new DateTimeOffset(2026, 4, 30, hour + 1, 0, 0, TimeSpan.FromHours(8)))
            .Where(o => o.Datastream == "noise_laeq").Average(o => Math.Pow(10, o.Number!.Value / 10)));
        Leq(9).ShouldBeInRange(64, 75);
        Leq(1).ShouldBeInRange(38, 52);
    }

    [Fact]
    public void Clock_OfADriftingDevice_GainsThroughTheDayAndIsSetRightAtMidnight()
    {
        var day = Of("site-l11").Between(new DateTimeOffset(2026, 4, 30, 0, 0, 0, TimeSpan.FromHours(8)).AddMinutes(-1), new DateTimeOffset(2026, 4, 30, 23, 59, 0, TimeSpan.FromHours(8)))
            .Where(o => o.Datastream == "pm10").ToList();
        day[0].Time.TimeOfDay.TotalSeconds.ShouldBe(0, 0.1);
        (day[^1].Time.TimeOfDay.TotalSeconds % 60).ShouldBe(38, 0.2);
    }

    [Fact]
    public void Gaps_OfAFaultyStation_LeaveHoles()
    {
        var count = Of("air-rural-2").Between(Noon.AddDays(-10), Noon).Count(o => o.Datastream == "pm10");
        count.ShouldBeInRange((int)(14_400 * 0.88), (int)(14_400 * 0.99));
    }
}
