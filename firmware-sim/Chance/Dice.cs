namespace Monitoring.FirmwareSim.Chance;

/// <summary>
/// A node in a tree of seeded randomness. A value depends only on the path from the seed (purpose names and indices) and on
/// its own index, never on how many values were drawn before: parts of the county can be added without moving the others,
/// and loops can run in any order.
/// </summary>
/// <remarks>Mixing is the finaliser of SplitMix64 (Steele, Lea, Flood 2014); names enter by FNV-1a.</remarks>
public readonly struct Dice : IEquatable<Dice>
{
    private const ulong Golden = 0x9E3779B97F4A7C15UL;
    private readonly ulong _key;

    private Dice(ulong key) => _key = key;

    /// <summary>The root of the tree for a seed.</summary>
    public static Dice FromSeed(long seed) => new(Mix((ulong)seed + Golden));

    /// <summary>The child for a named purpose.</summary>
    public Dice For(string purpose)
    {
        ArgumentNullException.ThrowIfNull(purpose);
        var h = 14695981039346656037UL;
        foreach (var c in purpose)
            h = (h ^ c) * 1099511628211UL;
        return new Dice(Mix(_key ^ h));
    }

    /// <summary>The child for an index.</summary>
    public Dice For(long index) => new(Mix(_key + Golden * ((ulong)index + 0x632BE59BD9B4E019UL)));

    /// <summary>64 mixed bits for an index.</summary>
    public ulong Bits(long index = 0) => Mix(_key ^ Mix((ulong)index + Golden));

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit(long index = 0) => (Bits(index) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Between(double low, double high, long index = 0) => low + (high - low) * Unit(index);

    /// <summary>Uniform in 0 .. count - 1.</summary>
    public int Index(int count, long index = 0) => (int)(Unit(index) * count);

    /// <summary>True with the given probability.</summary>
    public bool Happens(double probability, long index = 0) => Unit(index) < probability;

    /// <summary>Standard normal (Box and Muller 1958).</summary>
    public double Normal(long index = 0)
    {
        var child = For(index);
        var radius = Math.Sqrt(-2 * Math.Log(1 - child.Unit(0)));
        return radius * Math.Cos(2 * Math.PI * child.Unit(1));
    }

    /// <summary>The mixing function itself, for inner loops.</summary>
    internal static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    internal ulong Key => _key;

    public bool Equals(Dice other) => _key == other._key;

    public override bool Equals(object? obj) => obj is Dice other && Equals(other);

    public override int GetHashCode() => _key.GetHashCode();

    public static bool operator ==(Dice left, Dice right) => left.Equals(right);

    public static bool operator !=(Dice left, Dice right) => !left.Equals(right);
}
