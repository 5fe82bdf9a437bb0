using Monitoring.Detection.Imagery.Ccdc;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>Real NDVI of farmland and forest where nothing was built: seasons and harvests are no breaks.</summary>
public sealed class StableSeriesTests(ITestOutputHelper output)
{
    /// <param name="peek">Observations that must disagree: the default, and the two after which a monthly watch would speak.</param>
    [Theory]
    [InlineData(6)]
    [InlineData(2)]
    public void Run_OnStableGround_BreaksLessThanOncePerHundredPixelYears(int peek)
    {
        var stack = NdviStack.Read();
        var ccdc = new PixelCcdc(new CcdcOptions
        {
            Bands = 1, ThermalBand = -1, GreenBand = -1, LeaveOutSaturated = false, DetectionBands = [0], CloudScreenBands = [0], Peek = peek,
        });
        var values = new short[stack.Dates.Count];
        var quality = new ObservedAs[stack.Dates.Count];
        var (breaks, years) = (0, 0.0);
        for (var pixel = 0; pixel < stack.Pixels; pixel++)
        {
            stack.Pixel(pixel, values, quality);
            foreach (var segment in ccdc.Run(stack.Dates, values, quality))
            {
                if (segment.Kind == SegmentKind.Followed)
                {
                    years += (segment.EndDay - segment.StartDay) / 365.25;
                    breaks += segment.HasBreak ? 1 : 0;
                }
            }
        }

        output.WriteLine($"{breaks} breaks in {years:F0} pixel years");
        years.ShouldBeGreaterThan(stack.Pixels, "most pixels are followed for more than a year");
        (breaks / years).ShouldBeLessThan(0.01);
    }
}
