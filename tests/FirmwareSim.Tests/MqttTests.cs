using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Monitoring.FirmwareSim.Devices;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Monitoring.FirmwareSim.Tests;

/// <summary>Devices against a real MQTT server in the process, on the machine's clock: nothing here measures time.</summary>
public sealed class MqttTests
{
    [Fact]
    public async Task Fleet_CutAgainAndAgain_TellsEverythingInOrder()
    {
        await using var server = await Server.StartAsync();
        var secrets = Counties.Small.Devices.ToDictionary(d => d.Id, d => "secret of " + d.Id);
        server.Secrets = secrets;
        server.CutEvery = 37;
        var options = new FieldDeviceOptions { OutageShare = 0, LostAckShare = 0.05, Backlog = TimeSpan.FromHours(3), LongestMessage = TimeSpan.FromMinutes(5), FirstBackoff = TimeSpan.FromMilliseconds(20) };
        await using var fleet = new DeviceFleet(Counties.Small, secrets, "127.0.0.1", server.Port, options, TimeProvider.System, TextWriter.Null);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = fleet.RunAsync(stop.Token);
        await server.WaitUntil(() => fleet.Devices.All(d => server.Sequences(d.Id).Count >= 18));
        await stop.CancelAsync();
        await run;

        server.Cuts.ShouldBeGreaterThan(2);
        foreach (var device in fleet.Devices)
        {
            var sequences = server.Sequences(device.Id);
            sequences.ShouldBe(Enumerable.Range(1, sequences.Count).Select(i => (long)i), device.Id);
            var counters = device.Counters;
            counters.Lost.ShouldBe(0);
            counters.Produced.ShouldBe(counters.Acknowledged + counters.Waiting);
            sequences.Count.ShouldBeGreaterThanOrEqualTo((int)counters.Acknowledged);
        }

        server.Conflicts.ShouldBe(0);
        server.Versions.Values.Distinct().Order().ShouldBe([MqttProtocolVersion.V311, MqttProtocolVersion.V500]);
        server.QualityBelowOne.ShouldBe(0);
    }

    [Fact]
    public async Task Device_WrongSecret_IsRefusedAndKeepsItsData()
    {
        await using var server = await Server.StartAsync();
        var profile = Counties.Small.Devices[0];
        server.Secrets = new Dictionary<string, string> { [profile.Id] = "the right one" };
        var log = new SignalLog();
        await using var device = new FieldDevice(
            profile, new DeviceSignals(7, profile, Counties.Today), new LinkPlan(7, profile.Id, 0, 0),
            new MqttDeviceLink(profile, "a wrong one", "127.0.0.1", server.Port),
            new FieldDeviceOptions { Backlog = TimeSpan.FromHours(1), FirstBackoff = TimeSpan.FromMilliseconds(20) }, TimeProvider.System, log);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = device.RunAsync(stop.Token);
        await log.FirstLine;
        await stop.CancelAsync();
        await run;
        server.Sequences(profile.Id).ShouldBeEmpty();
        device.Counters.Waiting.ShouldBeGreaterThan(3);
        device.Counters.Acknowledged.ShouldBe(0);
    }

    [Fact]
    public async Task Device_ServerAway_ComesThroughWhenTheServerDoes()
    {
        var profile = Counties.Small.Devices[1];
        var port = FreePort();
        var log = new SignalLog();
        await using var device = new FieldDevice(
            profile, new DeviceSignals(7, profile, Counties.Today), new LinkPlan(7, profile.Id, 0, 0), new MqttDeviceLink(profile, "s", "127.0.0.1", port),
            new FieldDeviceOptions { Backlog = TimeSpan.FromHours(1), FirstBackoff = TimeSpan.FromMilliseconds(20) }, TimeProvider.System, log);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = device.RunAsync(stop.Token);
        await log.FirstLine;
        await using var server = await Server.StartAsync(port);
        server.Secrets = new Dictionary<string, string> { [profile.Id] = "s" };
        await server.WaitUntil(() => server.Sequences(profile.Id).Count >= 6);
        await stop.CancelAsync();
        await run;
        device.Counters.LinkLosses.ShouldBeGreaterThan(0);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class SignalLog : StringWriter
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task FirstLine => _first.Task;

        public override Task WriteLineAsync(string? value)
        {
            _first.TrySetResult();
            return Task.CompletedTask;
        }
    }

    private sealed class Server : IAsyncDisposable
    {
        private readonly MqttServer _server;
        private readonly ConcurrentDictionary<(string Device, long Sequence), byte[]> _bodies = new();
        private readonly SemaphoreSlim _news = new(0);
        private int _received;
        private int _cuts;

        private Server(MqttServer server, int port) => (_server, Port) = (server, port);

        public int Port { get; }

        public IReadOnlyDictionary<string, string> Secrets { get; set; } = new Dictionary<string, string>();

        public int CutEvery { get; set; }

        public int Cuts => _cuts;

        public int Conflicts { get; private set; }

        public int QualityBelowOne { get; private set; }

        public ConcurrentDictionary<string, MqttProtocolVersion> Versions { get; } = new();

        public static async Task<Server> StartAsync(int? fixedPort = null)
        {
            // The library takes a port, not a socket: another program may take the free one first, so try again.
            for (var attempt = 0; ; attempt++)
            {
                var port = fixedPort ?? FreePort();
                var mqtt = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
                    .WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
                    .WithDefaultEndpointBoundIPV6Address(IPAddress.None).WithDefaultEndpointPort(port).Build());
                var server = new Server(mqtt, port);
                mqtt.ValidatingConnectionAsync += e =>
                {
                    server.Versions[e.ClientId] = e.ProtocolVersion;
                    if (server.Secrets.GetValueOrDefault(e.ClientId) != e.Password || e.UserName != e.ClientId) e.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
                    return Task.CompletedTask;
                };
                mqtt.InterceptingPublishAsync += server.TakeAsync;
                try
                {
                    await mqtt.StartAsync();
                    return server;
                }
                catch (SocketException) when (attempt < 5 && fixedPort is null)
                {
                    mqtt.Dispose();
                }
            }
        }

        public List<long> Sequences(string device) => [.. _bodies.Keys.Where(k => k.Device == device).Select(k => k.Sequence).Order()];

        public async Task WaitUntil(Func<bool> reached)
        {
            while (!reached()) await _news.WaitAsync(TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _server.StopAsync();
            _server.Dispose();
        }

        private async Task TakeAsync(InterceptingPublishEventArgs e)
        {
            e.ProcessPublish = false;
            var count = Interlocked.Increment(ref _received);
            if (CutEvery > 0 && count % CutEvery == 0)
            {
                // The message arrived, the acknowledgement never will.
                Interlocked.Increment(ref _cuts);
                e.CloseConnection = true;
                if (count % (2 * CutEvery) == 0) return;
            }

            var body = e.ApplicationMessage.Payload.ToArray();
            if (e.ApplicationMessage.QualityOfServiceLevel < MqttQualityOfServiceLevel.AtLeastOnce) QualityBelowOne++;
            e.ApplicationMessage.Topic.ShouldBe($"devices/{e.ClientId}/obs");
            using var json = JsonDocument.Parse(body);
            var key = (e.ClientId, json.RootElement.GetProperty("seq").GetInt64());
            if (!_bodies.GetOrAdd(key, body).AsSpan().SequenceEqual(body)) Conflicts++;
            _news.Release();
            await Task.CompletedTask;
        }
    }
}
