using Monitoring.Dashboard.Api.Views;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Learning;

namespace Monitoring.Dashboard.Api;

/// <summary>Puts the newest score of each warning's finding beside the warning. Thread-safe.</summary>
internal sealed class Likelihoods(ILearningStore learning)
{
    /// <summary>Scores by finding, for lists: without what told for and against.</summary>
    public async Task<IReadOnlyDictionary<string, LikelihoodView>> OfAsync(IEnumerable<Alert> alerts, CancellationToken cancellationToken)
    {
        string[] ids = [.. alerts.Select(static a => a.FindingId)];
        return ids.Length == 0
            ? new Dictionary<string, LikelihoodView>()
            : (await learning.ScoresOfAsync(ids, cancellationToken)).ToDictionary(static s => s.Key, static s => LikelihoodView.Of(s.Value, whole: false), StringComparer.Ordinal);
    }

    public async Task<LikelihoodView?> OfAsync(Alert alert, CancellationToken cancellationToken) =>
        (await learning.ScoresOfAsync([alert.FindingId], cancellationToken)).TryGetValue(alert.FindingId, out var score) ? LikelihoodView.Of(score, whole: true) : null;
}
