using Monitoring.Domain.Findings;

namespace Monitoring.Detection.Telemetry;

/// <summary>
/// How building activity is recognised from truck passes, power and camera events together (docs/algorithms/site-activity.md), as
/// versioned data.
/// </summary>
public sealed record ActivityRule
{
    public required string RuleId { get; init; }

    public required string Version { get; init; }

    /// <summary>Length of the window that is compared, in whole hours, 1 to 72.</summary>
    public required int WindowHours { get; init; }

    /// <summary>Earlier days that say what is usual, 1 to 30.</summary>
    public required int HistoryDays { get; init; }

    /// <summary>With fewer usable earlier days the priors stand for what is usual.</summary>
    public required int MinHistoryDays { get; init; }

    /// <summary>A permit in force this near makes the activity lawful, in m.</summary>
    public required double NearMeters { get; init; }

    /// <summary>Sum of weights from which on the condition holds.</summary>
    public required double HoldScore { get; init; }

    /// <summary>Sum of weights below which it is cleared; ≤ <see cref="HoldScore"/>.</summary>
    public required double ClearScore { get; init; }

    /// <summary>Weight from which on a kind of evidence agrees.</summary>
    public required double KindScore { get; init; }

    /// <summary>Kinds that must agree, 1 to 3.</summary>
    public required int MinKinds { get; init; }

    /// <summary>Share of the window's hours with data that clearing needs, in [0, 1].</summary>
    public required double ClearCompleteness { get; init; }

    public required Severity Severity { get; init; }

    public required double TruckPriorPerDay { get; init; }

    public required double TruckCap { get; init; }

    public required double PowerPriorKwhPerDay { get; init; }

    /// <summary>Less energy above the base says nothing.</summary>
    public required double PowerMinKwh { get; init; }

    /// <summary>Ratio to the usual that gives the full weight, &gt; 1.</summary>
    public required double PowerRatio { get; init; }

    public required double PowerCap { get; init; }

    /// <summary>Categories that mean building.</summary>
    public required IReadOnlyList<string> CameraEvents { get; init; }

    /// <summary>Weight of the first such event.</summary>
    public required double CameraFirst { get; init; }

    /// <summary>Weight of each further one.</summary>
    public required double CameraMore { get; init; }

    public required double CameraCap { get; init; }

    /// <summary>Weight (≤ 0) of a camera that reported, but none of those.</summary>
    public required double CameraSawNothing { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public TimeSpan Window => TimeSpan.FromHours(WindowHours);

    internal IEnumerable<string> Faults()
    {
        if (WindowHours is < 1 or > 72 || HistoryDays is < 1 or > 30 || MinKinds is < 1 or > 3)
        {
            yield return "activity: window_hours is 1 to 72, history_days 1 to 30, min_kinds 1 to 3.";
        }

        if (!(ClearScore <= HoldScore) || !(PowerRatio > 1) || !(CameraSawNothing <= 0) || !(ClearCompleteness is >= 0 and <= 1))
        {
            yield return "activity: clear_score ≤ hold_score, power_ratio > 1, camera_saw_nothing ≤ 0, clear_completeness in [0, 1].";
        }
    }
}
