using Monitoring.Domain.Events;
using Monitoring.Domain.Sensing;
using Shouldly;
using Xunit;

namespace Monitoring.TestKit.Contracts;

/// <summary>What <see cref="IObservationStore"/> promises, whatever stands behind it.</summary>
public abstract class ObservationStoreContract : StoreContract
{
    private IObservationStore Store => Stores.Observations;

    [Fact]
    public async Task Commit_FirstObservations_AreAcceptedInOrderFromSequenceOne()
    {
        var receipt = await CommitAsync(An.Observation(seconds: 0), An.Observation(seconds: 1), An.Observation("d2/tilt", 0));

        receipt.Outcomes.ShouldBe([CommitOutcome.Accepted, CommitOutcome.Accepted, CommitOutcome.Accepted]);
        receipt.LastSequence.ShouldBe(3);
        var all = await Store.ReadAfterAsync(0, 10, Cancellation);
        all.Select(o => o.Sequence).ShouldBe([1, 2, 3]);
        all.Select(o => o.Observation.DatastreamId).ShouldBe(["d1/pm10", "d1/pm10", "d2/tilt"]);
        Stores.Bus.Of<ObservationsAccepted>().Last().Through.ShouldBe(3);
    }

    [Fact]
    public async Task Commit_EveryField_IsReadBackInUtcAndWholeMicroseconds()
    {
        var sent = new Observation
        {
            DatastreamId = "d1/camera",
            PhenomenonTime = new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.FromHours(8)).AddTicks(12345679),
            ResultTime = An.Epoch.AddSeconds(2).AddTicks(9),
            ReceivedTime = An.Epoch.AddSeconds(3),
            Result = ObservationResult.OfText("excavator\0 \\0 挖掘机 😀"),
            Quality = ResultQuality.ClockSuspect | ResultQuality.Fault,
            DeviceSequence = 42,
        };
        await CommitAsync(sent);

        var read = (await Store.ReadAfterAsync(0, 1, Cancellation))[0].Observation;
        read.ShouldBe(sent with { PhenomenonTime = An.Epoch.AddTicks(12345670), ResultTime = An.Epoch.AddSeconds(2) });
        read.PhenomenonTime.Offset.ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-0.0)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MaxValue)]
    [InlineData(0.1)]
    public async Task Commit_Number_IsReadBackBitForBit(double number)
    {
        await CommitAsync(An.Observation(result: number));

        var read = (await Store.ReadAfterAsync(0, 1, Cancellation))[0].Observation.Result.Number.ShouldNotBeNull();
        BitConverter.DoubleToInt64Bits(read).ShouldBe(BitConverter.DoubleToInt64Bits(number));
    }

    [Fact]
    public async Task Commit_SameResultAgain_IsDuplicateAndNotStored()
    {
        await CommitAsync(An.Observation());
        var receipt = await CommitAsync(An.Observation() with { ReceivedTime = An.Epoch.AddHours(1), DeviceSequence = 9 });

        receipt.Outcomes.ShouldBe([CommitOutcome.Duplicate]);
        (await Store.LastSequenceAsync(Cancellation)).ShouldBe(1);
        (await Store.ReadDeadLettersAsync(null, 10, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Commit_SameInstantInAnotherZoneAndBelowAMicrosecond_IsDuplicate()
    {
        await CommitAsync(An.Observation());
        var receipt = await CommitAsync(An.Observation() with { PhenomenonTime = An.Epoch.ToOffset(TimeSpan.FromHours(8)).AddTicks(9) });

        receipt.Outcomes.ShouldBe([CommitOutcome.Duplicate]);
    }

    [Fact]
    public async Task Commit_DifferentResultAtSameTime_IsConflictAndDeadLetter()
    {
        await CommitAsync(An.Observation(result: 1));
        var receipt = await CommitAsync(An.Observation(result: 2));

        receipt.Outcomes.ShouldBe([CommitOutcome.Conflict]);
        (await Store.LastSequenceAsync(Cancellation)).ShouldBe(1);
        var letter = (await Store.ReadDeadLettersAsync(null, 10, Cancellation)).ShouldHaveSingleItem().Letter;
        letter.Reason.ShouldBe(DeadLetterReason.Conflict);
        letter.DeviceId.ShouldBe("d1");
        letter.Detail.ShouldContain("d1/pm10");
        System.Text.Encoding.UTF8.GetString(letter.Payload.Span).ShouldContain("\"result\":2");
    }

    [Fact]
    public async Task Commit_TextAgainstNumber_IsConflict()
    {
        await CommitAsync(An.Observation(result: 1));

        (await CommitAsync(An.Category("d1/pm10", 0, "1"))).Outcomes.ShouldBe([CommitOutcome.Conflict]);
    }

    [Fact]
    public async Task Commit_RepeatsWithinOneBatch_AreFound()
    {
        var receipt = await CommitAsync(An.Observation(result: 1), An.Observation(result: 1), An.Observation(result: 2), An.Observation("d2/x", 0, 2));

        receipt.Outcomes.ShouldBe([CommitOutcome.Accepted, CommitOutcome.Duplicate, CommitOutcome.Conflict, CommitOutcome.Accepted]);
        receipt.LastSequence.ShouldBe(2);
    }

    [Fact]
    public async Task Commit_ManySendersWithTheSameKeys_AcceptEachKeyOnce()
    {
        var receipts = await Task.WhenAll(Enumerable.Range(0, 64).Select(sender => Task.Run(
            () => CommitAsync([.. Enumerable.Range(0, 10).Select(i => An.Observation(seconds: i, result: i))]), Cancellation)));

        receipts.SelectMany(r => r.Outcomes).Count(o => o == CommitOutcome.Accepted).ShouldBe(10);
        receipts.SelectMany(r => r.Outcomes).Count(o => o == CommitOutcome.Duplicate).ShouldBe(630);
        (await Store.ReadAfterAsync(0, 100, Cancellation)).Select(o => o.Sequence).ShouldBe(Enumerable.Range(1, 10).Select(i => (long)i));
    }

    [Fact]
    public async Task Commit_DuplicateAfterReopening_IsFoundInTheFile()
    {
        await CommitAsync(An.Observation(seconds: 0, result: 1), An.Observation(seconds: 1, result: 2), An.Category("d1/cam", 0, "a\0b"));
        await Stores.ReopenAsync();

        var receipt = await CommitAsync(An.Observation(seconds: 0, result: 1), An.Observation(seconds: 1, result: 3), An.Category("d1/cam", 0, "a\0b"), An.Observation(seconds: 2));
        receipt.Outcomes.ShouldBe([CommitOutcome.Duplicate, CommitOutcome.Conflict, CommitOutcome.Duplicate, CommitOutcome.Accepted]);
        receipt.LastSequence.ShouldBe(4);
    }

    [Fact]
    public async Task Commit_BehindTheNewestResult_IsFlaggedLate()
    {
        await CommitAsync(An.Observation(seconds: 10));
        await CommitAsync(An.Observation(seconds: 5, quality: ResultQuality.ClockSuspect), An.Observation("d2/x", 1), An.Observation(seconds: 20), An.Observation(seconds: 15));
        await Stores.ReopenAsync();
        await CommitAsync(An.Observation(seconds: 19));

        (await Store.ReadAfterAsync(0, 10, Cancellation)).Select(o => o.Observation.Quality).ShouldBe(
            [ResultQuality.Good, ResultQuality.ClockSuspect | ResultQuality.Late, ResultQuality.Good, ResultQuality.Good, ResultQuality.Late, ResultQuality.Late]);
    }

    [Fact]
    public async Task Commit_DeadLettersOnly_AreDurableAndNewestFirst()
    {
        var receipt = await Store.CommitAsync(new ObservationBatch([], [An.DeadLetter("one"), An.DeadLetter("two") with { DeviceId = null }]), Cancellation);
        await Stores.ReopenAsync();
        await Store.CommitAsync(new ObservationBatch([], [An.DeadLetter("three")]), Cancellation);

        receipt.Outcomes.ShouldBeEmpty();
        var letters = await Store.ReadDeadLettersAsync(null, 10, Cancellation);
        letters.Select(l => (l.Sequence, l.Letter.Detail)).ShouldBe([(3, "three"), (2, "two"), (1, "one")]);
        letters[1].Letter.DeviceId.ShouldBeNull();
        letters[2].Letter.Payload.ToArray().ShouldBe([0, 1, 255]);
        letters[2].Letter.PayloadLength.ShouldBe(3);
        (await Store.ReadDeadLettersAsync(3, 1, Cancellation)).ShouldHaveSingleItem().Sequence.ShouldBe(2);
    }

    [Fact]
    public async Task Commit_EmptyBatch_IsReceiptedWithoutSequence()
    {
        var receipt = await Store.CommitAsync(ObservationBatch.Of(), Cancellation);

        receipt.Outcomes.ShouldBeEmpty();
        receipt.LastSequence.ShouldBe(0);
    }

    [Fact]
    public async Task LastSequence_AfterReopening_GoesOn()
    {
        await CommitAsync(An.Observation(seconds: 0), An.Observation(seconds: 1));
        await Stores.ReopenAsync();

        (await Store.LastSequenceAsync(Cancellation)).ShouldBe(2);
        (await CommitAsync(An.Observation(seconds: 2))).LastSequence.ShouldBe(3);
    }

    [Fact]
    public async Task ReadAfter_Pages_WithoutGapOrOverlap()
    {
        await CommitAsync([.. Enumerable.Range(0, 25).Select(i => An.Observation(seconds: i))]);

        var read = new List<long>();
        for (long after = 0; ;)
        {
            var page = await Store.ReadAfterAsync(after, 10, Cancellation);
            if (page.Count == 0)
            {
                break;
            }

            read.AddRange(page.Select(o => o.Sequence));
            after = page[^1].Sequence;
        }

        read.ShouldBe(Enumerable.Range(1, 25).Select(i => (long)i));
    }

    [Fact]
    public async Task ReadRange_HalfOpenByPhenomenonTime_IsAscendingAndLimited()
    {
        await CommitAsync(An.Observation(seconds: 30), An.Observation(seconds: 10), An.Observation(seconds: 20), An.Observation("d2/x", 15));

        (await Store.ReadRangeAsync("d1/pm10", At(10), At(30), 10, Cancellation)).Select(o => o.Observation.PhenomenonTime).ShouldBe([At(10), At(20)]);
        (await Store.ReadRangeAsync("d1/pm10", At(0), At(100), 1, Cancellation)).ShouldHaveSingleItem().Observation.PhenomenonTime.ShouldBe(At(10));
        (await Store.ReadRangeAsync("d9/none", At(0), At(100), 10, Cancellation)).ShouldBeEmpty();
        (await Store.ReadRangeAsync("d1/pm10", At(30), At(10), 10, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task ReadSpans_OfSeveralDatastreams_AreInTheirOrderEachAscendingAndLimited()
    {
        await CommitAsync(An.Observation("d1/pm10", 30), An.Observation("d2/pm10", 10), An.Observation("d1/pm10", 10), An.Observation("d2/pm10", 40), An.Observation("d3/pm10", 10));
        ObservationSpan[] spans = [new("d2/pm10", At(0), At(40)), new("d9/none", At(0), At(100)), new("d1/pm10", At(10), At(31)), new("d3/pm10", At(20), At(10))];

        var found = await Store.ReadSpansAsync(spans, 10, Cancellation);

        found.Select(o => (o.Observation.DatastreamId, o.Observation.PhenomenonTime)).ShouldBe([("d2/pm10", At(10)), ("d1/pm10", At(10)), ("d1/pm10", At(30))]);
        (await Store.ReadSpansAsync(spans, 2, Cancellation)).Count.ShouldBe(2);
        (await Store.ReadSpansAsync([], 2, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Reading_OverAllTime_TakesTheWidestBounds()
    {
        var first = An.Observation() with { PhenomenonTime = DateTimeOffset.MinValue };
        var last = An.Observation(seconds: 0, result: 3) with { PhenomenonTime = DateTimeOffset.MaxValue.AddTicks(-20) };
        await CommitAsync(first, last);

        (await Store.ReadRangeAsync("d1/pm10", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, int.MaxValue, Cancellation)).Select(o => o.Observation.PhenomenonTime)
            .ShouldBe([DateTimeOffset.MinValue, ObservationKey.ToStoreTime(last.PhenomenonTime)]);
        (await Store.AggregateAsync(An.Datastream(), DateTimeOffset.MinValue, DateTimeOffset.MaxValue, TimeSpan.MaxValue, Cancellation)).ShouldHaveSingleItem().Value.ShouldBe(2);
        (await Store.ReadAfterAsync(0, int.MaxValue, Cancellation)).Count.ShouldBe(2);
        (await Store.ReadAfterAsync(long.MaxValue, int.MaxValue, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Commit_Cancelled_GivesUpWaitingAndHarmsNobody()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => Store.CommitAsync(ObservationBatch.Of(An.Observation(seconds: 1)), cancel.Token));

        // Committed or not, the message may be sent again and counts once.
        await CommitAsync(An.Observation(seconds: 1));
        (await CommitAsync(An.Observation(seconds: 2))).LastSequence.ShouldBe(2);
    }

    [Fact]
    public async Task Latest_IsByPhenomenonTimeNotArrival_AndSurvivesReopening()
    {
        await CommitAsync(An.Observation(seconds: 10, result: 10), An.Observation(seconds: 5, result: 5), An.Category("d2/cam", 7, "crane"));

        for (var round = 0; round < 2; round++)
        {
            var latest = await Store.LatestAsync(["d1/pm10", "d2/cam", "d9/none"], Cancellation);
            latest.Keys.Order().ShouldBe(["d1/pm10", "d2/cam"]);
            latest["d1/pm10"].Observation.Result.Number.ShouldBe(10);
            latest["d1/pm10"].Sequence.ShouldBe(1);
            latest["d2/cam"].Observation.Result.Text.ShouldBe("crane");
            await Stores.ReopenAsync();
        }
    }

    [Fact]
    public async Task Aggregate_Mean_OfBucketsAlignedToFrom_LeavesEmptyBucketsOut()
    {
        await CommitAsync(Row(0, 1), Row(60, 2), Row(120, 6), Row(600, 10), Row(900, 99));

        var aggregates = await AggregateAsync(An.Datastream(intervalSeconds: 60), 0, 900, 300);
        aggregates.Select(a => a.From).ShouldBe([At(0), At(600)]);
        aggregates[0].Value.ShouldBe(3);
        aggregates[0].Min.ShouldBe(1);
        aggregates[0].Max.ShouldBe(6);
        aggregates[0].Count.ShouldBe(3);
        aggregates[0].Completeness.ShouldBe(0.6);
        aggregates[1].Completeness.ShouldBe(0.2);
    }

    [Fact]
    public async Task Aggregate_EnergyMean_IsMeanOfPowers()
    {
        await CommitAsync(Row(0, 60), Row(60, 70));

        var value = (await AggregateAsync(An.Datastream(aggregation: Aggregation.EnergyMean), 0, 120, 120)).ShouldHaveSingleItem().Value.ShouldNotBeNull();
        value.ShouldBe(10 * Math.Log10((Math.Pow(10, 6) + Math.Pow(10, 7)) / 2), 1e-9);
        value.ShouldBeGreaterThan(67);
    }

    [Fact]
    public async Task Aggregate_EnergyMeanOfAbsurdLevels_StaysFinite()
    {
        await CommitAsync(Row(0, 1e5), Row(60, 1e5));

        (await AggregateAsync(An.Datastream(aggregation: Aggregation.EnergyMean), 0, 120, 120))[0].Value.ShouldBe(1e5);
    }

    [Theory]
    [InlineData(Aggregation.Max, 7.0)]
    [InlineData(Aggregation.Sum, 10.0)]
    [InlineData(Aggregation.Mean, 10.0 / 3)]
    [InlineData(Aggregation.None, null)]
    public async Task Aggregate_ByKind_GivesItsValue(Aggregation aggregation, double? expected)
    {
        await CommitAsync(Row(0, 7), Row(1, 1), Row(2, 2));

        (await AggregateAsync(An.Datastream(intervalSeconds: 1, aggregation: aggregation), 0, 3, 3)).ShouldHaveSingleItem().Value.ShouldBe(expected);
    }

    [Fact]
    public async Task Aggregate_DisqualifiedResults_CountOnlyAsDisqualified()
    {
        await CommitAsync(
            Row(0, 5), Row(60, 100, ResultQuality.OutOfRange), Row(120, 100, ResultQuality.Maintenance), Row(180, 100, ResultQuality.Fault),
            Row(240, 7, ResultQuality.ClockSuspect), Row(600, 100, ResultQuality.Fault));

        var aggregates = await AggregateAsync(An.Datastream(intervalSeconds: 60), 0, 900, 300);
        aggregates[0].Value.ShouldBe(6);
        aggregates[0].Max.ShouldBe(7);
        aggregates[0].Count.ShouldBe(2);
        aggregates[0].Disqualified.ShouldBe(3);
        aggregates[0].Completeness.ShouldBe(0.4);
        aggregates[1].Value.ShouldBeNull();
        aggregates[1].Count.ShouldBe(0);
        aggregates[1].Disqualified.ShouldBe(1);
        aggregates[1].Completeness.ShouldBe(0);
    }

    [Fact]
    public async Task Aggregate_IrregularDatastream_HasUnknownCompleteness()
    {
        await CommitAsync(Row(0, 5));

        (await AggregateAsync(An.Datastream(intervalSeconds: null), 0, 60, 60))[0].Completeness.ShouldBeNull();
    }

    [Fact]
    public async Task Aggregate_TwoResultsInOneSlot_FillNoOtherSlot()
    {
        await CommitAsync(Row(0, 1), Row(5, 1), Row(10, 1), Row(60, 1));

        (await AggregateAsync(An.Datastream(intervalSeconds: 60), 0, 240, 240))[0].Completeness.ShouldBe(0.5);
    }

    [Fact]
    public async Task Aggregate_JitterAroundAnyPhase_MakesNoHole()
    {
        await CommitAsync(Row(29.9, 1), Row(90.2, 1), Row(149.6, 1), Row(210.1, 1), Row(269.8, 1));

        (await AggregateAsync(An.Datastream(intervalSeconds: 60), 0, 300, 300))[0].Completeness.ShouldBe(1);
    }

    [Fact]
    public async Task Aggregate_Categories_AreCountedOnly()
    {
        await CommitAsync(An.Category("d1/cam", 0, "crane"), An.Category("d1/cam", 9, "none"));

        var bucket = (await AggregateAsync(An.Datastream(name: "cam", intervalSeconds: null, aggregation: Aggregation.None), 0, 60, 60)).ShouldHaveSingleItem();
        bucket.Count.ShouldBe(2);
        bucket.Value.ShouldBeNull();
        bucket.Min.ShouldBeNull();
    }

    [Fact]
    public async Task Aggregate_SameResultsInAnotherOrderOfArrival_GivesTheSameBits()
    {
        var rows = Enumerable.Range(0, 500).Select(i => (Second: (double)i, Value: Math.Sin(i) * 1e6 / (i + 1))).ToArray();
        await CommitAsync([.. rows.Select(r => An.Observation("d1/pm10", r.Second, r.Value))]);
        await CommitAsync([.. rows.Reverse().Select(r => An.Observation("d2/pm10", r.Second, r.Value))]);

        foreach (var aggregation in new[] { Aggregation.Mean, Aggregation.Sum, Aggregation.EnergyMean })
        {
            var one = await AggregateAsync(An.Datastream("d1", "pm10", 1, aggregation), 0, 500, 250);
            var other = await AggregateAsync(An.Datastream("d2", "pm10", 1, aggregation), 0, 500, 250);
            one.ShouldBe(other);
        }
    }

    [Fact]
    public async Task Reading_WhileOthersCommit_SeesGaplessSequences()
    {
        var writing = Task.WhenAll(Enumerable.Range(0, 4).Select(sender => Task.Run(
            async () =>
            {
                for (var i = 0; i < 50; i++)
                {
                    await CommitAsync(An.Observation($"d{sender}/x", i), An.Observation($"d{sender}/y", i));
                }
            },
            Cancellation)));
        long after = 0;
        while (after < 400)
        {
            foreach (var observation in await Store.ReadAfterAsync(after, 37, Cancellation))
            {
                observation.Sequence.ShouldBe(++after);
            }
        }

        await writing.Within("the writers end");
        (await Store.LastSequenceAsync(Cancellation)).ShouldBe(400);
    }

    private static DateTimeOffset At(double seconds) => An.Epoch.AddSeconds(seconds);

    private static Observation Row(double seconds, double value, ResultQuality quality = ResultQuality.Good) =>
        An.Observation("d1/pm10", seconds, value, quality);

    private Task<CommitReceipt> CommitAsync(params IReadOnlyList<Observation> observations) =>
        Store.CommitAsync(ObservationBatch.Of(observations), Cancellation);

    private Task<IReadOnlyList<ObservationAggregate>> AggregateAsync(Datastream datastream, double from, double to, double bucket) =>
        Store.AggregateAsync(datastream, At(from), At(to), TimeSpan.FromSeconds(bucket), Cancellation);
}
