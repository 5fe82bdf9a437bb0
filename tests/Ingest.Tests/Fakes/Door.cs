using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Domain.Events;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Mqtt;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Monitoring.Ingest.Tests.Fakes;

/// <summary>The MQTT door on Kestrel at a port of the system's choice, with a store in memory behind it.</summary>
internal sealed class Door : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<IMqttClient> _clients = [];

    private Door(WebApplication app, MemoryStore store, MemoryDevices devices, MemoryBus bus, LogLines log) =>
        (_app, Store, Devices, Bus, Log) = (app, store, devices, bus, log);

    public MemoryStore Store { get; }

    public MemoryDevices Devices { get; }

    public MemoryBus Bus { get; }

    public LogLines Log { get; }

    public int Port => _app.Services.GetRequiredService<MqttDoor>().EndPoints[0].Port;

    public LedgerSnapshot Ledger => _app.Services.GetRequiredService<IIngestLedger>().Snapshot();

    public T Service<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<Door> OpenAsync(Func<MqttDoorOptions, MqttDoorOptions>? mqtt = null, TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var (store, devices, bus, log) = (new MemoryStore(), new MemoryDevices(), new MemoryBus(), new LogLines());
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton<IObservationStore>(store);
        builder.Services.AddSingleton<IDeviceRegister>(devices);
        builder.Services.AddSingleton<IEventBus>(bus);
        builder.Services.AddSingleton(clock ?? new FakeTimeProvider(Payload.Start.AddDays(1)));
        var options = new MqttDoorOptions { Port = 0 };
        builder.Services.AddIngest(new IngestOptions { Mqtt = mqtt?.Invoke(options) ?? options });
        builder.Services.AddSingleton<Microsoft.Extensions.Hosting.IHostedService, MqttServerLoop>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(MqttDoor.Configure);
        var app = builder.Build();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new Door(app, store, devices, bus, log);
    }

    public async Task<IMqttClient> ConnectAsync(
        string id, string secret = "secret-of-device", MqttProtocolVersion version = MqttProtocolVersion.V500, Action<MqttClientOptionsBuilder>? more = null)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        _clients.Add(client);
        await client.ConnectAsync(Options(id, secret, version, more), TestContext.Current.CancellationToken);
        return client;
    }

    public static Task<MqttClientPublishResult> PublishAsync(
        IMqttClient client, string topic, string payload, MqttQualityOfServiceLevel quality = MqttQualityOfServiceLevel.AtLeastOnce) =>
        client.PublishStringAsync(topic, payload, quality, cancellationToken: TestContext.Current.CancellationToken);

    public MqttClientOptions Options(string id, string secret, MqttProtocolVersion version, Action<MqttClientOptionsBuilder>? more = null)
    {
        var options = new MqttClientOptionsBuilder().WithTcpServer(IPAddress.Loopback.ToString(), Port).WithClientId(id).WithCredentials(id, secret)
            .WithProtocolVersion(version).WithTimeout(TimeSpan.FromSeconds(30));
        more?.Invoke(options);
        return options.Build();
    }

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Store.Release();
        foreach (var client in _clients)
            client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}

/// <summary>Collects log lines and signals when one contains a text.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(string Part, TaskCompletionSource<string> Found)> _waiting = [];

    public IReadOnlyList<string> All
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    public Task<string> ContainsAsync(string part)
    {
        lock (_gate)
        {
            if (_lines.Find(l => l.Contains(part, StringComparison.Ordinal)) is { } line)
                return Task.FromResult(line);
            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((part, found));
            return found.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var line = $"{logLevel}: {formatter(state, exception)}";
        lock (_gate)
        {
            _lines.Add(line);
            foreach (var (part, found) in _waiting.Where(w => line.Contains(w.Part, StringComparison.Ordinal)))
                found.TrySetResult(line);
        }
    }

    public void Dispose()
    {
    }
}
