using System.Collections.Concurrent;
using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.DuckDb;

/// <summary>A datastream that has observations, and the newest of them.</summary>
internal sealed class StreamState(int number, string id)
{
    private CommittedObservation? _latest;

    public int Number { get; } = number;

    public string Id { get; } = id;

    /// <summary>The observation with the newest phenomenon time; null only before its first commit is done.</summary>
    public CommittedObservation? Latest
    {
        get => Volatile.Read(ref _latest);
        set => Volatile.Write(ref _latest, value);
    }
}

/// <summary>
/// All datastreams of the file: the projection behind LatestAsync. The committer alone adds; everybody reads. Rebuilt when the file
/// is opened, so it can never differ from it.
/// </summary>
internal sealed class StreamTable
{
    private readonly ConcurrentDictionary<string, StreamState> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, StreamState> _byNumber = new();

    public int NextNumber { get; private set; } = 1;

    public StreamState? Find(string id) => _byId.GetValueOrDefault(id);

    public StreamState? Find(int number) => _byNumber.GetValueOrDefault(number);

    public void Add(StreamState state)
    {
        _byNumber[state.Number] = state;
        _byId[state.Id] = state;
        NextNumber = Math.Max(NextNumber, state.Number + 1);
    }
}
