using System.Buffers;

namespace Monitoring.Ingest.Mqtt;

/// <summary>The first two to five bytes of an MQTT packet (MQTT 3.1.1 and 5, section 2.1): read before anything of the packet is kept.</summary>
/// <param name="First">Packet type and flags.</param>
/// <param name="RemainingLength">Bytes that follow the header, at most 268 435 455.</param>
internal readonly record struct FixedHeader(byte First, int RemainingLength)
{
    public const int ConnectType = 1;
    public const int PublishType = 3;

    public int Type => First >> 4;

    /// <summary>Reads the header at the front of <paramref name="buffer"/>.</summary>
    public static FixedHeaderState TryRead(in ReadOnlySequence<byte> buffer, out FixedHeader header)
    {
        header = default;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out var first))
            return FixedHeaderState.Incomplete;
        var length = 0;
        for (var shift = 0; shift <= 21; shift += 7)
        {
            if (!reader.TryRead(out var part))
                return FixedHeaderState.Incomplete;
            length |= (part & 0x7F) << shift;
            if ((part & 0x80) == 0)
            {
                header = new FixedHeader(first, length);
                return FixedHeaderState.Complete;
            }
        }

        return FixedHeaderState.Malformed;
    }
}

internal enum FixedHeaderState
{
    Incomplete,
    Complete,

    /// <summary>The length goes on beyond four bytes.</summary>
    Malformed,
}
