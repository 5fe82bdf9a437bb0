using System.Globalization;
using System.Text;
using Monitoring.Gdal;

namespace Monitoring.Ingest.Plans;

/// <summary>
/// One layer of a vector file, with its attribute text readable. A Shapefile without .cpg says nothing reliable about its encoding:
/// it is read as UTF-8 if every text is sound UTF-8, else as GB18030 (which covers GBK), else refused.
/// </summary>
internal sealed class VectorSource : IFeatureTable
{
    /// <summary>Formats whose files hold their data; recipes that make GDAL read other places (VRT, WMS) are left out.</summary>
    private static readonly string[] Drivers =
        ["GPKG", "GeoJSON", "GeoJSONSeq", "TopoJSON", "ESRI Shapefile", "OpenFileGDB", "FlatGeobuf", "MapInfo File", "KML", "LIBKML", "DXF", "GML", "CSV"];

    /// <summary>GML: schemas are not fetched from where the file says. CSV: where the geometry stands, by the usual names; text stays text.</summary>
    private static readonly string[] Options =
    [
        "DOWNLOAD_SCHEMA=NO", "AUTODETECT_TYPE=NO", "KEEP_GEOM_COLUMNS=NO", "EMPTY_STRING_AS_NULL=YES",
        "GEOM_POSSIBLE_NAMES=wkt,geom,geometry,the_geom,wkb_geometry,shape,wkt_geom,几何,坐标", "X_POSSIBLE_NAMES=lon,long,lng,longitude,x,经度", "Y_POSSIBLE_NAMES=lat,latitude,y,纬度",
    ];

    /// <summary>A table of text that is not UTF-8 is held in memory while it is read.</summary>
    private const long MostTableBytes = 256L << 20;

    private readonly VectorDataset _dataset;
    private readonly MemoryFile? _text;

    private VectorSource(VectorDataset dataset, VectorLayer layer, string? remark, MemoryFile? text = null) =>
        (_dataset, Layer, Remarks, _text) = (dataset, layer, remark is null ? [] : [remark], text);

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
        if (files.Path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) && !IsUtf8(files.Path))
            return OpenGb18030(files, layerName);
        if ((files.Path.EndsWith(".gml", StringComparison.OrdinalIgnoreCase) || files.Path.EndsWith(".kml", StringComparison.OrdinalIgnoreCase)) && DefinesEntities(files.Path))
            throw new RefusedInputException($"{files.Path} cannot be read: it brings definitions of its own (DOCTYPE), which nothing that describes a map needs; remove them.");
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

    public void Dispose()
    {
        _dataset.Dispose();
        _text?.Dispose();
    }

    /// <summary>A table as Chinese spreadsheets write it. GDAL takes every CSV file for UTF-8.</summary>
    private static VectorSource OpenGb18030(SourceFiles files, string? layerName)
    {
        var bytes = new FileInfo(files.Path).Length;
        if (bytes > MostTableBytes)
            throw new RefusedInputException(string.Create(CultureInfo.InvariantCulture, $"{files.Path} is not UTF-8 and has {bytes} bytes; save it as UTF-8, or as GeoPackage."));
        string text;
        try
        {
            text = Gb18030.GetString(File.ReadAllBytes(files.Path));
        }
        catch (DecoderFallbackException problem)
        {
            throw new RefusedInputException($"{files.Path} is neither UTF-8 nor GB18030 (GBK); save it as UTF-8.", problem);
        }

        var memory = MemoryFile.FromBytes(Encoding.UTF8.GetBytes(text), System.IO.Path.GetFileName(files.Path));
        try
        {
            OpenDataset(files with { GdalPath = memory.Path }, null, out var dataset);
            return new VectorSource(dataset, Choose(dataset, files, layerName), $"{files.Path} is not UTF-8; it was read as GB18030 (GBK).", memory);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Entities may swell without end or name other files; the parsers have guards of their own, this one does not depend on their version.</summary>
    private static bool DefinesEntities(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> head = stackalloc byte[16 * 1024];
        return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)].IndexOf("<!DOCTYPE"u8) >= 0;
    }

    private static bool IsUtf8(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var decoder = StrictUtf8.GetDecoder();
        Span<byte> bytes = stackalloc byte[16 * 1024];
        Span<char> letters = stackalloc char[16 * 1024];
        try
        {
            while (true)
            {
                var read = stream.Read(bytes);
                decoder.GetChars(bytes[..read], letters, flush: read == 0);
                if (read == 0)
                    return true;
            }
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static readonly Encoding Gb18030 =
        CodePagesEncodingProvider.Instance.GetEncoding("GB18030", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    private static VectorDataset OpenDataset(SourceFiles files, string? encoding, out VectorDataset dataset)
    {
        try
        {
            return dataset = VectorDataset.Open(
                files.GdalPath, new DatasetOpenOptions { AllowedDrivers = Drivers, OpenOptions = encoding is null ? Options : [$"ENCODING={encoding}"] });
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
