using System.Globalization;
using System.Text.Json;
using Monitoring.Detection.Imagery.Ccdc;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>A segment in the words of the published reference implementation, from its output or from ours.</summary>
internal sealed record ReferenceModel(int StartDay, int EndDay, int BreakDay, int Observations, int Changed, int CurveQuality, ReferenceModel.Band[] Bands)
{
    private static readonly string[] BandNames = ["blue", "green", "red", "nir", "swir1", "swir2", "thermal"];

    /// <summary>Less than this is no error to measure by, in the unit of the values.</summary>
    private const double LeastError = 1e-3;

    public sealed record Band(double Magnitude, double Rmse, double Intercept, double[] Coefficients);

    public static ReferenceModel[] Of(ReadOnlySpan<CcdcSegment> segments)
    {
        var models = new ReferenceModel[segments.Length];
        for (var i = 0; i < models.Length; i++)
        {
            var one = segments[i];
            var kind = one.Kind switch
            {
                SegmentKind.Start => 14,
                SegmentKind.End => 24,
                SegmentKind.TooFewClear => 44,
                SegmentKind.PermanentSnow => 54,
                _ => one.CoefficientCount,
            };
            models[i] = new(one.StartDay, one.EndDay, one.BreakDay, one.Observations, one.HasBreak ? 1 : 0, kind,
                [.. Enumerable.Range(0, BandNames.Length).Select(b => new Band(one.Magnitude(b), one.Rmse(b), one.Intercept(b), one.Coefficients(b).ToArray()))]);
        }

        return models;
    }

    /// <param name="models"><c>change_models</c> of the reference.</param>
    public static ReferenceModel[] Of(JsonElement models) => [.. models.EnumerateArray().Select(m => new ReferenceModel(
        m.GetProperty("start_day").GetInt32(), m.GetProperty("end_day").GetInt32(), m.GetProperty("break_day").GetInt32(), m.GetProperty("observation_count").GetInt32(),
        (int)m.GetProperty("change_probability").GetDouble(), m.GetProperty("curve_qa").GetInt32(),
        [.. BandNames.Select(n => m.GetProperty(n)).Select(b => new Band(
            Number(b.GetProperty("magnitude")), Number(b.GetProperty("rmse")), Number(b.GetProperty("intercept")), [.. b.GetProperty("coefficients").EnumerateArray().Select(Number)]))]))];

    /// <summary>Where two answers differ, null if nowhere; and the largest difference of a number, in units of the fit's error: the trend counts in what it makes over the segment.</summary>
    public static (string? Where, double Off) Compare(ReferenceModel[] found, ReferenceModel[] expected, double tolerance)
    {
        if (found.Length != expected.Length)
        {
            return ($"{found.Length} segments, not {expected.Length}", 0);
        }

        var worst = 0.0;
        for (var i = 0; i < found.Length; i++)
        {
            var (ours, theirs) = (found[i], expected[i]);
            if (ours.ToString() != theirs.ToString())
            {
                return ($"segment {i}: {ours}, not {theirs}", 0);
            }

            for (var band = 0; band < BandNames.Length; band++)
            {
                var (a, b) = (ours.Bands[band], theirs.Bands[band]);
                var unit = Math.Max(b.Rmse, LeastError);
                var span = theirs.EndDay - theirs.StartDay;
                double[] offs =
                [
                    Off(a.Rmse, b.Rmse), Off(a.Magnitude, b.Magnitude), Off(a.Coefficients[0] * span, b.Coefficients[0] * span),
                    Off(a.Intercept + (a.Coefficients[0] * theirs.StartDay), b.Intercept + (b.Coefficients[0] * theirs.StartDay)),
                    .. a.Coefficients.Zip(b.Coefficients).Skip(1).Select(c => Off(c.First, c.Second)),
                ];
                worst = Math.Max(worst, offs.Max() / unit);
                if (!(worst <= tolerance))
                {
                    return (string.Create(CultureInfo.InvariantCulture, $"segment {i} ({ours}), {BandNames[band]}: off by {offs.Max() / unit:E1} of the error; rmse {a.Rmse:G9} and {b.Rmse:G9}"), worst);
                }
            }
        }

        return (null, worst);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{StartDay} to {EndDay}, break {BreakDay}, {Observations} observations, changed {Changed}, quality {CurveQuality}");

    private static double Off(double a, double b) => double.IsNaN(a) && double.IsNaN(b) ? 0 : Math.Abs(a - b);

    private static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble();
}
