using CsCheck;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Findings;
using Monitoring.TestKit;
using Monitoring.TestKit.World;

namespace Monitoring.Detection.Tests.Learning;

/// <summary>Figures, comparison, drift, setting aside, lead, and the training as a whole.</summary>
public sealed class ModelWatchTests
{
    [Fact]
    public void Metrics_OfASmallOrder_AreThoseByHand()
    {
        var m = Metrics.Of([0.9, 0.8, 0.7, 0.6], [true, false, true, false]);
        m.AveragePrecision.ShouldBe((1 + (2.0 / 3)) / 2, 1e-12);
        m.Auc.ShouldBe(0.75, 1e-12);
        m.Brier.ShouldBe((0.01 + 0.64 + 0.09 + 0.36) / 4, 1e-12);
        Metrics.InspectionsFor(0.5, [0.9, 0.8, 0.7, 0.6], [true, false, true, false]).ShouldBe(1, 1e-12);
        Metrics.InspectionsFor(1, [0.9, 0.8, 0.7, 0.6], [true, false, true, false]).ShouldBe(3, 1e-12);
    }

    [Fact]
    public void Metrics_OfEqualScores_DoNotDependOnTheOrderOfCases()
    {
        Gen.Select(Gen.Int[0, 3], Gen.Bool).Array[2, 60].Where(a => a.Any(x => x.Item2) && a.Any(x => !x.Item2)).Sample(a =>
        {
            var forth = Metrics.Of([.. a.Select(x => x.Item1 / 4.0)], [.. a.Select(x => x.Item2)]);
            var back = Metrics.Of([.. a.Reverse().Select(x => x.Item1 / 4.0)], [.. a.Reverse().Select(x => x.Item2)]);
            return Math.Abs(forth.AveragePrecision - back.AveragePrecision) < 1e-9 && Math.Abs(forth.Auc - back.Auc) < 1e-9;
        });
    }

    [Fact]
    public void Metrics_OfCasesThatWeighNothing_AreThoseOfTheOthers()
    {
        var with = Metrics.Of([0.95, 0.9, 0.8, 0.7, 0.6], [false, true, false, true, false], [0, 1, 1, 1, 1]);
        var without = Metrics.Of([0.9, 0.8, 0.7, 0.6], [true, false, true, false]);
        (with.AveragePrecision, with.Auc, with.Brier).ShouldBe((without.AveragePrecision, without.Auc, without.Brier));
    }

    [Fact]
    public void Metrics_OfTrueProbabilities_HaveNoCalibrationError()
    {
        var random = new Random(4);
        double[] p = [.. Enumerable.Range(0, 40_000).Select(_ => random.NextDouble())];
        bool[] y = [.. p.Select(v => random.NextDouble() < v)];
        Metrics.Of(p, y).Ece.ShouldBeLessThan(0.015);
        Metrics.Of([.. p.Select(v => v / 2)], y).Ece.ShouldBe(0.25, 0.02);
    }

    [Fact]
    public void Comparison_OfABetterOrder_Promotes_OfTheSame_DoesNot()
    {
        var (truth, good, poor) = Orders(1500);
        float[] weights = [.. Enumerable.Repeat(1f, truth.Length)];
        var options = new PromotionOptions { Resamples = 200, LargestEce = 1 };
        Comparison.Of(poor, good, truth, weights, options).Promotes.ShouldBeTrue();
        Comparison.Of(good, good, truth, weights, options).Promotes.ShouldBeFalse();
        Comparison.Of(good, poor, truth, weights, options).Promotes.ShouldBeFalse();
        Comparison.Of(poor, [.. good.Select(v => v / 3)], truth, weights, options with { LargestEce = 0.05 }).Promotes.ShouldBeFalse("its probabilities are wrong");
        var few = Comparison.Of(poor[..100], good[..100], truth[..100], weights[..100], options);
        few.Promotes.ShouldBeFalse();
        few.Reason.ShouldContain("too few");
    }

    [Fact]
    public void DriftWatch_OfTheSameWorld_IsSilent_OfADullerSensor_Speaks()
    {
        var all = new ViolationWorld(WorldSettings.Usual with { Counties = 4, Months = 12 }).Candidates(1).Where(c => c.Month >= 6).Select(WorldFacts.FeaturesOf).ToArray();
        var profile = FeatureProfile.Of([.. all.Where((_, i) => i % 2 == 0)]);
        ViolationFeatures[] recent = [.. all.Where((_, i) => i % 2 == 1)];
        DriftWatch.OfFeatures(profile, recent, new DriftOptions { Stability = 0.1 }).ShouldBeEmpty();

        // A detector that became less sure, as after a change of sensor.
        var dull = recent.Select(f =>
        {
            var values = (float[])f.Values.Clone();
            values[0] *= 0.6f;
            return f with { Values = values };
        }).ToArray();
        var reasons = DriftWatch.OfFeatures(profile, dull, new DriftOptions());
        reasons[0].Facts["feature"].ShouldBe("image_score");
        var finding = DriftWatch.Tell("0003", reasons, An.Epoch.AddDays(-90), An.Epoch, An.Epoch).ShouldNotBeNull();
        finding.RuleId.ShouldBe(DriftWatch.RuleId);
        DriftWatch.Tell("0003", reasons, An.Epoch.AddDays(-90), An.Epoch, An.Epoch.AddDays(1))!.Id.ShouldBe(finding.Id);
        DriftWatch.Tell("0003", [], An.Epoch, An.Epoch, An.Epoch).ShouldBeNull();
    }

    [Fact]
    public void DriftWatch_OfOutcomes_SpeaksWhenStatedAndSeenPart()
    {
        var random = new Random(5);
        double[] p = [.. Enumerable.Range(0, 4000).Select(_ => random.NextDouble() * 0.5)];
        float[] w = [.. Enumerable.Repeat(1f, p.Length)];
        DriftWatch.OfOutcomes(p, [.. p.Select(v => random.NextDouble() < v)], w, new DriftOptions()).ShouldBeEmpty();
        DriftWatch.OfOutcomes(p, [.. p.Select(v => random.NextDouble() < v + 0.1)], w, new DriftOptions()).Single().Code.ShouldBe("calibration-drift");
        DriftWatch.OfOutcomes(p[..50], [.. p[..50].Select(_ => true)], w[..50], new DriftOptions()).ShouldBeEmpty("too few to speak");
    }

    [Fact]
    public void Triage_OfPushedOrConflictOrByRules_IsAlwaysWork()
    {
        var triage = new Triage();
        Gen.Select(Gen.String, Gen.Double[0, 0.019], Gen.Enum<Verdict>()).Sample((id, p, verdict) =>
            triage.Decide(id, CandidateOrigin.Pushed, verdict, Said(p)).Outcome is TriageOutcome.Work
            && triage.Decide(id, CandidateOrigin.Own, Verdict.Conflict, Said(p)).Outcome is TriageOutcome.Work
            && triage.Decide(id, CandidateOrigin.Own, verdict, Said(p) with { Source = ScoreSource.Rules }).Outcome is TriageOutcome.Work);
    }

    [Fact]
    public void Triage_BelowTheBound_SetsAsideWithAReasonAndRechecksItsShare()
    {
        var triage = new Triage { RecheckShare = 0.1 };
        var decisions = Enumerable.Range(0, 5000).Select(i => triage.Decide($"site-{i}", CandidateOrigin.Own, Verdict.Review, Said(0.01))).ToArray();
        decisions.ShouldAllBe(d => d.Reason != null && d.Reason.Code == "low-probability" && d.Outcome != TriageOutcome.Work);
        decisions.Count(d => d.Outcome is TriageOutcome.Recheck).ShouldBeInRange(420, 580);
        decisions.ShouldBe(Enumerable.Range(0, 5000).Select(i => triage.Decide($"site-{i}", CandidateOrigin.Own, Verdict.Review, Said(0.01))), new SameDecision());
        triage.Decide("site", CandidateOrigin.Own, Verdict.Review, Said(0.02)).Outcome.ShouldBe(TriageOutcome.Work, "the bound itself is work");
        new Triage { RecheckShare = 0 }.Faults().ShouldNotBeEmpty();
    }

    [Fact]
    public void EarthworksLead_OfAWarningAtEarthworks_IsAnInterval()
    {
        PassFact Pass(int day, SiteKind kind) => new(An.Epoch.AddDays(day), An.Epoch.AddDays(day), 0.8, kind, 0.8, 500);
        PassFact[] passes = [Pass(0, SiteKind.Earthworks), Pass(10, SiteKind.Earthworks), Pass(25, SiteKind.Building)];
        EarthworksLead.Of(passes, An.Epoch.AddDays(2)).ShouldBe(new EarthworksLead(8, 23));
        EarthworksLead.Of(passes, An.Epoch.AddDays(12)).ShouldBe(new EarthworksLead(0, 13));
        EarthworksLead.Of(passes, An.Epoch.AddDays(30)).ShouldBeNull();
        EarthworksLead.Of(passes[..2], An.Epoch.AddDays(2)).ShouldBeNull();
    }

    [Fact]
    public void Training_WithTooFewOutcomes_GivesNoModel() =>
        ViolationTraining.Train([.. History(1, 2).Take(300)], new TrainingOptions(), TestContext.Current.CancellationToken).ShouldBeNull();

    /// <summary>Better than rules, not better than is possible: a model that beat the posterior would know what nobody could.</summary>
    [Fact]
    public void Training_OnAWorld_BeatsRulesAndNotThePosterior()
    {
        var history = History(4, 24);
        var options = new TrainingOptions { Boosting = new BoostingOptions { Trees = 60, Members = 1 } };
        var trained = ViolationTraining.Train(history, options, TestContext.Current.CancellationToken).ShouldNotBeNull();
        var judged = new ViolationWorld(WorldSettings.Usual with { Counties = 4, Months = 30 }).Candidates(77).Where(c => c.Month >= 24).ToArray();
        var features = judged.Select(WorldFacts.FeaturesOf).ToArray();
        bool[] truth = [.. judged.Select(c => c.IsViolation)];
        var model = Metrics.Of(trained.Model.Probabilities(features.SelectMany(f => f.Values).ToArray()), truth);
        var rules = Metrics.Of([.. features.Select(f => RulesScorer.Score(f).Probability)], truth);
        var posterior = Metrics.Of([.. judged.Select(c => c.Posterior)], truth);
        model.AveragePrecision.ShouldBeGreaterThan(rules.AveragePrecision + 0.05);
        model.AveragePrecision.ShouldBeLessThan(posterior.AveragePrecision);
        model.Ece.ShouldBeLessThan(0.06);

        // The same outcomes in another order give the same model.
        history.Reverse();
        ModelFile.Write(ViolationTraining.Train(history, options, TestContext.Current.CancellationToken)!.Model).ShouldBe(ModelFile.Write(trained.Model));
    }

    private static List<RecordedOutcome> History(int counties, int months) =>
        [.. new ViolationWorld(WorldSettings.Usual with { Counties = counties, Months = months }).Candidates(31).Where(c => c.Outcome is not null).Select(WorldFacts.OutcomeOf)];

    private static ViolationScore Said(double probability) => new(probability, ScoreSource.Model, "0001", []);

    private static (bool[] Truth, double[] Good, double[] Poor) Orders(int count)
    {
        var random = new Random(6);
        double[] good = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
        bool[] truth = [.. good.Select(v => random.NextDouble() < v)];
        return (truth, good, [.. good.Select(v => Math.Clamp(v + random.NextDouble() - 0.5, 0, 1))]);
    }

    private sealed class SameDecision : IEqualityComparer<TriageDecision>
    {
        public bool Equals(TriageDecision? x, TriageDecision? y) => x?.Outcome == y?.Outcome && x?.InspectionChance == y?.InspectionChance;

        public int GetHashCode(TriageDecision obj) => (int)obj.Outcome;
    }
}
