using System.Net;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Domain.Events;
using Monitoring.Ingest.Mqtt;
using Monitoring.Ingest.Tests.Fakes;
using MQTTnet;
using MQTTnet.Formatter;

namespace Monitoring.Ingest.Tests.Mqtt;

/// <summary>What one device or one stranger can do to the others.</summary>
public sealed class QuotaTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] PubAck(int id) => [0x40, 2, (byte)(id >> 8), (byte)id];

    [Fact]
    public async Task Publish_FasterThanTheQuota_IsReadMoreSlowlyAndNothingIsLost()
    {
        var clock = new TellingClock(Payload.Start.AddDays(1));
        await using var door = await Door.OpenAsync(o => o with { MessagesPerSecond = 1, MessageBurst = 3 }, clock);
        door.Devices.Add("d1");
        door.Devices.Add("d2");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        using var other = await RawClient.ConnectAsync(door.Port, "d2");
        for (var i = 1; i <= 5; i++)
            await device.PublishAsync("devices/d1/obs", Payload.Pm10(i), (ushort)i);

        for (var i = 1; i <= 3; i++)
            (await device.ReadAsync()).ShouldBe(PubAck(i));
        (await door.Log.ContainsAsync("read more slowly")).ShouldContain("d1");
        door.Store.Stored.Count.ShouldBe(3);

        // Only the one that sends too much waits.
        await other.PublishAsync("devices/d2/obs", Payload.Pm10(1), 1);
        (await other.ReadAsync()).ShouldBe(PubAck(1));

        for (var i = 4; i <= 5; i++)
        {
            // No pause is longer than what is advanced. It may begin after an advance: then the clock says that somebody waits, and time goes on.
            var ack = device.ReadAsync();
            while (!ack.IsCompleted)
            {
                var waits = clock.NextTimer;
                clock.Advance(TimeSpan.FromSeconds(2));
                await Task.WhenAny(ack, waits);
            }

            (await ack).ShouldBe(PubAck(i));
        }

        door.Store.Stored.Count.ShouldBe(6);
    }

    [Fact]
    public async Task Publish_SlowedDeviceIsCutOff_EndsWithoutWaitingForItsPause()
    {
        await using var door = await Door.OpenAsync(o => o with { MessagesPerSecond = 1, MessageBurst = 1 });
        door.Devices.Add("d1");
        var handler = door.Service<DeviceConnectionHandler>();
        using (var device = await RawClient.ConnectAsync(door.Port, "d1"))
        {
            await device.PublishAsync("devices/d1/obs", Payload.Pm10(1), 1);
            await device.PublishAsync("devices/d1/obs", Payload.Pm10(2), 2);
            await door.Log.ContainsAsync("read more slowly");
        }

        await handler.UntilAsync(static n => n == 0);
    }

    [Fact]
    public void Quota_DefaultsAfterAnOutage_LetAWeekOfBufferedDataPass()
    {
        var quota = new DeviceQuota(new MqttDoorOptions(), new FakeTimeProvider(Payload.Start));

        // Four results a minute, kept for a week, each in a message of its own of 250 bytes, all at once.
        for (var i = 0; i < 7 * 24 * 60 * 4; i++)
            quota.Take(250).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Quota_BytesAndRefusals_PauseByWhatIsOwedAndAtMostTenSeconds()
    {
        var clock = new FakeTimeProvider(Payload.Start);
        var quota = new DeviceQuota(new MqttDoorOptions { BytesPerSecond = 30_000, ByteBurst = 60_000, RefusedPerSecond = 10, RefusedBurst = 10 }, clock);
        quota.Take(60_000).ShouldBe(TimeSpan.Zero);
        quota.Take(15_000).ShouldBe(TimeSpan.FromSeconds(0.5));
        clock.Advance(TimeSpan.FromSeconds(2));
        quota.Refused(30);
        quota.Take(100).ShouldBe(TimeSpan.FromSeconds(2));
        quota.Refused(100_000);
        quota.Take(100).ShouldBe(TimeSpan.FromSeconds(10));
        clock.Advance(TimeSpan.FromSeconds(10));
        quota.Take(100).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Conflicts_OfADevice_CountAgainstItsQuota()
    {
        await using var door = await Door.OpenAsync(o => o with { RefusedPerSecond = 1, RefusedBurst = 1 });
        door.Devices.Add("d1");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        for (var i = 1; i <= 4; i++)
        {
            await device.PublishAsync("devices/d1/obs", Payload.Pm10(0, result: i), (ushort)i);
            if (i < 4)
                (await device.ReadAsync()).ShouldBe(PubAck(i));
        }

        (await door.Log.ContainsAsync("read more slowly")).ShouldContain("d1");
    }

    [Fact]
    public async Task Publish_OneDeviceHoldsItsShareOfBytes_OthersArePassed()
    {
        await using var door = await Door.OpenAsync(o => o with { MaxPacketBytes = 64 * 1024, MaxBytesInFlight = 128 * 1024, MaxBytesInFlightPerDevice = 64 * 1024 });
        door.Devices.Add("d1");
        door.Devices.Add("d2");
        using var greedy = await RawClient.ConnectAsync(door.Port, "d1");
        using var other = await RawClient.ConnectAsync(door.Port, "d2");
        door.Store.Hold();
        var large = Payload.Pm10(1) + new string(' ', 60_000);
        for (var i = 1; i <= 3; i++)
            await greedy.PublishAsync("devices/d1/obs", large, (ushort)i);
        await door.Store.CalledAsync(1).WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        await other.PublishAsync("devices/d2/obs", large, 1);
        await door.Store.CalledAsync(2).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        door.Service<DoorServices>().QuotaOf("d2").InFlight.Held.ShouldBeGreaterThan(60_000);
        door.Service<DoorServices>().QuotaOf("d1").InFlight.Held.ShouldBeLessThan(65_000);
    }

    [Fact]
    public async Task Subscribe_ThousandsOfForeignTopics_EndsTheConnectionWithOneLine()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        byte[] filters = [.. Enumerable.Range(0, 10_000).SelectMany(i => (byte[])[.. RawClient.Field($"other/{i}"), 0])];
        await device.SendAsync(0x82, [0, 1, .. filters]);
        (await device.ReadAsync()).ShouldBeEmpty();
        (await door.Log.ContainsAsync("topics at once")).ShouldContain("10000");

        // A few at a time: told once a connection.
        using var again = await RawClient.ConnectAsync(door.Port, "d1");
        for (var i = 1; i <= 5; i++)
        {
            await again.SendAsync(0x82, [0, (byte)i, .. RawClient.Field("other/1"), 0]);
            (await again.ReadAsync()).ShouldNotBeEmpty();
        }

        door.Log.All.Count(l => l.Contains("may not subscribe", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Connect_SilentSocketsOfOneAddress_DoNotCountBeyondItsShareAndNoDeviceThatIsIn()
    {
        await using var door = await Door.OpenAsync(o => o with { MaxUnknownConnectionsPerAddress = 2 });
        for (var i = 0; i < 4; i++)
            door.Devices.Add($"d{i}");

        // Who is in does not count: more devices than the share connect one after the other.
        var clients = new List<IMqttClient>();
        for (var i = 0; i < 3; i++)
            clients.Add(await door.ConnectAsync($"d{i}"));
        using var first = await RawClient.OpenAsync(door.Port);
        using var second = await RawClient.OpenAsync(door.Port);
        var handler = door.Service<DeviceConnectionHandler>();
        await handler.UntilAsync(static n => n == 5);
        try
        {
            using var third = await RawClient.OpenAsync(door.Port);
            (await third.ReadAsync()).ShouldBeEmpty();
        }
        catch (System.Net.Sockets.SocketException reset)
        {
            reset.SocketErrorCode.ShouldBe(System.Net.Sockets.SocketError.ConnectionReset);
        }

        // A place that is left can be taken again.
        first.Dispose();
        await handler.UntilAsync(static n => n == 4);
        clients.Add(await door.ConnectAsync("d3"));
        clients.ShouldAllBe(c => c.IsConnected);
    }

    [Fact]
    public async Task Connect_StrangerGuessesFromTheSameAddress_OthersStillGetIn()
    {
        await using var door = await Door.OpenAsync(o => o with { RefusedAttemptsPerMinute = 2, RefusedAttemptsPerMinuteOfAddress = 5 });
        foreach (var id in new[] { "d1", "d2", "d3" })
            door.Devices.Add(id);
        (await door.ConnectAsync("d2")).Dispose();
        foreach (var id in new[] { "d1", "d1" })
            (await ConnectAsync(door, id, "a-wrong-secret")).ShouldBe(MqttClientConnectResultCode.BadUserNameOrPassword);

        // The id that was guessed at is closed, another one of the address is not.
        (await ConnectAsync(door, "d1", "secret-of-device")).ShouldBe(MqttClientConnectResultCode.ConnectionRateExceeded);
        (await ConnectAsync(door, "d3", "secret-of-device")).ShouldBe(MqttClientConnectResultCode.Success);

        // The address is used up: who was right before gets in all the same.
        for (var i = 0; i < 3; i++)
            (await ConnectAsync(door, $"guess-{i}", "a-wrong-secret")).ShouldBe(MqttClientConnectResultCode.BadUserNameOrPassword);
        (await ConnectAsync(door, "guess-3", "a-wrong-secret")).ShouldBe(MqttClientConnectResultCode.ConnectionRateExceeded);
        (await ConnectAsync(door, "d2", "secret-of-device")).ShouldBe(MqttClientConnectResultCode.Success);
        (await ConnectAsync(door, "d2", "a-wrong-secret")).ShouldBe(MqttClientConnectResultCode.ConnectionRateExceeded);
    }

    [Fact]
    public void AttemptLimiter_ManyAtOnce_AreTakenBeforeTheirSecretIsLookedAt()
    {
        var limiter = new AttemptLimiter(3, 3, new FakeTimeProvider(Payload.Start));
        var address = IPAddress.Parse("192.0.2.1");

        // None of them has an answer yet.
        Enumerable.Range(0, 10).Count(_ => limiter.TryTake(address, "d1")).ShouldBe(3);
        limiter.GiveBack(address, "d1");
        limiter.TryTake(address, "d1").ShouldBeTrue();
        limiter.TryTake(address, "d1").ShouldBeFalse();
    }

    [Theory]
    [InlineData("same /64", "2001:db8::1", "2001:db8::ffff:1", true)]
    [InlineData("other /64", "2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("mapped", "192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("other host", "192.0.2.1", "192.0.2.2", false)]
    public void AddressBlock_IsOneHostsShare(string row, string one, string other, bool same)
    {
        row.ShouldNotBeEmpty();
        AddressBlock.Of(IPAddress.Parse(one)).Equals(AddressBlock.Of(IPAddress.Parse(other))).ShouldBe(same);
    }

    [Fact]
    public async Task Register_DisablesADeviceThatSaysNothing_ItsConnectionEnds()
    {
        await using var door = await Door.OpenAsync();
        var device = door.Devices.Add("d1");
        door.Devices.Add("d2");
        using var silent = await RawClient.ConnectAsync(door.Port, "d1");
        var other = await door.ConnectAsync("d2");
        door.Devices.Replace(device with { Device = device.Device with { Enabled = false } });
        door.Bus.Publish(new DevicesChanged());
        (await silent.ReadAsync()).ShouldBeEmpty();
        (await ConnectAsync(door, "d1", "secret-of-device")).ShouldBe(MqttClientConnectResultCode.BadUserNameOrPassword);
        (await Door.PublishAsync(other, "devices/d2/obs", Payload.Pm10(0))).IsSuccess.ShouldBeTrue();
    }

    private static async Task<MqttClientConnectResultCode> ConnectAsync(Door door, string id, string secret)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        return (await client.ConnectAsync(door.Options(id, secret, MqttProtocolVersion.V500), Cancel)).ResultCode;
    }
}
