namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>
/// The memory that grows with a scene, of one comparison: tiles being read and scored, the rows that scoring keeps of each column of tiles,
/// tiles that the sample has read for the pass, and candidate pixels. All of them ask here, so that together they hold no more than
/// <see cref="Most"/>; what may do without asks with <see cref="TryTake"/>, after what may not was counted.
/// </summary>
/// <remarks>Thread-safe. Counts bytes; holds none.</remarks>
internal sealed class PassMemory(long most)
{
    /// <summary>Twenty tiles of twice six bands of 16 bits at hand, and what the pass itself needs for them on two threads.</summary>
    public const long Usual = 224L << 20;

    private readonly Lock _gate = new();
    private long _held;
    private long _peak;

    /// <summary>Bytes, of all together.</summary>
    public long Most { get; } = most;

    /// <summary>Bytes taken and not yet given back.</summary>
    public long Held
    {
        get
        {
            lock (_gate)
            {
                return _held;
            }
        }
    }

    /// <summary>The most that was held at any time.</summary>
    public long Peak
    {
        get
        {
            lock (_gate)
            {
                return _peak;
            }
        }
    }

    /// <summary>Takes bytes when there is room for them.</summary>
    /// <returns>Whether they are taken.</returns>
    public bool TryTake(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_gate)
        {
            if (bytes > Most - _held)
            {
                return false;
            }

            _held += bytes;
            _peak = Math.Max(_peak, _held);
            return true;
        }
    }

    /// <summary>Takes bytes that the work cannot go on without.</summary>
    /// <exception cref="InvalidOperationException">There is no room: whoever divided the memory left too little.</exception>
    public void Take(long bytes)
    {
        if (!TryTake(bytes))
        {
            throw new InvalidOperationException($"A comparison holds {Held} of {Most} bytes and needs {bytes} more.");
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public void Return(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _held);
            _held -= bytes;
        }
    }
}
