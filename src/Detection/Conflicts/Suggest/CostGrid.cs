using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;

namespace Monitoring.Detection.Conflicts.Suggest;

/// <summary>
/// Cost of one metre of axis at the middle of each cell: the subject's own, and for each zone that its width would touch there, weight × width. Cells that the asker may not be told of are
/// closed. Row-major from the south-west, height × width.
/// </summary>
internal sealed class CostGrid
{
    private readonly float[] _cost;

    private CostGrid(double x, double y, double step, int width, int height, float[] cost) => (X, Y, Step, Width, Height, _cost) = (x, y, step, width, height, cost);

    /// <summary>Middle of the south-western cell.</summary>
    public double X { get; }

    public double Y { get; }

    /// <summary>m.</summary>
    public double Step { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Cost of a metre; infinite where closed.</summary>
    public float this[int column, int row] => _cost[(row * Width) + column];

    public Coordinate At(int cell) => new(X + (cell % Width * Step), Y + (cell / Width * Step));

    /// <summary>The cell that a place lies in, or the nearest of the grid.</summary>
    public int CellOf(Coordinate place) =>
        (Math.Clamp((int)Math.Round((place.Y - Y) / Step), 0, Height - 1) * Width) + Math.Clamp((int)Math.Round((place.X - X) / Step), 0, Width - 1);

    public float CostAt(Coordinate place)
    {
        var cell = CellOf(place);
        return _cost[cell];
    }

    /// <param name="margin">Share of a cell that is kept free beside zones, so that a line between cells and its bends do not reach into them.</param>
    public static CostGrid Of(CostField field, Envelope box, double subjectWidth, double step, int mostCells, double margin, Geometry? allowed)
    {
        step = Math.Max(step, Math.Sqrt(box.Area / mostCells) * 1.01);
        var (width, height) = ((int)Math.Ceiling(box.Width / step) + 1, (int)Math.Ceiling(box.Height / step) + 1);
        var cost = new float[width * height];
        Array.Fill(cost, (float)(field.SelfWeight * subjectWidth));
        var frame = box.Copy();
        frame.ExpandBy(subjectWidth + (2 * step));
        var half = (subjectWidth / 2) + (margin * step);
        foreach (var zone in field.Zones)
        {
            var ground = Shapes.Common(zone.Zone.Ground, new GeometryFactory().ToGeometry(frame));

            // Drawn out by half the subject's width (drawn in, for what must be inside): then the axis alone decides.
            var shape = zone.IsOutside ? ground.Buffer(-half) : Shapes.Grow(Shapes.Areas(ground), half);
            var add = (float)(zone.Weight * subjectWidth);
            if (zone.IsOutside)
            {
                for (var i = 0; i < cost.Length; i++)
                {
                    cost[i] += add;
                }

                add = -add;
            }

            Fill(shape, (column, row) => cost[(row * width) + column] += add);
        }

        if (allowed is not null)
        {
            var open = new bool[cost.Length];
            Fill(allowed.Buffer(-half), (column, row) => open[(row * width) + column] = true);
            for (var i = 0; i < cost.Length; i++)
            {
                cost[i] = open[i] ? cost[i] : float.PositiveInfinity;
            }
        }

        return new CostGrid(box.MinX, box.MinY, step, width, height, cost);

        // Row by row between the crossings of the outline, even-odd.
        void Fill(Geometry shape, Action<int, int> mark)
        {
            var crossings = new List<double>[height];
            foreach (var line in LinearComponentExtracter.GetLines(shape).Cast<LineString>())
            {
                var corners = line.Coordinates;
                for (var i = 1; i < corners.Length; i++)
                {
                    var (a, b) = corners[i].Y < corners[i - 1].Y ? (corners[i], corners[i - 1]) : (corners[i - 1], corners[i]);
                    var (first, last) = (Math.Max(0, (int)Math.Ceiling((a.Y - box.MinY) / step)), Math.Min(height - 1, (int)Math.Ceiling((b.Y - box.MinY) / step) - 1));
                    for (var row = first; row <= last; row++)
                    {
                        var y = box.MinY + (row * step);
                        (crossings[row] ??= []).Add(a.X + ((y - a.Y) / (b.Y - a.Y) * (b.X - a.X)));
                    }
                }
            }

            for (var row = 0; row < height; row++)
            {
                if (crossings[row] is not { } xs)
                {
                    continue;
                }

                xs.Sort();
                for (var i = 0; i + 1 < xs.Count; i += 2)
                {
                    var (first, last) = (Math.Max(0, (int)Math.Ceiling((xs[i] - box.MinX) / step)), Math.Min(width - 1, (int)Math.Floor((xs[i + 1] - box.MinX) / step)));
                    for (var column = first; column <= last; column++)
                    {
                        mark(column, row);
                    }
                }
            }
        }
    }
}
