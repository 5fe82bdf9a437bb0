using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Monitoring.Detection.Learning;

/// <summary>Rows to learn from, or to score: row-major numbers with label and weight. Append-only; not thread-safe while appending.</summary>
public sealed class TrainingTable(FeatureSchema schema)
{
    private readonly List<bool> _labels = [];
    private readonly List<float> _weights = [];
    private float[] _values = new float[schema.Count * 256];

    public FeatureSchema Schema { get; } = schema;

    public int Count => _labels.Count;

    public IReadOnlyList<bool> Labels => _labels;

    /// <summary>&gt; 0 each.</summary>
    public IReadOnlyList<float> Weights => _weights;

    /// <summary>Count × Schema.Count numbers, row-major.</summary>
    public ReadOnlySpan<float> Values => _values.AsSpan(0, Count * Schema.Count);

    public ReadOnlySpan<float> Row(int index) => _values.AsSpan(index * Schema.Count, Schema.Count);

    /// <summary>The same row for callers that cannot hold a span, for example iterators.</summary>
    public ReadOnlyMemory<float> RowMemory(int index) => _values.AsMemory(index * Schema.Count, Schema.Count);

    /// <exception cref="ArgumentException">Not one number for each feature, a number that is no number, or a weight that is not positive.</exception>
    public void Add(ReadOnlySpan<float> values, bool label, float weight = 1)
    {
        if (values.Length != Schema.Count)
        {
            throw new ArgumentException($"A row of {Schema.Id} has {Schema.Count} values, not {values.Length}.", nameof(values));
        }

        foreach (var v in values)
        {
            if (!float.IsFinite(v))
            {
                throw new ArgumentException("An absent value is written as FeatureSchema.Missing, never as NaN.", nameof(values));
            }
        }

        if (!(weight > 0))
        {
            throw new ArgumentException("A row weighs more than nothing.", nameof(weight));
        }

        var at = Count * Schema.Count;
        if (at + Schema.Count > _values.Length)
        {
            Array.Resize(ref _values, checked(_values.Length * 2));
        }

        values.CopyTo(_values.AsSpan(at));
        _labels.Add(label);
        _weights.Add(weight);
    }

    /// <summary>SHA-256 over names, values, labels and weights in lower-case hex: what a model was trained on.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Schema.Id} {Schema.Version} {string.Join(',', Schema.Features.Select(f => f.Name))}\n"));
        var row = new byte[(Schema.Count + 2) * 4];
        for (var i = 0; i < Count; i++)
        {
            var values = Row(i);
            for (var k = 0; k < values.Length; k++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(row.AsSpan(k * 4), values[k]);
            }

            BinaryPrimitives.WriteSingleLittleEndian(row.AsSpan(Schema.Count * 4), _labels[i] ? 1 : 0);
            BinaryPrimitives.WriteSingleLittleEndian(row.AsSpan((Schema.Count + 1) * 4), _weights[i]);
            hash.AppendData(row);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
