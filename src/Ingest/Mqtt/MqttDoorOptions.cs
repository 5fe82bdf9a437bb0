using System.Net;

namespace Monitoring.Ingest.Mqtt;

/// <summary>Addresses and limits of the MQTT door.</summary>
public sealed record MqttDoorOptions
{
    /// <summary>Address to listen on. Default loopback.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>TCP port, 0 to 65535; 0 = chosen by the system. Default 1883. Null = no plain port.</summary>
    public int? Port { get; init; } = 1883;

    /// <summary>TLS port; used only with <see cref="CertificatePath"/>. Default 8883.</summary>
    public int TlsPort { get; init; } = 8883;

    /// <summary>PEM file with the server's certificate chain; null = no TLS.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>PEM file with the private key; null = it is in <see cref="CertificatePath"/>.</summary>
    public string? CertificateKeyPath { get; init; }

    /// <summary>Connections at once, at least 1. Default 10 000; a newcomer beyond is closed.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Bytes of one packet behind its fixed header, 1 KiB to 16 MiB. Default 256 KiB. A longer one is refused at its header.</summary>
    public int MaxPacketBytes { get; init; } = 256 * 1024;

    /// <summary>Bytes of the CONNECT packet, which strangers may send. Default 8 KiB.</summary>
    public int MaxConnectBytes { get; init; } = 8 * 1024;

    /// <summary>
    /// Messages of one connection between reception and ack, 1 to 65535; told to MQTT 5 clients as Receive Maximum. Beyond it the
    /// connection is not read on. Default 256.
    /// </summary>
    public int MaxInFlight { get; init; } = 256;

    /// <summary>Bytes of all connections' messages between reception and commit, at least <see cref="MaxPacketBytes"/>. Default 64 MiB.</summary>
    public long MaxBytesInFlight { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// The same of one device, 1 to <see cref="MaxBytesInFlight"/>; a longest packet always fits. Default 8 MiB. Beyond it, its connection is not read on.
    /// </summary>
    public long MaxBytesInFlightPerDevice { get; init; } = 8L * 1024 * 1024;

    /// <summary>
    /// Messages a second that one device may send for long, 1 to 1 000 000; beyond, its connection is read more slowly. Default 30 000: far above
    /// any device, it stops abuse only.
    /// </summary>
    public int MessagesPerSecond { get; init; } = 30_000;

    /// <summary>Messages that one device may send at once before <see cref="MessagesPerSecond"/> holds, at least 1. Default 300 000, weeks of a device's buffer.</summary>
    public int MessageBurst { get; init; } = 300_000;

    /// <summary>
    /// Bytes a second that one device may send for long, at least a tenth of <see cref="MaxPacketBytes"/> (so that no packet pauses its connection for more
    /// than 10 s); beyond, its connection is read more slowly. Default 4 MiB.
    /// </summary>
    public int BytesPerSecond { get; init; } = 4 * 1024 * 1024;

    /// <summary>Bytes that one device may send at once before <see cref="BytesPerSecond"/> holds, at least 1. Default 64 MiB.</summary>
    public long ByteBurst { get; init; } = 64L * 1024 * 1024;

    /// <summary>Refused observations a second, conflicts among them, after which one device's connection is read more slowly, at least 1. Default 100.</summary>
    public int RefusedPerSecond { get; init; } = 100;

    /// <summary>Refused observations that one device may send at once before <see cref="RefusedPerSecond"/> holds, at least 1. Default 50 000.</summary>
    public int RefusedBurst { get; init; } = 50_000;

    /// <summary>Time from TCP connection to CONNECT. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Refused connection attempts in a row with one device id from one address (for IPv6: one /64); they come back at this many a minute.
    /// Default 30, at least 1. A device that was right since the start of the service is not held up.
    /// </summary>
    public int RefusedAttemptsPerMinute { get; init; } = 30;

    /// <summary>The same from one address with whatever ids; thousands of devices may share one. Default 600, at least <see cref="RefusedAttemptsPerMinute"/>.</summary>
    public int RefusedAttemptsPerMinuteOfAddress { get; init; } = 600;

    /// <summary>Connections of one address that have not said yet who they are, at least 1. Default 500; a newcomer beyond is closed.</summary>
    public int MaxUnknownConnectionsPerAddress { get; init; } = 500;

    /// <summary>Subscriptions of one connection, at least 0. Default 16.</summary>
    public int MaxSubscriptions { get; init; } = 16;

    /// <summary>Bytes of the longest packet with its fixed header (MQTT 5, 2.1).</summary>
    internal int LongestPacket => MaxPacketBytes + 5;

    /// <summary>One sentence for each option outside its range.</summary>
    public IEnumerable<string> Problems()
    {
        if (Port is < 0 or > 65535)
            yield return $"Mqtt:Port is {Port}; it must lie between 0 and 65535.";
        if (TlsPort is < 0 or > 65535)
            yield return $"Mqtt:TlsPort is {TlsPort}; it must lie between 0 and 65535.";
        if (MaxConnections < 1)
            yield return $"Mqtt:MaxConnections is {MaxConnections}; it must be at least 1.";
        if (MaxPacketBytes is < 1024 or > 16 * 1024 * 1024)
            yield return $"Mqtt:MaxPacketBytes is {MaxPacketBytes}; it must lie between 1024 and 16777216.";
        if (MaxConnectBytes < 256 || MaxConnectBytes > MaxPacketBytes)
            yield return $"Mqtt:MaxConnectBytes is {MaxConnectBytes}; it must lie between 256 and MaxPacketBytes ({MaxPacketBytes}).";
        if (MaxInFlight is < 1 or > 65535)
            yield return $"Mqtt:MaxInFlight is {MaxInFlight}; it must lie between 1 and 65535.";
        if (MaxBytesInFlight < MaxPacketBytes)
            yield return $"Mqtt:MaxBytesInFlight is {MaxBytesInFlight}; it must be at least MaxPacketBytes ({MaxPacketBytes}).";
        if (MaxBytesInFlightPerDevice < 1 || MaxBytesInFlightPerDevice > MaxBytesInFlight)
            yield return $"Mqtt:MaxBytesInFlightPerDevice is {MaxBytesInFlightPerDevice}; it must lie between 1 and MaxBytesInFlight ({MaxBytesInFlight}).";
        if (MessagesPerSecond is < 1 or > 1_000_000)
            yield return $"Mqtt:MessagesPerSecond is {MessagesPerSecond}; it must lie between 1 and 1000000.";
        if (BytesPerSecond < MaxPacketBytes / 10)
            yield return $"Mqtt:BytesPerSecond is {BytesPerSecond}; it must be at least a tenth of MaxPacketBytes ({MaxPacketBytes}).";
        if (MessageBurst < 1 || ByteBurst < 1 || RefusedBurst < 1)
            yield return $"Mqtt:MessageBurst is {MessageBurst}, Mqtt:ByteBurst {ByteBurst} and Mqtt:RefusedBurst {RefusedBurst}; each must be at least 1.";
        if (RefusedPerSecond < 1)
            yield return $"Mqtt:RefusedPerSecond is {RefusedPerSecond}; it must be at least 1.";
        if (RefusedAttemptsPerMinuteOfAddress < RefusedAttemptsPerMinute)
            yield return $"Mqtt:RefusedAttemptsPerMinuteOfAddress is {RefusedAttemptsPerMinuteOfAddress}; it must be at least RefusedAttemptsPerMinute ({RefusedAttemptsPerMinute}).";
        if (MaxUnknownConnectionsPerAddress < 1)
            yield return $"Mqtt:MaxUnknownConnectionsPerAddress is {MaxUnknownConnectionsPerAddress}; it must be at least 1.";
        if (ConnectTimeout <= TimeSpan.Zero)
            yield return $"Mqtt:ConnectTimeout is {ConnectTimeout}; it must be positive.";
        if (RefusedAttemptsPerMinute < 1)
            yield return $"Mqtt:RefusedAttemptsPerMinute is {RefusedAttemptsPerMinute}; it must be at least 1.";
        if (MaxSubscriptions < 0)
            yield return $"Mqtt:MaxSubscriptions is {MaxSubscriptions}; it must not be negative.";
    }
}
