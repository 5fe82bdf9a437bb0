namespace Monitoring.TestKit.World;

/// <summary>How works look at a stage of theirs.</summary>
public sealed record StageModel
{
    /// <summary>Over 1 to 8 passes.</summary>
    public required Choice Passes { get; init; }

    public required Gauss LogArea { get; init; }

    public required Gauss Growth { get; init; }

    /// <summary>Over <see cref="WorldKind"/>.</summary>
    public required Choice Kind { get; init; }

    /// <summary>Means in 30 days when a device is near and nobody hides.</summary>
    public required double Night { get; init; }

    public required double Dust { get; init; }

    public required double Trucks { get; init; }

    public required double Power { get; init; }
}

/// <summary>What a scenario makes likely, in everything that can be observed. Given the scenario, the stage and whether it hides, all are independent.</summary>
public sealed record ScenarioModel
{
    /// <summary>Weight among all scenarios before the place and time are looked at.</summary>
    public required double Base { get; init; }

    public required Choice Stage { get; init; }

    /// <summary>Three.</summary>
    public required IReadOnlyList<StageModel> Stages { get; init; }

    public required Gauss LogitScore { get; init; }

    public required Gauss LogitCertainty { get; init; }

    /// <summary>Works hidden in the night: night episodes × 3 + 1, trucks and dust × 0.5.</summary>
    public required Coin Hides { get; init; }

    public required Gauss NightStrength { get; init; }

    public required Coin UseFits { get; init; }

    /// <summary>No permit in force, part of it under one, all of it.</summary>
    public required Choice Cover { get; init; }

    /// <summary>Logit of the covered share / 0.95 when part of it is covered.</summary>
    public required Gauss PartCovered { get; init; }

    /// <summary>When nothing covers it: whether any outline is within 2 km.</summary>
    public required Coin PermitNear { get; init; }

    /// <summary>Natural logarithm of the distance in m to it.</summary>
    public required Gauss LogPermitMeters { get; init; }

    public required Coin Expired { get; init; }

    public required Coin Applied { get; init; }

    public required Coin Temporary { get; init; }

    public required Coin Facility { get; init; }

    /// <summary>Natural logarithm of the days since the newest entry, where there is one (covered, near, expired, applied, temporary or facility).</summary>
    public required Gauss LogPermitDays { get; init; }
}

/// <summary>Everything that makes one world differ from another. The constants are stated in docs/algorithms/violation-model.md.</summary>
public sealed record WorldSettings
{
    /// <summary>Counties; each its own seed.</summary>
    public int Counties { get; init; } = 12;

    public int Months { get; init; } = 48;

    public int CandidatesPerMonth { get; init; } = 250;

    /// <summary>Weights of counties at the urban fringe, in the plain, in the hills, at the coast.</summary>
    public IReadOnlyList<double> RegionMix { get; init; } = [0.3, 0.35, 0.25, 0.1];

    /// <summary>Factors on <see cref="ScenarioModel.Base"/>.</summary>
    public IReadOnlyDictionary<WorldScenario, double> BaseFactors { get; init; } = new Dictionary<WorldScenario, double>();

    /// <summary>Probability that a permit that should cover an approved building does not because its outline is missing or elsewhere.</summary>
    public double OutlineErrorRate { get; init; } = 0.02;

    /// <summary>Added to the mean of the logit of every image score.</summary>
    public double ScoreShift { get; init; }

    /// <summary>Probability that a device is near, inside and outside the urban boundary.</summary>
    public double DeviceInside { get; init; } = 0.45;

    public double DeviceOutside { get; init; } = 0.25;

    public static WorldSettings Usual { get; } = new();

    /// <summary>Another province: other priors, more and other errors in the permit register, another mix of regions, fewer devices, duller images.</summary>
    public static WorldSettings Shifted { get; } = new()
    {
        RegionMix = [0.1, 0.2, 0.5, 0.2],
        BaseFactors = new Dictionary<WorldScenario, double>
        {
            [WorldScenario.Unapproved] = 0.7, [WorldScenario.DisguisedGreenhouse] = 2, [WorldScenario.TilledField] = 1.5, [WorldScenario.RegisteredLate] = 2,
            [WorldScenario.WrongOutline] = 2, [WorldScenario.FalseDetection] = 1.5,
        },
        OutlineErrorRate = 0.1, ScoreShift = -0.4, DeviceInside = 0.25, DeviceOutside = 0.12,
    };
}
