using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Indicators;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Tests.Setting;

/// <summary>
/// Two neighbouring regions, X (320102) from 118.0 to 118.1 and Y (320104) from 118.1 to 118.2, both 32.0 to 32.1, each with one of
/// everything. Ids start with x- or y-, so that a leak is seen by its name.
/// </summary>
public static class World
{
    public const string X = "320102";
    public const string Y = "320104";

    public static readonly DateTimeOffset Spring = new(2026, 4, 1, 2, 0, 0, TimeSpan.Zero);

    public static readonly AlertRule Building = new(
        "building-without-approval", "1", "未批先建", "Building without approval", TimeSpan.Zero, TimeSpan.Zero, Severity.Major, AlertEnding.ByHuman);

    public static readonly AlertRule Dust = new("dust", "1", "扬尘", "Dust", TimeSpan.Zero, TimeSpan.Zero, Severity.Minor, AlertEnding.ByData);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static string Code(string region) => region == "x" ? X : Y;

    public static Outline Box(double west, double south, double east, double north, double area = 1000) =>
        new(new GeometryFactory().ToGeometry(new Envelope(west, east, south, north)), area, "EPSG:4490");

    public static Outline Ground(string region) => region == "x" ? Box(118.0, 32.0, 118.1, 32.1) : Box(118.1, 32.0, 118.2, 32.1);

    /// <summary>A small square well inside the region, moved by <paramref name="n"/> squares.</summary>
    public static Outline Plot(string region, int n = 0)
    {
        var west = (region == "x" ? 118.02 : 118.12) + (n * 0.003);
        return Box(west, 32.04, west + 0.002, 32.042, 35_000);
    }

    /// <summary>Regions, lines, permits, parcels, devices and indicators of both regions.</summary>
    public static async Task SettleAsync(TestService service)
    {
        var map = service.Get<IPlanRegister>();
        await map.AppendAsync(Import(MapLayer.Region, r => new Region { Id = Code(r), Outline = Ground(r), Revision = "201904", Name = r == "x" ? "玄武" : "鼓楼", NameEn = r }), Cancel);
        await map.AppendAsync(Import(MapLayer.ControlLine, r => new ControlLine { Id = $"{r}-line", Outline = Plot(r), Kind = ControlLineKind.PermanentBasicFarmland, Name = $"{r}-line-name" }), Cancel);
        await map.AppendAsync(Import(MapLayer.Permit, r => new Permit { Id = $"{r}-permit", Outline = Plot(r, 1), Kind = "construction_works", Status = PermitStatus.Granted, Project = $"{r}-project" }), Cancel);
        await map.AppendAsync(Import(MapLayer.Parcel, r => new Parcel { Id = $"{r}-parcel", Outline = Plot(r), UseCode = "0101" }), Cancel);
        var things = new[] { "x", "y" }.Select(static r => new Thing($"{r}-thing", $"{r}-thing-name", null, Plot(r).Box.Centre.X, 32.041, Code(r))).ToList();
        await service.Get<IDeviceRegister>().ImportAsync(
            new DeviceImport(
                things,
                [.. things.Select(static t => new Device($"{t.Id[0]}-device", t.Id, "1.0", "-"))],
                [.. things.Select(static t => Stream(t.Id[..1]))],
                "test",
                "test"),
            Cancel);
        await service.Get<IIndicatorStore>().SaveDefinitionsAsync(
            [new IndicatorDefinition("sensed-built-up", "sensed", "1", "建成", "Built up", "m", "m2", IndicatorDirection.AtMost, false, true, new DateOnly(2020, 1, 1))],
            [.. new[] { X, Y }.Select(static c => new IndicatorTarget("sensed-built-up", c, new DateOnly(2025, 1, 1), 1, new DateOnly(2030, 1, 1), 2, 0.1, "1"))],
            "test",
            Cancel);
        await service.Get<IIndicatorStore>().CommitAsync(
            [.. new[] { X, Y }.Select(static c => new IndicatorValue
            {
                Code = "sensed-built-up", DefinitionVersion = "1", RegionCode = c, RegionRevision = "201904", Month = new DateOnly(2026, 3, 1),
                Value = 5, Inputs = [], ComputedAt = Spring,
            })],
            [],
            null,
            Cancel);
    }

    /// <summary>
    /// A scene of 100 × 100 pixels over a box, four bands of uint16, values rising from west to east; the northern tenth is nodata.
    /// </summary>
    public static async Task<Scene> SceneAsync(TestService service, string id, Outline over, DateTimeOffset at)
    {
        const int side = 100;
        var path = Path.Combine(service.Folder, $"{id}.tif");
        var box = over.Box;
        var transform = GeoTransform.NorthUp(box.MinX, box.MaxY, box.Width / side, box.Height / side);
        using (var file = RasterDataset.Create(path, "GTiff", side, side, 4, PixelType.UInt16))
        {
            file.Transform = transform;
            using var crs = SpatialReference.FromEpsg(4490);
            file.SetSpatialReference(crs);
            var plane = new ushort[side * side];
            for (var band = 1; band <= 4; band++)
            {
                for (var i = 0; i < plane.Length; i++)
                {
                    plane[i] = i / side < side / 10 ? (ushort)0 : (ushort)(1000 + (10 * (i % side)) + (band * 100));
                }

                file.SetNoData(band, 0);
                file.Write<ushort>(band, file.FullWindow, plane);
            }
        }

        string[] names = ["blue", "green", "red", "nir"];
        var scene = new Scene
        {
            Id = id, AcquiredAt = at, ReceivedAt = at, Platform = "test", Footprint = over,
            Bands = [.. names.Select(static (n, i) => new SceneBand(n, n, null, 0, i + 1, 10, 0, 0.0001, 0))],
            Grid = new Grid("EPSG:4490", [box.MinX, box.Width / side, 0, box.MaxY, 0, -box.Height / side], side, side),
            CloudCover = 1, Assets = [new SceneAsset(path, new string('0', 64), 1)], ContentHash = id,
        };
        await service.Get<ISceneCatalogue>().AddAsync(scene, "test", Cancel);
        return scene;
    }

    public static Datastream Stream(string region) =>
        new($"{region}-device", $"{region}-thing", "pm10", ObservedProperties.Pm10, "ug/m3", TimeSpan.FromMinutes(1), Aggregation.Mean);

    public static Task ObserveAsync(TestService service, string region, double value, double minute) => service.Get<IObservationStore>().CommitAsync(
        ObservationBatch.Of(new Observation
        {
            DatastreamId = Stream(region).Id, PhenomenonTime = Spring.AddMinutes(minute), ReceivedTime = Spring.AddMinutes(minute), Result = ObservationResult.OfNumber(value),
        }),
        Cancel);

    /// <summary>Stores a finding about the n-th site of the region and the judged patch behind it.</summary>
    public static Finding Site(string region, int n = 0, Severity severity = Severity.Major) => new()
    {
        Id = FindingId.Of("site", region, $"{n}", $"{severity}"),
        RuleId = Building.Id,
        RuleVersion = "1",
        DetectorId = "test",
        DetectorVersion = "1",
        Subject = new Subject(SubjectKind.Site, $"{region}-site-{n}"),
        Condition = FindingCondition.Holds,
        Severity = severity,
        PhenomenonStart = Spring.AddDays(-10),
        PhenomenonEnd = Spring,
        DetectedAt = Spring,
        RegionCode = Code(region),
        Where = Plot(region, n),
        Score = 0.9,
        Verdict = Verdict.Conflict,
        Reasons = [Reason.Of("no-approval", ("area_m2", "35000"), ("marker", $"{region}-reason"))],
        Inputs = [new EvidenceInput("patch", $"{region}-patch-{n}")],
        MapVersion = 4,
    };

    public static JudgedPatch Patch(string region, int n = 0) => new(
        $"{region}-changes",
        new ChangePatch
        {
            Id = $"{region}-patch-{n}", Outline = Plot(region, n), Kind = ChangeKind.BuiltUp, Score = 0.9, NotBefore = Spring.AddDays(-10), NotAfter = Spring,
            PixelCount = 90, GsdMeters = 10,
        },
        $"{region}-site-{n}",
        Code(region),
        Verdict.Conflict,
        [Reason.Of("no-approval", ("area_m2", "35000"))],
        4,
        Spring);

    /// <summary>Raises findings (and their patches) and waits until the alert writer took them.</summary>
    public static Task RaiseAsync(TestService service, params Finding[] findings) => RaiseAsync(service, true, findings);

    public static async Task RaiseAsync(TestService service, bool withPatches, params Finding[] findings)
    {
        var store = service.Get<IFindingStore>();
        await store.CommitAsync(
            new FindingBatch
            {
                Findings = findings,
                JudgedPatches = !withPatches ? [] : [.. findings.Select(static f => Patch(f.Subject.Id[..1], int.Parse(f.Subject.Id[7..], System.Globalization.CultureInfo.InvariantCulture)))],
            },
            Cancel);
        var all = await store.ReadAfterAsync(0, 1000, Cancel);
        await service.TakenAsync(all[^1].Sequence);
    }

    private static MapImport Import(MapLayer layer, Func<string, MapFeature> feature) =>
        new(layer, [feature("x"), feature("y")], "test", new string('0', 64), "test");
}
