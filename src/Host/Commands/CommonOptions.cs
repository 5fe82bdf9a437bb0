using System.CommandLine;
using System.Globalization;

namespace Monitoring.Host.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public static Option<string?> Data() => new("--data") { Description = "Data directory (default: data in the current directory).", HelpName = "DIR" };

    public static Option<string?> Date(string name, string description) => new(name) { Description = description, HelpName = "yyyy-MM-dd" };

    /// <exception cref="BadInputException">The text is no date.</exception>
    public static DateOnly? ParseDate(string option, string? text)
    {
        if (text is null)
        {
            return null;
        }

        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : throw new BadInputException($"{option} is \"{text}\", which is no date; write it as yyyy-MM-dd, for example 2026-05-01.");
    }

    /// <summary>Noon of the day, in UTC: nobody said more than the day.</summary>
    public static DateTimeOffset? Noon(DateOnly? day) => day is { } known ? new DateTimeOffset(known, new TimeOnly(12, 0), TimeSpan.Zero) : null;

    /// <summary>Who acts, for the audit trail.</summary>
    public static string Actor => $"cli:{Environment.UserName}";
}
