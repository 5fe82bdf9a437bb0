using System.CommandLine;
using System.Globalization;
using Monitoring.Detection;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Network;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Output;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Intake;
using Monitoring.Gdal;
using Monitoring.Host.Configuration;
using Monitoring.Host.Progress;
using Monitoring.Ingest.Scenes;

namespace Monitoring.Host.Commands;

/// <summary><c>monitoring detect</c>: compares two scenes and judges what changed, once, without a server.</summary>
internal static class DetectCommand
{
    private const long CacheBytes = 64L << 20;

    public static Command Create()
    {
        var before = new Option<string>("--before") { Description = "Scene before: raster, VRT, STAC Item, Sentinel-2 or Landsat product (folder, .zip, .tar), or folder of one-band files.", HelpName = "SCENE", Required = true };
        var after = new Option<string>("--after") { Description = "Scene after.", HelpName = "SCENE", Required = true };
        var beforeDate = CommonOptions.Date("--before-date", "Acquisition day of the scene before, where the scene does not say.");
        var afterDate = CommonOptions.Date("--after-date", "Acquisition day of the scene after.");
        var permits = new Option<string?>("--permits") { Description = "Approvals, any vector format.", HelpName = "FILE" };
        var lines = new Option<string?>("--control-lines") { Description = "Control lines, any vector format.", HelpName = "FILE" };
        var parcels = new Option<string?>("--parcels") { Description = "Parcels, any vector format.", HelpName = "FILE" };
        var survey = new Option<string?>("--land-survey") { Description = "Survey land classes (地类图斑), any vector format: how much farmland each change takes up.", HelpName = "FILE" };
        var map = Repeated("--map", "Which column of a file holds a field, for example permits.permit_no=NO.", "LAYER.field=column");
        var layer = Repeated("--layer", "Which layer of a file with several, for example parcels=ZD.", "LAYER=NAME");
        var crs = Repeated("--crs", "CRS of a file's coordinates, over what it says, for example permits=EPSG:4525.", "LAYER=CRS");
        var folder = new Option<string>("--out") { Description = "Folder for changes.geojson, change-mask.tif, quicklook.png, summary.json.", HelpName = "DIR", Required = true };
        var rasters = new Option<bool>("--rasters") { Description = "Also write change and probability as cloud-optimised GeoTIFFs." };
        var chips = new Option<int?>("--chips")
        {
            Description = $"Also write before and after of the N patches with the highest scores as pictures (default {ProductOptions.UsualChips}).", HelpName = "N", Arity = ArgumentArity.ZeroOrOne,
        };
        var everything = new Option<bool>("--every-change") { Description = "Also tell changes that do not look like building to the trained model, with the probability it gives them." };
        var model = new Option<string?>("--model") { Description = "Folder of a change network (model.onnx, card.json) for colour pictures under 2.5 m.", HelpName = "DIR" };
        var data = CommonOptions.Data();
        var command = new Command("detect", "Finds what changed between two scenes and judges it against permits and control lines.")
        {
            before, after, beforeDate, afterDate, permits, lines, parcels, survey, map, layer, crs, folder, rasters, chips, everything, model, data,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var products = new ProductOptions(parse.GetValue(rasters), parse.GetResult(chips) is { Implicit: false } ? parse.GetValue(chips) ?? ProductOptions.UsualChips : 0);
            if (products.Chips is < 0 or > ProductOptions.MostChips)
            {
                throw new BadInputException($"--chips takes 0 to {ProductOptions.MostChips}, not {products.Chips}.");
            }

            var files = new MapFiles();
            files.Add(ImportKind.Permits, "--permits", parse.GetValue(permits));
            files.Add(ImportKind.ControlLines, "--control-lines", parse.GetValue(lines));
            files.Add(ImportKind.Parcels, "--parcels", parse.GetValue(parcels));
            files.Add(ImportKind.Plan, "--land-survey", parse.GetValue(survey));
            files.Say(parse.GetValue(map) ?? [], parse.GetValue(layer) ?? [], parse.GetValue(crs) ?? []);
            var to = Path.GetFullPath(parse.GetRequiredValue(folder));
            OutputPlace.Demand("--out", to);
            if (DetectOutputs.InTheWay(to, products) is { } inTheWay)
            {
                throw new BadInputException($"--out: {OutputPlace.OneLine(inTheWay)}");
            }

            var judged = files.AreJudged;

            // The options hold a model with its fingerprint: read beside the start of GDAL, as the settings are.
            var options = Task.Run(PairOptions.Usual, cancellationToken);
            var reader = new SceneReader(SettingsLoader.Load(null, new Dictionary<string, string?>()).SceneOptions, TimeProvider.System);

            // Each block is read once: a large cache would only turn over memory.
            GdalLibrary.CacheLimitBytes = Math.Min(GdalLibrary.CacheLimitBytes, CacheBytes);
            var first = Task.Run(() => Read(reader, "--before", parse.GetRequiredValue(before), parse.GetValue(beforeDate), judged, cancellationToken), cancellationToken);
            var second = Task.Run(() => Read(reader, "--after", parse.GetRequiredValue(after), parse.GetValue(afterDate), judged, cancellationToken), cancellationToken);

            // All of them, also when one is refused: a process that ends while GDAL reads in another thread dies of it.
            await Task.WhenAll(options, first, second).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var (baseline, baselineIsDated) = await first;
            var (current, currentIsDated) = await second;
            if (baselineIsDated && currentIsDated && baseline.AcquiredAt >= current.AcquiredAt)
            {
                throw new BadInputException(baseline.AcquiredAt == current.AcquiredAt
                    ? string.Create(CultureInfo.InvariantCulture, $"Both scenes are of {baseline.AcquiredAt:yyyy-MM-dd'T'HH:mm:ss'Z'}; give scenes of two times, or set --before-date and --after-date.")
                    : string.Create(CultureInfo.InvariantCulture,
                    $"The scene before is of {baseline.AcquiredAt:yyyy-MM-dd} and the scene after of {current.AcquiredAt:yyyy-MM-dd}; swap them, or set --before-date and --after-date."));
            }

            if (!baselineIsDated || !currentIsDated)
            {
                var which = baselineIsDated ? "the scene after does not say when it was" : currentIsDated ? "the scene before does not say when it was" : "the scenes do not say when they were";
                await Console.Error.WriteLineAsync($"note: {which} acquired; times that are not known are null in the files (--before-date and --after-date give them).");
            }

            // Who leaves early wants no hashes any more.
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var identified = new Lazy<Task<(Scene, Scene)>>(() => Identified(reader, baseline, current, leaving.Token));
            var usual = await options;
            var request = new PairRequest(baseline, current, parse.GetValue(everything) ? usual with { Choice = ObjectChoice.Everything } : usual)
            {
                KeepScores = products.Rasters, BaselineIsDated = baselineIsDated, CurrentIsDated = currentIsDated,
                Identified = identified,
            };
            try
            {
                using var scoring = ScoringOf(request, parse.GetValue(model), parse.GetValue(data));
                return await RunAsync(request, scoring, files, products, to, cancellationToken);
            }
            finally
            {
                if (identified.IsValueCreated)
                {
                    await leaving.CancelAsync();
                    await ((Task)identified.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(
        PairRequest request, Scoring scoring, MapFiles files, ProductOptions products, string folder, CancellationToken cancellationToken)
    {
        var index = files.Read(cancellationToken);
        var time = TimeProvider.System;
        var detection = new PairDetection(time);
        try
        {
            await using var progress = DetectProgressView.For(Console.Error);
            var (result, scored) = await CompareAsync(detection, request, scoring, progress, cancellationToken);
            using var held = result;
            var verdicts = new Dictionary<string, PatchVerdict>();

            // Parcels alone need no days; a judgement would tell days that nobody knows.
            if (files.Count > 0 && request is { BaselineIsDated: true, CurrentIsDated: true })
            {
                var judge = new PatchJudge(DetectionRules.Default.Judgement, new GdalGeodesic());
                verdicts = result.Changes.Patches.ToDictionary(p => p.Id, p => Judged(judge.Judge(p, index)));
            }

            DetectOutputs.Write(result, folder, verdicts, time, progress, cancellationToken, products);
            await progress.DisposeAsync();
            var conflicts = verdicts.Values.Count(v => v.Verdict is Domain.Findings.Verdict.Conflict);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{result.Changes.Patches.Count} changed areas, {conflicts} in conflict, {result.Changes.ObservableShare:P0} of the area observed; files in {folder}"));
            if (scored.Reason is { } reason)
            {
                Console.WriteLine($"scoring: {reason}");
            }

            return ExitCodes.Done;
        }
        catch (ImageryException fault)
        {
            throw new BadInputException(OutputPlace.OneLine(Named(fault.Message, request)));
        }
        catch (GdalException fault) when (fault.IsOfWriting)
        {
            await Console.Error.WriteLineAsync(OutputPlace.OneLine($"monitoring: a file cannot be written: {fault.Message} Make room in {folder} and in {Path.GetTempPath()}, then run it again."));
            return ExitCodes.Failed;
        }
        catch (GdalException fault)
        {
            throw new BadInputException(OutputPlace.OneLine($"A scene cannot be read to its end: {fault.Message} Get the file again."));
        }
    }

    /// <summary>A network that somebody named must do; one that was found may be done without.</summary>
    private static async Task<(PairResult Result, ScoreChoice Scored)> CompareAsync(
        PairDetection detection, PairRequest request, Scoring scoring, IProgress<DetectProgress> progress, CancellationToken cancellationToken) =>
        scoring.IsNamed
            ? (await detection.RunAsync(scoring.Choice.ApplyTo(request), progress, cancellationToken), scoring.Choice)
            : await ModelShelf.RunAsync(detection, request, scoring.Choice, progress, cancellationToken);

    /// <summary>With what the pair is scored: a network that was named, or one of the data directory that fits, or the detector's own score.</summary>
    private static Scoring ScoringOf(PairRequest request, string? model, string? data)
    {
        try
        {
            var shelf = model is null ? ShelfOf(data) : null;
            return new Scoring(ModelShelf.Choose(request.Baseline, request.Current, shelf, model is null ? null : Path.GetFullPath(model), new NetworkOptions()), model is not null);
        }
        catch (ImageryException fault)
        {
            throw new BadInputException(OutputPlace.OneLine(fault.Message));
        }
        catch (GdalException fault)
        {
            throw new BadInputException(OutputPlace.OneLine($"A scene cannot be read: {fault.Message} Get the file again."));
        }
    }

    /// <summary>Where networks are installed. Only the data directory's name is asked for: this command needs no other setting.</summary>
    private static string ShelfOf(string? data) => Path.Combine(
        Path.GetFullPath(data ?? Environment.GetEnvironmentVariable(SettingsLoader.EnvironmentPrefix + nameof(HostSettings.Data)) ?? new HostSettings().Data), "models", "change");

    private sealed record Scoring(ScoreChoice Choice, bool IsNamed) : IDisposable
    {
        public void Dispose() => Choice.Scores?.Dispose();
    }

    private static PatchVerdict Judged(PatchJudgement judgement) => new(judgement.Verdict, judgement.Reasons);

    private static Option<string[]> Repeated(string name, string description, string form) =>
        new(name) { Description = description + " May be repeated.", HelpName = form, AllowMultipleArgumentsPerToken = true };

    /// <summary>Reads the files once more for their hashes, beside the comparison: only what is written at its end is named after them.</summary>
    private static async Task<(Scene Baseline, Scene Current)> Identified(SceneReader reader, Scene baseline, Scene current, CancellationToken cancellationToken)
    {
        var (first, second) = (Task.Run(() => Of("--before", baseline), cancellationToken), Task.Run(() => Of("--after", current), cancellationToken));
        return (await first, await second);

        Scene Of(string option, Scene scene)
        {
            try
            {
                return reader.Identify(scene, cancellationToken);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                throw new BadInputException($"{option}: {OutputPlace.OneLine(problem.Message)}");
            }
        }
    }

    /// <summary>
    /// A sentence about scenes that were not identified: an id that ends with a part of a hash is told without, for nothing is worth reading whole files
    /// for a refusal.
    /// </summary>
    private static string Named(string sentence, PairRequest request)
    {
        return Told(Told(sentence, request.Baseline), request.Current);

        static string Told(string text, Scene scene) =>
            scene.Id.EndsWith($"-{scene.ContentHash[..8]}", StringComparison.Ordinal) ? text.Replace(scene.Id, scene.Id[..^9], StringComparison.Ordinal) : text;
    }

    /// <summary>The scene, and whether its acquisition is known: where nothing is judged it need not be.</summary>
    private static (Scene Scene, bool IsDated) Read(SceneReader reader, string option, string path, string? day, bool mustHaveDate, CancellationToken cancellationToken)
    {
        var how = new SceneReadOptions { HashFiles = false, AcquiredAt = CommonOptions.Noon(CommonOptions.ParseDate($"{option}-date", day)), DateOption = $"{option}-date", Cancellation = cancellationToken };
        var at = ScenesCommand.IsAddress(path) || SceneReader.IsInArchive(path) ? path : Path.GetFullPath(path);
        var reading = reader.Read(at, how);
        var isDated = true;
        if (reading.Scene is null && how.AcquiredAt is null && !mustHaveDate)
        {
            // Without anything to judge against, the days play no part; what else is wrong is told by the second reading.
            reading = reader.Read(at, how with { AcquiredAt = Unknown });
            isDated = false;
        }

        return (reading.Scene ?? throw new BadInputException($"{option}: {reading.Problem}"), isDated);
    }

    /// <summary>Fills the place of an acquisition that nobody knows; nothing reads it, nothing writes it.</summary>
    private static readonly DateTimeOffset Unknown = DateTimeOffset.UnixEpoch;
}
