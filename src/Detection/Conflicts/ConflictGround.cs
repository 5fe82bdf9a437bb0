using Monitoring.Detection.Judgement;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using NetTopologySuite.Geometries.Utilities;

namespace Monitoring.Detection.Conflicts;

/// <summary>
/// The map around one question, laid out in metres: which features count, and what ground each takes up. One plane serves the whole question, so subjects lie at most
/// <see cref="ConflictLimits.MostExtentM"/> apart. For one thread.
/// </summary>
internal sealed class ConflictGround
{
    private static readonly GeometryFactory Factory = new();

    private readonly PlanIndex _index;
    private readonly ConflictQuestion _question;
    private readonly ConflictRules _rules;
    private readonly Geometry? _allowed;
    private readonly Geometry _frame;
    private readonly Dictionary<(MapFeature, bool), Zone> _zones = new(new ByReference());
    private readonly Dictionary<MapFeature, Geometry> _shapes = new(ReferenceEqualityComparer.Instance);

    public ConflictGround(PlanIndex index, ConflictQuestion question, ConflictRules rules, LandCodes codes)
    {
        (_index, _question, _rules) = (index, question, rules);
        var box = new Envelope();
        foreach (var subject in question.Subjects)
        {
            box.ExpandToInclude(subject.Outline.Box);
        }

        Plane = LocalPlane.At(box);
        Reach = rules.Search.ReachM + rules.Search.MostShiftM + rules.Search.MostTranslateM + 50;
        var frame = Plane.Grow(box, Reach);
        _frame = Factory.ToGeometry(Plane.ToMeters(Factory.ToGeometry(frame)).EnvelopeInternal);
        _allowed = question.Ground is { } ground ? Shapes.Areas(Shapes.Common(Plane.ToMeters(ground), _frame)) : null;
        Classes = new LandClasses(codes, rules.Classes);
    }

    public LocalPlane Plane { get; }

    /// <summary>How far from the subjects anything can play a part, in m.</summary>
    public double Reach { get; }

    public LandClasses Classes { get; }

    /// <summary>The asker's ground in metres, null = everything.</summary>
    public Geometry? Allowed => _allowed;

    /// <summary>A shape in metres cut to the asker's ground, with whether something was cut off.</summary>
    public (Geometry Shape, bool Clipped) Cut(Geometry meters)
    {
        if (_allowed is not { } allowed || allowed.Covers(meters))
        {
            return (meters, false);
        }

        var common = Shapes.Common(meters, allowed);
        return (meters.Dimension switch { Dimension.Surface => Shapes.Areas(common), Dimension.Curve => Shapes.Lines(common), _ => common }, true);
    }

    /// <summary>Whether somebody ever gave the layer of a rule.</summary>
    public bool Knows(string layer) => LayerOf(layer) is { } which && _index.Knows(which);

    /// <summary>Whether the question wants a layer.</summary>
    public bool Wants(string layer) => _question.Against is not { } against || against.Contains(layer);

    /// <summary>True when any feature of a rule is in force anywhere on the map, for rules about lying outside.</summary>
    public bool HasAny(ConflictRule rule) =>
        LayerOf(rule.Layer) is MapLayer.ControlLine
            ? Enum.GetValues<ControlLineKind>().SelectMany(_index.ControlLines).Any(l => Counts(l) && Fits(rule, l))
            : LayerOf(rule.Layer) is { } layer && _index.InBox<MapFeature>(layer, new Envelope(-180, 180, -90, 90)).Any(f => Counts(f) && Fits(rule, f));

    /// <summary>Features that a rule speaks of near a box in metres, by layer, id and period.</summary>
    public IEnumerable<MapFeature> Near(ConflictRule rule, Envelope meters, double reach) => Near(rule.Layer, meters, reach).Where(f => Fits(rule, f));

    public IEnumerable<MapFeature> Near(string layerName, Envelope meters, double reach)
    {
        if (LayerOf(layerName) is not { } layer || !Wants(layerName))
        {
            return [];
        }

        var box = new Envelope(meters);
        box.ExpandBy(reach);
        var degrees = Plane.ToDegrees(Factory.ToGeometry(box)).EnvelopeInternal;
        return _index.InBox<MapFeature>(layer, degrees).Where(f => Counts(f) && (layer != MapLayer.Plan || ((PlanFeature)f).Kind == layerName));
    }

    /// <summary>A feature in metres, cut to the neighbourhood and the asker's ground.</summary>
    public Geometry ShapeOf(MapFeature feature)
    {
        if (_shapes.TryGetValue(feature, out var known))
        {
            return known;
        }

        var shape = Shapes.Sound(Plane.ToMeters(feature.Outline.Shape));
        if (!_frame.EnvelopeInternal.Contains(shape.EnvelopeInternal))
        {
            shape = Shapes.Common(shape, _frame);
        }

        return _shapes[feature] = Cut(shape).Shape;
    }

    /// <summary>The ground that a feature takes up or keeps free, in metres.</summary>
    /// <param name="corridor">With its reserved width.</param>
    public Zone ZoneOf(MapFeature feature, bool corridor)
    {
        if (_zones.TryGetValue((feature, corridor), out var known))
        {
            return known;
        }

        var plan = feature as PlanFeature;
        var shape = ShapeOf(feature);
        var buffer = corridor ? plan?.Number("buffer_m") ?? 0 : 0;
        var parts = new List<Geometry>();
        if (Shapes.Areas(shape) is { IsEmpty: false } areas)
        {
            parts.Add(Shapes.Grow(areas, buffer));
        }

        if (LineStringExtracter.GetLines(shape).Count > 0 && shape.Dimension != Dimension.Surface)
        {
            var half = (WidthOf(plan, _rules, out _) / 2) + buffer;
            parts.Add(Shapes.Grow(Shapes.Lines(shape), half));
        }

        if (shape.Dimension == Dimension.Point && buffer > 0)
        {
            parts.Add(Shapes.Grow(shape, buffer));
        }

        var ground = Shapes.Union(parts, Factory);
        if (_allowed is not null)
        {
            ground = Cut(ground).Shape;
        }

        return _zones[(feature, corridor)] = new Zone(ground);
    }

    /// <summary>Width in m of a line of a plan layer.</summary>
    /// <param name="assumed">True when the feature does not say.</param>
    public static double WidthOf(PlanFeature? plan, ConflictRules rules, out bool assumed)
    {
        assumed = false;
        if (plan is null)
        {
            return 0;
        }

        if (plan.Number("width_m") is { } width and > 0)
        {
            return width;
        }

        if ((plan.Number("width_mm") ?? plan.Number("diameter_mm")) is { } diameter and > 0)
        {
            return diameter / 1000;
        }

        assumed = true;
        return rules.DefaultWidths.GetValueOrDefault(plan.Kind, 0);
    }

    /// <summary>Whether a feature is one that a rule speaks of.</summary>
    public static bool Fits(ConflictRule rule, MapFeature feature)
    {
        var (kind, code) = feature switch
        {
            ControlLine line => (System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(line.Kind.ToString()), null),
            Permit permit => (permit.Kind, permit.UseCode),
            Parcel parcel => (null, parcel.UseCode),
            PlanFeature plan => (plan.Kind, plan.Code),
            _ => (null, null),
        };
        return (rule.Kinds is not { } kinds || kinds.Any(k => Same(k, kind)))
            && (rule.Codes is not { } codes || (code is not null && codes.Any(c => code.StartsWith(c, StringComparison.OrdinalIgnoreCase))))
            && (rule.NotCodes is not { } not || code is null || !not.Any(c => code.StartsWith(c, StringComparison.OrdinalIgnoreCase)))
            && (rule.Statuses is not { } statuses || (feature is Permit known && statuses.Any(s => Same(s, known.Status.ToString()))))
            && (!rule.Corridor || (feature is PlanFeature corridor && corridor.Number("buffer_m") > 0));
    }

    public static MapLayer? LayerOf(string name) => name switch
    {
        "control-lines" => MapLayer.ControlLine,
        "permits" => MapLayer.Permit,
        "parcels" => MapLayer.Parcel,
        "regions" => null,
        _ => MapLayer.Plan,
    };

    public static string LayerName(MapFeature feature) => feature switch
    {
        PlanFeature plan => plan.Kind,
        ControlLine => "control-lines",
        Permit => "permits",
        Parcel => "parcels",
        _ => "regions",
    };

    private bool Counts(MapFeature feature) => feature.InForceOn(_question.On) && (_question.MaySee is not { } sees || sees(feature));

    /// <summary>Kinds are written with the file formats' spelling of control lines, which leave out one word of ours.</summary>
    private static bool Same(string rule, string? kind) =>
        kind is not null && (rule.Equals(kind, StringComparison.OrdinalIgnoreCase) || rule.Replace("ecological_red_line", "ecological_protection_red_line", StringComparison.Ordinal).Equals(kind, StringComparison.OrdinalIgnoreCase));

    private sealed class ByReference : IEqualityComparer<(MapFeature, bool)>
    {
        public bool Equals((MapFeature, bool) x, (MapFeature, bool) y) => ReferenceEquals(x.Item1, y.Item1) && x.Item2 == y.Item2;

        public int GetHashCode((MapFeature, bool) key) => HashCode.Combine(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(key.Item1), key.Item2);
    }
}

/// <summary>Ground in metres, made ready for many questions. For one thread.</summary>
internal sealed class Zone(Geometry ground)
{
    private IPreparedGeometry? _prepared;

    public Geometry Ground { get; } = ground;

    /// <summary>What of a shape lies in it; the shape itself when all does.</summary>
    public Geometry Common(Geometry shape)
    {
        if (Ground.IsEmpty || !Ground.EnvelopeInternal.Intersects(shape.EnvelopeInternal))
        {
            return Shapes.Nothing(shape);
        }

        _prepared ??= PreparedGeometryFactory.Prepare(Ground);
        return !_prepared.Intersects(shape) ? Shapes.Nothing(shape) : _prepared.Covers(shape) ? shape : Shapes.Common(shape, Ground);
    }

    public Geometry Without(Geometry shape)
    {
        if (Ground.IsEmpty || !Ground.EnvelopeInternal.Intersects(shape.EnvelopeInternal))
        {
            return shape;
        }

        _prepared ??= PreparedGeometryFactory.Prepare(Ground);
        return !_prepared.Intersects(shape) ? shape : _prepared.Covers(shape) ? Shapes.Nothing(shape) : Shapes.Without(shape, Ground);
    }
}
