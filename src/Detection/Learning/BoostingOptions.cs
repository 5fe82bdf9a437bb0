namespace Monitoring.Detection.Learning;

/// <summary>How trees are grown. The defaults were chosen on training seeds of the simulated world alone (docs/algorithms/violation-model.md).</summary>
public sealed record BoostingOptions
{
    /// <summary>Trees of one member. Default 200, range 1 to 2000.</summary>
    public int Trees { get; init; } = 200;

    /// <summary>Leaves at most. Default 12, range 2 to 256.</summary>
    public int Leaves { get; init; } = 12;

    /// <summary>Default 0.1, range (0, 1].</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Rows in a leaf at least. Default 40, range 1 to 100,000.</summary>
    public int LeastRows { get; init; } = 40;

    /// <summary>Share of the features that a split may choose from. Default 0.5, range (0, 1].</summary>
    public double FeatureShare { get; init; } = 0.5;

    /// <summary>Bins of a feature at most. Default 63, range 2 to 255.</summary>
    public int Bins { get; init; } = 63;

    /// <summary>Members, each with its own seed; the log-odds are their mean. Default 2, range 1 to 10.</summary>
    public int Members { get; init; } = 2;

    /// <summary>Tables with more rows are learned by one member: members even out chance, of which many rows have little. Default 300,000, at least 1.</summary>
    public int RowsForMembers { get; init; } = 300_000;

    /// <summary>Threads; the result does not depend on it. Default 2, range 1 to 64.</summary>
    public int Threads { get; init; } = 2;

    public int Seed { get; init; } = 1;

    public IEnumerable<string> Faults()
    {
        if (Trees is < 1 or > 2000)
        {
            yield return $"Trees is {Trees}; it lies in 1 to 2000.";
        }

        if (Leaves is < 2 or > 256)
        {
            yield return $"Leaves is {Leaves}; it lies in 2 to 256.";
        }

        if (!(LearningRate is > 0 and <= 1))
        {
            yield return $"LearningRate is {LearningRate}; it lies in (0, 1].";
        }

        if (LeastRows is < 1 or > 100_000)
        {
            yield return $"LeastRows is {LeastRows}; it lies in 1 to 100,000.";
        }

        if (!(FeatureShare is > 0 and <= 1))
        {
            yield return $"FeatureShare is {FeatureShare}; it lies in (0, 1].";
        }

        if (Bins is < 2 or > 255)
        {
            yield return $"Bins is {Bins}; it lies in 2 to 255.";
        }

        if (Members is < 1 or > 10)
        {
            yield return $"Members is {Members}; it lies in 1 to 10.";
        }

        if (RowsForMembers < 1)
        {
            yield return $"RowsForMembers is {RowsForMembers}; it is at least 1.";
        }

        if (Threads is < 1 or > 64)
        {
            yield return $"Threads is {Threads}; it lies in 1 to 64.";
        }
    }
}
