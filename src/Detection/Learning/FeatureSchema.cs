namespace Monitoring.Detection.Learning;

/// <summary>Which way reason says a feature pulls, all else equal; a model's card shows where it learned otherwise.</summary>
public enum Expectation
{
    None,
    Raises,
    Lowers,
}

/// <param name="Name">Code, with unit; also the code of a contribution.</param>
/// <param name="Zh">For people, Chinese.</param>
/// <param name="En">For people, English.</param>
/// <param name="Expected">See <see cref="Expectation"/>.</param>
public sealed record FeatureInfo(string Name, string Zh, string En, Expectation Expected = Expectation.None);

/// <summary>The columns of a table that a model reads, in order. Immutable.</summary>
public sealed class FeatureSchema
{
    /// <summary>Stands for an absent value in the arrays that trees read, below every real value: absence is a fact of its own, never zero.</summary>
    public const float Missing = -1000;

    private readonly Dictionary<string, int> _places;

    public FeatureSchema(string id, int version, IReadOnlyList<FeatureInfo> features)
    {
        ArgumentNullException.ThrowIfNull(features);
        (Id, Version, Features) = (id, version, features);
        _places = features.Select((f, i) => (f.Name, i)).ToDictionary(p => p.Name, p => p.i, StringComparer.Ordinal);
    }

    public string Id { get; }

    /// <summary>Raised with every change of what a column means; a model scores only tables of its own version.</summary>
    public int Version { get; }

    public IReadOnlyList<FeatureInfo> Features { get; }

    public int Count => Features.Count;

    /// <exception cref="KeyNotFoundException">No such feature.</exception>
    public int PlaceOf(string name) => _places[name];
}
