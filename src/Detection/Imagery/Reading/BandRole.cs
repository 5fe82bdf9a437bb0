namespace Monitoring.Detection.Imagery.Reading;

/// <summary>What a band shows, as far as indices need it.</summary>
public enum BandRole
{
    Blue,
    Green,
    Red,
    Nir,
    Swir16,
    Swir22,

    /// <summary>Takes part in the statistics, but in no index.</summary>
    Other,
}
