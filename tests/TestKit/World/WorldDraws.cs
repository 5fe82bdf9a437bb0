namespace Monitoring.TestKit.World;

/// <summary>Draws what is observed of a scenario, and turns that round by Bayes' rule, with the same distributions.</summary>
internal static class WorldDraws
{
    /// <summary>Probability that no plan says what use is meant.</summary>
    private const double NoPlan = 0.1;

    private const double PartCeiling = 0.95;
    private const int Violations = 3;

    public static WorldObservation Observe(ScenarioModel model, WorldObservation context, WorldRandom random)
    {
        var stage = model.Stages[model.Stage.Draw(random)];
        var hides = model.Hides.Draw(random);
        var passes = stage.Passes.Draw(random) + 1;
        var o = context with
        {
            LogitScore = model.LogitScore.Draw(random), Kind = (WorldKind)stage.Kind.Draw(random), LogitCertainty = model.LogitCertainty.Draw(random), LogArea = stage.LogArea.Draw(random),
            Passes = passes, Growth = passes > 1 ? stage.Growth.Draw(random) : double.NaN,

            // Given the number of passes it says nothing more.
            DaysSinceFirst = passes == 1 ? 0 : ((passes - 1) * 10) + Math.Floor(random.Between(0, 10)),
            UseFits = random.Chance(NoPlan) ? null : model.UseFits.Draw(random),
        };
        if (o.DeviceMeters is not null)
        {
            var (night, dust, trucks, power) = Rates(stage, hides);
            var nights = night.Draw(random);
            o = o with
            {
                Night = nights, Dust = dust.Draw(random), Trucks = trucks.Draw(random), Power = power.Draw(random), NightStrength = nights > 0 ? model.NightStrength.Draw(random) : double.NaN,
            };
        }

        var cover = model.Cover.Draw(random);
        var share = cover switch { 0 => 0, 1 => PartCeiling * Sigmoid(model.PartCovered.Draw(random)), _ => PartCeiling + ((1 - PartCeiling) * random.Uniform()) };
        var near = cover == 0 && model.PermitNear.Draw(random);
        o = o with
        {
            PermitShare = share, PermitMeters = cover > 0 ? 0 : near ? Math.Exp(model.LogPermitMeters.Draw(random)) : double.NaN, ExpiredPermit = model.Expired.Draw(random),
            AppliedPermit = model.Applied.Draw(random), TemporaryPermit = model.Temporary.Draw(random), FacilityRecord = model.Facility.Draw(random),
        };
        return o with { PermitDays = HasEntry(o) ? Math.Exp(model.LogPermitDays.Draw(random)) : double.NaN };
    }

    /// <summary>P(violation | observed), summed over scenarios, their stages and whether they hide.</summary>
    /// <param name="prior">P(scenario | place, time, neighbourhood).</param>
    public static double Posterior(ScenarioModel[] models, ReadOnlySpan<double> prior, WorldObservation o)
    {
        Span<double> logs = stackalloc double[models.Length];
        var most = double.NegativeInfinity;
        for (var s = 0; s < models.Length; s++)
        {
            most = Math.Max(most, logs[s] = Math.Log(prior[s]) + LogLikelihood(models[s], o));
        }

        double violation = 0, all = 0;
        for (var s = 0; s < models.Length; s++)
        {
            var weight = Math.Exp(logs[s] - most);
            all += weight;
            violation += s < Violations ? weight : 0;
        }

        return violation / all;
    }

    private static double LogLikelihood(ScenarioModel m, WorldObservation o)
    {
        var log = m.LogitScore.LogDensity(o.LogitScore) + m.LogitCertainty.LogDensity(o.LogitCertainty) + m.Expired.LogDensity(o.ExpiredPermit)
            + m.Applied.LogDensity(o.AppliedPermit) + m.Temporary.LogDensity(o.TemporaryPermit) + m.Facility.LogDensity(o.FacilityRecord);
        log += o.UseFits is { } fits ? m.UseFits.LogDensity(fits) : 0;
        if (o.PermitShare >= PartCeiling)
        {
            log += m.Cover.LogDensity(2);
        }
        else if (o.PermitShare > 0)
        {
            // The Jacobian of the logit is the same for all scenarios.
            var part = o.PermitShare / PartCeiling;
            log += m.Cover.LogDensity(1) + m.PartCovered.LogDensity(Math.Log(part / (1 - part)));
        }
        else
        {
            var near = !double.IsNaN(o.PermitMeters);
            log += m.Cover.LogDensity(0) + m.PermitNear.LogDensity(near) + (near ? m.LogPermitMeters.LogDensity(Math.Log(o.PermitMeters)) : 0);
        }

        log += HasEntry(o) ? m.LogPermitDays.LogDensity(Math.Log(o.PermitDays)) : 0;
        log += o.Night > 0 ? m.NightStrength.LogDensity(o.NightStrength) : 0;

        var sum = 0.0;
        for (var e = 0; e < m.Stages.Count; e++)
        {
            var stage = m.Stages[e];
            var seen = stage.Passes.LogDensity(o.Passes - 1) + stage.LogArea.LogDensity(o.LogArea) + stage.Kind.LogDensity((int)o.Kind)
                + (o.Passes > 1 ? stage.Growth.LogDensity(o.Growth) : 0);
            var heard = 1.0;
            if (o.DeviceMeters is not null)
            {
                heard = (m.Hides.Yes * Heard(stage, true, o)) + ((1 - m.Hides.Yes) * Heard(stage, false, o));
            }

            sum += Math.Exp(m.Stage.LogDensity(e) + seen) * heard;
        }

        return log + Math.Log(sum);
    }

    private static double Heard(StageModel stage, bool hides, WorldObservation o)
    {
        var (night, dust, trucks, power) = Rates(stage, hides);
        return Math.Exp(night.LogDensity(o.Night) + dust.LogDensity(o.Dust) + trucks.LogDensity(o.Trucks) + power.LogDensity(o.Power));
    }

    private static (Bursts Night, Count Dust, Bursts Trucks, Count Power) Rates(StageModel stage, bool hides) => hides
        ? (new Bursts((stage.Night * 3) + 1), new Count(stage.Dust * 0.5), new Bursts(stage.Trucks * 0.5), new Count(stage.Power))
        : (new Bursts(stage.Night), new Count(stage.Dust), new Bursts(stage.Trucks), new Count(stage.Power));

    private static bool HasEntry(WorldObservation o) =>
        o.PermitShare > 0 || !double.IsNaN(o.PermitMeters) || o.ExpiredPermit || o.AppliedPermit || o.TemporaryPermit || o.FacilityRecord;

    private static double Sigmoid(double z) => 1 / (1 + Math.Exp(-z));
}
