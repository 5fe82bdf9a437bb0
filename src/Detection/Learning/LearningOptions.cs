namespace Monitoring.Detection.Learning;

/// <summary>How the service learns from outcomes.</summary>
public sealed record LearningOptions
{
    /// <summary>Folder of the model register; made when it is not there.</summary>
    public required string Folder { get; init; }

    /// <summary>New examples after which it learns again. Default 100, range 1 to 1,000,000.</summary>
    public int RetrainAfter { get; init; } = 100;

    /// <summary>Newest examples that are learned from; bounds memory and time. Default 200,000, range 400 to 2,000,000.</summary>
    public int MostExamples { get; init; } = 200_000;

    /// <summary>A training that takes longer is given up and tried again when more outcomes came. Default 20 minutes, range 1 minute to 6 hours.</summary>
    public TimeSpan LongestTraining { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>Whether a shadow that the comparison finds better is used without a person's word. Default false: an operator is told.</summary>
    public bool PromotesItself { get; init; }

    /// <summary>Between two looks for drift. Default 1 day, range 1 hour to 30 days.</summary>
    public TimeSpan DriftEvery { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How far back scores and outcomes count for drift. Default 90 days, range 7 to 730 days.</summary>
    public TimeSpan DriftWindow { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Least time between two makings of the risk map; it is made again only when something it rests on changed, or a day began. Default 5 minutes, range 1 minute to 30 days.</summary>
    public TimeSpan RiskEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Parcels of one region that the risk map holds at most, the highest. Default 5,000, range 100 to 200,000.</summary>
    public int MostRiskParcels { get; init; } = 5_000;

    /// <summary>A better model that still waits for an operator is told again after this long. Default 7 days, range 1 hour to 90 days.</summary>
    public TimeSpan WaitingToldEvery { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Contributions that are told with a probability. Default 5, range 1 to 37.</summary>
    public int Contributions { get; init; } = 5;

    /// <summary>IANA zone whose days, months and nights the features follow. Default Asia/Shanghai.</summary>
    public string TimeZone { get; init; } = "Asia/Shanghai";

    public TimeZoneInfo Zone => TimeZoneInfo.FindSystemTimeZoneById(TimeZone);

    public Triage Triage { get; init; } = new();

    public TrainingOptions Training { get; init; } = new();

    public PromotionOptions Promotion { get; init; } = new();

    public DriftOptions Drift { get; init; } = new();

    public IEnumerable<string> Faults()
    {
        if (RetrainAfter is < 1 or > 1_000_000)
        {
            yield return $"Learning: RetrainAfter is {RetrainAfter}; it lies in 1 to 1,000,000.";
        }

        if (Training.LeastOfEach < 20)
        {
            yield return $"Learning: LeastOfEach is {Training.LeastOfEach}; it is at least 20.";
        }

        if (MostExamples is < 400 or > 2_000_000)
        {
            yield return $"Learning: MostExamples is {MostExamples}; it lies in 400 to 2,000,000.";
        }

        if (MostRiskParcels is < 100 or > 200_000)
        {
            yield return $"Learning: MostRiskParcels is {MostRiskParcels}; it lies in 100 to 200,000.";
        }

        if (Contributions is < 1 || Contributions > ViolationFeatures.Schema.Count)
        {
            yield return $"Learning: Contributions is {Contributions}; it lies in 1 to {ViolationFeatures.Schema.Count}.";
        }

        foreach (var (name, value, least, most) in new[]
        {
            (nameof(LongestTraining), LongestTraining, TimeSpan.FromMinutes(1), TimeSpan.FromHours(6)),
            (nameof(WaitingToldEvery), WaitingToldEvery, TimeSpan.FromHours(1), TimeSpan.FromDays(90)),
            (nameof(DriftEvery), DriftEvery, TimeSpan.FromHours(1), TimeSpan.FromDays(30)),
            (nameof(DriftWindow), DriftWindow, TimeSpan.FromDays(7), TimeSpan.FromDays(730)),
            (nameof(RiskEvery), RiskEvery, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)),
        })
        {
            if (value < least || value > most)
            {
                yield return $"Learning: {name} is {value}; it lies in {least} to {most}.";
            }
        }

        foreach (var fault in Triage.Faults().Concat(Training.Boosting.Faults()))
        {
            yield return $"Learning: {fault}";
        }
    }
}
