using Monitoring.Domain.Findings;

namespace Monitoring.Domain.Imagery;

/// <summary>Looks at a catalogued scene again with the detectors of today and tells what is otherwise than what is stored. Stores and closes nothing. Thread-safe.</summary>
public interface ISecondLook
{
    /// <summary>May take minutes: a series is made again from its first scene.</summary>
    Task<SecondLook> LookAsync(string sceneId, CancellationToken cancellationToken);
}

/// <param name="Problem">Why it could not be done, one sentence; else null.</param>
/// <param name="Runs">One for each stored comparison of a pair, one for all that the series told; empty with a problem.</param>
public sealed record SecondLook(string? Problem, IReadOnlyList<SecondLookRun> Runs);

/// <param name="Detector"><c>pair</c> or <c>series</c>.</param>
/// <param name="BaselineSceneId">The scene compared with; null for the series.</param>
/// <param name="OldVersion">Detector and version of what is stored; null when nothing is.</param>
/// <param name="NewVersion">Detector and version of today.</param>
public sealed record SecondLookRun(string Detector, string? BaselineSceneId, string? OldVersion, string NewVersion, IReadOnlyList<SecondLookLine> Lines);

/// <param name="Fate"><c>same</c>, <c>changed</c>, <c>split</c>, <c>merged</c>, <c>new</c>, <c>gone</c> or <c>not-observed</c> (docs/formats/redetect.md).</param>
/// <param name="Before">The stored patch, or null.</param>
/// <param name="After">Today's patch, or null.</param>
/// <param name="CommonShare">Common area over the area of both together, [0, 1].</param>
/// <param name="Differences">With <c>changed</c>: of <c>outline</c>, <c>kind</c>, <c>score</c>, <c>dates</c>.</param>
/// <param name="SiteId">Of the stored patch; of a new one the site that it would join; null = none.</param>
/// <param name="Verdict">Of the stored patch, when it was judged.</param>
/// <param name="OpenAlerts">Alerts of the site that are not over; they stay open whatever the fate.</param>
public sealed record SecondLookLine(
    string Fate, ChangePatch? Before, ChangePatch? After, double CommonShare, IReadOnlyList<string> Differences, string? SiteId, Verdict? Verdict, IReadOnlyList<string> OpenAlerts);
