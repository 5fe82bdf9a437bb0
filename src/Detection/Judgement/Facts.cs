using System.Globalization;

namespace Monitoring.Detection.Judgement;

/// <summary>Numbers, days and times as the text of facts: culture-invariant, rounded to what they mean.</summary>
internal static class Facts
{
    public static string Area(double squareMeters) => squareMeters.ToString("0", CultureInfo.InvariantCulture);

    public static string Mu(double mu) => mu.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Share(double share) => share.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    public static string Count(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";

    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>An enumeration's name as the file formats spell it: <c>snake_case</c>.</summary>
    public static string Code<TEnum>(TEnum value)
        where TEnum : struct, Enum => Names<TEnum>.Known.GetOrAdd(value, static v => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString()));

    private static class Names<TEnum>
        where TEnum : struct, Enum
    {
        public static readonly System.Collections.Concurrent.ConcurrentDictionary<TEnum, string> Known = new();
    }
}
