using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>
/// An open vector file: GeoPackage, GeoJSON, Shapefile, FileGDB, GML, … as OGR reads them.
/// </summary>
/// <remarks>Threads and closing: see <see cref="GdalDataset"/>. Layers live as long as their dataset.</remarks>
public sealed class VectorDataset : GdalDataset
{
    private const uint VectorKind = 0x04;

    private readonly HashSet<nint> _reading = [];

    private VectorDataset(DatasetHandle handle, string path, bool writable) : base(handle, path, writable)
    {
    }

    /// <summary>
    /// Opens a vector file or folder. A Shapefile without a .cpg whose attributes are GBK needs the open option
    /// <c>ENCODING=GBK</c>; see <see cref="FeatureReader.IsText"/> for how to notice.
    /// </summary>
    /// <exception cref="GdalException">Missing, not a vector format, or damaged.</exception>
    public static VectorDataset Open(string path, DatasetOpenOptions? options = null)
    {
        options ??= new DatasetOpenOptions();
        // Opening a GML file would leave a .gfs beside it: a reader writes nothing into other people's folders. Other drivers ignore the
        // option.
        if (!(options.OpenOptions ?? []).Any(static o => o.StartsWith("WRITE_GFS=", StringComparison.OrdinalIgnoreCase)))
            options = options with { OpenOptions = [.. options.OpenOptions ?? [], "WRITE_GFS=NO"] };
        return new(OpenHandle(path, options, VectorKind), path, options.Update);
    }

    /// <summary>Creates an empty vector file; an existing file of that name is an error for most drivers.</summary>
    /// <param name="driver">Short name: <c>GPKG</c>, <c>GeoJSON</c>, <c>ESRI Shapefile</c>, <c>FlatGeobuf</c>, …</param>
    /// <param name="options">Creation options as <c>KEY=VALUE</c>.</param>
    public static VectorDataset Create(string path, string driver, IReadOnlyList<string>? options = null)
    {
        var d = GdalLibrary.Driver(driver);
        using var list = new NativeStringList(options);
        Errors.Begin();
        var dataset = GdalNative.GDALCreate(d, Text.NoNul(path), 0, 0, 0, 0, list.Pointer);
        return dataset != 0 ? new(new DatasetHandle(dataset), path, true) : throw Errors.Exception($"create \"{path}\" ({driver})");
    }

    /// <summary>The layers, in the file's order.</summary>
    public IReadOnlyList<VectorLayer> Layers
    {
        get
        {
            using var use = Handle.Use();
            var layers = new VectorLayer[GdalNative.GDALDatasetGetLayerCount(use.Pointer)];
            for (var i = 0; i < layers.Length; i++)
            {
                Errors.Begin();
                var layer = GdalNative.GDALDatasetGetLayer(use.Pointer, i);
                layers[i] = layer != 0 ? new(this, layer) : throw Errors.Exception($"use layer {i} of \"{Path}\"");
            }
            return layers;
        }
    }

    /// <summary>The layer of that name (without case), or null.</summary>
    public VectorLayer? FindLayer(string name)
    {
        using var use = Handle.Use();
        var layer = GdalNative.GDALDatasetGetLayerByName(use.Pointer, Text.NoNul(name));
        return layer != 0 ? new(this, layer) : null;
    }

    /// <summary>Adds a layer to a writable dataset.</summary>
    /// <param name="crs">Null = no CRS. GeoJSON is written in lon/lat whatever it says only with the option <c>RFC7946=YES</c>.</param>
    /// <param name="fields">Integer, Integer64, Real, Text, Date, DateTime, Binary; booleans as Integer with
    /// <see cref="FieldInfo.IsBoolean"/>.</param>
    /// <param name="options">
    /// Layer creation options as <c>KEY=VALUE</c>, such as <c>COORDINATE_PRECISION=7</c>. A Shapefile gets <c>ENCODING=UTF-8</c> unless
    /// told
    /// otherwise: GDAL's own default would turn Chinese into question marks.
    /// </param>
    /// <remarks>FlatGeobuf silently leaves out features without geometry.</remarks>
    public VectorLayer CreateLayer(string name, SpatialReference? crs, GeometryKind kind, IReadOnlyList<FieldInfo> fields,
        IReadOnlyList<string>? options = null)
    {
        ArgumentNullException.ThrowIfNull(fields);
        if (Driver == "ESRI Shapefile" && !(options ?? []).Any(static o => o.StartsWith("ENCODING=", StringComparison.OrdinalIgnoreCase)))
            options = [.. options ?? [], "ENCODING=UTF-8"];
        using var use = Handle.Use();
        using var list = new NativeStringList(options);
        nint layer;
        Errors.Begin();
        if (crs is null)
        {
            layer = GdalNative.GDALDatasetCreateLayer(use.Pointer, Text.NoNul(name), 0, (uint)kind, list.Pointer);
        }
        else
        {
            using var srs = crs.Handle.Use();
            layer = GdalNative.GDALDatasetCreateLayer(use.Pointer, Text.NoNul(name), srs.Pointer, (uint)kind, list.Pointer);
        }
        if (layer == 0)
            throw Errors.Exception($"add the layer \"{name}\" to \"{Path}\"");
        foreach (var field in fields)
        {
            var definition = GdalNative.OGR_Fld_Create(Text.NoNul(field.Name), (int)field.Type);
            if (field.IsBoolean)
                GdalNative.OGR_Fld_SetSubType(definition, 1);
            if (field.Width > 0)
                GdalNative.OGR_Fld_SetWidth(definition, field.Width);
            Errors.Begin();
            var error = GdalNative.OGR_L_CreateField(layer, definition, 1);
            GdalNative.OGR_Fld_Destroy(definition);
            Errors.Check(error, $"add the field \"{field.Name}\" to the layer \"{name}\"");
        }
        return new(this, layer);
    }

    /// <summary>
    /// Runs writes as one transaction: all of them, or, when <paramref name="writes"/> throws, none. Where the format has no transactions
    /// (GeoJSON, Shapefile) it just runs them. GeoPackage is many times faster inside one.
    /// </summary>
    public void Transaction(Action writes)
    {
        ArgumentNullException.ThrowIfNull(writes);
        using var use = Handle.Use();
        if (GdalNative.GDALDatasetTestCapability(use.Pointer, "Transactions") == 0)
        {
            writes();
            return;
        }
        Errors.Begin();
        Errors.Check(GdalNative.GDALDatasetStartTransaction(use.Pointer, 0), $"begin a transaction on \"{Path}\"");
        try
        {
            writes();
        }
        catch
        {
            // Its own failure would hide the one that matters; an open transaction is rolled back when the file is closed.
            _ = GdalNative.GDALDatasetRollbackTransaction(use.Pointer);
            throw;
        }
        Errors.Begin();
        Errors.Check(GdalNative.GDALDatasetCommitTransaction(use.Pointer), $"commit to \"{Path}\"");
    }

    /// <summary>OGR keeps one reading position for each layer, however many objects here point to it.</summary>
    internal void BeginReading(nint layer)
    {
        lock (_reading)
            if (!_reading.Add(layer))
                throw new InvalidOperationException("The layer is already being read: dispose the other reader first.");
    }

    internal void EndReading(nint layer)
    {
        lock (_reading)
            _reading.Remove(layer);
    }
}
