using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Dashboard.People;
using Monitoring.Host.Configuration;
using Monitoring.Host.Local;
using Monitoring.Storage;

namespace Monitoring.Host.Commands;

/// <summary>
/// <c>monitoring reset-password USER</c>: the way back in when even the last administrator's password is forgotten. Whoever may write the
/// data directory may do it; the audit trail says who did.
/// </summary>
internal static class ResetPasswordCommand
{
    public static Command Create()
    {
        var user = new Argument<string>("USER") { Description = "User name." };
        var data = CommonOptions.Data();
        var command = new Command("reset-password", "Gives a person a new password, to be changed at the next sign-in.") { user, data };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = SettingsLoader.Load(parse.GetValue(data), new Dictionary<string, string?>());
            if (!File.Exists(Path.Combine(settings.Data, "registers.sqlite")))
            {
                throw new BadInputException($"{settings.Data} holds no register; give the service's data directory with --data.");
            }

            var name = parse.GetRequiredValue(user);
            var result = await RunAsync(settings, name, cancellationToken);
            if (result.Password is not { } password)
            {
                throw new BadInputException(result.Problem!);
            }

            // Printed once and kept nowhere; the next sign-in demands another one.
            Console.WriteLine($"user {name} password {password}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<PasswordResetResult> RunAsync(HostSettings settings, string user, CancellationToken cancellationToken)
    {
        try
        {
            await using var rooms = Rooms.WithoutLoops(settings);
            return await rooms.GetRequiredService<PasswordReset>().ResetAsync(user, CommonOptions.Actor, cancellationToken);
        }
        catch (DataDirectoryInUseException held)
        {
            return await LocalClient.ResetPasswordAsync(settings.Data, held, user, CommonOptions.Actor, cancellationToken);
        }
    }
}
