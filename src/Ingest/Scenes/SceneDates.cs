using System.Globalization;
using System.Text.RegularExpressions;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// Acquisition times as options, metadata and file names state them. A day without hour is taken as 12:00Z, which is that same day in all
/// zones from −12 h to +11 h.
/// </summary>
public static partial class SceneDates
{
    /// <summary>Metadata items that mean the acquisition; TIFF's own DateTime is when the file was written and is not among them.</summary>
    private static readonly string[] MetadataNames =
        ["ACQUISITIONDATETIME", "SENSING_TIME", "DATATAKE_1_DATATAKE_SENSING_START", "PRODUCT_START_TIME", "DATE_ACQUIRED", "ACQUISITION_DATE", "acquired", "datetime"];

    /// <summary>Reads <c>2026-05-01</c> or an instant with zone.</summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (DateOnly.TryParseExact(text, ["yyyy-MM-dd", "yyyyMMdd"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            time = Noon(day);
            return true;
        }

        return Iso8601.Parse(text, out time) == Iso8601Fault.None;
    }

    internal static DateTimeOffset? FromMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        foreach (var name in MetadataNames)
        {
            if (metadata.FirstOrDefault(m => m.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Value: { } text }
                && (TryParse(text, out var time) || TryParse(text + "Z", out time)))
            {
                return time;
            }
        }

        return null;
    }

    /// <summary>From a file or folder name: Sentinel-2, Landsat, or exactly one date in it.</summary>
    internal static DateTimeOffset? FromName(string name)
    {
        // Until 2016-12 the first time in a Sentinel-2 name is when the file was made, years after the acquisition where a pass was processed
        // again; only the validity that product names have besides (_V20160706T084012_) is the sensing time.
        if (IsByCreation(name))
            return Validity().Match(name) is { Success: true } valid ? Instant(valid.Groups["day"].Value, valid.Groups["time"].Value) : null;
        if (Sentinel2().Match(name) is { Success: true } sentinel)
            return Instant(sentinel.Groups["day"].Value, sentinel.Groups["time"].Value);

        if (Landsat().Match(name) is { Success: true } landsat)
            return Day(landsat.Groups["day"].Value);

        // Of a time without zone (Jilin-1: 20200506111022) the day counts.
        var days = AnyDay().Matches(name).Select(m => Day(m.Groups["year"].Value + m.Groups["month"].Value.PadLeft(2, '0') + m.Groups["day"].Value.PadLeft(2, '0')))
            .OfType<DateTimeOffset>().Distinct().ToList();
        return days.Count == 1 ? days[0] : null;
    }

    /// <summary>True for the Sentinel-2 names of before 2016-12 (<c>S2A_OPER_…</c>), whose first time is when the file was made.</summary>
    internal static bool IsByCreation(string name) => Operational().IsMatch(name);

    private static DateTimeOffset Noon(DateOnly day) => new(day.ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero);

    private static DateTimeOffset? Day(string digits) =>
        DateOnly.TryParseExact(digits, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 1972 and < 2100 ? Noon(day) : null;

    private static DateTimeOffset? Instant(string day, string time) =>
        DateTime.TryParseExact(day + time, "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            ? new DateTimeOffset(at, TimeSpan.Zero)
            : null;

    [GeneratedRegex(@"(?<![0-9])(?<day>20\d{6})T(?<time>\d{6})(?![0-9])")]
    private static partial Regex Sentinel2();

    [GeneratedRegex(@"(?<![A-Za-z0-9])S2[A-Z_]_OPER_")]
    private static partial Regex Operational();

    [GeneratedRegex(@"_V(?<day>20\d{6})T(?<time>\d{6})(?![0-9])")]
    private static partial Regex Validity();

    [GeneratedRegex(@"^L[COTEM]0\d_L\d[A-Z0-9]{2}_\d{6}_(?<day>\d{8})_")]
    private static partial Regex Landsat();

    [GeneratedRegex(
        @"(?<![0-9])(?<year>(?:19|20)\d{2})(?:(?<between>[-_.])(?<month>\d{2})\k<between>(?<day>\d{2})|年(?<month>\d{1,2})月(?<day>\d{1,2})日|(?<month>\d{2})(?<day>\d{2})(?:[0-2]\d[0-5]\d[0-5]\d)?)(?![0-9])")]
    private static partial Regex AnyDay();
}
