using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Imagery.Pair.Scoring;

/// <summary>Where the compared bands stand among the pairs; −1 for a band that the sensors lack.</summary>
internal sealed class BandIndex
{
    private readonly int[] _at;
    private readonly BandRole[] _roles;

    public BandIndex(BandPairing pairing)
    {
        Count = pairing.Pairs.Count;
        _roles = [.. pairing.Pairs.Select(p => p.Role)];
        _at = [.. Enumerable.Range(0, (int)BandRole.Other).Select(role => pairing.IndexOf((BandRole)role))];
    }

    /// <summary>Compared bands.</summary>
    public int Count { get; }

    public int Blue => this[BandRole.Blue];

    public int Green => this[BandRole.Green];

    public int Red => this[BandRole.Red];

    public int Nir => this[BandRole.Nir];

    public int Swir16 => this[BandRole.Swir16];

    /// <summary>The visible bands are there, by which clouds are told.</summary>
    public bool SeesClouds => Blue >= 0 && Green >= 0 && Red >= 0;

    /// <summary>Red and near infrared are there, by which vegetation is told.</summary>
    public bool SeesCover => Red >= 0 && Nir >= 0;

    /// <summary>What a compared band shows.</summary>
    public BandRole RoleOf(int band) => _roles[band];

    public int this[BandRole role] => _at[(int)role];
}
