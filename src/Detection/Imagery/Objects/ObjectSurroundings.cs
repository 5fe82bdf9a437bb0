using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Imagery.Objects;

/// <summary>
/// How like the changes around it an object's own change is. Harvest, drying soil and another light move many neighbours the same way; a building
/// site moves its own ground only.
/// </summary>
/// <remarks>
/// Likeness of object i = Σ k(d) · A · cos(i, j) / (Σ k(d) · A + A of i) over the other candidates j, within −1 and 1, 0 without neighbours: A their area,
/// cos that of the angle between the changes of their mean roots of reflectance, each band in deviations of the scene, and k = 1 − (d/1 km)², never
/// below 0. Candidates that share a cell of 250 m count as one at their common centre, so that dense scenes cost no more than others by the pair.
/// Read-only once made, and thread-safe; the same objects in the same order give the same numbers.
/// </remarks>
internal sealed class ObjectSurroundings
{
    /// <summary>No neighbour counts from here on.</summary>
    private const double ReachMeters = 1000;
    private const int CellsInReach = 4;

    private readonly Member[] _members;

    /// <summary>In pixels.</summary>
    private readonly double _reach;

    /// <summary>Side of a cell in pixels; not under one, so that places of coarse grids stay small numbers.</summary>
    private readonly double _side;

    /// <summary>Cells that hold a candidate, row by row.</summary>
    private readonly Cell[] _cells;

    /// <param name="candidates">All of the pair.</param>
    /// <param name="gsdMeters">Side of a pixel, &gt; 0.</param>
    public ObjectSurroundings(IReadOnlyList<(ObjectSums Sums, ObjectShape Shape)> candidates, SceneContext scene, double gsdMeters)
    {
        _reach = ReachMeters / gsdMeters;
        _side = Math.Max(1, _reach / CellsInReach);
        _members = new Member[candidates.Count];
        var order = new (int Row, int Column, int Object)[candidates.Count];
        for (var i = 0; i < order.Length; i++)
        {
            var shape = candidates[i].Shape;
            double x = (shape.Left + shape.Right + 1.0) / 2, y = (shape.Top + shape.Bottom + 1.0) / 2;
            _members[i] = new Member(x, y, shape.Pixels, Direction(candidates[i].Sums, scene));
            order[i] = ((int)(y / _side), (int)(x / _side), i);
        }

        Array.Sort(order);
        var cells = new List<Cell>();
        foreach (var at in order)
        {
            if (cells.Count == 0 || (cells[^1].Row, cells[^1].Column) != (at.Row, at.Column))
            {
                cells.Add(new Cell { Row = at.Row, Column = at.Column });
            }

            CollectionsMarshal.AsSpan(cells)[^1].Add(_members[at.Object], 1);
        }

        _cells = [.. cells];
    }

    /// <summary>Of the candidate at this place in the list.</summary>
    public float Likeness(int at)
    {
        ref readonly var me = ref _members[at];
        int row = (int)(me.Y / _side), column = (int)(me.X / _side);
        double like = 0, weights = me.Pixels;
        for (var r = row - CellsInReach; r <= row + CellsInReach; r++)
        {
            for (var i = First(r, column - CellsInReach); i < _cells.Length && _cells[i].Row == r && _cells[i].Column <= column + CellsInReach; i++)
            {
                var cell = _cells[i];
                if (r == row && cell.Column == column)
                {
                    cell.Add(me, -1);
                }

                if (cell.Count == 0)
                {
                    continue;
                }

                double dx = ((cell.X / cell.Pixels) - me.X) / _reach, dy = ((cell.Y / cell.Pixels) - me.Y) / _reach;
                var near = Math.Max(0, 1 - (dx * dx) - (dy * dy));
                weights += near * cell.Pixels;
                for (var k = 0; k < RoleValues.Count; k++)
                {
                    like += near * cell.Direction[k] * me.Direction[k];
                }
            }
        }

        return (float)(like / weights);
    }

    /// <summary>First cell that is not before this place.</summary>
    private int First(int row, int column)
    {
        int from = 0, to = _cells.Length;
        while (from < to)
        {
            var middle = (from + to) / 2;
            var isBefore = _cells[middle].Row < row || (_cells[middle].Row == row && _cells[middle].Column < column);
            (from, to) = isBefore ? (middle + 1, to) : (from, middle);
        }

        return from;
    }

    /// <summary>Change of the mean roots in deviations of the scene, of length 1; 0 for bands that the scenes lack.</summary>
    private static RoleValues Direction(ObjectSums sums, SceneContext scene)
    {
        RoleValues change = default;
        double length = 0;
        for (var k = 0; k < RoleValues.Count; k++)
        {
            var (before, after) = (sums.Before((BandRole)k), sums.After((BandRole)k));
            var d = (Math.Sqrt(Math.Max(0, after)) - Math.Sqrt(Math.Max(0, before))) / scene.DeviationRoot[k];
            change[k] = double.IsFinite(d) ? (float)d : 0;
            length += (double)change[k] * change[k];
        }

        var scale = length > 0 ? (float)(1 / Math.Sqrt(length)) : 0;
        for (var k = 0; k < RoleValues.Count; k++)
        {
            change[k] *= scale;
        }

        return change;
    }

    /// <param name="X">Middle of its box, in pixels.</param>
    private readonly record struct Member(double X, double Y, double Pixels, RoleValues Direction);

    /// <summary>Sums over the candidates of a cell, each weighing as many pixels as it has.</summary>
    private struct Cell
    {
        public int Row, Column;
        public int Count;
        public double Pixels, X, Y;
        public RoleDoubles Direction;

        public void Add(in Member member, int times)
        {
            Count += times;
            var weight = times * member.Pixels;
            Pixels += weight;
            X += weight * member.X;
            Y += weight * member.Y;
            for (var k = 0; k < RoleValues.Count; k++)
            {
                Direction[k] += weight * member.Direction[k];
            }
        }
    }

    [InlineArray(RoleValues.Count)]
    private struct RoleDoubles
    {
        private double _first;
    }
}
