using System.Globalization;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Gdal;

namespace Monitoring.Ingest.Plans;

/// <summary>What <see cref="MapFileReader"/> made of a file.</summary>
/// <param name="Features">Features of one layer with unique ids, or null when the file was refused.</param>
/// <param name="Told">Refused: what is wrong, one sentence each. Taken: what a person should know.</param>
public sealed record MapFile(IReadOnlyList<MapFeature>? Features, IReadOnlyList<string> Told);

/// <summary>
/// Reads regions, control lines, permits or parcels from any vector format that GDAL holds and checks every feature; nothing is
/// repaired silently. Thread-safe.
/// </summary>
public sealed class MapFileReader(PlanImportOptions options)
{
    /// <summary>Reads the whole file, or says what is wrong with it.</summary>
    public MapFile Read(ImportRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            return Read(request, SourceFiles.Of(request.Path, options.MaxFileBytes), cancellationToken);
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

    private MapFile Read(ImportRequest request, SourceFiles files, CancellationToken cancellationToken)
    {
        var problems = new ProblemList(options.MaxProblemsTold);
        using var source = VectorSource.Open(files, request.Layer);
        var layer = source.Layer;
        if (layer.FeatureCount == 0)
        {
            return options.AllowEmpty
                ? new MapFile([], [])
                : throw new RefusedInputException($"The layer '{layer.Name}' of {request.Path} has no features.");
        }

        using var crs = CrsOf(request, layer);
        using var common = new ToCommonCrs(crs, options.AreaOfUseMarginDegrees);
        if (layer.FeatureCount > options.MaxFeatures)
        {
            throw new RefusedInputException(string.Create(
                CultureInfo.InvariantCulture, $"{request.Path} has {layer.FeatureCount} features; an import takes at most {options.MaxFeatures}. Split it."));
        }

        if (layer.Extent is { } extent && common.ExtentProblem(extent) is { } misplaced)
            throw new RefusedInputException(misplaced);

        var binding = FieldBinding.Bind(request.Kind, layer, request.Map, problems);
        if (problems.Any)
            return new MapFile(null, problems.Sentences);

        var features = new List<MapFeature>();
        var firstWith = new Dictionary<string, long>(StringComparer.Ordinal);
        long vertices = 0;
        foreach (var row in layer.ReadAll())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var fields = new FeatureFields(binding, row, MapFeatures.IdField(request.Kind), problems);
            var (outline, problem) = common.Convert(row.Wkb);
            if (problem is not null)
                fields.Fault(problem);

            // The attributes are read in any case: all that is wrong is told at once.
            var before = problems.Count;
            var feature = MapFeatures.Make(request.Kind, fields, outline ?? Nowhere, request.Effective);
            if (feature is null || outline is null || problems.Count > before)
                continue;
            if (!firstWith.TryAdd(feature.Id, row.Fid))
            {
                fields.Fault(string.Create(CultureInfo.InvariantCulture, $"has the id of feature {firstWith[feature.Id]}; ids are unique within an import"));
                continue;
            }

            vertices += outline.Shape.NumPoints;
            if (vertices > options.MaxVertices)
                throw new RefusedInputException(string.Create(CultureInfo.InvariantCulture, $"{request.Path} has more than {options.MaxVertices} corners; split it."));
            features.Add(feature);
        }

        return problems.Any
            ? new MapFile(null, problems.Sentences)
            : new MapFile(features, [.. new[] { source.Remark, common.Remark }.OfType<string>()]);
    }

    /// <summary>Stands in for an outline that was refused, while the attributes are looked at.</summary>
    private static readonly Domain.Geometry.Outline Nowhere =
        new(NetTopologySuite.NtsGeometryServices.Instance.CreateGeometryFactory(Domain.Geometry.Outline.Srid).CreatePolygon(), 0, "EPSG:4490");

    private static SpatialReference CrsOf(ImportRequest request, VectorLayer layer)
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
