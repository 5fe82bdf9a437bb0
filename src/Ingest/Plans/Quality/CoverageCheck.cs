using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;
using NetTopologySuite.IO;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Ingest.Plans.Quality;

/// <summary>
/// Finds overlaps, gaps and slivers of a layer of polygons without comparing all pairs: corners are snapped to a tolerance, each edge is
/// matched with the opposite edge of its neighbour, and only edges without partner (the outer boundary, gaps, overlaps) are looked at
/// further. An overlap shows at an edge of one feature that enters another, and is followed from there to its neighbours; a gap is a ring
/// of edges with nothing on the other side. On a plane about the layer's middle; areas that are told are geodesic. Use once.
/// </summary>
/// <remarks>Idea of matching edges: Ledoux, Ohori, Meijers (2014), A triangulation-based approach to automatically repair GIS polygons, section 2.</remarks>
internal sealed class CoverageCheck
{
    /// <summary>Pairs that are followed from overlap to overlap; a heap of copies would make every pair one.</summary>
    private const int MostPairs = 200_000;

    private const int MostIslands = 5_000;

    private readonly double _tolerance;
    private readonly double _sliverWidth;
    private readonly Geometry[] _shapes;
    private readonly SnappedVertices _vertices;
    private readonly List<int>[] _rings;
    private readonly double _lon0;
    private readonly double _lat0;
    private readonly double _perLon;
    private readonly double _perLat;
    private readonly GeometryFactory _factory = new();
    private readonly CoverageResult _result = new();
    private readonly HashSet<(int, int)> _tested = [];
    private readonly STRtree<int> _tree = new();

    /// <param name="shapes">Polygons in degrees.</param>
    public CoverageCheck(double toleranceMeters, double sliverWidthMeters, Geometry[] shapes)
    {
        (_tolerance, _sliverWidth, _shapes) = (toleranceMeters, sliverWidthMeters, shapes);
        _vertices = new SnappedVertices(toleranceMeters);
        _rings = new List<int>[shapes.Length];
        var box = new Envelope();
        foreach (var shape in shapes)
            box.ExpandToInclude(shape.EnvelopeInternal);
        (_lon0, _lat0) = box.IsNull ? (0, 0) : (box.Centre.X, box.Centre.Y);

        // Metres of a degree at the layer's middle; the series of the ellipsoid's radii is not needed for a tolerance.
        var phi = _lat0 * Math.PI / 180;
        _perLat = 111_132.92 - (559.82 * Math.Cos(2 * phi)) + (1.175 * Math.Cos(4 * phi));
        _perLon = (111_412.84 * Math.Cos(phi)) - (93.5 * Math.Cos(3 * phi));
    }

    public CoverageResult Run(bool gaps, double widestGapMeters, CancellationToken cancellationToken)
    {
        var edges = Edges();
        var (alone, sameWay) = Unmatched(edges, countCommon: true);
        cancellationToken.ThrowIfCancellationRequested();
        if (alone.Count > 0)
        {
            (alone, sameWay) = Unmatched(Split(alone), countCommon: false);
            Overlaps(alone, sameWay, cancellationToken);
            if (gaps)
                Gaps(alone, widestGapMeters, cancellationToken);
        }

        return _result;
    }

    private readonly record struct Edge(int From, int To, int Owner);

    /// <summary>All edges with the feature on their left; also finds slivers.</summary>
    private List<Edge> Edges()
    {
        var edges = new List<Edge>(_shapes.Length * 6);
        for (var owner = 0; owner < _shapes.Length; owner++)
        {
            var rings = new List<int>();
            double area = 0, length = 0;
            for (var part = 0; part < _shapes[owner].NumGeometries; part++)
            {
                if (_shapes[owner].GetGeometryN(part) is not Polygon polygon)
                    continue;
                Ring(polygon.ExteriorRing, wantsLeft: true);
                for (var hole = 0; hole < polygon.NumInteriorRings; hole++)
                    Ring(polygon.GetInteriorRingN(hole), wantsLeft: false);
            }

            _rings[owner] = rings;
            if (length > 0 && 2 * area / length < _sliverWidth)
                _result.Slivers.Add(new SliverFound(owner, 2 * area / length));

            void Ring(LineString ring, bool wantsLeft)
            {
                var start = rings.Count;
                var coordinates = ring.Coordinates;
                for (var i = 0; i < coordinates.Length - 1; i++)
                {
                    var id = _vertices.IdOf((coordinates[i].X - _lon0) * _perLon, (coordinates[i].Y - _lat0) * _perLat);
                    if (rings.Count == start || rings[^1] != id)
                        rings.Add(id);
                }

                while (rings.Count > start + 1 && rings[^1] == rings[start])
                    rings.RemoveAt(rings.Count - 1);
                double twice = 0;
                for (var i = start; i < rings.Count; i++)
                {
                    int a = rings[i], b = rings[i + 1 < rings.Count ? i + 1 : start];
                    twice += (_vertices.X(a) * _vertices.Y(b)) - (_vertices.X(b) * _vertices.Y(a));
                    length += Distance(a, b);
                }

                area += wantsLeft ? Math.Abs(twice) / 2 : -Math.Abs(twice) / 2;
                if (twice > 0 != wantsLeft)
                    rings.Reverse(start, rings.Count - start);
                for (var i = start; i < rings.Count; i++)
                {
                    int a = rings[i], b = rings[i + 1 < rings.Count ? i + 1 : start];
                    if (a != b)
                        edges.Add(new Edge(a, b, owner));
                }

                // Marks the end of a ring.
                rings.Add(-1);
            }
        }

        return edges;
    }

    /// <summary>Edges that are not met by exactly one opposite edge, and pairs of features with an edge in the same direction.</summary>
    private (List<Edge> Alone, List<(int, int)> SameWay) Unmatched(List<Edge> edges, bool countCommon)
    {
        var keys = new ulong[edges.Count];
        var order = new int[edges.Count];
        for (var i = 0; i < edges.Count; i++)
        {
            var edge = edges[i];
            keys[i] = ((ulong)(uint)Math.Min(edge.From, edge.To) << 32) | (uint)Math.Max(edge.From, edge.To);
            order[i] = i;
        }

        Array.Sort(keys, order);
        var alone = new List<Edge>();
        var sameWay = new List<(int, int)>();
        for (int start = 0, end; start < keys.Length; start = end)
        {
            for (end = start + 1; end < keys.Length && keys[end] == keys[start]; end++)
            {
            }

            if (end - start == 2 && edges[order[start]].From == edges[order[start + 1]].To)
            {
                _result.CommonEdges += countCommon ? 1 : 0;
                continue;
            }

            for (var i = start; i < end; i++)
            {
                var edge = edges[order[i]];
                alone.Add(edge);
                for (var j = start; j < i && j < start + 10; j++)
                {
                    if (edges[order[j]].From == edge.From && edges[order[j]].Owner != edge.Owner)
                        sameWay.Add(Pair(edges[order[j]].Owner, edge.Owner));
                }
            }
        }

        return (alone, sameWay);
    }

    /// <summary>Cuts edges at corners of neighbours that lie on them.</summary>
    private List<Edge> Split(List<Edge> alone)
    {
        var corners = new STRtree<int>();
        foreach (var vertex in alone.SelectMany(e => new[] { e.From, e.To }).Distinct())
            corners.Insert(new Envelope(_vertices.X(vertex), _vertices.X(vertex), _vertices.Y(vertex), _vertices.Y(vertex)), vertex);
        var split = new List<Edge>(alone.Count);
        var on = new List<(double At, int Vertex)>();
        foreach (var edge in alone)
        {
            double ax = _vertices.X(edge.From), ay = _vertices.Y(edge.From), dx = _vertices.X(edge.To) - ax, dy = _vertices.Y(edge.To) - ay;
            var square = (dx * dx) + (dy * dy);
            var box = EnvelopeOf(edge);
            box.ExpandBy(_tolerance);
            on.Clear();
            foreach (var vertex in corners.Query(box))
            {
                if (vertex == edge.From || vertex == edge.To)
                    continue;
                double x = _vertices.X(vertex) - ax, y = _vertices.Y(vertex) - ay, along = ((x * dx) + (y * dy)) / square;
                if (along is > 0 and < 1 && Math.Abs((x * dy) - (y * dx)) <= _tolerance * Math.Sqrt(square))
                    on.Add((along, vertex));
            }

            if (on.Count == 0)
            {
                split.Add(edge);
                continue;
            }

            on.Sort();
            _result.MissingNodes += on.Count;
            var from = edge.From;
            foreach (var (_, vertex) in on)
            {
                split.Add(new Edge(from, vertex, edge.Owner));
                from = vertex;
            }

            split.Add(new Edge(from, edge.To, edge.Owner));
        }

        return split;
    }

    private void Overlaps(List<Edge> alone, List<(int, int)> sameWay, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _shapes.Length; i++)
        {
            var box = _shapes[i].EnvelopeInternal;
            _tree.Insert(new Envelope((box.MinX - _lon0) * _perLon, (box.MaxX - _lon0) * _perLon, (box.MinY - _lat0) * _perLat, (box.MaxY - _lat0) * _perLat), i);
        }

        var found = new Queue<OverlapFound>();
        foreach (var (first, second) in sameWay)
            Test(first, second, found);
        foreach (var edge in alone)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var other in _tree.Query(EnvelopeOf(edge)))
            {
                if (other != edge.Owner && !_tested.Contains(Pair(edge.Owner, other)) && Enters(edge, other))
                    Test(edge.Owner, other, found);
            }
        }

        // Layers that lie one over the other hide the overlaps within: every edge has its partner there.
        while (found.TryDequeue(out var overlap) && _tested.Count < MostPairs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var box = PlaneBox(overlap.Shape.EnvelopeInternal);
            foreach (var other in _tree.Query(box))
            {
                if (other != overlap.First)
                    Test(overlap.First, other, found);
                if (other != overlap.Second)
                    Test(overlap.Second, other, found);
            }
        }
    }

    private void Test(int first, int second, Queue<OverlapFound> found)
    {
        if (!_tested.Add(Pair(first, second)) || !_shapes[first].EnvelopeInternal.Intersects(_shapes[second].EnvelopeInternal))
            return;
        Geometry common;
        try
        {
            common = Polygonal(OverlayNGRobust.Overlay(Plane(first), Plane(second), NetTopologySuite.Operation.Overlay.SpatialFunction.Intersection));
        }
        catch (TopologyException)
        {
            // Rounding on the way to degrees can cross two sides that all but touch; the pair is counted, not guessed.
            _result.Untraced++;
            return;
        }

        if (common.IsEmpty || 2 * common.Area / common.Length <= 2 * _tolerance)
            return;
        var shape = Degrees(common);
        var overlap = new OverlapFound(Math.Min(first, second), Math.Max(first, second), shape, GeodesicArea(shape), 2 * common.Area / common.Length);
        _result.Overlaps.Add(overlap);
        found.Enqueue(overlap);
    }

    /// <summary>True when part of an edge lies within another feature, deeper than the tolerance.</summary>
    private bool Enters(Edge edge, int other)
    {
        double ax = _vertices.X(edge.From), ay = _vertices.Y(edge.From), dx = _vertices.X(edge.To) - ax, dy = _vertices.Y(edge.To) - ay;
        var cuts = new List<double> { 0, 1 };
        foreach (var (a, b) in Sides(other))
        {
            double px = _vertices.X(a), py = _vertices.Y(a), qx = _vertices.X(b) - px, qy = _vertices.Y(b) - py;
            var cross = (dx * qy) - (dy * qx);
            if (cross == 0)
                continue;
            double along = (((px - ax) * qy) - ((py - ay) * qx)) / cross, across = (((px - ax) * dy) - ((py - ay) * dx)) / cross;
            if (along is > 0 and < 1 && across is >= 0 and <= 1)
                cuts.Add(along);
        }

        cuts.Sort();
        for (var i = 1; i < cuts.Count; i++)
        {
            var middle = (cuts[i - 1] + cuts[i]) / 2;
            if (IsDeepWithin(ax + (middle * dx), ay + (middle * dy), other))
                return true;
        }

        return false;
    }

    private bool IsDeepWithin(double x, double y, int feature)
    {
        var within = false;
        foreach (var (a, b) in Sides(feature))
        {
            double ax = _vertices.X(a), ay = _vertices.Y(a), bx = _vertices.X(b), by = _vertices.Y(b);
            if ((ay > y) != (by > y) && x < ((bx - ax) * (y - ay) / (by - ay)) + ax)
                within = !within;
            double dx = bx - ax, dy = by - ay, square = (dx * dx) + (dy * dy);
            var along = square == 0 ? 0 : Math.Clamp((((x - ax) * dx) + ((y - ay) * dy)) / square, 0, 1);
            double ex = ax + (along * dx) - x, ey = ay + (along * dy) - y;
            if ((ex * ex) + (ey * ey) <= _tolerance * _tolerance)
                return false;
        }

        return within;
    }

    private void Gaps(List<Edge> alone, double widest, CancellationToken cancellationToken)
    {
        // What has as much on one side as on the other is inside; the rest is turned round, so that the empty side is on the left.
        var outgoing = new Dictionary<int, List<int>>();
        var empty = new List<Edge>();
        foreach (var group in alone.GroupBy(e => (Math.Min(e.From, e.To), Math.Max(e.From, e.To))))
        {
            var net = group.Sum(e => e.From < e.To ? 1 : -1);
            if (net == 0)
                continue;
            var edge = group.First(e => (e.From < e.To) == (net > 0));
            (outgoing.TryGetValue(edge.To, out var list) ? list : outgoing[edge.To] = []).Add(empty.Count);
            empty.Add(new Edge(edge.To, edge.From, edge.Owner));
        }

        var used = new bool[empty.Count];
        for (var first = 0; first < empty.Count; first++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (used[first])
                continue;
            var ring = new List<int>();
            var at = first;
            while (!used[at])
            {
                used[at] = true;
                ring.Add(at);
                at = NextOnLeft(empty, outgoing, at);
                if (at < 0)
                    break;
            }

            if (at != first)
            {
                _result.Untraced += ring.Count;
                continue;
            }

            foreach (var simple in Simple([.. ring.Select(e => empty[e])]))
            {
                if (simple.Length >= 3 && simple.Sum(e => (_vertices.X(e.From) * _vertices.Y(e.To)) - (_vertices.X(e.To) * _vertices.Y(e.From))) > 0)
                    AddGap(simple, widest);
            }
        }
    }

    /// <summary>A ring that comes back to a corner it had before is two rings that touch there.</summary>
    private static IEnumerable<Edge[]> Simple(Edge[] ring)
    {
        var path = new List<Edge>();
        var at = new Dictionary<int, int>();
        foreach (var edge in ring)
        {
            at[edge.From] = path.Count;
            path.Add(edge);
            if (!at.TryGetValue(edge.To, out var start))
                continue;
            yield return [.. path.Skip(start)];
            foreach (var closed in path.Skip(start))
                at.Remove(closed.From);
            path.RemoveRange(start, path.Count - start);
        }
    }

    /// <summary>The edge that keeps the face on the left: the first one clockwise from where we came.</summary>
    private int NextOnLeft(List<Edge> edges, Dictionary<int, List<int>> outgoing, int at)
    {
        if (!outgoing.TryGetValue(edges[at].To, out var choices))
            return -1;
        if (choices.Count == 1)
            return choices[0];
        var back = Angle(edges[at].To, edges[at].From);
        return choices.MinBy(c =>
        {
            var turn = (back - Angle(edges[c].From, edges[c].To)) % (2 * Math.PI);
            return turn <= 0 ? turn + (2 * Math.PI) : turn;
        });
    }

    private double Angle(int from, int to) => Math.Atan2(_vertices.Y(to) - _vertices.Y(from), _vertices.X(to) - _vertices.X(from));

    private void AddGap(Edge[] ring, double widest)
    {
        Coordinate[] corners = [.. ring.Append(ring[0]).Select(e => new Coordinate(_vertices.X(e.From), _vertices.Y(e.From)))];
        Geometry gap = _factory.CreatePolygon(corners);
        var within = _tree.Query(gap.EnvelopeInternal);

        // Where features cross each other without corners there, their edges do not bound anything.
        if (within.Count > MostIslands || !gap.IsValid)
        {
            _result.Untraced += ring.Length;
            return;
        }

        // Islands within, and features that overlap others at this place, are no gap.
        if (within.Count > 0)
            gap = OverlayNGRobust.Overlay(gap, OverlayNGRobust.Union(within.Select(Plane)), NetTopologySuite.Operation.Overlay.SpatialFunction.Difference);
        for (var part = 0; part < gap.NumGeometries; part++)
        {
            if (gap.GetGeometryN(part) is not Polygon piece || piece.IsEmpty)
                continue;
            var width = 2 * piece.Area / piece.Length;
            if (width <= _tolerance || width > widest)
                continue;
            var shape = Degrees(piece);
            _result.Gaps.Add(new GapFound(shape, GeodesicArea(shape), width, [.. ring.Select(e => e.Owner).Distinct()]));
        }
    }

    private IEnumerable<(int A, int B)> Sides(int feature)
    {
        var rings = _rings[feature];
        var start = 0;
        for (var i = 0; i < rings.Count; i++)
        {
            if (rings[i] < 0)
            {
                start = i + 1;
                continue;
            }

            yield return (rings[i], rings[i + 1] < 0 ? rings[start] : rings[i + 1]);
        }
    }

    private Geometry Plane(int feature)
    {
        var plane = _shapes[feature].Copy();
        plane.Apply(new Shift(c => (c.X, c.Y) = ((c.X - _lon0) * _perLon, (c.Y - _lat0) * _perLat)));
        plane.GeometryChanged();
        return plane;
    }

    private Geometry Degrees(Geometry plane)
    {
        var shape = plane.Copy();
        shape.Apply(new Shift(c => (c.X, c.Y) = ((c.X / _perLon) + _lon0, (c.Y / _perLat) + _lat0)));
        shape.GeometryChanged();
        return shape;
    }

    private Envelope PlaneBox(Envelope box) => new((box.MinX - _lon0) * _perLon, (box.MaxX - _lon0) * _perLon, (box.MinY - _lat0) * _perLat, (box.MaxY - _lat0) * _perLat);

    private Geometry Polygonal(Geometry any) => any is IPolygonal
        ? any
        : _factory.CreateMultiPolygon([.. Enumerable.Range(0, any.NumGeometries).Select(any.GetGeometryN).OfType<Polygon>()]);

    private Envelope EnvelopeOf(Edge edge) => new(_vertices.X(edge.From), _vertices.X(edge.To), _vertices.Y(edge.From), _vertices.Y(edge.To));

    private double Distance(int a, int b) => Math.Sqrt(Math.Pow(_vertices.X(a) - _vertices.X(b), 2) + Math.Pow(_vertices.Y(a) - _vertices.Y(b), 2));

    private static (int, int) Pair(int one, int other) => one < other ? (one, other) : (other, one);

    private static double GeodesicArea(Geometry shape) => Geodesic.Cgcs2000.Measure(new WKBWriter().Write(shape)).Area;

    private sealed class Shift(Action<Coordinate> move) : ICoordinateFilter
    {
        public void Filter(Coordinate coord) => move(coord);
    }
}
