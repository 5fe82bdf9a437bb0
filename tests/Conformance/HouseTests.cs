using System.Text.RegularExpressions;

namespace Monitoring.Conformance;

/// <summary>House rules that no compiler checks.</summary>
public sealed partial class HouseTests
{
    private static readonly string[] ProductFolders = ["src", "firmware-sim"];

    [Fact]
    public void Sources_StayUnderFiveHundredLines()
    {
        // A little slack over the rule's round number; past it a file is two ideas.
        var long_ = Repository.Files([.. ProductFolders, "tests", "bench"], ".cs", ".ts", ".vue")
            .Select(f => (File: Repository.Relative(f), Lines: File.ReadLines(f).Count()))
            .Where(f => f.Lines > 520)
            .Select(f => $"{f.File}: {f.Lines}");
        long_.ShouldBeEmpty();
    }

    [Fact]
    public void Namespaces_FollowFolders()
    {
        var wrong = Repository.Files(["src"], ".cs")
            .Select(f => (File: Repository.Relative(f), Match: NamespaceLine().Match(File.ReadAllText(f))))
            .Where(f => f.Match.Success)
            .Where(f => !SameRoom(f.File, f.Match.Groups[1].Value))
            .Select(f => $"{f.File}: {f.Match.Groups[1].Value}");
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void UnsafeCode_LivesOnlyInGdalAndPixelKernels()
    {
        var wrong = Repository.Files(ProductFolders, ".cs")
            .Where(f => UnsafeUse().IsMatch(StripComments(File.ReadAllText(f))))
            .Select(Repository.Relative)
            .Where(f => !f.StartsWith("src/Gdal/", StringComparison.Ordinal) && !f.StartsWith("src/Detection/Imagery/", StringComparison.Ordinal) && !f.StartsWith("firmware-sim/", StringComparison.Ordinal));
        wrong.ShouldBeEmpty();
    }

    /// <summary>A catch that does nothing names what it catches and says in a comment why that is right; for everything at once no comment will do.</summary>
    [Fact]
    public void Sources_SwallowNoError()
    {
        var wrong = Repository.Files([.. ProductFolders, "tests", "bench"], ".cs")
            .Where(f => File.ReadAllText(f) is var text && (EmptyCatch().IsMatch(text) || EmptyCatchAll().IsMatch(StripComments(text))))
            .Select(Repository.Relative);
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Sources_LeaveNothingUnfinished()
    {
        var marker = new Regex(string.Join('|', "NotImplemented" + "Exception", @"\bTO" + @"DO\b", @"\bFIX" + @"ME\b"), RegexOptions.None, TimeSpan.FromSeconds(5));
        Repository.Files([.. ProductFolders, "tests", "bench"], ".cs", ".ts", ".vue").Where(f => marker.IsMatch(File.ReadAllText(f))).Select(Repository.Relative).ShouldBeEmpty();
    }

    [Fact]
    public void GenericRoomNames_AreRefused()
    {
        string[] refused = ["Common", "Utils", "Helpers", "Types", "Managers", "Misc"];
        var folders = ProductFolders.SelectMany(f => Directory.EnumerateDirectories(Path.Combine(Repository.Root, f), "*", SearchOption.AllDirectories))
            .Select(Repository.Relative)
            .Where(f => !f.Contains("/bin/") && !f.Contains("/obj/") && !f.Contains("node_modules"))
            .Where(f => refused.Contains(Path.GetFileName(f), StringComparer.OrdinalIgnoreCase));
        folders.ShouldBeEmpty();
    }

    [Fact]
    public void LogEvents_HaveUniqueIdsWithinTheirRoom()
    {
        var twice = Repository.Files(["src"], ".cs")
            .SelectMany(f => EventId().Matches(File.ReadAllText(f)).Select(m => (Room: Repository.Relative(f).Split('/')[1], Id: m.Groups[1].Value, File: Repository.Relative(f))))
            .GroupBy(e => (e.Room, e.Id))
            .Where(g => g.Count() > 1)
            .Select(g => $"{g.Key.Room} event {g.Key.Id}: {string.Join(", ", g.Select(e => e.File).Distinct())}");
        twice.ShouldBeEmpty();
    }

    private static bool SameRoom(string file, string name)
    {
        var folder = Path.GetDirectoryName(file)!.Split('/').Skip(1);
        return name == "Monitoring." + string.Join('.', folder);
    }

    private static string StripComments(string text) => Comment().Replace(text, "");

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"\bunsafe\b(?!-)|\bMemoryMarshal\.|\bUnsafe\.")]
    private static partial Regex UnsafeUse();

    [GeneratedRegex(@"catch(\s*\([^)]*\))?(\s*when\s*\([^{]*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"catch(\s*\(\s*(System\.)?Exception(\s+\w+)?\s*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatchAll();

    [GeneratedRegex(@"//.*$|/\*.*?\*/", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"LoggerMessage\((?:EventId\s*=\s*)?(\d+)")]
    private static partial Regex EventId();
}
