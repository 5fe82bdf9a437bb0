using System.Net;
using System.Net.Sockets;

namespace Monitoring.Ingest.Mqtt;

/// <summary>What counts as one address: an IPv4 address, or the /64 that one IPv6 host has to itself.</summary>
internal static class AddressBlock
{
    public static IPAddress Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}

/// <summary>Connections of each address that have not said yet who they are. Thread-safe.</summary>
internal sealed class UnknownConnections(int mostOfOneAddress)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _open = [];

    /// <summary>False when the address has its share open already; else <see cref="Leave"/> is owed.</summary>
    public bool TryEnter(IPAddress address)
    {
        var block = AddressBlock.Of(address);
        lock (_gate)
        {
            var open = _open.GetValueOrDefault(block);
            if (open >= mostOfOneAddress)
                return false;
            _open[block] = open + 1;
            return true;
        }
    }

    public void Leave(IPAddress address)
    {
        var block = AddressBlock.Of(address);
        lock (_gate)
        {
            var open = _open[block] - 1;
            if (open == 0)
                _open.Remove(block);
            else
                _open[block] = open;
        }
    }
}
