using Monitoring.Domain.Learning;

namespace Monitoring.Detection.Learning;

/// <summary>
/// Makes the risk map from what is on record. Without enough confirmed beginnings it orders parcels by their signs and states no probability. Not thread-safe.
/// </summary>
public sealed class RiskMaker(RiskSigns signs, LearningOptions options)
{
    /// <summary>Confirmed beginnings below which there is no model; the training asks for as many in each of its two parts.</summary>
    public const int BeginningsNeeded = 100;

    private const int Months = 36;
    private static readonly TimeSpan Recent = TimeSpan.FromDays(180);
    private static readonly TimeSpan Told = TimeSpan.FromDays(90);
    private static readonly TimeSpan ModelAge = TimeSpan.FromDays(1);

    private (DateTimeOffset MadeAt, int Beginnings, ViolationModel? In30, ViolationModel? In90) _models;

    public async Task<RiskPicture> MakeAsync(DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        var (signed, looked) = await signs.GatherAsync(asOf, cancellationToken);
        if (_models.MadeAt == default || asOf - _models.MadeAt >= ModelAge || signed.Beginnings.Count < _models.Beginnings)
        {
            _models = (asOf, signed.Beginnings.Count, Learn(signed, asOf, 30, cancellationToken), Learn(signed, asOf, 90, cancellationToken));
        }

        var both = _models is { In30: not null, In90: not null };
        List<RiskParcel> parcels = [];
        foreach (var (parcel, region, facts) in signed.Parcels.Where(p => !signed.Beginnings.ContainsKey(p.Parcel.Id) && Shows(p.Facts, asOf)))
        {
            var row = RiskMap.Row(facts, asOf);
            var order = RiskMap.RulesScore(row);
            if (order <= 0 && !both)
            {
                // Signs that an approval covers say nothing against the parcel.
                continue;
            }

            var in30 = both ? _models.In30!.Probability(row) : (double?)null;

            // Two models know nothing of each other; what begins within 30 days begins within 90.
            var in90 = both ? Math.Max(in30!.Value, _models.In90!.Probability(row)) : (double?)null;
            parcels.Add(new(parcel.Id, region, parcel.Outline, in30, in90, order, Counts(facts, asOf)));
        }

        return new(
            asOf, both ? RiskSource.Model : RiskSource.Signs, signed.Beginnings.Count, BeginningsNeeded, looked,
            [.. parcels.OrderByDescending(static p => p.Within90Days ?? p.Order).ThenBy(static p => p.ParcelId, StringComparer.Ordinal).Take(options.MostRiskParcels)]);
    }

    /// <summary>Parcels with a recent sign at the first of each month; whether it began within the horizon. Rows whose horizon is not over yet are left out.</summary>
    private ViolationModel? Learn(SignedParcels signed, DateTimeOffset asOf, int days, CancellationToken cancellationToken)
    {
        if (signed.Beginnings.Count < BeginningsNeeded)
        {
            return null;
        }

        var earlier = new TrainingTable(RiskMap.Schema);
        var later = new TrainingTable(RiskMap.Schema);
        var first = new DateTimeOffset(asOf.Year, asOf.Month, 1, 0, 0, 0, TimeSpan.Zero);
        for (var month = Months; month >= 1; month--)
        {
            var at = first.AddMonths(-month);
            if (at.AddDays(days) > asOf)
            {
                continue;
            }

            // A label of the earlier part reaches over at most the three months that are left out.
            var table = month > (Months / 3) + 3 ? earlier : month <= Months / 3 ? later : null;
            if (table is null)
            {
                continue;
            }

            foreach (var (parcel, _, facts) in signed.Parcels)
            {
                var began = signed.Beginnings.TryGetValue(parcel.Id, out var when) ? when : (DateTimeOffset?)null;
                if ((began is null || began > at) && Shows(facts, at))
                {
                    table.Add(RiskMap.Row(facts, at), began is { } start && start <= at.AddDays(days), 1);
                }
            }
        }

        return RiskMap.Train(earlier, later, options.Training.Boosting, cancellationToken);
    }

    private static bool Shows(ParcelFacts facts, DateTimeOffset at) => facts.Signs.Any(s => s.KnownAt <= at && s.At <= at && s.At > at - Recent);

    private static Dictionary<string, int> Counts(ParcelFacts facts, DateTimeOffset asOf) => facts.Signs
        .Where(s => s.KnownAt <= asOf && s.At <= asOf && s.At > asOf - Told)
        .GroupBy(static s => RiskMap.NameOf(s.Sign)).OrderBy(static g => g.Key, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.Sum(static s => s.Count), StringComparer.Ordinal);
}
