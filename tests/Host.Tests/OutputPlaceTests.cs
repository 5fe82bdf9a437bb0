using System.Diagnostics;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests;

/// <summary>A place for results in which nothing can be written is told before anything is read: the scenes named here do not even exist.</summary>
public sealed class OutputPlaceTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, Func<TempDirectory, string>, string> Places => new()
    {
        { "a file in the way", f => Written(f, "taken"), "is a file; name a folder." },
        { "a path below a file", f => Path.Combine(Written(f, "taken"), "a", "b"), "taken is a file; name a folder." },
        { "a link to nothing", f => Directory.CreateSymbolicLink(f.File("link"), f.File("gone")).FullName, "gone, which is not there; name another folder." },
        { "no file can be made there", _ => "/proc/self/results", "nothing can be written in /proc/self (" },
        { "a folder that takes no files", _ => "/proc", "nothing can be written in /proc (" },
        { "a name no file system takes", f => f.File(new string('x', 300)), "cannot be made; name another folder." },
        { "a folder where the mask goes", f => Made(f, "change-mask.tif"), "change-mask.tif\" is a folder, and a file of that name is to be written" },
        { "somebody's own chips", f => Made(f, "chips/mine"), "was not written by an earlier run" },
    };

    [Theory]
    [MemberData(nameof(Places), DisableDiscoveryEnumeration = true)]
    public async Task Detect_PlaceThatTakesNoResults_IsToldBeforeScenesAreRead(string row, Func<TempDirectory, string> place, string part)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux.");
        using var folder = new TempDirectory();
        var to = place(folder);
        var before = Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories);
        var run = await MeasuredCommand.RunAsync(
            folder.File("temporary"), Stop, "detect", "--before", folder.File("no.tif"), "--after", folder.File("none.tif"), "--out", to, "--chips");
        run.ExitCode.ShouldBe(2, $"{row}: {run.Errors}");
        var sentence = run.Errors.TrimEnd('\n').Split('\n').ShouldHaveSingleItem(run.Errors);
        sentence.ShouldStartWith("monitoring: --out: ", customMessage: row);
        sentence.ShouldContain(part, customMessage: row);
        sentence.ShouldEndWith(".");
        Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Where(f => f != folder.File("temporary")).ShouldBe(before, ignoreOrder: true, row);
    }

    [Fact]
    public async Task Detect_DiskWithoutRoom_IsToldBeforeScenesAreRead()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/bin/bash"), "bash makes a full disk by a limit on the size of files.");
        using var folder = new TempDirectory();
        var (code, _, errors) = await LimitedAsync(8, "detect", "--before", folder.File("no.tif"), "--after", folder.File("none.tif"), "--out", folder.File("a", "b"));
        code.ShouldBe(3, errors);
        errors.ShouldContain($"--out: there is no room in {folder.Path} (");
        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Detect_FolderThatIsNotThere_IsMadeOnlyForResults()
    {
        using var folder = new TempDirectory();
        var run = await MeasuredCommand.RunAsync(
            folder.File("temporary"), Stop, "detect", "--before", folder.File("no.tif"), "--after", folder.File("none.tif"), "--out", folder.File("a", "b"));
        run.ExitCode.ShouldBe(2, run.Errors);
        run.Errors.ShouldContain("no.tif does not exist");
        Directory.Exists(folder.File("a")).ShouldBeFalse();
    }

    [Fact]
    public async Task CheckAndRedetect_PlaceThatTakesNoResults_AreToldBeforeWorkBegins()
    {
        using var folder = new TempDirectory();
        var taken = Written(folder, "taken");
        var plan = folder.File("roads.geojson");
        await File.WriteAllTextAsync(plan, """{"type":"FeatureCollection","features":[]}""", Stop);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "check", folder.File("no.geojson"), "--kind", "road", "--control-lines", plan, "--out", Path.Combine(taken, "o"));
        code.ShouldBe(2, output);
        output.ShouldContain("--out: ");
        output.ShouldContain("taken is a file; name a folder.");
        output.ShouldNotContain("no.geojson");
        foreach (var (to, part) in new[] { (Path.Combine(taken, "diff.json"), "taken is a file"), (folder.Path, "is a folder; name a file."), (folder.File("nowhere", "diff.json"), "does not exist; make it") })
        {
            (code, output) = await ServiceProcess.RunAsync(Stop, "redetect", "nobody", "--data", folder.File("d"), "--out", to);
            code.ShouldBe(2, output);
            output.ShouldContain("--out: ");
            output.ShouldContain(part);
            output.ShouldNotContain("nobody");
        }

        Directory.Exists(folder.File("d")).ShouldBeFalse("no data directory is opened");
    }

    private static string Written(TempDirectory folder, string name)
    {
        File.WriteAllText(folder.File(name), "mine");
        return folder.File(name);
    }

    /// <returns>The folder above what is made.</returns>
    private static string Made(TempDirectory folder, string below)
    {
        Directory.CreateDirectory(folder.File("o", below));
        return folder.File("o");
    }

    private static async Task<(int Code, string Output, string Errors)> LimitedAsync(int kibibytes, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", $"trap '' XFSZ; ulimit -S -f {kibibytes}; exec \"$@\"", "bash", ServiceProcess.Program(), .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Stop);
        var errors = process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, await output, await errors);
    }
}
