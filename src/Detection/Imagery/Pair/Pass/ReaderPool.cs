using System.Collections.Concurrent;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>Readers of both dates, opened when a thread first needs them and used again by whoever comes next.</summary>
/// <remarks>Thread-safe; a pair of readers serves one thread at a time.</remarks>
internal sealed class ReaderPool(PairRequest request, BandPairing pairing, IReadOnlyList<PixelShift> shifts, PassMemory memory) : IDisposable
{
    private readonly ConcurrentBag<(GridReader Before, GridReader After)> _idle = [];

    /// <summary>What was read already of the same grid with the same shifts.</summary>
    public TilesAtHand AtHand { get; } = new(memory);

    public void With(Action<GridReader, GridReader> use) => With((before, after) =>
    {
        use(before, after);
        return true;
    });

    public T With<T>(Func<GridReader, GridReader, T> use)
    {
        if (!_idle.TryTake(out var readers))
        {
            readers = Open();
        }

        try
        {
            return use(readers.Before, readers.After);
        }
        finally
        {
            _idle.Add(readers);
        }
    }

    public void Dispose()
    {
        AtHand.Clear();
        while (_idle.TryTake(out var readers))
        {
            readers.Before.Dispose();
            readers.After.Dispose();
        }
    }

    private (GridReader Before, GridReader After) Open()
    {
        var grid = request.Baseline.Grid;
        var before = new GridReader(request.Baseline, grid, [.. pairing.Pairs.Select(p => p.Before)], pairing.QualityBefore, []);
        try
        {
            return (before, new GridReader(request.Current, grid, [.. pairing.Pairs.Select(p => p.After)], pairing.QualityAfter, shifts));
        }
        catch
        {
            before.Dispose();
            throw;
        }
    }
}
