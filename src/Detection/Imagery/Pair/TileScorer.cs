using System.Numerics.Tensors;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>
/// Works one tile at a time: reads both dates, normalises, scores. Holds all memory it needs from the first tile on; one per thread.
/// </summary>
public sealed class TileScorer : IDisposable
{
    private readonly GridReader _before;
    private readonly GridReader _after;
    private readonly int _bands;
    private readonly BandRole[] _roles;
    private readonly int _blue, _green, _red, _nir, _swir16;
    private float[] _a = [], _b = [], _total = [], _scratch = [], _ga = [], _gb = [], _valid = [], _weight = [], _sigmas = [], _textureBefore = [], _textureAfter = [];
    private PixelQuality[] _qualityBefore = [], _qualityAfter = [];
    private byte[] _flags = [];

    public TileScorer(GridReader before, GridReader after, BandPairing pairing)
    {
        (_before, _after, _bands) = (before, after, pairing.Pairs.Count);
        _roles = [.. pairing.Pairs.Select(p => p.Role)];
        (_blue, _green, _red, _nir, _swir16) = (
            pairing.IndexOf(BandRole.Blue), pairing.IndexOf(BandRole.Green), pairing.IndexOf(BandRole.Red), pairing.IndexOf(BandRole.Nir), pairing.IndexOf(BandRole.Swir16));
    }

    /// <summary>Window of what is loaded.</summary>
    public TileWindow Window { get; private set; }

    private int Pixels => Window.Outer.Width * Window.Outer.Height;

    /// <summary>Roots of the baseline's band over the outer window; after <see cref="Normalise"/>, carried onto the current scene.</summary>
    public Span<float> Before(int band) => _a.AsSpan(band * Pixels, Pixels);

    /// <summary>Roots of the current scene's band over the outer window.</summary>
    public Span<float> After(int band) => _b.AsSpan(band * Pixels, Pixels);

    /// <summary>1 where both dates were seen clearly (as far as the quality bands tell), else 0; over the outer window.</summary>
    public ReadOnlySpan<float> Valid => _valid.AsSpan(0, Pixels);

    /// <summary>Mean score over 3 × 3 valid pixels, weighted by what may be a change; over the outer window, after <see cref="Score"/>.</summary>
    public Span<float> Scores => _total.AsSpan(0, Pixels);

    /// <summary>What single pixels look like; over the outer window, after <see cref="Normalise"/>.</summary>
    public ReadOnlySpan<byte> Flags => _flags.AsSpan(0, Pixels);

    /// <summary>Reads both dates as reflectance (or digital numbers) times the factors.</summary>
    public void Load(TileWindow window, double factorBefore, double factorAfter, CancellationToken cancellation)
    {
        Window = window;
        var pixels = Pixels;
        if (_valid.Length < pixels)
        {
            _a = new float[_bands * pixels];
            _b = new float[_bands * pixels];
            (_total, _scratch, _ga, _gb, _valid, _weight) = (new float[pixels], new float[pixels], new float[pixels], new float[pixels], new float[pixels], new float[pixels]);
            (_sigmas, _textureBefore, _textureAfter) = (new float[_bands * pixels], new float[pixels], new float[pixels]);
            (_qualityBefore, _qualityAfter, _flags) = (new PixelQuality[pixels], new PixelQuality[pixels], new byte[pixels]);
        }

        _before.Read(window.Outer, _a, _qualityBefore, cancellation);
        _after.Read(window.Outer, _b, _qualityAfter, cancellation);
        if (factorBefore != 1)
        {
            PlaneMath.Line(_a.AsSpan(0, _bands * pixels), (float)factorBefore, 0);
        }

        if (factorAfter != 1)
        {
            PlaneMath.Line(_b.AsSpan(0, _bands * pixels), (float)factorAfter, 0);
        }

        for (var i = 0; i < pixels; i++)
        {
            _valid[i] = _qualityBefore[i] == PixelQuality.Clear && _qualityAfter[i] == PixelQuality.Clear ? 1 : 0;
        }
    }

    /// <summary>True where nothing was recorded on a date, whatever the clouds; index into the outer window.</summary>
    internal bool IsMissing(int i, bool before) => (before ? _qualityBefore[i] : _qualityAfter[i]) == PixelQuality.NoData;

    /// <summary>Marks what looks like cloud on one date, before the roots are taken.</summary>
    public void MarkBright(bool calibrated)
    {
        var flags = _flags.AsSpan(0, Pixels);
        flags.Clear();
        for (var i = 0; i < flags.Length; i++)
        {
            if (_qualityBefore[i] is PixelQuality.Cloud or PixelQuality.Shadow)
            {
                flags[i] |= PixelFlags.ProductCloudBefore;
            }

            if (_qualityAfter[i] is PixelQuality.Cloud or PixelQuality.Shadow)
            {
                flags[i] |= PixelFlags.ProductCloudAfter;
            }
        }

        if (!calibrated || _blue < 0 || _green < 0 || _red < 0)
        {
            return;
        }

        ReadOnlySpan<float> ab = Before(_blue), ag = Before(_green), ar = Before(_red), bb = After(_blue), bg = After(_green), br = After(_red);
        for (var i = 0; i < flags.Length; i++)
        {
            if (CloudTest.LooksLikeCloud(ab[i], ag[i], ar[i]))
            {
                flags[i] |= PixelFlags.BrightBefore;
            }

            if (CloudTest.LooksLikeCloud(bb[i], bg[i], br[i]))
            {
                flags[i] |= PixelFlags.BrightAfter;
            }
        }
    }

    public void TakeRoots()
    {
        PlaneMath.Root(_a.AsSpan(0, _bands * Pixels));
        PlaneMath.Root(_b.AsSpan(0, _bands * Pixels));
    }

    /// <summary>Carries the baseline onto the current scene's radiometry, then settles the cloud and shadow flags, which compare the dates.</summary>
    public void Normalise(PairModel model)
    {
        for (var k = 0; k < _bands; k++)
        {
            PlaneMath.Line(Before(k), (float)model.Lines[k].Slope, (float)model.Lines[k].Offset);
        }

        var flags = _flags.AsSpan(0, Pixels);
        if (model.Calibrated && _blue >= 0 && _red >= 0)
        {
            // Colour pictures have no infrared band: red then tells shadows, though worse.
            var near = _nir >= 0 ? _nir : _red;
            ReadOnlySpan<float> ab = Before(_blue), bb = After(_blue), an = Before(near), bn = After(near);
            var infrared = _swir16 >= 0 ? _swir16 : near;
            ReadOnlySpan<float> a1 = Before(infrared), b1 = After(infrared);
            for (var i = 0; i < flags.Length; i++)
            {
                flags[i] = CloudTest.Settle(flags[i], ab[i], bb[i], an[i], bn[i], a1[i], b1[i]);
            }
        }

        Weigh(model);
    }

    /// <summary>
    /// Texture of a band: 3 × 3 sums of gradient energy of both dates, into buffers that the next call overwrites.
    /// </summary>
    public void Texture(int band, out ReadOnlySpan<float> before, out ReadOnlySpan<float> after)
    {
        int width = Window.Outer.Width, height = Window.Outer.Height;
        PlaneMath.GradientEnergy(Before(band), width, height, _ga);
        PlaneMath.Sum3x3(_ga, width, height, _scratch, _ga);
        PlaneMath.GradientEnergy(After(band), width, height, _gb);
        PlaneMath.Sum3x3(_gb, width, height, _scratch, _gb);
        before = _ga.AsSpan(0, Pixels);
        after = _gb.AsSpan(0, Pixels);
    }

    /// <summary>Fills <see cref="Scores"/>.</summary>
    public void Score(PairModel model)
    {
        int width = Window.Outer.Width, height = Window.Outer.Height, pixels = Pixels;
        var total = Scores;
        total.Clear();
        _textureBefore.AsSpan(0, pixels).Clear();
        _textureAfter.AsSpan(0, pixels).Clear();
        for (var k = 0; k < _bands; k++)
        {
            Texture(k, out var ga, out var gb);
            ReadOnlySpan<float> a = Before(k), b = After(k);
            var sigmas = _sigmas.AsSpan(k * pixels, pixels);
            float floor = (float)model.Noise[k].Floor, slope = (float)model.Noise[k].Slope;
            for (var i = 0; i < pixels; i++)
            {
                sigmas[i] = (b[i] - a[i]) / MathF.Sqrt(floor + (slope * Math.Min(ga[i], gb[i])));
                _textureBefore[i] += MathF.Sqrt(ga[i]) / _bands;
                _textureAfter[i] += MathF.Sqrt(gb[i]) / _bands;
            }

            PlaneMath.AddNormalisedSquare(Before(k), After(k), ga, gb, (float)model.Noise[k].Floor, (float)model.Noise[k].Slope, total);
        }

        // Root mean square over the bands, in sigmas; then the mean over the valid ones of 3 × 3 pixels.
        PlaneMath.Line(total, 1f / _bands, 0);
        PlaneMath.Root(total);
        TensorPrimitives.Multiply(total, Valid, total);
        PlaneMath.Sum3x3(total, width, height, _scratch, total);
        PlaneMath.Sum3x3(Valid, width, height, _scratch, _ga);
        var counts = _ga.AsSpan(0, pixels);
        TensorPrimitives.Max(counts, 1f, counts);
        TensorPrimitives.Divide(total, counts, total);
        TensorPrimitives.Multiply(total, _weight.AsSpan(0, pixels), total);
    }

    /// <summary>
    /// A pixel with dense vegetation on both dates changed its season, one that is water on both its colour: neither is change of cover.
    /// </summary>
    private void Weigh(PairModel model)
    {
        var weight = _weight.AsSpan(0, Pixels);
        weight.Fill(1);
        if (_red < 0 || _nir < 0 || !model.Calibrated)
        {
            return;
        }

        ReadOnlySpan<float> ar = Before(_red), an = Before(_nir), br = After(_red), bn = After(_nir);
        var water = _green >= 0 && _swir16 >= 0;
        ReadOnlySpan<float> ag = water ? Before(_green) : ar, a1 = water ? Before(_swir16) : an, bg = water ? After(_green) : br, b1 = water ? After(_swir16) : bn;
        for (var i = 0; i < weight.Length; i++)
        {
            float ared = ar[i] * ar[i], anir = an[i] * an[i], bred = br[i] * br[i], bnir = bn[i] * bn[i];
            float before = SpectralIndex.Ndvi(ared, anir), after = SpectralIndex.Ndvi(bred, bnir);
            var green = Math.Min(before, after);
            weight[i] = Math.Clamp((CoverLimits.DenseVegetation - green) / (CoverLimits.DenseVegetation - CoverLimits.SparseVegetation), 0, 1);
            if (water && CoverLimits.IsWater(before, ag[i] * ag[i], a1[i] * a1[i]) && CoverLimits.IsWater(after, bg[i] * bg[i], b1[i] * b1[i]))
            {
                weight[i] = 0;
            }
        }
    }

    /// <summary>Mean spectra of one pixel as the patch facts need them.</summary>
    public PixelFacts FactsAt(int i)
    {
        var a = new Spectrum(At(_a, _blue, i), At(_a, _green, i), At(_a, _red, i), At(_a, _nir, i), At(_a, _swir16, i));
        var b = new Spectrum(At(_b, _blue, i), At(_b, _green, i), At(_b, _red, i), At(_b, _nir, i), At(_b, _swir16, i));
        return PixelFacts.Of(a, b);
    }

    /// <summary>What one pixel adds to its object, after <see cref="Score"/>.</summary>
    public PixelSample SampleAt(int i)
    {
        var sample = new PixelSample(_total[i], _textureBefore[i], _textureAfter[i]);
        for (var k = 0; k < _bands; k++)
        {
            if (_roles[k] < BandRole.Other)
            {
                sample.Set((int)_roles[k], At(_a, k, i), At(_b, k, i), _sigmas[(k * Pixels) + i]);
            }
        }

        return sample;
    }

    public void Dispose()
    {
        _before.Dispose();
        _after.Dispose();
    }

    private float At(float[] roots, int band, int i)
    {
        if (band < 0)
        {
            return 0;
        }

        var root = Math.Max(0, roots[(band * Pixels) + i]);
        return root * root;
    }
}
