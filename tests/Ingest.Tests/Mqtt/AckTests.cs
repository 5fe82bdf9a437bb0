using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Tests.Fakes;
using MQTTnet;
using MQTTnet.Formatter;

namespace Monitoring.Ingest.Tests.Mqtt;

/// <summary>The promise at the door: an ack is written after the durable commit and never otherwise.</summary>
public sealed class AckTests
{
    private static byte[] PubAck(int id) => [0x40, 2, (byte)(id >> 8), (byte)id];

    [Fact]
    public async Task Publish_CommitStillRunning_AckIsHeldAndPingIsAnswered()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        door.Store.Hold();

        await device.PublishAsync("devices/d1/obs", Payload.Pm10(0), 7);
        await door.Store.CalledAsync(1);
        await device.PingAsync();

        // The ping's answer comes first although the publish was sent first: nothing was written for the publish.
        (await device.ReadAsync()).ShouldBe([0xD0, 0]);
        device.HasBytes.ShouldBeFalse();
        door.Ledger.Pending.ShouldBe(1);

        door.Store.Release();
        (await device.ReadAsync()).ShouldBe(PubAck(7));
        door.Ledger.ShouldSatisfyAllConditions(l => l.Accepted.ShouldBe(1), l => l.Pending.ShouldBe(0), l => l.Balances.ShouldBeTrue());
    }

    [Fact]
    public async Task Publish_WindowOf64DuringOneCommit_AllReachTheStoreAndAcksFollowInOrder()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        door.Store.Hold();

        for (var i = 1; i <= 64; i++)
            await device.PublishAsync("devices/d1/obs", Payload.Pm10(i), (ushort)i);

        // All 64 are in the store's hands at once: the connection does not wait for one commit before it reads the next message.
        await door.Store.CalledAsync(64).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        device.HasBytes.ShouldBeFalse();

        door.Store.Release();
        for (var i = 1; i <= 64; i++)
            (await device.ReadAsync()).ShouldBe(PubAck(i));
        door.Store.Stored.Count.ShouldBe(64);
    }

    [Fact]
    public async Task Publish_CommitFails_ConnectionClosesWithoutAckAndResendCountsOnce()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        door.Store.Failure = "the disk is full";
        using (var device = await RawClient.ConnectAsync(door.Port, "d1"))
        {
            await device.PublishAsync("devices/d1/obs", Payload.Pm10(0), 1);
            (await device.ReadAsync()).ShouldBeEmpty();
        }

        door.Ledger.ShouldSatisfyAllConditions(l => l.Returned.ShouldBe(1), l => l.Accepted.ShouldBe(0), l => l.Balances.ShouldBeTrue());
        (await door.Log.ContainsAsync("the disk is full")).ShouldNotBeEmpty();

        door.Store.Failure = null;
        using var again = await RawClient.ConnectAsync(door.Port, "d1");
        await again.PublishAsync("devices/d1/obs", Payload.Pm10(0), 1, again: true);
        (await again.ReadAsync()).ShouldBe(PubAck(1));
        door.Store.Stored.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Publish_SecondOfThreeCommitsFails_OnlyTheFirstIsAcked()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        door.Store.FailsFor = batch => batch.Observations[0].DeviceSequence == 2;
        door.Store.Hold();
        for (var i = 1; i <= 3; i++)
            await device.PublishAsync("devices/d1/obs", Payload.Pm10(i), (ushort)i);
        await door.Store.CalledAsync(3);
        door.Store.Release();

        (await device.ReadAsync()).ShouldBe(PubAck(1));
        (await device.ReadAsync()).ShouldBeEmpty();
        door.Ledger.Balances.ShouldBeTrue();
    }

    [Fact]
    public async Task Publish_CommitFailsForVersion5_DisconnectSaysServerBusy()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        door.Store.Failure = "the disk is full";
        var client = await door.ConnectAsync("d1");
        var gone = new TaskCompletionSource<MqttClientDisconnectedEventArgs>();
        client.DisconnectedAsync += e =>
        {
            gone.TrySetResult(e);
            return Task.CompletedTask;
        };

        await Should.ThrowAsync<Exception>(Door.PublishAsync(client, "devices/d1/obs", Payload.Pm10(0)));

        (await gone.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).ReasonString.ShouldContain("the disk is full");
    }

    [Fact]
    public async Task Publish_SentTwice_IsAckedTwiceAndCountedOnce()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        await device.PublishAsync("devices/d1/obs", Payload.Pm10(0), 1);
        await device.PublishAsync("devices/d1/obs", Payload.Pm10(0), 2, again: true);

        (await device.ReadAsync()).ShouldBe(PubAck(1));
        (await device.ReadAsync()).ShouldBe(PubAck(2));
        door.Ledger.ShouldSatisfyAllConditions(l => l.Received.ShouldBe(2), l => l.Accepted.ShouldBe(1), l => l.Duplicates.ShouldBe(1));
    }

    [Fact]
    public async Task Publish_OtherResultForTheSameTime_IsAckedAndCountedAsConflict()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        await device.PublishAsync("devices/d1/obs", Payload.Pm10(0, 71), 1);
        await device.PublishAsync("devices/d1/obs", Payload.Pm10(0, 72), 2);

        (await device.ReadAsync()).ShouldBe(PubAck(1));
        (await device.ReadAsync()).ShouldBe(PubAck(2));
        door.Ledger.Rejected[DeadLetterReason.Conflict].ShouldBe(1);
        door.Ledger.Balances.ShouldBeTrue();
    }

    [Fact]
    public async Task Publish_QualityTwo_RecIsHeldUntilCommitAndCompFollowsRelease()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        door.Store.Hold();
        await device.PublishAsync("devices/d1/obs", Payload.Pm10(0), 9, quality: 2);
        await door.Store.CalledAsync(1);
        await device.PingAsync();
        (await device.ReadAsync()).ShouldBe([0xD0, 0]);
        device.HasBytes.ShouldBeFalse();

        door.Store.Release();
        (await device.ReadAsync()).ShouldBe([0x50, 2, 0, 9]);
        await device.SendAsync(0x62, [0, 9]);
        (await device.ReadAsync()).ShouldBe([0x70, 2, 0, 9]);
        door.Store.Stored.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Publish_QualityZero_IsStoredWithoutAck()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        await device.PublishAsync("devices/d1/obs", Payload.Pm10(0), 0, quality: 0);
        await door.Store.CalledAsync(1);
        await device.PingAsync();
        (await device.ReadAsync()).ShouldBe([0xD0, 0]);
        device.HasBytes.ShouldBeFalse();
    }

    [Fact]
    public async Task Publish_MoreThanTheWindow_ConnectionIsNotReadOnUntilAcksAreOut()
    {
        await using var door = await Door.OpenAsync(o => o with { MaxInFlight = 4 });
        door.Devices.Add("d1");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        door.Store.Hold();
        for (var i = 1; i <= 10; i++)
            await device.PublishAsync("devices/d1/obs", Payload.Pm10(i), (ushort)i);
        await door.Store.CalledAsync(4);
        door.Ledger.Received.ShouldBe(4);

        door.Store.Release();
        for (var i = 1; i <= 10; i++)
            (await device.ReadAsync()).ShouldBe(PubAck(i));
    }

    [Fact]
    public async Task Publish_FromTakenOverConnection_AcksGoToTheConnectionThatSent()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        door.Store.Hold();

        // Not a clean session: MQTTnet hands the old session to the new connection.
        using var old = await RawClient.ConnectAsync(door.Port, "d1", flags: 0xC0);
        await old.PublishAsync("devices/d1/obs", Payload.Pm10(1), 1);
        await door.Store.CalledAsync(1);
        using var fresh = await RawClient.OpenAsync(door.Port);
        await fresh.SendAsync(0x10, [0, 4, .. "MQTT"u8, 4, 0xC0, 0, 0, .. RawClient.Field("d1"), .. RawClient.Field("d1"), .. RawClient.Field("secret-of-device")]);
        (await fresh.ReadAsync())[0].ShouldBe((byte)0x20);
        await fresh.PublishAsync("devices/d1/obs", Payload.Pm10(2), 2);
        await door.Store.CalledAsync(2);
        door.Store.Release();

        // The new connection gets the ack of its own message and no other one.
        (await fresh.ReadAsync()).ShouldBe(PubAck(2));
        await fresh.PingAsync();
        (await fresh.ReadAsync()).ShouldBe([0xD0, 0]);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task Publish_FromMqttNetClient_IsStoredWithItsThreeTimes(MqttProtocolVersion version)
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        var client = await door.ConnectAsync("d1", version: version);

        var result = await Door.PublishAsync(
            client,
            "devices/d1/obs",
            """{"seq":1,"observations":[{"datastream":"pm10","time":"2026-05-01T08:00:00.123456+08:00","resultTime":"2026-05-01T00:00:01Z","result":71.5}]}""");

        result.IsSuccess.ShouldBeTrue();
        var stored = door.Store.Stored.ShouldHaveSingleItem();
        stored.DatastreamId.ShouldBe("d1/pm10");
        stored.PhenomenonTime.ShouldBe(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(1234560));
        stored.ResultTime.ShouldBe(new DateTimeOffset(2026, 5, 1, 0, 0, 1, TimeSpan.Zero));
        stored.Result.Number.ShouldBe(71.5);
        stored.DeviceSequence.ShouldBe(1);
    }
}
