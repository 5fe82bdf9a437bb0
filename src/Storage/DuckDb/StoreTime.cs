using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.DuckDb;

/// <summary>Times as the file holds them: TIMESTAMP without zone, UTC, whole microseconds, cut and not rounded.</summary>
internal static class StoreTime
{
    public static long Microseconds(DateTimeOffset time) =>
        (ObservationKey.ToStoreTime(time).Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>First whole microsecond that is not before <paramref name="time"/>: the bound of a half-open range.</summary>
    public static long MicrosecondsCeiling(DateTimeOffset time)
    {
        var floor = Microseconds(time);
        return time.UtcTicks % TimeSpan.TicksPerMicrosecond == 0 ? floor : floor + 1;
    }

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        new(DateTimeOffset.UnixEpoch.Ticks + (microseconds * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    public static DateTime ToColumn(DateTimeOffset time) => ObservationKey.ToStoreTime(time).UtcDateTime;

    public static DateTimeOffset FromColumn(DateTime column) => new(DateTime.SpecifyKind(column, DateTimeKind.Utc));
}
