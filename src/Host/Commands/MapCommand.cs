using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Land;
using Monitoring.Host.Configuration;
using Monitoring.Host.Local;
using Monitoring.Ingest.Plans;
using Monitoring.Storage;

namespace Monitoring.Host.Commands;

/// <summary><c>monitoring map versions|show|diff</c>: the versioned map, in force on a day and as known then.</summary>
internal static class MapCommand
{
    public static Command Create() => new("map", "Asks the versioned map: its versions, a layer as it stood, what differs between two times.") { Versions(), Show(), Diff() };

    /// <summary>Asks the registers here, or the server that holds them.</summary>
    public static async Task<int> AskAsync(string? data, RegisterQuery query, CancellationToken cancellationToken)
    {
        var settings = SettingsLoader.Load(data, new Dictionary<string, string?>());
        RegisterAnswer answer;
        try
        {
            await using var rooms = Rooms.WithoutLoops(settings);
            answer = await rooms.GetRequiredService<RegisterQueries>().AskAsync(query, cancellationToken);
        }
        catch (DataDirectoryInUseException held)
        {
            answer = await LocalClient.AskRegistersAsync(settings.Data, held, query, cancellationToken);
        }

        if (answer.Problem is { } problem)
        {
            await Console.Error.WriteLineAsync($"monitoring: {problem}");
            return ExitCodes.BadInput;
        }

        foreach (var line in answer.Lines)
        {
            Console.WriteLine(line);
        }

        return ExitCodes.Done;
    }

    private static Command Versions()
    {
        var data = CommonOptions.Data();
        var command = new Command("versions", "Lists every import that changed the map.") { data };
        command.SetAction((parse, cancellationToken) => AskAsync(parse.GetValue(data), new RegisterQuery("versions"), cancellationToken));
        return command;
    }

    private static Command Show()
    {
        var layer = new Argument<string>("LAYER") { Description = "regions, control-lines, permits, parcels, or a plan layer such as zoning." };
        var on = CommonOptions.Date("--on", "Only what is in force on this day.");
        var known = new Option<string?>("--known") { Description = "As known after this version, or at this time; default now." };
        var to = new Option<string?>("--out") { Description = "GeoJSON file to write." };
        var data = CommonOptions.Data();
        var command = new Command("show", "A layer in force on a day, as known then or now.") { layer, on, known, to, data };
        command.SetAction((parse, cancellationToken) => AskAsync(
            parse.GetValue(data),
            new RegisterQuery("show") { Layer = parse.GetRequiredValue(layer), After = View("--known", parse.GetValue(known), CommonOptions.ParseDate("--on", parse.GetValue(on))), Out = Full(parse.GetValue(to)) },
            cancellationToken));
        return command;
    }

    private static Command Diff()
    {
        var layer = new Argument<string>("LAYER") { Description = "regions, control-lines, permits, parcels, or a plan layer such as zoning." };
        var from = new Option<string?>("--from") { Description = "Known after this version, or at this time; default now." };
        var until = new Option<string?>("--to") { Description = "The same for the later view." };
        var fromOn = CommonOptions.Date("--from-on", "The earlier view only holds what is in force on this day.");
        var toOn = CommonOptions.Date("--to-on", "The same for the later view.");
        var to = new Option<string?>("--out") { Description = "GeoJSON file to write." };
        var data = CommonOptions.Data();
        var command = new Command("diff", "What was added, changed and ended between two views of a layer.") { layer, from, until, fromOn, toOn, to, data };
        command.SetAction((parse, cancellationToken) => AskAsync(
            parse.GetValue(data),
            new RegisterQuery("diff")
            {
                Layer = parse.GetRequiredValue(layer),
                Before = View("--from", parse.GetValue(from), CommonOptions.ParseDate("--from-on", parse.GetValue(fromOn))),
                After = View("--to", parse.GetValue(until), CommonOptions.ParseDate("--to-on", parse.GetValue(toOn))),
                Out = Full(parse.GetValue(to)),
            },
            cancellationToken));
        return command;
    }

    /// <summary>A whole number is a version; anything else a time, with a zone or in UTC. A day alone is its end.</summary>
    private static MapView View(string option, string? known, DateOnly? on)
    {
        if (known is null)
        {
            return new MapView { InForceOn = on };
        }

        if (long.TryParse(known, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return new MapView { InForceOn = on, AsOfVersion = version };
        }

        if (DateOnly.TryParseExact(known, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return new MapView { InForceOn = on, KnownAt = new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddTicks(-1) };
        }

        return DateTimeOffset.TryParse(known, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? new MapView { InForceOn = on, KnownAt = at }
            : throw new BadInputException($"{option} {known} is neither a version of the map nor a time; write for example 12 or 2026-05-01T08:00:00+08:00.");
    }

    private static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
}
