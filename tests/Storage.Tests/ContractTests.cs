using Monitoring.Storage.DuckDb;
using Monitoring.TestKit.Contracts;

namespace Monitoring.Storage.Tests;

public sealed class DuckDbObservationStoreTests : ObservationStoreContract
{
    protected override Task<StoreHarness> OpenAsync() => Task.FromResult<StoreHarness>(new EmbeddedStores());
}

/// <summary>The same promises with no memory of recent keys: every duplicate is found in the file.</summary>
public sealed class DuckDbObservationStoreWithoutMemoryTests : ObservationStoreContract
{
    protected override Task<StoreHarness> OpenAsync() =>
        Task.FromResult<StoreHarness>(new EmbeddedStores(new ObservationStoreOptions { RecentKeys = 0, GroupRows = 3, QueueCapacity = 2, Readers = 1 }));
}

public sealed class SqlitePlanRegisterTests : PlanRegisterContract
{
    protected override Task<StoreHarness> OpenAsync() => Task.FromResult<StoreHarness>(new EmbeddedStores());
}

public sealed class SqlitePushedPatchesTests : PushedPatchesContract
{
    protected override Task<StoreHarness> OpenAsync() => Task.FromResult<StoreHarness>(new EmbeddedStores());
}

public sealed class SqliteDeviceRegisterTests : DeviceRegisterContract
{
    protected override Task<StoreHarness> OpenAsync() => Task.FromResult<StoreHarness>(new EmbeddedStores());
}

public sealed class SqliteSceneCatalogueTests : SceneCatalogueContract
{
    protected override Task<StoreHarness> OpenAsync() => Task.FromResult<StoreHarness>(new EmbeddedStores());
}

public sealed class SqliteFindingStoreTests : FindingStoreContract
{
    protected override Task<StoreHarness> OpenAsync() => Task.FromResult<StoreHarness>(new EmbeddedStores());
}

public sealed class SqliteIncidentStoreTests : IncidentStoreContract
{
    protected override Task<StoreHarness> OpenAsync() => Task.FromResult<StoreHarness>(new EmbeddedStores());
}

public sealed class SqliteAlertStoreTests : AlertStoreContract
{
    protected override Task<StoreHarness> OpenAsync() => Task.FromResult<StoreHarness>(new EmbeddedStores());
}

public sealed class SqliteIndicatorStoreTests : IndicatorStoreContract
{
    protected override Task<StoreHarness> OpenAsync() => Task.FromResult<StoreHarness>(new EmbeddedStores());
}

public sealed class SqliteAuditTrailTests : AuditTrailContract
{
    protected override Task<StoreHarness> OpenAsync() => Task.FromResult<StoreHarness>(new EmbeddedStores());
}
