using System.Globalization;
using System.Xml.Linq;
using NetTopologySuite.Geometries;

namespace Monitoring.Ingest.Plans.XPlan;

/// <param name="Shape">With arcs drawn as lines, at most a millimetre beside them.</param>
/// <param name="Corners">The points that the plan states, without those that draw arcs; a ring's first point stands once.</param>
internal sealed record GmlShape(Geometry Shape, IReadOnlyList<Coordinate> Corners, string? Crs);

/// <summary>Reads GML 3.2 geometries with arcs (OGC 07-036, ISO 19136). Two neighbours that state the same arc get the same line, whichever way each runs.</summary>
internal static class GmlGeometry
{
    private const double ArcTolerance = 0.001;
    private const int MostArcSteps = 720;
    private static readonly GeometryFactory Factory = new();

    private static readonly HashSet<string> Kinds =
        ["Polygon", "Surface", "MultiSurface", "MultiPolygon", "CompositeSurface", "LineString", "Curve", "MultiCurve", "MultiLineString", "CompositeCurve", "OrientableCurve", "Point", "MultiPoint"];

    public static bool IsGeometry(XElement element) => element.Name.NamespaceName.StartsWith("http://www.opengis.net/gml", StringComparison.Ordinal) && Kinds.Contains(element.Name.LocalName);

    /// <exception cref="FormatException">The element is no geometry that is understood; the message says what.</exception>
    public static GmlShape Read(XElement element)
    {
        var corners = new List<Coordinate>();
        var shape = Shape(element, corners);
        var crs = element.DescendantsAndSelf().Select(e => (string?)e.Attribute("srsName")).FirstOrDefault(s => s is not null);
        return new GmlShape(shape, corners, crs);
    }

    private static Geometry Shape(XElement element, List<Coordinate> corners)
    {
        switch (element.Name.LocalName)
        {
            case "Polygon" or "PolygonPatch" or "Rectangle" or "Triangle":
                return Polygon(element, corners);
            case "Surface" or "MultiSurface" or "MultiPolygon" or "CompositeSurface":
                Polygon[] parts = [.. element.Elements().SelectMany(e => e.Elements()).Where(e => e.Name.LocalName is "Polygon" or "PolygonPatch" or "Surface" or "CompositeSurface" or "Rectangle" or "Triangle")
                    .Select(e => Shape(e, corners)).SelectMany(g => Enumerable.Range(0, g.NumGeometries).Select(g.GetGeometryN)).OfType<Polygon>()];
                return parts.Length == 1 ? parts[0] : Factory.CreateMultiPolygon(parts);
            case "LineString" or "Curve" or "CompositeCurve" or "OrientableCurve":
                return Factory.CreateLineString([.. Line(element, corners)]);
            case "MultiCurve" or "MultiLineString":
                return Factory.CreateMultiLineString([.. element.Elements().SelectMany(e => e.Elements()).Select(e => Factory.CreateLineString([.. Line(e, corners)]))]);
            case "Point":
                var at = Positions(element).FirstOrDefault() ?? throw new FormatException("a point has no coordinates");
                corners.Add(at);
                return Factory.CreatePoint(at);
            case "MultiPoint":
                return Factory.CreateMultiPoint([.. element.Descendants().Where(e => e.Name.LocalName is "Point").Select(e => (Point)Shape(e, corners))]);
            default:
                throw new FormatException($"a {element.Name.LocalName} is not understood");
        }
    }

    private static Polygon Polygon(XElement element, List<Coordinate> corners)
    {
        LinearRing? shell = null;
        var holes = new List<LinearRing>();
        foreach (var side in element.Elements())
        {
            if (side.Name.LocalName is not ("exterior" or "interior"))
                continue;
            var ring = side.Elements().FirstOrDefault() ?? throw new FormatException("a polygon has an empty boundary");
            var own = new List<Coordinate>();
            var points = ring.Name.LocalName is "Ring"
                ? Joined(ring.Elements().Where(e => e.Name.LocalName is "curveMember").SelectMany(e => e.Elements()).Select(e => Line(e, own)))
                : [.. Positions(ring)];
            if (ring.Name.LocalName is not "Ring")
                own.AddRange(points);
            if (points.Count < 4 || !points[0].Equals2D(points[^1]))
                throw new FormatException("a ring is not closed or has fewer than four points");
            if (own.Count > 1 && own[0].Equals2D(own[^1]))
                own.RemoveAt(own.Count - 1);
            corners.AddRange(own);
            if (side.Name.LocalName is "exterior")
                shell = Factory.CreateLinearRing([.. points]);
            else
                holes.Add(Factory.CreateLinearRing([.. points]));
        }

        return Factory.CreatePolygon(shell ?? throw new FormatException("a polygon has no outer ring"), [.. holes]);
    }

    private static List<Coordinate> Line(XElement element, List<Coordinate> corners)
    {
        switch (element.Name.LocalName)
        {
            case "LineString" or "LineStringSegment" or "GeodesicString" or "LinearRing":
                List<Coordinate> points = [.. Positions(element)];
                AddCorners(corners, points);
                return points;
            case "Arc" or "ArcString":
                List<Coordinate> controls = [.. Positions(element)];
                if (controls.Count < 3 || controls.Count % 2 == 0)
                    throw new FormatException($"an {element.Name.LocalName} has {controls.Count} points");
                AddCorners(corners, controls);
                return Joined(Enumerable.Range(0, (controls.Count - 1) / 2).Select(i => Arc(controls[2 * i], controls[(2 * i) + 1], controls[(2 * i) + 2])));
            case "Curve":
                return Joined(element.Elements().Where(e => e.Name.LocalName is "segments").SelectMany(e => e.Elements()).Select(e => Line(e, corners)));
            case "CompositeCurve":
                return Joined(element.Elements().Where(e => e.Name.LocalName is "curveMember").SelectMany(e => e.Elements()).Select(e => Line(e, corners)));
            case "OrientableCurve":
                var based = Line(element.Elements().First(e => e.Name.LocalName is "baseCurve").Elements().First(), corners);
                if ((string?)element.Attribute("orientation") == "-")
                    based.Reverse();
                return based;
            default:
                throw new FormatException($"a {element.Name.LocalName} is not understood");
        }
    }

    private static void AddCorners(List<Coordinate> corners, List<Coordinate> points) =>
        corners.AddRange(corners.Count > 0 && points.Count > 0 && corners[^1].Equals2D(points[0]) ? points.Skip(1) : points);

    private static List<Coordinate> Joined(IEnumerable<List<Coordinate>> pieces)
    {
        var joined = new List<Coordinate>();
        foreach (var piece in pieces)
            joined.AddRange(joined.Count > 0 && piece.Count > 0 && joined[^1].Equals2D(piece[0]) ? piece.Skip(1) : piece);
        return joined;
    }

    /// <summary>The circle through three points as a line from the first to the last.</summary>
    private static List<Coordinate> Arc(Coordinate start, Coordinate middle, Coordinate end)
    {
        if (start.CompareTo(end) > 0)
        {
            var back = Arc(end, middle, start);
            back.Reverse();
            return back;
        }

        // Relative to the first point: coordinates of seven digits would eat the precision.
        double bx = middle.X - start.X, by = middle.Y - start.Y, cx = end.X - start.X, cy = end.Y - start.Y;
        var twice = 2 * ((bx * cy) - (by * cx));
        if (Math.Abs(twice) < 1e-9)
            return [start, middle, end];
        double b2 = (bx * bx) + (by * by), c2 = (cx * cx) + (cy * cy), ux = ((cy * b2) - (by * c2)) / twice, uy = ((bx * c2) - (cx * b2)) / twice, radius = Math.Sqrt((ux * ux) + (uy * uy));
        double from = Math.Atan2(-uy, -ux), via = Math.Atan2(by - uy, bx - ux), to = Math.Atan2(cy - uy, cx - ux);
        var left = twice > 0;
        double first = Turn(from, via, left), whole = first + Turn(via, to, left);
        var step = radius > ArcTolerance ? 2 * Math.Acos(1 - (ArcTolerance / radius)) : Math.PI / 4;
        var line = new List<Coordinate> { start };
        Sweep(from, first);
        line.Add(middle);
        Sweep(via, whole - first);
        line.Add(end);
        return line;

        void Sweep(double angle, double turn)
        {
            var count = Math.Clamp((int)Math.Ceiling(turn / step), 1, MostArcSteps);
            for (var i = 1; i < count; i++)
            {
                var at = angle + ((left ? turn : -turn) * i / count);
                line.Add(new Coordinate(start.X + ux + (radius * Math.Cos(at)), start.Y + uy + (radius * Math.Sin(at))));
            }
        }

        static double Turn(double from, double to, bool left)
        {
            var turn = (left ? to - from : from - to) % (2 * Math.PI);
            return turn < 0 ? turn + (2 * Math.PI) : turn;
        }
    }

    private static IEnumerable<Coordinate> Positions(XElement element)
    {
        foreach (var list in element.Elements())
        {
            if (list.Name.LocalName is not ("posList" or "pos" or "coordinates"))
                continue;
            var numbers = list.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var dimension = int.TryParse((string?)list.Attribute("srsDimension") ?? (string?)element.Attribute("srsDimension"), NumberStyles.None, CultureInfo.InvariantCulture, out var stated) ? stated : 2;
            if (dimension is not (2 or 3) || numbers.Length % dimension != 0)
                throw new FormatException($"{numbers.Length} numbers make no points of {dimension} coordinates");
            for (var i = 0; i < numbers.Length; i += dimension)
            {
                yield return double.TryParse(numbers[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && double.TryParse(numbers[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out var y) && double.IsFinite(x) && double.IsFinite(y)
                    ? new Coordinate(x, y)
                    : throw new FormatException($"'{numbers[i]} {numbers[i + 1]}' are no coordinates");
            }
        }
    }
}
