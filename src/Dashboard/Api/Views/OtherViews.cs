using System.Text.Json.Serialization;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Indicators;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Api.Views;

internal sealed record BaseMapView(string Url, string Attribution, int MaxZoom);

internal sealed record SessionUserView(
    string Name, string DisplayName, Role Role, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<string>? RegionPrefixes, bool MustChangePassword);

internal sealed record SessionView(bool SignedIn, SessionUserView? User, bool Demonstration, string Version, string TimeZone, BaseMapView? BaseMap);

internal sealed record SignInRequest(string User, string Password);

internal sealed record PasswordRequest(string Current, string Next);

internal sealed record UserView(
    string Name, string DisplayName, Role Role, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<string>? RegionPrefixes,
    bool MustChangePassword);

/// <param name="Password">The one-time password where the service made one; shown this once.</param>
internal sealed record NewUserView(
    string Name, string DisplayName, Role Role, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<string>? RegionPrefixes,
    bool MustChangePassword, string? Password);

internal sealed record OneTimePasswordView(string Password);

/// <summary>Every field must be there: one that was left out would otherwise mean everything.</summary>
internal sealed record UserChangeRequest
{
    public required string? DisplayName { get; init; }

    public required Role Role { get; init; }

    /// <summary>Null = everything.</summary>
    public required IReadOnlyList<string>? RegionPrefixes { get; init; }
}

internal sealed record NewUserRequest(string Name, string? DisplayName, Role Role, IReadOnlyList<string>? RegionPrefixes, string? Password);

internal sealed record RegionView(string Code, string Name, string? NameEn, double[] Bbox);

internal sealed record CountsView(int Firing, int Pending, int Acknowledged, int Devices, int DevicesSilent, int Scenes);

internal sealed record OverviewView(
    IReadOnlyList<RegionView> Regions, double[] Bbox, CountsView Counts, long LastSequence, SceneSummaryView? NewestScene, DateTimeOffset Now);

internal sealed record SceneSummaryView(
    string Id, DateTimeOffset AcquiredAt, DateTimeOffset ReceivedAt, string? Platform, string? Collection, double? CloudCover, double? SunElevation,
    double[] Bbox, double GsdMeters, IReadOnlyList<string> Bands, string? Sensor, double? SunAzimuth, string? CloudMask, double? ValidShare, double? ObservableShare,
    IReadOnlyList<SceneBandView> BandFacts)
{
    public static SceneSummaryView Of(Scene s) => new(
        s.Id, s.AcquiredAt, s.ReceivedAt, s.Platform, s.Collection, s.CloudCover, s.SunElevation, Boxes.ToArray(s.Footprint.Box),
        s.Bands.Count > 0 ? s.Bands.Min(static b => b.GsdMeters) : 0, [.. s.Bands.Select(static b => b.CommonName ?? b.Name)],
        s.Sensor, s.SunAzimuth, s.CloudMask switch { CloudMaskSource.Product => "product", CloudMaskSource.Computed => "computed", _ => null }, s.ValidShare, s.ObservableShare,
        [.. s.Bands.Select(SceneBandView.Of)]);
}

internal sealed record SceneBandView(
    string Name, string? CommonName, double? WavelengthMicrometers, double? WidthMicrometers, double GsdMeters, double Scale, double Offset, bool? IsReflectance)
{
    public static SceneBandView Of(SceneBand b) =>
        new(b.Name, b.CommonName, b.WavelengthMicrometers, b.WidthMicrometers, b.GsdMeters, b.Scale, b.Offset, b.IsReflectance);
}

internal sealed record DatastreamView(
    string Id, string DeviceId, string ThingId, string Name, string Property, string Unit, double? ExpectedIntervalSeconds, Aggregation Aggregation)
{
    public static DatastreamView Of(Datastream d) => new(d.Id, d.DeviceId, d.ThingId, d.Name, d.Property, d.Unit, d.ExpectedInterval?.TotalSeconds, d.Aggregation);
}

internal sealed record ThingView(string Id, string Name, string? NameEn, double Longitude, double Latitude, string Region)
{
    public static ThingView Of(Thing t) => new(t.Id, t.Name, t.NameEn, t.Longitude, t.Latitude, t.RegionCode);
}

internal sealed record DeviceView(string Id, ThingView Thing, bool Enabled, string? Firmware, IReadOnlyList<DatastreamView> Datastreams, DateTimeOffset? LastReceived);

internal sealed record ObservationView(
    string Id, DateTimeOffset Time, DateTimeOffset ReceivedTime, double? Number, string? Text, IReadOnlyList<string> Quality, long Sequence)
{
    public static ObservationView Of(CommittedObservation committed) => new(
        committed.Observation.DatastreamId, committed.Observation.PhenomenonTime, committed.Observation.ReceivedTime, committed.Observation.Result.Number,
        committed.Observation.Result.Text, QualityNames.Of(committed.Observation.Quality), committed.Sequence);
}

internal sealed record PointView(DateTimeOffset T, double Value, double Min, double Max, int Count, double? Completeness);

internal sealed record EventView(DateTimeOffset T, string Text);

internal sealed record SeriesView(DatastreamView Datastream, double BucketSeconds, IReadOnlyList<PointView> Points, IReadOnlyList<EventView>? Events);

internal sealed record DeadLetterView(
    long Sequence, string Door, string? DeviceId, string Address, DateTimeOffset ReceivedTime, DeadLetterReason Reason, string Detail);

internal sealed record LedgerView(
    DateTimeOffset? Since, long Received, long Accepted, long Duplicates, IReadOnlyDictionary<string, long> Rejected, long Pending, long Returned,
    IReadOnlyList<DeadLetterView> DeadLetters);

internal sealed record MapFeatureView(
    string Layer, string Id, Geometry Geometry, double AreaSquareMeters, DateOnly? EffectiveFrom, DateOnly? EffectiveTo, string? Document,
    IReadOnlyDictionary<string, object> Properties)
{
    public static MapFeatureView Of(MapFeature f) => new(
        MapLayers.NameOf(f.Layer), f.Id, f.Outline.Shape, f.Outline.AreaSquareMeters, f.EffectiveFrom, f.EffectiveTo, f.Document, MapLayers.PropertiesOf(f));
}

internal sealed record IndicatorDefinitionView(
    string Code, string System, string DefinitionVersion, string Name, string NameEn, string Unit, IndicatorDirection Direction, bool Binding, bool Proxy)
{
    public static IndicatorDefinitionView Of(IndicatorDefinition d) =>
        new(d.Code, d.System, d.DefinitionVersion, d.Name, d.NameEn, d.Unit, d.Direction, d.Binding, d.Proxy);
}

internal sealed record IndicatorValueView(DateOnly Month, double? Value, double? ObservableShare, DateTimeOffset ComputedAt, DateTimeOffset? InputsThrough);

internal sealed record IndicatorTargetView(DateOnly BaseDate, double BaseValue, DateOnly TargetDate, double TargetValue, double Tolerance);

internal sealed record IndicatorView(IndicatorDefinitionView Definition, string Region, IReadOnlyList<IndicatorValueView> Values, IndicatorTargetView? Target);

internal sealed record AuditEntryView(
    long Sequence, DateTimeOffset At, string Actor, string Action, string Subject, string Details, string PreviousHash, string Hash);

internal sealed record ImportView(bool Accepted, int Features, long? Version, IReadOnlyList<string> Problems)
{
    /// <summary>The plan layer or batch that was taken, where the kind alone does not say it.</summary>
    public string? Taken { get; init; }

    /// <summary>Of a check: the quality report.</summary>
    public System.Text.Json.JsonElement? Report { get; init; }

    /// <summary>Of a check: an SVG of where the faults lie.</summary>
    public string? Picture { get; init; }
}

/// <summary>Names of the quality flags that are set; empty = good.</summary>
internal static class QualityNames
{
    private static readonly (ResultQuality Flag, string Name)[] Flags =
    [
        (ResultQuality.OutOfRange, "outOfRange"), (ResultQuality.ClockSuspect, "clockSuspect"), (ResultQuality.Maintenance, "maintenance"),
        (ResultQuality.Fault, "fault"), (ResultQuality.Late, "late"),
    ];

    public static IReadOnlyList<string> Of(ResultQuality quality) =>
        quality is ResultQuality.Good ? [] : [.. Flags.Where(f => quality.HasFlag(f.Flag)).Select(static f => f.Name)];
}
