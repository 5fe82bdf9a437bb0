namespace Monitoring.Detection.Learning;

/// <summary>How good an order and its probabilities are, on cases that nothing was fitted to.</summary>
/// <param name="AveragePrecision">Mean precision at each violation; ties count with their expectation.</param>
/// <param name="Auc">Probability that a violation stands before another case; ties count half.</param>
/// <param name="Ece">Expected calibration error over 20 groups of equal size.</param>
/// <param name="Brier">Mean squared error of the probability.</param>
/// <param name="Rate">Share of violations.</param>
public sealed record Metrics(int Cases, double Rate, double AveragePrecision, double Auc, double Ece, double Brier)
{
    public const int CalibrationGroups = 20;

    /// <param name="weights">Null = one each; a case of weight 0 is not there.</param>
    public static Metrics Of(IReadOnlyList<double> probabilities, IReadOnlyList<bool> labels, IReadOnlyList<float>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        double brier = 0, yes = 0, all = 0;
        for (var i = 0; i < probabilities.Count; i++)
        {
            var w = weights?[i] ?? 1;
            var e = probabilities[i] - (labels[i] ? 1 : 0);
            (brier, yes, all) = (brier + (w * e * e), yes + (labels[i] ? w : 0), all + w);
        }

        var groups = Calibrated(probabilities, labels, weights);
        return new(
            probabilities.Count, yes / all, AveragePrecisionOf(probabilities, labels, weights), AucOf(probabilities, labels, weights),
            groups.Sum(g => g.Weight * Math.Abs(g.Stated - g.Seen)) / all, brier / all);
    }

    /// <summary>Cases in groups of equal weight by rising probability: what was stated and what was seen.</summary>
    public static IReadOnlyList<(double Stated, double Seen, double Weight)> Calibrated(
        IReadOnlyList<double> probabilities, IReadOnlyList<bool> labels, IReadOnlyList<float>? weights = null, int groups = CalibrationGroups)
    {
        var order = Order(probabilities);
        Array.Reverse(order);
        var total = order.Sum(i => (double)(weights?[i] ?? 1));
        var result = new List<(double, double, double)>();
        double stated = 0, seen = 0, weight = 0, passed = 0;
        for (var k = 0; k < order.Length; k++)
        {
            var i = order[k];
            var w = weights?[i] ?? 1;
            (stated, seen, weight, passed) = (stated + (w * probabilities[i]), seen + (labels[i] ? w : 0), weight + w, passed + w);
            if (passed >= total * (result.Count + 1) / groups - 1e-9 || k == order.Length - 1)
            {
                result.Add((stated / weight, seen / weight, weight));
                (stated, seen, weight) = (0, 0, 0);
            }
        }

        return result;
    }

    /// <summary>Precision after each group of equal scores, by falling score.</summary>
    public static IReadOnlyList<(double Recall, double Precision, double Inspected)> Curve(IReadOnlyList<double> scores, IReadOnlyList<bool> labels, IReadOnlyList<float>? weights = null)
    {
        var order = Order(scores);
        double total = 0, found = 0, seen = 0;
        for (var i = 0; i < labels.Count; i++)
        {
            total += labels[i] ? weights?[i] ?? 1 : 0;
        }

        var curve = new List<(double, double, double)>();
        for (var k = 0; k < order.Length; k++)
        {
            var i = order[k];
            var w = weights?[i] ?? 1;
            (found, seen) = (found + (labels[i] ? w : 0), seen + w);
            if (seen > 0 && (k + 1 == order.Length || scores[order[k + 1]] != scores[i]))
            {
                curve.Add((found / total, found / seen, seen));
            }
        }

        return curve;
    }

    /// <summary>Area under precision over recall by steps; within a group of ties the precision is that of the group's end.</summary>
    public static double AveragePrecisionOf(IReadOnlyList<double> scores, IReadOnlyList<bool> labels, IReadOnlyList<float>? weights = null)
    {
        double area = 0, before = 0;
        foreach (var (recall, precision, _) in Curve(scores, labels, weights))
        {
            area += (recall - before) * precision;
            before = recall;
        }

        return area;
    }

    /// <summary>Inspections in the order of the scores until a share of the violations is found; within ties, as many as are expected.</summary>
    public static double InspectionsFor(double recall, IReadOnlyList<double> scores, IReadOnlyList<bool> labels)
    {
        double r0 = 0, n0 = 0;
        foreach (var (r, _, n) in Curve(scores, labels))
        {
            if (r >= recall)
            {
                return n0 + ((n - n0) * (recall - r0) / (r - r0));
            }

            (r0, n0) = (r, n);
        }

        return n0;
    }

    /// <summary>Mann and Whitney 1947.</summary>
    public static double AucOf(IReadOnlyList<double> scores, IReadOnlyList<bool> labels, IReadOnlyList<float>? weights = null)
    {
        var order = Order(scores);
        double pairs = 0, yesBefore = 0, no = 0;
        for (var k = 0; k < order.Length;)
        {
            double yesHere = 0, noHere = 0;
            var score = scores[order[k]];
            for (; k < order.Length && scores[order[k]] == score; k++)
            {
                var w = weights?[order[k]] ?? 1;
                (yesHere, noHere) = labels[order[k]] ? (yesHere + w, noHere) : (yesHere, noHere + w);
            }

            pairs += noHere * (yesBefore + (yesHere / 2));
            (yesBefore, no) = (yesBefore + yesHere, no + noHere);
        }

        return pairs / (yesBefore * no);
    }

    /// <summary>Places by falling score; equal scores by place.</summary>
    private static int[] Order(IReadOnlyList<double> scores)
    {
        var order = Enumerable.Range(0, scores.Count).ToArray();
        Array.Sort(order, (a, b) => scores[b].CompareTo(scores[a]) is var c && c != 0 ? c : a.CompareTo(b));
        return order;
    }
}
