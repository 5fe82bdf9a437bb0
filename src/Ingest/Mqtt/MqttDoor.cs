using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Monitoring.Ingest.Mqtt;

/// <summary>The MQTT door's places in Kestrel. The host calls <see cref="Configure"/> inside its <c>ConfigureKestrel</c>.</summary>
public sealed class MqttDoor(MqttDoorOptions options)
{
    /// <summary>Name of the door in dead letters.</summary>
    public const string Name = "mqtt";

    private readonly List<ListenOptions> _listening = [];

    /// <summary>Where the door listens, with the ports that the system chose; final when the application has started. Plain before TLS.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _listening.Select(l => l.IPEndPoint!)];

    /// <summary>
    /// Adds the door's listeners to Kestrel. Needs <c>AddIngest</c> and <c>AddIngestLoops</c>; without the loops connections are closed.
    /// </summary>
    public static void Configure(KestrelServerOptions kestrel)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        kestrel.ApplicationServices.GetRequiredService<MqttDoor>().Listen(kestrel);
    }

    private void Listen(KestrelServerOptions kestrel)
    {
        if (options.Port is { } port)
        {
            kestrel.Listen(options.Address, port, listen =>
            {
                listen.UseConnectionHandler<DeviceConnectionHandler>();
                _listening.Add(listen);
            });
        }

        if (options.CertificatePath is { } path)
        {
            var certificate = X509Certificate2.CreateFromPemFile(path, options.CertificateKeyPath ?? path);
            kestrel.Listen(options.Address, options.TlsPort, listen =>
            {
                listen.UseHttps(certificate);
                listen.UseConnectionHandler<DeviceConnectionHandler>();
                _listening.Add(listen);
            });
        }
    }
}
