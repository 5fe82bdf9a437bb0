using System.Globalization;
using System.Text.Json;
using Monitoring.Detection.Imagery.Ccdc;
using Monitoring.TestKit;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>The published reference implementation's segments, break days, coefficients and errors on real Landsat pixels.</summary>
public sealed class ReferenceTests(ITestOutputHelper output)
{
    [Fact]
    public void Run_AfterItsFirstPixel_AllocatesNothing()
    {
        var folder = TestData.Need("landsat_pixel_series");
        var ccdc = new PixelCcdc(new CcdcOptions());
        foreach (var file in new[] { "sample_2.csv", "test_3657_3610_observations.csv" })
        {
            var pixel = PixelSeriesFile.Read(Path.Combine(folder, file));
            ccdc.Run(pixel.Dates, pixel.Values, pixel.Quality);
            var before = GC.GetAllocatedBytesForCurrentThread();
            ccdc.Run(pixel.Dates, pixel.Values, pixel.Quality);
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0, file);
        }
    }

    [Theory]
    [InlineData("sample_2.csv")]
    [InlineData("sample_WA_grid08_row999_col1_normal.csv")]
    [InlineData("sample_WA_grid08_row9_col2267_persistent_snow.csv")]
    [InlineData("test_3657_3610_observations.csv")]
    public void Run_OnARealPixel_AgreesWithTheReference(string file)
    {
        var folder = TestData.Need("landsat_pixel_series");
        using var reference = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "ccdc_reference.json")));
        var expected = ReferenceModel.Of(reference.RootElement.GetProperty("series").GetProperty(file));
        var pixel = PixelSeriesFile.Read(Path.Combine(folder, file));

        var found = new PixelCcdc(new CcdcOptions()).Run(pixel.Dates, pixel.Values, pixel.Quality);

        foreach (var segment in found)
        {
            output.WriteLine($"{segment.Kind} {segment.StartDay}..{segment.EndDay} break {segment.BreakDay} {segment.HasBreak} n={segment.Observations} nir {segment.Rmse(3):F3} {segment.Magnitude(3):F3} {segment.Coefficients(3)[0]:G8} {segment.Coefficients(3)[1]:G8}");
        }

        var (where, off) = ReferenceModel.Compare(ReferenceModel.Of(found), expected, tolerance: 1e-6);
        output.WriteLine($"largest difference: {off:E2} of the error");
        where.ShouldBeNull();
    }

    /// <summary>
    /// What the reference said of series made by <see cref="MadePixel"/>; made by <c>bench -- ccdc-golden</c>. Among them: permanent snow and too few
    /// clear looks, temperatures that are missing, years without looks, a screen that settles at once, an outlier as the last look, a band without scatter.
    /// </summary>
    [Fact]
    public void Run_OnMadePixels_AgreesWithTheReference()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestData.RepositoryRoot(), "tests", "Detection.Tests", "Imagery", "Golden", "made-pixels.json")));
        var ccdc = new PixelCcdc(new CcdcOptions());
        var kinds = new HashSet<SegmentKind>();
        foreach (var series in golden.RootElement.EnumerateObject())
        {
            var pixel = PixelSeriesFile.Of(MadePixel.Rows(int.Parse(series.Name, CultureInfo.InvariantCulture)));
            var found = ccdc.Run(pixel.Dates, pixel.Values, pixel.Quality);
            foreach (var segment in found)
            {
                kinds.Add(segment.Kind);
            }

            ReferenceModel.Compare(ReferenceModel.Of(found), ReferenceModel.Of(series.Value), tolerance: 1e-6).Where.ShouldBeNull($"series {series.Name}");
        }

        kinds.Count.ShouldBe(Enum.GetValues<SegmentKind>().Length);
    }
}
