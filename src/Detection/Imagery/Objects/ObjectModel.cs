using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Imagery.Objects;

/// <summary>One input of a model: (value − mean)/deviation, held within ±3, times the weight.</summary>
public sealed record ModelInput(string Name, double Mean, double Deviation, double Weight);

/// <summary>What holds for scenes with certain bands.</summary>
/// <param name="Name">For people, for example <c>six bands</c>.</param>
/// <param name="Needs">Features that must be known (not NaN) besides the inputs, so that scenes of these bands are meant.</param>
/// <param name="Threshold">Probability from which an object is kept.</param>
public sealed record ModelVariant(string Name, IReadOnlyList<string> Needs, IReadOnlyList<ModelInput> Inputs, double Bias, double Threshold);

/// <summary>
/// The probability that a candidate object is urban change: logistic regression over standardised object features, trained by ML.NET
/// (<c>bench -- train-objects</c>) and shipped as its coefficients. docs/models/urban-change-objects.md is its card.
/// </summary>
/// <remarks>Immutable and thread-safe. A prediction is a dot product: deterministic on every machine, and without a runtime to load.</remarks>
public sealed record ObjectModel
{
    private const string Resource = "Monitoring.Detection.urban-change-objects.json";
    private static readonly Lazy<ObjectModel> ShippedModel = new(LoadShipped);

    private Bound[] _bound = [];

    public required string Id { get; init; }

    public required string Version { get; init; }

    /// <summary>Scenes that labels were taken from.</summary>
    public required IReadOnlyList<string> TrainedOn { get; init; }

    /// <summary>SHA-256 of the training table, hexadecimal.</summary>
    public required string TrainingTable { get; init; }

    /// <summary>Candidates are pixels from this share of the rules' threshold on, (0, 1].</summary>
    public required double CandidateShare { get; init; }

    /// <summary>Gaps up to twice this width within and between kept objects are closed, m, ≥ 0.</summary>
    public required double ClosingMeters { get; init; }

    /// <summary>In the order of preference; the first whose features are known is used.</summary>
    /// <exception cref="KeyNotFoundException">A feature has no such name; <see cref="Parse"/> says so in a sentence.</exception>
    public required IReadOnlyList<ModelVariant> Variants
    {
        get;
        init
        {
            field = value;
            // Here and not on first use: a copy made by "with" has its own.
            _bound = [.. value.Select(v => new Bound(v))];
        }
    }

    /// <summary>The model in this program.</summary>
    public static ObjectModel Shipped => ShippedModel.Value;

    /// <summary>SHA-256 over the file's text, hexadecimal: part of a change set's identity.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, ObjectModelJson.Default.ObjectModel)));

    /// <exception cref="InvalidDataException">Not a model; one sentence.</exception>
    public static ObjectModel Parse(ReadOnlySpan<byte> json)
    {
        ObjectModel? model;
        try
        {
            model = JsonSerializer.Deserialize(json, ObjectModelJson.Default.ObjectModel);
        }
        catch (KeyNotFoundException problem)
        {
            throw new InvalidDataException($"The object model reads a feature that this program does not make ({problem.Message}): train it again with \"bench -- train-objects\".", problem);
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"The object model cannot be read: {problem.Message} Make it again with \"bench -- train-objects\".", problem);
        }

        if (model is null || model.Variants.Count == 0 || !(model.CandidateShare is > 0 and <= 1) || !(model.ClosingMeters >= 0))
        {
            throw new InvalidDataException("The object model is empty or out of range: make it again with \"bench -- train-objects\".");
        }

        return model;
    }

    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, ObjectModelJson.Default.ObjectModel), (byte)'\n'];

    /// <summary>Probability of urban change, and whether the object is kept; null when no variant knows these bands.</summary>
    /// <param name="features">As <see cref="ObjectFeatures.Names"/>.</param>
    public (double Probability, bool Keep)? Judge(ReadOnlySpan<float> features)
    {
        foreach (var variant in _bound)
        {
            if (variant.Knows(features))
            {
                var probability = variant.Probability(features);
                return (probability, probability >= variant.Threshold);
            }
        }

        return null;
    }

    /// <summary>Whether objects of scenes with these bands can be judged.</summary>
    public bool Speaks(IEnumerable<BandRole> roles, bool calibrated)
    {
        ArgumentNullException.ThrowIfNull(roles);

        // Any object of such scenes knows the same features as this one.
        var lanes = new double[ObjectSums.Lanes];
        Array.Fill(lanes, 1);
        var after = RoleValues.Missing;
        lanes.AsSpan(ObjectSums.Lane.Before, 2 * RoleValues.Count).Fill(double.NaN);
        foreach (var role in roles.Where(r => r < BandRole.Other).Select(r => (int)r))
        {
            (lanes[ObjectSums.Lane.Before + role], lanes[ObjectSums.Lane.After + role], after[role]) = (0.1, 0.2, 0.2f);
        }

        var shape = default(ObjectShape);
        shape.AddRun(0, 0, 1);
        var tally = new SceneTally();
        tally.Add(after, 1);
        return Judge(ObjectFeatures.Of(new ObjectSums(lanes), shape, tally.Context(calibrated, 1, 1), 0)) is not null;
    }

    /// <summary>Equality of what the file says.</summary>
    public bool Equals(ObjectModel? other) => other is not null && Hash == other.Hash;

    public override int GetHashCode() => Hash.GetHashCode(StringComparison.Ordinal);

    private static ObjectModel LoadShipped()
    {
        using var stream = typeof(ObjectModel).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is missing from the program.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Parse(bytes);
    }

    /// <summary>A variant with its features looked up.</summary>
    private sealed class Bound(ModelVariant variant)
    {
        /// <summary>Inputs farther out than this say no more: an odd scene must not be extrapolated to.</summary>
        private const double Reach = 3;
        private readonly int[] _needs = [.. variant.Needs.Concat(variant.Inputs.Select(i => i.Name)).Select(ObjectFeatures.PlaceOf)];
        private readonly int[] _places = [.. variant.Inputs.Select(i => ObjectFeatures.PlaceOf(i.Name))];

        public double Threshold => variant.Threshold;

        public bool Knows(ReadOnlySpan<float> features)
        {
            foreach (var place in _needs)
            {
                if (!float.IsFinite(features[place]))
                {
                    return false;
                }
            }

            return true;
        }

        public double Probability(ReadOnlySpan<float> features)
        {
            var sum = variant.Bias;
            for (var i = 0; i < _places.Length; i++)
            {
                var input = variant.Inputs[i];
                sum += input.Weight * Standard(features[_places[i]], input.Mean, input.Deviation);
            }

            return 1 / (1 + Math.Exp(-sum));
        }

        private static double Standard(double value, double mean, double deviation) => Math.Clamp((value - mean) / deviation, -Reach, Reach);
    }
}
