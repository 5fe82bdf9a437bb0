namespace Monitoring.Detection.Imagery.Objects;

/// <summary>What an object became as people speak of it; finer than <see cref="Domain.Imagery.ChangeKind"/>, which names the cover.</summary>
public enum SiteKind
{
    /// <summary>土方: ground stripped or moved.</summary>
    Earthworks,

    /// <summary>建筑.</summary>
    Building,

    /// <summary>道路.</summary>
    Road,

    /// <summary>大棚: film over crops.</summary>
    Greenhouse,

    /// <summary>光伏.</summary>
    Photovoltaic,

    /// <summary>坑塘: became water.</summary>
    Pond,

    /// <summary>拆除.</summary>
    Demolition,

    /// <summary>围填: water became land.</summary>
    Reclamation,

    /// <summary>其他.</summary>
    Other,
}

/// <summary>How sure each kind is, independently of the others.</summary>
/// <param name="Certainty">Of every kind, [0, 1]; 0 for those that cannot be told.</param>
/// <param name="Untold">Kinds that the bands or the resolution cannot show, whatever is there.</param>
public sealed record SiteKindOpinion(IReadOnlyDictionary<SiteKind, double> Certainty, IReadOnlySet<SiteKind> Untold)
{
    /// <summary>Below this no kind is named.</summary>
    public const double LeastCertainty = 0.35;

    /// <summary>The surest kind; null = cannot be told at this resolution, with these bands.</summary>
    public SiteKind? Likely
    {
        get
        {
            var best = Certainty.Where(c => c.Key != SiteKind.Other).OrderByDescending(c => c.Value).ThenBy(c => c.Key).First();
            return best.Value >= LeastCertainty ? best.Key : Untold.Count > 0 ? null : SiteKind.Other;
        }
    }
}
