using Monitoring.Domain.Learning;

namespace Monitoring.Dashboard.Api.Views;

// The shapes of docs/formats/api.md, one record each.

/// <summary>The models, whole or as somebody sees them whose account is limited to regions.</summary>
/// <param name="Limited">True: figures, names and reasons are left out.</param>
internal sealed record ModelsView(
    string? Active, string? Shadow, double PriorRate, IReadOnlyList<ModelVersionView> Versions, IReadOnlyList<ModelActView> Acts, bool PromotesItself, bool CanRollBack, bool Limited)
{
    /// <summary>The rest is for those who see everything.</summary>
    public OutcomeCounts? Outcomes { get; init; }

    public ModelComparison? Comparison { get; init; }

    public DriftState? Drift { get; init; }

    public LeadSummary? Lead { get; init; }

    /// <summary>One sentence; it may name a file only to those who see everything.</summary>
    public string? Problem { get; init; }

    public static ModelsView Of(ModelsOverview o, bool whole)
    {
        var view = new ModelsView(
            o.Active, o.Shadow, o.PriorRate, [.. o.Versions.Select(v => ModelVersionView.Of(v, whole))],
            [.. o.Acts.Select(a => new ModelActView(a.Number, a.At, a.Act, a.Version, whole ? a.Actor : null, whole ? a.Reason : null))], o.PromotesItself, o.CanRollBack, !whole);
        return whole
            ? view with { Outcomes = o.Outcomes, Comparison = o.Comparison, Drift = o.Drift, Lead = o.Lead, Problem = o.Problem }
            : view with { Problem = o.Problem is null ? null : "The model in use cannot be loaded; rules and a prior stand in for it." };
    }
}

internal sealed record ModelVersionView(
    string Version, string State, DateTimeOffset MadeAt, string? MadeBy, string? FileHash, string? DataHash, DateTimeOffset? DataFrom, DateTimeOffset? DataTo, int? Examples, int? Confirmed,
    ModelFigures? Held)
{
    public static ModelVersionView Of(ModelSummary m, bool whole) => whole
        ? new(m.Version, m.State, m.MadeAt, m.MadeBy, m.FileHash, m.DataHash, m.DataFrom, m.DataTo, m.Examples, m.Confirmed, m.Held)
        : new(m.Version, m.State, m.MadeAt, null, null, null, null, null, null, null, null);
}

internal sealed record ModelActView(int Number, DateTimeOffset At, string Act, string? Version, string? Actor, string? Reason);
