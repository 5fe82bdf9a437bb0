using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;

namespace Monitoring.Domain.Indicators;

/// <summary>What an indicator measures and how; versioned data, never a constant in code.</summary>
/// <param name="Code">For example <c>sensed-built-up</c>.</param>
/// <param name="System">Family the code belongs to: <c>sensed</c> for our own proxies, <c>TD/T 1063</c> …</param>
/// <param name="DefinitionVersion">Changes with every change of measure, unit or direction.</param>
/// <param name="Measure">Code of the computation, see docs/formats/indicators.md.</param>
/// <param name="Unit">For example <c>m2</c>, <c>%</c>, <c>1</c>.</param>
/// <param name="Proxy">True when it is sensed and must be labelled 遥感代理, never as the statutory figure.</param>
public sealed record IndicatorDefinition(
    string Code, string System, string DefinitionVersion, string Name, string NameEn, string Measure, string Unit, IndicatorDirection Direction, bool Binding, bool Proxy, DateOnly EffectiveFrom);

public enum IndicatorDirection
{
    /// <summary>Must not exceed its target.</summary>
    AtMost,

    /// <summary>Must not fall below its target.</summary>
    AtLeast,

    /// <summary>Only told, no target.</summary>
    Informative,
}

/// <summary>Target of an indicator in a region. Expected progress is linear from base to target unless milestones say otherwise.</summary>
/// <param name="RegionCode">Division code.</param>
/// <param name="BaseDate">Day of the base value.</param>
/// <param name="TargetDate">Day the target is due, after the base date.</param>
/// <param name="Tolerance">How far the value may leave the expected path, in the unit, before it is off course; ≥ 0.</param>
public sealed record IndicatorTarget(
    string Code, string RegionCode, DateOnly BaseDate, double BaseValue, DateOnly TargetDate, double TargetValue, double Tolerance, string Version);

/// <summary>One month of one indicator in one region.</summary>
public sealed record IndicatorValue
{
    public required string Code { get; init; }

    public required string DefinitionVersion { get; init; }

    public required string RegionCode { get; init; }

    public required string RegionRevision { get; init; }

    /// <summary>First day of the month in the region's zone.</summary>
    public required DateOnly Month { get; init; }

    /// <summary>In the definition's unit; null when nothing could be observed.</summary>
    public required double? Value { get; init; }

    /// <summary>Share in [0, 1] of the region that was seen clearly in the month; null when the indicator does not come from imagery.</summary>
    public double? ObservableShare { get; init; }

    /// <summary>Newest input it rests on.</summary>
    public DateTimeOffset? InputsThrough { get; init; }

    public required IReadOnlyList<EvidenceInput> Inputs { get; init; }

    public required DateTimeOffset ComputedAt { get; init; }
}

/// <summary>Definitions, targets and values. Thread-safe. Values are appended; the newest computation of a month is the one read.</summary>
public interface IIndicatorStore
{
    Task SaveDefinitionsAsync(IReadOnlyList<IndicatorDefinition> definitions, IReadOnlyList<IndicatorTarget> targets, string actor, CancellationToken cancellationToken);

    /// <summary>The newest definition version of each code in force on <paramref name="day"/>.</summary>
    Task<IReadOnlyList<IndicatorDefinition>> DefinitionsAsync(DateOnly day, CancellationToken cancellationToken);

    Task<IReadOnlyList<IndicatorTarget>> TargetsAsync(CancellationToken cancellationToken);

    /// <summary>Stores values, the findings they led to and the cursor, in one transaction.</summary>
    Task CommitAsync(IReadOnlyList<IndicatorValue> values, IReadOnlyList<Finding> findings, Cursor? cursor, CancellationToken cancellationToken);

    /// <summary>Values of [from, to] months, ascending by month; null = any.</summary>
    Task<IReadOnlyList<IndicatorValue>> ValuesAsync(string? code, string? regionCode, DateOnly? from, DateOnly? to, CancellationToken cancellationToken);
}
