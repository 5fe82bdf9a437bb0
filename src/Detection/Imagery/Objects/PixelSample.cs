using System.Runtime.CompilerServices;

namespace Monitoring.Detection.Imagery.Objects;

/// <summary>One number for each of blue, green, red, nir, swir16, swir22, in the order of <see cref="Reading.BandRole"/>; NaN where the scenes lack the band.</summary>
[InlineArray(Count)]
public struct RoleValues
{
    public const int Count = 6;

    private float _first;

    public static RoleValues Missing
    {
        get
        {
            RoleValues values = default;
            ((Span<float>)values).Fill(float.NaN);
            return values;
        }
    }
}

/// <summary>What a candidate pixel adds to its object.</summary>
/// <param name="score">The pixel's change score, in sigmas, ≥ 0.</param>
/// <param name="textureBefore">Mean over the compared bands of the root of the 3 × 3 gradient energy, earlier date, in roots of reflectance.</param>
/// <param name="textureAfter">The same of the later date.</param>
public struct PixelSample(float score, float textureBefore, float textureAfter)
{
    private RoleValues _before = RoleValues.Missing, _after = RoleValues.Missing, _difference = RoleValues.Missing;

    /// <summary>Reflectance of the earlier date, carried to the radiometry of the later one, ≥ 0.</summary>
    public readonly RoleValues Before => _before;

    /// <summary>Reflectance of the later date, ≥ 0.</summary>
    public readonly RoleValues After => _after;

    /// <summary>Signed difference of the roots in noise sigmas: (√after − √before)/√(floor + slope · texture).</summary>
    public readonly RoleValues Difference => _difference;

    public readonly float Score => score;

    public readonly float TextureBefore => textureBefore;

    public readonly float TextureAfter => textureAfter;

    /// <param name="role">0 to 5, as <see cref="Reading.BandRole"/>.</param>
    public void Set(int role, float before, float after, float difference) =>
        (_before[role], _after[role], _difference[role]) = (before, after, difference);
}
