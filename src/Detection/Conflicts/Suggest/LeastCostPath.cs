using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Conflicts.Suggest;

/// <summary>
/// The cheapest way over a grid between two places (Dijkstra 1959, with 16 directions), drawn with few corners: of all chains of straight pieces between its cells the cheapest,
/// where each corner costs as much as a least segment. Deterministic: equal costs are decided by the number of the cell.
/// </summary>
internal static class LeastCostPath
{
    private const int MostCorners = 400;

    private static readonly (int X, int Y)[] Moves =
    [
        (1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1), (2, 1), (1, 2), (-1, 2), (-2, 1), (-2, -1), (-1, -2), (1, -2), (2, -1),
    ];

    /// <summary>The way with its ends at the places themselves, or null when there is none.</summary>
    public static List<Coordinate>? Find(CostGrid grid, Coordinate from, Coordinate to, double leastSegment, CancellationToken cancellation)
    {
        if (Cells(grid, grid.CellOf(from), grid.CellOf(to), cancellation) is not { } cells)
        {
            return null;
        }

        var way = cells.Select(grid.At).ToList();
        (way[0], way[^1]) = (from, to);
        if (way.Count == 1)
        {
            return null;
        }

        return Straightened(grid, Thinned(way), leastSegment, cancellation);
    }

    private static List<int>? Cells(CostGrid grid, int start, int goal, CancellationToken cancellation)
    {
        var count = grid.Width * grid.Height;
        var cost = new double[count];
        var before = new int[count];
        Array.Fill(cost, double.PositiveInfinity);
        Array.Fill(before, -1);
        var queue = new PriorityQueue<int, (double Cost, int Cell)>();
        cost[start] = 0;
        queue.Enqueue(start, (0, start));
        var steps = 0;
        while (queue.TryDequeue(out var cell, out var at))
        {
            if (at.Cost > cost[cell])
            {
                continue;
            }

            if (cell == goal)
            {
                break;
            }

            if ((++steps & 0xfff) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            var (x, y) = (cell % grid.Width, cell / grid.Width);
            foreach (var (dx, dy) in Moves)
            {
                var (nx, ny) = (x + dx, y + dy);
                if (nx < 0 || ny < 0 || nx >= grid.Width || ny >= grid.Height)
                {
                    continue;
                }

                // A knight's move also pays for the two cells that it passes between.
                var price = Math.Abs(dx) + Math.Abs(dy) == 3
                    ? (grid[x, y] + grid[nx, ny] + grid[x + (dx / 2), y + (dy / 2)] + grid[nx - (dx / 2), ny - (dy / 2)]) / 4
                    : (grid[x, y] + grid[nx, ny]) / 2;
                var next = (ny * grid.Width) + nx;
                var total = at.Cost + (price * grid.Step * Math.Sqrt((dx * dx) + (dy * dy)));
                if (total < cost[next] && !double.IsInfinity(total))
                {
                    (cost[next], before[next]) = (total, cell);
                    queue.Enqueue(next, (total, next));
                }
            }
        }

        if (double.IsInfinity(cost[goal]))
        {
            return null;
        }

        var way = new List<int> { goal };
        while (way[^1] != start)
        {
            way.Add(before[way[^1]]);
        }

        way.Reverse();
        return way;
    }

    /// <summary>Cells along straight runs are no corners, and of very long ways not each is.</summary>
    private static List<Coordinate> Thinned(List<Coordinate> way)
    {
        var step = Math.Max(1, way.Count / MostCorners);
        return [.. way.Where((_, i) => i == 0 || i == way.Count - 1 || i % step == 0)];
    }

    private static List<Coordinate> Straightened(CostGrid grid, List<Coordinate> way, double leastSegment, CancellationToken cancellation)
    {
        var count = way.Count;
        var least = new double[count];
        var before = new int[count];
        Array.Fill(least, double.PositiveInfinity);
        least[0] = 0;
        var corner = Math.Max(leastSegment, grid.Step) * BaseCost(grid);
        for (var i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var j = i + 1; j < count; j++)
            {
                var length = way[i].Distance(way[j]);
                if (length < leastSegment && !(i == 0 && j == count - 1) && j != count - 1)
                {
                    continue;
                }

                var total = least[i] + corner + CostBetween(grid, way[i], way[j], length);
                if (total < least[j])
                {
                    (least[j], before[j]) = (total, i);
                }
            }
        }

        if (double.IsInfinity(least[^1]))
        {
            return way;
        }

        var corners = new List<Coordinate> { way[^1] };
        for (var at = count - 1; at != 0; at = before[at])
        {
            corners.Add(way[before[at]]);
        }

        corners.Reverse();
        return corners;
    }

    private static double BaseCost(CostGrid grid)
    {
        var least = float.PositiveInfinity;
        for (var row = 0; row < grid.Height; row++)
        {
            for (var column = 0; column < grid.Width; column++)
            {
                least = Math.Min(least, grid[column, row]);
            }
        }

        return least;
    }

    private static double CostBetween(CostGrid grid, Coordinate a, Coordinate b, double length)
    {
        var parts = Math.Max(1, (int)Math.Ceiling(length / (grid.Step / 2)));
        double sum = 0;
        for (var i = 0; i < parts; i++)
        {
            var t = (i + 0.5) / parts;
            sum += grid.CostAt(new Coordinate(a.X + (t * (b.X - a.X)), a.Y + (t * (b.Y - a.Y))));
        }

        return sum * length / parts;
    }
}
