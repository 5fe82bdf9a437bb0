using Monitoring.Detection.Imagery.Ccdc;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>Real NDVI of farmland and forest where nothing was built: seasons and harvests are no breaks, planted ones are found.</summary>
public sealed class StableSeriesTests(ITestOutputHelper output)
{
    [Fact]
    public void Explore()
    {
        var stack = NdviStack.Read();
        output.WriteLine(string.Join(' ', stack.LandUse.GroupBy(l => l).Select(g => $"{g.Key}:{g.Count()}")));
        foreach (var (peek, p) in new[] { (6, 0.99), (3, 0.95), (3, 0.9), (3, 0.8), (2, 0.99), (2, 0.98), (2, 0.96), (2, 0.93), (2, 0.9) })
        {
            var options = new CcdcOptions
            {
                Bands = 1, ThermalBand = -1, GreenBand = -1, LeaveOutSaturated = false, DetectionBands = [0], CloudScreenBands = [0], Peek = peek, ChangeProbability = p,
                OutlierProbability = Math.Max(0.999999, p),
            };
            var ccdc = new PixelCcdc(options);
            var values = new short[stack.Dates.Count];
            var quality = new ObservedAs[stack.Dates.Count];
            var (breaks, years, clear, found, planted, followed, within2) = (0, 0.0, 0, 0, 0, 0, 0);
            var random = new Random(1);
            for (var pixel = 0; pixel < stack.Pixels; pixel++)
            {
                stack.Pixel(pixel, values, quality);
                clear += quality.Count(q => q == ObservedAs.Clear);
                var segments = ccdc.Run(stack.Dates, values, quality);
                foreach (var s in segments)
                {
                    if (s.Kind == SegmentKind.Followed)
                    {
                        followed++;
                        years += (s.EndDay - s.StartDay) / 365.25;
                        breaks += s.HasBreak ? 1 : 0;
                    }
                }

                if (pixel % 5 == 0)
                {
                    // A roof: NDVI 0.12 from a random clear look of the second year on.
                    var from = 30 + random.Next(25);
                    for (var i = from; i < values.Length; i++)
                    {
                        values[i] = (short)(1200 + random.Next(-400, 401));
                    }

                    var before = Enumerable.Range(0, from).Where(i => quality[i] == ObservedAs.Clear).ToArray();
                    if (before.Length < 18 || stack.Dates.Days[before[^1]] - stack.Dates.Days[before[0]] < 400 || Enumerable.Range(from, values.Length - from).Count(i => quality[i] == ObservedAs.Clear) < 8)
                    {
                        continue;
                    }

                    planted++;
                    var clearDays = Enumerable.Range(from, values.Length - from).Where(i => quality[i] == ObservedAs.Clear).Select(i => stack.Dates.Days[i]).Distinct().ToArray();
                    foreach (var s in ccdc.Run(stack.Dates, values, quality))
                    {
                        if (s.HasBreak && clearDays.Contains(s.BreakDay))
                        {
                            found++;
                            within2 += s.BreakDay <= clearDays[Math.Min(1, clearDays.Length - 1)] ? 1 : 0;
                            break;
                        }
                    }
                }
            }

            output.WriteLine($"peek {peek} p {p}: clear {clear / (double)stack.Pixels:F1}, followed {followed}, years {years:F0}, false breaks {breaks} = {100 * breaks / years:F2} %/yr; planted {planted} found {found} at first or second look {within2}");
        }
    }
}
