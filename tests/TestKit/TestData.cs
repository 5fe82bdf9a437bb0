using Xunit;

namespace Monitoring.TestKit;

/// <summary>
/// The real data that tests may use: the folder named by <c>MONITORING_DATA</c>, else <c>../shared/data</c> beside the repository root.
/// Without either a test is skipped with that reason; a folder that is named but missing is a failure.
/// </summary>
public static class TestData
{
    public const string Variable = "MONITORING_DATA";

    /// <summary>Path of a file or folder of the data; skips the test when there is no data.</summary>
    /// <exception cref="DirectoryNotFoundException">The variable names a folder that is not there.</exception>
    /// <exception cref="FileNotFoundException">The data folder is there, but not this part of it.</exception>
    public static string Need(params string[] parts)
    {
        var root = Root(Environment.GetEnvironmentVariable(Variable), RepositoryRoot());
        if (root is null)
        {
            Assert.Skip($"No test data: {Variable} is not set and there is no ../shared/data beside the repository.");
        }

        var path = Path.Combine([root, .. parts]);
        return File.Exists(path) || Directory.Exists(path)
            ? path
            : throw new FileNotFoundException($"The test data in {root} lacks {Path.Combine(parts)}.", path);
    }

    /// <summary>The folder, or null when there is none and none was asked for.</summary>
    /// <param name="named">Value of the variable, or null.</param>
    /// <exception cref="DirectoryNotFoundException">The named folder is not there.</exception>
    public static string? Root(string? named, string repository)
    {
        if (!string.IsNullOrEmpty(named))
        {
            return Directory.Exists(named) ? named : throw new DirectoryNotFoundException($"{Variable} names {named}, which is not there.");
        }

        var beside = Path.GetFullPath(Path.Combine(repository, "..", "shared", "data"));
        return Directory.Exists(beside) ? beside : null;
    }

    /// <summary>The folder with Monitoring.sln, upward from the test's own folder.</summary>
    public static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Monitoring.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"There is no Monitoring.sln above {AppContext.BaseDirectory}.");
    }
}
