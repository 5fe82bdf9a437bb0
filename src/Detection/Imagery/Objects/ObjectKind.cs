using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Objects;

/// <summary>What is thought of an object from its pixels.</summary>
/// <param name="Facts">Its means.</param>
/// <param name="Cover">What its surface became; null where the bands do not tell.</param>
/// <param name="Site">What people call it; null where a network scored it and nothing is known of it as an object.</param>
internal sealed record ObjectKind(PatchFacts Facts, ChangeKind? Cover, SiteKindOpinion? Site)
{
    /// <summary>
    /// Whether straight sides are worth a try: something built that is no road, or was built and is gone. Whether it has any is for its pixels to say.
    /// </summary>
    public bool IsBuilding =>
        Site?.Likely is SiteKind.Building or SiteKind.Greenhouse or SiteKind.Photovoltaic
        || (Cover is ChangeKind.BuiltUp or ChangeKind.Demolition && Site?.Likely is not SiteKind.Road);
}
