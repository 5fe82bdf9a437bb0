using Monitoring.Detection.Judgement;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Judgement;

/// <summary>Squares in metres around one place in eastern China, as outlines, patches and map features.</summary>
internal static class Ground
{
    private static readonly LocalPlane Plane = new(119.5, 31.2);
    private static readonly GeometryFactory Factory = new();

    public static GdalGeodesic Geodesic { get; } = new();

    public static Outline Box(double x, double y, double width, double height)
    {
        var shape = Plane.ToDegrees(Factory.ToGeometry(new Envelope(x, x + width, y, y + height)));
        return new(shape, Geodesic.AreaSquareMeters(shape), "EPSG:4490");
    }

    /// <summary>Noon in China of a day.</summary>
    public static DateTimeOffset Noon(string day) => new(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture).ToDateTime(new TimeOnly(12, 0)), TimeSpan.FromHours(8));

    public static ChangePatch Patch(
        Outline outline, string notBefore = "2025-03-01", string notAfter = "2025-03-11", ChangeKind kind = ChangeKind.BuiltUp, double score = 0.9, string? id = null) => new()
        {
            Id = id ?? $"p-{kind}-{notAfter}-{outline.Box.MinX:R}-{outline.Box.MinY:R}-{outline.AreaSquareMeters:0}",
            Outline = outline,
            Kind = kind,
            Score = score,
            NotBefore = Noon(notBefore),
            NotAfter = Noon(notAfter),
            PixelCount = (int)(outline.AreaSquareMeters / 100),
            GsdMeters = 10,
        };

    public static Permit Permit(
        string id, Outline outline, string? from = "2024-06-01", string? to = "2027-06-01", string kind = "construction_works",
        PermitStatus status = PermitStatus.Granted, string? document = null, string? grantedOn = null) => new()
        {
            Id = id,
            Outline = outline,
            Kind = kind,
            Status = status,
            EffectiveFrom = Day(from),
            EffectiveTo = Day(to),
            GrantedOn = Day(grantedOn),
            Document = document,
        };

    public static ControlLine Line(string id, ControlLineKind kind, Outline outline, string? from = "2022-10-01", string? to = null) => new()
    {
        Id = id,
        Kind = kind,
        Outline = outline,
        EffectiveFrom = Day(from),
        EffectiveTo = Day(to),
        Document = "云政发〔2022〕31号",
    };

    public static Region Region(string id, Outline outline, string zone = "Asia/Shanghai") =>
        new() { Id = id, Outline = outline, Revision = "201904", Name = id, TimeZone = zone };

    public static Parcel Parcel(string id, Outline outline) => new() { Id = id, Outline = outline, UseCode = "0101", PlannedUseCode = "1001" };

    /// <summary>A survey class; 01… are 耕地, as the import says.</summary>
    public static PlanFeature Survey(string id, Outline outline, string code, string? from = "2024-12-31", string? to = null, string year = "2024") => new()
    {
        Id = id,
        Kind = PlanKinds.LandSurvey,
        Outline = outline,
        Code = code,
        CodeList = LandCodes.LandSurvey2019,
        EffectiveFrom = Day(from),
        EffectiveTo = Day(to),
        Values = code.StartsWith("01", StringComparison.Ordinal)
            ? new Dictionary<string, string> { ["survey_year"] = year, ["is_farmland"] = "true" }
            : new Dictionary<string, string> { ["survey_year"] = year },
    };

    public static DateOnly? Day(string? day) => day is null ? null : DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture);
}
