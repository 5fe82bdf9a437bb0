using CsCheck;
using Monitoring.Detection.Telemetry;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using static Monitoring.Detection.Tests.Telemetry.Signals;

namespace Monitoring.Detection.Tests.Telemetry;

public class SiteActivityTests
{
    private readonly Signals _signals = new();

    /// <summary>A day at a building site: trucks by the dozen, machines on power, the camera sees them.</summary>
    private static void WorkingDay(Signals to, DateTimeOffset midnight, bool trucks = true, bool power = true, bool camera = true)
    {
        for (var slot = 0; slot < 144; slot++)
        {
            var at = midnight.AddMinutes(10 * slot);
            var working = slot is >= 42 and < 108;
            if (power)
            {
                to.Add(Power, at, working ? 70 + (slot % 7) : 4);
            }

            if (trucks && working)
            {
                to.Add(Truck, at.AddMinutes(3), 1).Add(Truck, at.AddMinutes(7), 1);
            }

            if (camera && slot % 6 == 0)
            {
                to.Add(Camera, at.AddMinutes(1), working ? (slot % 12 == 0 ? "excavator" : "earthmoving") : "none");
            }
        }
    }

    /// <summary>A day in the country: a few farm vehicles, a pump morning and evening, a camera that sees nothing.</summary>
    private static void FarmDay(Signals to, DateTimeOffset midnight, bool harvest = false, bool pump = true, bool camera = true)
    {
        for (var slot = 0; slot < 144; slot++)
        {
            var at = midnight.AddMinutes(10 * slot);
            to.Add(Power, at, pump && slot is >= 30 and < 45 or >= 102 and < 114 ? 22 : 0.3);
            if (slot is >= 36 and < 114 && slot % 9 == 0)
            {
                to.Add(Truck, at.AddMinutes(2), 1);
            }

            if (harvest && slot is >= 78 and < 108)
            {
                to.Add(Truck, at.AddMinutes(4), 1).Add(Truck, at.AddMinutes(8), 1);
            }

            if (camera && slot % 6 == 0)
            {
                to.Add(Camera, at.AddMinutes(1), "none");
            }
        }
    }

    [Fact]
    public async Task Evaluate_BuildingWithoutApproval_HoldsWithinTheFirstMorning()
    {
        _signals.KnowPermits();
        WorkingDay(_signals, Start);
        var findings = await _signals.RunAsync();

        var first = findings[0];
        first.RuleId.ShouldBe("site-activity-without-approval");
        first.Subject.ShouldBe(new Subject(SubjectKind.Thing, "thing-1"));
        first.Condition.ShouldBe(FindingCondition.Holds);
        first.Verdict.ShouldBe(Verdict.Review);
        first.PhenomenonEnd.ShouldBeLessThanOrEqualTo(Start.AddHours(12));
        first.Reasons[0].Code.ShouldBe("activity-without-approval");
        first.Reasons.Select(r => r.Code).ShouldContain("camera-event");
        first.Reasons.Select(r => r.Code).ShouldContain("truck-passes");
        first.Reasons.Where(r => r.Code is "camera-event" or "truck-passes" or "power-draw").ShouldAllBe(r => r.Facts.ContainsKey("weight"));
    }

    [Theory]
    [InlineData("trucks alone", true, false, false)]
    [InlineData("power alone", false, true, false)]
    [InlineData("a camera alone", false, false, true)]
    public async Task Evaluate_OneKindOfEvidence_TellsNothing(string name, bool trucks, bool power, bool camera)
    {
        _signals.KnowPermits();
        WorkingDay(_signals, Start, trucks, power, camera);
        WorkingDay(_signals, Start.AddDays(1), trucks, power, camera);

        (await _signals.RunAsync()).ShouldBeEmpty(name);
    }

    [Theory]
    [InlineData("trucks and power", true, true, false)]
    [InlineData("camera and trucks", true, false, true)]
    [InlineData("camera and power", false, true, true)]
    public async Task Evaluate_TwoKindsThatAgree_Hold(string name, bool trucks, bool power, bool camera)
    {
        _signals.KnowPermits();
        WorkingDay(_signals, Start, trucks, power, camera);

        (await _signals.RunAsync()).ShouldContain(f => f.Condition == FindingCondition.Holds, name);
    }

    [Theory]
    [InlineData("farm traffic and pump", false, true, true)]
    [InlineData("harvest", true, false, true)]
    [InlineData("harvest while the pump runs", true, true, true)]
    public async Task Evaluate_Farming_TellsNothing(string name, bool harvest, bool pump, bool camera)
    {
        _signals.KnowPermits();
        for (var day = 0; day < 6; day++)
        {
            FarmDay(_signals, Start.AddDays(day), harvest && day is 2 or 4, pump, camera);
        }

        (await _signals.RunAsync()).ShouldBeEmpty(name);
    }

    [Fact]
    public async Task Evaluate_TrucksAndPowerThatAreUsualThere_TellNothing()
    {
        // A busy depot: its own history is the measure, once there are days enough.
        _signals.KnowPermits();
        for (var day = 0; day < 8; day++)
        {
            WorkingDay(_signals, Start.AddDays(day), trucks: true, power: true, camera: false);
        }

        var statements = await _signals.RunAsync();

        // At first only the prior can speak, and it warns.
        statements[0].Condition.ShouldBe(FindingCondition.Holds);
        statements[0].Reasons.Single(r => r.Code == "truck-passes").Facts["usual"].ShouldBe("8");
    }

    [Fact]
    public async Task Evaluate_HistoryOfTheThing_SaysWhatIsUsual()
    {
        _signals.KnowPermits();
        for (var day = 0; day < 5; day++)
        {
            FarmDay(_signals, Start.AddDays(day));
        }

        WorkingDay(_signals, Start.AddDays(5));
        var first = (await _signals.RunAsync())[0];

        first.Reasons.Single(r => r.Code == "truck-passes").Facts["usual"].ShouldBe("9");
        double.Parse(first.Reasons.Single(r => r.Code == "power-draw").Facts["usual_kwh"], System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(90, 105);
    }

    [Theory]
    [InlineData("a permit around it", -50, -50, "construction_works", false)]
    [InlineData("a permit across the road", 60, -50, "construction_works", false)]
    [InlineData("temporary land", -50, -50, "temporary_land", false)]
    [InlineData("a permit too far", 400, -50, "construction_works", true)]
    [InlineData("an approval of land alone", -50, -50, "land_supply", true)]
    public async Task Evaluate_PermitNearby_MakesTheActivityLawful(string name, double x, double y, string kind, bool told)
    {
        _signals.KnowPermits(Ground.Permit("A", Ground.Box(x, y, 100, 100), to: "2027-01-01", kind: kind));
        WorkingDay(_signals, Start);

        (await _signals.RunAsync()).Any().ShouldBe(told, name);
    }

    [Fact]
    public async Task Evaluate_WorkEnds_ClearsAfterAQuietDayButNotInAGap()
    {
        _signals.KnowPermits();
        WorkingDay(_signals, Start);
        for (var day = 4; day < 7; day++)
        {
            FarmDay(_signals, Start.AddDays(day), pump: false);
        }

        var findings = await _signals.RunAsync();
        var cleared = findings.First(f => f.Condition == FindingCondition.Clears);

        findings.Where(f => f.PhenomenonStart < cleared.PhenomenonStart).ShouldAllBe(f => f.Condition == FindingCondition.Holds);

        // Three days without data cleared nothing; most of a quiet day did.
        cleared.PhenomenonEnd.ShouldBe(Start.AddDays(4).AddHours(18));
    }

    [Fact]
    public async Task Evaluate_GapWhenTheClearingWasToEnd_DelaysTheEndAndDoesNotPreventIt()
    {
        _signals.KnowPermits();
        WorkingDay(_signals, Start);
        foreach (var day in (int[])[1, 2, 8, 9])
        {
            FarmDay(_signals, Start.AddDays(day), pump: false);
        }

        var clears = (await _signals.RunAsync()).Where(f => f.Condition == FindingCondition.Clears).ToList();

        (clears[^1].PhenomenonEnd - clears[0].PhenomenonEnd).ShouldBeGreaterThanOrEqualTo(DetectionRules.Default.Find("site-activity-without-approval")!.KeepFiringFor);
    }

    [Fact]
    public async Task Evaluate_PermitImportedWhileItHolds_ClearsWithTheApproval()
    {
        _signals.KnowPermits();
        WorkingDay(_signals, Start);
        await _signals.RunAsync();
        _signals.Plans.Import(MapLayer.Permit, Ground.Permit("A", Ground.Box(-50, -50, 100, 100), to: "2027-01-01"));
        WorkingDay(_signals, Start.AddDays(1));

        var cleared = (await _signals.RunAsync()).First(f => f.Condition == FindingCondition.Clears);
        cleared.Reasons.ShouldContain(r => r.Code == "approved");
    }

    [Fact]
    public async Task Evaluate_BuffersOfTwoDevicesOneAfterTheOther_StillWarn()
    {
        // The meter was online; the camera resends its two days afterwards.
        _signals.KnowPermits();
        for (var day = 0; day < 2; day++)
        {
            WorkingDay(_signals, Start.AddDays(day), trucks: false, power: true, camera: false);
        }

        for (var day = 0; day < 2; day++)
        {
            WorkingDay(_signals, Start.AddDays(day), trucks: true, power: false, camera: true);
        }

        (await _signals.RunAsync())[0].PhenomenonEnd.ShouldBeLessThanOrEqualTo(Start.AddHours(12));
    }

    [Theory]
    [InlineData(0, 1.0, 0)]
    [InlineData(1, 1.0, -0.30103)]
    [InlineData(5, 1.0, -2.43656)]
    [InlineData(20, 4.0, -7.99138)]
    [InlineData(200, 8.0, -197.7356)]
    public void PoissonUpperTail_Count_IsTheDistributionsTail(long count, double rate, double log10)
    {
        var exact = count == 0 ? 0 : Math.Log10(1 - Enumerable.Range(0, (int)count).Sum(k => Math.Exp((k * Math.Log(rate)) - rate - MathNet.Numerics.SpecialFunctions.GammaLn(k + 1))));
        var value = SiteActivityDetector.PoissonUpperTailLog10(count, rate);

        value.ShouldBe(log10, count == 200 ? 2 : 0.005);
        if (count is > 1 and < 10)
        {
            value.ShouldBe(exact, 1e-6);
        }
    }

    [Fact]
    public async Task StoppedAnywhere_InAnyBatches_GivesTheFindingsOfAnUninterruptedRun()
    {
        var day = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Bool);
        await Gen.Select(day.Array[2, 5], Gen.Int[5, 400].Array[1, 5]).SampleAsync(
            async (days, cuts) =>
            {
                void Play(Signals signals)
                {
                    signals.KnowPermits();
                    foreach (var (kind, at, part) in days)
                    {
                        var midnight = Start.AddDays(at);
                        var once = new Signals();
                        if (kind == 0)
                        {
                            FarmDay(once, midnight);
                        }
                        else
                        {
                            WorkingDay(once, midnight, trucks: part || kind > 2, power: kind != 2, camera: kind != 1);
                        }

                        foreach (var observation in once.Observations.ReadAfterAsync(0, int.MaxValue, CancellationToken.None).Result)
                        {
                            if (!signals.Observations.Has(observation.Observation))
                            {
                                signals.Observations.Add(observation.Observation);
                            }
                        }
                    }
                }

                async Task<List<string>> Run(IReadOnlyList<int> batches)
                {
                    var signals = new Signals();
                    Play(signals);
                    var last = await signals.Observations.LastSequenceAsync(CancellationToken.None);
                    for (var i = 0; await signals.Findings.PositionAsync(TelemetryPipeline.Consumer, CancellationToken.None) < last; i++)
                    {
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

                (await Run(cuts)).ShouldBe(await Run([1_000_000]));
            },
            iter: 25,
            seed: "0000KQfXQZn2");
    }
}
