using System.Runtime.CompilerServices;

namespace Monitoring.Gdal.Tests;

/// <summary>
/// The folder of real data: the environment variable MONITORING_DATA, else <c>../shared/data</c> beside the checkout. Where neither is
/// there a test is skipped with that reason; where the variable is set, a missing folder is a failure.
/// </summary>
internal static class RealData
{
    internal static string Path(string relative, [CallerFilePath] string here = "")
    {
        var root = Environment.GetEnvironmentVariable("MONITORING_DATA");
        if (!string.IsNullOrEmpty(root))
        {
            var wanted = System.IO.Path.Combine(root, relative);
            (File.Exists(wanted) || Directory.Exists(wanted)).ShouldBeTrue($"MONITORING_DATA is set, but {wanted} is missing");
            return wanted;
        }
        var checkout = System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(here)!, "..", ".."));
        var beside = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(checkout)!, "shared", "data", relative);
        Assert.SkipUnless(File.Exists(beside) || Directory.Exists(beside), $"real data is not here: set MONITORING_DATA or provide {beside}");
        return beside;
    }
}

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gdal-tests-");

    internal string this[string name] => System.IO.Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
