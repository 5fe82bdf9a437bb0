using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// What permits state of use and size. The papers of one project are a chain of which often one alone states a figure: a permit that
/// states none takes that of its project's others near the patch.
/// </summary>
internal sealed class Stated
{
    private static readonly List<Permit> None = [];
    private readonly Dictionary<string, List<Permit>>? _projects;

    public Stated(IReadOnlyList<Candidate> candidates)
    {
        foreach (var candidate in candidates)
        {
            var permit = candidate.Permit;
            if (!string.IsNullOrWhiteSpace(permit.Project) && permit.Status is PermitStatus.Granted or PermitStatus.Expired)
            {
                _projects ??= new(StringComparer.Ordinal);
                (_projects.TryGetValue(permit.Project!, out var papers) ? papers : _projects[permit.Project!] = []).Add(permit);
            }
        }
    }

    /// <summary>Uses that it may be used for; none = not stated.</summary>
    public IReadOnlyList<string> Uses(Permit permit) =>
        Code(permit) is { } own ? [own] : Chain(permit) is not { Count: > 0 } chain ? [] : [.. chain.Select(Code).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Greatest height in m, null = not stated.</summary>
    public double? Height(Permit permit) => permit.MaxHeightMeters ?? (Chain(permit) is { Count: > 0 } chain ? chain.Select(p => p.MaxHeightMeters).Max() : null);

    /// <summary>Whether it or its project states a figure.</summary>
    public bool States(Permit permit, Func<Permit, double?> figure) => figure(permit) is not null || (Chain(permit) is { Count: > 0 } chain && chain.Exists(p => figure(p) is not null));

    /// <summary>It and the other papers of its project near the patch.</summary>
    public IEnumerable<Permit> Papers(Permit permit) => Chain(permit).Prepend(permit).Distinct();

    private List<Permit> Chain(Permit permit) => permit.Project is { } project && _projects is { } all && all.TryGetValue(project, out var papers) ? papers : None;

    private static string? Code(Permit permit) => string.IsNullOrWhiteSpace(permit.UseCode) ? null : permit.UseCode.Trim();
}
