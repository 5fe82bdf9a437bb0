namespace Monitoring.Detection.Learning;

/// <summary>How the features were spread when a model learned: for each, ends of up to ten groups and the shares in them, the last share being absent values.</summary>
/// <param name="Ends">Rising; a value belongs to the first group whose end it does not exceed, else to the one after the last.</param>
/// <param name="Shares">One more than ends, and one for absent values; they sum to one.</param>
public sealed record FeatureProfile(IReadOnlyList<double[]> Ends, IReadOnlyList<double[]> Shares)
{
    private const int Groups = 10;

    public static FeatureProfile Of(IReadOnlyList<ViolationFeatures> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        List<double[]> ends = [], shares = [];
        for (var k = 0; k < ViolationFeatures.Schema.Count; k++)
        {
            double[] values = [.. rows.Select(r => (double)r.Values[k]).Where(v => v != FeatureSchema.Missing).Order()];
            double[] cut = values.Length == 0 ? [] : [.. Enumerable.Range(1, Groups - 1).Select(i => values[Math.Min(values.Length - 1, values.Length * i / Groups)]).Distinct()];
            ends.Add(cut);
            shares.Add(SharesOf(cut, rows, k));
        }

        return new(ends, shares);
    }

    /// <summary>Population stability index of a feature: Σ (new − old) ln(new / old); by custom below 0.1 nothing, above 0.25 a shift.</summary>
    public double StabilityOf(int feature, IReadOnlyList<ViolationFeatures> recent)
    {
        // Half a row in each group, so that an empty one is not infinitely far.
        var (then, now) = (Shares[feature], SharesOf(Ends[feature], recent, feature));
        var least = 0.5 / Math.Max(1, recent.Count);
        return then.Zip(now, (a, b) => (Math.Max(b, least) - Math.Max(a, least)) * Math.Log(Math.Max(b, least) / Math.Max(a, least))).Sum();
    }

    private static double[] SharesOf(double[] ends, IReadOnlyList<ViolationFeatures> rows, int feature)
    {
        var counts = new double[ends.Length + 2];
        foreach (var row in rows)
        {
            double v = row.Values[feature];
            var place = v == FeatureSchema.Missing ? counts.Length - 1 : Array.FindIndex(ends, e => v <= e) is >= 0 and var i ? i : ends.Length;
            counts[place]++;
        }

        return [.. counts.Select(c => c / Math.Max(1, rows.Count))];
    }
}
