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
