using System.Globalization;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Learning;

namespace Monitoring.Detection.Learning;

/// <summary>
/// Brings candidates that were drawn for a recheck into the work list: where the verdict alone makes no warning, the finding is said once more with the draw as its first
/// reason, and its score stands beside it. Without that nobody would go there, and nobody would learn whether setting aside is right. Pure.
/// </summary>
public static class RecheckSample
{
    public const string DetectorId = "recheck-sample";

    /// <param name="firesFrom">Lowest verdict at which a warning is made anyway.</param>
    public static FindingBatch AddTo(FindingBatch batch, Verdict firesFrom)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var byId = batch.Findings.DistinctBy(static f => f.Id).ToDictionary(static f => f.Id, StringComparer.Ordinal);
        List<Finding> findings = [];
        List<CandidateScore> scores = [];
        foreach (var score in batch.Scores)
        {
            if (score.Triage is Domain.Learning.Triage.Recheck && byId.TryGetValue(score.FindingId, out var finding) && finding.Verdict < firesFrom)
            {
                var drawn = CalledUp.Of(finding, DetectorId, Reason.Of(
                    CalledUp.RecheckDrawn, ("probability", score.Probability.ToString("0.####", CultureInfo.InvariantCulture)), ("model", score.Model ?? ""),
                    ("share", (score.InspectionChance ?? 0).ToString("0.##", CultureInfo.InvariantCulture))));
                findings.Add(drawn);
                scores.Add(score with { FindingId = drawn.Id });
            }
        }

        return findings.Count == 0 ? batch : batch with { Findings = [.. batch.Findings, .. findings], Scores = [.. batch.Scores, .. scores] };
    }
}
