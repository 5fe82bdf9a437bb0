using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>
/// A layer of an open vector dataset; usable as long as that is, by one thread at a time together with it. Only one
/// <see cref="FeatureReader"/> may be open on a layer.
/// </summary>
public sealed unsafe class VectorLayer
{
    private const uint Z25D = 0x80000000;

    private readonly VectorDataset _dataset;
    private readonly nint _layer;

    internal VectorLayer(VectorDataset dataset, nint layer)
    {
        _dataset = dataset;
        _layer = layer;
        using var use = dataset.Handle.Use();
        Name = Native.Text.Read(GdalNative.OGR_L_GetName(layer)) ?? "";
        FidColumn = Native.Text.Read(GdalNative.OGR_L_GetFIDColumn(layer)) ?? "";
        var code = GdalNative.OGR_L_GetGeomType(layer);
        HasZ = (code & Z25D) != 0 || (code & ~Z25D) / 1000 is 1 or 3;
        var kind = (int)((code & ~Z25D) % 1000);
        Kind = Enum.IsDefined((GeometryKind)kind) ? (GeometryKind)kind : GeometryKind.Unknown;
        var definition = GdalNative.OGR_L_GetLayerDefn(layer);
        var fields = new FieldInfo[GdalNative.OGR_FD_GetFieldCount(definition)];
        for (var i = 0; i < fields.Length; i++)
        {
            var field = GdalNative.OGR_FD_GetFieldDefn(definition, i);
            fields[i] = new(Native.Text.Read(GdalNative.OGR_Fld_GetNameRef(field)) ?? "", (FieldType)GdalNative.OGR_Fld_GetType(field),
                GdalNative.OGR_Fld_GetSubType(field) == 1, Native.Text.Read(GdalNative.OGR_Fld_GetAlternativeNameRef(field)) ?? "",
                GdalNative.OGR_Fld_GetWidth(field));
        }
        Fields = fields;
    }

    public string Name { get; }

    /// <summary>Name of the column that holds the feature number, or "".</summary>
    public string FidColumn { get; }

    /// <summary>The declared geometry type, without Z and M; many formats declare <see cref="GeometryKind.Unknown"/>.</summary>
    public GeometryKind Kind { get; }

    /// <summary>Whether the layer declares heights.</summary>
    public bool HasZ { get; }

    /// <summary>The attributes, in the order of <see cref="Feature.Values"/>.</summary>
    public IReadOnlyList<FieldInfo> Fields { get; }

    /// <summary>Index of the field of that name (without case), or −1.</summary>
    public int FieldIndex(string name)
    {
        for (var i = 0; i < Fields.Count; i++)
            if (string.Equals(Fields[i].Name, name, StringComparison.OrdinalIgnoreCase))
                return i;
        return -1;
    }

    /// <summary>Number of features; may scan the file.</summary>
    public long FeatureCount
    {
        get
        {
            using var use = _dataset.Handle.Use();
            Errors.Begin();
            var count = GdalNative.OGR_L_GetFeatureCount(_layer, 1);
            return count >= 0 ? count : throw Errors.Exception($"count the features of \"{Name}\"");
        }
    }

    /// <summary>The box around all geometry in the CRS of the layer, or null when there is none; may scan the file.</summary>
    public Bounds? Extent
    {
        get
        {
            using var use = _dataset.Handle.Use();
            var box = stackalloc double[4];
            Errors.Begin();
            if (GdalNative.OGR_L_GetExtent(_layer, box, 1) != 0 || !double.IsFinite(box[0]) || box[1] < box[0])
                return null;
            var bounds = new Bounds(box[0], box[2], box[1], box[3]);
            return SwapsAxes() ? new(bounds.MinY, bounds.MinX, bounds.MaxY, bounds.MaxX) : bounds;
        }
    }

    /// <summary>
    /// What a Shapefile says about the encoding of its attributes (<c>.cpg</c>, LDID), such as <c>UTF-8</c> or <c>ISO-8859-1</c>; null
    /// when nothing is said, and for other formats.
    /// </summary>
    public string? SourceEncoding
    {
        get
        {
            using var use = _dataset.Handle.Use();
            var encoding = Native.Text.Read(GdalNative.GDALGetMetadataItem(_layer, "SOURCE_ENCODING", "SHAPEFILE"));
            return string.IsNullOrEmpty(encoding) ? null : encoding;
        }
    }

    /// <summary>The CRS (the caller disposes it), or null when the layer has none.</summary>
    public SpatialReference? GetSpatialReference()
    {
        using var use = _dataset.Handle.Use();
        return SpatialReference.CopyOf(GdalNative.OGR_L_GetSpatialRef(_layer));
    }

    /// <summary>Starts reading; dispose the reader before starting another on this layer.</summary>
    public FeatureReader Read(FeatureQuery? query = null) => new(_dataset, this, _layer, query ?? new FeatureQuery(), SwapsAxes());

    /// <summary>Reads features that own their data, one by one.</summary>
    public IEnumerable<Feature> ReadAll(FeatureQuery? query = null)
    {
        using var reader = Read(query);
        while (reader.Next())
        {
            var values = new object?[Fields.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = reader.GetValue(i);
            yield return new(reader.Fid, reader.HasGeometry ? reader.Wkb.ToArray() : null, values);
        }
    }

    /// <summary>
    /// Adds a feature to a layer of a writable dataset.
    /// </summary>
    /// <param name="wkb">WKB with x first, in the CRS of the layer; empty = no geometry.</param>
    /// <param name="values">
    /// One for each field: null, string, bool, int, long, float, double, <see cref="DateOnly"/>, <see cref="DateTime"/> (UTC kind is
    /// written as UTC, others without
    /// zone), <see cref="DateTimeOffset"/> (zone kept to quarters of an hour), byte[].
    /// </param>
    /// <param name="fid">Its number, or −1 to let the format choose.</param>
    /// <returns>The number it got.</returns>
    public long Add(ReadOnlySpan<byte> wkb, ReadOnlySpan<object?> values, long fid = -1)
    {
        if (values.Length != Fields.Count)
            throw new ArgumentException($"The layer \"{Name}\" has {Fields.Count} fields, not {values.Length}.", nameof(values));
        using var use = _dataset.Handle.Use();
        var feature = GdalNative.OGR_F_Create(GdalNative.OGR_L_GetLayerDefn(_layer));
        try
        {
            if (fid >= 0)
                _ = GdalNative.OGR_F_SetFID(feature, fid);
            for (var i = 0; i < values.Length; i++)
                SetField(feature, i, values[i]);
            if (!wkb.IsEmpty)
            {
                using var geometry = Geometry.FromWkb(wkb);
                Errors.Begin();
                Errors.Check(GdalNative.OGR_F_SetGeometryDirectly(feature, geometry.Detach()),
                    $"set the geometry of a feature of \"{Name}\"");
            }
            Errors.Begin();
            Errors.Check(GdalNative.OGR_L_CreateFeature(_layer, feature), $"add a feature to \"{Name}\" of \"{_dataset.Path}\"");
            return GdalNative.OGR_F_GetFID(feature);
        }
        finally
        {
            GdalNative.OGR_F_Destroy(feature);
        }
    }

    /// <summary>
    /// True when the layer's own coordinates run y first: then geometry is swapped on the way out. The drivers of GDAL put x first
    /// nearly always, and say so by this mapping.
    /// </summary>
    private bool SwapsAxes()
    {
        using var use = _dataset.Handle.Use();
        var srs = GdalNative.OGR_L_GetSpatialRef(_layer);
        if (srs == 0)
            return false;
        var own = Mapping(srs);
        using var ours = SpatialReference.CopyOf(srs)!;
        using var useOurs = ours.Handle.Use();
        return own != Mapping(useOurs.Pointer);

        static (int, int) Mapping(nint srs)
        {
            int count;
            var axes = GdalNative.OSRGetDataAxisToSRSAxisMapping(srs, &count);
            return count >= 2 ? (axes[0], axes[1]) : (1, 2);
        }
    }

    private void SetField(nint feature, int index, object? value)
    {
        switch (value)
        {
            case null:
                GdalNative.OGR_F_SetFieldNull(feature, index);
                break;
            case string text:
                GdalNative.OGR_F_SetFieldString(feature, index, Native.Text.NoNul(text));
                break;
            case bool flag:
                GdalNative.OGR_F_SetFieldInteger64(feature, index, flag ? 1 : 0);
                break;
            case int number:
                GdalNative.OGR_F_SetFieldInteger64(feature, index, number);
                break;
            case long number:
                GdalNative.OGR_F_SetFieldInteger64(feature, index, number);
                break;
            case float number:
                GdalNative.OGR_F_SetFieldDouble(feature, index, number);
                break;
            case double number:
                GdalNative.OGR_F_SetFieldDouble(feature, index, number);
                break;
            case DateOnly date:
                GdalNative.OGR_F_SetFieldDateTimeEx(feature, index, date.Year, date.Month, date.Day, 0, 0, 0, 0);
                break;
            case DateTime time:
                SetTime(feature, index, time, time.Kind == DateTimeKind.Utc ? FeatureReader.UtcZone : 0);
                break;
            case DateTimeOffset time:
                if (time.Offset.Ticks % (15 * TimeSpan.TicksPerMinute) != 0)
                    time = time.ToUniversalTime();
                SetTime(feature, index, time.DateTime, FeatureReader.UtcZone + (int)(time.Offset.TotalMinutes / 15));
                break;
            case byte[] bytes:
                fixed (byte* data = bytes)
                    GdalNative.OGR_F_SetFieldBinary(feature, index, bytes.Length, data);
                break;
            default:
                throw new ArgumentException($"The field \"{Fields[index].Name}\" cannot take a {value.GetType().Name}.", nameof(value));
        }
    }

    private static void SetTime(nint feature, int index, DateTime time, int zone) =>
        GdalNative.OGR_F_SetFieldDateTimeEx(feature, index, time.Year, time.Month, time.Day, time.Hour, time.Minute,
            (float)(time.Second + time.Millisecond / 1000.0), zone);
}
