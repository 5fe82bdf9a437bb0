using System.Globalization;
using Monitoring.Detection.Conflicts.Suggest;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Conflicts;

/// <summary>
/// What is planned against the map: a pure function of subjects, map and rules (docs/algorithms/conflicts.md). The order of the input makes no difference. Thread-safe.
/// </summary>
public sealed class ConflictEngine(ConflictRules rules, LandCodes codes)
{
    /// <exception cref="ConflictQuestionException">One sentence: what is wrong, where, how to mend it.</exception>
    public ConflictReport Check(ConflictQuestion question, PlanIndex index, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(index);
        Refuse(question);
        question = question with { Subjects = [.. question.Subjects.OrderBy(s => s.Kind, StringComparer.Ordinal).ThenBy(s => s.Id, StringComparer.Ordinal)] };
        var run = new ConflictRun(rules, codes, question, index, cancellationToken);
        return run.Report();
    }

    private const double MostWidthMeters = 1000;

    private void Refuse(ConflictQuestion question)
    {
        var subjects = question.Subjects;
        var limits = rules.Limits;
        if (subjects.Count == 0)
        {
            throw new ConflictQuestionException("There is nothing to check; give at least one feature.");
        }

        if (subjects.Count > limits.MostSubjects)
        {
            throw new ConflictQuestionException(string.Create(CultureInfo.InvariantCulture, $"There are {subjects.Count} features to check; at most {limits.MostSubjects} are taken at once. Split them."));
        }

        if (subjects.GroupBy(s => (s.Kind, s.Id)).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ConflictQuestionException($"Two features have the id {twice.Key.Id}; give each its own.");
        }

        if (subjects.FirstOrDefault(s => s.Outline.Shape.IsEmpty) is { } empty)
        {
            throw new ConflictQuestionException($"The feature {empty.Id} has no geometry; draw it.");
        }

        if (subjects.FirstOrDefault(s => s.Outline.Shape.Dimension is Dimension.Point) is { } point)
        {
            throw new ConflictQuestionException($"The feature {point.Id} is a point; a road or pipe is a line, a project a line or an area.");
        }

        if (subjects.FirstOrDefault(s => ConflictGround.WidthOf(s, rules, out _) > MostWidthMeters) is { } wide)
        {
            throw new ConflictQuestionException(string.Create(CultureInfo.InvariantCulture, $"The width of {wide.Id} is above {MostWidthMeters} m, which no road or pipe has; give width_m in metres, or draw an area."));
        }

        if (subjects.FirstOrDefault(s => Shapes.IsCrossed(s.Outline.Shape)) is { } crossed)
        {
            throw new ConflictQuestionException($"The outline of {crossed.Id} crosses itself; draw it without.");
        }

        if (subjects.FirstOrDefault(s => s.Kind == PlanKinds.Pipe && s.Outline.Shape.Dimension is not Dimension.Curve) is { } pipe)
        {
            throw new ConflictQuestionException($"The pipe {pipe.Id} is no line; give its axis and its diameter_mm.");
        }

        var vertices = subjects.Sum(s => (long)s.Outline.Shape.NumPoints);
        if (vertices > limits.MostVertices)
        {
            throw new ConflictQuestionException(string.Create(CultureInfo.InvariantCulture, $"The features have {vertices} corners; at most {limits.MostVertices} are taken at once. Split or simplify them."));
        }

        var box = new Envelope();
        foreach (var subject in subjects)
        {
            box.ExpandToInclude(subject.Outline.Box);
        }

        if (box.MaxY > 89 || box.MinY < -89 || LocalPlane.At(box).DistanceMeters(new Coordinate(box.MinX, box.MinY), new Coordinate(box.MaxX, box.MaxY)) > limits.MostExtentM)
        {
            throw new ConflictQuestionException(string.Create(
                CultureInfo.InvariantCulture, $"The features reach over more than {limits.MostExtentM / 1000:0} km; check them in parts, or look whether one lies at a wrong place."));
        }
    }
}

/// <summary>One check. For one thread.</summary>
internal sealed class ConflictRun
{
    private readonly ConflictRules _rules;
    private readonly ConflictQuestion _question;
    private readonly PlanIndex _index;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<(string, string)> _subjectKeys;
    private readonly RuleCheck _ruleCheck;
    private readonly PipeCheck _pipeCheck;

    public ConflictRun(ConflictRules rules, LandCodes codes, ConflictQuestion question, PlanIndex index, CancellationToken cancellation)
    {
        (_rules, _question, _index, _cancellation) = (rules, question, index, cancellation);
        Ground = new ConflictGround(index, question, rules, codes);
        _subjectKeys = [.. question.Subjects.Select(s => (s.Kind, s.Id))];
        _ruleCheck = new RuleCheck(Ground, rules, cancellation);
        _pipeCheck = new PipeCheck(Ground, rules);
    }

    public ConflictGround Ground { get; }

    public ConflictRules Rules => _rules;

    public RuleCheck RuleCheck => _ruleCheck;

    public PipeCheck PipeCheck => _pipeCheck;

    public CancellationToken Cancellation => _cancellation;

    public ConflictReport Report()
    {
        var places = _question.Subjects.Select(s => new CheckedPlace(s, Ground, _rules)).ToList();
        var byKey = new Dictionary<(string, string), List<Conflict>>();
        foreach (var place in places)
        {
            _cancellation.ThrowIfCancellationRequested();
            byKey[(place.Feature.Kind, place.Feature.Id)] = ConflictsOf(place);
        }

        if (Ground.Wants(PlanKinds.Pipe))
        {
            foreach (var conflict in _pipeCheck.Among(_question.Subjects))
            {
                _cancellation.ThrowIfCancellationRequested();
                byKey[(conflict.SubjectKind, conflict.SubjectId)].Add(conflict);
            }
        }

        var all = byKey.Values.SelectMany(c => c).ToList();
        var listed = Sorted(all, _rules).Take(_rules.Limits.MostConflicts).ToList();
        var notes = Notes(places, all).ToList();
        var suggestions = new List<ConflictSuggestion>();
        if (_question.Suggest)
        {
            Suggest(places, byKey, suggestions, notes);
        }

        return new ConflictReport
        {
            RulesVersion = _rules.Version,
            MapVersion = _index.MapVersion,
            On = _question.On,
            Subjects = [.. places.Select(p => Describe(p, byKey[(p.Feature.Kind, p.Feature.Id)]))],
            Conflicts = listed,
            Totals = TotalsOf(all),
            Suggestions = suggestions,
            Reserve = ReserveAccount.Of(_index, _question, _rules, places, Ground),
            Notes = notes,
        };
    }

    /// <summary>Everything that a subject is in conflict with, on the map and among the other subjects: to compare it with a changed one.</summary>
    public List<Conflict> WholeOf(CheckedPlace place)
    {
        var found = ConflictsOf(place, everyPair: true);
        if (place.Feature.Kind == PlanKinds.Pipe && Ground.Wants(PlanKinds.Pipe))
        {
            var body = _pipeCheck.BodyOf(place.Feature);
            found.AddRange(_question.Subjects.Where(s => s.Kind == PlanKinds.Pipe && s.Id != place.Feature.Id).SelectMany(s => _pipeCheck.Pair(body, _pipeCheck.BodyOf(s))));
        }

        return found;
    }

    /// <summary>Everything that a subject is in conflict with on the map, without other subjects.</summary>
    /// <param name="everyPair">Also pairs of two subjects that are told of the other one.</param>
    private List<Conflict> ConflictsOf(CheckedPlace place, bool everyPair = false)
    {
        var subject = place.Feature;
        if (place.Footprint.IsEmpty && place.Shape.IsEmpty)
        {
            return [];
        }

        var found = _ruleCheck.Check(place, IsOther);
        if (subject.Kind == PlanKinds.Pipe)
        {
            if (Ground.Wants(PlanKinds.Pipe))
            {
                found.AddRange(_pipeCheck.AgainstMap(subject, f => IsOther(f) && !_subjectKeys.Contains((PlanKinds.Pipe, f.Id))));
            }

            foreach (var layer in new[] { PlanKinds.Building, PlanKinds.Project })
            {
                found.AddRange(Ground.Near(layer, place.Footprint.EnvelopeInternal, _rules.Pipes.Reach + 100).Where(IsOther)
                    .Select(b => _pipeCheck.Foundation(subject, subject, (PlanFeature)b)).OfType<Conflict>());
            }
        }
        else if (subject.Kind is PlanKinds.Project or PlanKinds.Building && !place.IsLine)
        {
            found.AddRange(Ground.Near(PlanKinds.Pipe, place.Footprint.EnvelopeInternal, _rules.Pipes.Reach + 100).Where(IsOther)
                .Select(p => _pipeCheck.Foundation(subject, (PlanFeature)p, subject)).OfType<Conflict>());
        }

        return found;

        // A pair of two subjects of one layer is told once, of the smaller id.
        bool IsOther(MapFeature feature) =>
            feature is not PlanFeature plan || plan.Kind != subject.Kind
            || (plan.Id != subject.Id && (everyPair || !_subjectKeys.Contains((plan.Kind, plan.Id)) || string.CompareOrdinal(plan.Id, subject.Id) > 0));
    }

    /// <summary>Σ weight × m²; length × width where there is no area.</summary>
    public static double CostOf(IEnumerable<Conflict> conflicts, CheckedPlace place) =>
        conflicts.Sum(c => c.Weight * (c.AreaSquareMeters > 0 ? c.AreaSquareMeters : c.LengthMeters * Math.Max(place.WidthMeters ?? 1, 0.01)));

    public static IReadOnlyList<ConflictTotal> TotalsOf(IEnumerable<Conflict> conflicts) =>
        [.. conflicts.GroupBy(c => c.Kind).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new ConflictTotal(g.Key, g.Count(), g.Order(ById).Sum(c => c.AreaSquareMeters), g.Order(ById).Sum(c => c.LengthMeters)))];

    private static readonly Comparer<Conflict> ById = Comparer<Conflict>.Create(static (a, b) => string.CompareOrdinal(a.Id, b.Id));

    private static IOrderedEnumerable<Conflict> Sorted(IEnumerable<Conflict> all, ConflictRules rules) => all
        .OrderByDescending(c => c.Severity)
        .ThenByDescending(c => c.Weight * c.AreaSquareMeters)
        .ThenByDescending(c => c.LengthMeters)
        .ThenBy(c => c.Id, StringComparer.Ordinal);

    private CheckedSubject Describe(CheckedPlace place, List<Conflict> conflicts)
    {
        var footprint = Ground.Plane.ToDegrees(place.Footprint);
        var shape = Ground.Plane.ToDegrees(place.Shape);
        return new CheckedSubject(
            place.Feature.Kind, place.Feature.Id, place.Feature.Name, Shapes.AreaOf(footprint), place.IsLine ? Shapes.LengthOf(shape) : 0, place.WidthMeters, CostOf(conflicts.Order(ById), place), conflicts.Count, place.Clipped)
        { Shape = shape };
    }

    private void Suggest(List<CheckedPlace> places, Dictionary<(string, string), List<Conflict>> byKey, List<ConflictSuggestion> suggestions, List<ConflictNote> notes)
    {
        var wanting = places
            .Select(p => (Place: p, Conflicts: byKey[(p.Feature.Kind, p.Feature.Id)]))
            .Where(p => p.Conflicts.Count > 0)
            .OrderByDescending(p => CostOf(p.Conflicts.Order(ById), p.Place)).ThenBy(p => p.Place.Feature.Id, StringComparer.Ordinal)
            .ToList();
        var search = new WaySearch(this);
        foreach (var (place, _) in wanting.Take(_rules.Search.MostSubjects))
        {
            if (place.Clipped)
            {
                notes.Add(Note("suggestion-not-sought", ("subject", place.Feature.Id), ("because", "clipped")));
                continue;
            }

            var found = search.Of(place);
            suggestions.AddRange(found.Suggestions);
            if (found.Suggestions.Count == 0)
            {
                notes.Add(Note(found.WasSought ? "suggestion-none" : "suggestion-not-sought", ("subject", place.Feature.Id)));
            }
        }

        if (wanting.Count > _rules.Search.MostSubjects)
        {
            notes.Add(Note("suggestion-not-sought", ("subjects", Count(wanting.Count - _rules.Search.MostSubjects))));
        }
    }

    private IEnumerable<ConflictNote> Notes(List<CheckedPlace> places, List<Conflict> all)
    {
        if (all.Count > _rules.Limits.MostConflicts)
        {
            yield return Note("truncated", ("conflicts", Count(all.Count)), ("listed", Count(_rules.Limits.MostConflicts)));
        }

        foreach (var assumed in places.Where(p => p.WidthAssumed).GroupBy(p => p.Feature.Kind).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            yield return Note("width-assumed", ("kind", assumed.Key), ("subjects", Count(assumed.Count())), ("width_m", assumed.First().WidthMeters!.Value.ToString("0.###", CultureInfo.InvariantCulture)));
        }

        var pipes = places.Where(p => p.Feature.Kind == PlanKinds.Pipe).Select(p => _pipeCheck.BodyOf(p.Feature)).ToList();
        if (pipes.Count(p => p.Depth is null && p.Elevation is null) is > 0 and var flat)
        {
            yield return Note("depth-unknown", ("subjects", Count(flat)), ("of", Count(pipes.Count)));
        }

        if (places.Count(p => p.Clipped) is > 0 and var clipped)
        {
            yield return Note("clipped", ("subjects", Count(clipped)));
        }

        var asked = _question.Subjects.DistinctBy(s => s.Kind).SelectMany(s => _rules.Rules.Where(r => r.Subjects.Contains(s.Kind) && Ground.Wants(r.Layer))).DistinctBy(r => r.Id).ToList();
        foreach (var layer in asked.Where(r => !Ground.Knows(r.Layer)).Select(r => ConflictGround.LayerOf(r.Layer) is MapLayer.Plan ? "plans" : r.Layer).Distinct().Order(StringComparer.Ordinal))
        {
            yield return Note("layer-unknown", ("layer", layer));
        }

        foreach (var rule in asked.Where(r => r.Relation is ConflictRelation.Outside && Ground.Knows(r.Layer) && !Ground.HasAny(r)).OrderBy(r => r.Id, StringComparer.Ordinal))
        {
            yield return Note("no-feature-known", ("rule", rule.Id));
        }
    }

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static ConflictNote Note(string code, params ReadOnlySpan<(string Name, string Value)> facts)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in facts)
        {
            map[name] = value;
        }

        return new ConflictNote(code, map);
    }
}
