using Monitoring.Domain.Land;

namespace Monitoring.Detection.Conflicts;

/// <summary>The land-use class (first two digits of the 2023 guide) that a feature of any list says it has.</summary>
internal sealed class LandClasses(LandCodes codes, IReadOnlyList<ClassWord> words)
{
    private const int ClassDigits = 2;

    /// <summary>Classes that it may have; none when it does not say, several where a mapping leaves it open.</summary>
    public IReadOnlyList<string> Of(MapFeature feature) => feature switch
    {
        PlanFeature plan => OfCode(plan.Code, plan.CodeList) is { Count: > 0 } found ? found : OfText(plan.Text("use_code") ?? plan.Text("class")),
        Permit permit => OfCode(permit.UseCode, LandCodes.LandUse2023),
        Parcel parcel => OfCode(parcel.UseCode, LandCodes.LandUse2023),
        _ => [],
    };

    /// <summary>The words beside codes, for people: 0703 农村宅基地.</summary>
    public string Name(IReadOnlyList<string> classes) =>
        string.Join("/", classes.Select(c => codes.Find(LandCodes.LandUse2023)?.Find(c) is { } known ? $"{c} {known.Name}" : c));

    private IReadOnlyList<string> OfCode(string? code, string? list) => (code, list) switch
    {
        ({ Length: >= ClassDigits }, LandCodes.LandUse2023) => [code[..ClassDigits]],
        ({ Length: > 0 }, LandCodes.LandSurvey2019) => Mapped(code),
        _ => [],
    };

    private IReadOnlyList<string> Mapped(string code)
    {
        var mapping = codes.Mapping(LandCodes.LandSurvey2019, LandCodes.LandUse2023);
        var targets = mapping?.Targets(code) is { Count: > 0 } exact ? exact : mapping?.Targets(code.TrimEnd('K', 'k')) ?? [];
        return [.. targets.Where(t => t.Length >= ClassDigits).Select(t => t[..ClassDigits]).Distinct().Order(StringComparer.Ordinal)];
    }

    private IReadOnlyList<string> OfText(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        var bare = text.Trim();
        if (bare.Length >= ClassDigits && bare.All(char.IsAsciiDigit))
        {
            return [bare[..ClassDigits]];
        }

        // The list's own names first: 灌木林地 is forest, 沼泽草地 is wetland, whatever words they hold.
        return codes.Find(LandCodes.LandUse2023)?.FindByName(bare) is { Code.Length: >= ClassDigits } named
            ? [named.Code[..ClassDigits]]
            : words.FirstOrDefault(w => bare.Contains(w.Word, StringComparison.OrdinalIgnoreCase)) is { } word ? [word.Class] : [];
    }
}
