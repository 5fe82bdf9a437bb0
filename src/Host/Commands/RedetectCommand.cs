using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Detection.Imagery.Redetect;
using Monitoring.Host.Configuration;
using Monitoring.Host.Local;
using Monitoring.Storage;

namespace Monitoring.Host.Commands;

/// <summary><c>monitoring redetect SCENE…</c>: looks at catalogued scenes again and tells what is otherwise; changes nothing.</summary>
internal static class RedetectCommand
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Command Create()
    {
        var scenes = new Argument<string[]>("SCENE") { Description = "Id of a scene in the catalogue.", Arity = ArgumentArity.OneOrMore };
        var detector = new Option<string?>("--detector") { Description = "pair or series (default: those that told something of the scene).", HelpName = "pair|series" };
        var file = new Option<string?>("--out") { Description = "Write the difference as JSON (docs/formats/redetect.md).", HelpName = "FILE" };
        var data = CommonOptions.Data();
        var command = new Command("redetect", "Looks at scenes again with today's detectors and tells what differs from what is stored; stores and closes nothing.")
        {
            scenes, detector, file, data,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var how = parse.GetValue(detector);
            if (how is not (null or "pair" or "series"))
            {
                throw new BadInputException($"--detector is \"{how}\"; it is pair or series.");
            }

            if (parse.GetValue(file) is { } place)
            {
                OutputPlace.DemandFile("--out", Path.GetFullPath(place));
            }

            var settings = SettingsLoader.Load(parse.GetValue(data), new Dictionary<string, string?>());
            List<RedetectReport> reports = [];
            var refused = 0;
            foreach (var scene in parse.GetRequiredValue(scenes))
            {
                var result = await RunAsync(settings, scene, how, cancellationToken);
                if (result.Report is { } report)
                {
                    reports.Add(report);
                    Print(report, Console.Out);
                }
                else
                {
                    refused++;
                    await Console.Error.WriteLineAsync($"monitoring: {result.Problem}");
                }
            }

            if (parse.GetValue(file) is { } path)
            {
                await WriteAsync(reports, Path.GetFullPath(path), cancellationToken);
            }

            return refused == 0 ? ExitCodes.Done : ExitCodes.BadInput;
        });
        return command;
    }

    /// <summary>A table: what is the same is counted, all else has a line.</summary>
    internal static void Print(RedetectReport report, TextWriter output)
    {
        foreach (var run in report.Runs)
        {
            output.WriteLine($"{report.Scene}, {run.Detector}{(run.BaselineScene is { } baseline ? $" against {baseline}" : "")}: {run.OldVersion ?? "nothing stored"} → {run.NewVersion}");
            output.WriteLine("  " + string.Join(", ", run.Counts.Where(c => c.Value > 0).Select(c => $"{c.Value} {c.Key}").DefaultIfEmpty("no patches then or now")));
            foreach (var line in run.Lines.Where(l => l.Fate != "same"))
            {
                var patch = line.After ?? line.Before!;
                var change = line is { Before: { } then, After: { } now } && line.Fate == "changed"
                    ? string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", line.Differences)} ({then.Kind} {then.AreaM2:0} m² {then.Score:0.00} → {now.Kind} {now.AreaM2:0} m² {now.Score:0.00})")
                    : string.Create(CultureInfo.InvariantCulture, $"{patch.Kind} {patch.AreaM2:0} m² score {patch.Score:0.00}");
                var judged = line.Verdict is { } verdict ? $", judged {verdict}" : "";
                var open = line.OpenAlerts.Count == 0 ? "" : $", {line.OpenAlerts.Count} open {(line.OpenAlerts.Count == 1 ? "warning" : "warnings")}{(line.Fate is "gone" or "not-observed" ? " that stay open" : "")}";
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {line.Fate,-12} {patch.Longitude:0.00000},{patch.Latitude:0.00000}  {change}{judged}{open}"));
            }
        }
    }

    private static async Task<RedetectResult> RunAsync(HostSettings settings, string scene, string? detector, CancellationToken cancellationToken)
    {
        try
        {
            await using var rooms = Rooms.WithoutLoops(settings);
            return await rooms.GetRequiredService<Redetection>().RunAsync(scene, detector, cancellationToken);
        }
        catch (DataDirectoryInUseException held)
        {
            return await LocalClient.RedetectAsync(settings.Data, held, scene, detector, cancellationToken);
        }
    }

    private static async Task WriteAsync(List<RedetectReport> reports, string path, CancellationToken cancellationToken)
    {
        var part = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.part");
        try
        {
            await using (var stream = File.Create(part))
            {
                await JsonSerializer.SerializeAsync(stream, reports, Json, cancellationToken);
            }

            File.Move(part, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--out {path} cannot be written: {fault.Message}");
        }
    }
}
