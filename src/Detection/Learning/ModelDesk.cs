using Microsoft.Extensions.Logging;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Learning;

namespace Monitoring.Detection.Learning;

/// <summary>
/// The one owner of the model register in a process: who scores asks it for what is in use, people act through it. One act at a time. Thread-safe.
/// </summary>
/// <remarks>
/// Acts take the gate; whoever reads takes the register's immutable state and the version's files, which never change, and waits for no act: neither does the
/// river wait for a person who looks at a model. A model in use is loaded once, by whoever scores first.
/// </remarks>
public sealed partial class ModelDesk(LearningOptions options, ExampleBook examples, ILearningStore learning, IAuditTrail audit, TimeProvider clock, ILogger<ModelDesk> log)
    : IViolationModels, IDisposable
{
    /// <summary>Share of the examples, the latest, that figures are drawn from while too few were decided after a model was made.</summary>
    private const double LaterShare = 0.3;

    private const int LeastPlotCases = 50;
    private const int MostAsReason = 500;
    private const int LeadScores = 20_000;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SemaphoreSlim _training = new(1, 1);
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile ModelRegister? _register;
    private volatile LoadedScorer? _loaded;
    private volatile KeptComparison? _compared;

    /// <summary>What the last drift watch saw; the loop sets it.</summary>
    public DriftState? Drift { get; set; }

    /// <summary>The newest version's entry, or null when there is none that can be read.</summary>
    public Task<ModelSummary?> NewestAsync(CancellationToken cancellationToken) => WithAsync(
        static register => register.Versions() is [.., var version] ? SummaryOf(register, version) : null, cancellationToken);

    public Task<(string? Active, string? Shadow)> InUseAsync(CancellationToken cancellationToken) => WithAsync(
        static r =>
        {
            var state = r.Now;
            return (state.Active, state.Shadow);
        },
        cancellationToken);

    /// <summary>Scores with what is in use now. A model that cannot be loaded is said and replaced by rules: warnings do not wait for it.</summary>
    public async Task<ViolationScorer> ScorerAsync(CancellationToken cancellationToken) => (await LoadedAsync(cancellationToken)).Scorer;

    private async Task<LoadedScorer> LoadedAsync(CancellationToken cancellationToken)
    {
        var register = await RegisterAsync(cancellationToken);
        if (_loaded is { } have && have.Of == (register.Now.Active, register.Now.Shadow))
        {
            return have;
        }

        // Only one loads; the others wait for what it loads, not for acts.
        await _loading.WaitAsync(cancellationToken);
        try
        {
            var state = register.Now;
            var of = (state.Active, state.Shadow);
            if (_loaded is { } loaded && loaded.Of == of)
            {
                return loaded;
            }

            try
            {
                return _loaded = new(of, ViolationScorer.From(register, state), null);
            }
            catch (InvalidDataException broken)
            {
                Broken(broken);
                return _loaded = new(of, new ViolationScorer(null, null), broken.Message);
            }
        }
        finally
        {
            _loading.Release();
        }
    }

    public async Task<ModelsOverview> OverviewAsync(CancellationToken cancellationToken)
    {
        var loaded = await LoadedAsync(cancellationToken);
        var (outcomes, cases) = await examples.ReadAsync(cancellationToken);
        var comparison = await CompareAsync(null, cases, cancellationToken);
        var leads = (await learning.ScoresSinceAsync(DateTimeOffset.MinValue, LeadScores, cancellationToken))
            .Where(static s => s.Lead is not null).GroupBy(static s => s.SiteId, StringComparer.Ordinal).Select(static g => g.First().Lead!).ToList();
        return await WithAsync(
            register =>
            {
                var state = register.Now;
                var entries = register.Versions().Reverse().Select(v => SummaryOf(register, v)).OfType<ModelSummary>().ToList();
                var confirmed = outcomes.Count(static o => o.Confirmed);
                return new ModelsOverview
                {
                    Active = state.Active,
                    Shadow = state.Shadow,
                    PriorRate = RulesScorer.PriorRate,
                    Versions = entries,
                    Acts = [.. state.Acts.Reverse().Select(static a => new ModelActRecord(a.Number, a.At, a.Actor, a.Act, a.Version, a.Reason))],
                    Outcomes = new OutcomeCounts(
                        confirmed, outcomes.Count - confirmed, cases.Count, cases.Count(static c => c.Outcome.Confirmed), options.Training.LeastOfEach,
                        ExampleBook.Since(cases, entries.FirstOrDefault()?.MadeAt ?? DateTimeOffset.MinValue), options.RetrainAfter),
                    Comparison = comparison is not { Problem: null } ? null : ViewOf(comparison),
                    Drift = Drift,
                    Lead = leads.Count == 0 ? null : new LeadSummary(leads.Count, Median(leads.Select(static l => l.AtLeast)), Median(leads.Select(static l => l.AtMost))),
                    PromotesItself = options.PromotesItself,
                    CanRollBack = state.Earlier.Count > 0,
                    Problem = loaded.Problem ?? comparison?.Problem,
                };
            },
            cancellationToken);
    }

    public async Task<ModelDetails?> ShowAsync(string version, CancellationToken cancellationToken)
    {
        var (_, cases) = await examples.ReadAsync(cancellationToken);
        return await WithAsync(
            register =>
            {
                if (!register.Versions().Contains(version, StringComparer.Ordinal) || SummaryOf(register, version) is not { } summary)
                {
                    return null;
                }

                var (entry, model) = register.Load(version);
                IReadOnlyList<LearnedCase> plotted = [.. cases.Where(c => c.Outcome.RecordedAt > entry.MadeAt)];
                var held = plotted.Count >= LeastPlotCases && plotted.Any(static c => c.Outcome.Confirmed) && plotted.Any(static c => !c.Outcome.Confirmed);
                if (!held)
                {
                    var before = cases.Where(c => c.Outcome.RecordedAt <= entry.MadeAt).ToList();
                    plotted = before[(int)(before.Count * (1 - LaterShare))..];
                }

                double[] probabilities = [.. plotted.Select(c => model.Probability(c.Example.Features.Values))];
                bool[] labels = [.. plotted.Select(static c => c.Outcome.Confirmed)];
                float[] weights = [.. plotted.Select(c => (float)options.Training.Weights.Of(c.Example))];
                var splits = new int[model.Schema.Count];
                foreach (var feature in model.Trees.Trees.SelectMany(static t => t.Feature))
                {
                    splits[feature]++;
                }

                return new ModelDetails(
                    summary,
                    ModelCardText.Of(entry, model),
                    plotted.Count == 0 ? [] : [.. Metrics.Calibrated(probabilities, labels, weights, 10).Select(static g => new CalibrationPoint(g.Stated, g.Seen, g.Weight))],
                    PrecisionRecall.Of(probabilities, labels, weights),
                    plotted.Count,
                    held,
                    [.. model.Schema.Features.Select((f, k) => new FeatureUse(f.Name, f.Zh, f.En, splits[k])).Where(static f => f.Splits > 0)
                        .OrderByDescending(static f => f.Splits).ThenBy(static f => f.Feature, StringComparer.Ordinal)]);
            },
            cancellationToken);
    }

    public async Task<ModelActResult> TrainAsync(string actor, CancellationToken cancellationToken)
    {
        if (!await _training.WaitAsync(0, cancellationToken))
        {
            return new(false, "A training is under way; wait for its end.");
        }

        try
        {
            var (_, cases) = await examples.ReadAsync(cancellationToken);
            var confirmed = cases.Count(static c => c.Outcome.Confirmed);
            var least = options.Training.LeastOfEach;
            if (confirmed < least || cases.Count - confirmed < least)
            {
                return new(false, $"There are {confirmed} confirmed and {cases.Count - confirmed} dismissed outcomes of places that were scored before; learning needs {least} of each. Until then rules and a prior go on.");
            }

            using var longest = new CancellationTokenSource(options.LongestTraining, clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, cancellationToken);
            IReadOnlyList<RecordedOutcome> outcomes = [.. cases.Select(static c => c.Example)];
            TrainedModel? trained;
            try
            {
                trained = await Task.Run(() => ViolationTraining.Train(outcomes, options.Training, both.Token), both.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return new(false, $"The training took longer than {options.LongestTraining} and was given up; nothing changed. Raise LongestTraining or lower MostExamples.");
            }

            if (trained is null)
            {
                return new(false, "The earlier or the later part of the outcomes is all of one kind; nothing can be learned from them yet.");
            }

            var profile = FeatureProfile.Of([.. outcomes.Select(static o => o.Features)]);
            await _gate.WaitAsync(cancellationToken);
            try
            {
                var register = await RegisterAsync(cancellationToken);
                var entry = await register.AddAsync(trained, profile, actor, cancellationToken);
                await register.ShadowAsync(entry.Version, actor, $"trained on {entry.Examples} outcomes", cancellationToken);
                return new(true, $"Model {entry.Version} learned from {entry.Examples} outcomes and stands in the shadow.", entry.Version);
            }
            finally
            {
                _gate.Release();
            }
        }
        finally
        {
            _training.Release();
        }
    }

    /// <summary>Goes on where a stop came between a training's end and the shadow; nothing while a training is under way.</summary>
    public async Task TakeUpAsync(CancellationToken cancellationToken)
    {
        if (!await _training.WaitAsync(0, cancellationToken))
        {
            return;
        }

        try
        {
            await _gate.WaitAsync(cancellationToken);
            try
            {
                await (await RegisterAsync(cancellationToken)).TakeUpAsync(cancellationToken);
            }
            catch (InvalidDataException broken)
            {
                Broken(broken);
            }
            finally
            {
                _gate.Release();
            }
        }
        finally
        {
            _training.Release();
        }
    }

    public async Task<ModelActResult> PromoteAsync(string version, string actor, string reason, CancellationToken cancellationToken)
    {
        if (Wrong(reason) is { } fault)
        {
            return fault;
        }

        var (_, cases) = await examples.ReadAsync(cancellationToken);
        if (!await WithAsync(r => r.Versions().Contains(version, StringComparer.Ordinal), cancellationToken))
        {
            return new(false, $"There is no model {version}.");
        }

        if (await CompareAsync(version, cases, cancellationToken) is not { Comparison: var comparison })
        {
            return new(false, $"Model {version} is in use already.", version);
        }

        return await ActAsync(
            register => register.PromoteAsync(version, comparison with { Reason = $"{comparison.Reason}; {reason}" }, actor, cancellationToken),
            register => new(true, $"Model {version} is in use: {comparison.Reason}.", register.Active),
            cancellationToken);
    }

    public async Task<ModelActResult> RollBackAsync(string actor, string reason, CancellationToken cancellationToken) =>
        Wrong(reason) ?? await ActAsync(
            register => register.RollBackAsync(actor, reason, cancellationToken),
            static register => new(true, register.Active is { } version ? $"Model {version} is in use again." : "Rules and a prior are in use again.", register.Active),
            cancellationToken);

    /// <summary>A version against what is in use, on the cases that were recorded after it was made; null without a version, or when it is in use.</summary>
    /// <param name="version">Null = the shadow.</param>
    public Task<ComparedCases?> CompareAsync(string? version, IReadOnlyList<LearnedCase> cases, CancellationToken cancellationToken) => WithAsync(
        register =>
        {
            var state = register.Now;
            if ((version ?? state.Shadow) is not { } challenger || challenger == state.Active)
            {
                return null;
            }

            // The same cases give the same answer, and it takes a thousand resamples.
            var key = (challenger, state.Active, ExampleBook.StampOf(cases));
            if (_compared is { } kept && kept.Key == key)
            {
                return kept.Result;
            }

            ModelEntry entry;
            ViolationModel model;
            ViolationModel? active = null;
            var madeAt = DateTimeOffset.MinValue;
            try
            {
                (entry, model) = register.Load(challenger);
                if (state.Active is { } used)
                {
                    (var own, active) = register.Load(used);
                    madeAt = own.MadeAt;
                }
            }
            catch (InvalidDataException broken)
            {
                Broken(broken);
                return new ComparedCases(challenger, 0, 0, Comparison.None(broken.Message)) { Problem = broken.Message };
            }

            // Both learned before these were known, also where the challenger is the older of the two and comes back. The score of stored features is the score that was kept: a model is a pure function of them.
            IReadOnlyList<LearnedCase> since = [.. cases.Where(c => c.Outcome.RecordedAt > entry.MadeAt && c.Outcome.RecordedAt > madeAt)];
            double[] current = [.. since.Select(c => active is null ? RulesScorer.Score(c.Example.Features).Probability : active.Probability(c.Example.Features.Values))];
            double[] other = [.. since.Select(c => model.Probability(c.Example.Features.Values))];
            var result = new ComparedCases(
                challenger, since.Count, since.Count(static c => c.Outcome.Confirmed),
                Comparison.Of(current, other, [.. since.Select(static c => c.Outcome.Confirmed)], [.. since.Select(c => (float)options.Training.Weights.Of(c.Example))], options.Promotion));
            _compared = new(key, result);
            return result;
        },
        cancellationToken);

    public void Dispose()
    {
        _gate.Dispose();
        _loading.Dispose();
        _training.Dispose();
    }

    /// <summary>The profile of what is in use; null for rules.</summary>
    public Task<(string Version, FeatureProfile Profile, DateTimeOffset MadeAt)?> ProfileAsync(CancellationToken cancellationToken) => WithAsync(
        static register => register.Active is { } version && EntryOf(register, version) is { } entry
            ? (version, entry.Profile, entry.MadeAt)
            : ((string, FeatureProfile, DateTimeOffset)?)null,
        cancellationToken);

    private static ModelActResult? Wrong(string reason) =>
        string.IsNullOrWhiteSpace(reason) || reason.Length > MostAsReason ? new(false, $"Say why, in 1 to {MostAsReason} characters; the audit trail keeps it.") : null;

    private async Task<ModelActResult> ActAsync(Func<ModelRegister, Task> act, Func<ModelRegister, ModelActResult> done, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var register = await RegisterAsync(cancellationToken);
            await act(register);
            return done(register);
        }
        catch (Exception refused) when (refused is InvalidOperationException or InvalidDataException)
        {
            return new(false, refused.Message);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Asks the register as it stands, whoever acts meanwhile.</summary>
    private async Task<T> WithAsync<T>(Func<ModelRegister, T> ask, CancellationToken cancellationToken) => ask(await RegisterAsync(cancellationToken));

    private async Task<ModelRegister> RegisterAsync(CancellationToken cancellationToken)
    {
        if (_register is { } open)
        {
            return open;
        }

        await _loading.WaitAsync(cancellationToken);
        try
        {
            return _register ??= await ModelRegister.OpenAsync(options.Folder, audit, clock, cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    private static ModelSummary? SummaryOf(ModelRegister register, string version) =>
        EntryOf(register, version) is { } e
            ? new(
                e.Version, version == register.Active ? "active" : version == register.Shadow ? "shadow" : "old", e.MadeAt, e.MadeBy, e.FileHash, e.DataHash, e.DataFrom, e.DataTo,
                e.Examples, e.Confirmed, FiguresOf(e.Held))
            : null;

    private static ModelEntry? EntryOf(ModelRegister register, string version)
    {
        try
        {
            return register.EntryOf(version);
        }
        catch (InvalidDataException)
        {
            // Its own loading says what is wrong with it; the others are shown.
            return null;
        }
    }

    private static ModelFigures FiguresOf(Metrics m) => new(m.Cases, Finite(m.Rate), Finite(m.AveragePrecision), Finite(m.Auc), Finite(m.Ece), Finite(m.Brier));

    /// <summary>JSON has no word for what is not a number.</summary>
    private static double Finite(double value) => double.IsFinite(value) ? value : 0;

    private static ModelComparison ViewOf(ComparedCases c) =>
        c.Comparison.Current.Cases == 0
            ? new(c.Cases, c.Confirmed, null, null, false, c.Comparison.Reason)
            : new(c.Cases, c.Confirmed, FiguresOf(c.Comparison.Current), FiguresOf(c.Comparison.Challenger), c.Comparison.Promotes, c.Comparison.Reason);

    private static double Median(IEnumerable<double> values)
    {
        double[] ordered = [.. values.Order()];
        return ordered.Length % 2 == 1 ? ordered[ordered.Length / 2] : (ordered[(ordered.Length / 2) - 1] + ordered[ordered.Length / 2]) / 2;
    }

    private sealed record LoadedScorer((string? Active, string? Shadow) Of, ViolationScorer Scorer, string? Problem);

    private sealed record KeptComparison((string Challenger, string? Active, string Cases) Key, ComparedCases Result);

    [LoggerMessage(3052, LogLevel.Error, "The model in use cannot be loaded; rules and a prior stand in for it. Roll back or train again")]
    private partial void Broken(Exception exception);
}

/// <summary>A version against what is in use, on the same cases.</summary>
public sealed record ComparedCases(string Version, int Cases, int Confirmed, Comparison Comparison)
{
    /// <summary>Why nothing could be compared; null when it was.</summary>
    public string? Problem { get; init; }
}
