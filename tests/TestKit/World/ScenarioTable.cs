namespace Monitoring.TestKit.World;

/// <summary>The constants of the usual world, scenario by scenario.</summary>
internal static class ScenarioTable
{
    private static readonly double[] OnePass = [0.55, 0.2, 0.1, 0.06, 0.04, 0.03, 0.01, 0.01];
    private static readonly double[] FewPasses = [0.25, 0.25, 0.18, 0.12, 0.08, 0.06, 0.04, 0.02];
    private static readonly double[] ManyPasses = [0.05, 0.1, 0.15, 0.17, 0.17, 0.15, 0.12, 0.09];

    // Over building, earthworks, greenhouse, vegetation loss, other.
    private static readonly double[] LooksEarly = [0.1, 0.6, 0.03, 0.2, 0.07];
    private static readonly double[] LooksMiddle = [0.45, 0.4, 0.04, 0.06, 0.05];
    private static readonly double[] LooksLate = [0.8, 0.08, 0.06, 0.02, 0.04];
    private static readonly double[] LooksGreenhouse = [0.17, 0.12, 0.58, 0.06, 0.07];
    private static readonly double[] LooksDisguised = [0.27, 0.13, 0.5, 0.04, 0.06];
    private static readonly double[] LooksTilled = [0.04, 0.36, 0.05, 0.45, 0.1];
    private static readonly double[] LooksFalse = [0.25, 0.22, 0.1, 0.23, 0.2];

    /// <summary>Building works in three stages: ground, shell, roof.</summary>
    private static StageModel[] Works(double logArea, double busy) =>
    [
        Stage(FewPasses, logArea - 0.25, 0.30, 0.25, LooksEarly, 0.5 * busy, 1.8 * busy, 5 * busy, 0.5 * busy),
        Stage(FewPasses, logArea, 0.18, 0.2, LooksMiddle, 0.7 * busy, 1.4 * busy, 4 * busy, 1.2 * busy),
        Stage(ManyPasses, logArea + 0.15, 0.04, 0.12, LooksLate, 0.3 * busy, 0.5 * busy, 1.5 * busy, 1.5 * busy),
    ];

    private static StageModel[] Same(double[] passes, double logArea, double growth, double[] looks, double night, double dust, double trucks, double power)
    {
        var stage = Stage(passes, logArea, growth, 0.2, looks, night, dust, trucks, power);
        return [stage, stage with { LogArea = new Gauss(logArea + 0.2, 0.8) }, stage with { LogArea = new Gauss(logArea + 0.4, 0.8) }];
    }

    private static StageModel Stage(double[] passes, double logArea, double growth, double growthDeviation, double[] looks, double night, double dust, double trucks, double power) => new()
    {
        Passes = new Choice(passes), LogArea = new Gauss(logArea, 0.8), Growth = new Gauss(growth, growthDeviation), Kind = new Choice(looks),
        Night = night, Dust = dust, Trucks = trucks, Power = power,
    };

    private static ScenarioModel Model(
        double weight, StageModel[] stages, double score, double certainty, double hides, double fits, (double None, double Part, double All) cover, double part = 0,
        double near = 0.45, double nearLog = 5.6, double expired = 0.04, double applied = 0.05, double temporary = 0.03, double facility = 0.03, double daysLog = 5.6,
        double strength = 5) => new()
    {
        Base = weight, Stage = new Choice(0.35, 0.4, 0.25), Stages = stages, LogitScore = new Gauss(score, 1), LogitCertainty = new Gauss(certainty, 0.9),
        Hides = new Coin(hides), NightStrength = new Gauss(strength, 2.5), UseFits = new Coin(fits), Cover = new Choice(cover.None, cover.Part, cover.All),
        PartCovered = new Gauss(part, 1), PermitNear = new Coin(near), LogPermitMeters = new Gauss(nearLog, 1), Expired = new Coin(expired), Applied = new Coin(applied),
        Temporary = new Coin(temporary), Facility = new Coin(facility), LogPermitDays = new Gauss(daysLog, 0.9),
    };

    public static IReadOnlyDictionary<WorldScenario, ScenarioModel> For(WorldSettings settings)
    {
        var miss = settings.OutlineErrorRate;
        var table = new Dictionary<WorldScenario, ScenarioModel>
        {
            [WorldScenario.Unapproved] = Model(
                0.10, Works(6.6, 1), 1.5, 1.0, 0.4, 0.42, (0.86, 0.11, 0.03), -0.8, near: 0.4, nearLog: 5.4, expired: 0.13, applied: 0.22, strength: 6.5),
            [WorldScenario.BeyondOutline] = Model(
                0.05, Works(7.3, 1.2), 1.6, 1.1, 0.2, 0.82, (0.02, 0.78, 0.20), 0.3, near: 0.9, nearLog: 3, expired: 0.08, applied: 0.15, daysLog: 5.3, strength: 5.5),
            [WorldScenario.DisguisedGreenhouse] = Model(
                0.025, Same(FewPasses, 6.9, 0.1, LooksDisguised, 0.5, 0.6, 2.2, 1.6), 1.2, 0.6, 0.35, 0.5, (0.93, 0.06, 0.01), facility: 0.6, applied: 0.08, strength: 6),
            [WorldScenario.Approved] = Model(
                0.24, Works(7.5, 1.3), 1.6, 1.1, 0.03, 0.94, (miss, 0.13, 0.87 - miss), 1.6, near: 0.9, nearLog: 3.3, daysLog: 4.9),
            [WorldScenario.RegisteredLate] = Model(
                0.07, Works(7.3, 1.3), 1.6, 1.1, 0.03, 0.92, (0.92, 0.06, 0.02), 0, near: 0.5, nearLog: 5, applied: 0.58, daysLog: 3.9),
            [WorldScenario.WrongOutline] = Model(
                0.06, Works(7.4, 1.3), 1.6, 1.1, 0.03, 0.9, (0.35, 0.55, 0.10), 0, near: 0.95, nearLog: 2.8, daysLog: 4.9),
            [WorldScenario.LegalGreenhouse] = Model(
                0.10, Same(FewPasses, 7.2, 0.03, LooksGreenhouse, 0.12, 0.4, 1.2, 0.35), 1.2, 0.8, 0.02, 0.75, (0.95, 0.04, 0.01), facility: 0.7),
            [WorldScenario.TilledField] = Model(
                0.15, Same(OnePass, 7.6, -0.05, LooksTilled, 0.08, 0.5, 0.6, 0.1), 0.4, 0.0, 0.01, 0.6, (0.96, 0.03, 0.01), near: 0.3, nearLog: 6),
            [WorldScenario.TemporaryWorks] = Model(
                0.07, Works(7, 1), 1.3, 0.8, 0.04, 0.55, (0.84, 0.13, 0.03), -0.5, near: 0.75, nearLog: 4.2, temporary: 0.62, daysLog: 4.6),
            [WorldScenario.FalseDetection] = Model(
                0.09, Same(OnePass, 6.9, 0, LooksFalse, 0.08, 0.3, 0.5, 0.1), -0.2, -0.2, 0.01, 0.6, (0.87, 0.06, 0.07)),
            [WorldScenario.LawfulWithoutPermit] = Model(
                0.06, Works(6.2, 0.6), 1.2, 0.7, 0.03, 0.7, (0.93, 0.05, 0.02), near: 0.4),
        };
        foreach (var (scenario, factor) in settings.BaseFactors)
        {
            table[scenario] = table[scenario] with { Base = table[scenario].Base * factor };
        }

        if (settings.ScoreShift != 0)
        {
            foreach (var scenario in Enum.GetValues<WorldScenario>())
            {
                var m = table[scenario];
                table[scenario] = m with { LogitScore = m.LogitScore with { Mean = m.LogitScore.Mean + settings.ScoreShift } };
            }
        }

        return table;
    }

    /// <summary>What place, season, years and neighbourhood add to the logarithm of a scenario's weight.</summary>
    public static double Pull(WorldScenario scenario, WorldObservation o)
    {
        var urban = o.InsideBoundary ? 1.0 : 0.0;
        var farm = o.FarmlandShare;
        var red = o.RedLineShare;
        var month = o.AsOf.Month;
        var sowing = Math.Cos(2 * Math.PI * (month - 4) / 6.0);
        var monsoon = Math.Cos(2 * Math.PI * (month - 7) / 12.0);
        var near = Math.Log(1 + o.Confirmed1) - 0.8;
        var around = Math.Log(1 + o.Confirmed3) - 2.2;
        var cleared = Math.Log(1 + o.Dismissed1) - 1.4;
        var rush = DaysToMonthEnd(o.AsOf) < 7 ? 1.0 : 0.0;
        var y = o.Years;
        return scenario switch
        {
            WorldScenario.Unapproved =>
                (-0.3 * urban) + (0.5 * farm) + (0.3 * red) + (0.3 * rush) - (0.08 * y) + (0.5 * near) + (0.2 * around) - (0.2 * cleared)
                + (farm > 0.5 && o.Confirmed1 >= 1 ? 0.5 : 0),
            WorldScenario.BeyondOutline => (0.4 * urban) - (0.6 * farm) + (0.2 * near),
            WorldScenario.DisguisedGreenhouse => (-1.5 * urban) + farm + (0.08 * y) + (0.4 * near),
            WorldScenario.Approved => (0.9 * urban) - farm - (1.5 * red),
            WorldScenario.RegisteredLate => (0.7 * urban) - (0.8 * farm) - red - (0.1 * y),
            WorldScenario.WrongOutline => (0.7 * urban) - (0.8 * farm) - red,
            WorldScenario.LegalGreenhouse => (-1.5 * urban) + farm + (0.1 * y),
            WorldScenario.TilledField => (-1.8 * urban) + (1.2 * farm) - red + (0.9 * sowing),
            WorldScenario.TemporaryWorks => (0.2 * urban) - (0.3 * farm),
            WorldScenario.FalseDetection => (0.2 * red) + (0.7 * monsoon),
            _ => (-0.8 * urban) - (0.3 * farm),
        };
    }

    public static int DaysToMonthEnd(DateTimeOffset at) => DateTime.DaysInMonth(at.Year, at.Month) - at.Day;
}
