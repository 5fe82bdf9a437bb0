using Microsoft.Extensions.Time.Testing;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Indicators;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;

namespace Monitoring.TestKit.Contracts;

/// <summary>
/// Stores under test, on an empty place of their own. A store room makes one subclass and passes the whole contract suite with it.
/// </summary>
public abstract class StoreHarness : IAsyncDisposable
{
    /// <summary>What the stores published. The same over reopenings.</summary>
    public RecordingBus Bus { get; } = new();

    /// <summary>The stores' clock; begins at <see cref="An.Epoch"/>.</summary>
    public FakeTimeProvider Time { get; } = new(An.Epoch);

    public abstract IObservationStore Observations { get; }

    public abstract IPlanRegister Plan { get; }

    public abstract IPushedPatches PushedPatches { get; }

    public abstract IDeviceRegister Devices { get; }

    public abstract ISceneCatalogue Scenes { get; }

    public abstract IChangeStore Changes { get; }

    public abstract IFindingStore Findings { get; }

    public abstract IIncidentStore Incidents { get; }

    public abstract IAlertStore Alerts { get; }

    public abstract IIndicatorStore Indicators { get; }

    public abstract ICursorStore Cursors { get; }

    public abstract IAuditTrail Audit { get; }

    /// <summary>Closes the stores in good order and opens them on the same data.</summary>
    public abstract Task ReopenAsync();

    public abstract ValueTask DisposeAsync();
}
