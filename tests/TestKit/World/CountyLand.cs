namespace Monitoring.TestKit.World;

/// <summary>The land of a county: two towns on 30 × 30 km, farmland, and red lines in patches of a few kilometres.</summary>
internal sealed class CountyLand
{
    private readonly (double X, double Y, double Radius)[] _towns;
    private readonly double _farm;
    private readonly double _red;
    private readonly double _phase;

    /// <param name="type">0 urban fringe, 1 plain, 2 hills, 3 coast.</param>
    public CountyLand(WorldRandom random, int type)
    {
        (_farm, _red) = type switch { 0 => (0.35, 0.05), 1 => (0.65, 0.05), 2 => (0.25, 0.3), _ => (0.35, 0.2) };
        var radius = type switch { 0 => 5.0, 1 => 3.5, 2 => 2.5, _ => 4.0 };
        _towns = [.. Enumerable.Range(0, 2).Select(i => (random.Between(5, 25), random.Between(5, 25), radius * random.Between(0.7, 1.3)))];
        _phase = random.Between(0, 2 * Math.PI);
    }

    /// <summary>Half of all candidates lie in and around the towns.</summary>
    public (double X, double Y) Place(WorldRandom random)
    {
        if (random.Chance(0.5))
        {
            return (random.Between(0, ViolationWorld.SideKilometers), random.Between(0, ViolationWorld.SideKilometers));
        }

        var town = _towns[random.Below(_towns.Length)];
        return (Inside(town.X + (town.Radius * random.Normal())), Inside(town.Y + (town.Radius * random.Normal())));
    }

    /// <summary>Probability of lying inside the urban development boundary.</summary>
    public double Urban(double x, double y)
    {
        var best = 0.0;
        foreach (var (tx, ty, radius) in _towns)
        {
            var d = Math.Sqrt(((x - tx) * (x - tx)) + ((y - ty) * (y - ty)));
            best = Math.Max(best, 1 / (1 + Math.Exp(3 * (d - radius))));
        }

        return best;
    }

    public double Farmland(double x, double y, bool inside, WorldRandom random)
    {
        var level = (_farm * (inside ? 0.3 : 1)) + (0.2 * Math.Sin((x / 4) + _phase) * Math.Cos((y / 5) - _phase));
        return random.Chance(Math.Clamp(level, 0.02, 0.95)) ? Math.Clamp(random.Between(0.3, 1.3), 0, 1) : 0;
    }

    public double RedLine(double x, double y, bool inside, WorldRandom random)
    {
        var level = inside ? 0.01 : _red * (1 + Math.Sin((x / 3) - _phase) + Math.Cos((y / 4) + _phase)) / 2;
        return random.Chance(Math.Clamp(level, 0, 0.9)) ? Math.Clamp(random.Between(0.05, 1.4), 0, 1) : 0;
    }

    private static double Inside(double v) => Math.Clamp(v, 0, ViolationWorld.SideKilometers - 1e-6);
}

/// <summary>Recorded outcomes by square kilometre, for what was known around a place at an instant.</summary>
internal sealed class RecordedOutcomes
{
    private const int Side = (int)ViolationWorld.SideKilometers;
    private static readonly TimeSpan Window = TimeSpan.FromDays(730);
    private readonly List<(double X, double Y, DateTimeOffset At, bool Confirmed)>[] _cells = [.. Enumerable.Range(0, Side * Side).Select(_ => new List<(double, double, DateTimeOffset, bool)>())];

    public void Add(double x, double y, DateTimeOffset at, bool confirmed) => _cells[((int)y * Side) + (int)x].Add((x, y, at, confirmed));

    public (int Confirmed1, int Confirmed3, int Dismissed1, int Dismissed3) Around(double x, double y, DateTimeOffset asOf)
    {
        int c1 = 0, c3 = 0, d1 = 0, d3 = 0;
        for (var v = Math.Max(0, (int)y - 3); v <= Math.Min(Side - 1, (int)y + 3); v++)
        {
            for (var u = Math.Max(0, (int)x - 3); u <= Math.Min(Side - 1, (int)x + 3); u++)
            {
                foreach (var (ox, oy, at, confirmed) in _cells[(v * Side) + u])
                {
                    var d2 = ((ox - x) * (ox - x)) + ((oy - y) * (oy - y));
                    if (at < asOf && at >= asOf - Window && d2 <= 9)
                    {
                        c3 += confirmed ? 1 : 0;
                        d3 += confirmed ? 0 : 1;
                        c1 += confirmed && d2 <= 1 ? 1 : 0;
                        d1 += !confirmed && d2 <= 1 ? 1 : 0;
                    }
                }
            }
        }

        return (c1, c3, d1, d3);
    }
}
