using System.Diagnostics;
using System.Globalization;
using Monitoring.Detection.Imagery.Ccdc;
using Monitoring.TestKit;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>The kernel gives the same numbers whatever the machine's vector width.</summary>
public sealed class WideInstructionTests
{
    private const string Output = "MONITORING_CCDC_NUMBERS";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task PixelCcdc_WithoutWideInstructions_SameSegmentsAndNumbers(string switchedOff)
    {
        var folder = Directory.CreateTempSubdirectory("ccdc-");
        try
        {
            var path = Path.Combine(folder.FullName, "numbers.txt");
            var host = Environment.ProcessPath!;
            var start = new ProcessStartInfo(host) { RedirectStandardOutput = true, RedirectStandardError = true };
            if (Path.GetFileNameWithoutExtension(host) == "dotnet")
            {
                start.ArgumentList.Add(typeof(WideInstructionTests).Assembly.Location);
            }

            start.ArgumentList.Add("--filter-method");
            start.ArgumentList.Add($"*{nameof(WideInstructionTests)}.{nameof(Numbers_OfThisProcess_AreWrittenWhenAsked)}");
            start.Environment[switchedOff] = "0";
            start.Environment[Output] = path;
            using var child = Process.Start(start)!;
            var said = child.StandardOutput.ReadToEndAsync(Token);
            var complained = child.StandardError.ReadToEndAsync(Token);
            await child.WaitForExitAsync(Token);
            child.ExitCode.ShouldBe(0, await said + await complained);

            var theirs = (await File.ReadAllTextAsync(path, Token)).Split('\n');
            var ours = Numbers();
            theirs[0].ShouldBe("1", "the child's switch took effect");
            theirs.Length.ShouldBe(ours.Count + 1);
            for (var i = 0; i < ours.Count; i++)
            {
                var number = double.Parse(theirs[i + 1], CultureInfo.InvariantCulture);
                number.ShouldBe(ours[i], (1e-9 * Math.Abs(ours[i])) + 1e-12, $"number {i}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What the child runs; on its own it only sees that there are segments.</summary>
    [Fact]
    public async Task Numbers_OfThisProcess_AreWrittenWhenAsked()
    {
        var numbers = Numbers();
        numbers.Count.ShouldBeGreaterThan(500);
        if (Environment.GetEnvironmentVariable(Output) is { } path)
        {
            var narrow = !System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated;
            await File.WriteAllTextAsync(path, string.Join('\n', numbers.Select(n => n.ToString("R", CultureInfo.InvariantCulture)).Prepend(narrow ? "1" : "0")), Token);
        }
    }

    private static List<double> Numbers()
    {
        var folder = TestData.Need("landsat_pixel_series");
        var ccdc = new PixelCcdc(new CcdcOptions());
        var numbers = new List<double>();
        foreach (var file in new[] { "sample_2.csv", "sample_WA_grid08_row999_col1_normal.csv", "sample_WA_grid08_row9_col2267_persistent_snow.csv", "test_3657_3610_observations.csv" })
        {
            var pixel = PixelSeriesFile.Read(Path.Combine(folder, file));
            foreach (var segment in ccdc.Run(pixel.Dates, pixel.Values, pixel.Quality))
            {
                numbers.AddRange([segment.StartDay, segment.EndDay, segment.BreakDay, segment.Observations, segment.HasBreak ? 1 : 0, (int)segment.Kind]);
                for (var band = 0; band < PixelSeriesFile.Bands; band++)
                {
                    numbers.AddRange([.. segment.Coefficients(band), segment.Intercept(band), segment.Rmse(band), segment.Magnitude(band)]);
                }
            }
        }

        return numbers;
    }
}
