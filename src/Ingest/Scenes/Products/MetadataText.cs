using System.Globalization;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes.Products;

/// <summary>Values of metadata as numbers and times, with one sentence for what is none.</summary>
internal static class MetadataText
{
    /// <exception cref="RefusedInputException">No number, or out of range.</exception>
    public static double Number(string file, string element, string text, double least, double most) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new RefusedInputException(
                string.Create(CultureInfo.InvariantCulture, $"{file}: {element} is \"{DeviceTopic.Show(text)}\"; it must be a number from {least} to {most}."));

    /// <summary>A time in UTC as products write it, with or without Z.</summary>
    /// <exception cref="RefusedInputException">No time.</exception>
    public static DateTimeOffset Utc(string file, string element, string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new RefusedInputException($"{file}: {element} is \"{DeviceTopic.Show(text)}\", which is no time; get the file again.");
}
