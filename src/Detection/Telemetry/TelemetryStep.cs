using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Sensing;

namespace Monitoring.Detection.Telemetry;

/// <summary>
/// All detectors of telemetry over the observations in order of sequence. What it finds depends on that order alone, not on batches,
/// nor on where it was stopped: the state is rebuilt from the stores as it stood before the next observation. Not thread-safe.
/// </summary>
internal sealed class TelemetryStep(
    DetectionRules rules, TelemetryOptions options, IObservationStore observations, IFindingStore findings, TimeProvider clock)
{
    // Newest statements of a subject, over all rules of it. Most have few, so few are asked for first.
    private const int StatementsRead = 3 * Statements.Capacity;
    private const int FewStatements = 100;

    // Datastreams, and things with weeks of data each, that are restored with one query.
    private const int StreamsAtOnce = 500;
    private const int ThingsAtOnce = 50;

    // About 30 MB over all datastreams.
    private const int ClosedResultsKept = 400_000;

    private readonly LimitDetector _limits = new(rules, clock);
    private readonly SiteActivityDetector _activity = new(rules, clock);
    private readonly ObservationReader _reader = new(observations);
    private readonly IReadOnlyList<IGrouping<(string Property, string Unit, TimeSpan Window), TelemetryRule>> _groups = [.. rules.Limits.GroupBy(r => (r.Property, r.Unit, r.Window))];
    private readonly ClosedWindows _closed = new(ClosedResultsKept);
    private readonly Dictionary<(string Datastream, TimeSpan Window), WindowBook> _windows = [];
    private readonly Dictionary<string, ActivityBook> _things = new(StringComparer.Ordinal);
    private readonly Dictionary<Subject, Dictionary<string, Statements>> _statements = [];

    /// <param name="sources">Registered datastreams by id; observations of others are passed over.</param>
    public async Task<List<Finding>> WorkAsync(
        IReadOnlyList<CommittedObservation> batch, TelemetrySources sources, PlanIndex index, CancellationToken cancellationToken)
    {
        await RestoreAsync(batch, sources, cancellationToken);
        List<Finding> told = [];
        foreach (var committed in batch)
        {
            if (sources.Find(committed.Observation.DatastreamId) is not { } source)
            {
                continue;
            }

            await LimitsAsync(committed, source, index, told, cancellationToken);
            if (ActivityBook.Watches(source.Datastream.Property))
            {
                await ActivityAsync(committed, source, index, told, cancellationToken);
            }

            _closed.Trim();
        }

        return told;
    }

    /// <summary>Forgets the datastreams and things of a batch that may not have been stored; they are restored when they come again.</summary>
    public void Forget(IEnumerable<CommittedObservation> batch, TelemetrySources sources)
    {
        foreach (var source in batch.Select(o => o.Observation.DatastreamId).Distinct(StringComparer.Ordinal).Select(sources.Find).OfType<TelemetrySource>())
        {
            foreach (var group in GroupsOf(source.Datastream))
            {
                _windows.Remove((source.Datastream.Id, group.Key.Window));
            }

            _things.Remove(source.Thing.Id);
            _statements.Remove(new(SubjectKind.Datastream, source.Datastream.Id));
            _statements.Remove(new(SubjectKind.Thing, source.Thing.Id));
        }
    }

    private IEnumerable<IGrouping<(string Property, string Unit, TimeSpan Window), TelemetryRule>> GroupsOf(Datastream datastream) =>
        _groups.Where(g => g.Key.Property == datastream.Property && g.Key.Unit == datastream.Unit);

    /// <summary>
    /// Restores what the batch's observations need, as it stood before the batch: none of a datastream's observations in the batch comes before
    /// its first one in it.
    /// </summary>
    private async Task RestoreAsync(IReadOnlyList<CommittedObservation> batch, TelemetrySources sources, CancellationToken cancellationToken)
    {
        var before = batch[0].Sequence;
        List<TelemetrySource> present = [.. batch.Select(o => o.Observation.DatastreamId).Distinct(StringComparer.Ordinal).Select(sources.Find).OfType<TelemetrySource>()];
        foreach (var some in present.Select(s => s.Datastream).Where(d => GroupsOf(d).Any(g => !_windows.ContainsKey((d.Id, g.Key.Window)))).Chunk(StreamsAtOnce))
        {
            await RestoreWindowsAsync(some, before, cancellationToken);
        }

        var things = present.Where(s => ActivityBook.Watches(s.Datastream.Property)).Select(s => s.Thing.Id).Distinct(StringComparer.Ordinal).Where(t => !_things.ContainsKey(t));
        foreach (var some in things.Chunk(ThingsAtOnce))
        {
            await RestoreThingsAsync(some, sources, before, cancellationToken);
        }
    }

    private async Task RestoreWindowsAsync(IReadOnlyList<Datastream> datastreams, long before, CancellationToken cancellationToken)
    {
        var newest = await _reader.NewestAsync([.. datastreams.Select(d => d.Id)], before, cancellationToken);
        Dictionary<string, List<(WindowBook Book, DateTimeOffset OpenFrom)>> books = new(StringComparer.Ordinal);
        foreach (var datastream in datastreams)
        {
            books[datastream.Id] = [.. GroupsOf(datastream).Select(g => new WindowBook(g.Key.Window, options.AllowedLateness, _closed))
                .Select(b => (b, newest.TryGetValue(datastream.Id, out var last) ? b.OpenFromAt(last) : default))];
        }

        List<ObservationSpan> spans = [.. newest.Select(n => new ObservationSpan(n.Key, books[n.Key].Min(b => b.OpenFrom), n.Value + TimeSpan.FromMicroseconds(1)))];
        await _reader.SpansAsync(
            spans,
            before,
            observation =>
            {
                foreach (var (book, openFrom) in books[observation.DatastreamId])
                {
                    if (observation.PhenomenonTime >= openFrom)
                    {
                        book.Restore(observation);
                    }
                }
            },
            cancellationToken);
        foreach (var (id, made) in books)
        {
            made.ForEach(m => _windows[(id, m.Book.Length)] = m.Book);
        }
    }

    private async Task RestoreThingsAsync(IReadOnlyList<string> things, TelemetrySources sources, long before, CancellationToken cancellationToken)
    {
        var streams = things.SelectMany(t => sources.OfThing(t).Where(s => ActivityBook.Watches(s.Property)).Select(s => (Thing: t, Stream: s))).ToDictionary(s => s.Stream.Id, StringComparer.Ordinal);
        var newest = await _reader.NewestAsync(streams.Keys, before, cancellationToken);
        var books = things.ToDictionary(t => t, _ => new ActivityBook(options.AllowedLateness, _activity.HistoryHours), StringComparer.Ordinal);
        List<ObservationSpan> spans = [];
        foreach (var own in newest.GroupBy(n => streams[n.Key].Thing))
        {
            var last = own.Max(n => n.Value);
            books[own.Key].Restore(last);
            spans.AddRange(own.Select(n => new ObservationSpan(n.Key, books[own.Key].NeededFrom(last), n.Value + TimeSpan.FromMicroseconds(1))));
        }

        await _reader.SpansAsync(
            spans, before, o => books[streams[o.DatastreamId].Thing].Restore(streams[o.DatastreamId].Stream.Property, o), cancellationToken);
        foreach (var (thing, book) in books)
        {
            _things[thing] = book;
        }
    }

    private async Task LimitsAsync(CommittedObservation committed, TelemetrySource source, PlanIndex index, List<Finding> told, CancellationToken cancellationToken)
    {
        var datastream = source.Datastream;
        foreach (var group in GroupsOf(datastream))
        {
            var length = group.Key.Window;
            var book = _windows[(datastream.Id, length)];
            var time = committed.Observation.PhenomenonTime;
            if (book.MustRead(time))
            {
                var start = book.StartOf(time);
                book.RestoreClosed(start, await _reader.RangeAsync(datastream.Id, start, start + length, committed.Sequence, cancellationToken));
            }

            foreach (var start in book.Put(committed.Observation))
            {
                foreach (var rule in group)
                {
                    var statements = await StatementsAsync(new(SubjectKind.Datastream, datastream.Id), rule.RuleId, cancellationToken);
                    if (_limits.Evaluate(rule, source, start, book.Results(start), statements, index) is { } finding)
                    {
                        statements.Put(start, finding.Condition);
                        told.Add(finding);
                    }
                }
            }
        }
    }

    private async Task ActivityAsync(
        CommittedObservation committed, TelemetrySource source, PlanIndex index, List<Finding> told, CancellationToken cancellationToken)
    {
        var book = _things[source.Thing.Id];
        foreach (var end in book.Put(source.Datastream.Property, committed.Observation))
        {
            var statements = await StatementsAsync(new(SubjectKind.Thing, source.Thing.Id), rules.Activity.RuleId, cancellationToken);
            if (_activity.Evaluate(source, end, book, statements, index) is { } finding)
            {
                statements.Put(finding.PhenomenonStart, finding.Condition);
                told.Add(finding);
            }
        }
    }

    private async Task<Statements> StatementsAsync(Subject subject, string ruleId, CancellationToken cancellationToken)
    {
        if (!_statements.TryGetValue(subject, out var byRule))
        {
            var stored = await findings.OfSubjectAsync(subject, FewStatements, cancellationToken);
            if (stored.Count == FewStatements)
            {
                stored = await findings.OfSubjectAsync(subject, StatementsRead, cancellationToken);
            }

            _statements[subject] = byRule = stored.GroupBy(f => f.Finding.RuleId).ToDictionary(g => g.Key, Statements.Of, StringComparer.Ordinal);
        }

        return byRule.TryGetValue(ruleId, out var statements) ? statements : byRule[ruleId] = new Statements();
    }
}
