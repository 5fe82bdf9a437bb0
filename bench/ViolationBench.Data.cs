using Monitoring.Detection.Learning;
using Monitoring.Detection.Tests.Learning;
using Monitoring.TestKit.World;

namespace Monitoring.Bench;

/// <summary>Candidates to be judged on, with their rows.</summary>
internal sealed record JudgedOn(string Name, WorldCandidate[] Candidates, ViolationFeatures[] Features)
{
    public bool[] Truth { get; } = [.. Candidates.Select(c => c.IsViolation)];

    public float[] Values { get; } = [.. Features.SelectMany(f => f.Values)];
}

/// <summary>Which seeds are for what. Nothing is fitted to or chosen on the held-out ones.</summary>
internal static class WorldData
{
    public const ulong TrainingSeed = 11;

    /// <summary>For choosing options: a training seed too.</summary>
    public const ulong TuningSeed = 12;

    public const int HistoryMonths = 36;

    /// <summary>Counties of the province that outcomes are learned from.</summary>
    public const int TrainingCounties = 24;

    public static IReadOnlyList<ulong> HeldOutSeeds { get; } = [901, 902, 903];

    /// <summary>What a province of the shifted kind would learn from itself.</summary>
    public const ulong ShiftedHistorySeed = 961;

    public static IReadOnlyList<ulong> ShiftedSeeds { get; } = [951, 952, 953];

    /// <summary>Outcomes recorded by the end of three years.</summary>
    public static List<RecordedOutcome> History(WorldSettings settings, ulong seed)
    {
        var end = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return [.. new ViolationWorld(settings with { Counties = TrainingCounties, Months = HistoryMonths }).Candidates(seed).Where(c => c.DecidedAt < end).Select(WorldFacts.OutcomeOf)];
    }

    /// <summary>All candidates of the fourth year, inspected or not.</summary>
    public static JudgedOn FourthYear(string name, WorldSettings settings, ulong seed)
    {
        WorldCandidate[] all = [.. new ViolationWorld(settings with { Counties = 6 }).Candidates(seed).Where(c => c.Month >= HistoryMonths)];
        return new(name, all, [.. all.Select(WorldFacts.FeaturesOf)]);
    }
}
