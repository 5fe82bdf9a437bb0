using System.Runtime.CompilerServices;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Pair.Scoring;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair.Sampling;

/// <summary>One tile of the sample, as stored, on both dates.</summary>
internal sealed class SampleTile
{
    private readonly StoredPixels _before;
    private readonly StoredPixels _after;

    /// <summary>1 where both dates were seen clearly as far as files and quality bands tell, row-major.</summary>
    private readonly byte[] _seen;

    /// <param name="window">What the tile is.</param>
    /// <param name="early">Pixels that hold the window; not written to any more.</param>
    /// <param name="late">The same of the scene after.</param>
    public SampleTile(PixelWindow window, StoredPixels early, StoredPixels late, GridReader before, GridReader after)
    {
        Window = window;
        (_before, _after) = (early, late);
        _seen = new byte[window.Width * window.Height];
        _seen.AsSpan().Fill(1);
        HideGaps(before, _before);
        HideGaps(after, _after);
    }

    public PixelWindow Window { get; }

    /// <summary>One band of one date, decoded, and what each pixel is worth as far as this band and the quality band tell.</summary>
    public void Read(bool late, int band, (float Scale, float Offset, float? NoData) decoding, Span<float> values, Span<PixelQuality> quality)
    {
        var pixels = late ? _after : _before;
        for (var (y, i) = (Window.Y, 0); y < Window.Y + Window.Height; y++)
        {
            var at = pixels.Quality.Length > 0 ? pixels.At(Window.X, y) : -1;
            for (var x = 0; x < Window.Width; x++, i++)
            {
                var stored = Stored(pixels, band, Window.X + x, y);
                values[i] = (stored * decoding.Scale) + decoding.Offset;
                quality[i] = stored == decoding.NoData || !float.IsFinite(stored) || stored == 0 ? PixelQuality.NoData
                    : at >= 0 ? pixels.Quality[at + x] : PixelQuality.Clear;
            }
        }
    }

    /// <summary>Roots of one band on both dates; NaN where either was not seen.</summary>
    public (float[] Before, float[] After, int Width, int Height) Roots(int band, PairModel model)
    {
        float[] a = RootsOf(_before, band, model.DecodingBefore[band]), b = RootsOf(_after, band, model.DecodingAfter[band]);
        for (var i = 0; i < _seen.Length; i++)
        {
            if (_seen[i] == 0)
            {
                a[i] = b[i] = float.NaN;
            }
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
                if (_seen[((y - Window.Y) * Window.Width) + x - Window.X] == 0
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

    /// <summary>Differences and textures at every <paramref name="stride"/>th pixel that is not cloudy, and what objects are measured against.</summary>
    public void CollectNoise(int stride, PairModel model, BandPairing pairing, List<float>[] differences, List<float>[] textures, Objects.SceneTally tally)
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
                    scorer.Tally(Window.X + x, tally);
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

    private float[] RootsOf(StoredPixels pixels, int band, in RowMath.Decoding how)
    {
        var roots = new float[Window.Width * Window.Height];
        var scratch = new float[PaddedRow.StrideOf(Window.Width)];
        var row = new PaddedRow(scratch, PaddedRow.Lanes, Window.Width);
        for (var y = 0; y < Window.Height; y++)
        {
            var at = pixels.At(band, Window.X, Window.Y + y);
            if (pixels.Whole.Length > 0)
            {
                RowMath.Roots(pixels.Whole.AsSpan(at), how, row, Window.Width);
            }
            else
            {
                RowMath.Roots(pixels.Real.AsSpan(at), how, row, Window.Width);
            }

            row.Span(Window.Width).CopyTo(roots.AsSpan(y * Window.Width));
        }

        return roots;
    }

    /// <summary>The columns of one row are not those of the next.</summary>
    private static int FirstColumn(int row, int stride) => row * 5 % stride;

    private void HideGaps(GridReader reader, StoredPixels pixels)
    {
        RowMath.Decoding[] decodings = [.. Enumerable.Range(0, reader.Bands).Select(k => new RowMath.Decoding(1, 0, reader.Decoding(k).NoData ?? float.NaN, 1, 0))];
        var rows = new float[2 * PaddedRow.StrideOf(Window.Width)];
        PaddedRow present = new(rows, PaddedRow.Lanes, Window.Width), filled = new(rows, (rows.Length / 2) + PaddedRow.Lanes, Window.Width);
        for (var y = 0; y < Window.Height; y++)
        {
            present.Span(Window.Width).Fill(1);
            filled.Span(Window.Width).Clear();
            RowGaps.Mark(pixels, Window.Y + y, Window.X, Window.Width, decodings, present, filled);
            var seen = _seen.AsSpan(y * Window.Width, Window.Width);
            var at = pixels.Quality.Length > 0 ? pixels.At(Window.X, Window.Y + y) : -1;
            for (var x = 0; x < seen.Length; x++)
            {
                seen[x] &= (byte)(present[x] * filled[x]);
                if (at >= 0 && pixels.Quality[at + x] != PixelQuality.Clear)
                {
                    seen[x] = 0;
                }
            }
        }
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

    private static bool LooksLikeCloud(StoredPixels pixels, RowMath.Decoding[] decodings, BandIndex bands, int x, int y)
    {
        return CloudTest.LooksLikeCloud(Reflectance(bands.Blue), Reflectance(bands.Green), Reflectance(bands.Red));

        float Reflectance(int band) => (Stored(pixels, band, x, y) * decodings[band].Scale) + decodings[band].Offset;
    }
}
