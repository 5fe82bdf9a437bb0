using System.Runtime.ExceptionServices;

namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>
/// Items of work in an order in which one thread could do them. Several threads take them in that order; an item starts when all before
/// the one it names are done, so what it depends on is either done or being done by another thread, and nothing waits in a circle.
/// </summary>
internal sealed class OrderedWork
{
    private readonly List<(int Needs, Action Do)> _items = [];

    /// <summary>Items so far: the number that the next one gets.</summary>
    public int Count => _items.Count;

    /// <param name="needs">All items with a smaller number must be done; at most <see cref="Count"/>.</param>
    /// <returns>The item's number.</returns>
    public int Add(int needs, Action action)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(needs, Count);
        _items.Add((needs, action));
        return Count - 1;
    }

    /// <summary>Does all items; the first failure ends the others and is thrown as it is.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between two items.</exception>
    public void Run(int threads, CancellationToken cancellation)
    {
        var run = new Progress(_items, cancellation);
        threads = Math.Min(threads, Count);
        Task[] others = [.. Enumerable.Range(1, Math.Max(0, threads - 1)).Select(_ =>
            Task.Factory.StartNew(run.Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        run.Work();
        Task.WaitAll(others, CancellationToken.None);
        run.ThrowIfFailed();
    }

    private sealed class Progress(List<(int Needs, Action Do)> items, CancellationToken cancellation)
    {
        private readonly object _gate = new();
        private readonly bool[] _done = new bool[items.Count];
        private int _next = -1;
        private int _prefix;
        private ExceptionDispatchInfo? _failure;

        public void Work()
        {
            int item;
            while ((item = Interlocked.Increment(ref _next)) < items.Count && Await(items[item].Needs))
            {
                try
                {
                    cancellation.ThrowIfCancellationRequested();
                    items[item].Do();
                }
                catch (Exception problem)
                {
                    // Whoever waits for this item must not wait for ever; Run throws it.
                    lock (_gate)
                    {
                        _failure ??= ExceptionDispatchInfo.Capture(problem);
                        Monitor.PulseAll(_gate);
                    }

                    return;
                }

                Finish(item);
            }
        }

        public void ThrowIfFailed() => _failure?.Throw();

        private bool Await(int needs)
        {
            lock (_gate)
            {
                while (_prefix < needs && _failure is null)
                {
                    Monitor.Wait(_gate);
                }

                return _failure is null;
            }
        }

        private void Finish(int item)
        {
            lock (_gate)
            {
                _done[item] = true;
                while (_prefix < _done.Length && _done[_prefix])
                {
                    _prefix++;
                }

                Monitor.PulseAll(_gate);
            }
        }
    }
}
