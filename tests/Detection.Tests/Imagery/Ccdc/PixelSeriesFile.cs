using System.Globalization;
using Monitoring.Detection.Imagery.Ccdc;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>A pixel's time series of a text file: day, seven bands, quality.</summary>
internal sealed record PixelSeriesFile(ObservationDates Dates, short[] Values, ObservedAs[] Quality)
{
    public const int Bands = 7;

    public static PixelSeriesFile Read(string path) =>
        Of(File.ReadLines(path).Select(l => l.Split(',').Select(f => int.Parse(f.Trim(), CultureInfo.InvariantCulture)).ToArray()));

    /// <param name="observations">Day, seven bands and quality of each, in any order.</param>
    public static PixelSeriesFile Of(IEnumerable<int[]> observations)
    {
        var rows = observations.OrderBy(r => r[0]).ToArray();
        var values = new short[Bands * rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var band = 0; band < Bands; band++)
            {
                values[(band * rows.Length) + i] = (short)rows[i][band + 1];
            }
        }

        return new PixelSeriesFile(new ObservationDates([.. rows.Select(r => r[0])]), values, [.. rows.Select(r => (ObservedAs)r[8])]);
    }
}
