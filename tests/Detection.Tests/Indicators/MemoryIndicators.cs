using Monitoring.Detection.Indicators;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Indicators;
using NetTopologySuite.Geometries;
using Case = Monitoring.Domain.Cases.Case;

namespace Monitoring.Detection.Tests.Indicators;

internal sealed class MemoryIndicators(MemoryFindings findings) : IIndicatorStore
{
    private readonly List<IndicatorDefinition> _definitions = [];
    private readonly List<IndicatorTarget> _targets = [];

    public List<IndicatorValue> Appended { get; } = [];

    public Task SaveDefinitionsAsync(IReadOnlyList<IndicatorDefinition> definitions, IReadOnlyList<IndicatorTarget> targets, string actor, CancellationToken cancellationToken)
    {
        _definitions.AddRange(definitions);
        _targets.AddRange(targets);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<IndicatorDefinition>> DefinitionsAsync(DateOnly day, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<IndicatorDefinition>>([.. _definitions.Where(d => d.EffectiveFrom <= day).GroupBy(d => d.Code).Select(g => g.Last())]);

    public Task<IReadOnlyList<IndicatorTarget>> TargetsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<IndicatorTarget>>(_targets);

    public async Task CommitAsync(IReadOnlyList<IndicatorValue> values, IReadOnlyList<Finding> told, Cursor? cursor, CancellationToken cancellationToken)
    {
        await findings.CommitAsync(new FindingBatch { Findings = told, Cursor = cursor }, cancellationToken);
        Appended.AddRange(values);
    }

    public Task<IReadOnlyList<IndicatorValue>> ValuesAsync(string? code, string? regionCode, DateOnly? from, DateOnly? to, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<IndicatorValue>>([.. Appended
            .Where(v => (code is null || v.Code == code) && (regionCode is null || v.RegionCode == regionCode) && (from is null || v.Month >= from) && (to is null || v.Month <= to))
            .GroupBy(v => (v.Code, v.RegionCode, v.Month)).Select(g => g.Last()).OrderBy(v => v.Month)]);
}

internal sealed class MemoryScenes : ISceneCatalogue
{
    private readonly List<CataloguedScene> _scenes = [];

    public Task<bool> AddAsync(Scene scene, string actor, CancellationToken cancellationToken)
    {
        _scenes.Add(new(_scenes.Count + 1, scene));
        return Task.FromResult(true);
    }

    public Task<CataloguedScene?> FindAsync(string sceneId, CancellationToken cancellationToken) => Task.FromResult(_scenes.FirstOrDefault(s => s.Scene.Id == sceneId));

    public Task<IReadOnlyList<CataloguedScene>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<CataloguedScene>>([.. _scenes.Where(s => s.Sequence > afterSequence).Take(limit)]);

    public Task<IReadOnlyList<CataloguedScene>> QueryAsync(Envelope? box, DateTimeOffset? from, DateTimeOffset? to, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<CataloguedScene>>([.. _scenes
            .Where(s => (box is null || s.Scene.Footprint.Box.Intersects(box)) && (from is null || s.Scene.AcquiredAt >= from) && (to is null || s.Scene.AcquiredAt <= to))
            .OrderByDescending(s => s.Scene.AcquiredAt).Take(limit)]);
}

/// <summary>Answers for cases alone.</summary>
internal sealed class CasesOnly : IAlertStore
{
    public List<Case> Cases { get; } = [];

    public Task<IReadOnlyDictionary<(Domain.Findings.Subject Subject, string RuleId), string>> NewestIdsAsync(
        IReadOnlyCollection<(Domain.Findings.Subject Subject, string RuleId)> about, IReadOnlyList<string>? regionPrefixes, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Case>> CasesAsync(CaseQuestion question, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Case>>([.. Cases.Where(c => question.State is null || c.State == question.State).Take(question.Limit)]);

    public Task<IReadOnlyList<AlertChange>> CommitAsync(AlertBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Alert?> OpenByFingerprintAsync(string fingerprint, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Alert?> FindAsync(string alertId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Alert>> QueryAsync(AlertQuestion question, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<AlertChange>> ChangesAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<AlertChange>> ChangesOfAsync(string alertId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> LastSequenceAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Case?> FindCaseAsync(string caseId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<EvidencePhoto?> PhotoAsync(string sha256, CancellationToken cancellationToken) => throw new NotSupportedException();
}

/// <summary>Paints each scene from a rule: what the cell looks like in it.</summary>
internal sealed class PaintedScenes : ISceneSampler
{
    /// <summary>From scene id and cell (west to east, north to south, in [0, 1]) to what is seen there.</summary>
    public required Func<string, double, double, Look> Paint { get; init; }

    public int Readings { get; private set; }

    public IReadOnlyList<CellIndices>? Sample(Scene scene, IReadOnlyList<SampleGrid> grids)
    {
        Readings++;
        return [.. grids.Select(grid => Sample(scene, grid))];
    }

    private CellIndices Sample(Scene scene, SampleGrid grid)
    {
        var result = CellIndices.Empty(grid.Count);
        for (var i = 0; i < grid.Count; i++)
        {
            var look = grid.In(Zone.Region, i) ? Paint(scene.Id, ((i % grid.Width) + 0.5) / grid.Width, ((i / grid.Width) + 0.5) / grid.Height) : Look.Cloud;
            (result.Ndvi[i], result.Ndbi[i], result.Mndwi[i], result.Artificial[i]) = look switch
            {
                Look.Roof => (0.08f, 0.05f, -0.2f, 1f),
                Look.Asphalt => (0.07f, 0.06f, -0.15f, 0f),
                Look.Crop => (0.75f, -0.4f, -0.5f, 0f),
                Look.Soil => (0.18f, 0.18f, -0.4f, 0f),
                Look.Water => (-0.4f, -0.5f, 0.7f, 0f),
                _ => (float.NaN, float.NaN, float.NaN, float.NaN),
            };
        }

        return result;
    }
}

internal enum Look
{
    Cloud,
    Roof,
    Asphalt,
    Crop,
    Soil,
    Water,
}
