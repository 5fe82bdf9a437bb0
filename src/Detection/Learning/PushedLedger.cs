using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;

namespace Monitoring.Detection.Learning;

/// <summary>A patch pushed from above as one delivery first stated or moved it.</summary>
public sealed record KnownPushedPatch(PushedPatch Patch, DateTimeOffset KnownFrom);

/// <summary>
/// Patches pushed from above, found by place. Each delivery is read once in the life of the process, and of it only what it changed. Thread-safe.
/// </summary>
public sealed class PushedLedger(IPushedPatches pushed) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly HashSet<(string Batch, int Delivery)> _read = [];
    private readonly Dictionary<(string Batch, string Number), Geometry> _last = [];
    private readonly List<KnownPushedPatch> _all = [];
    private volatile PushedPlaces _places = new([], 0);

    /// <summary>What was delivered until now; the answer never changes.</summary>
    public async Task<PushedPlaces> NowAsync(CancellationToken cancellationToken)
    {
        var count = await pushed.DeliveryCountAsync(cancellationToken);
        if (_places is { } have && have.Deliveries == count)
        {
            return have;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            foreach (var delivery in (await pushed.DeliveriesAsync(cancellationToken)).Where(d => !_read.Contains((d.Batch, d.Delivery))).OrderBy(static d => d.ReceivedAt).ThenBy(static d => d.Delivery))
            {
                var changed = await pushed.ChangedByAsync(delivery.Batch, delivery.Delivery, cancellationToken);
                foreach (var patch in changed)
                {
                    // Only what is new or moved is known from this delivery on.
                    if (!_last.TryGetValue((delivery.Batch, patch.Number), out var was) || !was.EqualsExact(patch.Outline.Shape))
                    {
                        _last[(delivery.Batch, patch.Number)] = patch.Outline.Shape;
                        _all.Add(new(patch, delivery.ReceivedAt));
                    }
                }

                _read.Add((delivery.Batch, delivery.Delivery));
            }

            return _places.Deliveries == _read.Count ? _places : _places = new PushedPlaces(_all, _read.Count);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();
}

/// <summary>Pushed patches by place. Immutable; thread-safe.</summary>
public sealed class PushedPlaces
{
    private readonly STRtree<KnownPushedPatch> _tree = new();

    internal PushedPlaces(IReadOnlyList<KnownPushedPatch> patches, int deliveries)
    {
        Deliveries = deliveries;
        foreach (var patch in patches)
        {
            _tree.Insert(patch.Patch.Outline.Box, patch);
        }

        _tree.Build();
    }

    /// <summary>How many deliveries are in it.</summary>
    public int Deliveries { get; }

    public IEnumerable<KnownPushedPatch> Meeting(Envelope box) => _tree.Query(box);
}
