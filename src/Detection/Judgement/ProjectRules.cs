using Monitoring.Domain.Findings;

namespace Monitoring.Detection.Judgement;

/// <summary>Which projects are set against their permits.</summary>
public sealed record ProjectRules
{
    /// <summary>Stages (list <c>project-stages</c>) at which works are under way.</summary>
    public required IReadOnlyList<string> Stages { get; init; }

    /// <summary>Of a finding.</summary>
    public required Severity Severity { get; init; }
}
