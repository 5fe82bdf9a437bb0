using System.Globalization;
using System.Text;
using System.Text.Json;
using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.DuckDb;

/// <summary>One sender's message with the promise to tell it the outcome.</summary>
/// <param name="charged">Whether its bytes were taken from the queue's budget.</param>
internal sealed class PendingBatch(ObservationBatch batch, bool charged = true)
{
    private readonly TaskCompletionSource<CommitReceipt> _receipt = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ObservationBatch Batch { get; } = batch;

    /// <summary>Rough size in memory; what the limits in bytes count.</summary>
    public long Bytes { get; } = charged ? Estimate(batch) : 0;

    public int Rows => Batch.Observations.Count + Batch.DeadLetters.Count;

    public Task<CommitReceipt> Receipt => _receipt.Task;

    public void Complete(CommitReceipt receipt) => _receipt.TrySetResult(receipt);

    public void Fail(Exception failure) => _receipt.TrySetException(failure);

    private static long Estimate(ObservationBatch batch)
    {
        var bytes = 200L + (160L * batch.Observations.Count);
        foreach (var observation in batch.Observations)
        {
            bytes += 2L * (observation.Result.Text?.Length ?? 0);
        }

        foreach (var letter in batch.DeadLetters)
        {
            bytes += 300L + letter.Payload.Length + (2L * (letter.Detail.Length + letter.Address.Length));
        }

        return bytes;
    }
}

/// <summary>An observation that the group will append.</summary>
/// <param name="Late">It is older than the newest one of its datastream.</param>
internal readonly record struct AcceptedRow(StreamState Stream, Observation Observation, StreamKey Key, ResultPrint Print, bool Late);

/// <summary>What a group of messages becomes: rows to append and an outcome for each observation.</summary>
internal sealed class ObservationGroup
{
    public List<AcceptedRow> Accepted { get; } = [];

    public List<DeadLetter> DeadLetters { get; } = [];

    /// <summary>Datastreams that the file does not hold yet.</summary>
    public List<StreamState> NewStreams { get; } = [];

    /// <summary>Outcomes by batch, in the order of the group.</summary>
    public List<CommitOutcome[]> Outcomes { get; } = [];

    /// <summary>
    /// Judges a group. Pure: changes neither <paramref name="streams"/> nor <paramref name="recent"/>, so that a commit that fails
    /// leaves no trace.
    /// </summary>
    /// <param name="stored">Prints of those keys that are in the file; asked once, only about keys that could be there.</param>
    public static ObservationGroup Judge(
        IReadOnlyList<PendingBatch> batches, StreamTable streams, RecentKeys recent, Func<IReadOnlyCollection<StreamKey>, IReadOnlyDictionary<StreamKey, ResultPrint>> stored)
    {
        var group = new ObservationGroup();
        var known = Known(batches, streams, recent, stored);
        var newStreams = new Dictionary<string, StreamState>(StringComparer.Ordinal);
        var newest = new Dictionary<int, long>();
        foreach (var batch in batches)
        {
            var observations = batch.Batch.Observations;
            var outcomes = new CommitOutcome[observations.Count];
            for (var i = 0; i < outcomes.Length; i++)
            {
                outcomes[i] = group.Judge(observations[i], streams, newStreams, newest, known);
            }

            group.Outcomes.Add(outcomes);
            group.DeadLetters.AddRange(batch.Batch.DeadLetters);
        }

        return group;
    }

    private CommitOutcome Judge(
        Observation observation, StreamTable streams, Dictionary<string, StreamState> newStreams, Dictionary<int, long> newest, Dictionary<StreamKey, ResultPrint> known)
    {
        var stream = streams.Find(observation.DatastreamId);
        if (stream is null && !newStreams.TryGetValue(observation.DatastreamId, out stream))
        {
            stream = new StreamState(streams.NextNumber + newStreams.Count, observation.DatastreamId);
            newStreams.Add(observation.DatastreamId, stream);
            NewStreams.Add(stream);
        }

        var key = new StreamKey(stream.Number, StoreTime.Microseconds(observation.PhenomenonTime));
        var print = ResultPrint.Of(observation.Result);
        if (known.TryGetValue(key, out var earlier))
        {
            if (earlier == print)
            {
                return CommitOutcome.Duplicate;
            }

            DeadLetters.Add(Conflict(observation));
            return CommitOutcome.Conflict;
        }

        known.Add(key, print);
        var late = newest.TryGetValue(stream.Number, out var top) || TryNewest(stream, out top) ? key.Microseconds < top : false;
        if (!late)
        {
            newest[stream.Number] = key.Microseconds;
        }

        Accepted.Add(new AcceptedRow(stream, observation, key, print, late));
        return CommitOutcome.Accepted;
    }

    /// <summary>
    /// Prints of the group's keys that were stored before. A key newer than its datastream's newest cannot be there, so data that
    /// arrives in order is never looked up.
    /// </summary>
    private static Dictionary<StreamKey, ResultPrint> Known(
        IReadOnlyList<PendingBatch> batches, StreamTable streams, RecentKeys recent, Func<IReadOnlyCollection<StreamKey>, IReadOnlyDictionary<StreamKey, ResultPrint>> stored)
    {
        var known = new Dictionary<StreamKey, ResultPrint>();
        HashSet<StreamKey>? unknown = null;
        foreach (var batch in batches)
        {
            foreach (var observation in batch.Batch.Observations)
            {
                if (streams.Find(observation.DatastreamId) is not { } stream || !TryNewest(stream, out var newest))
                {
                    continue;
                }

                var key = new StreamKey(stream.Number, StoreTime.Microseconds(observation.PhenomenonTime));
                if (key.Microseconds > newest)
                {
                    continue;
                }

                if (recent.TryFind(key, out var print))
                {
                    known[key] = print;
                }
                else
                {
                    (unknown ??= []).Add(key);
                }
            }
        }

        if (unknown is not null)
        {
            foreach (var (key, print) in stored(unknown))
            {
                known[key] = print;
            }
        }

        return known;
    }

    private static bool TryNewest(StreamState stream, out long microseconds)
    {
        if (stream.Latest is { } latest)
        {
            microseconds = StoreTime.Microseconds(latest.Observation.PhenomenonTime);
            return true;
        }

        microseconds = long.MinValue;
        return false;
    }

    private static DeadLetter Conflict(Observation observation)
    {
        var time = ObservationKey.ToStoreTime(observation.PhenomenonTime);
        var payload = JsonSerializer.SerializeToUtf8Bytes(new
        {
            datastream = observation.DatastreamId,
            time = time.ToString("O", CultureInfo.InvariantCulture),
            result = observation.Result.Number is { } number ? (object)number : observation.Result.Text,
        });
        return new DeadLetter
        {
            Door = "store",
            DeviceId = observation.DatastreamId.Split('/')[0],
            Address = observation.DatastreamId,
            ReceivedTime = observation.ReceivedTime,
            Reason = DeadLetterReason.Conflict,
            Detail = new StringBuilder("The datastream ").Append(observation.DatastreamId).Append(" already has a different result at ")
                .Append(time.ToString("O", CultureInfo.InvariantCulture)).Append("; the first one stands: give corrected results a phenomenon time of their own.").ToString(),
            Payload = payload,
            PayloadLength = payload.Length,
        };
    }
}
