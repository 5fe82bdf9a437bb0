using System.Reflection;
using System.Runtime.Loader;

namespace Monitoring.Gdal.Tests;

/// <summary>
/// Finding the library. These tests load a second copy of the room into its own context, so that it looks for GDAL anew; they change
/// an environment variable, hence run alone.
/// </summary>
[CollectionDefinition(nameof(LibraryTests), DisableParallelization = true)]
[Collection(nameof(LibraryTests))]
public sealed class LibraryTests
{
    [Fact]
    public void Version_OfTheLoadedLibrary_IsThreeSixOrNewer()
    {
        GdalLibrary.VersionNumber.ShouldBeGreaterThanOrEqualTo(3060000);
        GdalLibrary.Version.ShouldMatch(@"^\d+\.\d+\.\d+");
        GdalLibrary.LoadedFrom.ShouldNotBeEmpty();
        GdalLibrary.Drivers.ShouldContain("GTiff");
        GdalLibrary.HasDriver("gpkg").ShouldBeTrue();
        GdalLibrary.HasDriver("no such").ShouldBeFalse();
    }

    [Fact]
    public void Options_SetAndCacheLimit_ComeBack()
    {
        GdalLibrary.SetOption("MONITORING_TEST_OPTION", "中");
        GdalLibrary.GetOption("MONITORING_TEST_OPTION").ShouldBe("中");
        GdalLibrary.SetOption("MONITORING_TEST_OPTION", null);
        GdalLibrary.GetOption("MONITORING_TEST_OPTION").ShouldBeNull();
        var before = GdalLibrary.CacheLimitBytes;
        GdalLibrary.CacheLimitBytes = 64 << 20;
        GdalLibrary.CacheLimitBytes.ShouldBe(64 << 20);
        GdalLibrary.CacheLimitBytes = before;
    }

    [Theory]
    [InlineData("GdalLibrary", "Initialize", null)]
    [InlineData("SpatialReference", "FromEpsg", 4490)]
    [InlineData("RasterDataset", "CreateInMemory", null)]
    [InlineData("MemoryFile", "Reserve", "a")]
    [InlineData("Geodesic", "get_Cgcs2000", null)]
    public void FirstUse_LibraryVariableNamesNonsense_IsOneSentenceWithTheMend(string type, string method, object? argument)
    {
        WithLibrary("/nowhere/libgdal.so", room =>
        {
            var target = room.GetType("Monitoring.Gdal." + type,
                throwOnError: true)!.GetMethods(BindingFlags.Public | BindingFlags.Static).First(m => m.Name == method);
            object?[] arguments = type == "RasterDataset" ? [1, 1, 1, Enum.ToObject(room.GetType("Monitoring.Gdal.PixelType")!,
                1)] : argument is null ? [] : [argument];
            for (var attempt = 0; attempt < 2; attempt++)
            {
                var thrown = Should.Throw<TargetInvocationException>(() => target.Invoke(null, arguments)).InnerException!;
                while (thrown is TypeInitializationException { InnerException: { } inner })
                    thrown = inner;
                thrown.GetType().Name.ShouldBe("GdalMissingException");
                thrown.Message.ShouldContain("/nowhere/libgdal.so");
                thrown.Message.ShouldContain("GDAL_LIBRARY");
                thrown.Message.ShouldContain("apt-get install libgdal32");
                thrown.Message.ShouldNotContain("\n");
                thrown.Message.Split(". ").Length.ShouldBe(1);
            }
        });
    }

    [Fact]
    public void FirstUse_LibraryVariableNamesARealFile_LoadsIt()
    {
        var path = File.ReadLines("/proc/self/maps").Select(static line => line[Math.Max(0,
            line.IndexOf('/'))..]).FirstOrDefault(static p => p.Contains("libgdal.so"));
        Assert.SkipWhen(path is null, "libgdal is not mapped yet");
        WithLibrary(path, room =>
        {
            room.GetType("Monitoring.Gdal.GdalLibrary")!.GetProperty("LoadedFrom")!.GetValue(null).ShouldBe(path);
            room.GetType("Monitoring.Gdal.GdalLibrary")!.GetProperty("Version")!.GetValue(null).ShouldBe(GdalLibrary.Version);
        });
    }

    private static void WithLibrary(string path, Action<Assembly> use)
    {
        GdalLibrary.Initialize(); // the copy under test by all other tests has its library already
        var before = Environment.GetEnvironmentVariable(GdalLibrary.PathVariable);
        Environment.SetEnvironmentVariable(GdalLibrary.PathVariable, path);
        var context = new AssemblyLoadContext("second copy", isCollectible: false);
        try
        {
            use(context.LoadFromAssemblyPath(typeof(GdalLibrary).Assembly.Location));
        }
        finally
        {
            Environment.SetEnvironmentVariable(GdalLibrary.PathVariable, before);
        }
    }
}
