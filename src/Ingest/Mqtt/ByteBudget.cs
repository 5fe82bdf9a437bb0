namespace Monitoring.Ingest.Mqtt;

/// <summary>
/// Bytes that may be held at once. Waiters are served in order, so a large message is not starved by small ones. Thread-safe.
/// </summary>
internal sealed class ByteBudget
{
    private readonly long _capacity;
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Ready)> _waiting = new();
    private long _free;

    /// <param name="capacity">Bytes, at least 1.</param>
    public ByteBudget(long capacity) => _free = _capacity = capacity;

    public long Held
    {
        get
        {
            lock (_gate)
                return _capacity - _free;
        }
    }

    /// <param name="bytes">0 to the capacity.</param>
    public async ValueTask AcquireAsync(long bytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _capacity);
        LinkedListNode<(long Bytes, TaskCompletionSource Ready)> node;
        lock (_gate)
        {
            if (_waiting.Count == 0 && _free >= bytes)
            {
                _free -= bytes;
                return;
            }

            node = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        using var registration = cancellationToken.Register(() => GiveUp(node, cancellationToken));
        await node.Value.Ready.Task;
    }

    public void Release(long bytes)
    {
        lock (_gate)
        {
            _free += bytes;
            Serve_NeedsLock();
        }
    }

    private void GiveUp(LinkedListNode<(long Bytes, TaskCompletionSource Ready)> node, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Served in the meantime: the caller has the bytes and will release them.
            if (node.List is null)
                return;
            _waiting.Remove(node);
            Serve_NeedsLock();
        }

        node.Value.Ready.TrySetCanceled(cancellationToken);
    }

    private void Serve_NeedsLock()
    {
        while (_waiting.First is { } first && first.Value.Bytes <= _free)
        {
            _free -= first.Value.Bytes;
            _waiting.RemoveFirst();
            first.Value.Ready.TrySetResult();
        }
    }
}
