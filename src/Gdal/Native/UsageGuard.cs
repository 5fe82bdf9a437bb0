namespace Monitoring.Gdal.Native;

/// <summary>
/// Turns concurrent use of an object GDAL does not protect into an exception instead of memory corruption.
/// Re-entrant on one thread. Not a lock: it never waits.
/// </summary>
/// <param name="parts">Guards of the objects that this one uses when it is used; they are taken together with it.</param>
internal sealed class UsageGuard(params UsageGuard[] parts)
{
    private int _owner;
    private int _depth;

    internal void Enter()
    {
        var me = Environment.CurrentManagedThreadId;
        if (Volatile.Read(ref _owner) != me && Interlocked.CompareExchange(ref _owner, me, 0) != 0)
            throw new InvalidOperationException(
                "A GDAL object was used by two threads at once; give each thread its own "
                + "(datasets, layers, spatial references and transforms are not thread-safe).");
        _depth++;
        for (var i = 0; i < parts.Length; i++)
        {
            try
            {
                parts[i].Enter();
            }
            catch
            {
                while (--i >= 0)
                    parts[i].Exit();
                ExitSelf();
                throw;
            }
        }
    }

    internal void Exit()
    {
        foreach (var part in parts)
            part.Exit();
        ExitSelf();
    }

    private void ExitSelf()
    {
        if (--_depth == 0)
            Volatile.Write(ref _owner, 0);
    }
}
