using CsCheck;
using Monitoring.Detection.Telemetry;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using static Monitoring.Detection.Tests.Telemetry.Signals;

namespace Monitoring.Detection.Tests.Telemetry;

public class LimitTests
{
    private static readonly DateTimeOffset Morning = Start.AddHours(9);
    private readonly Signals _signals = new();

    /// <summary>Closes every window before it: a quiet result an hour later.</summary>
    private Signals Close(DateTimeOffset time) => _signals.Add(Noise, time.AddHours(1), 40);

    [Fact]
    public void Combine_SoundLevels_AreAveragedInEnergy()
    {
        // 60 and 70 dB: mean of 1e6 and 1e7 is 5.5e6, 67.4 dB; the arithmetic mean of 65 would be a bug.
        var value = LimitDetector.Combine(
            [new(Morning, 60, false), new(Morning.AddMinutes(1), 70, false)], Aggregation.EnergyMean, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1));

        value.Value!.Value.ShouldBe(67.4036, 1e-4);
        value.Completeness.ShouldBe(1);
    }

    public static TheoryData<string, double[], string> Courses => new()
    {
        // Means of 20-minute windows by day: limit 70, cleared at 68.
        { "below", [60, 69, 70], "" },
        { "above", [60, 71], "H" },
        { "in the band after above", [71, 69], "HH" },
        { "in the band from below", [60, 69], "" },
        { "cleared, and said so until kept long enough", [71, 60, 60, 60, 60, 60, 60], "HCCCC" },
        { "above again while it is kept", [71, 60, 71, 60], "HCHC" },
        { "in the band after it was cleared", [71, 60, 69], "HCC" },
    };

    [Theory]
    [MemberData(nameof(Courses))]
    public async Task Windows_ACourseOfLevels_StatesHoldsAndClears(string name, double[] levels, string expected)
    {
        for (var i = 0; i < levels.Length; i++)
        {
            _signals.Fill(Noise, Morning.AddMinutes(20 * i), 20, levels[i]);
        }

        Close(Morning.AddMinutes(20 * levels.Length));
        var findings = await _signals.RunAsync();

        string.Concat(findings.Select(f => f.Condition.ToString()[0])).ShouldBe(expected, name);
        findings.ShouldAllBe(f => f.RuleId == "noise-day" && f.Subject == new Subject(SubjectKind.Datastream, "dev/noise"));
    }

    [Fact]
    public async Task Windows_Cleared_NamesALimitThatItsValueDoesNotPass()
    {
        double[] levels = [71, 60, 69, 60];
        for (var i = 0; i < levels.Length; i++)
        {
            _signals.Fill(Noise, Morning.AddMinutes(20 * i), 20, levels[i]);
        }

        Close(Morning.AddMinutes(20 * levels.Length));
        var cleared = (await _signals.RunAsync()).Where(f => f.Condition == FindingCondition.Clears).SelectMany(f => f.Reasons).Where(r => r.Code == "limit-cleared")
            .Select(r => (r.Facts["value"], r.Facts["limit"]));

        cleared.ShouldBe([("60.0", "68"), ("69.0", "70"), ("60.0", "68")], "in the band between the two it is the upper one that holds");
    }

    [Theory]
    [InlineData("nobody gave such permits", Verdict.NotJudged, null)]
    [InlineData("one near and in force", Verdict.Compliant, "episode-permitted")]
    [InlineData("one near, over the day before", Verdict.Review, "episode-not-permitted")]
    [InlineData("one too far away", Verdict.Review, "episode-not-permitted")]
    [InlineData("one applied for", Verdict.Review, "episode-not-permitted")]
    [InlineData("works are permitted, not their hours", Verdict.NotJudged, null)]
    public async Task Windows_NoiseAtNight_IsSetAgainstPermitsForWorkAtNight(string name, Verdict verdict, string? reason)
    {
        var near = Ground.Box(20, 20, 50, 50);
        var (from, to) = ("2026-04-01", "2026-06-01");
        _signals.KnowPermits(name switch
        {
            "one near and in force" => [Ground.Permit("N", near, from, to, "night_work")],
            "one near, over the day before" => [Ground.Permit("N", near, from, "2026-05-01", "night_work")],
            "one too far away" => [Ground.Permit("N", Ground.Box(400, 400, 50, 50), from, to, "night_work")],
            "one applied for" => [Ground.Permit("N", near, from, to, "night_work", PermitStatus.Applied)],
            "works are permitted, not their hours" => [Ground.Permit("W", near, from, to)],
            _ => [],
        });
        _signals.Fill(Noise, Start.AddHours(23), 20, 65);
        Close(Start.AddHours(23.5));

        var told = (await _signals.RunAsync()).First(f => f.RuleId == "noise-night" && f.Condition is FindingCondition.Holds);
        told.Verdict.ShouldBe(verdict, name);
        told.Reasons.Skip(1).Select(r => r.Code).ShouldBe(reason is null ? [] : [reason]);
        told.Severity.ShouldBe(verdict is Verdict.Compliant ? Severity.Info : Severity.Major);
    }

    [Fact]
    public async Task Windows_OverTheLimit_NameValueLimitAndInputs()
    {
        _signals.Fill(Noise, Morning, 20, 75);
        Close(Morning);
        var finding = (await _signals.RunAsync()).Single();

        finding.PhenomenonStart.ShouldBe(Morning);
        finding.PhenomenonEnd.ShouldBe(Morning.AddMinutes(20));
        var reason = finding.Reasons.Single();
        reason.Code.ShouldBe("limit-exceeded");
        reason.Facts["value"].ShouldBe("75.0");
        reason.Facts["limit"].ShouldBe("70");
        reason.Facts["completeness"].ShouldBe("1.00");
        finding.Inputs.Single().Id.ShouldBe("dev/noise@2026-05-01T01:00:00Z/2026-05-01T01:20:00Z");
        finding.RegionCode.ShouldBe("330100");
    }

    [Fact]
    public async Task Gap_AfterAnExceedance_NeitherMakesNorClears()
    {
        _signals.Fill(Noise, Morning, 20, 75);
        _signals.Fill(Noise, Morning.AddMinutes(20), 14, 40);
        Close(Morning.AddHours(3));

        (await _signals.RunAsync()).Single().Condition.ShouldBe(FindingCondition.Holds);
    }

    [Fact]
    public async Task Gap_WhenTheClearingWasToEnd_DelaysTheEndAndDoesNotPreventIt()
    {
        // Cleared at 20 and 40 minutes, nothing for five hours, then quiet again: the alert is still to be told that it is over.
        _signals.Fill(Noise, Morning, 20, 75);
        _signals.Fill(Noise, Morning.AddMinutes(20), 40, 40);
        _signals.Fill(Noise, Morning.AddHours(6), 60, 40);
        Close(Morning.AddHours(7));
        var findings = await _signals.RunAsync();

        findings.Select(f => f.Condition).ShouldBe([FindingCondition.Holds, FindingCondition.Clears, FindingCondition.Clears, FindingCondition.Clears]);
        (findings[^1].PhenomenonStart - findings[1].PhenomenonStart).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task LateData_BeforeTheClearing_DoNotShortenWhatTheAlertIsTold()
    {
        // 20 to 40 minutes come late, after the clearing from 40 minutes on was stated: the alert's time runs from 40 minutes.
        _signals.Fill(Noise, Morning, 20, 75);
        _signals.Fill(Noise, Morning.AddMinutes(40), 36, 40);
        _signals.Fill(Noise, Morning.AddMinutes(20), 20, 40);
        _signals.Fill(Noise, Morning.AddMinutes(76), 120, 40);
        Close(Morning.AddHours(4));
        var clears = (await _signals.RunAsync()).Where(f => f.Condition == FindingCondition.Clears).Select(f => f.PhenomenonStart - Morning).ToList();

        clears.ShouldContain(TimeSpan.FromMinutes(40));
        clears[^1].ShouldBe(TimeSpan.FromMinutes(100));
    }

    [Theory]
    [InlineData(15, true)]
    [InlineData(14, false)]
    public async Task Completeness_AtThreeQuarters_IsEnough(int results, bool told)
    {
        _signals.Fill(Noise, Morning, results, 75);
        Close(Morning);

        (await _signals.RunAsync()).Count.ShouldBe(told ? 1 : 0);
    }

    [Theory]
    [InlineData(ResultQuality.Fault)]
    [InlineData(ResultQuality.OutOfRange)]
    [InlineData(ResultQuality.Maintenance)]
    public async Task DisqualifiedResults_AreKeptOut(ResultQuality quality)
    {
        _signals.Fill(Noise, Morning, 20, 95, quality);
        Close(Morning);

        (await _signals.RunAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("night level at 05:40", 5.0 + (40 / 60.0), "noise-night")]
    [InlineData("night level at 06:00", 6.0, "")]
    [InlineData("night level at 21:40", 21.0 + (40 / 60.0), "")]
    [InlineData("night level at 22:00", 22.0, "noise-night")]
    public async Task Hours_OfTheRegion_DecideWhichLimitApplies(string name, double hour, string rule)
    {
        var at = Start.AddMinutes(Math.Round(hour * 60));
        _signals.Fill(Noise, at, 20, 60);
        Close(at);

        string.Concat((await _signals.RunAsync()).Select(f => f.RuleId)).ShouldBe(rule, name);
    }

    [Fact]
    public async Task Hours_End_ClearTheNightRuleWithData()
    {
        _signals.Fill(Noise, Start.AddHours(5.5), 60, 60);
        Close(Start.AddHours(6.5));
        var findings = await _signals.RunAsync();

        findings.Select(f => f.RuleId).Distinct().ShouldBe(["noise-night"]);
        findings.Select(f => f.Reasons[0].Code).ShouldBe(["limit-exceeded", "limit-hours-ended"]);
    }

    [Fact]
    public async Task LateData_WithinLateness_AreInTheWindow()
    {
        _signals.Fill(Noise, Morning, 14, 75);
        _signals.Add(Noise, Morning.AddMinutes(29), 40);
        _signals.Fill(Noise, Morning.AddMinutes(14), 6, 75);
        Close(Morning);

        (await _signals.RunAsync()).Single().Reasons[0].Facts["completeness"].ShouldBe("1.00");
    }

    [Fact]
    public async Task LateData_AfterTheWindowClosed_AreJudgedAgain()
    {
        _signals.Fill(Noise, Morning, 15, 69.5);
        Close(Morning.AddHours(4));
        _signals.Fill(Noise, Morning.AddMinutes(15), 5, 80);
        var findings = await _signals.RunAsync();

        // The first loud result lifts the energy mean of 16 results to 71.6 dB.
        findings.Single().Condition.ShouldBe(FindingCondition.Holds);
        findings.Single().PhenomenonStart.ShouldBe(Morning);
        findings.Single().Reasons[0].Facts["value"].ShouldBe("71.6");
    }

    [Fact]
    public async Task LateData_ThatTakeAnExceedanceBack_AreStatedAgain()
    {
        _signals.Fill(Noise, Morning, 15, 71);
        Close(Morning.AddHours(4));
        _signals.Fill(Noise, Morning.AddMinutes(15), 5, 20);
        _signals.Add(Noise, Morning.AddSeconds(30), 20);
        for (var i = 1; i < 15; i++)
        {
            _signals.Add(Noise, Morning.AddMinutes(i).AddSeconds(30), 20);
        }

        var findings = await _signals.RunAsync();

        findings.Select(f => f.Condition).ShouldBe([FindingCondition.Holds, FindingCondition.Clears]);
        findings.Select(f => f.PhenomenonStart).ShouldBe([Morning, Morning]);
        findings.Select(f => f.Id).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task Backlog_AfterLiveData_IsJudgedAsIfItHadComeInOrder()
    {
        static void Day(Signals signals, double from, double to)
        {
            for (var hour = from; hour < to; hour += 1)
            {
                signals.Fill(Noise, Start.AddHours(hour), 60, hour is >= 9 and < 11 ? 74 : 50);
            }
        }

        Day(_signals, 7, 18);
        var inOrder = (await _signals.RunAsync()).Where(f => f.Condition == FindingCondition.Holds).Select(f => f.PhenomenonStart).ToList();

        var swapped = new Signals();
        Day(swapped, 14, 18);
        Day(swapped, 7, 14);
        var late = (await swapped.RunAsync()).Where(f => f.Condition == FindingCondition.Holds).Select(f => f.PhenomenonStart).ToList();

        inOrder.Count.ShouldBe(6);
        late.ShouldBe(inOrder);
    }

    [Fact]
    public async Task StoppedAnywhere_InAnyBatches_GivesTheFindingsOfAnUninterruptedRun()
    {
        // Mostly in order with loud and quiet stretches, with gaps, late runs and lone late results.
        var step = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 400], Gen.Int[0, 1]);
        await Gen.Select(step.Array[3, 14], Gen.Int[1, 300].Array[1, 8]).SampleAsync(
            async (steps, cuts) =>
            {
                Dictionary<DateTimeOffset, Observation> unique = [];
                List<Observation> stream = [];
                var minute = 0;
                foreach (var (what, size, loud) in steps)
                {
                    var from = what switch { 0 => Math.Max(0, minute - size), 1 => minute + size, _ => minute };
                    for (var i = 0; i < 10 + (size / 8); i++)
                    {
                        var observation = Of(Noise, Start.AddHours(20).AddMinutes(from + i).AddSeconds(what == 0 ? 30 : 0), (loud == 1 ? 74 : 50) + (i % 5));
                        if (unique.TryAdd(observation.PhenomenonTime, observation))
                        {
                            stream.Add(observation);
                        }
                    }

                    minute = Math.Max(minute, from + 10 + (size / 8));
                }

                async Task<List<string>> Run(IReadOnlyList<int> batches)
                {
                    var signals = new Signals();
                    stream.ForEach(signals.Observations.Add);
                    for (var i = 0; i < 10_000; i++)
                    {
                        // A new process for each batch; the store already holds what comes later.
                        var position = await signals.Findings.PositionAsync(TelemetryPipeline.Consumer, CancellationToken.None);
                        if (position == stream.Count)
                        {
                            break;
                        }

                        try
                        {
                            await signals.Pipeline(batches[i % batches.Count], new Once(signals.Findings)).WorkOffAsync(CancellationToken.None);
                        }
                        catch (IOException)
                        {
                            // Killed after its first commit.
                        }
                    }

                    return [.. signals.Findings.Findings.Select(f => f.Id)];
                }

                (await Run(cuts)).ShouldBe(await Run([100_000]));
            },
            iter: 60,
            seed: "0000KQfXQZn2");
    }
}
