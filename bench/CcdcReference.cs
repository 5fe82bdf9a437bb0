using System.Diagnostics;
using System.Formats.Tar;
using System.Text.Json;

namespace Monitoring.Bench;

/// <summary>
/// The published Python implementation of CCDC as a peer: a checkout or git directory of lcmap-pyccd named by <c>MONITORING_PYCCD</c>, run by
/// <c>MONITORING_PYTHON</c> (the system's Python when not set) with NumPy, SciPy and scikit-learn. What it finds must be what the data folder says
/// it finds, or it is not the same program and no figure counts.
/// </summary>
internal static class CcdcReference
{
    private const string Release = "v2018.10.17";
    private const int Repeats = 7;

    /// <summary>Largest relative difference of a number that is still the same: what another build of the linear algebra makes.</summary>
    private const double Same = 1e-6;

    /// <param name="Seconds">Of the fastest repeat of each series, by file name.</param>
    /// <param name="Difference">Largest relative difference of a number from those of the data folder.</param>
    public sealed record Measured(string Algorithm, string Versions, IReadOnlyDictionary<string, double> Seconds, double Difference);

    /// <returns>Null when no checkout is named.</returns>
    /// <exception cref="InvalidOperationException">It cannot be run, or finds something else.</exception>
    public static async Task<Measured?> RunAsync(string data, IReadOnlyList<string> series, CancellationToken cancellationToken)
    {
        using var found = await FindAsync([.. series.Select(s => Path.Combine(data, s))], "plain", Repeats, cancellationToken);
        if (found is null)
        {
            return null;
        }

        using var expected = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(data, "ccdc_reference.json"), cancellationToken));
        var (seconds, difference) = (new Dictionary<string, double>(StringComparer.Ordinal), 0.0);
        foreach (var name in series)
        {
            var one = found.RootElement.GetProperty("series").GetProperty(name);
            if (one.TryGetProperty("error", out var error))
            {
                throw new InvalidOperationException($"The reference fails on {name}: {error}");
            }

            seconds[name] = one.GetProperty("seconds").EnumerateArray().Min(s => s.GetDouble());
            difference = Math.Max(difference, Difference(expected.RootElement.GetProperty("series").GetProperty(name), one.GetProperty("models"), name));
        }

        return new(found.RootElement.GetProperty("algorithm").GetString()!, found.RootElement.GetProperty("versions").GetString()!, seconds, difference);
    }

    /// <summary>What it says of series in files.</summary>
    /// <param name="files">A line per observation: day, seven bands, quality.</param>
    /// <param name="how"><c>plain</c>, <c>moved</c> or <c>defined</c>: see <c>ccdc_reference.py</c>.</param>
    /// <param name="repeats">Times that each is run.</param>
    /// <returns>Null when no checkout is named.</returns>
    /// <exception cref="InvalidOperationException">It cannot be run.</exception>
    public static async Task<JsonDocument?> FindAsync(IReadOnlyList<string> files, string how, int repeats, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("MONITORING_PYCCD") is not { Length: > 0 } source)
        {
            return null;
        }

        using var scratch = new ScratchFolder();
        var package = Directory.Exists(Path.Combine(source, "ccd")) ? source : await UnpackAsync(source, scratch.Path, cancellationToken);
        var python = Environment.GetEnvironmentVariable("MONITORING_PYTHON") ?? (File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3");
        return JsonDocument.Parse(await SayAsync(
            python, ["-B", Path.Combine(Repository.Root(), "bench", "ccdc_reference.py"), package, $"{repeats}", how, .. files], cancellationToken));
    }

    private static async Task<string> UnpackAsync(string git, string folder, CancellationToken cancellationToken)
    {
        var archive = Path.Combine(folder, "ccd.tar");
        await SayAsync("git", ["-C", git, "archive", "-o", archive, Release, "ccd"], cancellationToken);
        await TarFile.ExtractToDirectoryAsync(archive, folder, overwriteFiles: false, cancellationToken);
        return folder;
    }

    private static async Task<string> SayAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode == 0 ? await said : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await complained}");
    }

    /// <summary>Largest relative difference of a number in what the data folder names; whatever it does not name is not compared.</summary>
    private static double Difference(JsonElement expected, JsonElement found, string where)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                return expected.EnumerateObject().Max(p => Difference(p.Value, found.GetProperty(p.Name), $"{where}, {p.Name}"));
            case JsonValueKind.Array when expected.GetArrayLength() == found.GetArrayLength():
                return expected.EnumerateArray().Zip(found.EnumerateArray()).Select((p, i) => Difference(p.First, p.Second, $"{where}[{i}]")).DefaultIfEmpty().Max();
            case JsonValueKind.Number:
                var (a, b) = (expected.GetDouble(), found.GetDouble());
                var difference = a == b ? 0 : Math.Abs(a - b) / Math.Max(Math.Abs(a), Math.Abs(b));
                return difference <= Same ? difference : throw Other();
            default:
                return expected.GetRawText() == found.GetRawText() ? 0 : throw Other();
        }

        InvalidOperationException Other() => new($"The reference does not find what the data folder says it finds: {where} is {found} and not {expected}.");
    }
}
