using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Monitoring.Detection.Imagery.Ccdc.Watch;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// A tile's states in few bytes, without loss. Most pixels of a tile were clear on the same days, so the products of their models' design,
/// counts and days are the same: these are written once for all that share them, and of each pixel only what is its own.
/// docs/algorithms/ccdc.md gives the layout.
/// </summary>
/// <remarks>A workspace: not thread-safe, allocates nothing once it has met its largest tile.</remarks>
internal sealed class WatchPacking
{
    private const int HeaderBytes = 8;
    private const int SharedBytes = (SeasonModel.Products * sizeof(double)) + sizeof(double) + (8 * sizeof(ushort));
    private const int SharedWords = SharedBytes / sizeof(ulong);
    private const int OwnSums = 8;
    private const int PendingBytes = 10;
    private const int BreakBytes = 14;

    /// <summary>No pixel takes more.</summary>
    public const int MostBytesOfPixel = SharedBytes + sizeof(uint) + PendingBytes + (WatchState.Capacity * sizeof(short)) + BreakBytes + 1;

    /// <summary>Nor a tile more beside its pixels.</summary>
    public const int MostBytesBeside = 64;

    private readonly SharedKeys _shared = new(SharedWords);
    private int[] _group = [];

    /// <summary>Bytes that a tile of so many pixels never goes beyond.</summary>
    public static long MostBytes(long pixels) => (pixels * MostBytesOfPixel) + MostBytesBeside;

    /// <summary>Packs a tile.</summary>
    /// <param name="into">At least <see cref="MostBytes"/> long.</param>
    /// <returns>Bytes that were written.</returns>
    public int Pack(Span<WatchState> states, Span<byte> into)
    {
        GroupAll(states);
        var groups = _shared.Count;
        var at = HeaderBytes;
        BinaryPrimitives.WriteInt32LittleEndian(into, states.Length);
        BinaryPrimitives.WriteInt32LittleEndian(into[4..], groups);
        MemoryMarshal.AsBytes(_shared.Keys).CopyTo(into[at..]);
        at += groups * SharedBytes;
        var narrow = groups <= ushort.MaxValue + 1;
        foreach (var group in _group.AsSpan(0, states.Length))
        {
            if (narrow)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(into[at..], (ushort)group);
                at += sizeof(ushort);
            }
            else
            {
                BinaryPrimitives.WriteInt32LittleEndian(into[at..], group);
                at += sizeof(int);
            }
        }

        var bitmap = into.Slice(at, (states.Length + 7) / 8);
        bitmap.Clear();
        at += bitmap.Length;
        for (var i = 0; i < states.Length; i++)
        {
            ref var state = ref states[i];
            BinaryPrimitives.WriteInt16LittleEndian(into[at..], state.PendingValue);
            BinaryPrimitives.WriteSingleLittleEndian(into[(at + 2)..], state.PendingEvidence);
            BinaryPrimitives.WriteSingleLittleEndian(into[(at + 6)..], state.PendingDeviation);
            at += PendingBytes;
            if (state.Stored == WatchStage.Following)
            {
                MemoryMarshal.AsBytes(state.Sums.Slice(SeasonModel.Products, OwnSums)).CopyTo(into[at..]);
                at += OwnSums * sizeof(double);
            }
            else
            {
                foreach (var look in state.Kept[..state.Looks])
                {
                    BinaryPrimitives.WriteInt16LittleEndian(into[at..], look.Value);
                    at += sizeof(short);
                }
            }

            if (state.LastBreakDay != 0)
            {
                bitmap[i / 8] |= (byte)(1 << (i % 8));
                BinaryPrimitives.WriteUInt16LittleEndian(into[at..], state.LastBreakAfter);
                BinaryPrimitives.WriteUInt16LittleEndian(into[(at + 2)..], state.LastBreakDay);
                BinaryPrimitives.WriteUInt16LittleEndian(into[(at + 4)..], state.LastBreakSeen);
                BinaryPrimitives.WriteSingleLittleEndian(into[(at + 6)..], state.LastBreakEvidence);
                BinaryPrimitives.WriteSingleLittleEndian(into[(at + 10)..], state.LastBreakChange);
                at += BreakBytes;
            }
        }

        return at;
    }

    /// <summary>Unpacks what <see cref="Pack"/> gave for as many pixels.</summary>
    /// <exception cref="InvalidDataException">It is not that.</exception>
    public static void Unpack(ReadOnlySpan<byte> from, Span<WatchState> states)
    {
        var groups = from.Length < HeaderBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(from[4..]);
        if (groups < 0 || groups > states.Length || BinaryPrimitives.ReadInt32LittleEndian(from) != states.Length)
        {
            throw new InvalidDataException("A tile holds another number of pixels.");
        }

        try
        {
            var shared = from.Slice(HeaderBytes, groups * SharedBytes);
            var at = HeaderBytes + shared.Length;
            var width = groups <= ushort.MaxValue + 1 ? sizeof(ushort) : sizeof(int);
            var index = from.Slice(at, states.Length * width);
            at += index.Length;
            var bitmap = from.Slice(at, (states.Length + 7) / 8);
            at += bitmap.Length;
            for (var i = 0; i < states.Length; i++)
            {
                var group = width == sizeof(ushort) ? BinaryPrimitives.ReadUInt16LittleEndian(index[(i * width)..]) : BinaryPrimitives.ReadInt32LittleEndian(index[(i * width)..]);
                ref var state = ref states[i];
                Spread(shared.Slice(group * SharedBytes, SharedBytes), ref state);
                state.PendingValue = BinaryPrimitives.ReadInt16LittleEndian(from[at..]);
                state.PendingEvidence = BinaryPrimitives.ReadSingleLittleEndian(from[(at + 2)..]);
                state.PendingDeviation = BinaryPrimitives.ReadSingleLittleEndian(from[(at + 6)..]);
                at += PendingBytes;
                if (state.Stored == WatchStage.Following)
                {
                    from.Slice(at, OwnSums * sizeof(double)).CopyTo(MemoryMarshal.AsBytes(state.Sums.Slice(SeasonModel.Products, OwnSums)));
                    at += OwnSums * sizeof(double);
                }
                else
                {
                    foreach (ref var look in state.Kept[..state.Looks])
                    {
                        look = look with { Value = BinaryPrimitives.ReadInt16LittleEndian(from[at..]) };
                        at += sizeof(short);
                    }
                }

                (state.LastBreakAfter, state.LastBreakDay, state.LastBreakSeen, state.LastBreakEvidence, state.LastBreakChange) = (0, 0, 0, 0, 0);
                if ((bitmap[i / 8] & (1 << (i % 8))) != 0)
                {
                    state.LastBreakAfter = BinaryPrimitives.ReadUInt16LittleEndian(from[at..]);
                    state.LastBreakDay = BinaryPrimitives.ReadUInt16LittleEndian(from[(at + 2)..]);
                    state.LastBreakSeen = BinaryPrimitives.ReadUInt16LittleEndian(from[(at + 4)..]);
                    state.LastBreakEvidence = BinaryPrimitives.ReadSingleLittleEndian(from[(at + 6)..]);
                    state.LastBreakChange = BinaryPrimitives.ReadSingleLittleEndian(from[(at + 10)..]);
                    at += BreakBytes;
                }
            }
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new InvalidDataException("A tile ends before its last pixel.");
        }
    }

    /// <summary>Numbers what pixels share.</summary>
    private void GroupAll(Span<WatchState> states)
    {
        _group = _group.Length < states.Length ? new int[states.Length] : _group;
        _shared.Clear(states.Length);
        Span<ulong> key = stackalloc ulong[SharedWords];
        for (var i = 0; i < states.Length; i++)
        {
            Gather(ref states[i], MemoryMarshal.AsBytes(key));
            _group[i] = _shared.Of(key);
        }
    }

    private static void Gather(ref WatchState state, Span<byte> key)
    {
        var products = SeasonModel.Products * sizeof(double);
        if (state.Stored == WatchStage.Following)
        {
            MemoryMarshal.AsBytes(state.Sums[..SeasonModel.Products]).CopyTo(key);
            BinaryPrimitives.WriteDoubleLittleEndian(key[products..], state.Sums[SeasonModel.RoughLooks]);
        }
        else
        {
            key[..(products + sizeof(double))].Clear();
            var kept = state.Kept[..state.Looks];
            for (var k = 0; k < kept.Length; k++)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(key[(k * sizeof(ushort))..], kept[k].Day);
            }
        }

        var counts = MemoryMarshal.Cast<byte, ushort>(key[(products + sizeof(double))..]);
        (counts[0], counts[1], counts[2], counts[3]) = ((ushort)state.Stored, state.Looks, state.LastDay, state.PendingDay);
        (counts[4], counts[5], counts[6], counts[7]) = (state.GainRun, state.LossRun, state.LossDay, state.LossAfter);
    }

    private static void Spread(ReadOnlySpan<byte> key, ref WatchState state)
    {
        var products = SeasonModel.Products * sizeof(double);
        var counts = MemoryMarshal.Cast<byte, ushort>(key[(products + sizeof(double))..]);
        ((ushort, ushort, ushort, ushort) stage, (ushort, ushort, ushort, ushort) runs) = ((counts[0], counts[1], counts[2], counts[3]), (counts[4], counts[5], counts[6], counts[7]));
        (state.Stored, state.Looks, state.LastDay, state.PendingDay) = ((WatchStage)stage.Item1, stage.Item2, stage.Item3, stage.Item4);
        (state.GainRun, state.LossRun, state.LossDay, state.LossAfter) = runs;
        if (state.Stored == WatchStage.Following)
        {
            key[..products].CopyTo(MemoryMarshal.AsBytes(state.Sums[..SeasonModel.Products]));
            state.Sums[SeasonModel.RoughLooks] = BinaryPrimitives.ReadDoubleLittleEndian(key[products..]);
            return;
        }

        if (state.Looks > WatchState.Capacity)
        {
            throw new InvalidDataException("A tile holds more looks of a pixel than fit.");
        }

        state.Sums.Clear();
        var kept = state.Kept[..state.Looks];
        for (var k = 0; k < kept.Length; k++)
        {
            kept[k] = new KeptLook(BinaryPrimitives.ReadUInt16LittleEndian(key[(k * sizeof(ushort))..]), 0);
        }
    }
}
