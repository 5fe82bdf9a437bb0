using Monitoring.Detection.Learning;
using Monitoring.TestKit.World;

namespace Monitoring.Detection.Tests.Learning;

/// <summary>Months of the simulated parcels as rows of the risk map, through dated facts that reach beyond each row's instant.</summary>
internal static class ParcelRows
{
    private const int DaysOfMonth = 30;
    private static readonly DateTimeOffset Start = new(2021, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset EndOf(int month) => Start.AddDays(DaysOfMonth * (month + 1));

    public static IEnumerable<(ParcelMonth Month, float[] Row)> Of(IEnumerable<ParcelMonth> months)
    {
        var parcel = new List<ParcelMonth>();
        foreach (var month in months)
        {
            if (parcel.Count > 0 && parcel[0].Parcel != month.Parcel)
            {
                foreach (var row in Rows(parcel))
                {
                    yield return row;
                }

                parcel.Clear();
            }

            parcel.Add(month);
        }

        foreach (var row in Rows(parcel))
        {
            yield return row;
        }
    }

    public static ParcelFacts Facts(IReadOnlyList<ParcelMonth> parcel) => new(
        parcel[0].Parcel, [new LandFact(Start, true, parcel[0].Farmland, parcel[0].RoadMeters)],
        [.. parcel.SelectMany(m => m.Signs.Select((count, sign) => new SignFact((EarlySign)sign, EndOf(m.Month).AddDays(-1), EndOf(m.Month), count))).Where(f => f.Count > 0)]);

    private static IEnumerable<(ParcelMonth Month, float[] Row)> Rows(List<ParcelMonth> parcel)
    {
        if (parcel.Count == 0)
        {
            yield break;
        }

        var facts = Facts(parcel);
        foreach (var month in parcel)
        {
            yield return (month, RiskMap.Row(facts, EndOf(month.Month)));
        }
    }
}
