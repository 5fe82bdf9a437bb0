using System.Net;
using System.Net.Sockets;

namespace Monitoring.Dashboard.People;

/// <summary>Addresses as limits count them.</summary>
internal static class Addresses
{
    /// <summary>An IPv4 address as it is; of an IPv6 address the first 64 bits, because whoever has one has the rest of them too.</summary>
    public static string KeyOf(IPAddress? address)
    {
        if (address is null)
        {
            return "local";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily is AddressFamily.InterNetworkV6 && !IPAddress.IsLoopback(address)
            ? new IPAddress([.. address.GetAddressBytes()[..8], .. new byte[8]]) + "/64"
            : address.ToString();
    }
}
