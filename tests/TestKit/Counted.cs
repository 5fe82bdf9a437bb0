using System.Collections.Concurrent;
using System.Reflection;

namespace Monitoring.TestKit;

/// <summary>How often each method of some interfaces was asked. Thread-safe.</summary>
public sealed class Calls
{
    private readonly ConcurrentDictionary<string, int> _made = new(StringComparer.Ordinal);

    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int All => _made.Values.Sum();

    public int Of(string method) => _made.GetValueOrDefault(method);

    public void Clear() => _made.Clear();

    /// <summary>The same behind an interface that counts.</summary>
    public T Around<T>(T inner)
        where T : class
    {
        var proxy = DispatchProxy.Create<T, CountedProxy>();
        ((CountedProxy)(object)proxy).Open(inner, this);
        return proxy;
    }

    /// <summary>Completes when a method was asked more often than that.</summary>
    public async Task MoreThanAsync(string method, int count, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = Volatile.Read(ref _next);
            if (Of(method) > count)
            {
                return;
            }

            await next.Task.WaitAsync(cancellationToken);
        }
    }

    internal void Note(string method)
    {
        _made.AddOrUpdate(method, 1, static (_, n) => n + 1);
        Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }
}

/// <summary>Passes every call on and notes it. Not to be made by hand: <see cref="Calls.Around"/>.</summary>
public class CountedProxy : DispatchProxy
{
    private object _inner = null!;
    private Calls _calls = null!;

    internal void Open(object inner, Calls calls) => (_inner, _calls) = (inner, calls);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _calls.Note(targetMethod!.Name);
        return targetMethod.Invoke(_inner, args);
    }
}
