using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Monitoring.FirmwareSim.Devices;
using Monitoring.FirmwareSim.Passes;
using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Commands;

/// <summary>The command line. Exit codes: 0 done or cleanly stopped, 2 bad input (one sentence on standard error), 3 failed.</summary>
public sealed class CommandLine(TimeProvider time, TextWriter output, TextWriter error)
{
    /// <summary>Runs one command; cancelling <paramref name="stop"/> stops it cleanly, as SIGINT and SIGTERM do.</summary>
    public async Task<int> RunAsync(string[] args, CancellationToken stop = default)
    {
        var parsed = Build().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await error.WriteLineAsync("firmware-sim: " + string.Join(" ", parsed.Errors.Select(e => e.Message)));
            return 2;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = output,
                    Error = error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = TimeSpan.FromSeconds(15),
                }, stop);
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (InvalidDataException e)
        {
            await error.WriteLineAsync("firmware-sim: " + e.Message);
            return 2;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            await error.WriteLineAsync("firmware-sim: " + e.Message);
            return 3;
        }
    }

    private RootCommand Build()
    {
        var root = new RootCommand("A demonstration county with hidden truth, field devices over MQTT and satellite passes.");
        root.Subcommands.Add(World());
        root.Subcommands.Add(Passes());
        root.Subcommands.Add(Devices());
        root.Subcommands.Add(Demo());
        return root;
    }

    private Command World()
    {
        var directory = new Option<string>("--out") { Required = true, Description = "Directory for the county's files." };
        var seed = new Option<long>("--seed") { DefaultValueFactory = _ => new CountyOptions { Today = default }.Seed, Description = "Seed." };
        var size = new Option<string>("--size") { DefaultValueFactory = _ => "county", Description = "small (3 x 3 km) or county (12 x 10 km)." };
        size.AcceptOnlyFromAmong("small", "county");
        var today = Date("--today", "Last day of the story; default: today in the county.");
        var command = new Command("world", "Writes the county's files.") { directory, seed, size, today };
        command.SetAction(async (parsed, _) =>
        {
            var county = County.Create(new CountyOptions
            {
                Seed = parsed.GetValue(seed),
                Size = parsed.GetValue(size) == "small" ? CountySize.Small : CountySize.County,
                Today = parsed.GetValue(today) ?? DemoRunner.Today(time),
            });
            WorldFiles.Write(county, parsed.GetValue(directory)!);
            await output.WriteLineAsync(
                $"county written to {parsed.GetValue(directory)}: {county.Permits.Count} permits, {county.Parcels.Count} parcels, {county.ControlLines.Count} control lines, {county.Devices.Count} devices");
            return 0;
        });
        return command;
    }

    private Command Passes()
    {
        var (world, inbox) = (WorldOption(), InboxOption());
        var from = Date("--from", "First day; default: the story's first day.");
        var to = Date("--to", "Last day; default: the story's last day.");
        var every = new Option<int?>("--every-days") { Description = "A fixed gap; default: five to eight days, as in the truth file." };
        every.Validators.Add(r => AtLeastOne(r, every));
        var pace = Pace(0);
        var command = new Command("passes", "Delivers satellite passes into an inbox.") { world, inbox, from, to, every, pace };
        command.SetAction(async (parsed, stop) =>
        {
            var county = County.Create(WorldFiles.ReadOptions(parsed.GetValue(world)!));
            var dates = county.Schedule.Dates(parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(every));
            var delivery = new PassDelivery(county, parsed.GetValue(inbox)!, time, output);
            var count = await delivery.RunAsync(dates, TimeSpan.FromSeconds(parsed.GetValue(pace)), null, stop);
            await output.WriteLineAsync($"{count} passes delivered to {parsed.GetValue(inbox)}");
            return 0;
        });
        return command;
    }

    private Command Devices()
    {
        var (world, mqtt) = (WorldOption(), MqttOption());
        var duration = new Option<double?>("--duration") { Description = "Seconds to run; default: until stopped." };
        var speed = new Option<double?>("--speed") { Description = "Tell the past at this many times real time; default: at once." };
        speed.Validators.Add(r =>
        {
            if (r.GetValue(speed) is { } x and not (> 1 and <= 1_000_000)) r.AddError($"--speed {x.ToString(CultureInfo.InvariantCulture)}: give a number above 1, at most 1000000.");
        });
        var command = new Command("devices", "Runs the field devices.") { world, mqtt, duration, speed };
        command.SetAction(async (parsed, stop) =>
        {
            var (host, port) = parsed.GetValue(mqtt);
            var directory = parsed.GetValue(world)!;
            var county = County.Create(WorldFiles.ReadOptions(directory));
            await using var fleet = new DeviceFleet(
                county, WorldFiles.ReadSecrets(directory), host, port, new FieldDeviceOptions { CatchUpSpeed = parsed.GetValue(speed) }, time, output);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            using var timer = parsed.GetValue(duration) is { } seconds
                ? time.CreateTimer(_ => end.Cancel(), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan)
                : null;
            await fleet.RunAsync(end.Token);
            foreach (var device in fleet.Devices) await output.WriteLineAsync($"device {device.Id}: {device.Counters}");
            return 0;
        });
        return command;
    }

    private Command Demo()
    {
        var (world, inbox, mqtt, pace) = (WorldOption(), InboxOption(), MqttOption(), Pace(3));
        var command = new Command("demo", "Passes and devices together, until stopped; goes on from where it was.") { world, inbox, mqtt, pace };
        command.SetAction(async (parsed, stop) =>
        {
            var (host, port) = parsed.GetValue(mqtt);
            await new DemoRunner(
                parsed.GetValue(world)!, parsed.GetValue(inbox)!, host, port, TimeSpan.FromSeconds(parsed.GetValue(pace)), time, output).RunAsync(stop);
            return 0;
        });
        return command;
    }

    private static Option<string> WorldOption() => new("--world") { Required = true, Description = "Directory that 'world' wrote." };

    private static Option<string> InboxOption() => new("--inbox") { Required = true, Description = "Directory that takes the scenes." };

    private static Option<double> Pace(double seconds)
    {
        var option = new Option<double>("--pace") { DefaultValueFactory = _ => seconds, Description = "Seconds from one pass to the next." };
        option.Validators.Add(r =>
        {
            if (r.GetValue(option) is < 0 or > 86_400 or double.NaN) r.AddError("--pace: give seconds from 0 to 86400.");
        });
        return option;
    }

    private static Option<(string Host, int Port)> MqttOption() => new("--mqtt")
    {
        Required = true,
        Description = "HOST:PORT of the MQTT server.",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            var colon = text.LastIndexOf(':');
            if (colon > 0 && int.TryParse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536)
                return (text[..colon].Trim('[', ']'), port);
            result.AddError($"--mqtt {text}: give HOST:PORT, for example localhost:1883.");
            return default;
        },
    };

    private static Option<DateOnly?> Date(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return day;
            result.AddError($"{name} {text}: give a date as 2026-05-01.");
            return null;
        },
    };

    private static void AtLeastOne(OptionResult result, Option<int?> option)
    {
        if (result.GetValue(option) is < 1 or > 366) result.AddError($"{option.Name}: give days from 1 to 366.");
    }
}
