using System.Diagnostics;
using System.Globalization;

namespace Monitoring.TestKit;

/// <summary>
/// A PostgreSQL of its own with PostGIS: a new cluster in a temporary folder, reached over a unix socket in that folder only, ended and
/// removed by <see cref="Dispose"/>. Root may not run it, so under root it runs as the user <c>postgres</c> that the package made.
/// </summary>
public sealed class PostGisServer : IDisposable
{
    private readonly string _folder;
    private readonly Process _server;

    private PostGisServer(string folder, Process server) => (_folder, _server) = (folder, server);

    /// <summary>Why there is none on this machine, in one sentence; null when there is.</summary>
    public static string? Missing =>
        Programs() is null || !Directory.Exists("/usr/share/postgresql") || Directory.GetFiles("/usr/share/postgresql", "postgis.control", SearchOption.AllDirectories).Length == 0
            ? "PostGIS is not installed (Debian and Ubuntu: postgresql-postgis)."
            : Environment.IsPrivilegedProcess && !File.Exists("/usr/bin/setpriv") ? "PostgreSQL does not run as root, and there is no setpriv to run it as another." : null;

    /// <summary>For Npgsql.</summary>
    public string ConnectionString => $"Host={_folder};Username=postgres;Database=postgres;Timeout=30;Command Timeout=0;Max Auto Prepare=0;Include Error Detail=true";

    /// <param name="settings">Server settings, as <c>shared_buffers=1GB</c>.</param>
    public static PostGisServer Start(params IReadOnlyList<string> settings)
    {
        var programs = Programs() ?? throw new InvalidOperationException(Missing);
        var folder = Run("mktemp", ["-d", "/tmp/monitoring-postgis-XXXXXXXX"]).Trim();
        var data = Path.Combine(folder, "data");
        Run(Path.Combine(programs, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        List<string> arguments = ["-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "fsync=off"];
        foreach (var setting in settings)
        {
            arguments.AddRange(["-c", setting]);
        }

        var start = Command(Path.Combine(programs, "postgres"), arguments);
        (start.RedirectStandardError, start.RedirectStandardOutput) = (true, true);
        var server = Process.Start(start)!;
        using var ready = new ManualResetEventSlim();
        var said = new List<string>();
        server.ErrorDataReceived += (_, line) =>
        {
            lock (said)
            {
                said.Add(line.Data ?? "");
            }

            if (line.Data is null || line.Data.Contains("ready to accept connections", StringComparison.Ordinal))
            {
                ready.Set();
            }
        };
        server.BeginErrorReadLine();
        server.BeginOutputReadLine();
        if (!ready.Wait(TimeSpan.FromMinutes(2)) || server.HasExited)
        {
            lock (said)
            {
                throw new InvalidOperationException("PostgreSQL did not start: " + string.Join(" ", said));
            }
        }

        return new(folder, server);
    }

    public void Dispose()
    {
        // SIGINT: a fast shutdown.
        Run("kill", ["-INT", _server.Id.ToString(CultureInfo.InvariantCulture)]);
        if (!_server.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            _server.Kill(entireProcessTree: true);
            _server.WaitForExit();
        }

        _server.Dispose();
        Run("rm", ["-rf", "--", _folder]);
    }

    /// <summary>Folder of the newest installed server's programs.</summary>
    private static string? Programs() =>
        !Directory.Exists("/usr/lib/postgresql") ? null
        : Directory.GetDirectories("/usr/lib/postgresql")
            .Select(d => Path.Combine(d, "bin"))
            .Where(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")))
            .MaxBy(d => double.TryParse(Path.GetFileName(Path.GetDirectoryName(d)), NumberStyles.Float, CultureInfo.InvariantCulture, out var version) ? version : 0);

    private static ProcessStartInfo Command(string program, IReadOnlyList<string> arguments)
    {
        // setpriv becomes the program: the process is the server itself, to be ended by its id.
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("/usr/bin/setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.WorkingDirectory = "/tmp";
        return start;
    }

    private static string Run(string program, IReadOnlyList<string> arguments)
    {
        var start = Command(program, arguments);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors.Result}");
    }
}
