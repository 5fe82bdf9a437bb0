namespace Monitoring.Domain.Learning;

/// <summary>The models of violations as people see and steer them. Every act is on the audit trail. Thread-safe.</summary>
public interface IViolationModels
{
    Task<ModelsOverview> OverviewAsync(CancellationToken cancellationToken);

    /// <returns>Null for a version that is not there.</returns>
    Task<ModelDetails?> ShowAsync(string version, CancellationToken cancellationToken);

    /// <summary>Learns from the outcomes there are now and puts the new version into the shadow.</summary>
    Task<ModelActResult> TrainAsync(string actor, CancellationToken cancellationToken);

    /// <summary>Uses a version from now on, when the comparison on the same cases says that it is better.</summary>
    /// <param name="reason">Why, 1 to 500 characters; goes to the audit trail.</param>
    Task<ModelActResult> PromoteAsync(string version, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Uses again what was used before the last promotion.</summary>
    /// <inheritdoc cref="PromoteAsync" path="/param"/>
    Task<ModelActResult> RollBackAsync(string actor, string reason, CancellationToken cancellationToken);
}

/// <param name="Done">False: nothing changed, <paramref name="Sentence"/> says why.</param>
/// <param name="Sentence">One sentence for people.</param>
/// <param name="Version">Version that the act was about; null = rules.</param>
public sealed record ModelActResult(bool Done, string Sentence, string? Version = null);

public sealed record ModelsOverview
{
    /// <summary>Version in use; null = rules and a prior.</summary>
    public string? Active { get; init; }

    public string? Shadow { get; init; }

    /// <summary>The share of violations that rules assume, in (0, 1).</summary>
    public required double PriorRate { get; init; }

    /// <summary>Newest first.</summary>
    public required IReadOnlyList<ModelSummary> Versions { get; init; }

    /// <summary>Newest first.</summary>
    public required IReadOnlyList<ModelActRecord> Acts { get; init; }

    public required OutcomeCounts Outcomes { get; init; }

    /// <summary>The shadow against what is in use, on the same cases; null without a shadow.</summary>
    public ModelComparison? Comparison { get; init; }

    /// <summary>What the last drift watch saw; null when there was none yet.</summary>
    public DriftState? Drift { get; init; }

    /// <summary>Days between a warning at earthworks and foundations, over the sites where it came like that.</summary>
    public LeadSummary? Lead { get; init; }

    /// <summary>Whether a better shadow is promoted without a person.</summary>
    public bool PromotesItself { get; init; }

    public bool CanRollBack { get; init; }

    /// <summary>A model that cannot be loaded, in one sentence; then rules stand in. Null when all is well.</summary>
    public string? Problem { get; init; }
}

/// <param name="Examples">Outcomes of places that had been scored before they were decided: those that can be learned from.</param>
/// <param name="Needed">How many of each kind it takes.</param>
/// <param name="NewSinceTraining">Examples recorded after the newest version was made.</param>
/// <param name="RetrainAfter">New examples after which it learns again.</param>
public sealed record OutcomeCounts(int Confirmed, int Dismissed, int Examples, int ExamplesConfirmed, int Needed, int NewSinceTraining, int RetrainAfter);

/// <param name="State"><c>active</c>, <c>shadow</c> or <c>old</c>.</param>
public sealed record ModelSummary(
    string Version, string State, DateTimeOffset MadeAt, string MadeBy, string FileHash, string DataHash, DateTimeOffset DataFrom, DateTimeOffset DataTo, int Examples, int Confirmed,
    ModelFigures Held);

/// <param name="Ece">Expected calibration error.</param>
public sealed record ModelFigures(int Cases, double Rate, double AveragePrecision, double Auc, double Ece, double Brier);

public sealed record ModelActRecord(int Number, DateTimeOffset At, string Actor, string Act, string? Version, string Reason);

/// <summary>Both on the same cases.</summary>
public sealed record ModelComparison(int Cases, int Confirmed, ModelFigures? Current, ModelFigures? Challenger, bool Better, string Reason);

public sealed record DriftState(DateTimeOffset At, int Rows, int Outcomes, IReadOnlyList<Findings.Reason> Reasons);

/// <param name="MedianAtLeastDays">Median of the least days.</param>
public sealed record LeadSummary(int Sites, double MedianAtLeastDays, double MedianAtMostDays);

/// <summary>A version with everything that is shown of it.</summary>
/// <param name="Card">Markdown.</param>
/// <param name="Calibration">Stated against seen on outcomes decided after it learned; on those it was calibrated on while there are too few. Empty when there are none.</param>
/// <param name="PrecisionRecall">Recall against precision on the same.</param>
/// <param name="Features">Splits by feature, most used first.</param>
public sealed record ModelDetails(
    ModelSummary Summary, string Card, IReadOnlyList<CalibrationPoint> Calibration, IReadOnlyList<RecallPoint> PrecisionRecall, int PlotCases, bool PlotIsHeldOut,
    IReadOnlyList<FeatureUse> Features);

public sealed record CalibrationPoint(double Stated, double Seen, double Weight);

public sealed record RecallPoint(double Recall, double Precision);

public sealed record FeatureUse(string Feature, string Name, string NameEn, int Splits);
