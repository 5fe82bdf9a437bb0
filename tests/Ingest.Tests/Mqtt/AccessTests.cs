using System.Diagnostics;
using Monitoring.Domain.Events;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Devices;
using Monitoring.Ingest.Tests.Fakes;
using MQTTnet;
using MQTTnet.Formatter;

namespace Monitoring.Ingest.Tests.Mqtt;

/// <summary>Who gets in, what they may do, and what happens to everybody else.</summary>
public sealed class AccessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("unknown device", "nobody", "nobody", "secret-of-device")]
    [InlineData("wrong secret", "d1", "d1", "secret-of-devicf")]
    [InlineData("empty secret", "d1", "d1", "")]
    [InlineData("disabled device", "off", "off", "secret-of-device")]
    [InlineData("user name of another device", "d1", "d2", "secret-of-device")]
    public async Task Connect_NotARegisteredDevice_IsRefusedWithOneSentence(string row, string clientId, string userName, string secret)
    {
        row.ShouldNotBeEmpty();
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        door.Devices.Add("d2");
        door.Devices.Add("off", enabled: false);

        foreach (var version in new[] { MqttProtocolVersion.V311, MqttProtocolVersion.V500 })
        {
            using var client = new MqttClientFactory().CreateMqttClient();
            var options = door.Options(clientId, secret, version, o => o.WithCredentials(userName, secret));
            var code = (await ConnectResultAsync(client, options)).ResultCode;
            code.ShouldBeOneOf(MqttClientConnectResultCode.BadUserNameOrPassword, MqttClientConnectResultCode.NotAuthorized);
        }

        (await door.Log.ContainsAsync($"MQTT connection of {clientId}")).ShouldContain("is refused:");
        door.Ledger.Received.ShouldBe(0);
    }

    [Fact]
    public async Task Connect_ManyRefusedAttemptsFromOneAddress_WaitsForTheNextMinute()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Payload.Start.AddDays(1));
        await using var door = await Door.OpenAsync(o => o with { RefusedAttemptsPerMinute = 3 }, clock);
        door.Devices.Add("d1");
        for (var i = 0; i < 3; i++)
        {
            using var guesser = new MqttClientFactory().CreateMqttClient();
            (await ConnectResultAsync(guesser, door.Options("d1", $"guess-{i}-guess", MqttProtocolVersion.V500))).ResultCode
                .ShouldBe(MqttClientConnectResultCode.BadUserNameOrPassword);
        }

        using var client = new MqttClientFactory().CreateMqttClient();
        (await ConnectResultAsync(client, door.Options("d1", "secret-of-device", MqttProtocolVersion.V500))).ResultCode
            .ShouldBe(MqttClientConnectResultCode.ConnectionRateExceeded);

        clock.Advance(TimeSpan.FromSeconds(21));
        (await ConnectResultAsync(client, door.Options("d1", "secret-of-device", MqttProtocolVersion.V500))).ResultCode
            .ShouldBe(MqttClientConnectResultCode.Success);
    }

    [Theory]
    [InlineData("devices/d2/obs")]
    [InlineData("devices/d1/obs/more")]
    [InlineData("devices/d1/OBS")]
    [InlineData("devices/d10/obs")]
    [InlineData("elsewhere")]
    public async Task Publish_ForeignTopic_IsADeadLetterAndToldToVersion5(string topic)
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        var client = await door.ConnectAsync("d1");

        (await Door.PublishAsync(client, topic, Payload.Pm10(0))).ReasonCode.ShouldBe(MqttClientPublishReasonCode.NotAuthorized);

        var letter = door.Store.Letters.ShouldHaveSingleItem();
        letter.Reason.ShouldBe(DeadLetterReason.ForeignTopic);
        letter.ShouldSatisfyAllConditions(l => l.Address.ShouldBe(topic), l => l.DeviceId.ShouldBe("d1"), l => l.Detail.ShouldContain("devices/d1/obs"));
        door.Store.Stored.ShouldBeEmpty();
        door.Ledger.Rejected[DeadLetterReason.ForeignTopic].ShouldBe(1);
    }

    [Theory]
    [InlineData("#", false)]
    [InlineData("devices/+/obs", false)]
    [InlineData("devices/d2/#", false)]
    [InlineData("devices/d1", false)]
    [InlineData("$SYS/#", false)]
    [InlineData("devices/d1/#", true)]
    public async Task Subscribe_OnlyBelowTheOwnTopic(string filter, bool granted)
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        foreach (var version in new[] { MqttProtocolVersion.V311, MqttProtocolVersion.V500 })
        {
            var client = await door.ConnectAsync("d1", version: version);
            MqttClientSubscribeResultCode code;
            try
            {
                code = (await client.SubscribeAsync(filter, cancellationToken: Cancel)).Items.Single().ResultCode;
            }
            catch (MQTTnet.Exceptions.MqttCommunicationException refused) when (!granted)
            {
                refused.Message.ShouldNotBeEmpty();
                continue;
            }

            ((int)code < 0x80).ShouldBe(granted, $"{version}: {code}");
        }
    }

    [Fact]
    public async Task Publish_AnotherDeviceIsSubscribed_NothingIsBrokered()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        var client = await door.ConnectAsync("d1");
        var received = 0;
        client.ApplicationMessageReceivedAsync += _ =>
        {
            Interlocked.Increment(ref received);
            return Task.CompletedTask;
        };
        await client.SubscribeAsync("devices/d1/#", cancellationToken: Cancel);
        await Door.PublishAsync(client, "devices/d1/obs", Payload.Pm10(0));
        await client.PingAsync(Cancel);
        received.ShouldBe(0);
    }

    [Fact]
    public async Task Packet_OfHundredMegabytes_IsRefusedAtItsHeaderAndHarmsNothing()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        door.Devices.Add("d2");
        var other = await door.ConnectAsync("d2");
        var before = GC.GetTotalAllocatedBytes(precise: true);
        using (var device = await RawClient.ConnectAsync(door.Port, "d1"))
        {
            // PUBLISH, remaining length 104 857 600: only the header is sent, and the door closes without waiting for more.
            await device.SendRawAsync([0x32, 0x80, 0x80, 0x80, 0x32]);
            (await device.ReadAsync()).ShouldBeEmpty();
        }

        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(10_000_000);
        (await door.Log.ContainsAsync("104857600 bytes")).ShouldContain("d1");
        var letter = door.Store.Letters.ShouldHaveSingleItem();
        letter.ShouldSatisfyAllConditions(
            l => l.Reason.ShouldBe(DeadLetterReason.TooLarge), l => l.PayloadLength.ShouldBe(104_857_600), l => l.Payload.Length.ShouldBe(0));
        door.Ledger.ShouldSatisfyAllConditions(l => l.Rejected[DeadLetterReason.TooLarge].ShouldBe(1), l => l.Balances.ShouldBeTrue());
        (await Door.PublishAsync(other, "devices/d2/obs", Payload.Pm10(0))).IsSuccess.ShouldBeTrue();
    }

    [Theory]
    [InlineData("mqttv311")]
    [InlineData("mqttv5")]
    public async Task MosquittoPub_OfHundredMegabytes_IsRefusedAndTheServerGoesOn(string version)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mosquitto_pub"), "mosquitto_pub is not installed (package mosquitto-clients).");
        using var folder = new TempFolder();
        using (var file = File.Create(folder["large"]))
            file.SetLength(100_000_000);
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");

        var (code, _) = await MosquittoAsync(door.Port, "-V", version, "-i", "d1", "-u", "d1", "-P", "secret-of-device", "-q", "1", "-t", "devices/d1/obs", "-f", folder["large"]);

        // An MQTT 5 client was told the limit in CONNACK and does not even send; mosquitto then ends with 0.
        if (version == "mqttv311")
            code.ShouldNotBe(0);
        door.Store.Stored.ShouldBeEmpty();
        (await MosquittoAsync(door.Port, "-V", version, "-i", "d1", "-u", "d1", "-P", "secret-of-device", "-q", "1", "-t", "devices/d1/obs", "-m", Payload.Pm10(0))).Code.ShouldBe(0);
        door.Store.Stored.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Service_Stops_DevicesAreToldAndNotWaitedFor()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        door.Devices.Add("d2");
        var client = await door.ConnectAsync("d1");
        var gone = new TaskCompletionSource<MqttClientDisconnectReason>();
        client.DisconnectedAsync += e =>
        {
            gone.TrySetResult(e.Reason);
            return Task.CompletedTask;
        };
        using var old = await RawClient.ConnectAsync(door.Port, "d2");

        await door.StopAsync();

        (await gone.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel)).ShouldBe(MqttClientDisconnectReason.ServerShuttingDown);
        (await old.ReadAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Client_ThatAsksWithoutReadingTheAnswers_IsClosed()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        var pings = new byte[64 * 1024];
        for (var i = 0; i < pings.Length; i += 2)
            pings[i] = 0xC0;
        await Should.ThrowAsync<IOException>(async () =>
        {
            for (var i = 0; i < 2000; i++)
                await device.SendRawAsync(pings);
        });
        (await door.Log.ContainsAsync("without reading the answers")).ShouldContain("d1");
    }

    [Fact]
    public async Task Tls_WithACertificate_IsServedBesideThePlainPort()
    {
        using var folder = new TempFolder();
        using var key = System.Security.Cryptography.RSA.Create(2048);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest(
            "CN=localhost", key, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        var pem = folder.Write("server.pem", certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        await using var door = await Door.OpenAsync(o => o with { TlsPort = 0, CertificatePath = pem });
        door.Devices.Add("d1");
        var port = door.Service<Monitoring.Ingest.Mqtt.MqttDoor>().EndPoints[1].Port;

        var client = await door.ConnectAsync("d1", more: o => o.WithTcpServer("127.0.0.1", port).WithTlsOptions(t => t.UseTls().WithCertificateValidationHandler(_ => true)));

        (await Door.PublishAsync(client, "devices/d1/obs", Payload.Pm10(0))).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Packet_OfHundredMegabytesBeforeConnect_IsRefusedAtItsHeader()
    {
        await using var door = await Door.OpenAsync();
        using var stranger = await RawClient.OpenAsync(door.Port);
        await stranger.SendRawAsync([0x10, 0x80, 0x80, 0x80, 0x32]);
        (await stranger.ReadAsync()).ShouldBeEmpty();
        (await door.Log.ContainsAsync("104857600 bytes")).ShouldContain("an unknown client");
    }

    [Theory]
    [InlineData("first packet is no CONNECT", new byte[] { 0xC0, 0 })]
    [InlineData("length over four bytes", new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 1 })]
    [InlineData("HTTP", new byte[] { (byte)'G', (byte)'E', (byte)'T', (byte)' ', (byte)'/', 10 })]
    [InlineData("CONNECT of nonsense", new byte[] { 0x10, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData("protocol level 9", new byte[] { 0x10, 10, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 9, 2, 0, 0 })]
    public async Task Bytes_ThatAreNoMqtt_CloseTheConnection(string row, byte[] bytes)
    {
        row.ShouldNotBeEmpty();
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        using var stranger = await RawClient.OpenAsync(door.Port);
        await stranger.SendRawAsync(bytes);
        (await stranger.ReadAsync()).ShouldBeEmpty();
        (await door.ConnectAsync("d1")).IsConnected.ShouldBeTrue();
    }

    [Fact]
    public async Task Connection_EndsInTheMiddleOfAPacket_IsForgotten()
    {
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");
        using (var device = await RawClient.ConnectAsync(door.Port, "d1"))
            await device.SendRawAsync([0x32, 100, 0, 4]);
        var handler = door.Service<Monitoring.Ingest.Mqtt.DeviceConnectionHandler>();
        await handler.UntilAsync(static n => n == 0);
    }

    [Fact]
    public async Task Connect_MoreThanTheDoorTakes_NewcomerIsClosed()
    {
        await using var door = await Door.OpenAsync(o => o with { MaxConnections = 1 });
        door.Devices.Add("d1");
        var first = await door.ConnectAsync("d1");
        try
        {
            using var second = await RawClient.OpenAsync(door.Port);
            (await second.ReadAsync()).ShouldBeEmpty();
        }
        catch (System.Net.Sockets.SocketException reset)
        {
            // The reset may come before the client knows that it was connected.
            reset.SocketErrorCode.ShouldBe(System.Net.Sockets.SocketError.ConnectionReset);
        }

        (await door.Log.ContainsAsync("connections are open already")).ShouldNotBeEmpty();
        first.IsConnected.ShouldBeTrue();
    }

    [Fact]
    public async Task Register_ChangesWhileConnected_NewDatastreamIsKnownAndDisabledDeviceIsSentAway()
    {
        await using var door = await Door.OpenAsync();
        var before = door.Devices.Add("d1");
        using var device = await RawClient.ConnectAsync(door.Port, "d1");
        const string Tilt = """{"observations":[{"datastream":"tilt","time":"2026-05-01T00:00:00Z","result":1}]}""";
        await device.PublishAsync("devices/d1/obs", Tilt, 1);
        await device.ReadAsync();
        door.Store.Letters.ShouldHaveSingleItem().Reason.ShouldBe(DeadLetterReason.UnknownDatastream);

        var directory = door.Service<DeviceDirectory>();
        var after = door.Devices.Add("d1", more: "tilt");
        door.Devices.Replace(after with { Device = after.Device with { SecretHash = before.Device.SecretHash } });
        await ChangeAsync(door, directory);
        await device.PublishAsync("devices/d1/obs", Tilt, 2);
        await device.ReadAsync();
        door.Store.Stored.ShouldHaveSingleItem().DatastreamId.ShouldBe("d1/tilt");

        door.Devices.Replace(after with { Device = before.Device with { Enabled = false } });
        await ChangeAsync(door, directory);
        await device.PublishAsync("devices/d1/obs", Tilt, 3);
        (await device.ReadAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("mqttv311")]
    [InlineData("mqttv5")]
    public async Task MosquittoPub_PublishesAnObservation_ArrivesInTheStore(string version)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mosquitto_pub"), "mosquitto_pub is not installed (package mosquitto-clients).");
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");

        var (code, _) = await MosquittoAsync(door.Port, "-V", version, "-i", "d1", "-u", "d1", "-P", "secret-of-device", "-q", "1", "-t", "devices/d1/obs", "-m", Payload.Pm10(0));

        code.ShouldBe(0);
        door.Store.Stored.ShouldHaveSingleItem().Result.Number.ShouldBe(71);
    }

    [Fact]
    public async Task MosquittoPub_WrongSecret_IsToldSo()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mosquitto_pub"), "mosquitto_pub is not installed (package mosquitto-clients).");
        await using var door = await Door.OpenAsync();
        door.Devices.Add("d1");

        var (code, error) = await MosquittoAsync(door.Port, "-i", "d1", "-u", "d1", "-P", "no", "-q", "1", "-t", "devices/d1/obs", "-m", Payload.Pm10(0));

        code.ShouldNotBe(0);
        error.ShouldContain("bad user name or password");
    }

    private static Task<MqttClientConnectResult> ConnectResultAsync(IMqttClient client, MqttClientOptions options) => client.ConnectAsync(options, Cancel);

    private static async Task ChangeAsync(Door door, DeviceDirectory directory)
    {
        var version = directory.Version;
        door.Bus.Publish(new DevicesChanged());
        await Signalled.UntilAsync(look => directory.VersionMoved += look, look => directory.VersionMoved -= look, () => directory.Version > version);
    }

    private static async Task<(int Code, string Error)> MosquittoAsync(int port, params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/mosquitto_pub", ["-h", "127.0.0.1", "-p", $"{port}", .. arguments]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, error);
    }
}
