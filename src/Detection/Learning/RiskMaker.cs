using Monitoring.Domain.Learning;

namespace Monitoring.Detection.Learning;

/// <summary>
/// Makes the risk map from what is on record. Without enough confirmed beginnings it orders parcels by their signs and states no probability. Not thread-safe.
/// </summary>
public sealed class RiskMaker(RiskSigns signs, LearningOptions options)
{
    /// <summary>Confirmed beginnings below which there is no model; the training asks for half as many in each of its two parts.</summary>
    public const int BeginningsNeeded = 100;

    private const int Months = 36;
    private static readonly TimeSpan Told = TimeSpan.FromDays(90);
    private static readonly TimeSpan ModelAge = TimeSpan.FromDays(1);

    private (DateTimeOffset MadeAt, int Beginnings, ViolationModel? In30, ViolationModel? In90)? _models;

    /// <summary>What differs once a map made now would differ: what it rests on, and the day, because signs grow old.</summary>
    public async Task<string> StampAsync(DateTimeOffset asOf, CancellationToken cancellationToken) =>
        $"{TimeZoneInfo.ConvertTime(asOf, options.Zone):yyyy-MM-dd}|{await signs.StampAsync(cancellationToken)}";

    public async Task<RiskPicture> MakeAsync(DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        if (_models is not { } have || asOf - have.MadeAt >= ModelAge)
        {
            // The long look back is the dear part: once a day.
            var learned = await signs.GatherAsync(asOf, asOf.AddMonths(-Months) - RiskMap.Reach, cancellationToken);
            _models = (asOf, Beginnings(learned), Learn(learned, asOf, 30, cancellationToken), Learn(learned, asOf, 90, cancellationToken));
        }

        var models = _models.Value;
        var both = models is { In30: not null, In90: not null };
        List<RiskParcel> parcels = [];
        foreach (var (parcel, region, facts, works) in await signs.GatherAsync(asOf, asOf - RiskMap.Reach, cancellationToken))
        {
            if (works.Any(static w => w.Confirmed is true) || facts.LandAt(asOf) is null || !Shows(facts, asOf))
            {
                continue;
            }

            var row = RiskMap.Row(facts, asOf);
            var order = RiskMap.RulesScore(row);
            if (order <= 0 && !both)
            {
                // Signs that an approval covers say nothing against the parcel.
                continue;
            }

            var in30 = both ? models.In30!.Probability(row) : (double?)null;

            // Two models know nothing of each other; what begins within 30 days begins within 90.
            var in90 = both ? Math.Max(in30!.Value, models.In90!.Probability(row)) : (double?)null;
            parcels.Add(new(parcel.Id, region, parcel.Outline, in30, in90, order, Counts(facts, asOf)));
        }

        return new(
            asOf, both ? RiskSource.Model : RiskSource.Signs, models.Beginnings, BeginningsNeeded, await signs.ParcelsAsync(asOf, cancellationToken), Highest(parcels, options.MostRiskParcels));
    }

    /// <summary>The highest of each region, so that a region with many does not push those of another off the map.</summary>
    internal static IReadOnlyList<RiskParcel> Highest(IEnumerable<RiskParcel> parcels, int mostOfARegion) =>
    [
        .. parcels.DistinctBy(static p => p.ParcelId).GroupBy(static p => p.RegionCode)
            .SelectMany(g => g.OrderByDescending(static p => p.Risk).ThenBy(static p => p.ParcelId, StringComparer.Ordinal).Take(mostOfARegion))
            .OrderByDescending(static p => p.Risk).ThenBy(static p => p.ParcelId, StringComparer.Ordinal),
    ];

    /// <summary>
    /// Whether building without approval began on a parcel within the days after an instant, as known later; null where it cannot be said: it had begun before, the
    /// days are not over, or works were seen of which nobody said yet what they are. Such works count as no beginning once the same days passed since they
    /// came to be known and still nobody confirmed them.
    /// </summary>
    internal static bool? Label(IReadOnlyList<SiteWorks> works, DateTimeOffset at, int days, DateTimeOffset asOf)
    {
        var end = at.AddDays(days);
        if (end > asOf || works.Any(w => w.Confirmed is true && w.BeganAt <= at))
        {
            return null;
        }

        if (works.Any(w => w.Confirmed is true && w.BeganAt <= end))
        {
            return true;
        }

        return works.Any(w => w.Confirmed is null && w.BeganAt <= end && w.KnownAt.AddDays(days) > asOf) ? null : false;
    }

    private static int Beginnings(IEnumerable<SignedParcel> signed) =>
        signed.Where(static p => p.Works.Any(static w => w.Confirmed is true)).DistinctBy(static p => p.Parcel.Id).Count();

    /// <summary>Parcels with a recent sign at the first of each month; whether it began within the horizon.</summary>
    private ViolationModel? Learn(IReadOnlyList<SignedParcel> signed, DateTimeOffset asOf, int days, CancellationToken cancellationToken)
    {
        if (Beginnings(signed) < BeginningsNeeded)
        {
            return null;
        }

        var earlier = new TrainingTable(RiskMap.Schema);
        var later = new TrainingTable(RiskMap.Schema);
        foreach (var (at, isLater) in Instants(asOf))
        {
            var table = isLater ? later : earlier;
            foreach (var (row, began) in Rows(signed, at, days, asOf).Take(Math.Max(0, options.MostExamples - table.Count)))
            {
                table.Add(row, began, 1);
            }
        }

        return RiskMap.Train(earlier, later, options.Training.Boosting, cancellationToken);
    }

    /// <summary>Firsts of months, newest first; a label of the earlier part reaches over at most the three months that are left out.</summary>
    private static IEnumerable<(DateTimeOffset At, bool IsLater)> Instants(DateTimeOffset asOf)
    {
        var first = new DateTimeOffset(asOf.Year, asOf.Month, 1, 0, 0, 0, TimeSpan.Zero);
        return Enumerable.Range(1, Months).Where(static m => m <= Months / 3 || m > (Months / 3) + 3).Select(m => (first.AddMonths(-m), m <= Months / 3));
    }

    /// <summary>One for each parcel that was known with a recent sign at an instant and of which it can be said whether it began.</summary>
    internal static IEnumerable<(float[] Row, bool Began)> Rows(IReadOnlyList<SignedParcel> signed, DateTimeOffset at, int days, DateTimeOffset asOf)
    {
        foreach (var (_, _, facts, works) in signed)
        {
            if (facts.LandAt(at) is not null && Shows(facts, at) && Label(works, at, days, asOf) is { } began)
            {
                yield return (RiskMap.Row(facts, at), began);
            }
        }
    }

    /// <summary>Works or a confirmed case in reach; a permit alone puts no parcel on the map.</summary>
    private static bool Shows(ParcelFacts facts, DateTimeOffset at) =>
        facts.Signs.Any(s => s.Sign is not (EarlySign.PermitApplied or EarlySign.PermitGranted) && s.CountsAt(at) && s.At > at - RiskMap.Reach);

    private static Dictionary<string, int> Counts(ParcelFacts facts, DateTimeOffset asOf) => facts.Signs
        .Where(s => s.CountsAt(asOf) && s.At > asOf - Told)
        .GroupBy(static s => RiskMap.NameOf(s.Sign)).OrderBy(static g => g.Key, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.Sum(static s => s.Count), StringComparer.Ordinal);
}
