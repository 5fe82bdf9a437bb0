using System.Diagnostics;
using System.Text;

namespace Monitoring.TestKit;

/// <summary>
/// The built program as a child process over its own data directory and ports chosen by the system, so that it can be killed.
/// Not thread-safe.
/// </summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder output;

    private ServiceProcess(Process process, StringBuilder output, Uri http, int mqttPort) =>
        (this.process, this.output, Http, MqttPort) = (process, output, http, mqttPort);

    /// <summary>Base address of pages and API.</summary>
    public Uri Http { get; }

    public int MqttPort { get; }

    public int ProcessId => process.Id;

    /// <summary>All that it printed so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>The program that was built beside the running tests, in the same configuration.</summary>
    public static string Program(string folder = "src/Host", string name = "monitoring")
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var framework = here.Name;
        var configuration = here.Parent!.Name;
        var root = here;
        while (!File.Exists(Path.Combine(root.FullName, "Monitoring.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("Monitoring.sln is in no folder above the test program.");
        }

        var path = Path.Combine(root.FullName, folder, "bin", configuration, framework, name);
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is not built; build the solution in the configuration of the tests.");
    }

    /// <summary>Starts <c>monitoring serve</c> and waits until it says where it listens.</summary>
    /// <param name="data">Data directory.</param>
    /// <param name="wrapper">A command to run it under, for example strace with its options; empty for none.</param>
    /// <exception cref="InvalidOperationException">It ended before it listened; the message holds what it printed.</exception>
    public static async Task<ServiceProcess> StartAsync(string data, CancellationToken cancellationToken, params string[] wrapper)
    {
        var addressFile = Path.Combine(data, "address");
        Directory.CreateDirectory(data);
        File.Delete(addressFile);
        string[] command = [.. wrapper, Program(), "serve", "--data", data, "--http-port", "0", "--mqtt-port", "0", "--address-file", addressFile];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var output = new StringBuilder();
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        void Take(string? line)
        {
            if (line is null)
            {
                return;
            }

            lock (output)
            {
                output.AppendLine(line);
            }

            // The last thing that serve prints when all doors are open; the address file is complete by then.
            if (line.StartsWith("listening ", StringComparison.Ordinal))
            {
                listening.TrySetResult();
            }
        }

        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException("The service ended before it listened."));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await listening.Task.WaitAsync(cancellationToken);
        }
        catch (Exception fault)
        {
            process.Kill(entireProcessTree: true);
            string printed;
            lock (output)
            {
                printed = output.ToString();
            }

            throw new InvalidOperationException($"{fault.Message} It printed:\n{printed}", fault);
        }

        var lines = await File.ReadAllLinesAsync(addressFile, cancellationToken);
        return new ServiceProcess(process, output, new Uri(lines[0]), int.Parse(lines[1].Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Runs a command of the program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program(), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var standard = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await standard + await error);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits for the clean end.</summary>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }
}
