using System.Security.Cryptography;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Indicators;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using NetTopologySuite.Geometries;

namespace Monitoring.TestKit;

/// <summary>Domain objects with plain defaults; a test states only what it is about (with <c>with</c> for the rest).</summary>
public static class An
{
    /// <summary>2026-05-01T00:00:00Z, where the tests' time begins.</summary>
    public static readonly DateTimeOffset Epoch = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    public static Observation Observation(string datastream = "d1/pm10", double seconds = 0, double result = 1, ResultQuality quality = ResultQuality.Good) => new()
    {
        DatastreamId = datastream,
        PhenomenonTime = Epoch.AddSeconds(seconds),
        ReceivedTime = Epoch.AddSeconds(seconds + 1),
        Result = ObservationResult.OfNumber(result),
        Quality = quality,
    };

    public static Observation Category(string datastream, double seconds, string text) =>
        Observation(datastream, seconds) with { Result = ObservationResult.OfText(text) };

    public static DeadLetter DeadLetter(string detail = "The message is not JSON.") => new()
    {
        Door = "mqtt",
        DeviceId = "d1",
        Address = "devices/d1/obs",
        ReceivedTime = Epoch,
        Reason = DeadLetterReason.Malformed,
        Detail = detail,
        Payload = new byte[] { 0, 1, 255 },
        PayloadLength = 3,
    };

    public static Datastream Datastream(string device = "d1", string name = "pm10", double? intervalSeconds = 60, Aggregation aggregation = Aggregation.Mean) =>
        new(device, "t1", name, name, "1", intervalSeconds is { } s ? TimeSpan.FromSeconds(s) : null, aggregation);

    /// <summary>A square with its lower left corner at the given degrees; the area is a round number, not the geodesic one.</summary>
    public static Outline Square(double longitude = 120, double latitude = 30, double side = 0.01, double area = 1000) =>
        new(new GeometryFactory().ToGeometry(new Envelope(longitude, longitude + side, latitude, latitude + side)), area, "EPSG:4490");

    public static Permit Permit(string id = "P-1", string? from = null, string? to = null, PermitStatus status = PermitStatus.Granted, Outline? outline = null) => new()
    {
        Id = id, Outline = outline ?? Square(), EffectiveFrom = Day(from), EffectiveTo = Day(to), Kind = "construction_works", Status = status,
    };

    public static Region Region(string code = "330100", string? from = null, string? to = null, Outline? outline = null) => new()
    {
        Id = code, Outline = outline ?? Square(side: 1), EffectiveFrom = Day(from), EffectiveTo = Day(to), Revision = "201904", Name = "测试区", NameEn = "Test",
    };

    public static ControlLine ControlLine(string id = "C-1", ControlLineKind kind = ControlLineKind.EcologicalProtectionRedLine, string? from = null, Outline? outline = null) => new()
    {
        Id = id, Outline = outline ?? Square(), EffectiveFrom = Day(from), Kind = kind, Name = "红线",
    };

    public static Parcel Parcel(string id = "K-1", Outline? outline = null) => new()
    {
        Id = id, Outline = outline ?? Square(), UseCode = "0101", PlannedUseCode = "0701", LegalAreaSquareMeters = 990,
    };

    public static MapImport Import(params IReadOnlyList<MapFeature> features) =>
        new(features.Count == 0 ? MapLayer.Permit : features[0].Layer, features, "permits.geojson", new string('a', 64), "tester");

    public static Scene Scene(string id = "S1", double days = 0, Outline? footprint = null, string content = "c1") => new()
    {
        Id = id,
        Collection = "sentinel-2-l2a",
        AcquiredAt = Epoch.AddDays(days),
        ReceivedAt = Epoch.AddDays(days + 1),
        Footprint = footprint ?? Square(),
        Bands = [new SceneBand("B04", "red", 0.665, 0, 1, 10, 0, 0.0001, 0)],
        Grid = new Grid("EPSG:32651", [0, 10, 0, 0, 0, -10], 100, 100),
        CloudCover = 3.5,
        Assets = [new SceneAsset("scenes/store/x.tif", new string('b', 64), 12345)],
        ContentHash = content,
    };

    public static ChangePatch Patch(string id = "cs1-1", Outline? outline = null, double days = 10) => new()
    {
        Id = id,
        Outline = outline ?? Square(),
        Kind = ChangeKind.BuiltUp,
        Score = 0.9,
        NotBefore = Epoch,
        NotAfter = Epoch.AddDays(days),
        PixelCount = 12,
        GsdMeters = 10,
        Facts = new Dictionary<string, double> { ["ndvi"] = -0.3 },
    };

    public static ChangeSet ChangeSet(string id = "cs1", string current = "S2", params IReadOnlyList<ChangePatch> patches) => new()
    {
        Id = id,
        BaselineSceneId = "S1",
        CurrentSceneId = current,
        DetectorId = "mad",
        DetectorVersion = "1",
        ObservableShare = 0.8,
        Patches = patches,
        Statistics = new Dictionary<string, double> { ["threshold"] = 3.2 },
    };

    public static JudgedPatch Judged(ChangePatch patch, string site = "site-1", Verdict verdict = Verdict.Conflict, long mapVersion = 1) =>
        new("cs1", patch, site, "330100", verdict, [Reason.Of("no-approval", ("area_m2", "1000"))], mapVersion, Epoch.AddDays(11));

    /// <summary>A patch of a site as an incident of its own: an hour from the epoch on.</summary>
    public static Incident Incident(string id = "i1", double longitude = 120, string? region = "3301") => new()
    {
        Id = id, RulesVersion = "t", RegionCode = region, Where = Square(longitude, side: 0.001), Start = Epoch, End = Epoch.AddHours(1), Weight = 2, Corroborated = false,
        Evidence = [new(EvidenceChannel.Space, "image-change", "building-without-approval", new(SubjectKind.Site, $"site-{id}"), $"f-{id}", 2, Epoch, Epoch.AddHours(1), 1, true, Square(longitude, side: 0.001), region)],
    };

    public static Finding Finding(string id = "f1", string subject = "site-1", string rule = "building-without-approval") => new()
    {
        Id = id,
        RuleId = rule,
        RuleVersion = "1",
        DetectorId = "judgement",
        DetectorVersion = "1",
        Subject = new Subject(SubjectKind.Site, subject),
        Condition = FindingCondition.Holds,
        Severity = Severity.Major,
        PhenomenonStart = Epoch,
        PhenomenonEnd = Epoch.AddDays(10),
        DetectedAt = Epoch.AddDays(11),
        RegionCode = "330100",
        Where = Square(),
        Score = 0.9,
        Verdict = Verdict.Conflict,
        Reasons = [Reason.Of("no-approval", ("area_m2", "1000"), ("share", "1"))],
        Inputs = [new EvidenceInput("scene", "S1", "h1")],
        MapVersion = 3,
    };

    public static Alert Alert(string subject = "site-1", AlertState state = AlertState.Firing, string? region = "330100", int instance = 1, Outline? where = null)
    {
        var about = new Subject(SubjectKind.Site, subject);
        var fingerprint = Monitoring.Domain.Alerts.Alert.FingerprintOf("building-without-approval", about);
        return new Alert
        {
            Id = $"{fingerprint}-{instance}",
            Fingerprint = fingerprint,
            RuleId = "building-without-approval",
            Subject = about,
            State = state,
            Severity = Severity.Major,
            Verdict = Verdict.Conflict,
            Score = 0.9,
            RegionCode = region,
            Where = where ?? Square(),
            StartsAt = Epoch,
            LastHeldAt = Epoch.AddDays(10),
            FindingId = "f1",
            Reasons = [Reason.Of("no-approval", ("area_m2", "1000"))],
            FindingCount = 1,
        };
    }

    public static AlertChange Change(Alert alert, AlertChangeKind kind = AlertChangeKind.Fired, string actor = "system") =>
        new(0, kind, alert, Epoch.AddDays(11), actor);

    public static Case Case(string id = "case-1", CaseState state = CaseState.Detected, string? region = "330100", double openedDays = 11) => new()
    {
        Id = id, AlertId = "a1", SiteId = "site-1", RegionCode = region, State = state, OpenedAt = Epoch.AddDays(openedDays),
        DecidedAt = state is CaseState.Judged ? Epoch.AddDays(openedDays + 1) : null,
        Verification = state is CaseState.Judged ? new FieldVerification(FieldOutcome.Illegal, "张三", Epoch.AddDays(openedDays + 1), "无审批", ["ab"], 120.1, 30.1) : null,
    };

    public static EvidencePhoto Photo(params byte[] bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)), "image/jpeg", bytes);

    public static AuditEntry Audit(string action = "alert.acknowledge", string subject = "a1") => new(Epoch, "officer", action, subject, "{}");

    public static IndicatorDefinition Definition(string code = "sensed-built-up", string version = "1", string from = "2025-01-01") =>
        new(code, "sensed", version, "建成覆盖", "Built-up cover", "built-up-share", "%", IndicatorDirection.AtMost, false, true, Day(from)!.Value);

    public static IndicatorTarget Target(string code = "sensed-built-up", string region = "330100", string version = "1", double target = 30) =>
        new(code, region, new DateOnly(2025, 1, 1), 20, new DateOnly(2030, 12, 31), target, 0.5, version);

    public static IndicatorValue Value(string month = "2026-04-01", double? value = 21, string code = "sensed-built-up", string region = "330100") => new()
    {
        Code = code, DefinitionVersion = "1", RegionCode = region, RegionRevision = "201904", Month = Day(month)!.Value, Value = value,
        ObservableShare = 0.9, Inputs = [new EvidenceInput("scene", "S1")], ComputedAt = Epoch,
    };

    public static DateOnly? Day(string? text) => text is null ? null : DateOnly.ParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
