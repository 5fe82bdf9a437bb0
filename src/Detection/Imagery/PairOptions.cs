using Monitoring.Detection.Imagery.Objects;

namespace Monitoring.Detection.Imagery;

/// <summary>Constants of the pair detector. The defaults are the ones every figure in docs/algorithms/pair.md was measured with.</summary>
public sealed record PairOptions
{
    /// <summary>Side of a tile in pixels, 64 to 4096, a multiple of 64. Default 512. Working memory per thread is about 200 bytes × side².</summary>
    public int TilePixels { get; init; } = 512;

    /// <summary>Threads that read and score tiles, 1 to 64. Default 2.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Side of a sample tile in pixels. Default 256.</summary>
    public int SampleTilePixels { get; init; } = 256;

    /// <summary>Most sample tiles, spread evenly over the scene; a scene of no more tiles is sampled whole. Default 20.</summary>
    public int SampleTiles { get; init; } = 20;

    /// <summary>Find and undo the shift between the two images. Default true.</summary>
    public bool Register { get; init; } = true;

    /// <summary>Reweightings of the multivariate alteration detection, 0 to 50. Default 8.</summary>
    public int AlterationRounds { get; init; } = 8;

    /// <summary>
    /// Least threshold on the score (noise sigmas per band, root mean square, mean of 3 × 3), &gt; 1. Default 2: the mean of
    /// pure normal noise of six bands stays below 1.4, and the rest is for noise that is not normal.
    /// </summary>
    public double LeastThreshold { get; init; } = 2;

    /// <summary>Smallest patch in pixels of the comparison grid, ≥ 1. Default 9.</summary>
    public int LeastPixels { get; init; } = 9;

    /// <summary>Smallest patch in m². Default 2000 (3 亩). The larger of the two limits holds.</summary>
    public double LeastSquareMeters { get; init; } = 2000;

    /// <summary>Look for clouds, haze and shadows in the pixels themselves, besides the product's own quality band. Default true.</summary>
    public bool MaskClouds { get; init; } = true;

    /// <summary>Who decides which candidate objects are kept. Default: the trained model; <see cref="ObjectChoice.Rules"/> does without it.</summary>
    public ObjectChoice Choice { get; init; } = ObjectChoice.Model;

    /// <summary>The model that decides; null = the shipped one.</summary>
    public ObjectModel? Model { get; init; }

    /// <summary>Folder for temporary rasters (up to 2 bytes per pixel of the comparison grid, and what candidate pixels take beyond memory); null = the system's.</summary>
    public string? TemporaryFolder { get; init; }

    /// <summary>Bytes that tiles and candidate pixels may take together. No result depends on it.</summary>
    internal long MemoryBytes { get; init; } = Pair.Pass.PassMemory.Usual;

    /// <exception cref="ArgumentException">Some values are out of range; all are named.</exception>
    public void Validate()
    {
        List<string> wrong = [];
        Check(TilePixels is >= 64 and <= 4096 && TilePixels % 64 == 0, nameof(TilePixels));
        Check(Threads is >= 1 and <= 64, nameof(Threads));
        Check(SampleTilePixels is >= 32 and <= 1024, nameof(SampleTilePixels));
        Check(SampleTiles is >= 1 and <= 100, nameof(SampleTiles));
        Check(AlterationRounds is >= 0 and <= 50, nameof(AlterationRounds));
        Check(LeastThreshold is > 1 and < 10, nameof(LeastThreshold));
        Check(LeastPixels >= 1, nameof(LeastPixels));
        Check(LeastSquareMeters >= 0, nameof(LeastSquareMeters));
        if (wrong.Count > 0)
        {
            throw new ArgumentException($"Out of range: {string.Join(", ", wrong)}.");
        }

        void Check(bool right, string name)
        {
            if (!right)
            {
                wrong.Add(name);
            }
        }
    }

    /// <summary>The defaults, with what they hold read: for a caller that has something else to do meanwhile.</summary>
    public static PairOptions Usual()
    {
        var usual = new PairOptions();
        _ = usual.Fingerprint;
        return usual;
    }

    /// <summary>Everything that changes a result, as one line; part of a change set's identity.</summary>
    internal string Fingerprint => $"{PixelFingerprint} choice {Choice}{(Choice == ObjectChoice.Rules ? "" : $" model {ModelInUse.Hash}")}";

    /// <summary>The same without what only the object model decides.</summary>
    internal string PixelFingerprint => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"sample {SampleTilePixels}x{SampleTiles} register {Register} rounds {AlterationRounds} floor {LeastThreshold:R} least {LeastPixels}px {LeastSquareMeters:R}m2 clouds {MaskClouds}");

    /// <summary>The model that decides, or whose candidates are listed.</summary>
    internal ObjectModel ModelInUse => Model ?? ObjectModel.Shipped;
}
