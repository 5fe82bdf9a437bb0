using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Conflicts;

/// <summary>A subject laid out in metres.</summary>
internal sealed class CheckedPlace
{
    public CheckedPlace(PlanFeature feature, ConflictGround ground, ConflictRules rules)
    {
        Feature = feature;
        var meters = Shapes.Sound(ground.Plane.ToMeters(feature.Outline.Shape));
        (Shape, Clipped) = ground.Cut(meters);
        if (meters.Dimension == Dimension.Curve)
        {
            WidthMeters = ConflictGround.WidthOf(feature, rules, out var assumed);
            WidthAssumed = assumed;
            Footprint = FootprintOf(Shape, WidthMeters.Value);
        }
        else
        {
            Footprint = Shapes.Areas(Shape);
        }
    }

    public PlanFeature Feature { get; }

    /// <summary>Axis or outline.</summary>
    public Geometry Shape { get; }

    public bool IsLine => WidthMeters is not null;

    /// <summary>The ground that it takes up.</summary>
    public Geometry Footprint { get; }

    public double? WidthMeters { get; }

    public bool WidthAssumed { get; }

    public bool Clipped { get; }

    /// <summary>A line's ground ends where the line does.</summary>
    public static Geometry FootprintOf(Geometry axis, double widthMeters) =>
        axis.IsEmpty || widthMeters <= 0 ? axis.Factory.CreatePolygon() : Shapes.Areas(Shapes.Grow(axis, widthMeters / 2, flatEnds: true));
}
