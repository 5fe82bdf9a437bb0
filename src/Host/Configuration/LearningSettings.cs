using Monitoring.Detection.Learning;

namespace Monitoring.Host.Configuration;

/// <summary>What an operator can set of learning.</summary>
internal sealed record LearningSettings
{
    /// <summary>Confirmed and dismissed outcomes, of each, that it takes to learn. Default 200, at least 20.</summary>
    public int LeastOfEach { get; init; } = 200;

    /// <summary>See <see cref="LearningOptions.RetrainAfter"/>. Default 100.</summary>
    public int RetrainAfter { get; init; } = 100;

    /// <summary>See <see cref="LearningOptions.MostExamples"/>. Default 200,000.</summary>
    public int MostExamples { get; init; } = 200_000;

    /// <summary>See <see cref="LearningOptions.PromotesItself"/>. Default false.</summary>
    public bool PromotesItself { get; init; }

    /// <summary>Our own candidates below this probability are set aside with a reason, by a model only. Default 0.02, range [0, 0.2]; 0 sets nothing aside.</summary>
    public double SetAsideBelow { get; init; } = 0.02;

    /// <summary>Share of those that are inspected all the same. Default 0.05, range [0.01, 1].</summary>
    public double RecheckShare { get; init; } = 0.05;

    public LearningOptions Options(string folder, string timeZone) => new()
    {
        Folder = folder,
        TimeZone = timeZone,
        RetrainAfter = RetrainAfter,
        MostExamples = MostExamples,
        PromotesItself = PromotesItself,
        Triage = new() { Bound = SetAsideBelow, RecheckShare = RecheckShare },
        Training = new() { LeastOfEach = LeastOfEach },
    };
}
