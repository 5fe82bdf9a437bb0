namespace Monitoring.Detection.Learning;

/// <param name="Used">What people see.</param>
/// <param name="Shadow">What the model in the shadow would have said; kept for the comparison, shown to nobody as a judgement. Null without one.</param>
public sealed record ScoredCandidate(string CandidateId, DateTimeOffset AsOf, ViolationScore Used, double? Shadow, string? ShadowVersion);

/// <summary>Scores with what the register says is in use; without a model by rules and a prior, and says so. Immutable; thread-safe.</summary>
public sealed class ViolationScorer
{
    private readonly (string Version, ViolationModel Model)? _active;
    private readonly (string Version, ViolationModel Model)? _shadow;

    public ViolationScorer((string Version, ViolationModel Model)? active, (string Version, ViolationModel Model)? shadow) => (_active, _shadow) = (active, shadow);

    /// <exception cref="InvalidDataException">A model in use cannot be loaded.</exception>
    /// <param name="state">Null = as the register stands now.</param>
    public static ViolationScorer From(ModelRegister register, RegisterState? state = null)
    {
        ArgumentNullException.ThrowIfNull(register);
        state ??= register.Now;
        (string, ViolationModel)? Load(string? version) => version is null ? null : (version, register.Load(version).Model);
        return new(Load(state.Active), Load(state.Shadow));
    }

    public ScoredCandidate Score(ViolationFeatures features, int top = 5)
    {
        ArgumentNullException.ThrowIfNull(features);
        ViolationScore used;
        if (_active is { } active)
        {
            used = new(active.Model.Probability(features.Values), ScoreSource.Model, active.Version, active.Model.Explain(features.Values, top));
        }
        else
        {
            var (probability, parts) = RulesScorer.Score(features);
            used = new(probability, ScoreSource.Rules, null, [.. parts.Take(top)]);
        }

        return new(features.CandidateId, features.AsOf, used, _shadow?.Model.Probability(features.Values), _shadow?.Version);
    }
}
