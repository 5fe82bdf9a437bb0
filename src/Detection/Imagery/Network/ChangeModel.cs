using System.Globalization;
using System.Security.Cryptography;
using Microsoft.ML.OnnxRuntime;

namespace Monitoring.Detection.Imagery.Network;

/// <summary>
/// A network with its card, checked against each other and ready to run on the processor. Holds the weights and the runtime's working
/// memory until it is disposed.
/// </summary>
/// <remarks><see cref="Run"/> may not be called by two threads at the same time: the tensors are the model's own.</remarks>
public sealed class ChangeModel : IDisposable
{
    public const string FileName = "model.onnx";
    private const int Channels = 3;

    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly float[][] _planes;
    private readonly OrtValue[] _inputs;

    private ChangeModel(ModelCard card, string folder, InferenceSession session)
    {
        (Card, Folder, _session) = (card, folder, session);
        _inputNames = [.. session.InputNames];
        _outputNames = [session.OutputNames[0]];
        var side = card.Input.Tile;
        var perInput = card.Input.Layout == "stacked" ? 2 * Channels : Channels;
        _planes = [.. _inputNames.Select(_ => new float[perInput * side * side])];
        _inputs = [.. _planes.Select(p => OrtValue.CreateTensorValueFromMemory(p, [1, perInput, side, side]))];
    }

    public ModelCard Card { get; }

    public string Folder { get; }

    /// <summary>Loads a model from a folder with <c>model.onnx</c> and <c>card.json</c>.</summary>
    /// <exception cref="ModelException">It may not or cannot be used; one sentence says why.</exception>
    public static ChangeModel Load(string folder, NetworkOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var card = ModelCard.Read(Path.Combine(folder, ModelCard.FileName));
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new ModelException($"\"{path}\" is missing: put the network of the card \"{card.Name}\" there.");
        }

        long tensors = sizeof(float) * (long)card.Input.Tile * card.Input.Tile * ((2 * Channels) + (card.Output.Kind == "softmax" ? 2 : 1));
        if (tensors > options.TileBudgetBytes)
        {
            throw new ModelException(
                $"A tile of {card.Input.Tile} pixels of \"{card.Name}\" takes {tensors >> 20} MiB, more than the budget of {options.TileBudgetBytes >> 20} MiB: give its card a smaller tile.");
        }

        // Hashed and loaded from the same bytes: what was checked is what runs, and no other file is pulled in.
        byte[] content;
        try
        {
            content = new FileInfo(path).Length is var bytes && bytes <= options.MostModelBytes
                ? File.ReadAllBytes(path)
                : throw new ModelException($"\"{path}\" has {bytes >> 20} MiB, more than the {options.MostModelBytes >> 20} MiB that a network may have.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"\"{path}\" cannot be read: {problem.Message}", problem);
        }

        if (Convert.ToHexStringLower(SHA256.HashData(content)) is var hash && hash != card.Sha256)
        {
            throw new ModelException($"\"{path}\" has the hash {hash[..12]}…, not {card.Sha256[..12]}… of its card: it is another network or damaged; get the pair of files again.");
        }

        InferenceSession session;
        try
        {
            using var how = new SessionOptions
            {
                IntraOpNumThreads = options.Threads,
                InterOpNumThreads = 1,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            // Idle threads sleep instead of spinning: the machine has other work.
            how.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            session = new InferenceSession(content, how);
        }
        catch (OnnxRuntimeException problem)
        {
            throw new ModelException($"\"{path}\" cannot be run: {OneLine(problem.Message)} Export it again with operators that this runtime knows.", problem);
        }

        try
        {
            if (Mismatch(card, session) is { } fault)
            {
                throw new ModelException($"\"{path}\" does not fit its card: {fault}.");
            }

            return new ChangeModel(card, folder, session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Where a plane of the tile is to be written before <see cref="Run"/>: tile × tile values, row by row.</summary>
    /// <param name="before">Of the earlier date.</param>
    /// <param name="channel">0 to 2, in the order of the card.</param>
    public Span<float> Plane(bool before, int channel)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)channel, 2u);
        var pixels = Card.Input.Tile * Card.Input.Tile;
        return _planes.Length == 1
            ? _planes[0].AsSpan((channel + (before ? 0 : Channels)) * pixels, pixels)
            : _planes[before ? 0 : 1].AsSpan(channel * pixels, pixels);
    }

    /// <summary>Runs the network over the planes.</summary>
    /// <param name="probability">Tile × tile values in [0, 1], row by row.</param>
    /// <exception cref="ModelException">The network fails or gives something else than its card says.</exception>
    public void Run(Span<float> probability)
    {
        var pixels = Card.Input.Tile * Card.Input.Tile;
        ArgumentOutOfRangeException.ThrowIfLessThan(probability.Length, pixels);
        try
        {
            using var results = _session.Run(_run, _inputNames, _inputs, _outputNames);
            var values = results[0].GetTensorDataAsSpan<float>();
            var planes = Card.Output.Kind == "softmax" ? 2 : 1;
            if (values.Length != planes * pixels)
            {
                throw new ModelException(
                    $"\"{Card.Name}\" gave {values.Length} values for a tile of {Card.Input.Tile} × {Card.Input.Tile}, where its card promises {planes * pixels}.");
            }

            for (var i = 0; i < pixels; i++)
            {
                var p = Card.Output.Kind switch
                {
                    "probability" => values[i],
                    "logit" => Sigmoid(values[i]),
                    _ => Sigmoid(values[pixels + i] - values[i]),
                };
                probability[i] = float.IsFinite(p) ? Math.Clamp(p, 0, 1) : throw new ModelException($"\"{Card.Name}\" gave a value that is not a number.");
            }
        }
        catch (OnnxRuntimeException problem)
        {
            throw new ModelException($"\"{Card.Name}\" failed on a tile: {OneLine(problem.Message)}", problem);
        }
    }

    public void Dispose()
    {
        foreach (var input in _inputs)
        {
            input.Dispose();
        }

        _run.Dispose();
        _session.Dispose();
    }

    private static float Sigmoid(float logit) => 1 / (1 + MathF.Exp(-logit));

    private static string? Mismatch(ModelCard card, InferenceSession session)
    {
        var stacked = card.Input.Layout == "stacked";
        var inputs = stacked ? 1 : 2;
        if (session.InputNames.Count != inputs)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it has {session.InputNames.Count} inputs, the layout \"{card.Input.Layout}\" has {inputs}");
        }

        foreach (var name in session.InputNames)
        {
            if (ShapeFault(session.InputMetadata[name], $"input \"{name}\"", stacked ? 2 * Channels : Channels) is { } fault)
            {
                return fault;
            }
        }

        if (session.OutputNames.Count == 0)
        {
            return "it has no output";
        }

        var output = session.OutputNames[0];
        return ShapeFault(session.OutputMetadata[output], $"output \"{output}\"", card.Output.Kind == "softmax" ? 2 : 1);

        // −1 is a size that is free.
        string? ShapeFault(NodeMetadata meta, string what, int planes)
        {
            int[] wanted = [1, planes, card.Input.Tile, card.Input.Tile];
            var fits = meta.IsTensor && meta.ElementType == typeof(float) && meta.Dimensions.Length is 4
                && meta.Dimensions.Zip(wanted).All(d => d.First < 0 || d.First == d.Second);
            return fits ? null
                : $"{what} is {(meta.IsTensor ? meta.ElementType.Name : "no tensor")} [{(meta.IsTensor ? string.Join(", ", meta.Dimensions) : "")}], the card says Single [{string.Join(", ", wanted)}]";
        }
    }

    private static string OneLine(string message)
    {
        var line = message.ReplaceLineEndings(" ").Trim();
        return (line.Length > 300 ? line[..300] + "…" : line).TrimEnd('.') + ".";
    }
}
