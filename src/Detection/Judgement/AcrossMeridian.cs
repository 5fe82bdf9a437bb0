using System.Runtime.CompilerServices;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// What lies at the 180° meridian, where outlines are cut, turned by half a turn about the earth's axis: there it is whole, and, the ellipsoid being
/// one of revolution, as large and as far from each other as where it lies. Thread-safe.
/// </summary>
internal static class AcrossMeridian
{
    /// <summary>Degrees that are rounding: less than a thousandth of a millimetre.</summary>
    private const double Dust = 1e-12;

    /// <summary>Turned once, so that what is known of a shape by reference stays known.</summary>
    private static readonly ConditionalWeakTable<Outline, Outline> Outlines = [];
    private static readonly ConditionalWeakTable<MapFeature, MapFeature> Features = [];

    /// <summary>Whether an outline lies across the meridian, or so near to it that what lies beyond it is within a distance.</summary>
    public static bool Reaches(Outline outline, double meters)
    {
        var box = EarthShape.BoxOf(outline.Shape);
        if (box.IsNull || box.Width > 180 || Math.Abs((box.MinY + box.MaxY) / 2) >= 89.9)
        {
            // Nothing, or around a pole: no turn makes that whole.
            return false;
        }

        var grown = LocalPlane.At(box).Grow(box, meters);
        return grown.MinX < -180 || grown.MaxX > 180;
    }

    public static Outline Turned(Outline outline) => Outlines.GetValue(outline, static o => new(Turned(o.Shape), o.AreaSquareMeters, o.SourceCrs));

    public static ChangePatch Turned(ChangePatch patch) => patch with { Outline = Turned(patch.Outline) };

    public static TFeature Turned<TFeature>(TFeature feature)
        where TFeature : MapFeature => (TFeature)Features.GetValue(feature, static f => f with { Outline = Turned(f.Outline) });

    /// <summary>A box that may reach over ±180°, as the one or two within them.</summary>
    public static IReadOnlyList<Envelope> Within180(Envelope box)
    {
        List<Envelope> parts = [];
        for (var turn = -1; turn <= 1; turn++)
        {
            var part = new Envelope(box.MinX + (360 * turn), box.MaxX + (360 * turn), box.MinY, box.MaxY).Intersection(new Envelope(-180, 180, -90, 90));
            if (!part.IsNull)
            {
                parts.Add(part);
            }
        }

        return parts;
    }

    /// <summary>Within ±180° before and after; cut at 0°, which becomes ±180°, and whole at ±180°, which becomes 0°.</summary>
    private static Geometry Turned(Geometry shape)
    {
        List<Geometry> parts = [];
        var seam = false;
        foreach (var part in PartsOf(shape))
        {
            var box = part.EnvelopeInternal;
            seam |= box.MinX == -180 || box.MaxX == 180;
            if (box.MinX >= 0 || box.MaxX <= 0)
            {
                parts.Add(Moved(part, box.MinX >= 0 ? -180 : 180));
                continue;
            }

            var valid = part.IsValid ? part : GeometryFixer.Fix(part);
            parts.AddRange(PartsOf(valid.Intersection(shape.Factory.ToGeometry(new Envelope(0, 180, -90, 90)))).Select(static p => Moved(p, -180)));
            parts.AddRange(PartsOf(valid.Intersection(shape.Factory.ToGeometry(new Envelope(-180, 0, -90, 90)))).Select(static p => Moved(p, 180)));
        }

        if (parts.Count == 1)
        {
            return parts[0];
        }

        if (!seam)
        {
            return shape.Factory.BuildGeometry(parts);
        }

        var whole = OverlayNGRobust.Union([.. parts.Select(static p => p.IsValid ? p : GeometryFixer.Fix(p))]);
        return shape.Factory.BuildGeometry([.. PartsOf(whole).Select(static p => p is Polygon polygon ? WithoutCut(polygon) : p)]);
    }

    /// <summary>Without the corners that the cut put upon straight edges.</summary>
    private static Polygon WithoutCut(Polygon polygon)
    {
        return polygon.Factory.CreatePolygon(Ring(polygon.ExteriorRing), [.. polygon.InteriorRings.Select(Ring)]);

        LinearRing Ring(LineString ring)
        {
            List<Coordinate> corners = [.. ring.Coordinates.SkipLast(1)];
            for (var i = corners.Count - 1; i >= 0 && corners.Count > 3; i--)
            {
                var (before, after) = (corners[(i + corners.Count - 1) % corners.Count], corners[(i + 1) % corners.Count]);
                if (corners[i].X == 0 && DistanceComputer.PointToSegment(corners[i], before, after) < Dust)
                {
                    corners.RemoveAt(i);
                }
            }

            return polygon.Factory.CreateLinearRing([.. corners, corners[0].Copy()]);
        }
    }

    private static IEnumerable<Geometry> PartsOf(Geometry shape)
    {
        for (var i = 0; i < shape.NumGeometries; i++)
        {
            if (shape.GetGeometryN(i) is { IsEmpty: false } part)
            {
                yield return part;
            }
        }
    }

    private static Geometry Moved(Geometry part, double degrees)
    {
        var moved = part.Copy();
        moved.Apply(AffineTransformation.TranslationInstance(degrees, 0));
        moved.GeometryChanged();
        return moved;
    }
}
