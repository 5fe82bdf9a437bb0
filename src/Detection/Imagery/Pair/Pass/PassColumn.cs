using System.Numerics.Tensors;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Pair.Scoring;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>One column of tiles of a pass, from the top of the scene to its bottom.</summary>
/// <remarks>One thread at a time.</remarks>
internal sealed class PassColumn
{
    private readonly RowScorer _scorer;
    private readonly Grid _grid;
    private readonly CloudCells _cells;
    private readonly PairOverview _overview;
    private readonly PassLayers _layers;
    private readonly byte _threshold;

    public PassColumn(PairModel model, BandPairing pairing, Grid grid, int left, int side, CloudCells cells, PairOverview overview, PassLayers layers, PieceSpool pieces)
    {
        (Left, Width) = (left, Math.Min(side, grid.Width - left));
        (_grid, _cells, _overview, _layers, _threshold, Pieces) = (grid, cells, overview, layers, model.Candidate, pieces);
        _scorer = new RowScorer(model, pairing, Left, Width, 0, grid.Width, 0, grid.Height, layers.Scores is null ? _threshold : 0);
    }

    public int Left { get; }

    public int Width { get; }

    /// <summary>The candidate pixels, in row order.</summary>
    public PieceSpool Pieces { get; }

    /// <summary>Takes the next tile, with what lies beside it; after the scene's last one, finishes.</summary>
    public void Score(PassTile room)
    {
        var someHidden = false;
        var (tile, before, after) = (room.Window, room.Before, room.After);
        var (top, rows, isLast) = (tile.Y, tile.Height, tile.Y + tile.Height == _grid.Height);
        var overviewRow = _overview.FirstRow(top);
        for (var y = top; y < top + rows; y++)
        {
            _scorer.Add(y, before, after);
            var clear = _scorer.Clear;
            _cells.AddRow(y, Left, _scorer.Flags, clear);
            var hidden = room.Hidden.AsSpan((y - top) * Width, Width);
            if (_scorer.IsAllClear)
            {
                hidden.Clear();
            }
            else
            {
                someHidden |= clear.Contains((byte)0);
                TensorPrimitives.Xor(clear, (byte)1, hidden);
            }

            overviewRow = _overview.AddRow(overviewRow, y, tile, _scorer.Model, before, after);
            Collect();
        }

        for (var i = 0; isLast && i < RowScorer.Reach; i++)
        {
            _scorer.AddNothing();
            Collect();
        }

        if (someHidden)
        {
            _layers.WriteHidden(tile, room.Hidden.AsSpan(0, Width * rows));
        }
    }

    private void Collect()
    {
        if (!_scorer.HasRow)
        {
            return;
        }

        var levels = _scorer.Levels;
        _layers.Scores?.Write(new PixelWindow(Left, _scorer.Row, Width, 1), levels);
        if (!_scorer.MayReachLeast)
        {
            return;
        }

        Piece piece = default;
        for (var x = 0; x < Width;)
        {
            var skip = levels[x..].IndexOfAnyInRange(_threshold, (byte)(PairDetector.NotObserved - 1));
            if (skip < 0)
            {
                return;
            }

            var from = x + skip;
            var length = levels[from..].IndexOfAnyExceptInRange(_threshold, (byte)(PairDetector.NotObserved - 1));
            var end = length < 0 ? Width : from + length;
            for (; from < end; from = x)
            {
                // A piece lies in one cell, so that a cloud takes it whole or leaves it whole.
                x = Math.Min(end, ((Left + from) / _cells.Side * _cells.Side) + _cells.Side - Left);
                piece = default;
                (piece.Row, piece.From, piece.To) = (_scorer.Row, Left + from, Left + x);
                _scorer.AddTo(piece.From, piece.To, piece.Sums);
                Pieces.Add(piece);
            }
        }
    }
}
