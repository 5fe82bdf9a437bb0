using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Reading;

/// <summary>One band of the baseline scene and the band of the current scene that shows the same.</summary>
/// <param name="Before">Index into the baseline scene's bands.</param>
/// <param name="After">Index into the current scene's bands.</param>
public readonly record struct BandPair(int Before, int After, BandRole Role);

/// <summary>Which bands of two scenes are compared.</summary>
/// <param name="Pairs">At least one; roles are unique but for <see cref="BandRole.Other"/>.</param>
/// <param name="QualityBefore">Index of the baseline's quality band, or null.</param>
/// <param name="QualityAfter">Index of the current scene's quality band, or null.</param>
public sealed record BandPairing(IReadOnlyList<BandPair> Pairs, int? QualityBefore, int? QualityAfter)
{
    private static readonly string[][] Names =
    [
        ["blue"], ["green"], ["red"], ["nir", "nir08", "nir09"], ["swir16"], ["swir22"],
    ];

    private static readonly string[] NotPixels = ["quality", "scl", "cloud", "qa", "qa_pixel", "alpha", "mask"];

    /// <summary>
    /// By common name where both scenes name at least three of blue, green, red, nir, swir16, swir22; else by order when both have as
    /// many bands, six being taken as the usual Landsat order (blue, green, red, nir, swir16, swir22) and four as blue, green, red, nir.
    /// </summary>
    /// <exception cref="ImageryException">The bands cannot be matched.</exception>
    public static BandPairing Of(Scene before, Scene after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        int? qualityBefore = QualityOf(before), qualityAfter = QualityOf(after);
        List<BandPair> named = [];
        for (var role = BandRole.Blue; role <= BandRole.Swir22; role++)
        {
            if (Find(before, Names[(int)role]) is { } left && Find(after, Names[(int)role]) is { } right)
            {
                named.Add(new BandPair(left, right, role));
            }
        }

        if (named.Count >= 3)
        {
            return new BandPairing(named, qualityBefore, qualityAfter);
        }

        int[] lefts = [.. Pixels(before)], rights = [.. Pixels(after)];
        if (lefts.Length == 0 || lefts.Length != rights.Length)
        {
            throw new ImageryException(
                $"The bands of \"{before.Id}\" ({lefts.Length}) and \"{after.Id}\" ({rights.Length}) cannot be matched: name them (blue, green, red, nir, swir16, swir22) in both scenes, or give scenes with the same bands in the same order.");
        }

        BandRole[] roles = lefts.Length is 6 or 4
            ? [.. Enumerable.Range(0, lefts.Length).Select(i => (BandRole)i)]
            : [.. Enumerable.Repeat(BandRole.Other, lefts.Length)];
        return new BandPairing([.. lefts.Select((left, i) => new BandPair(left, rights[i], roles[i]))], qualityBefore, qualityAfter);
    }

    /// <summary>Position in <see cref="Pairs"/> of a role, or −1.</summary>
    public int IndexOf(BandRole role)
    {
        for (var i = 0; i < Pairs.Count; i++)
        {
            if (Pairs[i].Role == role)
            {
                return i;
            }
        }

        return -1;
    }

    private static IEnumerable<int> Pixels(Scene scene) => Enumerable.Range(0, scene.Bands.Count).Where(i => !IsQuality(scene.Bands[i]));

    /// <summary>The first quality band that tells of clouds, else alpha or a mask.</summary>
    private static int? QualityOf(Scene scene)
    {
        int? mask = null;
        for (var i = 0; i < scene.Bands.Count; i++)
        {
            if (IsQuality(scene.Bands[i]) && !QualityCodes.IsMask(scene.Bands[i]))
            {
                return i;
            }

            if (IsQuality(scene.Bands[i]))
            {
                mask ??= i;
            }
        }

        return mask;
    }

    private static bool IsQuality(SceneBand band) =>
        NotPixels.Contains(band.CommonName, StringComparer.OrdinalIgnoreCase) || NotPixels.Contains(band.Name, StringComparer.OrdinalIgnoreCase);

    private static int? Find(Scene scene, string[] names)
    {
        foreach (var name in names)
        {
            for (var i = 0; i < scene.Bands.Count; i++)
            {
                if (string.Equals(scene.Bands[i].CommonName, name, StringComparison.OrdinalIgnoreCase))
                {
                    return i;
                }
            }
        }

        return null;
    }
}
