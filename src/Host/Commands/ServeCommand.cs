using System.CommandLine;
using System.Runtime.InteropServices;
using Monitoring.Host.Configuration;
using Monitoring.Storage;

namespace Monitoring.Host.Commands;

/// <summary><c>monitoring serve</c>: doors, loops and pages until SIGINT or SIGTERM.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var roles = new Option<string?>("--roles") { Description = "Which loops run here, with commas: " + string.Join(",", HostSettings.AllRoles) + " (default all)." };
        var data = CommonOptions.Data();
        var bind = new Option<string?>("--bind") { Description = "Address to listen on (default 127.0.0.1)." };
        var http = new Option<int?>("--http-port") { Description = "Port of pages and API (default 8080; 0 = any free one)." };
        var mqtt = new Option<int?>("--mqtt-port") { Description = "Port for devices (default 1883; 0 = any free one)." };
        var address = new Option<string?>("--address-file") { Description = "File that gets the addresses when all doors are open: pages, then devices.", HelpName = "FILE" };
        var command = new Command("serve", "Runs the service.") { roles, data, bind, http, mqtt, address };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = new Dictionary<string, string?>();
            AddIfGiven(options, nameof(HostSettings.Roles), parse.GetValue(roles));
            AddIfGiven(options, nameof(HostSettings.Bind), parse.GetValue(bind));
            AddIfGiven(options, nameof(HostSettings.HttpPort), parse.GetValue(http)?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            AddIfGiven(options, nameof(HostSettings.MqttPort), parse.GetValue(mqtt)?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            var settings = SettingsLoader.Load(parse.GetValue(data), options);
            return await RunAsync(settings, parse.GetValue(address), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(HostSettings settings, string? addressFile, CancellationToken cancellationToken)
    {
        MonitoringApp app;
        try
        {
            app = await MonitoringApp.StartAsync(settings, cancellationToken);
        }
        catch (DataDirectoryInUseException held)
        {
            throw new BadInputException(held.Message);
        }

        await using (app)
        {
            if (app.FirstPassword is { } first)
            {
                // Printed once and kept nowhere; the first sign-in demands another one.
                Console.WriteLine($"first sign-in: user {first.UserName} password {first.Password}");
            }

            var pages = MonitoringApp.Reachable(app.Address);
            var devices = $"{MonitoringApp.Reachable(app.Address).Host}:{app.MqttEndPoint.Port}";
            if (addressFile is not null)
            {
                await WriteWholeAsync(addressFile, $"{pages}\n{devices}\n", cancellationToken);
            }

            if (settings.Demonstration)
            {
                Console.WriteLine("演示 demonstration: everything here is simulated");
            }

            Console.WriteLine($"listening {pages} (pages), mqtt {devices} (devices), data {settings.Data}");
            using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, interrupted));
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, interrupted));
            await app.WaitForShutdownAsync(interrupted.Token);
        }

        Console.WriteLine("stopped");
        return ExitCodes.Done;
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource interrupted)
    {
        // Ours to handle: the process ends when everything is closed, not before.
        signal.Cancel = true;
        interrupted.Cancel();
    }

    private static async Task WriteWholeAsync(string file, string text, CancellationToken cancellationToken)
    {
        var part = file + ".part";
        await File.WriteAllTextAsync(part, text, cancellationToken);
        File.Move(part, file, overwrite: true);
    }

    private static void AddIfGiven(Dictionary<string, string?> options, string name, string? value)
    {
        if (value is not null)
        {
            options[name] = value;
        }
    }
}
