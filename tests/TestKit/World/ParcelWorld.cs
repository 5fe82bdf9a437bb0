namespace Monitoring.TestKit.World;

/// <summary>What can be noticed of a parcel.</summary>
public enum ParcelSign
{
    Trucks,
    Earthworks,
    Power,
    Applied,
    Granted,
    NeighbourConfirmed,
}

/// <summary>A parcel at the end of a month.</summary>
/// <param name="Signs">Counts of the month that ends, by <see cref="ParcelSign"/>.</param>
/// <param name="Starts1">Whether building without approval begins in the next month.</param>
/// <param name="Starts3">In the next three; null when the world ends before.</param>
/// <param name="Posterior1">Exact P(<paramref name="Starts1"/> | all signs so far), by the forward filter of the hidden chain.</param>
/// <param name="Posterior3">The same for three months.</param>
public sealed record ParcelMonth(string Parcel, int Month, bool Farmland, double RoadMeters, int[] Signs, bool? Starts1, bool? Starts3, double Posterior1, double Posterior3);

/// <summary>
/// Parcels over months with a hidden chain: quiet, preparing without approval, preparing with one, building lawfully; and begun, where the parcel leaves. Frozen like
/// <see cref="ViolationWorld"/>; docs/algorithms/risk-map.md states the constants. Deterministic.
/// </summary>
public sealed class ParcelWorld(int parcels, int months, bool shifted = false)
{
    public const int Version = 1;

    // States: 0 quiet, 1 preparing without approval, 2 preparing with one, 3 building lawfully; 4 = begun, where the parcel leaves.
    private const int Quiet = 0, States = 4;
    private const double Begins = 0.3;

    // Mean trucks, then chances of the other four signs, by state.
    private static readonly double[] Trucks = [0.3, 1.6, 1.8, 4];
    private static readonly double[][] Chances = [[0.01, 0.02, 0.01, 0.01], [0.22, 0.15, 0.12, 0.02], [0.25, 0.2, 0.45, 0.35], [0.5, 0.6, 0.03, 0.06]];

    public IEnumerable<ParcelMonth> Rows(ulong seed)
    {
        for (var p = 0; p < parcels; p++)
        {
            foreach (var row in Parcel(new WorldRandom((seed * 7_368_787) + (ulong)p), $"{seed:x}-{p:00000}"))
            {
                yield return row;
            }
        }
    }

    private List<ParcelMonth> Parcel(WorldRandom random, string name)
    {
        var farmland = random.Chance(0.4);
        var road = Math.Exp(5 + (1.2 * random.Normal()));
        var state = Quiet;
        double[] belief = [1, 0, 0, 0];
        var rows = new List<ParcelMonth>();
        var neighbours = new Queue<int>();
        for (var month = 0; month < months; month++)
        {
            // What was recorded nearby in the half year before drives who begins to prepare.
            var near = neighbours.Sum();
            var step = Step(farmland, road, near);
            var next = random.Pick([.. Enumerable.Range(0, States + 1).Select(to => step[state, to])]);
            if (next == States)
            {
                Label(rows, month);
                return rows;
            }

            state = next;
            belief = Move(belief, step);
            var confirmed = random.Poisson(farmland ? 0.12 : 0.07);
            neighbours.Enqueue(confirmed);
            if (neighbours.Count > 6)
            {
                neighbours.Dequeue();
            }

            int[] signs = [random.Poisson(Trucks[state]), .. Chances[state].Select(c => random.Chance(c) ? 1 : 0), confirmed];
            Weigh(belief, signs);

            // From here on the neighbourhood is held as it stands: nobody knows who will be confirmed.
            var ahead = Step(farmland, road, neighbours.Sum());
            rows.Add(new(name, month, farmland, road, signs, null, null, Begin(belief, ahead, 1), Begin(belief, ahead, 3)));
        }

        Label(rows, null);
        return rows;
    }

    /// <summary>From state to state in a month; the last column is begun.</summary>
    private double[,] Step(bool farmland, double road, int near)
    {
        var prepare = 0.012 * (shifted ? 0.6 : 1) * (farmland ? 1.6 : 1) * Math.Exp(-0.25 * (Math.Log(road) - 5)) * (1 + (0.8 * Math.Min(near, 4)));
        var plan = 0.02 * (shifted ? 1.5 : 1) * (farmland ? 0.4 : 1);
        prepare = Math.Min(prepare, 0.3);
        return new double[,]
        {
            { 1 - prepare - plan, prepare, plan, 0, 0 }, { 0.1, 0.9 - Begins, 0, 0, Begins }, { 0.05, 0, 0.7, 0.25, 0 }, { 0.15, 0, 0, 0.85, 0 },
        };
    }

    private static double[] Move(double[] belief, double[,] step)
    {
        var moved = new double[States];
        for (var from = 0; from < States; from++)
        {
            for (var to = 0; to < States; to++)
            {
                moved[to] += belief[from] * step[from, to];
            }
        }

        // It did not begin, or the parcel would be gone.
        var sum = moved.Sum();
        return [.. moved.Select(m => m / sum)];
    }

    private static void Weigh(double[] belief, int[] signs)
    {
        for (var s = 0; s < States; s++)
        {
            belief[s] *= Math.Exp(new Count(Trucks[s]).LogDensity(signs[0]));
            for (var k = 0; k < 4; k++)
            {
                belief[s] *= signs[k + 1] > 0 ? Chances[s][k] : 1 - Chances[s][k];
            }
        }

        var sum = belief.Sum();
        for (var s = 0; s < States; s++)
        {
            belief[s] /= sum;
        }
    }

    private static double Begin(double[] belief, double[,] step, int ahead)
    {
        var now = (double[])belief.Clone();
        var begun = 0.0;
        for (var i = 0; i < ahead; i++)
        {
            var moved = new double[States];
            for (var from = 0; from < States; from++)
            {
                begun += now[from] * step[from, States];
                for (var to = 0; to < States; to++)
                {
                    moved[to] += now[from] * step[from, to];
                }
            }

            now = moved;
        }

        return begun;
    }

    private void Label(List<ParcelMonth> rows, int? begun)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            var month = rows[i].Month;
            rows[i] = rows[i] with
            {
                Starts1 = begun == month + 1 ? true : month + 1 < months ? false : null,
                Starts3 = begun is { } b && b <= month + 3 ? true : month + 3 < months ? false : null,
            };
        }
    }
}
