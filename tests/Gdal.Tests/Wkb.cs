using System.Buffers.Binary;

namespace Monitoring.Gdal.Tests;

/// <summary>A WKB writer and reader of the tests' own, so that they do not lean on what they test.</summary>
internal static class Wkb
{
    internal static byte[] Polygon((double X, double Y)[][] rings, bool bigEndian = false)
    {
        var writer = new Writer(bigEndian);
        writer.Header(3);
        writer.Int((uint)rings.Length);
        foreach (var ring in rings)
            writer.Points(ring);
        return writer.ToArray();
    }

    internal static byte[] Line((double X, double Y)[] points)
    {
        var writer = new Writer(false);
        writer.Header(2);
        writer.Points(points);
        return writer.ToArray();
    }

    internal static byte[] Point(double x, double y)
    {
        var writer = new Writer(false);
        writer.Header(1);
        writer.Double(x);
        writer.Double(y);
        return writer.ToArray();
    }

    internal static byte[] Collection(uint type, params byte[][] parts)
    {
        var writer = new Writer(false);
        writer.Header(type);
        writer.Int((uint)parts.Length);
        return [.. writer.ToArray(), .. parts.SelectMany(static p => p)];
    }

    internal static byte[] Box(double minX, double minY, double maxX, double maxY) =>
        Polygon([[(minX, minY), (maxX, minY), (maxX, maxY), (minX, maxY), (minX, minY)]]);

    /// <summary>The first ring of a little-endian 2D polygon.</summary>
    internal static (double X, double Y)[] FirstRing(ReadOnlySpan<byte> wkb) => Rings(wkb)[0];

    internal static (double X, double Y)[][] Rings(ReadOnlySpan<byte> wkb)
    {
        wkb[0].ShouldBe((byte)1);
        BinaryPrimitives.ReadUInt32LittleEndian(wkb[1..]).ShouldBe(3u);
        var rings = new (double, double)[BinaryPrimitives.ReadInt32LittleEndian(wkb[5..])][];
        var at = 9;
        for (var r = 0; r < rings.Length; r++)
        {
            rings[r] = new (double, double)[BinaryPrimitives.ReadInt32LittleEndian(wkb[at..])];
            at += 4;
            for (var i = 0; i < rings[r].Length; i++, at += 16)
                rings[r][i] = (BinaryPrimitives.ReadDoubleLittleEndian(wkb[at..]),
                    BinaryPrimitives.ReadDoubleLittleEndian(wkb[(at + 8)..]));
        }
        return rings;
    }

    /// <summary>Shoelace area of a polygon, holes taken off.</summary>
    internal static double PlanarArea(ReadOnlySpan<byte> wkb)
    {
        var sum = 0.0;
        var first = true;
        foreach (var ring in Rings(wkb))
        {
            var twice = 0.0;
            for (var i = 1; i < ring.Length; i++)
                twice += ring[i - 1].X * ring[i].Y - ring[i].X * ring[i - 1].Y;
            sum += first ? Math.Abs(twice) / 2 : -Math.Abs(twice) / 2;
            first = false;
        }
        return sum;
    }

    private sealed class Writer(bool bigEndian)
    {
        private readonly List<byte> _bytes = [];

        internal void Header(uint type)
        {
            _bytes.Add(bigEndian ? (byte)0 : (byte)1);
            Int(type);
        }

        internal void Int(uint value)
        {
            Span<byte> four = stackalloc byte[4];
            if (bigEndian)
                BinaryPrimitives.WriteUInt32BigEndian(four, value);
            else
                BinaryPrimitives.WriteUInt32LittleEndian(four, value);
            _bytes.AddRange(four);
        }

        internal void Double(double value)
        {
            Span<byte> eight = stackalloc byte[8];
            if (bigEndian)
                BinaryPrimitives.WriteDoubleBigEndian(eight, value);
            else
                BinaryPrimitives.WriteDoubleLittleEndian(eight, value);
            _bytes.AddRange(eight);
        }

        internal void Points((double X, double Y)[] points)
        {
            Int((uint)points.Length);
            foreach (var (x, y) in points)
            {
                Double(x);
                Double(y);
            }
        }

        internal byte[] ToArray() => [.. _bytes];
    }
}
