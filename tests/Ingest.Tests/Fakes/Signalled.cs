namespace Monitoring.Ingest.Tests.Fakes;

/// <summary>Waiting for the product's own word that something changed. The limit is a guard against a hang, not a measure.</summary>
internal static class Signalled
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);

    /// <param name="add">Subscribes to what is raised after each change.</param>
    public static async Task UntilAsync(Action<Action> add, Action<Action> remove, Func<bool> isSo)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (isSo())
                reached.TrySetResult();
        }

        add(Look);
        try
        {
            // Looked after the subscription: what happened before it raises nothing any more.
            Look();
            await reached.Task.WaitAsync(Guard, TimeProvider.System, TestContext.Current.CancellationToken);
        }
        finally
        {
            remove(Look);
        }
    }

    public static Task UntilAsync(this Monitoring.Ingest.Mqtt.DeviceConnectionHandler handler, Func<int, bool> isSo) =>
        UntilAsync(look => handler.ConnectionsMoved += look, look => handler.ConnectionsMoved -= look, () => isSo(handler.Connections));

    public static Task UntilAsync(this Monitoring.Ingest.Scenes.SceneInboxWatcher watcher, Func<bool> isSo) =>
        UntilAsync(look => watcher.Looked += look, look => watcher.Looked -= look, isSo);

    public static Task UntilAsync(this MemoryCatalogue catalogue, Func<int, bool> isSo) =>
        UntilAsync(look => catalogue.Added += look, look => catalogue.Added -= look, () => isSo(catalogue.Scenes.Count));
}
