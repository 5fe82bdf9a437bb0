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
    // Newest statements of a subject, over all rules of it.
    private const int StatementsRead = 3 * Statements.Capacity;

    private readonly LimitDetector _limits = new(rules, clock);
    private readonly SiteActivityDetector _activity = new(rules, clock);
    private readonly ObservationReader _reader = new(observations);
    private readonly Dictionary<(string Datastream, TimeSpan Window), WindowBook> _windows = [];
    private readonly Dictionary<string, ActivityBook> _things = new(StringComparer.Ordinal);
    private readonly Dictionary<(Subject Subject, string Rule), Statements> _statements = [];

    /// <param name="sources">Registered datastreams by id; observations of others are passed over.</param>
    public async Task<List<Finding>> WorkAsync(
        IReadOnlyList<CommittedObservation> batch, TelemetrySources sources, PlanIndex index, CancellationToken cancellationToken)
    {
        List<Finding> told = [];
        foreach (var committed in batch)
        {
            if (sources.Find(committed.Observation.DatastreamId) is not { } source)
            {
                continue;
            }

            await LimitsAsync(committed, source, told, cancellationToken);
            if (ActivityBook.Watches(source.Datastream.Property))
            {
                await ActivityAsync(committed, source, sources, index, told, cancellationToken);
            }
        }

        return told;
    }

    private async Task LimitsAsync(CommittedObservation committed, TelemetrySource source, List<Finding> told, CancellationToken cancellationToken)
    {
        var datastream = source.Datastream;
        foreach (var group in rules.Limits.Where(r => r.Property == datastream.Property && r.Unit == datastream.Unit).GroupBy(r => r.Window))
        {
            var book = await WindowsAsync(datastream.Id, group.Key, committed.Sequence, cancellationToken);
            var time = committed.Observation.PhenomenonTime;
            if (book.MustRead(time))
            {
                var start = book.StartOf(time);
                book.Touch(start);
                book.Restore(await _reader.RangeAsync(datastream.Id, start, start + group.Key, committed.Sequence, cancellationToken), null);
            }

            foreach (var start in book.Put(committed.Observation))
            {
                foreach (var rule in group)
                {
                    var statements = await StatementsAsync(new(SubjectKind.Datastream, datastream.Id), rule.RuleId, cancellationToken);
                    if (_limits.Evaluate(rule, source, start, book.Results(start), statements) is { } finding)
                    {
                        statements.Put(start, finding.Condition);
                        told.Add(finding);
                    }
                }
            }
        }
    }

    private async Task ActivityAsync(
        CommittedObservation committed, TelemetrySource source, TelemetrySources sources, PlanIndex index, List<Finding> told, CancellationToken cancellationToken)
    {
        var book = await ThingAsync(source.Thing.Id, sources, committed.Sequence, cancellationToken);
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

    private async Task<WindowBook> WindowsAsync(string datastreamId, TimeSpan length, long beforeSequence, CancellationToken cancellationToken)
    {
        if (_windows.TryGetValue((datastreamId, length), out var book))
        {
            return book;
        }

        book = new WindowBook(length, options.AllowedLateness);
        if (await _reader.NewestAsync(datastreamId, beforeSequence, cancellationToken) is { } newest)
        {
            var openFrom = book.StartOf(newest - options.AllowedLateness);
            book.Restore(await _reader.RangeAsync(datastreamId, openFrom, newest + TimeSpan.FromMicroseconds(1), beforeSequence, cancellationToken), newest);
        }

        return _windows[(datastreamId, length)] = book;
    }

    private async Task<ActivityBook> ThingAsync(string thingId, TelemetrySources sources, long beforeSequence, CancellationToken cancellationToken)
    {
        if (_things.TryGetValue(thingId, out var book))
        {
            return book;
        }

        book = new ActivityBook(options.AllowedLateness, _activity.HistoryHours);
        List<(Datastream Stream, DateTimeOffset Newest)> streams = [];
        foreach (var stream in sources.OfThing(thingId).Where(s => ActivityBook.Watches(s.Property)))
        {
            if (await _reader.NewestAsync(stream.Id, beforeSequence, cancellationToken) is { } newest)
            {
                streams.Add((stream, newest));
            }
        }

        if (streams.Count > 0)
        {
            var newest = streams.Max(s => s.Newest);
            foreach (var (stream, last) in streams)
            {
                var past = await _reader.RangeAsync(stream.Id, book.NeededFrom(newest), last + TimeSpan.FromMicroseconds(1), beforeSequence, cancellationToken);
                book.Restore(stream.Property, past, newest);
            }
        }

        return _things[thingId] = book;
    }

    private async Task<Statements> StatementsAsync(Subject subject, string ruleId, CancellationToken cancellationToken)
    {
        if (_statements.TryGetValue((subject, ruleId), out var statements))
        {
            return statements;
        }

        var stored = await findings.OfSubjectAsync(subject, StatementsRead, cancellationToken);
        return _statements[(subject, ruleId)] = Statements.Of(stored.Where(f => f.Finding.RuleId == ruleId));
    }
}
