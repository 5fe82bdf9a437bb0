using System.Security.Cryptography;
using System.Text.Json;

namespace Monitoring.Detection.Learning;

/// <summary>A model as a JSON file (docs/formats/violation-model.md): trees, calibration, the schema that it reads.</summary>
public static class ModelFile
{
    public const int FormatVersion = 1;

    /// <summary>Larger files are refused before they are read.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private sealed record Stored(int Format, string Schema, int SchemaVersion, string[] Features, double Bias, Tree[] Trees, double[] Scores, double[] Probabilities);

    public static byte[] Write(ViolationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return JsonSerializer.SerializeToUtf8Bytes(
            new Stored(
                FormatVersion, model.Schema.Id, model.Schema.Version, [.. model.Schema.Features.Select(f => f.Name)], model.Trees.Bias, [.. model.Trees.Trees],
                [.. model.Calibration.Scores], [.. model.Calibration.Probabilities]),
            Json);
    }

    /// <exception cref="InvalidDataException">It is no such model, or one for other features; one sentence says what and how to mend it.</exception>
    public static ViolationModel Read(ReadOnlySpan<byte> bytes, FeatureSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        Stored? stored;
        try
        {
            stored = JsonSerializer.Deserialize<Stored>(bytes, Json);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The model file is no JSON of a model ({e.Message}); train the model again.", e);
        }

        if (stored is null || stored.Trees is null || stored.Scores is null || stored.Probabilities is null || stored.Features is null)
        {
            throw new InvalidDataException("The model file lacks trees, features or calibration; train the model again.");
        }

        if (stored.Format != FormatVersion)
        {
            throw new InvalidDataException($"The model file has format {stored.Format}; this program reads {FormatVersion}. Train the model again.");
        }

        if (stored.Schema != schema.Id || stored.SchemaVersion != schema.Version || !stored.Features.SequenceEqual(schema.Features.Select(f => f.Name)))
        {
            throw new InvalidDataException($"The model reads {stored.Schema} version {stored.SchemaVersion}, this program makes {schema.Id} version {schema.Version}; train the model again.");
        }

        if (stored.Scores.Length == 0 || stored.Scores.Length != stored.Probabilities.Length || !Rising(stored.Scores, strict: true) || !Rising(stored.Probabilities, strict: false)
            || stored.Probabilities[0] < 0 || stored.Probabilities[^1] > 1)
        {
            throw new InvalidDataException("The model's calibration does not rise from 0 to 1; train the model again.");
        }

        if (stored.Trees.Any(t => t is null || t.Feature is null || t.Threshold is null || t.Left is null || t.Right is null || t.Leaf is null || t.Cover is null || t.LeafCover is null))
        {
            throw new InvalidDataException("A tree of the model lacks its nodes; train the model again.");
        }

        return new(schema, new TreeEnsemble(stored.Bias, stored.Trees, schema.Count), new Calibration { Scores = stored.Scores, Probabilities = stored.Probabilities });
    }

    public static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static bool Rising(double[] values, bool strict)
    {
        for (var i = 1; i < values.Length; i++)
        {
            if (!(strict ? values[i] > values[i - 1] : values[i] >= values[i - 1]))
            {
                return false;
            }
        }

        return true;
    }
}
