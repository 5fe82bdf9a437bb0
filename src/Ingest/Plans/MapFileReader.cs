using System.Globalization;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Gdal;
using Monitoring.Ingest.Plans.CityJson;
using Monitoring.Ingest.Plans.Layers;
using Monitoring.Ingest.Plans.Patches;
using Monitoring.Ingest.Plans.Quality;
using Monitoring.Ingest.Plans.XPlan;
using Outline = Monitoring.Domain.Geometry.Outline;

namespace Monitoring.Ingest.Plans;

/// <summary>What <see cref="MapFileReader"/> made of a file.</summary>
/// <param name="Features">Features of one layer with unique ids, or null when the file was refused.</param>
/// <param name="Told">Refused: what is wrong, one sentence each. Taken: what a person should know.</param>
public sealed record MapFile(IReadOnlyList<MapFeature>? Features, IReadOnlyList<string> Told)
{
    /// <summary>Kind of the plan layer, null for the other layers.</summary>
    public string? PlanKind { get; init; }

    /// <summary>Null when the file was refused before its features were looked at.</summary>
    internal QualityReport? Report { get; init; }

    /// <summary>All outlines that could be placed, also of features that were refused: for the picture.</summary>
    internal IReadOnlyList<Outline> Outlines { get; init; } = [];

    internal IReadOnlyList<PushedPatch>? Patches { get; init; }

    internal string? Batch { get; init; }
}

/// <summary>
/// Reads a layer of the map from any vector format that GDAL holds, from XPlanGML or CityJSON, and checks every feature; nothing is
/// repaired silently. Thread-safe.
/// </summary>
public sealed class MapFileReader(PlanImportOptions options)
{
    private readonly Lazy<LandCodes> _codes = new(() => LandCodes.Load(options.DefinitionsFolder is { } folder ? Path.Combine(folder, "codes") : null));
    private readonly Lazy<PlanLayers> _layers = new(() => PlanLayers.Load(options.DefinitionsFolder is { } folder ? Path.Combine(folder, "layers") : null));

    internal PlanLayers Layers => _layers.Value;

    /// <summary>Kinds of plan layers that can be imported.</summary>
    public IReadOnlyList<string> PlanKinds => [.. _layers.Value.All.Select(l => l.Kind)];

    /// <summary>Reads the whole file, or says what is wrong with it.</summary>
    public MapFile Read(ImportRequest request, CancellationToken cancellationToken) => Read(request, null, cancellationToken);

    /// <param name="limits">Null = those of the options.</param>
    internal MapFile Read(ImportRequest request, Domain.Conflicts.ProposalLimits? limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var bounds = limits is null ? options : options with { MaxFileBytes = limits.MaxFileBytes, MaxFeatures = limits.MaxFeatures, MaxVertices = limits.MaxVertices };
        try
        {
            // An unpacked ZIP file was counted already.
            return Read(request, SourceFiles.Of(request.Path, limits is null ? bounds.MaxFileBytes : Math.Max(limits.MaxFileBytes, limits.MaxUnpackedBytes)), bounds, cancellationToken);
        }
        catch (RefusedInputException refused)
        {
            return new MapFile(null, [refused.Message]);
        }
        catch (Exception problem) when (problem is GdalException or IOException or UnauthorizedAccessException)
        {
            return new MapFile(null, [$"{request.Path} cannot be read: {SourceFiles.Plain(problem.Message, request.Path)}"]);
        }
    }

    private MapFile Read(ImportRequest request, SourceFiles files, PlanImportOptions bounds, CancellationToken cancellationToken)
    {
        using var table = Open(request, files, cancellationToken);
        if (table.FeatureCount == 0)
        {
            return options.AllowEmpty
                ? new MapFile([], [])
                : throw new RefusedInputException($"The layer '{table.Name}' of {request.Path} has no features.");
        }

        using var crs = CrsOf(request, table);
        using var common = new ToCommonCrs(crs, options.AreaOfUseMarginDegrees);
        if (table.FeatureCount > bounds.MaxFeatures)
        {
            throw new RefusedInputException(string.Create(
                CultureInfo.InvariantCulture, $"{request.Path} has {table.FeatureCount} features; {(ReferenceEquals(bounds, options) ? "an import" : "a check")} takes at most {bounds.MaxFeatures}. Split it."));
        }

        if (table.Extent is { } extent && common.ExtentProblem(extent) is { } misplaced && !IsMixed(table, common))
            throw new RefusedInputException(misplaced);

        var report = new QualityReport(Path.GetFileName(Path.TrimEndingDirectorySeparator(request.Path)), [.. request.Accept]) { Crs = crs.ToString(), Features = (int)table.FeatureCount };
        var rows = new RowReader(bounds, request, table, common, report, _codes.Value);
        foreach (var fault in table.FormatFaults())
        {
            var at = common.LonLat(fault.X, fault.Y);
            report.Add(new QualityFault(fault.Code, fault.IsError, fault.Text, null, fault.FeatureId, at?.Lon, at?.Lat, fault.X, fault.Y));
        }

        IReadOnlyList<string> remarks() => [.. table.Remarks, .. new[] { common.Remark }.OfType<string>()];
        if (request.Kind is ImportKind.Patches)
        {
            var (patches, batch, told) = PushedPatchReader.Read(rows, request, cancellationToken);
            report.Layer = "patches";
            return patches is null
                ? new MapFile(null, told.Count > 0 ? told : report.Sentences(errors: true, options.MaxProblemsTold)) { Report = report, Outlines = rows.Outlines }
                : new MapFile([], [.. remarks(), .. report.Sentences(errors: false, options.MaxProblemsTold)]) { Report = report, Outlines = rows.Outlines, Patches = patches, Batch = batch };
        }

        var plan = request.Kind is ImportKind.Plan ? PlanLayerOf(request, table) : null;
        report.Layer = plan?.Kind ?? MapFeatures.LayerOf(request.Kind).ToString();
        var placed = new List<MapFeature>();
        var features = plan is null
            ? rows.Read<MapFeature>(
                FieldPresets.Of(request.Kind), FieldPresets.Required(request.Kind), MapFeatures.IdField(request.Kind), "polygon",
                (fields, outline, _) => MapFeatures.Make(request.Kind, fields, outline, request.Effective), static f => f.Id, cancellationToken, placed)
            : rows.Read<MapFeature>(
                PlanFeatures.Presets(plan), PlanFeatures.Required(plan), PlanFeatures.IdField(plan), plan.Geometry,
                (fields, outline, length) => PlanFeatures.Make(plan, fields, outline, length, request.Effective), static f => f.Id, cancellationToken, placed);
        if (rows.BindingProblems is { Count: > 0 } unbound)
            return new MapFile(null, unbound);

        new LayerTopology(options, report).Check(request.Kind, plan, placed, cancellationToken);
        return report.Errors > 0
            ? new MapFile(null, report.Sentences(errors: true, options.MaxProblemsTold)) { PlanKind = plan?.Kind, Report = report, Outlines = rows.Outlines }
            : new MapFile(features, [.. remarks(), .. report.Sentences(errors: false, options.MaxProblemsTold)]) { PlanKind = plan?.Kind, Report = report, Outlines = rows.Outlines };
    }

    private static IFeatureTable Open(ImportRequest request, SourceFiles files, CancellationToken cancellationToken)
    {
        if (request.Kind is ImportKind.Plan)
        {
            if (XPlanReader.Recognises(files.Path))
                return XPlanReader.Open(files.Path, cancellationToken);
            if (CityJsonReader.Recognises(files.Path))
                return CityJsonReader.Open(files.Path);
        }

        return VectorSource.Open(files, request.Layer);
    }

    private PlanLayer PlanLayerOf(ImportRequest request, IFeatureTable table)
    {
        var kinds = string.Join(", ", _layers.Value.All.Select(l => l.Kind));
        var kind = request.PlanKind ?? table.PlanKind
            ?? throw new RefusedInputException($"{request.Path} does not say which plan layer it holds; name it with --layer, one of {kinds}.");
        return _layers.Value.Find(kind) ?? throw new RefusedInputException($"There is no plan layer '{kind}'; the layers are {kinds}.");
    }

    /// <summary>True when some features lie where the CRS says and others do not: then each one that does not is named.</summary>
    private static bool IsMixed(IFeatureTable table, ToCommonCrs common)
    {
        var reader = new NetTopologySuite.IO.WKBReader();
        bool some = false, others = false;
        foreach (var row in table.ReadAll())
        {
            if (row.Wkb is null)
                continue;
            NetTopologySuite.Geometries.Envelope box;
            try
            {
                box = reader.Read(row.Wkb).EnvelopeInternal;
            }
            catch (Exception unreadable) when (unreadable is NetTopologySuite.IO.ParseException or ArgumentException or FormatException or EndOfStreamException)
            {
                continue;
            }

            if (common.IsPlausible(box))
                some = true;
            else
                others = true;
            if (some && others)
                return true;
        }

        return false;
    }

    private static SpatialReference CrsOf(ImportRequest request, IFeatureTable layer)
    {
        if (request.Crs is { } text)
        {
            try
            {
                return SpatialReference.Parse(text);
            }
            catch (GdalException problem)
            {
                throw new RefusedInputException($"--crs {text} is no CRS: {problem.Message}", problem);
            }
        }

        var crs = layer.GetSpatialReference();
        if (crs is null || crs.IsLocal)
        {
            crs?.Dispose();
            throw new RefusedInputException(
                $"{request.Path} does not say which CRS its coordinates are in; give it with --crs, for example --crs EPSG:4526 (CGCS2000, 3-degree zone 38).");
        }

        return crs;
    }
}
