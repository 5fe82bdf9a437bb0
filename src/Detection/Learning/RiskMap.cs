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
public sealed record SignFact(EarlySign Sign, DateTimeOffset At, DateTimeOffset KnownAt, int Count)
{
    /// <summary>From when on it was no longer known so, because the register was corrected; null = it stands.</summary>
    public DateTimeOffset? KnownUntil { get; init; }

    /// <summary>From when on it is over, for what is in force for a time; null = never.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Whether it counts at an instant: it had happened, was known, and was not over.</summary>
    public bool CountsAt(DateTimeOffset asOf) =>
        KnownAt <= asOf && At <= asOf && Count > 0 && (KnownUntil is not { } until || until > asOf) && (EndsAt is not { } end || end > asOf);
}

/// <summary>What the map said of a parcel from an instant on, until the next such fact.</summary>
/// <param name="Stands">Whether the parcel was known and in force with this outline.</param>
/// <param name="RoadMeters">Distance to a road.</param>
public sealed record LandFact(DateTimeOffset From, bool Stands, bool Farmland, double RoadMeters);

/// <summary>What is on record about a parcel; may hold facts of any time.</summary>
/// <param name="Land">By <see cref="LandFact.From"/>.</param>
public sealed record ParcelFacts(string ParcelId, IReadOnlyList<LandFact> Land, IReadOnlyList<SignFact> Signs)
{
    /// <summary>What the map said at an instant; null before the parcel was known and after it was no more.</summary>
    public LandFact? LandAt(DateTimeOffset asOf) => Land.LastOrDefault(l => l.From <= asOf) is { Stands: true } land ? land : null;
}

/// <summary>
/// Probability that building without approval begins on a parcel within a horizon, from early signs, as of an instant: the rows of the risk map. The features are
/// counts in windows that end at the instant; a sign known later changes nothing. Pure; thread-safe.
/// </summary>
public static class RiskMap
{
    /// <summary>Windows before the instant, in days.</summary>
    private static readonly int[] Windows = [30, 90, 180];

    /// <summary>Older signs are in no row.</summary>
    public static TimeSpan Reach { get; } = TimeSpan.FromDays(Windows[^1]);

    public static FeatureSchema Schema { get; } = new("risk-map", 2,
    [
        new("farmland", "占永久基本农田", "on permanent basic farmland"), new("road_log_m", "距道路距离（对数）", "distance to a road (logarithm)"),
        .. Enum.GetValues<EarlySign>().SelectMany(s => Windows.Select(w => new FeatureInfo($"{NameOf(s)}_{w}d", $"近{w}天{ZhOf(s)}", $"{NameOf(s)} in {w} days"))),
        .. Enum.GetValues<EarlySign>().Select(s => new FeatureInfo($"{NameOf(s)}_days_since", $"距上次{ZhOf(s)}天数", $"days since the last {NameOf(s)}")),
    ]);

    /// <exception cref="ArgumentException">The parcel was not known then: nobody could have asked.</exception>
    public static float[] Row(ParcelFacts facts, DateTimeOffset asOf)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var land = facts.LandAt(asOf) ?? throw new ArgumentException($"Parcel {facts.ParcelId} was not known at {asOf:O}.", nameof(asOf));
        var row = new float[Schema.Count];
        (row[0], row[1]) = (land.Farmland ? 1 : 0, (float)Math.Log(Math.Max(1, land.RoadMeters)));
        var kinds = Enum.GetValues<EarlySign>().Length;
        var since = 2 + (kinds * Windows.Length);
        row.AsSpan(since).Fill(FeatureSchema.Missing);
        foreach (var sign in facts.Signs)
        {
            // Nothing beyond the longest window counts, so that a map needs no older signs than that.
            var days = (asOf - sign.At).TotalDays;
            if (!sign.CountsAt(asOf) || days >= Windows[^1])
            {
                continue;
            }

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
