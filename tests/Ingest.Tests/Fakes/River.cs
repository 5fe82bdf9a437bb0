using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Tests.Fakes;

/// <summary>The pipeline without a door.</summary>
internal sealed class River : IDisposable
{
    public River(PipelineOptions? options = null)
    {
        options ??= new PipelineOptions();
        Ledger = new IngestLedger(Clock);
        Newest = new NewestTimes(Store);
        var newest = Newest;
        Decode = new DecodeStage(new ObservationsJsonDecoder(options), new SenMlDecoder(options));
        Pipeline = new IngestPipeline(Decode, new ValidateStage(options, newest), new CommitStage(Store, Ledger, newest, new DiskFloor(options, Clock) { FreeBytes = _ => Free }, NullLogger<CommitStage>.Instance));
        Device = new MemoryDevices().Add("d1");
    }

    public FakeTimeProvider Clock { get; } = new(Payload.Start.AddDays(1));

    public MemoryStore Store { get; } = new();

    public NewestTimes Newest { get; }

    /// <summary>What the disk says it has left.</summary>
    public long? Free { get; set; }

    public IngestLedger Ledger { get; }

    public DecodeStage Decode { get; }

    public IngestPipeline Pipeline { get; }

    public RegisteredDevice Device { get; }

    public InboundMessage Message(byte[] payload, string topic = "devices/d1/obs") =>
        new() { Door = "test", Device = Device, Address = topic, Payload = payload, ReceivedTime = Clock.GetUtcNow() };

    public Task<Taken> TakeAsync(string payload, string topic = "devices/d1/obs") => TakeAsync(Encoding.UTF8.GetBytes(payload), topic);

    public async Task<Taken> TakeAsync(byte[] payload, string topic = "devices/d1/obs")
    {
        var ack = new Ack();
        await Pipeline.TakeAsync(Message(payload, topic), ack, TestContext.Current.CancellationToken);
        return ack.Taken!;
    }

    public void Dispose() => Ledger.Dispose();

    private sealed class Ack : IAckStage
    {
        public Taken? Taken { get; private set; }

        public void Settle(Taken taken)
        {
            Taken.ShouldBeNull("settled twice");
            Taken = taken;
        }
    }
}
