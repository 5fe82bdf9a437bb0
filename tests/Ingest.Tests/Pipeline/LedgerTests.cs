using CsCheck;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Pipeline;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Pipeline;

public sealed class LedgerTests
{
    private static readonly Gen<string> AnyPayload = Gen.OneOf(
        Gen.Int[0, 30].Select(Gen.Int[70, 72], (second, result) => Payload.Pm10(second, result)),
        Gen.Const("""{"observations":[1,2,{"datastream":"pm10","time":"2026-05-01T00:00:07Z","result":70},{"datastream":"no","time":"2026-05-01T00:00:07Z","result":70}]}"""),
        Gen.Const("nonsense"),
        Gen.Const("""{"observations":[]}"""),
        Gen.Const("""{"observations":[{"datastream":"pm10","time":"2026-05-01T00:00:07","result":70}]}"""));

    [Fact]
    public void Ledger_UnderRandomLoadWithFailingCommits_BalancesAtEveryInstantAndEndsWithNothingPending()
    {
        Gen.Select(AnyPayload, Gen.Int[0, 9]).Array[1, 60].Sample(
            load =>
            {
                using var river = new River();
                using var done = new CancellationTokenSource();
                var watcher = Task.Run(
                    () =>
                    {
                        var seen = 0;
                        do
                        {
                            river.Ledger.Snapshot().Balances.ShouldBeTrue();
                            seen++;
                        }
                        while (!done.IsCancellationRequested);
                        return seen;
                    },
                    TestContext.Current.CancellationToken);
                river.Store.FailsFor = batch => batch.DeadLetters.Count == 0 && batch.Observations.Count == 1 && batch.Observations[0].DeviceSequence % 10 == load[0].Item2;
                Parallel.ForEach(load, new ParallelOptions { MaxDegreeOfParallelism = 4 }, item => river.TakeAsync(item.Item1).GetAwaiter().GetResult());
                done.Cancel();
                watcher.GetAwaiter().GetResult().ShouldBeGreaterThan(0);

                var end = river.Ledger.Snapshot();
                end.Balances.ShouldBeTrue();
                end.Pending.ShouldBe(0);
                end.Accepted.ShouldBe(river.Store.Stored.Count);
            },
            iter: 200,
            seed: "0000LedgerAb");
    }

    [Fact]
    public async Task Metrics_CarryTheNumbersOfTheLedger()
    {
        using var river = new River();
        var seen = new Dictionary<string, long>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == IngestLedger.MeterName)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (seen)
                seen[instrument.Name] = seen.GetValueOrDefault(instrument.Name) + value;
        });
        listener.Start();
        await river.TakeAsync(Payload.Pm10(1));
        await river.TakeAsync(Payload.Pm10(1));
        await river.TakeAsync("nonsense");
        listener.RecordObservableInstruments();

        // Other tests run their own ledgers on the same meter name, so at least these.
        lock (seen)
        {
            seen["ingest.received"].ShouldBeGreaterThanOrEqualTo(3);
            seen["ingest.duplicates"].ShouldBeGreaterThanOrEqualTo(1);
            seen["ingest.rejected"].ShouldBeGreaterThanOrEqualTo(1);
        }
    }

    [Fact]
    public async Task Commit_StoreUnavailable_IsReturnedAndNotAccepted()
    {
        using var river = new River();
        river.Store.Failure = "the disk is full";
        (await river.TakeAsync(Payload.Pm10(1))).ShouldBe(new Taken.Returned("the disk is full"));
        river.Ledger.Snapshot().ShouldSatisfyAllConditions(l => l.Returned.ShouldBe(1), l => l.Received.ShouldBe(1), l => l.Balances.ShouldBeTrue());
    }
}
