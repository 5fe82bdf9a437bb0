using Monitoring.Gdal;

namespace Monitoring.Ingest.Plans;

/// <summary>
/// One layer of a vector file, with its attribute text readable. A Shapefile without .cpg says nothing reliable about its encoding:
/// it is read as UTF-8 if every text is sound UTF-8, else as GB18030 (which covers GBK), else refused.
/// </summary>
internal sealed class VectorSource : IFeatureTable
{
    /// <summary>Formats whose files hold their data; recipes that make GDAL read other places (VRT, WMS, GML with schema links) are left out.</summary>
    private static readonly string[] Drivers =
        ["GPKG", "GeoJSON", "GeoJSONSeq", "TopoJSON", "ESRI Shapefile", "OpenFileGDB", "FlatGeobuf", "MapInfo File", "KML", "LIBKML", "DXF"];

    private readonly VectorDataset _dataset;

    private VectorSource(VectorDataset dataset, VectorLayer layer, string? remark) => (_dataset, Layer, Remarks) = (dataset, layer, remark is null ? [] : [remark]);

    public VectorLayer Layer { get; }

    public string Name => Layer.Name;

    public IReadOnlyList<FieldInfo> Fields => Layer.Fields;

    public long FeatureCount => Layer.FeatureCount;

    public Bounds? Extent => Layer.Extent;

    public IReadOnlyList<string> Remarks { get; }

    public string? PlanKind => null;

    public SpatialReference? GetSpatialReference() => Layer.GetSpatialReference();

    public IEnumerable<Feature> ReadAll() => Layer.ReadAll();

    public IEnumerable<FormatFault> FormatFaults() => [];

    /// <exception cref="RefusedInputException">No such format, layer or encoding.</exception>
    public static VectorSource Open(SourceFiles files, string? layerName)
    {
        if (!files.IsShapefile)
            return new VectorSource(OpenDataset(files, null, out var dataset), Choose(dataset, files, layerName), null);

        string? remark = null;
        foreach (var encoding in files.HasEncodingFile ? new[] { null, "GB18030" } : ["UTF-8", "GB18030"])
        {
            OpenDataset(files, encoding, out var shapefile);
            var layer = Choose(shapefile, files, layerName);
            if (IsSound(layer))
                return new VectorSource(shapefile, layer, remark);
            shapefile.Dispose();
            remark = files.HasEncodingFile
                ? $"The attributes of {files.Path} are not in the encoding that its .cpg file names; they were read as GB18030."
                : $"{files.Path} has no .cpg file and its attributes are not UTF-8; they were read as GB18030 (GBK).";
        }

        throw new RefusedInputException(
            $"The attributes of {files.Path} are neither UTF-8 nor GB18030 (GBK); save it with a .cpg file that names its encoding, or as GeoPackage.");
    }

    public void Dispose() => _dataset.Dispose();

    private static VectorDataset OpenDataset(SourceFiles files, string? encoding, out VectorDataset dataset)
    {
        try
        {
            return dataset = VectorDataset.Open(
                files.GdalPath, new DatasetOpenOptions { AllowedDrivers = Drivers, OpenOptions = encoding is null ? null : [$"ENCODING={encoding}"] });
        }
        catch (GdalException problem)
        {
            throw new RefusedInputException($"{files.Path} cannot be read as a vector file: {SourceFiles.Plain(problem.Message, files.Path)}", problem);
        }
    }

    private static VectorLayer Choose(VectorDataset dataset, SourceFiles files, string? name)
    {
        var layers = dataset.Layers;
        if (name is not null)
        {
            return dataset.FindLayer(name) ?? throw Refuse(dataset, $"{files.Path} has no layer '{name}'; it has {Names(layers)}.");
        }

        // Tables without geometry (styles, code lists) are no candidates.
        var candidates = layers.Where(l => l.Kind != GeometryKind.None).ToList();
        return candidates.Count switch
        {
            1 => candidates[0],
            0 => throw Refuse(dataset, $"{files.Path} has no layer with geometry."),
            _ => throw Refuse(dataset, $"{files.Path} has several layers ({Names(candidates)}); choose one with --layer."),
        };
    }

    private static RefusedInputException Refuse(VectorDataset dataset, string sentence)
    {
        dataset.Dispose();
        return new RefusedInputException(sentence);
    }

    private static string Names(IReadOnlyList<VectorLayer> layers) => string.Join(", ", layers.Take(20).Select(l => $"'{l.Name}'"));

    private static bool IsSound(VectorLayer layer)
    {
        if (layer.Fields.Any(f => f.Name.Contains('\uFFFD', StringComparison.Ordinal)))
            return false;
        using var reader = layer.Read();
        while (reader.Next())
        {
            for (var field = 0; field < layer.Fields.Count; field++)
            {
                if (layer.Fields[field].Type == FieldType.Text && !reader.IsText(field))
                    return false;
            }
        }

        return true;
    }
}
