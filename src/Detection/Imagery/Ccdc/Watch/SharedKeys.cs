using System.Numerics;

namespace Monitoring.Detection.Imagery.Ccdc.Watch;

/// <summary>Numbers keys of a fixed length in the order in which they first come: what many pixels of a tile share is worked on once.</summary>
/// <remarks>A workspace: not thread-safe, allocates nothing once it has met its largest tile.</remarks>
/// <param name="words">Length of a key.</param>
internal sealed class SharedKeys(int words)
{
    private ulong[] _keys = new ulong[words * 256];
    private int[] _slots = [];
    private int _last = -1;

    public int Count { get; private set; }

    /// <summary>All keys one after another.</summary>
    public ReadOnlySpan<ulong> Keys => _keys.AsSpan(0, Count * words);

    public ReadOnlySpan<ulong> this[int number] => _keys.AsSpan(number * words, words);

    /// <summary>Forgets all keys.</summary>
    /// <param name="most">So many keys may come.</param>
    public void Clear(int most)
    {
        var slots = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(most, 16) * 2);
        if (_slots.Length < slots)
        {
            _slots = new int[slots];
        }
        else
        {
            _slots.AsSpan().Clear();
        }

        (Count, _last) = (0, -1);
    }

    /// <summary>Number of a key, from 0.</summary>
    public int Of(ReadOnlySpan<ulong> key)
    {
        // Neighbours mostly share all.
        if (_last < 0 || !key.SequenceEqual(this[_last]))
        {
            _last = Find(key);
        }

        return _last;
    }

    private int Find(ReadOnlySpan<ulong> key)
    {
        uint low = 0, high = 1;
        for (var w = 0; w < key.Length; w += 2)
        {
            low = BitOperations.Crc32C(low, key[w]);
            high = BitOperations.Crc32C(high, w + 1 < key.Length ? key[w + 1] : 0);
        }

        var mask = _slots.Length - 1;
        for (var slot = (int)(low ^ (high * 0x9E3779B1)) & mask; ; slot = (slot + 1) & mask)
        {
            var number = _slots[slot] - 1;
            if (number >= 0 && key.SequenceEqual(this[number]))
            {
                return number;
            }

            if (number < 0)
            {
                if (_keys.Length < (Count + 1) * words)
                {
                    Array.Resize(ref _keys, _keys.Length * 2);
                }

                key.CopyTo(_keys.AsSpan(Count * words));
                _slots[slot] = ++Count;
                return Count - 1;
            }
        }
    }
}
