using Monitoring.Domain.Learning;

namespace Monitoring.Detection.Learning;

/// <summary>The curve of precision over recall, thinned to what a picture needs.</summary>
public static class PrecisionRecall
{
    private const int Points = 60;

    /// <returns>By rising recall; empty without a confirmed case. Cases of equal probability come together.</returns>
    public static IReadOnlyList<RecallPoint> Of(IReadOnlyList<double> probabilities, IReadOnlyList<bool> labels, IReadOnlyList<float> weights)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        double total = 0;
        for (var i = 0; i < labels.Count; i++)
        {
            total += labels[i] ? weights[i] : 0;
        }

        if (total <= 0)
        {
            return [];
        }

        var order = Enumerable.Range(0, probabilities.Count).OrderByDescending(i => probabilities[i]).ToArray();
        List<RecallPoint> points = [];
        double yes = 0, all = 0;
        for (var k = 0; k < order.Length; k++)
        {
            var i = order[k];
            (all, yes) = (all + weights[i], yes + (labels[i] ? weights[i] : 0));
            var last = k == order.Length - 1 || probabilities[order[k + 1]] < probabilities[i];
            if (last && all > 0 && (points.Count == 0 || k == order.Length - 1 || (yes / total) - points[^1].Recall >= 1.0 / Points))
            {
                points.Add(new(yes / total, yes / all));
            }
        }

        return points;
    }
}
