using System.Runtime.InteropServices;

namespace Monitoring.Detection.Imagery.Patches;

/// <summary>
/// Joins runs of pixels, given row by row, to 8-connected groups with their sums. A group is closed as soon as a row passes that does not
/// touch it; those that are too small are forgotten at once, so memory holds what is open and what is kept, whatever the raster's height.
/// </summary>
/// <remarks>Runs of a row are joined with those of the row above (He et al. 2008). Not thread-safe.</remarks>
/// <param name="lanes">Sums that each group carries, ≥ 0.</param>
/// <param name="leastPixels">Smaller groups are dropped (sieve).</param>
public sealed class ObjectScanner(int lanes, int leastPixels)
{
    private readonly List<Open> _slots = [];
    private readonly Stack<int> _free = [];
    private readonly List<int> _merged = [];
    private readonly List<FoundObject> _kept = [];
    private List<Span> _above = [];
    private List<Span> _here = [];
    private int _row = -1;
    private int _first;
    private int _last;

    /// <summary>Takes the next run; rows do not go back, and within a row columns do not. A run that touches the one before continues it.</summary>
    public void Add(PixelRun run, ReadOnlySpan<float> sums)
    {
        if (run.Row != _row)
        {
            EndRow();
            if (run.Row != _row)
            {
                // A row without pixels in between closes everything.
                EndRow();
            }

            (_row, _first) = (run.Row, 0);
        }

        var slot = -1;
        if (_here.Count > 0 && _here[^1].To == run.From)
        {
            slot = Find(_here[^1].Slot);
            _here[^1] = _here[^1] with { To = run.To };
        }

        while (_first < _above.Count && _above[_first].To < run.From)
        {
            _first++;
        }

        for (var k = _first; k < _above.Count && _above[k].From <= run.To; k++)
        {
            slot = slot < 0 ? Find(_above[k].Slot) : Join(slot, Find(_above[k].Slot));
        }

        if (slot < 0)
        {
            slot = NewSlot();
        }

        _slots[slot].Take(run, sums);
        _last = slot;
        if (_here.Count == 0 || _here[^1].To != run.To || _here[^1].From > run.From)
        {
            _here.Add(new Span(run.From, run.To, slot));
        }
    }

    /// <summary>Takes a row of a mask: what is not 0 is part of a group.</summary>
    public void AddRow(int y, ReadOnlySpan<byte> mask)
    {
        for (var from = mask.IndexOfAnyExcept((byte)0); from >= 0;)
        {
            var length = mask[from..].IndexOf((byte)0);
            var to = length < 0 ? mask.Length : from + length;
            Add(new PixelRun(y, from, to), []);
            var skip = mask[to..].IndexOfAnyExcept((byte)0);
            from = skip < 0 ? -1 : to + skip;
        }
    }

    /// <summary>Adds sums to the group that the last run lies in.</summary>
    public void Give(ReadOnlySpan<double> sums) => _slots[Find(_last)].Take(sums);

    /// <summary>Closes what is open.</summary>
    /// <returns>The groups that are large enough, in the order of their first pixel, row by row.</returns>
    public IReadOnlyList<FoundObject> End()
    {
        EndRow();
        EndRow();
        _kept.Sort((a, b) => a.Runs[0].CompareTo(b.Runs[0]));
        return _kept;
    }

    private void EndRow()
    {
        foreach (ref var span in CollectionsMarshal.AsSpan(_here))
        {
            span = span with { Slot = Find(span.Slot) };
        }

        foreach (var span in _above)
        {
            var slot = Find(span.Slot);
            if (_slots[slot].LastRow < _row && _slots[slot].IsOpen)
            {
                Close(slot);
            }
        }

        foreach (var slot in _merged)
        {
            _free.Push(slot);
        }

        _merged.Clear();
        (_above, _here) = (_here, _above);
        _here.Clear();
        _first = 0;
        _row++;
    }

    private void Close(int slot)
    {
        var open = _slots[slot];
        if (open.Extent.Pixels >= leastPixels)
        {
            _kept.Add(open.Keep());
        }

        open.Forget();
        _free.Push(slot);
    }

    private int NewSlot()
    {
        if (!_free.TryPop(out var slot))
        {
            slot = _slots.Count;
            _slots.Add(new Open(lanes));
        }

        _slots[slot].Begin(slot);
        return slot;
    }

    private int Find(int slot)
    {
        while (_slots[slot].Parent != slot)
        {
            slot = _slots[slot].Parent = _slots[_slots[slot].Parent].Parent;
        }

        return slot;
    }

    /// <summary>Makes two groups one; the longer list of runs stays where it is.</summary>
    private int Join(int a, int b)
    {
        if (a == b)
        {
            return a;
        }

        if (_slots[a].Runs < _slots[b].Runs)
        {
            (a, b) = (b, a);
        }

        _slots[a].Take(_slots[b]);
        _slots[b].Parent = a;
        _merged.Add(b);
        return a;
    }

    private readonly record struct Span(int From, int To, int Slot);

    /// <summary>A group that may still grow.</summary>
    private sealed class Open(int lanes)
    {
        /// <summary>Runs that an idle group keeps room for.</summary>
        private const int MostIdle = 4096;

        private List<PixelRun> _runs = [];
        private double[] _sums = new double[lanes];

        public int Parent { get; set; }

        public int LastRow { get; private set; }

        public bool IsOpen { get; private set; }

        public Component Extent { get; private set; }

        public int Runs => _runs.Count;

        public void Begin(int slot) => (Parent, LastRow, IsOpen, Extent) = (slot, -1, true, Component.None);

        public void Take(PixelRun run, ReadOnlySpan<float> sums)
        {
            if (_runs.Count > 0 && _runs[^1] is var last && last.Row == run.Row && last.To == run.From)
            {
                _runs[^1] = last with { To = run.To };
            }
            else
            {
                _runs.Add(run);
            }

            LastRow = run.Row;
            Extent = Extent.With(new Component(run.Length, run.From, run.Row, run.To - 1, run.Row));
            for (var i = 0; i < sums.Length; i++)
            {
                _sums[i] += sums[i];
            }
        }

        public void Take(ReadOnlySpan<double> sums)
        {
            for (var i = 0; i < sums.Length; i++)
            {
                _sums[i] += sums[i];
            }
        }

        public void Take(Open other)
        {
            _runs.AddRange(other._runs);
            LastRow = Math.Max(LastRow, other.LastRow);
            Extent = Extent.With(other.Extent);
            for (var i = 0; i < _sums.Length; i++)
            {
                _sums[i] += other._sums[i];
            }

            other.Forget();
        }

        public FoundObject Keep()
        {
            // The list has room for more and serves the next group; what is kept is kept for long and takes what it needs.
            _runs.Sort();
            Mend(_runs);
            var kept = new FoundObject(new List<PixelRun>(_runs), _sums, Extent);
            _sums = new double[_sums.Length];
            return kept;
        }

        public void Forget()
        {
            IsOpen = false;
            _runs = _runs.Capacity > MostIdle ? [] : _runs;
            _runs.Clear();
            Array.Clear(_sums);
        }

        /// <summary>Runs that came in pieces from groups that were joined later become one.</summary>
        private static void Mend(List<PixelRun> runs)
        {
            var to = 0;
            for (var i = 1; i < runs.Count; i++)
            {
                if (runs[to].Row == runs[i].Row && runs[to].To == runs[i].From)
                {
                    runs[to] = runs[to] with { To = runs[i].To };
                }
                else
                {
                    runs[++to] = runs[i];
                }
            }

            if (runs.Count > 0)
            {
                runs.RemoveRange(to + 1, runs.Count - to - 1);
            }
        }
    }
}
