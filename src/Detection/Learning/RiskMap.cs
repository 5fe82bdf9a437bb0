namespace Monitoring.Detection.Learning;

/// <summary>Early signs on a parcel.</summary>
public enum EarlySign
{
    Trucks,
    Earthworks,
    Power,
    PermitApplied,
    PermitGranted,

    /// <summary>A case confirmed in the neighbourhood.</summary>
    NeighbourConfirmed,
}

/// <param name="At">When it was.</param>
/// <param name="KnownAt">When it came to be known.</param>
/// <param name="Count">≥ 0.</param>
public sealed record SignFact(EarlySign Sign, DateTimeOffset At, DateTimeOffset KnownAt, int Count);

/// <summary>What is on record about a parcel; may hold facts of any time.</summary>
/// <param name="RoadMeters">Distance to a road.</param>
public sealed record ParcelFacts(string ParcelId, bool Farmland, double RoadMeters, IReadOnlyList<SignFact> Signs);

/// <summary>
/// Probability that building without approval begins on a parcel within a horizon, from early signs, as of an instant: the rows of the risk map. The features are
/// counts in windows that end at the instant; a sign known later changes nothing. Pure; thread-safe.
/// </summary>
public static class RiskMap
{
    /// <summary>Windows before the instant, in days.</summary>
    private static readonly int[] Windows = [30, 90, 180];

    public static FeatureSchema Schema { get; } = new("risk-map", 1,
    [
        new("farmland", "占永久基本农田", "on permanent basic farmland"), new("road_log_m", "距道路距离（对数）", "distance to a road (logarithm)"),
        .. Enum.GetValues<EarlySign>().SelectMany(s => Windows.Select(w => new FeatureInfo($"{NameOf(s)}_{w}d", $"近{w}天{ZhOf(s)}", $"{NameOf(s)} in {w} days"))),
        .. Enum.GetValues<EarlySign>().Select(s => new FeatureInfo($"{NameOf(s)}_days_since", $"距上次{ZhOf(s)}天数", $"days since the last {NameOf(s)}")),
    ]);

    public static float[] Row(ParcelFacts facts, DateTimeOffset asOf)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var row = new float[Schema.Count];
        (row[0], row[1]) = (facts.Farmland ? 1 : 0, (float)Math.Log(Math.Max(1, facts.RoadMeters)));
        var kinds = Enum.GetValues<EarlySign>().Length;
        var since = 2 + (kinds * Windows.Length);
        row.AsSpan(since).Fill(FeatureSchema.Missing);
        foreach (var sign in facts.Signs)
        {
            if (sign.KnownAt > asOf || sign.At > asOf || sign.Count <= 0)
            {
                continue;
            }

            var days = (asOf - sign.At).TotalDays;
            for (var w = 0; w < Windows.Length; w++)
            {
                row[2 + ((int)sign.Sign * Windows.Length) + w] += days < Windows[w] ? sign.Count : 0;
            }

            ref var last = ref row[since + (int)sign.Sign];
            last = last == FeatureSchema.Missing ? (float)days : Math.Min(last, (float)days);
        }

        return row;
    }

    /// <summary>Before anything was learned: signs of works without an approval on record, weighted by reason. An order, no probability.</summary>
    public static double RulesScore(ReadOnlySpan<float> row)
    {
        float In(ReadOnlySpan<float> values, EarlySign sign, int window) => values[2 + ((int)sign * Windows.Length) + window];
        var works = Math.Min(3, In(row, EarlySign.Trucks, 0)) + (2 * In(row, EarlySign.Earthworks, 1)) + In(row, EarlySign.Power, 1) + In(row, EarlySign.NeighbourConfirmed, 2);
        return works - (3 * Math.Min(1, In(row, EarlySign.PermitGranted, 2))) - Math.Min(1, In(row, EarlySign.PermitApplied, 2));
    }

    /// <summary>Learns from rows in the order of time: the earlier part grows trees, the rest calibrates.</summary>
    /// <returns>Null with fewer than 50 of a kind in either part.</returns>
    public static ViolationModel? Train(TrainingTable earlier, TrainingTable later, BoostingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(later);
        static bool Enough(TrainingTable t) => t.Labels.Count(l => l) is var yes && yes >= 50 && t.Count - yes >= 50;
        if (!Enough(earlier) || !Enough(later))
        {
            return null;
        }

        var trees = BoostedTrees.Fit(earlier, options, cancellation);
        var scores = new double[later.Count];
        trees.Score(later.Values, scores);
        return new(Schema, trees, Calibration.Fit(scores, later.Labels, later.Weights));
    }

    internal static string NameOf(EarlySign sign) => sign switch
    {
        EarlySign.Trucks => "trucks", EarlySign.Earthworks => "earthworks", EarlySign.Power => "power", EarlySign.PermitApplied => "permit_applied",
        EarlySign.PermitGranted => "permit_granted", _ => "neighbour_confirmed",
    };

    private static string ZhOf(EarlySign sign) => sign switch
    {
        EarlySign.Trucks => "货车进出", EarlySign.Earthworks => "动土", EarlySign.Power => "施工用电", EarlySign.PermitApplied => "许可申请", EarlySign.PermitGranted => "许可批准",
        _ => "周边查实",
    };
}
