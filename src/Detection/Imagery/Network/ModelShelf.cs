using System.Globalization;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Network;

/// <summary>With what a pair is scored, and why.</summary>
/// <param name="Scores">The network, to be disposed by who asked; null: the pair detector's own score.</param>
/// <param name="Reason">One line for people and for the products; null when the pair is not of high resolution, so that nothing is to be said.</param>
public sealed record ScoreChoice(NetworkScores? Scores, string? Reason)
{
    /// <summary>The request with this choice in it. The scores stay the caller's to dispose.</summary>
    public PairRequest ApplyTo(PairRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Reason is null ? request : request with
        {
            Scores = Scores,
            ScoreReason = Reason,
            Options = request.Options with { LeastSquareMeters = Scores is null ? ModelShelf.LeastSquareMetersBuiltIn : ModelShelf.LeastSquareMetersByNetwork },
        };
    }
}

/// <summary>The networks that are installed, and which of them a pair is scored with.</summary>
public static class ModelShelf
{
    /// <summary>Below this many metres a pixel a colour picture is of high resolution.</summary>
    public const double HighResolutionMeters = 2.5;

    /// <summary>What the pair detector's own score cannot do on such pictures. One line, so that it stands wherever the result does.</summary>
    public const string Limits =
        "the built-in score compares colour and brightness only: it cannot tell shadows, leaning tall buildings, cars, crops and repainted roofs from building, and finds no change between surfaces of one colour";

    /// <summary>
    /// Smallest patch in m² at high resolution: a homestead with a network; four times that with the built-in score, whose small patches are
    /// mostly shadows and cars. Set by reasoning, not by measurement.
    /// </summary>
    public const double LeastSquareMetersByNetwork = 100;

    /// <inheritdoc cref="LeastSquareMetersByNetwork"/>
    public const double LeastSquareMetersBuiltIn = 400;

    /// <summary>The most folders that are looked into.</summary>
    private const int MostModels = 64;

    /// <summary>
    /// Chooses for a pair: the model of <paramref name="model"/>, else the first of the shelf, by name of its folder, whose card fits and that can
    /// be loaded. Of a shelf with more than 64 models the first 64 by name are looked at. What is broken on the shelf is passed over and told in the
    /// reason: it stops neither the models behind it nor the comparison.
    /// </summary>
    /// <param name="shelf">Folder of model folders; may be missing.</param>
    /// <param name="model">A model's folder that somebody named; then a card that does not fit is a fault.</param>
    /// <exception cref="ImageryException">The named model cannot be used, or the scenes cannot be compared; one sentence.</exception>
    public static ScoreChoice Choose(Scene before, Scene after, string? shelf, string? model, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (model is null && before.Bands.Count > 0 && before.Bands.Min(b => b.GsdMeters) is var stated && stated > 2 * HighResolutionMeters)
        {
            // By far: no projection need be asked.
            return new ScoreChoice(null, null);
        }

        using var geodesy = GridGeodesy.Of(before.Grid);
        var gsd = geodesy.GsdMeters;
        var pairing = BandPairing.Of(before, after);
        var colours = RgbBands.Of(pairing);
        if (model is not null)
        {
            var card = ModelCard.Read(Path.Combine(model, ModelCard.FileName));
            return Unfit(card, before, after, pairing, colours, gsd) is { } fault
                ? throw new ImageryException($"The network \"{card.Name}\" is not for this pair: {fault}.")
                : Take(model, gsd, options);
        }

        // Multi-spectral pairs have better evidence than three colours.
        if (!(gsd < HighResolutionMeters) || colours is null)
        {
            return new ScoreChoice(null, null);
        }

        List<string> passed = [], broken = [];
        foreach (var folder in Folders(shelf, broken))
        {
            try
            {
                var card = ModelCard.Read(Path.Combine(folder, ModelCard.FileName));
                if (Unfit(card, before, after, pairing, colours, gsd) is { } fault)
                {
                    passed.Add($"\"{card.Name}\": {fault}");
                    continue;
                }

                var taken = Take(folder, gsd, options);
                return broken.Count == 0 ? taken : taken with { Reason = $"{taken.Reason!.TrimEnd('.')}; {Unusable(broken)}." };
            }
            catch (ModelException problem)
            {
                broken.Add(problem.Message.TrimEnd('.'));
            }
        }

        List<string> why =
        [
            .. passed.Count > 0 ? [$"no installed network fits ({string.Join("; ", passed)})"] : Array.Empty<string>(),
            .. broken.Count > 0 ? [Unusable(broken)] : Array.Empty<string>(),
        ];
        var none = why.Count == 0 ? "no network is installed" : string.Join(" and ", why);
        return new ScoreChoice(null, string.Create(CultureInfo.InvariantCulture, $"colour pictures of {gsd:0.##} m a pixel and {none}: {Limits}."));
    }

    /// <summary>
    /// Compares with what was chosen. A network that fails on the way is to blame for that, not the scenes: then they are compared with the
    /// built-in score, and the reason of the choice that comes back tells it.
    /// </summary>
    /// <param name="request">Without the choice in it.</param>
    /// <exception cref="ImageryException">The scenes cannot be compared; one sentence.</exception>
    /// <exception cref="GdalException">A file is damaged; one sentence.</exception>
    public static async Task<(PairResult Result, ScoreChoice Choice)> RunAsync(
        PairDetection pairs, PairRequest request, ScoreChoice choice, IProgress<DetectProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(choice);
        try
        {
            return (await pairs.RunAsync(choice.ApplyTo(request), progress, cancellation), choice);
        }
        catch (ModelException problem) when (choice.Scores is not null)
        {
            var without = new ScoreChoice(null, $"{Unusable([problem.Message.TrimEnd('.')])}: {Limits}.");
            return (await pairs.RunAsync(without.ApplyTo(request), progress, cancellation), without);
        }
    }

    private static string Unusable(List<string> problems) => $"an installed network cannot be used ({string.Join("; ", problems)})";

    private static ScoreChoice Take(string folder, double gsd, NetworkOptions options)
    {
        var loaded = ChangeModel.Load(folder, options);
        return new ScoreChoice(
            new NetworkScores(loaded),
            string.Create(CultureInfo.InvariantCulture, $"colour pictures of {gsd:0.##} m a pixel: scored by the network \"{loaded.Card.Name}\" {loaded.Card.Version} ({loaded.Card.Licence})."));
    }

    private static string? Unfit(ModelCard card, Scene before, Scene after, BandPairing pairing, int[]? colours, double gsd)
    {
        if (colours is null)
        {
            return "it needs red, green and blue in both scenes";
        }

        if (!card.IsFor(gsd))
        {
            return string.Create(CultureInfo.InvariantCulture, $"it is for {card.GsdMeters[0]:0.##} to {card.GsdMeters[1]:0.##} m a pixel, the first scene has {gsd:0.##}");
        }

        var display = IsDisplay(before, pairing.Pairs[colours[0]].Before) && IsDisplay(after, pairing.Pairs[colours[0]].After);
        if (card.Input.Values != "display" && colours.Any(k => StoredReflectance.IsNever(before.Bands[pairing.Pairs[k].Before]) || StoredReflectance.IsNever(after.Bands[pairing.Pairs[k].After])))
        {
            return "it takes reflectance values, the scenes hold digital numbers that no scale turns into reflectance";
        }

        return display == (card.Input.Values == "display") ? null : $"it takes {card.Input.Values} values, the scenes hold {(display ? "8-bit digital numbers" : "reflectance or other numbers")}";
    }

    /// <summary>8-bit digital numbers without a stated scale.</summary>
    private static bool IsDisplay(Scene scene, int band)
    {
        var of = scene.Bands[band];
        using var file = ClosedRaster.OpenStored(scene.Assets[of.AssetIndex].Path);
        return StoredReflectance.Is(of) && file.GetBand(of.BandIndex).Type == PixelType.UInt8;
    }

    /// <summary>The first of them by name.</summary>
    private static List<string> Folders(string? shelf, List<string> broken)
    {
        if (shelf is null || !Directory.Exists(shelf))
        {
            return [];
        }

        try
        {
            return [.. Directory.EnumerateDirectories(shelf).Order(StringComparer.Ordinal).Where(d => File.Exists(Path.Combine(d, ModelCard.FileName))).Take(MostModels)];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            broken.Add($"\"{shelf}\" cannot be read: {problem.Message.TrimEnd('.')}");
            return [];
        }
    }
}
