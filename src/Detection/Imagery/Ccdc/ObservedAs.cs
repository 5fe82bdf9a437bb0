namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>What a quality band says of one observation; the numbers are those of CFMask.</summary>
public enum ObservedAs : byte
{
    Clear = 0,
    Water = 1,
    Shadow = 2,
    Snow = 3,
    Cloud = 4,

    /// <summary>Nothing was observed.</summary>
    Fill = 255,
}
