using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Network;

/// <summary>What a network takes.</summary>
/// <param name="Layout"><c>stacked</c>: one input [1, 6, h, w]; <c>pair</c>: two inputs [1, 3, h, w]. The earlier date first.</param>
/// <param name="Tile">Side of a tile in pixels, 32 to 2048, a multiple of 8.</param>
/// <param name="Overlap">Pixels thrown away at each side of a tile, 0 to a third of it.</param>
/// <param name="Channels">Red, green, blue in the network's order.</param>
/// <param name="Values"><c>display</c>: 8-bit digital numbers / 255; <c>reflectance</c>: 0 to 1.</param>
/// <param name="Mean">Per channel.</param>
/// <param name="Std">Per channel, not 0.</param>
public sealed record ModelInput(
    string Layout, int Tile, int Overlap, IReadOnlyList<string> Channels, string Values, IReadOnlyList<float> Mean, IReadOnlyList<float> Std);

/// <summary>What a network gives.</summary>
/// <param name="Kind"><c>probability</c> or <c>logit</c>: [1, 1, h, w]; <c>softmax</c>: [1, 2, h, w].</param>
/// <param name="Threshold">Probability of change from which a pixel is changed, (0, 1).</param>
/// <param name="Change">What the network was trained to find: <c>built-up</c>, <c>bare-soil</c>, <c>demolition</c>, or <c>other</c> (default): it does not say.</param>
public sealed record ModelOutput(string Kind, double Threshold, string Change = "other")
{
    /// <summary><see cref="Change"/> as a kind.</summary>
    [JsonIgnore]
    public ChangeKind Found => Change switch
    {
        "built-up" => ChangeKind.BuiltUp,
        "bare-soil" => ChangeKind.BareSoil,
        "demolition" => ChangeKind.Demolition,
        _ => ChangeKind.Other,
    };
}

/// <summary>The card that lies beside a network (docs/formats/change-model.md).</summary>
/// <param name="GsdMeters">Finest and coarsest metres a pixel that the network is for.</param>
/// <param name="Sha256">Of model.onnx, lower-case hex.</param>
public sealed record ModelCard(
    string Name,
    string Version,
    string Licence,
    string TrainingData,
    string Sha256,
    [property: JsonPropertyName("gsd_m")] IReadOnlyList<double> GsdMeters,
    ModelInput Input,
    ModelOutput Output,
    string? Source = null)
{
    public const string FileName = "card.json";
    private const int MostBytes = 64 * 1024;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        MaxDepth = 8,
    };

    /// <summary>Reads and checks a card.</summary>
    /// <exception cref="ModelException">It is missing, unreadable, no JSON, or something on it is not right; one sentence.</exception>
    public static ModelCard Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new ModelException($"\"{path}\" is missing: a network is used only with its card.");
        }

        ModelCard? card;
        try
        {
            if (new FileInfo(path).Length > MostBytes)
            {
                throw new ModelException($"\"{path}\" is larger than 64 KiB, which no model card is.");
            }

            card = JsonSerializer.Deserialize<ModelCard>(File.ReadAllBytes(path), Json);
        }
        catch (JsonException problem)
        {
            throw new ModelException($"\"{path}\" is no model card: {problem.Message}", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"\"{path}\" cannot be read: {problem.Message}", problem);
        }

        return card?.Fault() switch
        {
            null when card is not null => card,
            var fault => throw new ModelException($"\"{path}\" {fault ?? "is empty"}; docs/formats/change-model.md tells what belongs there."),
        };
    }

    /// <summary>Whether the network is for pictures of this sampling distance.</summary>
    public bool IsFor(double gsdMeters) => gsdMeters >= GsdMeters[0] && gsdMeters <= GsdMeters[1];

    /// <summary>What is not right, as the rest of a sentence, or null.</summary>
    private string? Fault()
    {
        if (Missing(Name) || Missing(Version))
        {
            return "names no model or no version";
        }

        if (Missing(Licence))
        {
            return "states no licence, and a network without one is not used";
        }

        if (Missing(TrainingData))
        {
            return "does not say what the network was trained on";
        }

        if (Sha256 is not { Length: 64 } || !Sha256.All(char.IsAsciiHexDigitLower))
        {
            return "has no sha256 of model.onnx in 64 lower-case hex digits";
        }

        if (GsdMeters is not [> 0, var coarsest] || !(coarsest >= GsdMeters[0]) || !double.IsFinite(coarsest))
        {
            return "has no gsd_m of two rising numbers in metres";
        }

        if (Input is not { } input || Output is not { } output)
        {
            return "lacks input or output";
        }

        if (input.Layout is not ("stacked" or "pair"))
        {
            return "has an input.layout other than stacked or pair";
        }

        if (input.Tile is < 32 or > 2048 || input.Tile % 8 != 0 || input.Overlap < 0 || input.Overlap * 3 > input.Tile)
        {
            return "has an input.tile outside 32 to 2048 in steps of 8, or an input.overlap over a third of it";
        }

        if (input.Channels is not (["red", "green", "blue"] or ["blue", "green", "red"]))
        {
            return "has input.channels other than red, green, blue or blue, green, red";
        }

        if (input.Values is not ("display" or "reflectance"))
        {
            return "has input.values other than display or reflectance";
        }

        if (input.Mean is not [var m0, var m1, var m2] || !float.IsFinite(m0 + m1 + m2) || input.Std is not [var s0, var s1, var s2] || !float.IsFinite(s0 + s1 + s2) || s0 == 0 || s1 == 0 || s2 == 0)
        {
            return "needs three numbers in input.mean and three in input.std, none of the latter 0";
        }

        if (output.Kind is not ("probability" or "logit" or "softmax"))
        {
            return "has an output.kind other than probability, logit or softmax";
        }

        if (output.Change is not ("built-up" or "bare-soil" or "demolition" or "other"))
        {
            return "has an output.change other than built-up, bare-soil, demolition or other";
        }

        return output.Threshold is > 0 and < 1 ? null : "has an output.threshold that is not between 0 and 1";

        static bool Missing(string? text) => string.IsNullOrWhiteSpace(text);
    }
}
