using System.Runtime.CompilerServices;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>One tile of the sample, as stored, on both dates.</summary>
internal sealed class SampleTile
{
    private readonly StoredPixels _before;
    private readonly StoredPixels _after;

    public SampleTile(PixelWindow window, int rows, GridReader before, GridReader after)
    {
        Window = window;
        _before = new StoredPixels(before, window.Width, rows);
        _after = new StoredPixels(after, window.Width, rows);
        _before.MoveTo(window.X);
        _after.MoveTo(window.X);
        before.ReadStored(window, _before);
        after.ReadStored(window, _after);
    }

    public PixelWindow Window { get; }

    /// <summary>Every seventh stored value of a band on one date where both dates were seen.</summary>
    public void Collect(bool before, int bands, IReadOnlyList<RowMath.Decoding> first, IReadOnlyList<RowMath.Decoding> second, List<float> values)
    {
        for (var i = 0; i < Window.PixelCount; i += 7)
        {
            var (x, y) = At(i);
            if (IsSeen(x, y, bands, first, second))
            {
                values.Add(Stored(before ? _before : _after, 0, x, y));
            }
        }
    }

    /// <summary>Roots of one band on both dates; NaN where either was not seen.</summary>
    public (float[] Before, float[] After, int Width, int Height) Roots(int band, PairModel model)
    {
        float[] a = new float[Window.PixelCount], b = new float[Window.PixelCount];
        for (var i = 0; i < a.Length; i++)
        {
            var (x, y) = At(i);
            (a[i], b[i]) = IsSeen(x, y, model.DecodingBefore.Count, model.DecodingBefore, model.DecodingAfter)
                ? (Root(_before, band, x, y, model.DecodingBefore[band]), Root(_after, band, x, y, model.DecodingAfter[band]))
                : (float.NaN, float.NaN);
        }

        return (a, b, Window.Width, Window.Height);
    }

    /// <summary>Roots of all bands, clouds left out, at every <paramref name="stride"/>th pixel.</summary>
    public void Collect(int stride, PairModel model, BandIndex bands, List<float>[] before, List<float>[] after)
    {
        for (var y = Window.Y; y < Window.Y + Window.Height; y++)
        {
            for (var x = Window.X + FirstColumn(y - Window.Y, stride); x < Window.X + Window.Width; x += stride)
            {
                if (!IsSeen(x, y, bands.Count, model.DecodingBefore, model.DecodingAfter)
                    || (model.Calibrated && bands.SeesClouds && (LooksLikeCloud(_before, model.DecodingBefore, bands, x, y) || LooksLikeCloud(_after, model.DecodingAfter, bands, x, y))))
                {
                    continue;
                }

                for (var k = 0; k < bands.Count; k++)
                {
                    before[k].Add(Root(_before, k, x, y, model.DecodingBefore[k]));
                    after[k].Add(Root(_after, k, x, y, model.DecodingAfter[k]));
                }
            }
        }
    }

    /// <summary>Differences and textures at every <paramref name="stride"/>th pixel that is not cloudy.</summary>
    public void CollectNoise(int stride, PairModel model, BandPairing pairing, List<float>[] differences, List<float>[] textures)
    {
        var scorer = NewScorer(model, pairing);
        var flags = new byte[Window.Width * Window.Height];
        Run(scorer, flags, new byte[flags.Length], () =>
        {
            var y = scorer.TextureRow - Window.Y;
            if (y < 0 || y >= Window.Height)
            {
                return;
            }

            for (var x = FirstColumn(y, stride); x < Window.Width; x += stride)
            {
                if ((flags[(y * Window.Width) + x] & PixelFlags.Cloudy) == 0)
                {
                    scorer.Sample(Window.X + x, differences, textures);
                }
            }
        });
    }

    /// <summary>Scores of all pixels in steps, what they look like (<see cref="PixelFlags"/>) and where both dates were seen; row-major.</summary>
    public (byte[] Levels, byte[] Flags, byte[] Clear) Score(PairModel model, BandPairing pairing)
    {
        var scorer = NewScorer(model, pairing);
        var pixels = Window.Width * Window.Height;
        var (levels, flags, clear) = (new byte[pixels], new byte[pixels], new byte[pixels]);
        Run(scorer, flags, clear, () =>
        {
            if (scorer.HasRow)
            {
                scorer.Levels.CopyTo(levels.AsSpan((scorer.Row - Window.Y) * Window.Width));
            }
        });
        return (levels, flags, clear);
    }

    private RowScorer NewScorer(PairModel model, BandPairing pairing) =>
        new(model, pairing, Window.X, Window.Width, Window.X, Window.X + Window.Width, Window.Y, Window.Height);

    private void Run(RowScorer scorer, byte[] flags, byte[] clear, Action row)
    {
        for (var y = Window.Y; y < Window.Y + Window.Height; y++)
        {
            scorer.Add(y, _before, _after);
            scorer.Flags.CopyTo(flags.AsSpan((y - Window.Y) * Window.Width));
            scorer.Clear.CopyTo(clear.AsSpan((y - Window.Y) * Window.Width));
            row();
        }

        for (var i = 0; i < RowScorer.Reach; i++)
        {
            scorer.AddNothing();
            row();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (int X, int Y) At(int i) => (Window.X + (i % Window.Width), Window.Y + (i / Window.Width));

    /// <summary>The columns of one row are not those of the next.</summary>
    private static int FirstColumn(int row, int stride) => row * 5 % stride;

    private bool IsSeen(int x, int y, int bands, IReadOnlyList<RowMath.Decoding> first, IReadOnlyList<RowMath.Decoding> second) =>
        IsSeen(_before, x, y, bands, first) && IsSeen(_after, x, y, bands, second);

    private static bool IsSeen(StoredPixels pixels, int x, int y, int bands, IReadOnlyList<RowMath.Decoding> decodings)
    {
        if (pixels.Quality.Length > 0 && pixels.Quality[pixels.At(x, y)] != PixelQuality.Clear)
        {
            return false;
        }

        var filled = false;
        for (var k = 0; k < bands; k++)
        {
            var stored = Stored(pixels, k, x, y);
            if (stored == decodings[k].Missing || !float.IsFinite(stored))
            {
                return false;
            }

            filled |= stored != 0;
        }

        return filled;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Stored(StoredPixels pixels, int band, int x, int y)
    {
        var at = pixels.At(band, x, y);
        return pixels.Whole.Length > 0 ? pixels.Whole[at] : pixels.Real[at];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Root(StoredPixels pixels, int band, int x, int y, in RowMath.Decoding how) =>
        (MathF.Sqrt(Math.Clamp((Stored(pixels, band, x, y) * how.Scale) + how.Offset, 0f, 1e12f)) * how.Slope) + how.Lift;

    private static bool LooksLikeCloud(StoredPixels pixels, IReadOnlyList<RowMath.Decoding> decodings, BandIndex bands, int x, int y)
    {
        return CloudTest.LooksLikeCloud(Reflectance(bands.Blue), Reflectance(bands.Green), Reflectance(bands.Red));

        float Reflectance(int band) => (Stored(pixels, band, x, y) * decodings[band].Scale) + decodings[band].Offset;
    }
}
