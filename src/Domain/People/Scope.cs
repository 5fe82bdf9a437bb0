namespace Monitoring.Domain.People;

/// <summary>What a person may see: regions by division-code prefix. Data outside never leaves the server.</summary>
/// <param name="RegionPrefixes">Division-code prefixes; null = everything.</param>
public sealed record Scope(IReadOnlyList<string>? RegionPrefixes)
{
    public static Scope Everything { get; } = new((IReadOnlyList<string>?)null);

    /// <summary>Subjects without a region are shown to those without limit only.</summary>
    public bool Covers(string? regionCode) =>
        RegionPrefixes is not { } prefixes || (regionCode is not null && prefixes.Any(p => regionCode.StartsWith(p, StringComparison.Ordinal)));
}
