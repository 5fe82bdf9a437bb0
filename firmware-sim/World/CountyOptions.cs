namespace Monitoring.FirmwareSim.World;

/// <summary>How large the county is.</summary>
public enum CountySize
{
    /// <summary>3 × 3 km, for fast tests.</summary>
    Small,

    /// <summary>12 × 10 km.</summary>
    County,
}

/// <summary>What makes a county: equal options make equal counties, byte for byte.</summary>
public sealed record CountyOptions
{
    /// <summary>The seed of all randomness but the device secrets. Default 7.</summary>
    public long Seed { get; init; } = 7;

    /// <summary>Default <see cref="CountySize.County"/>.</summary>
    public CountySize Size { get; init; } = CountySize.County;

    /// <summary>The last day of the story, in the county's time zone; it begins 24 months earlier.</summary>
    public required DateOnly Today { get; init; }

    /// <summary>The first day of the story: no pass is older.</summary>
    public DateOnly Start => Today.AddMonths(-24);
}
