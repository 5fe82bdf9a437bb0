namespace Monitoring.Storage.DuckDb;

/// <summary>
/// Bounds the bytes that wait in a queue: takers wait, first come first served, until enough was given back. One taker may exceed the
/// budget when nothing else is out, so that a large message is never stuck. Thread-safe.
/// </summary>
internal sealed class ByteBudget(long budget)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Turn)> _waiting = [];
    private long _out;

    /// <summary>Bytes that are out now.</summary>
    public long Out
    {
        get
        {
            lock (_gate)
            {
                return _out;
            }
        }
    }

    public async ValueTask TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource Turn)> place;
        lock (_gate)
        {
            if (_waiting.Count == 0 && Fits_NeedsLock(bytes))
            {
                _out += bytes;
                return;
            }

            place = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        await using var registration = cancellationToken.Register(() => Leave(place, cancellationToken));
        await place.Value.Turn.Task;
    }

    public void GiveBack(long bytes)
    {
        lock (_gate)
        {
            _out -= bytes;
            Admit_NeedsLock();
        }
    }

    private void Leave(LinkedListNode<(long Bytes, TaskCompletionSource Turn)> place, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (place.Value.Turn.TrySetCanceled(cancellationToken))
            {
                _waiting.Remove(place);
                Admit_NeedsLock();
            }
        }
    }

    private void Admit_NeedsLock()
    {
        while (_waiting.First is { } first && Fits_NeedsLock(first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            if (first.Value.Turn.TrySetResult())
            {
                _out += first.Value.Bytes;
            }
        }
    }

    private bool Fits_NeedsLock(long bytes) => _out == 0 || _out + bytes <= budget;
}
