using DuckDB.NET.Data;
using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.DuckDb;

/// <summary>Appends a judged group in one transaction.</summary>
internal static class ObservationWriter
{
    /// <summary>Returns after the COMMIT, which is after the fsync of the write-ahead log.</summary>
    /// <param name="lastSequence">Highest sequence of observations in the file.</param>
    /// <param name="lastDeadLetter">Highest sequence of dead letters in the file.</param>
    public static void Append(DuckDBConnection connection, ObservationGroup group, long lastSequence, long lastDeadLetter)
    {
        using var transaction = connection.BeginTransaction();
        if (group.NewStreams.Count > 0)
        {
            using var appender = connection.CreateAppender("datastreams");
            foreach (var stream in group.NewStreams)
            {
                // Typed nullables throughout: a bare constant would bind to the one-byte overload and write one byte of the column.
                appender.CreateRow().AppendValue((int?)stream.Number).AppendValue(StoredText.Encode(stream.Id)).EndRow();
            }
        }

        if (group.Accepted.Count > 0)
        {
            using var appender = connection.CreateAppender("observations");
            foreach (var row in group.Accepted)
            {
                Append(appender.CreateRow(), ++lastSequence, row);
            }
        }

        if (group.DeadLetters.Count > 0)
        {
            using var appender = connection.CreateAppender("dead_letters");
            foreach (var letter in group.DeadLetters)
            {
                Append(appender.CreateRow(), ++lastDeadLetter, letter);
            }
        }

        transaction.Commit();
    }

    /// <summary>Quality as it is stored: what the door said, and <see cref="ResultQuality.Late"/> as the store found it.</summary>
    public static ResultQuality QualityOf(AcceptedRow row) => row.Late ? row.Observation.Quality | ResultQuality.Late : row.Observation.Quality;

    private static void Append(IDuckDBAppenderRow row, long sequence, AcceptedRow accepted)
    {
        var observation = accepted.Observation;
        row.AppendValue((long?)sequence)
            .AppendValue((int?)accepted.Stream.Number)
            .AppendValue((DateTime?)StoreTime.ToColumn(observation.PhenomenonTime))
            .AppendValue(observation.ResultTime is { } resultTime ? StoreTime.ToColumn(resultTime) : (DateTime?)null)
            .AppendValue((DateTime?)StoreTime.ToColumn(observation.ReceivedTime))
            .AppendValue(observation.Result.Number);
        if (observation.Result.Text is { } text)
        {
            row.AppendValue(StoredText.Encode(text));
        }
        else
        {
            row.AppendNullValue();
        }

        row.AppendValue((ushort?)(ushort)QualityOf(accepted))
            .AppendValue(observation.DeviceSequence)
            .EndRow();
    }

    private static void Append(IDuckDBAppenderRow row, long sequence, DeadLetter letter)
    {
        row.AppendValue((long?)sequence).AppendValue(StoredText.Readable(letter.Door));
        if (letter.DeviceId is { } device)
        {
            row.AppendValue(StoredText.Readable(device));
        }
        else
        {
            row.AppendNullValue();
        }

        row.AppendValue(StoredText.Readable(letter.Address))
            .AppendValue((DateTime?)StoreTime.ToColumn(letter.ReceivedTime))
            .AppendValue(letter.Reason.ToString())
            .AppendValue(StoredText.Readable(letter.Detail))
            .AppendValue(letter.Payload.ToArray())
            .AppendValue((long?)letter.PayloadLength)
            .EndRow();
    }
}
