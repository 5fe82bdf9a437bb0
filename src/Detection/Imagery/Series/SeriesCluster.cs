using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Domain.Geometry;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>Takes one history of a member.</summary>
internal delegate void HistoryVisit(in PixelHistory history);

/// <summary>The rasters that clusters are read from, and the buffers to read into: a strip at a time, whatever a cluster's size.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class ClusterStrips(RasterLayer marks, RasterDataset histories, int pixels)
{
    private static readonly int[] Every = [.. Enumerable.Range(1, PixelHistory.Fields)];
    private byte[] _read = [];
    private byte[] _marks = [];
    private ushort[] _fields = [];

    /// <summary>Pixels of a window that are held at once; a window of one row may have more.</summary>
    public int Pixels => pixels;

    /// <summary>A window as strips of whole rows, from the top.</summary>
    public IEnumerable<PixelWindow> Of(PixelWindow window)
    {
        var rows = Math.Max(1, pixels / window.Width);
        for (var y = 0; y < window.Height; y += rows)
        {
            yield return new PixelWindow(window.X, window.Y + y, window.Width, Math.Min(rows, window.Height - y));
        }
    }

    /// <summary>Marks of a cluster's pixels, 0 where a pixel is not the cluster's. Good until the next call.</summary>
    /// <param name="runs">Of the cluster, those of the strip's rows at least, all within its columns; sorted.</param>
    public Span<byte> Marks(PixelWindow strip, ReadOnlySpan<PixelRun> runs)
    {
        var count = (int)strip.PixelCount;
        Grow(ref _read, count);
        Grow(ref _marks, count);
        marks.Read<byte>(strip, _read);
        var own = _marks.AsSpan(0, count);
        own.Clear();
        var first = runs.BinarySearch(new PixelRun(strip.Y, 0, 0));
        for (var i = first < 0 ? ~first : first; i < runs.Length && runs[i].Row < strip.Y + strip.Height; i++)
        {
            var at = ((runs[i].Row - strip.Y) * strip.Width) + runs[i].From - strip.X;
            _read.AsSpan(at, runs[i].Length).CopyTo(own[at..]);
        }

        return own;
    }

    /// <summary>All fields of the histories, [field][row][column]. Good until the next call.</summary>
    public ReadOnlySpan<ushort> Histories(PixelWindow strip)
    {
        var count = Every.Length * (int)strip.PixelCount;
        Grow(ref _fields, count);
        histories.Read<ushort>(Every, strip, strip.Width, strip.Height, _fields);
        return _fields.AsSpan(0, count);
    }

    /// <summary>The stages alone. Good until the next call.</summary>
    public Span<ushort> Stages(PixelWindow strip)
    {
        Grow(ref _fields, (int)strip.PixelCount);
        histories.Read<ushort>(PixelHistory.StageField, strip, _fields);
        return _fields.AsSpan(0, (int)strip.PixelCount);
    }

    public void WriteStages(PixelWindow strip, ReadOnlySpan<ushort> stages) => histories.Write(PixelHistory.StageField, strip, stages);

    private static void Grow<T>(ref T[] buffer, int length) => buffer = buffer.Length < length ? new T[length] : buffer;
}

/// <summary>One connected group of marked pixels. Marks and histories are read strip by strip: a railway across a scene costs time, and memory for its runs alone.</summary>
internal sealed class SeriesCluster
{
    private readonly ClusterStrips _strips;
    private readonly PixelRun[] _runs;
    private readonly PixelWindow _window;
    private readonly GeoTransform _transform;
    private readonly int[] _counts = new int[byte.MaxValue + 1];

    /// <param name="transform">Of the whole grid.</param>
    public SeriesCluster(ClusterStrips strips, FoundObject found, GeoTransform transform)
    {
        var box = found.Extent;
        (_strips, _runs, _transform, Pixels) = (strips, [.. found.Runs], transform, box.Pixels);
        _window = new PixelWindow(box.Left, box.Top, box.Right - box.Left + 1, box.Bottom - box.Top + 1);
        var streaks = new int[_window.Width];
        foreach (var strip in strips.Of(_window))
        {
            var marks = strips.Marks(strip, _runs);
            foreach (var mark in marks)
            {
                _counts[mark]++;
            }

            for (var y = 0; y < strip.Height && !IsThick; y++)
            {
                IsThick = Thickens(marks.Slice(y * strip.Width, strip.Width), streaks);
            }
        }
    }

    public int Pixels { get; }

    /// <summary>Somewhere three pixels wide and high: a line along a road or a village's edge is not.</summary>
    public bool IsThick { get; }

    public int Count(byte kind) => _counts[kind];

    /// <summary>Shows the histories of those members whose mark is wanted, row by row.</summary>
    public void Visit(Func<byte, bool> wanted, HistoryVisit visit)
    {
        foreach (var strip in _strips.Of(_window))
        {
            var marks = _strips.Marks(strip, _runs);
            var histories = _strips.Histories(strip);
            for (var i = 0; i < marks.Length; i++)
            {
                if (marks[i] != 0 && wanted(marks[i]))
                {
                    visit(PixelHistory.Read(histories, i, marks.Length));
                }
            }
        }
    }

    /// <summary>Writes into the histories how far its pixels were told of.</summary>
    /// <param name="stageOf">From a member's mark; null leaves the stage as it is.</param>
    public void SetStages(Func<byte, PixelStage?> stageOf)
    {
        foreach (var strip in _strips.Of(_window))
        {
            var marks = _strips.Marks(strip, _runs);
            var stages = _strips.Stages(strip);
            for (var i = 0; i < marks.Length; i++)
            {
                if (marks[i] != 0 && stageOf(marks[i]) is { } stage)
                {
                    stages[i] = (ushort)stage;
                }
            }

            _strips.WriteStages(strip, stages);
        }
    }

    /// <summary>Along its pixels, or along coarser cells of so many pixels a side; parts that meet in a corner only are several polygons of one patch.</summary>
    public (Outline Outline, int Cell) Outline(GridGeodesy geodesy)
    {
        var drawn = PatchOutline.AlongPixels(_runs, _transform);
        return (geodesy.OutlineOf(drawn.Shape.AsBinary()), drawn.Cell);
    }

    /// <summary>Takes the next row; true when a third row in a row is three wide at the same place.</summary>
    private static bool Thickens(ReadOnlySpan<byte> row, Span<int> streaks)
    {
        for (var x = 1; x < row.Length - 1; x++)
        {
            streaks[x] = row[x - 1] != 0 && row[x] != 0 && row[x + 1] != 0 ? streaks[x] + 1 : 0;
            if (streaks[x] == 3)
            {
                return true;
            }
        }

        return false;
    }
}
