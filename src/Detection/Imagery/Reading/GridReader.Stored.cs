using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Reading;

/// <summary>Reading pixels as they are stored, for callers that decode them themselves.</summary>
public sealed partial class GridReader
{
    /// <summary>All bands are whole numbers of up to 16 bits and read as they are.</summary>
    internal bool IsWhole { get; }

    /// <summary>Some band is resampled while it is read; where it has no value it is not a number.</summary>
    internal bool IsWarped { get; }

    /// <summary>Columns of the files' natural read unit, the widest of them.</summary>
    internal int BlockWidth => _sources.Max(s => s.Dataset.GetBand(s.InFile[0]).BlockWidth);

    /// <summary>How a plane's stored numbers become reflectance (or digital numbers): stored × scale + offset; a stored number may mean "no data".</summary>
    internal (float Scale, float Offset, float? NoData) Decoding(int plane)
    {
        var (scale, offset, missing) = _decoding[plane];
        return (scale == 0 ? 1 : scale, offset, missing);
    }

    /// <summary>Reads a window of all bands into its place within <paramref name="to"/>, nothing decoded.</summary>
    internal void ReadStored(PixelWindow window, StoredPixels to)
    {
        if (to.Quality.Length > 0)
        {
            ReadQuality(window, to);
        }

        foreach (var source in _sources)
        {
            var planes = source.Planes;
            var together = true;
            for (var k = 1; k < planes.Length; k++)
            {
                together &= planes[k] == planes[k - 1] + 1;
            }

            if (together)
            {
                Take(source, source.InFile.AsSpan(0, planes.Length), planes[0], window, to);
            }
            else
            {
                for (var k = 0; k < planes.Length; k++)
                {
                    Take(source, source.InFile.AsSpan(k, 1), planes[k], window, to);
                }
            }
        }
    }

    private static void Take(Source source, ReadOnlySpan<int> bands, int firstPlane, PixelWindow window, StoredPixels to)
    {
        var at = to.At(firstPlane, window.X, window.Y);
        if (to.Whole.Length > 0)
        {
            source.Dataset.ReadStrided<ushort>(bands, window, to.Whole.AsSpan(at), to.Stride, to.BandStride);
        }
        else
        {
            source.Dataset.ReadStrided<float>(bands, window, to.Real.AsSpan(at), to.Stride, to.BandStride);
            for (var row = 0; source.Warped && row < bands.Length * window.Height; row++)
            {
                to.Real.AsSpan(to.At(firstPlane + (row / window.Height), window.X, window.Y + (row % window.Height)), window.Width).Replace(Unwritten, float.NaN);
            }
        }
    }

    /// <summary>The mask of a window, inside the file or beside it, into <see cref="_inside"/>: 0 is outside.</summary>
    private void ReadMask(Source source, PixelWindow window)
    {
        Grow(ref _inside, window.Width * window.Height);
        source.Dataset.ReadMask(source.InFile[0], window, _inside);
    }

    /// <summary>The codes of a window into <see cref="_codes"/>; of two bands of 8 bits the second is the upper half.</summary>
    private void ReadCodes(PixelWindow window, RasterDataset file, int[] bands)
    {
        var pixels = window.Width * window.Height;
        Grow(ref _codes, bands.Length * pixels);
        file.Read<int>(bands, window, window.Width, window.Height, _codes.AsSpan(0, bands.Length * pixels));
        for (var i = 0; bands.Length > 1 && i < pixels; i++)
        {
            _codes[i] += _codes[pixels + i] << 8;
        }
    }

    private void ReadQuality(PixelWindow window, StoredPixels to)
    {
        if (_quality is { } q)
        {
            ReadCodes(window, q.Dataset, q.Bands);
        }

        for (var y = 0; y < window.Height; y++)
        {
            var row = to.Quality.AsSpan(to.At(window.X, window.Y + y), window.Width);
            row.Clear();
            if (_quality is { } quality)
            {
                for (var x = 0; x < row.Length; x++)
                {
                    row[x] = quality.Codes.Of(_codes[(y * window.Width) + x]);
                }
            }
        }

        foreach (var source in _masked)
        {
            ReadMask(source, window);
            for (var y = 0; y < window.Height; y++)
            {
                var row = to.Quality.AsSpan(to.At(window.X, window.Y + y), window.Width);
                for (var x = 0; x < row.Length; x++)
                {
                    if (_inside[(y * window.Width) + x] == 0)
                    {
                        row[x] = PixelQuality.NoData;
                    }
                }
            }
        }
    }
}
