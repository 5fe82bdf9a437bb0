using System.Buffers;
using System.Buffers.Binary;

namespace Monitoring.Gdal.Native;

/// <summary>
/// Walks WKB (OGC 06-103r4, ISO's Z and M by thousands, EWKB's by flags) and sums geodesic areas and lengths. Every count is checked
/// against
/// the bytes that are left before anything is allocated.
/// </summary>
internal ref struct WkbMeasure(Geodesic geodesic, ReadOnlySpan<byte> wkb)
{
    private const int MaxDepth = 32;

    private readonly Geodesic _geodesic = geodesic;
    private ReadOnlySpan<byte> _rest = wkb;
    private double _area;
    private double _length;

    internal (double Area, double Length) Read()
    {
        Geometry(0);
        return (_area, _length);
    }

    private void Geometry(int depth)
    {
        if (depth > MaxDepth)
            throw new FormatException("The WKB is nested too deeply.");
        var little = Take(1)[0] switch
        {
            0 => false,
            1 => true,
            var other => throw new FormatException($"The WKB has an unknown byte order {other}."),
        };
        var code = UInt32(little);
        if ((code & 0x20000000) != 0)
            Take(4); // EWKB's SRID
        var dimensions = 2 + ((code & 0x80000000) != 0 ? 1 : 0) + ((code & 0x40000000) != 0 ? 1 : 0);
        code &= 0x1FFFFFFF;
        dimensions += (code / 1000) switch { 0 => 0, 1 or 2 => 1, 3 => 2, _ => throw Unknown(code) };
        switch (code % 1000)
        {
            case 1:
                Take(dimensions * 8);
                break;
            case 2:
                Points(little, dimensions, ring: false);
                break;
            case 3:
                var rings = Count(little, 4);
                var area = 0.0;
                for (var i = 0; i < rings; i++)
                {
                    var ring = Math.Abs(Points(little, dimensions, ring: true));
                    area += i == 0 ? ring : -ring;
                }
                _area += Math.Max(0, area);
                break;
            case 4 or 5 or 6 or 7:
                var parts = Count(little, 5);
                for (var i = 0; i < parts; i++)
                    Geometry(depth + 1);
                break;
            default:
                throw Unknown(code);
        }
    }

    private double Points(bool little, int dimensions, bool ring)
    {
        var count = Count(little, dimensions * 8);
        var rented = ArrayPool<double>.Shared.Rent(Math.Max(1, count * 2));
        try
        {
            var lon = rented.AsSpan(0, count);
            var lat = rented.AsSpan(count, count);
            for (var i = 0; i < count; i++)
            {
                lon[i] = Double(little);
                lat[i] = Double(little);
                Take((dimensions - 2) * 8);
            }
            if (ring)
            {
                var (area, perimeter) = _geodesic.Ring(lon, lat);
                _length += perimeter;
                return area;
            }
            _length += _geodesic.Length(lon, lat);
            return 0;
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    private int Count(bool little, int bytesEach)
    {
        var count = UInt32(little);
        return count <= (uint)(_rest.Length / bytesEach)
            ? (int)count
            : throw new FormatException("The WKB announces more points or parts than it holds.");
    }

    private uint UInt32(bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(Take(4)) : BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    private double Double(bool little) =>
        little ? BinaryPrimitives.ReadDoubleLittleEndian(Take(8)) : BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw new FormatException("The WKB ends too early.");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private static FormatException Unknown(uint code) =>
        new($"The WKB holds geometry type {code}, which cannot be measured (curves must be made straight first).");
}
