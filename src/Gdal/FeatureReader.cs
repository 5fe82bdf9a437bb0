using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>
/// Walks through the features of a layer. Memory is that of one feature.
/// </summary>
/// <remarks>
/// Spans are valid until the next <see cref="Next"/>. One reader at a time for each layer; one thread at a time for the dataset.
/// </remarks>
public sealed unsafe class FeatureReader : IDisposable
{
    internal const int UtcZone = 100;

    private readonly VectorDataset _dataset;
    private readonly VectorLayer _owner;
    private readonly nint _layer;
    private readonly FeatureQuery _query;
    private readonly bool _swapXy;
    private nint _feature;
    private byte[] _wkb = [];
    private int _wkbLength = -1;
    private bool _disposed;

    internal FeatureReader(VectorDataset dataset, VectorLayer owner, nint layer, FeatureQuery query, bool swapXy)
    {
        if (query.ArcStepDegrees is { } step && step is not (> 0 and <= 90))
            throw new ArgumentOutOfRangeException(nameof(query), step, "The arc step must lie in (0, 90] degrees.");
        _dataset = dataset;
        _owner = owner;
        _layer = layer;
        _query = query;
        _swapXy = swapXy;
        dataset.BeginReading(layer);
        try
        {
            using var use = dataset.Handle.Use();
            Errors.Begin();
            if (query.Within is { } box)
            {
                if (swapXy)
                    GdalNative.OGR_L_SetSpatialFilterRect(layer, box.MinY, box.MinX, box.MaxY, box.MaxX);
                else
                    GdalNative.OGR_L_SetSpatialFilterRect(layer, box.MinX, box.MinY, box.MaxX, box.MaxY);
            }
            else
            {
                GdalNative.OGR_L_SetSpatialFilter(layer, 0);
            }
            var where = query.Where is null ? null : Native.Text.NoNul(query.Where);
            Errors.Check(GdalNative.OGR_L_SetAttributeFilter(layer, where), $"filter \"{owner.Name}\"");
            GdalNative.OGR_L_ResetReading(layer);
        }
        catch
        {
            dataset.EndReading(layer);
            throw;
        }
    }

    /// <summary>Goes to the next feature; false at the end.</summary>
    /// <exception cref="GdalException">The file is damaged there.</exception>
    public bool Next()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using var use = _dataset.Handle.Use();
        Release();
        Errors.Begin();
        _feature = GdalNative.OGR_L_GetNextFeature(_layer);
        if (_feature == 0)
        {
            Errors.ThrowIfFailed($"read \"{_owner.Name}\" of \"{_dataset.Path}\"");
            return false;
        }
        Fid = GdalNative.OGR_F_GetFID(_feature);
        ReadGeometry();
        return true;
    }

    /// <summary>The feature's number in the layer; −1 when it has none.</summary>
    public long Fid { get; private set; }

    /// <summary>False for features without geometry. An empty geometry counts as one.</summary>
    public bool HasGeometry => _wkbLength >= 0;

    /// <summary>The geometry as ISO WKB, little endian, x first; empty when there is none.</summary>
    public ReadOnlySpan<byte> Wkb => _wkbLength < 0 ? default : _wkb.AsSpan(0, _wkbLength);

    /// <summary>Not set, or null.</summary>
    public bool IsNull(int field)
    {
        using var use = Use(field);
        return GdalNative.OGR_F_IsFieldSetAndNotNull(_feature, field) == 0;
    }

    /// <summary>The value as text; null when null. Bytes that are not UTF-8 become U+FFFD (see <see cref="IsText"/>).</summary>
    public string? GetString(int field)
    {
        using var use = Use(field);
        return GdalNative.OGR_F_IsFieldSetAndNotNull(_feature, field) == 0
            ? null
            : Native.Text.Read(GdalNative.OGR_F_GetFieldAsString(_feature, field));
    }

    /// <summary>
    /// Whether the text of a field is sound UTF-8. False in a Shapefile without .cpg means that it holds another encoding: open it again
    /// with
    /// <c>ENCODING=GBK</c>, say. Null and non-text fields are sound.
    /// </summary>
    public bool IsText(int field)
    {
        using var use = Use(field);
        return GdalNative.OGR_F_IsFieldSetAndNotNull(_feature, field) == 0 || Utf8.IsValid(Bytes(field));
    }

    /// <summary>The bytes of a text field as stored (or as OGR recoded them to UTF-8); empty when null.</summary>
    public byte[] GetTextBytes(int field)
    {
        using var use = Use(field);
        return GdalNative.OGR_F_IsFieldSetAndNotNull(_feature, field) == 0 ? [] : Bytes(field).ToArray();
    }

    /// <summary>The value as a whole number, null when null. Text is parsed as far as it goes, other types are converted.</summary>
    public long? GetInt64(int field)
    {
        using var use = Use(field);
        return GdalNative.OGR_F_IsFieldSetAndNotNull(_feature, field) == 0 ? null : GdalNative.OGR_F_GetFieldAsInteger64(_feature, field);
    }

    /// <summary>The value as a number, null when null.</summary>
    public double? GetDouble(int field)
    {
        using var use = Use(field);
        return GdalNative.OGR_F_IsFieldSetAndNotNull(_feature, field) == 0 ? null : GdalNative.OGR_F_GetFieldAsDouble(_feature, field);
    }

    /// <summary>The day of a Date or DateTime field; null when null or of another type.</summary>
    public DateOnly? GetDate(int field) => GetValue(field) switch
    {
        DateOnly date => date,
        DateTimeOffset time => DateOnly.FromDateTime(time.DateTime),
        DateTime time => DateOnly.FromDateTime(time),
        _ => null,
    };

    /// <summary>
    /// The value by its type: <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, <see cref="DateOnly"/>,
    /// <see cref="TimeOnly"/>, <see cref="DateTimeOffset"/> (zone known), <see cref="DateTime"/> (kind Unspecified: zone not known),
    /// byte[]; lists as text; null.
    /// Impossible dates are handed out as the file's text.
    /// </summary>
    public object? GetValue(int field)
    {
        using var use = Use(field);
        if (GdalNative.OGR_F_IsFieldSetAndNotNull(_feature, field) == 0)
            return null;
        var info = _owner.Fields[field];
        switch (info.Type)
        {
            case FieldType.Integer or FieldType.Integer64:
                var number = GdalNative.OGR_F_GetFieldAsInteger64(_feature, field);
                return info.IsBoolean ? number != 0 : number;
            case FieldType.Real:
                return GdalNative.OGR_F_GetFieldAsDouble(_feature, field);
            case FieldType.Binary:
                int length;
                var data = GdalNative.OGR_F_GetFieldAsBinary(_feature, field, &length);
                return new ReadOnlySpan<byte>(data, length).ToArray();
            case FieldType.Date or FieldType.Time or FieldType.DateTime:
                return Time(field, info.Type) ?? Native.Text.Read(GdalNative.OGR_F_GetFieldAsString(_feature, field));
            default:
                return Native.Text.Read(GdalNative.OGR_F_GetFieldAsString(_feature, field));
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _dataset.EndReading(_layer);
        if (_dataset.Handle.IsClosed)
        {
            // The feature's memory is its own, not the dataset's; only its definition is shared, and counted.
            Release();
            return;
        }
        using var use = _dataset.Handle.Use();
        Release();
    }

    private GdalHandle.Lease Use(int field)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_feature == 0)
            throw new InvalidOperationException("There is no feature: call Next first, and only while it returns true.");
        if (field < 0 || field >= _owner.Fields.Count)
            throw new ArgumentOutOfRangeException(nameof(field), string.Create(CultureInfo.InvariantCulture,
                $"The layer \"{_owner.Name}\" has fields 0 to {_owner.Fields.Count - 1}, not {field}."));
        return _dataset.Handle.Use();
    }

    private ReadOnlySpan<byte> Bytes(int field) =>
        MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)GdalNative.OGR_F_GetFieldAsString(_feature, field));

    private object? Time(int field, FieldType type)
    {
        int year, month, day, hour, minute, zone;
        float seconds;
        if (GdalNative.OGR_F_GetFieldAsDateTimeEx(_feature, field, &year, &month, &day, &hour, &minute, &seconds, &zone) == 0)
            return null;
        var milliseconds = (int)Math.Round(seconds * 1000.0);
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || milliseconds is < 0 or > 60_999)
            return null;
        var clock = new TimeSpan(0, hour, minute, 0, milliseconds); // a leap second runs into the next minute
        if (type == FieldType.Time)
            return clock < TimeSpan.FromDays(1) ? TimeOnly.FromTimeSpan(clock) : null;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return null;
        if (type == FieldType.Date)
            return new DateOnly(year, month, day);
        var local = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Unspecified) + clock;
        // 0 = not known, 1 = "local time" of nobody knows where; 100 = UTC, one step = 15 minutes.
        if (zone <= 1)
            return local;
        var offset = TimeSpan.FromMinutes((zone - UtcZone) * 15.0);
        if (offset.Duration() > TimeSpan.FromHours(14))
            return null;
        var utcTicks = local.Ticks - offset.Ticks;
        return utcTicks < DateTime.MinValue.Ticks || utcTicks > DateTime.MaxValue.Ticks ? null : new DateTimeOffset(local, offset);
    }

    private void ReadGeometry()
    {
        var geometry = GdalNative.OGR_F_GetGeometryRef(_feature);
        if (geometry == 0)
            return;
        nint straight = 0;
        try
        {
            if (_query.ArcStepDegrees is { } step && GdalNative.OGR_G_HasCurveGeometry(geometry, 0) != 0)
            {
                Errors.Begin();
                straight = GdalNative.OGR_G_GetLinearGeometry(geometry, step, 0);
                geometry = straight != 0 ? straight : throw Errors.Exception($"straighten the arcs of feature {Fid} of \"{_owner.Name}\"");
            }
            if (_query.Flatten)
                GdalNative.OGR_G_FlattenTo2D(geometry);
            if (_swapXy)
                GdalNative.OGR_G_SwapXY(geometry);
            var size = GdalNative.OGR_G_WkbSizeEx(geometry);
            if (size > (nuint)_query.MaxWkbBytes)
                throw new GdalException($"read feature {Fid}", [],
                    $"Could not read feature {Fid} of \"{_owner.Name}\": its geometry takes {size} bytes, "
                    + $"more than the limit of {_query.MaxWkbBytes}.");
            if ((nuint)_wkb.Length < size)
                _wkb = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, Math.Max((long)size, _wkb.Length * 2L)));
            Errors.Begin();
            fixed (byte* target = _wkb)
                Errors.Check(GdalNative.OGR_G_ExportToIsoWkb(geometry, 1, target),
                    $"read the geometry of feature {Fid} of \"{_owner.Name}\"");
            _wkbLength = (int)size;
        }
        finally
        {
            if (straight != 0)
                GdalNative.OGR_G_DestroyGeometry(straight);
        }
    }

    private void Release()
    {
        _wkbLength = -1;
        if (_feature == 0)
            return;
        GdalNative.OGR_F_Destroy(_feature);
        _feature = 0;
    }
}
