namespace Monitoring.Gdal.Native;

/// <summary>libdeflate, where libgdal is linked to it: the decoder that GDAL's own TIFF driver takes for whole tiles.</summary>
internal sealed unsafe class LibdeflateInflate : Inflate
{
    private static readonly delegate* unmanaged[Cdecl]<nint> Alloc = (delegate* unmanaged[Cdecl]<nint>)Export("libdeflate_alloc_decompressor");

    private static readonly delegate* unmanaged[Cdecl]<nint, void> Free = (delegate* unmanaged[Cdecl]<nint, void>)Export("libdeflate_free_decompressor");

    private static readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, nuint*, int> Decompress =
        (delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, nuint*, int>)Export("libdeflate_zlib_decompress");

    private LibdeflateInflate(nint pointer) : base(pointer)
    {
    }

    /// <summary>A decoder, or null where the library is not there.</summary>
    public static LibdeflateInflate? TryCreate() =>
        Alloc == null || Free == null || Decompress == null || Alloc() is not (not 0 and var pointer) ? null : new(pointer);

    public override bool TryDecode(ReadOnlySpan<byte> from, Span<byte> to)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        fixed (byte* source = from, target = to)
            return Decompress(handle, source, (nuint)from.Length, target, (nuint)to.Length, null) == 0;
    }

    protected override bool ReleaseHandle()
    {
        Free(handle);
        return true;
    }

    private static nint Export(string name) => GdalLibrary.ExportOf(name);
}
