using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Reading;

/// <summary>What digital numbers mean where a scene states no scale.</summary>
public static class StoredReflectance
{
    /// <summary>The usual form of surface reflectance without a stated scale: times 10 000.</summary>
    public const float UsualScale = 1e-4f;

    /// <summary>Whether a band states no scale: its values are digital numbers as stored.</summary>
    public static bool Is(SceneBand band)
    {
        ArgumentNullException.ThrowIfNull(band);
        return band.Scale is 1 or 0 && band.Offset == 0;
    }

    /// <summary>Whether a band is known to hold digital numbers that no scale turns into reflectance: <see cref="UsualScale"/> is not for these.</summary>
    public static bool IsNever(SceneBand band)
    {
        ArgumentNullException.ThrowIfNull(band);
        return band.IsReflectance == false;
    }
}
