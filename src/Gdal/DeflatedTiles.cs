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
        var whole = width / Lanes * Lanes;
        Span<ushort> last = stackalloc ushort[samples];
        last.Clear();
        Span<Vector128<ushort>> planes = stackalloc Vector128<ushort>[Lanes];
        ref var source = ref MemoryMarshal.GetReference(row);
        for (var from = 0; from < samples; from += Lanes)
        {
            var sum = Vector128<ushort>.Zero;
            var mask = differenced ? Vector128<ushort>.AllBitsSet : Vector128<ushort>.Zero;
            for (var x = 0; x < whole; x += Lanes)
            {
                ref var at = ref Unsafe.Add(ref source, (x * samples) + from);
                var a = (sum & mask) + Vector128.LoadUnsafe(ref at);
                var b = (a & mask) + Vector128.LoadUnsafe(ref at, (nuint)samples);
                var c = (b & mask) + Vector128.LoadUnsafe(ref at, (nuint)(2 * samples));
                var d = (c & mask) + Vector128.LoadUnsafe(ref at, (nuint)(3 * samples));
                var e = (d & mask) + Vector128.LoadUnsafe(ref at, (nuint)(4 * samples));
                var f = (e & mask) + Vector128.LoadUnsafe(ref at, (nuint)(5 * samples));
                var g = (f & mask) + Vector128.LoadUnsafe(ref at, (nuint)(6 * samples));
                sum = (g & mask) + Vector128.LoadUnsafe(ref at, (nuint)(7 * samples));
                Transpose(a, b, c, d, e, f, g, sum, planes);
                for (var n = 0; n < bands.Length; n++)
                {
                    var lane = bands[n] - 1 - from;
                    if ((uint)lane < Lanes)
                        planes[lane].StoreUnsafe(ref to[(n * bandStride) + x]);
                }
            }

            for (var lane = 0; lane < Math.Min(Lanes, samples - from); lane++)
                last[from + lane] = differenced ? sum.GetElement(lane) : (ushort)0;
        }

        for (var n = 0; n < bands.Length; n++)
        {
            var line = to.Slice(n * bandStride, width);
            var value = last[bands[n] - 1];
            for (var (x, i) = (whole, (whole * samples) + bands[n] - 1); x < width; x++, i += samples)
                line[x] = value = (ushort)(row[i] + (differenced ? value : 0));
        }
    }

    /// <summary>Eight pixels of eight bands into eight bands of eight pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        Vector128<ushort> a, Vector128<ushort> b, Vector128<ushort> c, Vector128<ushort> d, Vector128<ushort> e, Vector128<ushort> f, Vector128<ushort> g, Vector128<ushort> h,
        Span<Vector128<ushort>> planes)
    {
        var (ab, cd, ef, gh) = (Sse2.UnpackLow(a, b).AsUInt32(), Sse2.UnpackLow(c, d).AsUInt32(), Sse2.UnpackLow(e, f).AsUInt32(), Sse2.UnpackLow(g, h).AsUInt32());
        var (abHigh, cdHigh, efHigh, ghHigh) =
            (Sse2.UnpackHigh(a, b).AsUInt32(), Sse2.UnpackHigh(c, d).AsUInt32(), Sse2.UnpackHigh(e, f).AsUInt32(), Sse2.UnpackHigh(g, h).AsUInt32());
        var (first, second) = (Sse2.UnpackLow(ab, cd).AsUInt64(), Sse2.UnpackLow(ef, gh).AsUInt64());
        (planes[0], planes[1]) = (Sse2.UnpackLow(first, second).AsUInt16(), Sse2.UnpackHigh(first, second).AsUInt16());
        (first, second) = (Sse2.UnpackHigh(ab, cd).AsUInt64(), Sse2.UnpackHigh(ef, gh).AsUInt64());
        (planes[2], planes[3]) = (Sse2.UnpackLow(first, second).AsUInt16(), Sse2.UnpackHigh(first, second).AsUInt16());
        (first, second) = (Sse2.UnpackLow(abHigh, cdHigh).AsUInt64(), Sse2.UnpackLow(efHigh, ghHigh).AsUInt64());
        (planes[4], planes[5]) = (Sse2.UnpackLow(first, second).AsUInt16(), Sse2.UnpackHigh(first, second).AsUInt16());
        (first, second) = (Sse2.UnpackHigh(abHigh, cdHigh).AsUInt64(), Sse2.UnpackHigh(efHigh, ghHigh).AsUInt64());
        (planes[6], planes[7]) = (Sse2.UnpackLow(first, second).AsUInt16(), Sse2.UnpackHigh(first, second).AsUInt16());
    }
}
