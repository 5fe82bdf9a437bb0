using System.Globalization;
using System.Text.Json;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Output;

/// <summary>What judgement made of one patch, for the output files.</summary>
public sealed record PatchVerdict(Verdict Verdict, IReadOnlyList<Reason> Reasons)
{
    public static PatchVerdict NotJudged { get; } = new(Verdict.NotJudged, []);
}

/// <summary>What is written besides the four files.</summary>
/// <param name="Rasters">Change and probability as cloud-optimised GeoTIFFs.</param>
/// <param name="Chips">Before and after of at most so many patches, those with the highest scores first; 0: none.</param>
public sealed record ProductOptions(bool Rasters = false, int Chips = 0)
{
    /// <summary>What <c>--chips</c> without a number means.</summary>
    public const int UsualChips = 20;

    /// <summary>More pictures than anybody looks at.</summary>
    public const int MostChips = 1000;
}

/// <summary>
/// Writes the four files of <c>monitoring detect</c>: changes.geojson, change-mask.tif, quicklook.png, summary.json
/// (docs/formats/detect.md). Each is written under a hidden name and renamed when whole.
/// </summary>
public static class DetectOutputs
{
    /// <summary>Of a degree: a millimetre.</summary>
    private const int OutlineDecimals = 8;

    private static readonly string[] Usual = ["changes.geojson", "change-mask.tif", "quicklook.png", "summary.json"];

    private static readonly string[] Rasters = ["change-cog.tif", "probability-cog.tif"];

    /// <summary>A mask is runs of three numbers and small in any case: with the usual effort it is a third smaller, a tenth of a megabyte on 41 million pixels.</summary>
    private const string MaskEffort = "ZLEVEL=1";

    /// <summary>Bytes of JSON that are held before they go to the file.</summary>
    private const int MostPending = 1 << 18;

    /// <param name="folder">Made when missing; files of the same names are replaced.</param>
    /// <param name="verdicts">By patch id; a patch without one is written as not-judged.</param>
    /// <returns>The files written.</returns>
    public static IReadOnlyList<string> Write(
        PairResult result, string folder, IReadOnlyDictionary<string, PatchVerdict>? verdicts, TimeProvider time, IProgress<DetectProgress>? progress, CancellationToken cancellation,
        ProductOptions? products = null)
    {
        products ??= new ProductOptions();
        ArgumentNullException.ThrowIfNull(result);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (InTheWay(folder, products) is { } problem)
        {
            throw new ImageryException(problem);
        }

        Directory.CreateDirectory(folder);
        var start = time.GetTimestamp();
        verdicts ??= new Dictionary<string, PatchVerdict>();
        string mask = "", look = "", changes = "";
        var options = new ParallelOptions { MaxDegreeOfParallelism = result.Request.Options.Threads, CancellationToken = cancellation };
        try
        {
            Parallel.Invoke(
                options,
                () => mask = Replace(folder, "change-mask.tif", path => WriteMask(result, path, cancellation)),
                () => look = Replace(folder, "quicklook.png", path => Quicklook.Write(result, path, cancellation)),
                () => changes = Replace(folder, "changes.geojson", path => WriteChanges(result, verdicts, path)));
        }
        catch (AggregateException problems)
        {
            // One sentence for people, not a bundle.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(problems.InnerExceptions[0]);
        }

        progress?.Report(new DetectProgress("write", 0.8));
        List<string> more = [];
        if (products.Rasters)
        {
            more.Add(Replace(folder, "change-cog.tif", path => ProductRasters.WriteChange(result, mask, path, cancellation)));
            more.Add(Replace(folder, "probability-cog.tif", path => ProductRasters.WriteProbability(result, path, cancellation)));
        }

        if (products.Chips > 0)
        {
            more.AddRange(ReplaceChips(result, folder, products.Chips, cancellation));
        }

        long bytes = new[] { mask, look, changes }.Concat(more).Sum(f => new FileInfo(f).Length);
        var costs = result.Costs.Append(new StageCost("write", time.GetElapsedTime(start).TotalSeconds, bytes));
        var summary = Replace(folder, "summary.json", path => WriteSummary(result, verdicts, [.. costs], more.Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/')), path));
        progress?.Report(new DetectProgress("write", 1));
        return [changes, mask, look, summary, .. more];
    }

    /// <summary>What lies in the folder and will not be replaced, as one sentence; null when nothing does. To be asked before the scenes are compared.</summary>
    /// <param name="folder">Need not be there.</param>
    public static string? InTheWay(string folder, ProductOptions products)
    {
        ArgumentNullException.ThrowIfNull(products);
        string[] files = [.. Usual, .. products.Rasters ? Rasters : []];
        if (files.Select(f => Path.Combine(folder, f)).FirstOrDefault(Directory.Exists) is { } taken)
        {
            return $"\"{taken}\" is a folder, and a file of that name is to be written: move it away or choose another folder for the output.";
        }

        // Only what an earlier run wrote, which holds the list of chips, is replaced.
        var chips = Path.Combine(folder, "chips");
        return products.Chips > 0 && (File.Exists(chips) || (Directory.Exists(chips) && Directory.EnumerateFileSystemEntries(chips).Any() && !File.Exists(Path.Combine(chips, "chips.json"))))
            ? $"\"{chips}\" was not written by an earlier run (it holds no chips.json), and chips would replace it: move it away or choose another folder for the output."
            : null;
    }

    /// <summary>Kind as the files write it: <c>built-up</c>, <c>bare-soil</c>, …</summary>
    public static string NameOf(ChangeKind kind) => kind switch
    {
        ChangeKind.BuiltUp => "built-up",
        ChangeKind.BareSoil => "bare-soil",
        ChangeKind.VegetationLoss => "vegetation-loss",
        ChangeKind.Water => "water",
        ChangeKind.Demolition => "demolition",
        ChangeKind.VegetationGain => "vegetation-gain",
        _ => "other",
    };

    /// <summary>Verdict as the files write it.</summary>
    public static string NameOf(Verdict verdict) => verdict switch
    {
        Verdict.Compliant => "compliant",
        Verdict.Review => "review",
        Verdict.Conflict => "conflict",
        _ => "not-judged",
    };

    /// <summary>The reasons that imagery itself can give for a patch; facts about times that are not known are left out.</summary>
    public static IReadOnlyList<Reason> ReasonsOf(ChangePatch patch, bool notBeforeIsKnown = true, bool notAfterIsKnown = true)
    {
        ArgumentNullException.ThrowIfNull(patch);
        List<Reason> reasons = [Reason.Of("change-kind", ("kind", NameOf(patch.Kind)), ("score", Text(patch.Score)))];
        List<(string, string)> interval = [];
        if (notBeforeIsKnown)
        {
            interval.Add(("not_before", Text(patch.NotBefore)));
        }

        if (notAfterIsKnown)
        {
            interval.Add(("not_after", Text(patch.NotAfter)));
        }

        if (interval.Count > 0)
        {
            reasons.Add(Reason.Of("change-interval", [.. interval]));
        }

        // Scenes without short-wave infrared tell of plants alone.
        if (patch.Facts.ContainsKey("ndvi"))
        {
            reasons.Add(Reason.Of(
                "index-change", [.. ((string[])["ndvi", "ndbi", "bsi", "mndwi"]).Where(patch.Facts.ContainsKey).Select(name => (name, Text(patch.Facts[name])))]));
        }

        if (patch.Facts.TryGetValue("seen_in_passes", out var passes))
        {
            reasons.Add(Reason.Of("seen-in-passes", ("count", Text(passes)), ("clear_pixels", Text(patch.Facts.GetValueOrDefault("clear_pixels", patch.PixelCount)))));
        }

        return reasons;
    }

    private static void WriteMask(PairResult result, string path, CancellationToken cancellation)
    {
        var grid = result.Request.Baseline.Grid;
        using var mask = RasterDataset.Create(path, "GTiff", grid.Width, grid.Height, 1, PixelType.UInt8, [.. RasterDataset.TiledDeflate, MaskEffort]);
        mask.Transform = GridReader.TransformOf(grid);
        using (var crs = SpatialReference.Parse(grid.CrsWkt))
        {
            mask.SetSpatialReference(crs);
        }

        mask.SetNoData(1, PairDetector.NotObserved);
        Provenance.Stamp(mask, Provenance.Of(result));
        const int strip = 512;
        var pixels = new byte[grid.Width * Math.Min(strip, grid.Height)];
        var hidden = result.HiddenRows();
        var changed = new RunRows(result.Pixels);
        for (var top = 0; top < grid.Height; top += strip)
        {
            cancellation.ThrowIfCancellationRequested();
            var window = new PixelWindow(0, top, grid.Width, Math.Min(strip, grid.Height - top));
            for (var y = 0; y < window.Height; y++)
            {
                var row = pixels.AsSpan(y * grid.Width, grid.Width);
                hidden(top + y, row);
                row.Replace((byte)1, PairDetector.NotObserved);
                foreach (var run in changed.Row(top + y))
                {
                    row[run.From..run.To].Fill(1);
                }
            }

            mask.Write<byte>(1, window, pixels);
            mask.ReleaseBlocks(1);
        }
    }

    private static void WriteChanges(PairResult result, IReadOnlyDictionary<string, PatchVerdict> verdicts, string path)
    {
        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("type", "FeatureCollection");
        json.WriteString("name", "changes");
        json.WriteStartArray("features");
        foreach (var patch in result.Changes.Patches)
        {
            var verdict = verdicts.GetValueOrDefault(patch.Id, PatchVerdict.NotJudged);
            json.WriteStartObject();
            json.WriteString("type", "Feature");
            json.WriteString("id", patch.Id);
            json.WritePropertyName("geometry");
            GeoJson.Shape(json, patch.Outline.Shape, OutlineDecimals);
            json.WriteStartObject("properties");
            json.WriteNumber("area_m2", Math.Round(patch.Outline.AreaSquareMeters, 1));
            json.WriteString("kind", NameOf(patch.Kind));
            json.WriteNumber("score", patch.Score);
            json.WriteString("verdict", NameOf(verdict.Verdict));
            WriteTime(json, "not_before", patch.NotBefore, result.Request.BaselineIsDated);
            WriteTime(json, "not_after", patch.NotAfter, result.Request.CurrentIsDated);
            json.WriteNumber("pixels", patch.PixelCount);
            json.WriteStartArray("reasons");
            foreach (var reason in verdict.Reasons.Concat(ReasonsOf(patch, result.Request.BaselineIsDated, result.Request.CurrentIsDated).Where(r => !verdict.Reasons.Any(v => v.Code == r.Code))))
            {
                json.WriteStartObject();
                json.WriteString("code", reason.Code);
                foreach (var (name, value) in reason.Facts)
                {
                    // Judgement's own facts spell kinds of change as the rules do (built_up); a file has one spelling.
                    json.WriteString(name, name == "kind" && (reason.Code is "change-kind" or "kind-not-judged") ? NameOf(patch.Kind) : value);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("facts");
            foreach (var (name, value) in patch.Facts)
            {
                json.WriteNumber(name, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
            if (json.BytesPending > MostPending)
            {
                // Else the writer holds the whole file.
                json.Flush();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSummary(PairResult result, IReadOnlyDictionary<string, PatchVerdict> verdicts, IReadOnlyList<StageCost> costs, IEnumerable<string> more, string path)
    {
        var changes = result.Changes;
        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("change_set", changes.Id);
        json.WriteString("detector", changes.DetectorId);
        json.WriteString("detector_version", changes.DetectorVersion);
        WriteScene(json, "before", result.Request.Baseline, result.Request.BaselineIsDated);
        WriteScene(json, "after", result.Request.Current, result.Request.CurrentIsDated);
        json.WriteNumber("observable_share", Math.Round(changes.ObservableShare, 6));
        json.WriteStartObject("counts");
        json.WriteNumber("patches", changes.Patches.Count);
        json.WriteNumber("area_m2", Math.Round(changes.Patches.Sum(p => p.Outline.AreaSquareMeters), 1));
        WriteCounts(json, "by_kind", changes.Patches.GroupBy(p => NameOf(p.Kind)));
        WriteCounts(json, "by_verdict", changes.Patches.GroupBy(p => NameOf(verdicts.GetValueOrDefault(p.Id, PatchVerdict.NotJudged).Verdict)));
        json.WriteEndObject();
        json.WriteStartArray("stages");
        foreach (var cost in costs)
        {
            json.WriteStartObject();
            json.WriteString("stage", cost.Stage);
            json.WriteNumber("seconds", Math.Round(cost.Seconds, 3));
            json.WriteNumber("bytes", cost.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("statistics");
        foreach (var (name, value) in changes.Statistics)
        {
            json.WriteNumber(name, value);
        }

        json.WriteEndObject();
        if (result.Request.ScoreReason is { } reason)
        {
            json.WriteString("scoring", reason);
        }

        json.WriteStartObject("provenance");
        foreach (var (name, value) in Provenance.Of(result))
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteStartArray("products");
        foreach (var file in more)
        {
            json.WriteStringValue(file);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, string name, IEnumerable<IGrouping<string, ChangePatch>> groups)
    {
        json.WriteStartObject(name);
        foreach (var group in groups.OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            json.WriteNumber(group.Key, group.Count());
        }

        json.WriteEndObject();
    }

    private static void WriteScene(Utf8JsonWriter json, string name, Scene scene, bool isDated)
    {
        json.WriteStartObject(name);
        json.WriteString("id", scene.Id);
        WriteTime(json, "acquired_at", scene.AcquiredAt, isDated);
        json.WriteString("content_hash", scene.ContentHash);
        json.WriteNumber("width", scene.Grid.Width);
        json.WriteNumber("height", scene.Grid.Height);
        json.WriteStartArray("bands");
        foreach (var band in scene.Bands)
        {
            json.WriteStringValue(band.CommonName ?? band.Name);
        }

        json.WriteEndArray();
        json.WriteStartArray("files");
        foreach (var asset in scene.Assets)
        {
            json.WriteStartObject();
            json.WriteString("name", Path.GetFileName(asset.Path));
            json.WriteString("sha256", asset.Sha256);
            json.WriteNumber("bytes", asset.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset time, bool isKnown)
    {
        if (isKnown)
        {
            json.WriteString(name, Text(time));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>The folder of chips is replaced as a whole: none of an earlier run stays among them.</summary>
    private static IEnumerable<string> ReplaceChips(PairResult result, string folder, int most, CancellationToken cancellation)
    {
        var (chips, part) = (Path.Combine(folder, "chips"), Path.Combine(folder, ".chips.part"));
        TemporaryFolder.Delete(part);
        try
        {
            var files = Chips.Write(result, part, most, cancellation);
            TemporaryFolder.Delete(chips);
            Directory.Move(part, chips);
            return [.. files.Select(f => Path.Combine(chips, Path.GetFileName(f)))];
        }
        finally
        {
            TemporaryFolder.Delete(part);
        }
    }

    private static string Replace(string folder, string name, Action<string> write)
    {
        var path = Path.Combine(folder, name);
        var part = Path.Combine(folder, $".{name}.part");
        try
        {
            write(part);
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }

        return path;
    }

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
