namespace Monitoring.Detection.Judgement;

/// <summary>Findings of the order in which works and papers came, with their definitions as data. They name what the verdict rests on and never change it.</summary>
public sealed record StageRules
{
    /// <summary>Groups of kinds of permits by name. The group <c>works</c> is always there: the kinds that authorise the stage.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Groups { get; init; }

    public required IReadOnlyList<StageDefinition> Definitions { get; init; }

    /// <summary>Name of the group of the kinds that authorise the stage.</summary>
    public const string Works = "works";

    internal IEnumerable<string> Faults()
    {
        foreach (var twice in Definitions.GroupBy(d => d.Id).Where(g => g.Count() > 1))
        {
            yield return $"judgement: stage_findings define {twice.Key} {twice.Count()} times; keep one.";
        }

        foreach (var (id, group) in Definitions.SelectMany(d => d.When.Keys.Where(g => g != Works && !Groups.ContainsKey(g)).Select(g => (d.Id, g))))
        {
            yield return $"judgement: the stage finding {id} asks for the group {group}, which stage_findings.groups does not name.";
        }
    }
}

/// <param name="Id">For example <c>built-before-approval</c>.</param>
/// <param name="Name">For people, Chinese.</param>
/// <param name="Stages">Stages of building at which it is told.</param>
/// <param name="When">Per group the states of which one must be; all groups must agree.</param>
public sealed record StageDefinition(
    string Id, string Name, string NameEn, IReadOnlyList<BuildingStage> Stages, IReadOnlyDictionary<string, IReadOnlyList<PaperState>> When);

/// <summary>How the papers of a group stand to a patch.</summary>
public enum PaperState
{
    /// <summary>In force since before the site's first change.</summary>
    InForce,

    /// <summary>Granted, but it took effect only within the interval of the first change or after it.</summary>
    Late,

    /// <summary>Applied for.</summary>
    Applied,

    /// <summary>None of these.</summary>
    None,
}
