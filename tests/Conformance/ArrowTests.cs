using System.Text.RegularExpressions;

namespace Monitoring.Conformance;

/// <summary>Rooms reference each other only along the arrows of the design.</summary>
public sealed class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["src/Domain"] = [],
        ["src/Gdal"] = [],
        ["src/Storage"] = ["src/Domain"],
        ["src/Alerts"] = ["src/Domain"],
        ["src/Ingest"] = ["src/Domain", "src/Gdal"],
        ["src/Detection"] = ["src/Domain", "src/Gdal"],
        ["src/Dashboard"] = ["src/Domain", "src/Gdal"],
        ["src/Host"] = ["src/Dashboard", "src/Alerts", "src/Detection", "src/Ingest", "src/Storage"],
        ["firmware-sim"] = [],
    };

    [Fact]
    public void Rooms_ReferenceOnlyAlongTheArrows()
    {
        var wrong = Repository.Projects
            .Where(p => p.Folder.StartsWith("src/", StringComparison.Ordinal) || p.Folder == "firmware-sim")
            .SelectMany(p => p.References
                .Where(r => !(Allowed.TryGetValue(p.Folder, out var targets) && targets.Contains(r)))
                .Select(r => $"{p.Folder} → {r}"));
        wrong.ShouldBeEmpty();
    }

    /// <summary>Folders of the largest room, from the ground up (CONTRIBUTING.md says what each is for).</summary>
    private static readonly string[] Seeing =
        ["Kernels", "Statistics", "Reading", "Masks", "Patches", "Objects", "Drawing", "Pair", "Network", "Ccdc", "Series", "Output", "Redetect"];

    [Fact]
    public void Seeing_EachFolder_UsesOnlyThoseBelowIt()
    {
        var root = Path.Combine("src", "Detection", "Imagery");
        var files = Repository.Files([root], ".cs").Select(f => (Path: f, Parts: Path.GetRelativePath(Path.Combine(Repository.Root, root), f).Split(Path.DirectorySeparatorChar)))
            .Where(f => f.Parts.Length > 1).ToArray();
        files.Select(f => f.Parts[0]).Distinct().ShouldBe(Seeing, ignoreOrder: true);

        var wrong =
            from file in files
            let above = Seeing.SkipWhile(folder => folder != file.Parts[0]).Skip(1).ToArray()
            from line in File.ReadLines(file.Path)
            from used in above
            where line.StartsWith($"using Monitoring.Detection.Imagery.{used}", StringComparison.Ordinal)
                || Regex.IsMatch(line, $@"(?<![\w.]){used}\.[A-Z]\w*[ ?.(<>]") && !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            select $"{Repository.Relative(file.Path)}: {line.Trim()}";
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Rooms_AllOfTheDesign_Exist() =>
        Repository.Projects.Select(p => p.Folder).ShouldBeSubsetOfReversed(Allowed.Keys);

    [Fact]
    public void NothingOfTheProduct_ReferencesTestsOrBench()
    {
        var wrong = Repository.Projects
            .Where(p => !p.Folder.StartsWith("tests/", StringComparison.Ordinal) && p.Folder != "bench")
            .SelectMany(p => p.References.Where(r => r.StartsWith("tests/", StringComparison.Ordinal) || r == "bench").Select(r => $"{p.Folder} → {r}"));
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void UnitTests_MirrorTheirRoom()
    {
        var orphans = Repository.Projects
            .Where(p => p.Folder.StartsWith("tests/", StringComparison.Ordinal) && p.Name.EndsWith(".Tests", StringComparison.Ordinal) && p.Name != "FirmwareSim.Tests")
            .Where(p => !p.References.Contains("src/" + p.Name[..^".Tests".Length]))
            .Select(p => p.Folder);
        orphans.ShouldBeEmpty();
    }
}

internal static class SubsetAssertion
{
    /// <summary>Every expected item is in the actual ones.</summary>
    public static void ShouldBeSubsetOfReversed(this IEnumerable<string> actual, IEnumerable<string> expected) =>
        expected.Except(actual, StringComparer.Ordinal).ShouldBeEmpty();
}
