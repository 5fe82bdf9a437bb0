namespace Monitoring.TestKit.World;

/// <summary>Normal with mean and standard deviation: drawn from and evaluated with the same numbers, so that the posterior is of the world as drawn.</summary>
public readonly record struct Gauss(double Mean, double Deviation)
{
    public double Draw(WorldRandom random) => Mean + (Deviation * random.Normal());

    public double LogDensity(double x)
    {
        var z = (x - Mean) / Deviation;
        return (-0.5 * z * z) - Math.Log(Deviation);
    }
}

/// <summary>Poisson count.</summary>
public readonly record struct Count(double Mean)
{
    public int Draw(WorldRandom random) => random.Poisson(Mean);

    /// <summary>Without the term that depends on <paramref name="n"/> alone: it cancels in Bayes' rule.</summary>
    public double LogDensity(int n) => (n * Math.Log(Mean)) - Mean;
}

/// <summary>Negative binomial of shape 2 (Poisson with a Gamma(2) mean): counts that come in bursts.</summary>
public readonly record struct Bursts(double Mean)
{
    private double Success => 2 / (2 + Mean);

    public int Draw(WorldRandom random)
    {
        // The sum of two geometric counts.
        var log = Math.Log(1 - Success);
        return (int)Math.Floor(Math.Log(random.Uniform()) / log) + (int)Math.Floor(Math.Log(random.Uniform()) / log);
    }

    public double LogDensity(int n) => (2 * Math.Log(Success)) + (n * Math.Log(1 - Success));
}

/// <summary>One of a few, with its weights.</summary>
public readonly record struct Choice(params double[] Weights)
{
    public int Draw(WorldRandom random) => random.Pick(Weights);

    public double LogDensity(int which)
    {
        var sum = 0.0;
        foreach (var w in Weights)
        {
            sum += w;
        }

        return Math.Log(Weights[which] / sum);
    }
}

/// <summary>Yes or no.</summary>
public readonly record struct Coin(double Yes)
{
    public bool Draw(WorldRandom random) => random.Chance(Yes);

    public double LogDensity(bool yes) => Math.Log(yes ? Yes : 1 - Yes);
}
