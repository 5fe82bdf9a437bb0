using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>No fault that the watcher gets over: nothing runs after it, as after a real one.</summary>
internal sealed class PowerCutException(string step) : OperationCanceledException(step);

/// <summary>Inbox, store and catalogue in a folder of their own.</summary>
internal sealed class SceneWorld : IDisposable
{
    private SceneInboxWatcher? _watcher;

    public SceneWorld(TimeSpan? settle = null)
    {
        Options = new SceneOptions { Folder = Folder["scenes"], Settle = settle ?? TimeSpan.FromSeconds(5), Poll = TimeSpan.FromMilliseconds(20) };
        Directory.CreateDirectory(Options.Inbox);
    }

    public TempFolder Folder { get; } = new();

    public SceneOptions Options { get; }

    public FakeTimeProvider Clock { get; } = new(Payload.Start);

    public MemoryCatalogue Catalogue { get; } = new();

    public Action<string> Step { get; set; } = static _ => { };

    /// <summary>What the disk says it has left.</summary>
    public long? Free { get; set; }

    public IReadOnlyList<string> Reasons => Directory.Exists(Options.Rejected)
        ? [.. Directory.GetFiles(Options.Rejected, "*.reason.txt").Order(StringComparer.Ordinal).Select(File.ReadAllText)] : [];

    public string Inbox(string name) => Path.Combine(Options.Inbox, name);

    public SceneIntake Intake() => new(
        new SceneReader(Options, Clock), Catalogue, NullLogger<SceneIntake>.Instance, new SceneStore(Options) { Step = name => Step(name), FreeBytes = _ => Free });

    public SceneInboxWatcher Watcher(TimeProvider clock) =>
        new(Options, new SceneReader(Options, Clock), Intake(), clock, NullLogger<SceneInboxWatcher>.Instance);

    public void Deliver(string id)
    {
        SceneFiles.Raster(Inbox($"{id}.tif"), 7);
        SceneFiles.Write(Inbox($"{id}.json"), SceneFiles.Item(id, $"./{id}.tif"));
    }

    public Task LookAsync() => (_watcher ??= Watcher(Clock)).LookAsync(TestContext.Current.CancellationToken);

    public async Task SettleAsync()
    {
        await LookAsync();
        Clock.Advance(TimeSpan.FromSeconds(6));
        await LookAsync();
    }

    public void Restart()
    {
        Step = static _ => { };
        _watcher?.Dispose();
        _watcher = null;
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        Folder.Dispose();
    }
}
