using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Microsoft.Win32.SafeHandles;
using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>
/// Whole tiles of a TIFF file as scenes come: on the disk, whole numbers of 16 bits, deflated, with or without horizontal differencing (TIFF 6.0,
/// section 14; compression 8 of Adobe's supplement 2). GDAL says where a tile lies; it is decoded by the library that GDAL takes for it,
/// and goes from there to its place in one pass over the pixels in place of three (docs/decisions/tiles.md). Whatever is not quite so
/// is left to GDAL, and so is saying what is wrong with a damaged file.
/// </summary>
/// <remarks>One thread at a time, as the dataset it belongs to.</remarks>
internal sealed unsafe class DeflatedTiles : IDisposable
{
    /// <summary>A larger tile is no tile: GDAL bounds what it takes in other ways.</summary>
    private const int MostTileBytes = 64 << 20;

    /// <summary>A sidecar of more bytes holds more than statistics.</summary>
    private const int MostSidecarBytes = 1 << 20;

    /// <summary>16-bit numbers of one vector.</summary>
    private const int Lanes = 8;

    private readonly SafeFileHandle _file;
    private readonly long _length;
    private readonly Inflate _inflate;
    private readonly bool _differenced;

    /// <summary>Numbers of one pixel in a tile: all bands, or one where each band has its own tiles.</summary>
    private readonly int _samples;
    private readonly int _tileWidth;
    private readonly int _tileHeight;
    private readonly byte[] _raw;

    /// <summary>What does not deflate at all takes five bytes more for every 16 KiB; what is said to take more is no tile.</summary>
    private readonly long _most;
    private byte[] _stored = [];

    private DeflatedTiles(SafeFileHandle file, Inflate inflate, bool differenced, int samples, int tileWidth, int tileHeight)
    {
        (_file, _inflate, _differenced, _samples, _tileWidth, _tileHeight) = (file, inflate, differenced, samples, tileWidth, tileHeight);
        _length = RandomAccess.GetLength(file);

        _most = (tileWidth * tileHeight * samples * sizeof(ushort) * 9L / 8) + 1024;

        // Vectors may begin at the last pixel.
        _raw = new byte[(tileWidth * tileHeight * samples * sizeof(ushort)) + (2 * Lanes * sizeof(ushort))];
    }

    /// <summary>Tiles read this way; for tests.</summary>
    internal long Count { get; private set; }

    /// <summary>The tiles of a dataset, or null where they are of another kind.</summary>
    public static DeflatedTiles? Of(RasterDataset dataset)
    {
        if (dataset.Writable || dataset.BandCount == 0 || dataset.Driver != "GTiff" || !BitConverter.IsLittleEndian || !File.Exists(dataset.Path))
            return null;
        var structure = dataset.Metadata("IMAGE_STRUCTURE");
        var first = dataset.GetBand(1);
        var predictor = structure.GetValueOrDefault("PREDICTOR", "1");
        var samples = dataset.BandCount == 1 || structure.GetValueOrDefault("INTERLEAVE") == "BAND" ? 1 : dataset.BandCount;
        if (structure.GetValueOrDefault("COMPRESSION") != "DEFLATE"
            || predictor is not ("1" or "2")
            || first.BlockWidth >= dataset.Width
            || (long)first.BlockWidth * first.BlockHeight * samples * sizeof(ushort) > MostTileBytes)
            return null;
        for (var band = 1; band <= dataset.BandCount; band++)
        {
            if (dataset.GetBand(band).Type != PixelType.UInt16 || dataset.BandItem(band, "NBITS", "IMAGE_STRUCTURE") is not null)
                return null;
        }

        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(dataset.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> order = stackalloc byte[2];
            if (!IsOverruled(dataset.Path) && RandomAccess.Read(file, order, 0) == 2 && order.SequenceEqual("II"u8) && Inflate.Create() is { } inflate)
            {
                var tiles = new DeflatedTiles(file, inflate, predictor == "2", samples, first.BlockWidth, first.BlockHeight);
                file = null;
                return tiles;
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // GDAL has the file open and may read it all the same.
        }
        finally
        {
            file?.Dispose();
        }

        return null;
    }

    /// <summary>
    /// Whether a sidecar may say otherwise than the file how its tiles are stored: GDAL lets it in what it tells, while it decodes by the file itself.
    /// </summary>
    private static bool IsOverruled(string path)
    {
        var sidecar = new FileInfo(path + ".aux.xml");
        return sidecar.Exists && (sidecar.Length > MostSidecarBytes || File.ReadAllText(sidecar.FullName).Contains("IMAGE_STRUCTURE", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Reads a window as <see cref="RasterDataset.ReadStrided"/> does; its arguments are checked.</summary>
    /// <returns>False when the window does not consist of whole tiles or one of them is missing or damaged; parts of it may be written then.</returns>
    public bool TryRead(RasterDataset dataset, ReadOnlySpan<int> bands, PixelWindow window, Span<ushort> pixels, int lineStride, int bandStride)
    {
        int right = window.X + window.Width, bottom = window.Y + window.Height;
        if (window.X % _tileWidth != 0 || window.Y % _tileHeight != 0
            || (right % _tileWidth != 0 && right != dataset.Width) || (bottom % _tileHeight != 0 && bottom != dataset.Height))
            return false;
        for (var y = window.Y; y < bottom; y += _tileHeight)
        {
            for (var x = window.X; x < right; x += _tileWidth)
            {
                var (width, height) = (Math.Min(_tileWidth, right - x), Math.Min(_tileHeight, bottom - y));
                var at = pixels[(((y - window.Y) * lineStride) + x - window.X)..];
                for (var n = 0; n < bands.Length; n += _samples == 1 ? 1 : bands.Length)
                {
                    if (!Decode(dataset, bands[n], x / _tileWidth, y / _tileHeight, height))
                        return false;
                    if (_samples == 1)
                        Place([1], width, height, at[(n * bandStride)..], lineStride, bandStride);
                    else
                        Place(bands, width, height, at, lineStride, bandStride);
                    Count++;
                }
            }
        }

        return true;
    }

    public void Dispose()
    {
        _inflate.Dispose();
        _file.Dispose();
    }

    /// <summary>Brings a tile into <see cref="_raw"/>.</summary>
    private bool Decode(RasterDataset dataset, int band, int column, int row, int height)
    {
        if (!Where(dataset, band, "BLOCK_OFFSET", column, row, out var offset) || !Where(dataset, band, "BLOCK_SIZE", column, row, out var size)
            || size <= 0 || size > _most || offset <= 0 || offset > _length - size)
            return false;
        if (_stored.Length < size)
            _stored = new byte[size + (size / 4)];
        var stored = _stored.AsSpan(0, (int)size);
        try
        {
            for (var read = 0; read < stored.Length;)
            {
                var count = RandomAccess.Read(_file, stored[read..], offset + read);
                if (count == 0)
                    return false;
                read += count;
            }
        }
        catch (IOException)
        {
            return false;
        }

        // A tile at the lower edge is whole in the file, and its rows beyond the edge are decoded with it.
        return _inflate.TryDecode(stored, _raw.AsSpan(0, _tileWidth * _tileHeight * _samples * sizeof(ushort)));
    }

    private static bool Where(RasterDataset dataset, int band, string what, int column, int row, out long value)
    {
        value = 0;
        return dataset.BandItem(band, string.Create(CultureInfo.InvariantCulture, $"{what}_{column}_{row}"), "TIFF") is { } text
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private void Place(ReadOnlySpan<int> bands, int width, int height, Span<ushort> to, int lineStride, int bandStride)
    {
        var raw = MemoryMarshal.Cast<byte, ushort>(_raw);
        for (var y = 0; y < height; y++)
        {
            var row = raw[(y * _tileWidth * _samples)..];
            if (Sse2.IsSupported && _samples > 1)
                Spread(row, _samples, _differenced, bands, width, to[(y * lineStride)..], bandStride);
            else
                SpreadSlowly(row, _samples, _differenced, bands, width, to[(y * lineStride)..], bandStride);
        }
    }

    /// <summary>One row of pixels, the bands of each side by side, into one row for each band; the slow reference.</summary>
    /// <param name="differenced">Each number but those of the first pixel is stored as what it is more than its neighbour on the left, modulo 65,536.</param>
    /// <param name="bands">Counted from 1, in the order in which rows are wanted.</param>
    internal static void SpreadSlowly(ReadOnlySpan<ushort> row, int samples, bool differenced, ReadOnlySpan<int> bands, int width, Span<ushort> to, int bandStride)
    {
        for (var n = 0; n < bands.Length; n++)
        {
            var line = to.Slice(n * bandStride, width);
            ushort value = 0;
            for (var (x, i) = (0, bands[n] - 1); x < width; x++, i += samples)
                line[x] = value = (ushort)(row[i] + (differenced ? value : 0));
        }
    }

    /// <summary>The same, eight pixels of eight bands at a time. Reads up to <see cref="Lanes"/> numbers beyond the row.</summary>
    internal static void Spread(ReadOnlySpan<ushort> row, int samples, bool differenced, ReadOnlySpan<int> bands, int width, Span<ushort> to, int bandStride)
    {
        // What is written below without a check of its own.
        _ = to[((bands.Length - 1) * bandStride) + width - 1];
        _ = row[(width * samples) - 1];
        var whole = width / Lanes * Lanes;
        Span<ushort> last = stackalloc ushort[samples];
        last.Clear();
        var at = stackalloc ushort*[Lanes];
        var step = stackalloc int[Lanes];
        var unwanted = stackalloc ushort[Lanes];
        fixed (ushort* source = row, target = to)
        {
            for (var from = 0; from < samples && whole > 0; from += Lanes)
            {
                // An unwanted band goes again and again to the same place, which nobody reads.
                for (var lane = 0; lane < Lanes; lane++)
                {
                    at[lane] = unwanted;
                    step[lane] = 0;
                }

                for (var n = 0; n < bands.Length; n++)
                {
                    if (bands[n] - 1 - from is >= 0 and < Lanes and var lane)
                    {
                        at[lane] = target + (n * bandStride);
                        step[lane] = -1;
                    }
                }

                var sum = differenced ? Spread<Sums>(source + from, samples, at, step, whole) : Spread<AsTheyAre>(source + from, samples, at, step, whole);
                for (var lane = 0; lane < Math.Min(Lanes, samples - from); lane++)
                    last[from + lane] = sum.GetElement(lane);
            }
        }

        for (var n = 0; n < bands.Length; n++)
        {
            var line = to.Slice(n * bandStride, width);
            var value = last[bands[n] - 1];
            for (var (x, i) = (whole, (whole * samples) + bands[n] - 1); x < width; x++, i += samples)
                line[x] = value = (ushort)(row[i] + (differenced ? value : 0));

            // A band that is wanted twice went to its last place only.
            if (bands.LastIndexOf(bands[n]) is var same && same != n)
                to.Slice(same * bandStride, whole).CopyTo(to[(n * bandStride)..]);
        }
    }

    /// <param name="to">Where each of eight bands goes.</param>
    /// <param name="step">−1, or 0 for a band that stays where it is.</param>
    /// <returns>What the next pixel is more than; 0 where pixels are stored as they are.</returns>
    private static Vector128<ushort> Spread<THow>(ushort* from, int samples, ushort** to, int* step, int width)
        where THow : IStored
    {
        ushort* p0 = to[0], p1 = to[1], p2 = to[2], p3 = to[3], p4 = to[4], p5 = to[5], p6 = to[6], p7 = to[7];
        int s0 = step[0], s1 = step[1], s2 = step[2], s3 = step[3], s4 = step[4], s5 = step[5], s6 = step[6], s7 = step[7];
        var sum = Vector128<ushort>.Zero;
        for (var x = 0; x < width; x += Lanes, from += Lanes * samples)
        {
            var a = THow.After(sum, Vector128.Load(from));
            var b = THow.After(a, Vector128.Load(from + samples));
            var c = THow.After(b, Vector128.Load(from + (2 * samples)));
            var d = THow.After(c, Vector128.Load(from + (3 * samples)));
            var e = THow.After(d, Vector128.Load(from + (4 * samples)));
            var f = THow.After(e, Vector128.Load(from + (5 * samples)));
            var g = THow.After(f, Vector128.Load(from + (6 * samples)));
            sum = THow.After(g, Vector128.Load(from + (7 * samples)));

            // Eight pixels of eight bands into eight bands of eight pixels.
            var (ab, cd, ef, gh) = (Sse2.UnpackLow(a, b).AsUInt32(), Sse2.UnpackLow(c, d).AsUInt32(), Sse2.UnpackLow(e, f).AsUInt32(), Sse2.UnpackLow(g, sum).AsUInt32());
            var (low, high) = (Sse2.UnpackLow(ab, cd).AsUInt64(), Sse2.UnpackLow(ef, gh).AsUInt64());
            Sse2.UnpackLow(low, high).AsUInt16().Store(p0 + (x & s0));
            Sse2.UnpackHigh(low, high).AsUInt16().Store(p1 + (x & s1));
            (low, high) = (Sse2.UnpackHigh(ab, cd).AsUInt64(), Sse2.UnpackHigh(ef, gh).AsUInt64());
            Sse2.UnpackLow(low, high).AsUInt16().Store(p2 + (x & s2));
            Sse2.UnpackHigh(low, high).AsUInt16().Store(p3 + (x & s3));
            (ab, cd, ef, gh) = (Sse2.UnpackHigh(a, b).AsUInt32(), Sse2.UnpackHigh(c, d).AsUInt32(), Sse2.UnpackHigh(e, f).AsUInt32(), Sse2.UnpackHigh(g, sum).AsUInt32());
            (low, high) = (Sse2.UnpackLow(ab, cd).AsUInt64(), Sse2.UnpackLow(ef, gh).AsUInt64());
            Sse2.UnpackLow(low, high).AsUInt16().Store(p4 + (x & s4));
            Sse2.UnpackHigh(low, high).AsUInt16().Store(p5 + (x & s5));
            (low, high) = (Sse2.UnpackHigh(ab, cd).AsUInt64(), Sse2.UnpackHigh(ef, gh).AsUInt64());
            Sse2.UnpackLow(low, high).AsUInt16().Store(p6 + (x & s6));
            Sse2.UnpackHigh(low, high).AsUInt16().Store(p7 + (x & s7));
        }

        return THow.After(sum, Vector128<ushort>.Zero);
    }

    /// <summary>What a pixel is, given what its neighbour on the left is and what is stored.</summary>
    private interface IStored
    {
        static abstract Vector128<ushort> After(Vector128<ushort> left, Vector128<ushort> stored);
    }

    private readonly struct Sums : IStored
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<ushort> After(Vector128<ushort> left, Vector128<ushort> stored) => left + stored;
    }

    private readonly struct AsTheyAre : IStored
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<ushort> After(Vector128<ushort> left, Vector128<ushort> stored) => stored;
    }
}
