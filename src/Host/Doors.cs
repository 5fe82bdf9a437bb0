using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Monitoring.Host.Configuration;

namespace Monitoring.Host;

/// <summary>Tries the doors before anything is made or opened: a taken port then costs one sentence, not half a start.</summary>
internal static class Doors
{
    /// <exception cref="BadInputException">The address is none of this machine, or a port is taken or forbidden; names the option.</exception>
    public static void Try(HostSettings settings)
    {
        var doors = new List<(int Port, string Option)> { (settings.HttpPort, "--http-port") };
        if (settings.Roles.Contains("ingest", StringComparer.Ordinal))
        {
            if (settings.PlainMqttPort is { } plain)
            {
                doors.Add((plain, "--mqtt-port"));
            }

            if (settings.CertificateFile is not null)
            {
                doors.Add((settings.MqttTlsPort, "MqttTlsPort"));
            }
        }

        foreach (var (port, option) in doors)
        {
            TryOne(settings.BindAddress, port, option);
        }
    }

    private static void TryOne(IPAddress address, int port, string option)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            if (address.Equals(IPAddress.IPv6Any))
            {
                // As the server listens: on both families.
                listener.Server.DualMode = true;
            }

            listener.Start();
        }
        catch (SocketException fault)
        {
            throw new BadInputException(fault.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => string.Create(
                    CultureInfo.InvariantCulture, $"Port {port} of {address} is taken already; end the program that holds it, or choose another with {option}."),
                SocketError.AccessDenied => string.Create(
                    CultureInfo.InvariantCulture, $"This account may not open port {port} of {address}; choose one from 1024 on with {option}."),
                SocketError.AddressNotAvailable => $"{address} is no address of this machine; choose another with --bind, for example 127.0.0.1 or 0.0.0.0.",
                _ => string.Create(CultureInfo.InvariantCulture, $"Port {port} of {address} cannot be opened ({fault.Message}); choose others with --bind and {option}."),
            });
        }
    }
}
