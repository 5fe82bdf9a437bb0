using System.Text.Json;
using Monitoring.Detection.Imagery.Ccdc;
using Monitoring.TestKit;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>The published reference implementation's segments, break days, coefficients and errors on real Landsat pixels.</summary>
public sealed class ReferenceTests(ITestOutputHelper output)
{
    private static readonly string[] BandNames = ["blue", "green", "red", "nir", "swir1", "swir2", "thermal"];

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
        var expected = reference.RootElement.GetProperty("series").GetProperty(file).EnumerateArray().ToArray();
        var pixel = PixelSeriesFile.Read(Path.Combine(folder, file));

        var found = new PixelCcdc(new CcdcOptions()).Run(pixel.Dates, pixel.Values, pixel.Quality);

        foreach (var segment in found)
        {
            output.WriteLine($"{segment.Kind} {segment.StartDay}..{segment.EndDay} break {segment.BreakDay} {segment.HasBreak} n={segment.Observations} nir {segment.Rmse(3):F3} {segment.Magnitude(3):F3} {segment.Coefficients(3)[0]:G8} {segment.Coefficients(3)[1]:G8}");
        }

        found.Length.ShouldBe(expected.Length);
        var (coefficientOff, errorOff) = (0.0, 0.0);
        for (var i = 0; i < found.Length; i++)
        {
            var (segment, theirs) = (found[i], expected[i]);
            segment.StartDay.ShouldBe(theirs.GetProperty("start_day").GetInt32());
            segment.EndDay.ShouldBe(theirs.GetProperty("end_day").GetInt32());
            segment.BreakDay.ShouldBe(theirs.GetProperty("break_day").GetInt32());
            segment.Observations.ShouldBe(theirs.GetProperty("observation_count").GetInt32());
            segment.HasBreak.ShouldBe(theirs.GetProperty("change_probability").GetDouble() == 1);
            // Of permanent snow the reference fits the temperature in tenths of a kelvin, ours in hundredths of a degree as elsewhere.
            var bands = segment.Kind == SegmentKind.PermanentSnow ? BandNames.Length - 1 : BandNames.Length;
            for (var band = 0; band < bands; band++)
            {
                var model = theirs.GetProperty(BandNames[band]);
                var rmse = model.GetProperty("rmse").GetDouble();
                errorOff = Math.Max(errorOff, Math.Abs(segment.Rmse(band) - rmse) / rmse);
                errorOff = Math.Max(errorOff, Math.Abs(segment.Magnitude(band) - model.GetProperty("magnitude").GetDouble()) / rmse);
                var coefficients = model.GetProperty("coefficients").EnumerateArray().Select(c => c.GetDouble()).ToArray();
                // The trend counts in what it makes over the segment, everything in units of the fit's error.
                var span = segment.EndDay - segment.StartDay;
                for (var c = 0; c < coefficients.Length; c++)
                {
                    coefficientOff = Math.Max(coefficientOff, Math.Abs(segment.Coefficients(band)[c] - coefficients[c]) * (c == 0 ? span : 1) / rmse);
                }
            }
        }

        output.WriteLine($"largest difference: coefficients {coefficientOff:E2}, errors and magnitudes {errorOff:E2} of the rmse");
        coefficientOff.ShouldBeLessThan(1e-6);
        errorOff.ShouldBeLessThan(1e-6);
    }
}
