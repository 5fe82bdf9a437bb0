using System.Globalization;
using Monitoring.Detection.Conflicts;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Conflicts;

/// <summary>Shapes in metres around one place, as planned features and as the map.</summary>
internal static class Plot
{
    public static readonly DateOnly Today = new(2026, 5, 1);

    private static readonly LocalPlane Plane = new(119.5, 31.2);
    private static readonly GeometryFactory Factory = new();

    public static ConflictEngine Engine { get; } = new(ConflictRules.Default, LandCodes.Shipped);

    public static Outline Box(double x, double y, double width, double height) => Of(Factory.ToGeometry(new Envelope(x, x + width, y, y + height)));

    public static Outline Line(params (double X, double Y)[] corners) => Of(Factory.CreateLineString([.. corners.Select(c => new Coordinate(c.X, c.Y))]));

    public static Outline Of(Geometry meters)
    {
        var shape = Plane.ToDegrees(meters);
        return new Outline(shape, Shapes.AreaOf(shape), "EPSG:4490");
    }

    public static Geometry ToMeters(Geometry degrees) => Plane.ToMeters(degrees);

    public static PlanFeature Feature(string kind, string id, Outline outline, string? code = null, string? list = null, string? name = null, string? from = null, string? to = null, params (string Field, object Value)[] values) => new()
    {
        Id = id,
        Kind = kind,
        Outline = outline,
        Code = code,
        CodeList = code is null ? null : list ?? LandCodes.LandUse2023,
        Name = name,
        EffectiveFrom = Day(from),
        EffectiveTo = Day(to),
        Values = values.ToDictionary(v => v.Field, v => Convert.ToString(v.Value, CultureInfo.InvariantCulture)!),
    };

    public static PlanFeature Road(string id, double width, params (double X, double Y)[] axis) => Feature(PlanKinds.Road, id, Line(axis), values: ("width_m", width));

    public static PlanFeature Pipe(string id, string medium, double diameterMillimeters, (double X, double Y)[] axis, params (string Field, object Value)[] values) =>
        Feature(PlanKinds.Pipe, id, Line(axis), medium, "pipe-media", values: [("diameter_mm", diameterMillimeters), .. values]);

    public static ControlLine RedLine(string id, Outline outline, ControlLineKind kind = ControlLineKind.EcologicalProtectionRedLine, string? from = "2022-10-01", string? to = null) =>
        new() { Id = id, Kind = kind, Outline = outline, Document = "云政发〔2022〕31号", EffectiveFrom = Day(from), EffectiveTo = Day(to) };

    public static ConflictReport Check(IReadOnlyList<PlanFeature> subjects, IEnumerable<MapFeature> map, bool suggest = false, Func<ConflictQuestion, ConflictQuestion>? ask = null, ConflictEngine? engine = null)
    {
        var question = new ConflictQuestion { Subjects = subjects, On = Today, Suggest = suggest };
        return (engine ?? Engine).Check(ask?.Invoke(question) ?? question, PlanIndex.Of(map, mapVersion: 7), TestContext.Current.CancellationToken);
    }

    private static DateOnly? Day(string? day) => day is null ? null : DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
