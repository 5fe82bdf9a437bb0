using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Monitoring.Bench;

/// <summary>A mosquitto broker on a free loopback port, ended with this object.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly Process process;

    private Mosquitto(Process process, int port) => (this.process, Port) = (process, port);

    public int Port { get; }

    /// <exception cref="InvalidOperationException">mosquitto is not installed, or it did not start.</exception>
    public static async Task<Mosquitto> StartAsync(string folder, CancellationToken cancellationToken)
    {
        string[] places = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"];
        var program = places.FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("mosquitto is not installed; `apt-get install mosquitto`.");
        var port = FreePort();
        var configuration = Path.Combine(folder, "mosquitto.conf");
        await File.WriteAllTextAsync(configuration,
            $"listener {port} 127.0.0.1\nallow_anonymous true\nuser {Environment.UserName}\npersistence false\nmax_inflight_messages 0\nmax_queued_messages 0\n", cancellationToken);
        // It says that it runs on standard error; what it says later is read too, so that it never waits for a reader.
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = new ProcessStartInfo(program, ["-c", configuration]) { RedirectStandardError = true }, EnableRaisingEvents = true };
        process.Exited += (_, _) => running.TrySetException(new InvalidOperationException("mosquitto ended before it ran."));
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data?.EndsWith(" running", StringComparison.Ordinal) == true)
            {
                running.TrySetResult();
            }
        };
        process.Start();
        process.BeginErrorReadLine();
        await running.Task.WaitAsync(cancellationToken);
        return new Mosquitto(process, port);
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
