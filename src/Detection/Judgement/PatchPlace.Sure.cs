using System.Runtime.InteropServices;

namespace Monitoring.Detection.Judgement;

/// <summary>Whether what an outline, drawn in by the tolerance, holds of the patch is large enough, found without drawing it in.</summary>
internal sealed partial class PatchPlace
{
    /// <summary>Shares of the tolerance between which the library's buffer of an edge ends: its chords come short of the arc, and shallow corners are left out.</summary>
    private const double SurelyOff = 1.02;
    private const double SurelyNear = 0.97;
    private const int CellsAtMost = 900;

    /// <summary>
    /// The patch's box in ever smaller cells: one that lies inside, clear of all edges, counts; one near an edge, or outside, does not; the rest is halved. Null where
    /// the cells become too many before it is sure.
    /// </summary>
    private bool? IsDrawnInEnough(Near near)
    {
        var edges = EdgesAround(near);
        if (edges is null)
        {
            return null;
        }

        var half = ToleranceMeters / 2;
        var (columns, rows) = (Math.Ceiling(Box.Width / (2 * half)), Math.Ceiling(Box.Height / (2 * half)));
        if (!(half > 0) || !(columns * rows <= CellsAtMost))
        {
            return null;
        }

        List<(double X, double Y)> cells = new((int)(columns * rows)), rest = [];
        for (var column = 0; column < columns; column++)
        {
            for (var row = 0; row < rows; row++)
            {
                cells.Add((Box.MinX + (((2 * column) + 1) * half), Box.MinY + (((2 * row) + 1) * half)));
            }
        }

        var inside = 0.0;
        for (var seen = 0; cells.Count > 0 && (seen += cells.Count) <= CellsAtMost;)
        {
            var open = 0.0;
            rest.Clear();
            foreach (var (x, y) in cells)
            {
                var area = Flat.WithBox(x - half, x + half, y - half, y + half);
                if (area <= 0)
                {
                    continue;
                }

                var (distance, corner) = (DistanceTo(edges, x, y), half * Math.Sqrt(2));
                if (distance + corner <= SurelyNear * ToleranceMeters || (distance > corner && !Holds(near, x, y)))
                {
                    continue;
                }

                if (distance - corner >= SurelyOff * ToleranceMeters)
                {
                    inside += area;
                    continue;
                }

                open += area;
                rest.Add((x, y));
            }

            if (inside >= MinAreaSquareMeters * (1 + 1e-6))
            {
                return true;
            }

            if (inside + open < MinAreaSquareMeters * (1 - 1e-6))
            {
                return false;
            }

            half /= 2;
            cells.Clear();
            foreach (var (x, y) in rest)
            {
                cells.Add((x - half, y - half));
                cells.Add((x + half, y - half));
                cells.Add((x - half, y + half));
                cells.Add((x + half, y + half));
            }
        }

        return null;
    }

    /// <summary>The edges in the neighbourhood, in metres.</summary>
    private EdgeIndex.Found[]? EdgesAround(Near near)
    {
        if (near.Ring is { } ring)
        {
            var edges = new EdgeIndex.Found[ring.Edges];
            for (var i = 0; i < edges.Length; i++)
            {
                edges[i] = new(ring.X[i], ring.Y[i], ring.X[i + 1], ring.Y[i + 1], 0);
            }

            return edges;
        }

        if (near.Edges is null)
        {
            return null;
        }

        var found = Scratch;
        near.Edges.Find(SearchBox.MinX, SearchBox.MaxX, SearchBox.MinY, SearchBox.MaxY, found);
        foreach (ref var edge in CollectionsMarshal.AsSpan(found))
        {
            var ((x0, y0), (x1, y1)) = (Plane.ToMeters(edge.X0, edge.Y0), Plane.ToMeters(edge.X1, edge.Y1));
            edge = new(x0, y0, x1, y1, 0);
        }

        return [.. found];
    }

    /// <summary>Distance to the nearest of the edges, where it is less than the neighbourhood's reach.</summary>
    private static double DistanceTo(EdgeIndex.Found[] edges, double x, double y)
    {
        var nearest = double.PositiveInfinity;
        foreach (ref readonly var edge in edges.AsSpan())
        {
            nearest = Math.Min(nearest, FlatRing.SquareDistance(x, y, edge.X0, edge.Y0, edge.X1, edge.Y1));
        }

        return Math.Sqrt(nearest);
    }

    private bool Holds(Near near, double x, double y)
    {
        if (near.Ring is { } ring)
        {
            return ring.Holds(x, y);
        }

        var (longitude, latitude) = Plane.ToDegrees(x, y);
        return near.Edges!.Holds(longitude, latitude);
    }
}
