namespace Monitoring.TestKit;

/// <summary>What never ends by itself.</summary>
public static class Endless
{
    /// <summary>Ends when it is cancelled, and never otherwise.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Task Until(CancellationToken cancellation) => new TaskCompletionSource().Task.WaitAsync(cancellation);
}
