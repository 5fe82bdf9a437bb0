using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Monitoring.Gdal.Native;

/// <summary>
/// ISA-L (Intel's Intelligent Storage Acceleration Library), where the machine has it: decodes two or three short symbols at once, which is what
/// the differences of neighbouring pixels are made of. A fifth less time than libdeflate for scenes.
/// </summary>
/// <remarks>
/// Only its decoder of bare deflate streams (RFC 1951) is called, whose arguments lie at the beginning of its state in every release of this name of
/// the library; the two bytes before and the sum behind are looked at here.
/// </remarks>
internal sealed unsafe class IsalInflate : Inflate
{
    /// <summary>Changes when what the calls mean changes.</summary>
    private const string Name = "libisal.so.2";

    /// <summary>The library's own state takes 85 KB; the rest is room for a later release.</summary>
    private const int StateBytes = 128 << 10;

    /// <summary>Before the deflate stream and behind it.</summary>
    private const int HeaderBytes = 2, SumBytes = 4;

    private static readonly nint Library = nint.Size == 8 && BitConverter.IsLittleEndian && NativeLibrary.TryLoad(Name, out var library) ? library : 0;

    private static readonly delegate* unmanaged[Cdecl]<State*, void> Init = (delegate* unmanaged[Cdecl]<State*, void>)Export("isal_inflate_init");

    private static readonly delegate* unmanaged[Cdecl]<State*, int> Decompress = (delegate* unmanaged[Cdecl]<State*, int>)Export("isal_inflate_stateless");

    private static readonly delegate* unmanaged[Cdecl]<uint, byte*, ulong, uint> Adler = (delegate* unmanaged[Cdecl]<uint, byte*, ulong, uint>)Export("isal_adler32");

    private IsalInflate(nint pointer) : base(pointer)
    {
    }

    /// <summary>A decoder, or null where the library is not there.</summary>
    public static IsalInflate? TryCreate() =>
        Init == null || Decompress == null || Adler == null ? null : new((nint)NativeMemory.AlignedAlloc(StateBytes, 64));

    public override bool TryDecode(ReadOnlySpan<byte> from, Span<byte> to)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (from.Length < HeaderBytes + SumBytes || !IsHeader(from))
            return false;
        fixed (byte* source = from, target = to)
        {
            var state = (State*)handle;
            Init(state);
            state->NextIn = source + HeaderBytes;
            state->AvailableIn = (uint)(from.Length - HeaderBytes);
            state->NextOut = target;
            state->AvailableOut = (uint)to.Length;
            return Decompress(state) == 0
                && state->TotalOut == (uint)to.Length
                && state->AvailableIn >= SumBytes
                && BinaryPrimitives.ReadUInt32BigEndian(from[^(int)state->AvailableIn..]) == Adler(1, target, (ulong)to.Length);
        }
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }

    /// <summary>Deflate, a window that the format knows, no dictionary of one's own, and right by its check (RFC 1950, section 2.2).</summary>
    private static bool IsHeader(ReadOnlySpan<byte> stream) =>
        (stream[0] & 0x0F) == 8 && stream[0] >> 4 <= 7 && (stream[1] & 0x20) == 0 && BinaryPrimitives.ReadUInt16BigEndian(stream) % 31 == 0;

    private static nint Export(string name) => Library != 0 && NativeLibrary.TryGetExport(Library, name, out var export) ? export : 0;

    /// <summary>What <c>struct inflate_state</c> begins with.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct State
    {
        public byte* NextOut;
        public uint AvailableOut;
        public uint TotalOut;
        public byte* NextIn;
        public ulong ReadIn;
        public uint AvailableIn;
        public int ReadInLength;
    }
}
