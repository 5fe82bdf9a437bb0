using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Indicators;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests;

public sealed class StorageRoomTests
{
    [Fact]
    public async Task AddStorage_EveryPort_IsServedByOneStoreAndClosedWithTheContainer()
    {
        using var folder = new TempDirectory();
        for (var start = 0; start < 2; start++)
        {
            await using var services = new ServiceCollection().AddStorage(new StorageOptions { DataDirectory = folder.Path }).BuildServiceProvider();
            foreach (var port in new[]
            {
                typeof(IObservationStore), typeof(IPlanRegister), typeof(IDeviceRegister), typeof(ISceneCatalogue), typeof(IChangeStore), typeof(IFindingStore),
                typeof(IAlertStore), typeof(IIndicatorStore), typeof(ICursorStore), typeof(IAuditTrail), typeof(IEventBus), typeof(DataDirectory),
            })
            {
                services.GetRequiredService(port).ShouldBeSameAs(services.GetRequiredService(port));
            }

            using var woken = services.GetRequiredService<IEventBus>().Subscribe<ObservationsAccepted>();
            await services.GetRequiredService<IObservationStore>().CommitAsync(ObservationBatch.Of(An.Observation(seconds: start)), TestContext.Current.CancellationToken);
            await woken.WaitAsync(TestContext.Current.CancellationToken).AsTask().Within("the commit wakes");
            Should.Throw<DataDirectoryInUseException>(() => DataDirectory.Open(folder.Path));
        }

        DataDirectory.Open(folder.Path).Dispose();
    }

    [Fact]
    public async Task AddStorage_DirectoryOpenedByTheCaller_StaysTheCallers()
    {
        using var folder = new TempDirectory();
        using var data = DataDirectory.Open(folder.Path);
        await using (var services = new ServiceCollection().AddStorage(new StorageOptions { DataDirectory = folder.Path }, data).BuildServiceProvider())
        {
            (await services.GetRequiredService<ICursorStore>().PositionAsync("c", TestContext.Current.CancellationToken)).ShouldBe(0);
        }

        Should.Throw<DataDirectoryInUseException>(() => DataDirectory.Open(folder.Path));
    }
}
