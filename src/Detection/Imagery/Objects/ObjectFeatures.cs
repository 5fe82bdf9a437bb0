using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Reading;
using Lane = Monitoring.Detection.Imagery.Objects.ObjectSums.Lane;

namespace Monitoring.Detection.Imagery.Objects;

/// <summary>
/// The features of an object, by name; NaN where a band or the calibration is missing. What is spectral is an index, a difference in noise sigmas, or
/// measured against the scene's own mean and deviation, so that other sensors and seasons give like numbers.
/// </summary>
public static class ObjectFeatures
{
    /// <summary>Names in the order of the vector. A model names those it reads, so the list may grow at its end.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "area_log", "length_m", "width_m", "elongation", "fill", "compactness",
        "score_ratio_log", "coherence",
        "before_nir_relative", "after_nir_relative", "before_swir22_relative", "after_swir22_relative", "before_bright_relative", "after_bright_relative",
        "texture_before_relative", "texture_after_relative", "texture_ratio_log",
        "ndvi_before", "ndvi_after", "ndbi_before", "ndbi_after", "mndwi_before", "mndwi_after", "bsi_before", "bsi_after",
        "red_blue_before", "red_blue_after", "swir_ratio_before", "swir_ratio_after", "bright_before", "bright_after",
        "neighbour_likeness",
    ];

    private static readonly Dictionary<string, int> Places = Names.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i, StringComparer.Ordinal);

    /// <summary>Place of a feature in the vector.</summary>
    /// <exception cref="KeyNotFoundException">No feature has that name.</exception>
    public static int PlaceOf(string name) => Places[name];

    public static bool Has(string name) => Places.ContainsKey(name);

    /// <param name="likeness">As <see cref="ObjectSurroundings"/>; NaN when nobody asked for it.</param>
    public static float[] Of(ObjectSums sums, in ObjectShape shape, SceneContext scene, float likeness)
    {
        ArgumentNullException.ThrowIfNull(sums);
        ArgumentNullException.ThrowIfNull(scene);
        var metres = scene.GsdMeters;
        var (length, width) = shape.Axes;
        var score = sums.Mean(Lane.Score);
        var rms = Math.Sqrt(sums.Mean(Lane.DifferenceSquared));
        Indices before = new(sums, after: false, scene.Calibrated), after = new(sums, after: true, scene.Calibrated);
        double textureBefore = sums.Mean(Lane.TextureBefore) / scene.MeanTexture, textureAfter = sums.Mean(Lane.TextureAfter) / scene.MeanTexture;
        return
        [
            F(Math.Log(shape.Pixels * metres * metres)), F(length * metres), F(width * metres), F(length / width), F(shape.Fill), F(shape.Compactness),
            F(Math.Log(score / scene.Threshold)), F(Math.Abs(sums.Mean(Lane.Difference)) / (rms + 1e-6)),
            Relative(sums.Before(BandRole.Nir), scene, BandRole.Nir), Relative(sums.After(BandRole.Nir), scene, BandRole.Nir),
            Relative(sums.Before(BandRole.Swir22), scene, BandRole.Swir22), Relative(sums.After(BandRole.Swir22), scene, BandRole.Swir22),
            F((before.Brightness - scene.MeanBrightness) / scene.DeviationBrightness), F((after.Brightness - scene.MeanBrightness) / scene.DeviationBrightness),
            F(textureBefore), F(textureAfter), F(Math.Log((textureAfter + 0.05) / (textureBefore + 0.05))),
            before.Ndvi, after.Ndvi, before.Ndbi, after.Ndbi, before.Mndwi, after.Mndwi, before.Bsi, after.Bsi,
            before.RedBlue, after.RedBlue, before.SwirRatio, after.SwirRatio, F(scene.Calibrated ? before.Brightness : double.NaN), F(scene.Calibrated ? after.Brightness : double.NaN),
            likeness,
        ];
    }

    /// <summary>Root of an object's mean reflectance against the roots of the later scene, in standard deviations.</summary>
    private static float Relative(double reflectance, SceneContext scene, BandRole role) =>
        F((Math.Sqrt(reflectance) - scene.MeanRoot[(int)role]) / scene.DeviationRoot[(int)role]);

    private static float F(double value) => double.IsFinite(value) ? (float)value : float.NaN;

    /// <summary>Indices of the mean spectrum of one date; NaN where a band or the calibration is missing.</summary>
    private readonly struct Indices
    {
        public Indices(ObjectSums sums, bool after, bool calibrated)
        {
            var from = after ? Lane.After : Lane.Before;
            float blue = (float)sums.Mean(from), green = (float)sums.Mean(from + 1), red = (float)sums.Mean(from + 2),
                nir = (float)sums.Mean(from + 3), swir16 = (float)sums.Mean(from + 4), swir22 = (float)sums.Mean(from + 5);
            Brightness = (blue + (double)green + red) / 3;
            if (!calibrated)
            {
                (Ndvi, Ndbi, Mndwi, Bsi, RedBlue, SwirRatio) = (float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN);
                return;
            }

            Ndvi = SpectralIndex.Ndvi(red, nir);
            Ndbi = SpectralIndex.Ndbi(nir, swir16);
            Mndwi = SpectralIndex.Mndwi(green, swir16);
            Bsi = SpectralIndex.Bsi(blue, red, nir, swir16);
            RedBlue = Ratio(red, blue);
            SwirRatio = Ratio(swir22, swir16);
        }

        public double Brightness { get; }

        public float Ndvi { get; }

        public float Ndbi { get; }

        public float Mndwi { get; }

        public float Bsi { get; }

        public float RedBlue { get; }

        public float SwirRatio { get; }

        private static float Ratio(float a, float b) => a + b > 1e-6f ? (a - b) / (a + b) : float.NaN;
    }
}
