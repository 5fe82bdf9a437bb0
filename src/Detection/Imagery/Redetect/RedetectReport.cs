using System.Text.Json.Serialization;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Redetect;

/// <summary>What came of looking at a scene again.</summary>
/// <param name="Problem">Why it could not be done, one sentence; else null.</param>
/// <param name="Report">Null when there was a problem.</param>
public sealed record RedetectResult(string? Problem, RedetectReport? Report);

/// <param name="Scene">The scene that was looked at again.</param>
/// <param name="Runs">One for each stored comparison of the pair detector, one for all that the series told of the scene.</param>
public sealed record RedetectReport(string Scene, IReadOnlyList<RedetectRun> Runs);

/// <summary>One detector, what it told then and what it tells now.</summary>
/// <param name="Detector"><c>pair</c> or <c>series</c>.</param>
/// <param name="BaselineScene">The scene compared with; null for the series.</param>
/// <param name="OldVersion">Detector and version of what is stored; null when nothing is.</param>
/// <param name="Counts">Lines by fate; every fate is there.</param>
/// <param name="Lines">Each stored and each new patch once (docs/formats/redetect.md).</param>
public sealed record RedetectRun(
    string Detector,
    string? BaselineScene,
    IReadOnlyList<string> OldChangeSets,
    string? OldVersion,
    IReadOnlyList<string> NewChangeSets,
    string NewVersion,
    IReadOnlyDictionary<string, int> Counts,
    IReadOnlyList<RedetectLine> Lines);

/// <param name="Fate"><c>same</c>, <c>changed</c>, <c>split</c>, <c>merged</c>, <c>new</c>, <c>gone</c> or <c>not-observed</c>.</param>
/// <param name="Differences">With <c>changed</c>: of outline, kind, score, dates.</param>
/// <param name="Site">Of the stored patch; for a new one the site that it would join. Null: none.</param>
/// <param name="Verdict">Of the stored patch, when it was judged.</param>
/// <param name="OpenAlerts">Alerts of the site that are not over. With <c>gone</c> they stay open: that a program no longer sees a building proves nothing.</param>
public sealed record RedetectLine(
    string Fate,
    RedetectPatch? Before,
    RedetectPatch? After,
    double CommonShare,
    IReadOnlyList<string> Differences,
    string? Site,
    string? Verdict,
    IReadOnlyList<string> OpenAlerts)
{
    /// <summary>The same as <see cref="Verdict"/>, for pages; not in files.</summary>
    [JsonIgnore]
    public Verdict? Judged { get; init; }
}

/// <param name="Longitude">Of a point inside, degrees on CGCS2000.</param>
/// <param name="Latitude">See <paramref name="Longitude"/>.</param>
public sealed record RedetectPatch(
    string Id, string Kind, double Score, double AreaM2, DateTimeOffset NotBefore, DateTimeOffset NotAfter, double Longitude, double Latitude)
{
    /// <summary>The whole patch, for pages; not in files.</summary>
    [JsonIgnore]
    public ChangePatch? Whole { get; init; }
}
