using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Indicators;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.DuckDb;
using Monitoring.Storage.Sqlite;
using Monitoring.TestKit;
using Monitoring.TestKit.Contracts;

namespace Monitoring.Storage.Tests;

/// <summary>DuckDB and SQLite on a temporary folder.</summary>
public sealed class EmbeddedStores : StoreHarness
{
    private readonly TempDirectory _folder = new();
    private readonly ObservationStoreOptions _options;
    private DuckDbObservationStore _observations;
    private RegisterDatabase _registers;

    /// <param name="options">Limits of the observation store; defaults when null.</param>
    public EmbeddedStores(ObservationStoreOptions? options = null)
    {
        _options = options ?? new ObservationStoreOptions();
        (_observations, _registers) = Open();
    }

    public string ObservationFile => _folder.File("observations.duckdb");

    public string RegisterFile => _folder.File("registers.sqlite");

    public RegisterDatabase Database => _registers;

    public override IObservationStore Observations => _observations;

    public override IPlanRegister Plan => new SqlitePlanRegister(_registers, Bus, Time);

    public override IIncidentStore Incidents => new SqliteIncidentStore(_registers, Bus);

    public override IPushedPatches PushedPatches => new SqlitePushedPatches(_registers, Time);

    public override IDeviceRegister Devices => new SqliteDeviceRegister(_registers, Bus, Time);

    public override ISceneCatalogue Scenes => new SqliteSceneCatalogue(_registers, Bus, Time);

    public override IChangeStore Changes => new SqliteChangeStore(_registers, Bus);

    public override IFindingStore Findings => new SqliteFindingStore(_registers, Bus);

    public override IAlertStore Alerts => new SqliteAlertStore(_registers, Bus);

    public override IIndicatorStore Indicators => new SqliteIndicatorStore(_registers, Bus, Time);

    public override ICursorStore Cursors => new SqliteCursorStore(_registers, Bus);

    public override IAuditTrail Audit => new SqliteAuditTrail(_registers);

    public override async Task ReopenAsync()
    {
        await _observations.DisposeAsync();
        _registers.Dispose();
        (_observations, _registers) = Open();
    }

    public override async ValueTask DisposeAsync()
    {
        await _observations.DisposeAsync();
        _registers.Dispose();
        _folder.Dispose();
    }

    private (DuckDbObservationStore, RegisterDatabase) Open() => (
        DuckDbObservationStore.Open(ObservationFile, _options, Bus, NullLogger.Instance),
        RegisterDatabase.Open(RegisterFile, Time, NullLogger.Instance));
}
