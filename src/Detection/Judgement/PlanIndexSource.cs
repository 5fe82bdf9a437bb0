using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// Keeps a <see cref="PlanIndex"/> up with the register, version by version. Thread-safe; a caller gets an index that does not change
/// under its hands.
/// </summary>
public sealed class PlanIndexSource(IPlanRegister register) : IDisposable
{
    private const int VersionsAtOnce = 100;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile PlanIndex? _newest;

    /// <summary>The index of the register's newest version.</summary>
    public async Task<PlanIndex> CurrentAsync(CancellationToken cancellationToken)
    {
        var version = await register.CurrentVersionAsync(cancellationToken);
        if (_newest is { } have && have.MapVersion >= version)
        {
            return have;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            var index = _newest ?? await AsOfAsync(version, cancellationToken);
            while (index.MapVersion < version)
            {
                var versions = await register.VersionsAfterAsync(index.MapVersion, VersionsAtOnce, cancellationToken);
                if (versions.Count == 0)
                {
                    throw new InvalidOperationException($"The register names version {version} as newest, but none after {index.MapVersion}.");
                }

                foreach (var next in versions)
                {
                    index = await StepAsync(index, next, cancellationToken);
                }
            }

            _newest = index;
            return index;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The whole map as it stood after a version, built anew.</summary>
    public async Task<PlanIndex> AsOfAsync(long version, CancellationToken cancellationToken)
    {
        if (version <= 0)
        {
            return PlanIndex.Empty;
        }

        var question = MapQuestion.Everything with { AsOfVersion = version };
        List<MapFeature> features =
        [
            .. await register.QueryAsync<Region>(question, cancellationToken),
            .. await register.QueryAsync<ControlLine>(question, cancellationToken),
            .. await register.QueryAsync<Permit>(question, cancellationToken),
            .. await register.QueryAsync<Parcel>(question, cancellationToken),
            .. await register.QueryAsync<PlanFeature>(question, cancellationToken),
        ];
        return PlanIndex.Of(features, mapVersion: version);
    }

    /// <summary>The index one version on, reading only what that version touched.</summary>
    public async Task<PlanIndex> StepAsync(PlanIndex index, MapVersion next, CancellationToken cancellationToken)
    {
        if (next.Version != index.MapVersion + 1)
        {
            throw new ArgumentException($"The index stands at version {index.MapVersion}; version {next.Version} does not follow it.", nameof(next));
        }

        var question = new MapQuestion { Box = next.Touched, AsOfVersion = next.Version };
        IEnumerable<MapFeature> features = next.Layer switch
        {
            MapLayer.Region => await register.QueryAsync<Region>(question, cancellationToken),
            MapLayer.ControlLine => await register.QueryAsync<ControlLine>(question, cancellationToken),
            MapLayer.Permit => await register.QueryAsync<Permit>(question, cancellationToken),
            MapLayer.Parcel => await register.QueryAsync<Parcel>(question, cancellationToken),
            MapLayer.Plan => await register.QueryAsync<PlanFeature>(question, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(next), next.Layer, "Unknown layer."),
        };
        return index.With(next.Version, next.Layer, next.Touched, features);
    }

    public void Dispose() => _gate.Dispose();
}
