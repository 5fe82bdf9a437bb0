namespace Monitoring.Gdal.Native;

/// <summary>
/// Turns concurrent use of an object GDAL does not protect into an exception instead of memory corruption.
/// Re-entrant on one thread. Not a lock: it never waits.
/// </summary>
internal sealed class UsageGuard
{
    private int _owner;
    private int _depth;

    internal void Enter()
    {
        var me = Environment.CurrentManagedThreadId;
        if (Volatile.Read(ref _owner) != me && Interlocked.CompareExchange(ref _owner, me, 0) != 0)
            throw new InvalidOperationException("A GDAL object was used by two threads at once; give each thread its own "
                + "(datasets, layers, spatial references and transforms are not thread-safe).");
        _depth++;
    }

    internal void Exit()
    {
        if (--_depth == 0)
            Volatile.Write(ref _owner, 0);
    }
}
