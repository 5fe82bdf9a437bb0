namespace Monitoring.Gdal.Native;

/// <summary>An owned <c>OGRGeometryH</c>; lives for one call only.</summary>
internal ref struct Geometry
{
    private nint _pointer;

    private Geometry(nint pointer) => _pointer = pointer;

    internal readonly nint Pointer => _pointer;

    internal static unsafe Geometry FromWkb(ReadOnlySpan<byte> wkb)
    {
        GdalLibrary.Initialize();
        nint geometry = 0;
        Errors.Begin();
        fixed (byte* data = wkb)
        {
            var error = wkb.IsEmpty ? 1 : GdalNative.OGR_G_CreateFromWkbEx(data, 0, &geometry, (nuint)wkb.Length);
            Errors.Check(error, $"read a geometry from {wkb.Length} bytes of WKB");
        }
        return new(geometry);
    }

    internal readonly byte[] ToWkb() => ToWkb(_pointer);

    internal static unsafe byte[] ToWkb(nint geometry)
    {
        var wkb = new byte[checked((int)GdalNative.OGR_G_WkbSizeEx(geometry))];
        Errors.Begin();
        fixed (byte* target = wkb)
            Errors.Check(GdalNative.OGR_G_ExportToIsoWkb(geometry, 1, target), "write a geometry as WKB");
        return wkb;
    }

    /// <summary>Hands ownership to a native call.</summary>
    internal nint Detach()
    {
        var pointer = _pointer;
        _pointer = 0;
        return pointer;
    }

    public void Dispose()
    {
        if (_pointer != 0)
            GdalNative.OGR_G_DestroyGeometry(_pointer);
        _pointer = 0;
    }
}
