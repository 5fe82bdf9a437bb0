using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Reading;

/// <summary>
/// Some rows and columns of a scene's bands as the file stores them, whole numbers of up to 16 bits where that is all there is, else
/// floats: [band][row][column], with rows padded so that vector loops may read past the last column. Later rows take the place of
/// earlier ones, so windows begin at multiples of the rows that are held.
/// </summary>
/// <remarks>Threads may fill and read different columns at the same time. Memory is taken once, by the constructor.</remarks>
internal sealed class StoredPixels
{
    /// <summary>Elements past a row's end that may be read; the longest vector of 16-bit numbers and one more for a neighbour.</summary>
    public const int Padding = 64;

    private readonly int _bands;
    private readonly int _rows;

    /// <summary>Room for what a reader will put there.</summary>
    public StoredPixels(GridReader reader, int width, int rows)
        : this(reader.Bands, width, rows, reader.IsWhole, reader.HasQuality)
    {
    }

    /// <param name="width">Most columns that a window will have.</param>
    /// <param name="rows">Rows that are held.</param>
    /// <param name="isWhole">Whole numbers of up to 16 bits, else floats.</param>
    /// <param name="hasQuality">Something says of each pixel what it is worth.</param>
    public StoredPixels(int bands, int width, int rows, bool isWhole, bool hasQuality)
    {
        (_bands, _rows) = (bands, rows);
        Stride = StrideOf(width);
        var length = checked((bands * rows * Stride) + Padding);
        Whole = isWhole ? new ushort[length] : [];
        Real = isWhole ? [] : new float[length];
        Quality = hasQuality ? new PixelQuality[(rows * Stride) + Padding] : [];
    }

    /// <summary>Elements from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>Empty when the pixels are floats.</summary>
    public ushort[] Whole { get; }

    /// <summary>Empty when the pixels are whole numbers.</summary>
    public float[] Real { get; }

    /// <summary>What the quality band says of each pixel; empty when there is none (then all are clear).</summary>
    public PixelQuality[] Quality { get; }

    /// <summary>Scene column of the first column held.</summary>
    public int Left { get; private set; }

    public int BandStride => _rows * Stride;

    /// <summary>Bytes that are held.</summary>
    public long Bytes => ((long)Whole.Length * sizeof(ushort)) + ((long)Real.Length * sizeof(float)) + ((long)Quality.Length * sizeof(PixelQuality));

    /// <summary>Bytes that the room for what a reader puts there takes.</summary>
    public static long BytesOf(GridReader reader, int width, int rows) =>
        BytesOf((reader.Bands * (reader.IsWhole ? sizeof(ushort) : sizeof(float))) + (reader.HasQuality ? sizeof(PixelQuality) : 0), width, rows);

    /// <param name="pixelBytes">Of all bands of a pixel.</param>
    public static long BytesOf(int pixelBytes, int width, int rows) => (((long)rows * StrideOf(width)) + Padding) * pixelBytes;

    /// <summary>From now on the buffer stands for columns from this one on.</summary>
    public void MoveTo(int left) => Left = left;

    /// <summary>Where in <see cref="Whole"/> or <see cref="Real"/> a pixel lies. Rows go round: a row's place is its remainder.</summary>
    public int At(int band, int x, int y) => (((band * _rows) + (y % _rows)) * Stride) + x - Left;

    /// <summary>Where in <see cref="Quality"/> a pixel lies.</summary>
    public int At(int x, int y) => (y % _rows * Stride) + x - Left;

    /// <summary>Takes a window from pixels of the same bands and kind that hold it.</summary>
    public void CopyFrom(StoredPixels other, PixelWindow window)
    {
        // Band by band: a few columns of a row lie far from those of the next, and those of another band farther.
        for (var band = 0; band < _bands; band++)
        {
            for (var y = window.Y; y < window.Y + window.Height; y++)
            {
                var (from, to) = (other.At(band, window.X, y), At(band, window.X, y));
                if (Whole.Length > 0)
                {
                    other.Whole.AsSpan(from, window.Width).CopyTo(Whole.AsSpan(to));
                }
                else
                {
                    other.Real.AsSpan(from, window.Width).CopyTo(Real.AsSpan(to));
                }
            }
        }

        for (var y = window.Y; Quality.Length > 0 && y < window.Y + window.Height; y++)
        {
            other.Quality.AsSpan(other.At(window.X, y), window.Width).CopyTo(Quality.AsSpan(At(window.X, y)));
        }
    }

    private static int StrideOf(int width) => (width + Padding + 31) / 32 * 32;
}
