using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Detection;
using Monitoring.Detection.Judgement;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.Domain.Sensing;
using Monitoring.Gdal;
using Monitoring.Storage;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests.Learning;

/// <summary>The real stores and detection on a temporary folder, in virtual time, without doors and loops.</summary>
internal sealed class LearningWorld : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = An.Epoch;

    private readonly TempDirectory _folder = new();
    private readonly Func<LearningOptions, LearningOptions> _adjust;
    private ServiceProvider _services;

    public LearningWorld(Func<LearningOptions, LearningOptions>? adjust = null)
    {
        GdalLibrary.Initialize();
        _adjust = adjust ?? (static o => o);
        Clock = new FakeTimeProvider(Start);
        _services = Build();
    }

    public FakeTimeProvider Clock { get; }

    public string ModelFolder => _folder.File("models");

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>What a stop and a new start do.</summary>
    public async Task ReopenAsync()
    {
        await _services.DisposeAsync();
        _services = Build();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    public async Task SeeAsync(string id, DateTimeOffset acquired, CancellationToken stop, params ChangePatch[] patches)
    {
        await Get<IChangeStore>().CommitAsync([SetOf(id, patches)], null, stop);
        await Get<JudgementPipeline>().WorkOffAsync(stop);
    }

    public Task ImportAsync(MapLayer layer, CancellationToken stop, params MapFeature[] features) =>
        Get<IPlanRegister>().AppendAsync(new MapImport(layer, features, "file", "00", "test"), stop);

    public static ChangeSet SetOf(string id, params ChangePatch[] patches) => new()
    {
        Id = id, BaselineSceneId = "before-" + id, CurrentSceneId = "after-" + id, DetectorId = "test", DetectorVersion = "1", ObservableShare = 1, Patches = patches,
    };

    /// <summary>A building of 100 × 100 m or so, <paramref name="east"/> and <paramref name="north"/> km from the corner of the county.</summary>
    public static ChangePatch Patch(string id, double east, double north, DateTimeOffset after, ChangeKind kind = ChangeKind.BuiltUp, double score = 0.9, double side = 0.001)
    {
        var outline = An.Square(120 + (east * 0.01), 30 + (north * 0.01), side, 10_600 * side * side / 0.000001);
        return new ChangePatch { Id = id, Outline = outline, Kind = kind, Score = score, NotBefore = after.AddDays(-10), NotAfter = after, PixelCount = 100, GsdMeters = 10 };
    }

    private ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddLogging(static l => l.SetMinimumLevel(LogLevel.None));
        services.AddSingleton<TimeProvider>(Clock);
        services.AddStorage(new StorageOptions { DataDirectory = _folder.File("data") });
        services.AddDetection(new DetectionOptions { Learning = _adjust(new LearningOptions { Folder = ModelFolder }) });
        return services.BuildServiceProvider();
    }
}
