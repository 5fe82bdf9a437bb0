using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// What permits state of use and size. The papers of one project are a chain of which often one alone states a figure: a permit that
/// states none takes that of its project's others near the patch.
/// </summary>
internal sealed class Stated(IEnumerable<Candidate> candidates)
{
    private readonly Dictionary<string, List<Permit>> _projects = candidates
        .Select(c => c.Permit)
        .Where(p => !string.IsNullOrWhiteSpace(p.Project) && p.Status is PermitStatus.Granted or PermitStatus.Expired)
        .GroupBy(p => p.Project!)
        .ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);

    /// <summary>Uses that it may be used for; none = not stated.</summary>
    public IReadOnlyList<string> Uses(Permit permit) =>
        Code(permit) is { } own ? [own] : [.. Chain(permit).Select(Code).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Greatest height in m, null = not stated.</summary>
    public double? Height(Permit permit) => permit.MaxHeightMeters ?? Chain(permit).Select(p => p.MaxHeightMeters).Max();

    /// <summary>Whether it or its project states a figure.</summary>
    public bool States(Permit permit, Func<Permit, double?> figure) => Papers(permit).Any(p => figure(p) is not null);

    /// <summary>It and the other papers of its project near the patch.</summary>
    public IEnumerable<Permit> Papers(Permit permit) => Chain(permit).Prepend(permit).Distinct();

    private List<Permit> Chain(Permit permit) => permit.Project is { } project && _projects.TryGetValue(project, out var papers) ? papers : [];

    private static string? Code(Permit permit) => string.IsNullOrWhiteSpace(permit.UseCode) ? null : permit.UseCode.Trim();
}
