using System.Runtime.InteropServices;

namespace Monitoring.Gdal.Native;

/// <summary>A decoder of whole zlib streams (RFC 1950) whose length is known.</summary>
/// <remarks>One thread at a time. Nothing is read or written beyond the two buffers, whatever the stream says.</remarks>
internal abstract class Inflate : SafeHandle
{
    protected Inflate(nint pointer) : base(0, ownsHandle: true) => SetHandle(pointer);

    public sealed override bool IsInvalid => handle == 0;

    /// <summary>The fastest decoder that this machine has, or null where it has none: GDAL decodes then.</summary>
    public static Inflate? Create() => IsalInflate.TryCreate() ?? (Inflate?)LibdeflateInflate.TryCreate();

    /// <summary>Decodes a stream of exactly as many bytes as <paramref name="to"/> is long, and checks its sum.</summary>
    /// <returns>False when the stream is damaged or of another length; what was written is then undefined.</returns>
    public abstract bool TryDecode(ReadOnlySpan<byte> from, Span<byte> to);
}
