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
