namespace Monitoring.Detection.Judgement;

/// <summary>How a permit stands to a patch, the most favourable first.</summary>
internal enum Standing
{
    InForce,
    EndsInside,
    BeginsInside,

    /// <summary>In force, but it allows only part of this, or its kind is not known.</summary>
    Partial,
    NotGranted,
    Expired,
    Later,

    /// <summary>In force, but it is an approval of something else.</summary>
    Insufficient,
}
