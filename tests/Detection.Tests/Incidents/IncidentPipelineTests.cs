using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Detection.Incidents;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.TestKit;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Incidents;

public sealed class IncidentPipelineTests
{
    [Fact]
    public async Task WorkOff_InPiecesWithRestarts_GivesWhatOneRunGives()
    {
        Finding[] findings = [.. Enumerable.Range(0, 30).Select(i => An.Finding($"f{i}", $"site-{i % 7}") with
        {
            Where = An.Square(120 + (i % 7 * 0.001), side: 0.0004), Score = 0.3 + (i * 0.01), Verdict = Verdict.Conflict, PhenomenonStart = An.Epoch.AddDays(i), PhenomenonEnd = An.Epoch.AddDays(i + 1),
        })];
        var whole = await RunAsync(findings, pieces: 1);
        var torn = await RunAsync(findings, pieces: 6);

        whole.Count.ShouldBe(7);
        torn.Select(i => (i.Id, i.Weight, i.End, i.Evidence.Count)).ShouldBe(whole.Select(i => (i.Id, i.Weight, i.End, i.Evidence.Count)));
    }

    [Fact]
    public async Task WorkOff_CommitThatFails_IsDoneAgainFromWhatIsStored()
    {
        var (stored, incidents) = (new MemoryFindings(), new MemoryIncidents { FailCommits = 1 });
        await stored.CommitAsync(new FindingBatch { Findings = [An.Finding() with { Verdict = Verdict.Conflict }] }, CancellationToken.None);
        var pipeline = Pipeline(stored, incidents);

        await Should.ThrowAsync<IOException>(() => pipeline.WorkOffAsync(CancellationToken.None));
        (await pipeline.WorkOffAsync(CancellationToken.None)).ShouldBe(1);
        incidents.All.ShouldHaveSingleItem().Evidence.ShouldHaveSingleItem().Findings.ShouldBe(1);
        (await pipeline.WorkOffAsync(CancellationToken.None)).ShouldBe(0);
    }

    private static async Task<IReadOnlyList<Incident>> RunAsync(Finding[] findings, int pieces)
    {
        var (stored, incidents) = (new MemoryFindings(), new MemoryIncidents());
        foreach (var piece in findings.Chunk(findings.Length / pieces))
        {
            await stored.CommitAsync(new FindingBatch { Findings = piece }, CancellationToken.None);
            await Pipeline(stored, incidents).WorkOffAsync(CancellationToken.None);
        }

        return incidents.All;
    }

    private static IncidentPipeline Pipeline(MemoryFindings stored, MemoryIncidents incidents) =>
        new(stored, incidents, incidents, new RecordingBus(), DetectionRules.Default, new FakeTimeProvider(An.Epoch), NullLogger<IncidentPipeline>.Instance);

    /// <summary>Incidents and cursors in memory, for one thread.</summary>
    private sealed class MemoryIncidents : IIncidentStore, ICursorStore
    {
        private readonly Dictionary<string, Incident> _incidents = new(StringComparer.Ordinal);
        private long _position;

        public int FailCommits { get; set; }

        public IReadOnlyList<Incident> All => [.. _incidents.Values.OrderBy(i => i.Id, StringComparer.Ordinal)];

        private IEnumerable<Incident> Standing => All.Where(i => i.MergedInto is null);

        public Task CommitAsync(IReadOnlyList<Incident> incidents, Cursor cursor, CancellationToken cancellationToken)
        {
            if (FailCommits-- > 0)
            {
                throw new IOException("The disk is full, as the test wants it.");
            }

            foreach (var incident in incidents)
            {
                _incidents[incident.Id] = incident;
            }

            _position = cursor.Position;
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<Incident>> NearAsync(Envelope box, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<Incident>>([.. Standing.Where(i => i.Where.Box.Intersects(box) && i.Start <= to && i.End >= from)]);

        public Task<IReadOnlyList<Incident>> OfSubjectAsync(Subject subject, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<Incident>>([.. Standing.Where(i => i.Evidence.Any(e => e.Subject == subject))]);

        public Task<Incident?> FindAsync(string id, CancellationToken cancellationToken) => Task.FromResult(_incidents.GetValueOrDefault(id));

        public Task<IReadOnlyList<Incident>> QueryAsync(IncidentQuestion question, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Incident>>([.. Standing.Take(question.Limit)]);

        public Task<long> PositionAsync(string consumer, CancellationToken cancellationToken) => Task.FromResult(_position);

        public Task AdvanceAsync(Cursor cursor, CancellationToken cancellationToken)
        {
            _position = cursor.Position;
            return Task.CompletedTask;
        }
    }
}
