using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Alerts;
using Monitoring.Detection;
using Monitoring.Detection.Incidents;
using Monitoring.Detection.Judgement;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.Gdal;
using Monitoring.Storage;
using Monitoring.TestKit;

namespace Monitoring.Crash;

/// <summary>
/// A process that judges, scores, gathers incidents, warns and learns, step by step in virtual time, until it is killed: <c>learning DATA FIRST</c>. Every step can
/// be done again; a line with its number and part is printed after each part of it.
/// </summary>
internal static class LearningChild
{
    public const string Mode = "learning";

    /// <summary>Steps there are.</summary>
    public const int Steps = 24;

    /// <summary>Parts of a step.</summary>
    public const int Parts = 5;

    /// <summary>Steps in which outcomes come from elsewhere: the first to learn from, the second to compare on.</summary>
    private const int FirstOutcomes = 8;
    private const int MoreOutcomes = 16;
    private const int Cases = 300;

    private static readonly DateTimeOffset Start = An.Epoch;

    public static string Models(string data) => Path.Combine(data, "models", "violation");

    public static async Task<int> RunAsync(string[] args)
    {
        GdalLibrary.Initialize();
        var stop = CancellationToken.None;
        var (data, first) = (args[0], int.Parse(args[1], CultureInfo.InvariantCulture));
        var clock = new FakeTimeProvider(Start);
        var services = new ServiceCollection();
        services.AddLogging(static l => l.SetMinimumLevel(LogLevel.None));
        services.AddSingleton<TimeProvider>(clock);
        services.AddStorage(new StorageOptions { DataDirectory = data });
        services.AddDetection(new DetectionOptions
        {
            Learning = new LearningOptions
            {
                Folder = Models(data), RetrainAfter = 100_000, Training = new() { LeastOfEach = 60, Boosting = new() { Trees = 30, LeastRows = 10, Members = 1 } },
                Promotion = new() { LeastConfirmed = 50, Resamples = 100, LargestEce = 0.2 },
            },
        });
        services.AddAlerts().AddAlertsLoops();
        await using var provider = services.BuildServiceProvider();

        // A kill may come later than its line: what a step was given is judged at that step's time, so the last that was given is gone on with.
        first = Math.Max(first, (await provider.GetRequiredService<IChangeStore>().ReadAfterAsync(0, Steps, stop)).Count - 1);
        clock.SetUtcNow(Start.AddHours(first));
        foreach (var loop in provider.GetServices<IHostedService>())
        {
            await loop.StartAsync(stop);
        }

        await using var console = Console.OpenStandardOutput();
        async Task SayAsync(int step, int part)
        {
            await console.WriteAsync(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{step} {part}\n")));
            await console.FlushAsync();
        }

        for (var step = first; step < Steps; step++)
        {
            var now = Start.AddHours(step);
            if (clock.GetUtcNow() < now)
            {
                clock.SetUtcNow(now);
            }

            await GiveAsync(provider, step, now, stop);
            await SayAsync(step, 1);
            await provider.GetRequiredService<JudgementPipeline>().WorkOffAsync(stop);
            await SayAsync(step, 2);
            await provider.GetRequiredService<IncidentPipeline>().WorkOffAsync(stop);
            await SayAsync(step, 3);
            await provider.GetRequiredService<LearningLoop>().WorkOffAsync(stop);
            await SayAsync(step, 4);
            await WarnedAsync(provider, stop);
            await SayAsync(step, 5);
        }

        foreach (var loop in provider.GetServices<IHostedService>())
        {
            await loop.StopAsync(stop);
        }

        return 0;
    }

    /// <summary>What comes from outside in a step; given twice it is there once.</summary>
    private static async Task GiveAsync(IServiceProvider services, int step, DateTimeOffset now, CancellationToken stop)
    {
        if (step == 0)
        {
            await services.GetRequiredService<IPlanRegister>().AppendAsync(
                new MapImport(MapLayer.Permit, [An.Permit("far", outline: An.Square(121, 31))], "file", "00", "test"), stop);
        }

        // A site grows for a while, then another begins.
        var (site, seen) = (step / 3, now.AddDays(-1));
        await services.GetRequiredService<IChangeStore>().CommitAsync(
            [
                new ChangeSet
                {
                    Id = $"s{step}", BaselineSceneId = $"before-{step}", CurrentSceneId = $"after-{step}", DetectorId = "test", DetectorVersion = "1", ObservableShare = 1,
                    Patches = [Patch($"p{step}", site, 0, seen), Patch($"q{step}", site, 30, seen)],
                },
            ],
            null, stop);

        // Noise at night beside it: space and ground together are an incident.
        await services.GetRequiredService<IFindingStore>().CommitAsync(
            new FindingBatch
            {
                Findings =
                [
                    An.Finding($"noise-{step}", $"d{site}/noise", "noise-night") with
                    {
                        Subject = new Subject(SubjectKind.Datastream, $"d{site}/noise"), Where = Patch("n", site, 0, seen).Outline, PhenomenonStart = seen, PhenomenonEnd = seen.AddMinutes(30), DetectedAt = now,
                        Reasons = [Reason.Of("limit-exceeded", ("value", "60"), ("limit", "50"))],
                    },
                ],
            },
            stop);
        if (step is FirstOutcomes or MoreOutcomes)
        {
            await OutcomesAsync(services, step, now, stop);
        }
    }

    /// <summary>Cases whose outcome follows two features that rules do not weigh that way.</summary>
    private static async Task OutcomesAsync(IServiceProvider services, int step, DateTimeOffset now, CancellationToken stop)
    {
        var random = new Random(step);
        List<CandidateScore> scores = [];
        List<CaseOutcome> outcomes = [];
        List<JudgedPatch> judged = [];
        for (var i = 0; i < Cases; i++)
        {
            var at = now.AddMinutes(-40 + (i * 0.1));
            var features = Enumerable.Range(0, ViolationFeatures.Schema.Count).Select(_ => (float)random.NextDouble()).ToArray();
            var chance = 1 / (1 + Math.Exp(-8 * (features[ViolationFeatures.Schema.PlaceOf("days_since_first")] + features[ViolationFeatures.Schema.PlaceOf("urban_share")] - 1)));
            var patch = Patch($"case-{step}-{i}", 200 + (i % 50), 200 + (i / 50) + step, at);
            var id = $"{step}-{i}";
            judged.Add(new JudgedPatch("set", patch, id, null, Verdict.Review, [], 0, at));
            scores.Add(new CandidateScore
            {
                FindingId = "case-" + id, SiteId = id, AsOf = at, MapVersion = 0, SchemaVersion = ViolationFeatures.Schema.Version, Features = features, Probability = 0.15, Parts = [],
            });
            var inside = patch.Outline.Shape.InteriorPoint;
            outcomes.Add(new CaseOutcome("import:" + id, null, inside.X, inside.Y, at.AddMinutes(5), now, random.NextDouble() < chance, FoundHow.Ranked, null));
        }

        await services.GetRequiredService<IFindingStore>().CommitAsync(new FindingBatch { JudgedPatches = judged }, stop);
        await services.GetRequiredService<ILearningStore>().AddScoresAsync(scores, stop);
        await services.GetRequiredService<ILearningStore>().RecordAsync(new OutcomeDelivery(outcomes, "file", "00", "test"), stop);
    }

    private static ChangePatch Patch(string id, double east, double north, DateTimeOffset after) => new()
    {
        Id = id, Outline = An.Square(120 + (east * 0.01), 30 + (north * 0.01), 0.001, 10_600), Kind = ChangeKind.BuiltUp, Score = 0.9, NotBefore = after.AddDays(-10), NotAfter = after, PixelCount = 100, GsdMeters = 10,
    };

    private static async Task WarnedAsync(IServiceProvider services, CancellationToken stop)
    {
        var (findings, cursors) = (services.GetRequiredService<IFindingStore>(), services.GetRequiredService<ICursorStore>());
        using var moved = services.GetRequiredService<IEventBus>().Subscribe<CursorAdvanced>();
        while ((await findings.ReadAfterAsync(await cursors.PositionAsync(AlertsRoom.FindingsConsumer, stop), 1, stop)).Count > 0)
        {
            await moved.WaitAsync(stop);
        }
    }
}
