using System.Globalization;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>The disk has no room for the next generation of a series. Nothing was written: the work waits until there is room.</summary>
internal sealed class NoRoomException(string folder, long need, long free)
    : IOException($"{LackOf(folder, need, free)}: make room there, or watch smaller series (MostWatchedPixels); nothing is lost, scenes wait until then.")
{
    /// <summary>What is missing where, without an end.</summary>
    public string Lack { get; } = LackOf(folder, need, free);

    private static string LackOf(string folder, long need, long free) => string.Create(
        CultureInfo.InvariantCulture, $"The memory of the series in \"{folder}\" needs {Megabytes(need)} MB more on its disk, where {free >> 20} MB are free");

    private static long Megabytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;
}
