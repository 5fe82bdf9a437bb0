using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Detection.Judgement;
using Monitoring.Detection.Telemetry;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Sensing;
using Monitoring.TestKit;
using static Monitoring.Detection.Tests.Telemetry.Signals;

namespace Monitoring.Detection.Tests.Telemetry;

/// <summary>What many stations cost in memory and, after a start or a failure, in queries.</summary>
public class RestoreTests
{
    private readonly MemoryObservations _observations = new();
    private readonly MemoryFindings _findings = new();
    private readonly MemoryPlans _plans = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Datastream NoiseOf(int station) => new($"dev{station}", $"thing{station}", "noise", ObservedProperties.NoiseLaeq, "dB(A)", TimeSpan.FromMinutes(1), Aggregation.EnergyMean);

    private static Datastream PowerOf(int station) => new($"dev{station}", $"thing{station}", "power", ObservedProperties.ActivePower, "kW", TimeSpan.FromMinutes(10), Aggregation.Mean);

    private TelemetryPipeline Pipeline(int stations) => new(
        _observations,
        new MemoryDevices([.. Enumerable.Range(0, stations).Select(i =>
            new RegisteredDevice(new Device($"dev{i}", $"thing{i}", null, ""), Signals.Thing with { Id = $"thing{i}" }, [NoiseOf(i), PowerOf(i)]))]),
        _findings, _findings, new RecordingBus(), new PlanIndexSource(_plans), DetectionRules.Default, new TelemetryOptions(), TimeProvider.System, NullLogger<TelemetryPipeline>.Instance);

    private void Report(int stations, DateTimeOffset at)
    {
        for (var i = 0; i < stations; i++)
        {
            _observations.Add(Of(NoiseOf(i), at, 50));
            _observations.Add(Of(PowerOf(i), at, 3));
        }
    }

    [Fact]
    public async Task WorkOff_AfterAStart_RestoresAllStationsOfABatchWithAFewQueries()
    {
        for (var hour = 0; hour < 5; hour++)
        {
            Report(40, Start.AddHours(hour));
        }

        await Pipeline(40).WorkOffAsync(Token);
        Report(40, Start.AddHours(5));
        _observations.Queries.Clear();
        await Pipeline(40).WorkOffAsync(Token);

        // Look back and read, for the windows and for the things.
        _observations.Queries.Count.ShouldBe(4);
        _observations.Queries.SelectMany(q => q).Distinct().Count().ShouldBe(80);
    }

    [Fact]
    public async Task WorkOff_AfterAStartBehindALongBacklog_LooksBackForAllStationsTogether()
    {
        Report(40, Start);
        await Pipeline(40).WorkOffAsync(Token);

        // Committed while nobody worked: the newest of each datastream is none of what the restart needs.
        for (var hour = 1; hour < 200; hour++)
        {
            Report(40, Start.AddHours(hour));
        }

        _observations.Queries.Clear();
        await Pipeline(40).WorkOffAsync(Token);

        _observations.Queries.Count.ShouldBeLessThan(40);
    }

    [Fact]
    public async Task WorkOff_AfterAFailure_RestoresOnlyWhatTheFailedBatchTouched()
    {
        Report(40, Start);
        var pipeline = Pipeline(40);
        await pipeline.WorkOffAsync(Token);
        _observations.Add(Of(NoiseOf(7), Start.AddHours(1), 50));
        _findings.FailCommits = 1;
        await Should.ThrowAsync<IOException>(() => pipeline.WorkOffAsync(Token));
        Report(40, Start.AddHours(2));
        _observations.Queries.Clear();
        await pipeline.WorkOffAsync(Token);

        _observations.Queries.SelectMany(q => q).Distinct().Order().ShouldBe(["dev7/noise", "dev7/power"]);
        (await _findings.PositionAsync(TelemetryPipeline.Consumer, Token)).ShouldBe(161);
    }

    [Fact]
    public void ClosedWindows_OfManyDatastreams_AreKeptWithinOneBound()
    {
        const int most = 1000;
        var closed = new ClosedWindows(most);
        List<WindowBook> books = [.. Enumerable.Range(0, 50).Select(_ => new WindowBook(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(10), closed))];
        for (var minute = 0; minute < 600; minute++)
        {
            foreach (var book in books)
            {
                foreach (var start in book.Put(Of(Noise, Start.AddMinutes(minute), 50)))
                {
                    book.Results(start).Count().ShouldBe(20, "what closes is there to be evaluated");
                }

                closed.Trim();
                closed.Kept.ShouldBeLessThanOrEqualTo(most);
            }
        }

        // What was forgotten is known to be missing and comes back whole from the store.
        books[0].MustRead(Start.AddMinutes(5)).ShouldBeTrue();
        books[0].RestoreClosed(Start, Enumerable.Range(0, 20).Select(m => Of(Noise, Start.AddMinutes(m), 60)));
        books[0].MustRead(Start.AddMinutes(5)).ShouldBeFalse();
        books[0].Put(Of(Noise, Start.AddMinutes(5).AddSeconds(1), 60)).ShouldBe([Start.ToUniversalTime()]);
        books[0].Results(Start).Count().ShouldBe(21);
    }
}
