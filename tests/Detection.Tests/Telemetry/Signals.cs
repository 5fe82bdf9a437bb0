using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Detection.Judgement;
using Monitoring.Detection.Telemetry;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using Monitoring.TestKit;

namespace Monitoring.Detection.Tests.Telemetry;

/// <summary>One thing with a few datastreams, its stores, and the loop over them.</summary>
internal sealed class Signals
{
    /// <summary>Midnight in China of the first day.</summary>
    public static readonly DateTimeOffset Start = new(2026, 5, 1, 0, 0, 0, TimeSpan.FromHours(8));

    public static readonly Thing Thing = new("thing-1", "路侧杆", null, 119.5, 31.2, "330100");

    public static readonly Datastream Noise = Stream("noise", ObservedProperties.NoiseLaeq, "dB(A)", 60, Aggregation.EnergyMean);
    public static readonly Datastream Dust = Stream("pm10", ObservedProperties.Pm10, "ug/m3", 60, Aggregation.Mean);
    public static readonly Datastream Power = Stream("power", ObservedProperties.ActivePower, "kW", 600, Aggregation.Mean);
    public static readonly Datastream Truck = Stream("truck", ObservedProperties.TruckPass, "1", null, Aggregation.Sum);
    public static readonly Datastream Camera = Stream("camera", ObservedProperties.CameraEvent, "text", null, Aggregation.None);

    public MemoryObservations Observations { get; } = new();

    public MemoryFindings Findings { get; } = new();

    public MemoryPlans Plans { get; } = new();

    public FakeTimeProvider Clock { get; } = new(Start.AddDays(30));

    public TelemetryPipeline Pipeline(int batch = 5000, IFindingStore? findings = null) => new(
        Observations, new MemoryDevices(new RegisteredDevice(new Device("dev", Thing.Id, null, ""), Thing, [Noise, Dust, Power, Truck, Camera])), findings ?? Findings, Findings,
        new RecordingBus(), new PlanIndexSource(Plans), DetectionRules.Default, new TelemetryOptions { BatchSize = batch }, Clock, NullLogger<TelemetryPipeline>.Instance);

    public async Task<IReadOnlyList<Finding>> RunAsync()
    {
        await Pipeline().WorkOffAsync(TestContext.Current.CancellationToken);
        return Findings.Findings;
    }

    public void KnowPermits(params MapFeature[] more) => Plans.Import(MapLayer.Permit, [Ground.Permit("far", Ground.Box(9000, 9000, 10, 10)), .. more]);

    public Signals Add(Datastream stream, DateTimeOffset time, double number, ResultQuality quality = ResultQuality.Good)
    {
        Observations.Add(Of(stream, time, number, quality));
        return this;
    }

    public Signals Add(Datastream stream, DateTimeOffset time, string text)
    {
        Observations.Add(new Observation { DatastreamId = stream.Id, PhenomenonTime = time.ToUniversalTime(), ReceivedTime = time, Result = ObservationResult.OfText(text) });
        return this;
    }

    /// <summary>A result each interval of the stream in [from, from + minutes).</summary>
    public Signals Fill(Datastream stream, DateTimeOffset from, double minutes, double number, ResultQuality quality = ResultQuality.Good)
    {
        for (var at = from; at < from.AddMinutes(minutes); at += stream.ExpectedInterval!.Value)
        {
            Add(stream, at, number, quality);
        }

        return this;
    }

    public static Observation Of(Datastream stream, DateTimeOffset time, double number, ResultQuality quality = ResultQuality.Good) => new()
    {
        DatastreamId = stream.Id,
        PhenomenonTime = time.ToUniversalTime(),
        ReceivedTime = time,
        Result = ObservationResult.OfNumber(number),
        Quality = quality,
    };

    private static Datastream Stream(string name, string property, string unit, int? seconds, Aggregation aggregation) =>
        new("dev", Thing.Id, name, property, unit, seconds is { } s ? TimeSpan.FromSeconds(s) : null, aggregation);
}
