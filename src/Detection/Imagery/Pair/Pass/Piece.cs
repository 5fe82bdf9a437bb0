using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>Candidate pixels side by side within one row and one cloud cell, with what they add to their object.</summary>
internal struct Piece
{
    public int Row;

    /// <summary>First column.</summary>
    public int From;

    /// <summary>One past the last column.</summary>
    public int To;

    public LaneArray Sums;

    /// <summary>One float for each of <see cref="Objects.ObjectSums.Lane"/>.</summary>
    [InlineArray(Objects.ObjectSums.Lanes)]
    public struct LaneArray
    {
        private float _first;
    }
}

/// <summary>
/// The pieces of some columns in row order. They stay in memory while the shared budget lasts and then go to a temporary file, so that a
/// scene full of change costs disk and not memory.
/// </summary>
/// <remarks>One thread writes; when all is written, one reads, once.</remarks>
internal sealed class PieceSpool(PieceBudget budget) : IDisposable
{
    private const int PagePieces = 512;
    private static readonly int PageBytes = PagePieces * Unsafe.SizeOf<Piece>();
    private readonly List<Piece[]?> _pages = [];
    private Piece[] _page = new Piece[PagePieces];
    private int _used;
    private FileStream? _file;

    /// <summary>Pieces that were added.</summary>
    public long Count { get; private set; }

    public void Add(in Piece piece)
    {
        if (_used == PagePieces)
        {
            TurnPage();
        }

        _page[_used++] = piece;
        Count++;
    }

    public IEnumerable<Piece> Read()
    {
        for (var i = 0; i < _pages.Count; i++)
        {
            foreach (var piece in _pages[i]!)
            {
                yield return piece;
            }

            _pages[i] = null;
            budget.Return(PageBytes);
        }

        if (_file is not null)
        {
            _file.Position = 0;
            var page = new Piece[PagePieces];
            while (_file.Position < _file.Length)
            {
                _file.ReadExactly(MemoryMarshal.AsBytes(page.AsSpan()));
                foreach (var piece in page)
                {
                    yield return piece;
                }
            }
        }

        for (var i = 0; i < _used; i++)
        {
            yield return _page[i];
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        budget.Return((long)_pages.RemoveAll(p => p is not null) * PageBytes);
        _pages.Clear();
    }

    private void TurnPage()
    {
        if (_file is null && budget.Take(PageBytes))
        {
            _pages.Add(_page);
            _page = new Piece[PagePieces];
        }
        else
        {
            _file ??= budget.NewFile();
            _file.Write(MemoryMarshal.AsBytes(_page.AsSpan()));
        }

        _used = 0;
    }
}

/// <summary>Where the pieces of one comparison lie: in memory while there is some, then in files.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class PieceBudget(string folder, PassMemory memory)
{
    private int _files;

    /// <summary>Whether there is room for as many bytes; then they are taken.</summary>
    public bool Take(int bytes) => memory.TryTake(bytes);

    public void Return(long bytes) => memory.Return(bytes);

    public FileStream NewFile() => new(
        Path.Combine(folder, $"pieces-{Interlocked.Increment(ref _files)}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
}
