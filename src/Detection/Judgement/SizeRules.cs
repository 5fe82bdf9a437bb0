namespace Monitoring.Detection.Judgement;

/// <summary>How sizes are compared with what permits state.</summary>
public sealed record SizeRules
{
    /// <summary>By how many pixels the edge of a patch may lie too far out all around, ≥ 0.</summary>
    public required double EdgePixels { get; init; }

    /// <summary>Columns of imported permits that state the approved area; the first that a permit has counts.</summary>
    public IReadOnlyList<AreaField> AreaFields { get; init; } = [];

    /// <summary>Pixel size in m up to which a patch that surely is a building has its floor on the ground it covers, ≥ 0; coarser pixels blur yards into it, which asks for a look.</summary>
    public double FloorMaxGsdMeters { get; init; } = 2.5;

    /// <summary>Height above the stated one that is no matter, in m, ≥ 0.</summary>
    public required double HeightToleranceMeters { get; init; }

    /// <summary>How many standard deviations a height must lie above to be a conflict, ≥ 0; less is review.</summary>
    public required double HeightSigmas { get; init; }

    /// <summary>Standard deviation in m of a height that states none, ≥ 0.</summary>
    public required double HeightSdMeters { get; init; }

    internal IEnumerable<string> Faults()
    {
        if (!(EdgePixels >= 0 && HeightToleranceMeters >= 0 && HeightSigmas >= 0 && HeightSdMeters >= 0 && AreaFields.All(f => f.SquareMeters > 0)))
        {
            yield return "judgement: the figures of size are at least 0.";
        }
    }
}

/// <param name="Field">Name of the column as the file spells it.</param>
/// <param name="SquareMeters">m² in one of its units, &gt; 0.</param>
public sealed record AreaField(string Field, double SquareMeters);
