namespace Monitoring.Domain.Events;

/// <summary>
/// Something durable happened. Events only wake: a consumer reads what is new from the store, after its own cursor, so a lost or
/// merged event loses nothing.
/// </summary>
public interface IMonitoringEvent;

/// <summary>Observations up to <paramref name="Through"/> are committed.</summary>
public sealed record ObservationsAccepted(long Through) : IMonitoringEvent;

/// <summary>Devices or datastreams were imported.</summary>
public sealed record DevicesChanged : IMonitoringEvent;

/// <summary>Scenes up to <paramref name="Through"/> are catalogued.</summary>
public sealed record SceneArrived(long Through) : IMonitoringEvent;

/// <summary>Change sets up to <paramref name="Through"/> are stored.</summary>
public sealed record ChangesDetected(long Through) : IMonitoringEvent;

/// <summary>The versioned map is at version <paramref name="Version"/>.</summary>
public sealed record PlanChanged(long Version) : IMonitoringEvent;

/// <summary>Findings up to <paramref name="Through"/> are stored.</summary>
public sealed record FindingRaised(long Through) : IMonitoringEvent;

/// <summary>Alert changes up to <paramref name="Through"/> are stored.</summary>
public sealed record AlertChanged(long Through) : IMonitoringEvent;

/// <summary>A case got its outcome.</summary>
public sealed record CaseDecided(string CaseId) : IMonitoringEvent;

/// <summary>Indicator values were computed or recomputed.</summary>
public sealed record IndicatorsComputed : IMonitoringEvent;

/// <summary>A consumer's cursor stands at <paramref name="Position"/>.</summary>
public sealed record CursorAdvanced(string Consumer, long Position) : IMonitoringEvent;
