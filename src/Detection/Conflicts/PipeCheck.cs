using System.Globalization;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;

namespace Monitoring.Detection.Conflicts;

/// <summary>Pipes against pipes and foundations, in three dimensions as far as depths are known. For one thread.</summary>
internal sealed class PipeCheck(ConflictGround ground, ConflictRules rules)
{
    /// <summary>Stretches longer than this many reaches run along, not across: crossing angles under 30°.</summary>
    private const double CrossingReaches = 4;

    private static readonly GeometryFactory Factory = new();

    private readonly Dictionary<MapFeature, PipeBody> _bodies = new(ReferenceEqualityComparer.Instance);
    private readonly PipeRules _pipes = rules.Pipes;

    public PipeBody BodyOf(PlanFeature pipe)
    {
        if (_bodies.TryGetValue(pipe, out var known))
        {
            return known;
        }

        var (shape, clipped) = ground.Cut(ground.Plane.ToMeters(pipe.Outline.Shape));
        return _bodies[pipe] = new PipeBody(pipe, shape, !clipped, rules);
    }

    /// <summary>A pipe that is planned against the pipes of the map.</summary>
    public IEnumerable<Conflict> AgainstMap(PlanFeature subject, Func<MapFeature, bool> isOther)
    {
        var body = BodyOf(subject);
        if (body.Box.IsNull)
        {
            return [];
        }

        return ground.Near(PlanKinds.Pipe, body.Box, body.HalfWidth + _pipes.Reach + MostHalfWidth).Where(isOther).Cast<PlanFeature>().SelectMany(other => Pair(body, BodyOf(other)));
    }

    /// <summary>Planned pipes among each other, each pair once, by the smaller id.</summary>
    public IEnumerable<Conflict> Among(IReadOnlyList<PlanFeature> subjects)
    {
        PipeBody[] bodies = [.. subjects.Where(s => s.Kind == PlanKinds.Pipe).OrderBy(s => s.Id, StringComparer.Ordinal).Select(BodyOf).Where(b => !b.Box.IsNull)];
        foreach (var (one, other) in Candidates(bodies))
        {
            foreach (var conflict in Pair(bodies[one], bodies[other]))
            {
                yield return conflict;
            }
        }
    }

    /// <summary>Pairs of pipes whose boxes are near enough for anything to be asked of them, each once, in order.</summary>
    internal IEnumerable<(int One, int Other)> Candidates(PipeBody[] bodies)
    {
        var tree = new STRtree<int>();
        for (var i = 0; i < bodies.Length; i++)
        {
            var box = new Envelope(bodies[i].Box);
            box.ExpandBy(bodies[i].HalfWidth);
            tree.Insert(box, i);
        }

        for (var i = 0; i < bodies.Length; i++)
        {
            var box = new Envelope(bodies[i].Box);
            box.ExpandBy(bodies[i].HalfWidth + _pipes.Reach);
            foreach (var other in tree.Query(box).Where(j => j > i).Order())
            {
                yield return (i, other);
            }
        }
    }

    /// <summary>Two pipes: crossings by what lies between them one over the other, stretches side by side by what lies between them seen from above.</summary>
    public IEnumerable<Conflict> Pair(PipeBody a, PipeBody b)
    {
        var required = _pipes.HorizontalOf(a.Medium, b.Medium);
        var vertical = _pipes.VerticalOf(a.Medium, b.Medium);
        var reach = a.HalfWidth + b.HalfWidth + (required ?? 0);
        var stretches = PipePair.Compare(a, b, required ?? 0, _pipes.JoinToleranceM);
        if (a.Medium == b.Medium)
        {
            // Pipes of one network end in each other; what is left are pipes that run over or into each other.
            stretches.RemoveAll(s => s.IsJoint);
        }

        var crossings = stretches.Where(s => s.Net < 0).ToList();
        var unknown = crossings.Where(s => s.Vertical is null).ToList();
        var tight = crossings.Where(s => s.Vertical is { } gap && gap < vertical).ToList();
        var beside = stretches.Where(s => s.Net >= 0 ? required is { } least && s.Net < least : s.To - s.From > CrossingReaches * reach && s.Vertical is not null && s.Vertical >= vertical).ToList();
        if (tight.Count > 0)
        {
            yield return Make("pipe-crossing", "pipe_crossing", tight[0].Vertical < 0 ? "管线相碰" : "管线交叉净距不足", tight[0].Vertical < 0 ? "Pipes run into each other" : "Too little between crossing pipes",
                _pipes.CrossingSeverity, _pipes.CrossingWeight, a, b, tight, new ClearanceFact(null, tight.Min(s => s.Net), vertical, tight.Min(s => s.Vertical), false), overlapOnly: true);
        }

        if (unknown.Count > 0)
        {
            yield return Make("pipe-crossing-depth-unknown", "pipe_crossing", "管线平面相交,埋深不明", "Pipes cross seen from above, depth unknown",
                _pipes.UnknownSeverity, _pipes.UnknownWeight, a, b, unknown, new ClearanceFact(null, unknown.Min(s => s.Net), vertical, null, true), overlapOnly: true);
        }

        if (beside.Count > 0)
        {
            yield return Make("pipe-clearance", "pipe_clearance", "管线水平净距不足", "Pipes side by side too near", _pipes.ClearanceSeverity, _pipes.ClearanceWeight, a, b, beside,
                new ClearanceFact(required, beside.Min(s => s.Net), null, null, false), overlapOnly: false);
        }
    }

    /// <summary>A pipe and a building or project that stands on the ground.</summary>
    /// <param name="subject">The one of the two that is planned.</param>
    public Conflict? Foundation(PlanFeature subject, PlanFeature pipe, PlanFeature building)
    {
        var body = BodyOf(pipe);
        var ground0 = Shapes.Areas(ground.ShapeOf(building));
        if (body.Parts.Count == 0 || ground0.IsEmpty)
        {
            return null;
        }

        var required = _pipes.FoundationOf(body.Medium, body.HalfWidth * 2000);
        var underside = building.Number("foundation_depth_m");
        if (body.DepthRange is { } range && underside is { } depth && range.Bottom > depth)
        {
            // Beside a deeper trench the load spreads at the angle of friction.
            required = Math.Max(required, (range.Bottom - depth) / Math.Tan(_pipes.FrictionAngleDeg * Math.PI / 180));
        }

        var box = new Envelope(ground0.EnvelopeInternal);
        box.ExpandBy(required + body.HalfWidth);
        if (!box.Intersects(body.Box))
        {
            return null;
        }

        var axis = body.Stretch(0, body.Length, Factory);
        var net = axis.Distance(ground0) - body.HalfWidth;
        var serves = body.Ends().Any(e => ground0.Distance(Factory.CreatePoint(e.At)) <= _pipes.JoinToleranceM);
        if (net >= required || serves)
        {
            return null;
        }

        double? gap = null;
        var under = net < 0;
        if (under && body.DepthRange is { } known && underside is { } bottom)
        {
            gap = known.Top - bottom;
            if (gap >= _pipes.FoundationVerticalM)
            {
                return null;
            }
        }

        var where = Shapes.Lines(Shapes.Common(axis, Shapes.Grow(ground0, under ? body.HalfWidth : required + body.HalfWidth)));
        var shape = ground.Plane.ToDegrees(where.IsEmpty ? axis : where);
        var other = ReferenceEquals(subject, pipe) ? building : pipe;
        return Conflict(
            "pipe-foundation", "pipe_foundation", under ? "管线位于建(构)筑物下" : "管线与建(构)筑物净距不足", under ? "A pipe under a building" : "A pipe too near a building",
            _pipes.FoundationSeverity, _pipes.FoundationWeight, subject, other, shape,
            new ClearanceFact(required, net, under ? _pipes.FoundationVerticalM : null, gap, under && gap is null), FactsOf(body, null));
    }

    private Conflict Make(
        string rule, string kind, string name, string nameEn, Severity severity, double weight, PipeBody a, PipeBody b, List<PipeStretch> stretches, ClearanceFact clearance, bool overlapOnly)
    {
        var lines = stretches.Select(s => a.Stretch(s.From, s.To, Factory)).ToList();
        var shape = ground.Plane.ToDegrees(lines.Count == 1 ? lines[0] : Shapes.Lines(Factory.BuildGeometry(lines)));
        var length = overlapOnly ? stretches.Sum(s => s.OverlapLength) : Shapes.LengthOf(shape);
        return Conflict(rule, kind, name, nameEn, severity, weight, a.Feature, b.Feature, shape, clearance, FactsOf(a, b)) with { LengthMeters = length };
    }

    private static Conflict Conflict(
        string rule, string kind, string name, string nameEn, Severity severity, double weight, PlanFeature subject, PlanFeature other, Geometry shape, ClearanceFact clearance, IReadOnlyDictionary<string, string> facts) => new()
        {
            Id = ConflictIds.Of(subject, rule, other),
            Kind = kind,
            Rule = rule,
            RuleName = name,
            RuleNameEn = nameEn,
            Severity = severity,
            Weight = weight,
            SubjectKind = subject.Kind,
            SubjectId = subject.Id,
            With = ConflictIds.Describe(other),
            LengthMeters = Shapes.LengthOf(shape),
            Clearance = Round(clearance),
            Facts = facts,
            Shape = shape,
        };

    private static SortedDictionary<string, string> FactsOf(PipeBody a, PipeBody? b)
    {
        var facts = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["medium"] = a.Medium, ["width_mm"] = Millimeters(a) };
        if (b is not null)
        {
            (facts["other_medium"], facts["other_width_mm"]) = (b.Medium, Millimeters(b));
        }

        if (a.WidthAssumed || b?.WidthAssumed is true)
        {
            facts["width_assumed"] = "true";
        }

        return facts;
    }

    private static ClearanceFact Round(ClearanceFact fact) =>
        new(Millimeter(fact.RequiredHorizontal), Millimeter(fact.Horizontal), Millimeter(fact.RequiredVertical), Millimeter(fact.Vertical), fact.PlanViewOnly);

    private static double? Millimeter(double? meters) => meters is { } known ? Math.Round(known, 3) : null;

    private static string Millimeters(PipeBody body) => (body.HalfWidth * 2000).ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>Pipes of the map are found by their axes: no pipe is wider than this, in m.</summary>
    private const double MostHalfWidth = 10;
}
