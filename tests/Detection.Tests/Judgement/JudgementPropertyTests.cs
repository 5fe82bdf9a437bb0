using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.TestKit;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Judgement;

public class JudgementPropertyTests
{
    private static readonly PatchJudge Judge = new(DetectionRules.Default.Judgement, Geodesic);
    private static readonly MapLayer[] All = [MapLayer.Permit, MapLayer.ControlLine];
    private static readonly DateOnly Start = new(2025, 3, 1);

    /// <summary>A rectangle on a grid of 6 m, so that areas are never a hair beside a threshold.</summary>
    private sealed record Spot(int X, int Y, int Width, int Height)
    {
        public Domain.Geometry.Outline Outline => Box((6 * X) - 25, (6 * Y) - 25, 6 * Width, 6 * Height);

        public Spot Grown(Spot by) => new(X - by.X, Y - by.Y, Width + by.X + by.Width, Height + by.Y + by.Height);
    }

    // Half of them cover the patch or nearly so: elsewhere everything is a conflict for want of an approval.
    private static readonly Gen<Spot> AnySpot = Gen.Frequency((1, Anywhere), (1, Covering));
    private static Gen<Spot> Covering => from x in Gen.Int[-2, 5] from y in Gen.Int[-2, 5] from w in Gen.Int[14, 34] from h in Gen.Int[14, 34] select new Spot(x, y, w, h);

    private static Gen<Spot> Anywhere => from x in Gen.Int[-6, 18] from y in Gen.Int[-6, 18] from w in Gen.Int[2, 34] from h in Gen.Int[2, 34] select new Spot(x, y, w, h);
    private static readonly Gen<Spot> AnyGrowth = from x in Gen.Int[0, 12] from y in Gen.Int[0, 12] from w in Gen.Int[0, 12] from h in Gen.Int[0, 12] select new Spot(x, y, w, h);

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>Days beside the first day of the patch; none = open.</summary>
    private static readonly Gen<int?> AnyDay = Gen.Frequency((1, Gen.Const((int?)null)), (6, Gen.Int[-400, 30].Select(d => (int?)d)), (6, Gen.Int[-3, 13].Select(d => (int?)d)));

    private sealed record Paper(
        int Id, Spot Spot, int? From, int? To, string Kind, PermitStatus Status, string? Use, double? Height, double? Floor, bool Document)
    {
        public Permit Feature => Permit($"A{Id}", Spot.Outline, null, null, Kind, Status, Document ? "认定〔2024〕7号" : null) with
        {
            EffectiveFrom = From is { } from ? Start.AddDays(from) : null,
            EffectiveTo = To is { } to ? Start.AddDays(to) : null,
            UseCode = Use,
            MaxHeightMeters = Height,
            FloorAreaSquareMeters = Floor,
        };

        public Paper Grown(Spot by, int earlier, int later) => this with
        {
            Spot = Spot.Grown(by),
            From = From - earlier,
            To = To + later,
        };
    }

    private static readonly Gen<Paper> AnyPaper =
        from id in Gen.Int[0, 5]
        from spot in AnySpot
        from days in Gen.Select(AnyDay, Gen.Int[1, 400], Gen.Bool)
        from kind in OneOf("construction_works", "construction_works", "homestead", "temporary_land", "land_use", "land_supply", "farmland_conversion", "never_heard_of")
        from status in OneOf(PermitStatus.Granted, PermitStatus.Granted, PermitStatus.Granted, PermitStatus.Expired, PermitStatus.Applied, PermitStatus.Revoked)
        from use in OneOf<string?>(null, "0701", "1001", "0602", "0101", "1303")
        from height in OneOf<double?>(null, 8, 12, 20)
        from floor in OneOf<double?>(null, 900, 4000, 20000)
        from document in Gen.Bool
        select new Paper(id, spot, days.Item1, days.Item3 ? null : (days.Item1 ?? -200) + days.Item2, kind, status, use, height, floor, document);

    private sealed record World(Paper[] Papers, Spot? Line, int LineKind, string? Shows, double? Height, ChangeKind Change, bool Earlier, string? Planned)
    {
        public ChangePatch Patch
        {
            get
            {
                Dictionary<string, double> facts = [];
                if (Shows is not null)
                {
                    facts["certainty_" + Shows] = 0.9;
                }

                if (Height is { } height)
                {
                    (facts["height_m"], facts["height_sd_m"]) = (height, 1.5);
                }

                return Ground.Patch(Box(0, 0, 100, 100), kind: Change) with { Facts = facts };
            }
        }

        public SiteContext? Site => Earlier ? new(Noon("2024-09-01"), Noon("2024-09-11"), 5, TimeSpan.FromDays(180)) : null;

        public List<MapFeature> Map =>
        [
            .. Papers.Select(p => p.Feature),
            .. Line is { } line ? [Ground.Line("L", (ControlLineKind)LineKind, line.Outline)] : Array.Empty<MapFeature>(),
            .. Planned is { } code ? [Parcel("P", Box(-100, -100, 300, 300)) with { PlannedUseCode = code }] : Array.Empty<MapFeature>(),
        ];

        public PatchJudgement Judged => Judge.Judge(Patch, PlanIndex.Of(Map, All), Site);
    }

    private static readonly Gen<World> AnyWorld =

        // A map holds one version of a permit at a time.
        from papers in AnyPaper.Array[1, 5].Select(all => all.DistinctBy(p => p.Id).ToArray())
        from line in Gen.Frequency((2, Gen.Const((Spot?)null)), (3, AnySpot.Select(s => (Spot?)s)))
        from kind in Gen.Int[0, 2]
        from shows in OneOf<string?>(null, "building", "greenhouse", "photovoltaic", "pond")
        from height in OneOf<double?>(null, 7, 14, 40)
        from change in OneOf(ChangeKind.BuiltUp, ChangeKind.BuiltUp, ChangeKind.BareSoil, ChangeKind.VegetationLoss)
        from earlier in Gen.Bool
        from planned in OneOf<string?>(null, "0701", "1001")
        select new World(papers, line, kind, shows, height, change, earlier, planned);

    [Fact]
    public void Judge_LargerPermit_NeverMakesAVerdictWorse()
    {
        int[] seen = new int[4], better = new int[4];
        (from world in AnyWorld from which in Gen.Int[0, 4] from growth in AnyGrowth from earlier in Gen.Int[0, 60] from later in Gen.Int[0, 60] select (world, which, growth, earlier, later))
            .Sample(
                t =>
                {
                    var (world, which, growth, earlier, later) = t;
                    var at = which % world.Papers.Length;
                    var grown = world with { Papers = [.. world.Papers.Select((p, i) => i == at ? p.Grown(growth, earlier, later) : p)] };
                    var (before, after) = (world.Judged, grown.Judged);
                    Interlocked.Increment(ref seen[(int)before.Verdict]);
                    if (after.Verdict < before.Verdict)
                    {
                        Interlocked.Increment(ref better[(int)before.Verdict]);
                    }

                    ((int)after.Verdict).ShouldBeLessThanOrEqualTo((int)before.Verdict, $"{Told(before)} → {Told(after)}");
                },
                iter: 4000,
                seed: "0000KQfXQZn2");

        // The property says nothing where nothing ever changes.
        seen[(int)Verdict.Compliant].ShouldBeGreaterThan(40);
        seen[(int)Verdict.Review].ShouldBeGreaterThan(40);
        better[(int)Verdict.Review].ShouldBeGreaterThan(5);
        better[(int)Verdict.Conflict].ShouldBeGreaterThan(40);
    }

    /// <summary>The same world turned about the earth's axis, so that the 180° meridian runs through it or beside it: there outlines are cut, and nothing else is otherwise.</summary>
    [Fact]
    public void Judge_WorldTurnedToTheMeridian_SaysTheSame() =>
        (from world in AnyWorld from meridian in Gen.Int[-12, 112] select (world, meridian)).Sample(
            t =>
            {
                var degrees = 180 - Box(t.meridian + 0.3, 0, 1, 1).Box.MinX;
                List<MapFeature> map = [.. t.world.Map, Region("R", Box(-3000, -3000, 6000, 6000))];
                var turned = map.ConvertAll(f => f with { Outline = Turned(f.Outline, degrees) });
                var patch = t.world.Patch;
                Told(Judge.Judge(patch with { Outline = Turned(patch.Outline, degrees) }, PlanIndex.Of(turned, All), t.world.Site))
                    .ShouldBe(Told(Judge.Judge(patch, PlanIndex.Of(map, All), t.world.Site)));
            },
            iter: 600,
            seed: "0000KQfXQZn2");

    /// <summary>A place that grows over the meridian from month to month, and goes, is one site.</summary>
    [Theory]
    [InlineData(-5)]
    [InlineData(50)]
    [InlineData(119)]
    public void Sites_PlaceAtTheMeridian_GrowsAndGoesAsElsewhere(int meridian)
    {
        var degrees = 180 - Box(meridian + 0.3, 0, 1, 1).Box.MinX;
        ChangePatch[] patches =
        [
            Patch(Box(0, 0, 60, 60), "2025-01-01", "2025-01-11", id: "a"),
            Patch(Box(5, 0, 110, 70), "2025-02-01", "2025-02-11", id: "b"),
            Patch(Box(125, 0, 80, 80), "2025-02-01", "2025-02-11", id: "c"),
            Patch(Box(-10, -10, 230, 110), "2025-06-01", "2025-06-11", ChangeKind.Demolition, id: "d"),
        ];
        var index = PlanIndex.Of([], All);
        Run([.. patches.Select(p => p with { Outline = Turned(p.Outline, degrees) })]).ShouldBe(Run(patches));
        Run(patches)[^1].ShouldContain("Clears");

        List<string> Run(ChangePatch[] arriving)
        {
            var (sites, judge) = (new SiteRegistry(DetectionRules.Default.Judgement.Site), new SiteJudge(DetectionRules.Default, Geodesic, TimeProvider.System));
            return [.. arriving.Select(p =>
            {
                var site = sites.Assign(p);
                var said = judge.Arrive(site, "s", p, sites.PatchesOf(site), index);
                foreach (var one in said.Patches)
                {
                    sites.Put(one);
                }

                return $"{p.Id} {site} {string.Join(' ', said.Patches.Select(j => $"{j.Patch.Id}={j.Verdict}"))} {string.Join(' ', said.Findings.Select(f => f.Condition))}";
            })];
        }
    }

    private static Domain.Geometry.Outline Turned(Domain.Geometry.Outline outline, double degrees)
    {
        var moved = outline.Shape.Copy();
        moved.Apply(NetTopologySuite.Geometries.Utilities.AffineTransformation.TranslationInstance(degrees, 0));
        moved.GeometryChanged();
        return new(Domain.Geometry.EarthShape.Cut(moved), outline.AreaSquareMeters, outline.SourceCrs);
    }

    private static string Told(PatchJudgement judgement) => $"{judgement.Verdict} {string.Join(", ", judgement.Reasons.Select(r => $"{r.Code}({string.Join(' ', r.Facts.Select(f => $"{f.Key}={f.Value}"))})"))}";

    [Fact]
    public void Judge_FeaturesInAnyOrder_SayTheSame() =>
        (from world in AnyWorld from order in Gen.Int[0, 1_000_000] select (world, order)).Sample(
            t =>
            {
                var map = t.world.Map;
                var shuffled = map.ToArray();
                new Random(t.order).Shuffle(shuffled);

                Told(Judge.Judge(t.world.Patch, PlanIndex.Of(shuffled, All), t.world.Site)).ShouldBe(Told(Judge.Judge(t.world.Patch, PlanIndex.Of(map, All), t.world.Site)));
            },
            iter: 1500,
            seed: "0000KQfXQZn2");

    [Fact]
    public async Task WorkOff_ImportsInAnyOrder_EndInTheSameJudgement() =>
        await (from world in AnyWorld from order in Gen.Int[0, 1_000_000] from parts in Gen.Int[1, 4] select (world, order, parts)).SampleAsync(
            async t =>
            {
                // Distinct permits: of one permit the later import stands, which is its meaning.
                var map = t.world.Map.DistinctBy(f => (f.Layer, f.Id)).ToArray();
                var shuffled = map.ToArray();
                new Random(t.order).Shuffle(shuffled);
                (await Run(shuffled, t.parts)).ShouldBe(await Run(map, 1));

                async Task<List<string>> Run(MapFeature[] features, int parts)
                {
                    var (changes, findings, plans) = (new MemoryChanges(), new MemoryFindings(), new MemoryPlans());
                    var pipeline = new JudgementPipeline(
                        changes, findings, plans, findings, new RecordingBus(), new PlanIndexSource(plans), DetectionRules.Default, Geodesic, new MemoryAudit(), TimeProvider.System,
                        NullLogger<JudgementPipeline>.Instance);
                    changes.Add(new ChangeSet { Id = "s", BaselineSceneId = "a", CurrentSceneId = "b", DetectorId = "t", DetectorVersion = "1", ObservableShare = 1, Patches = [t.world.Patch] });
                    plans.Import(MapLayer.Permit, Permit("far", Box(9000, 9000, 10, 10)));
                    await pipeline.WorkOffAsync(CancellationToken.None);
                    foreach (var part in features.Chunk((features.Length + parts - 1) / parts))
                    {
                        foreach (var layer in part.GroupBy(f => f.Layer))
                        {
                            plans.Import(layer.Key, [.. layer]);
                            await pipeline.WorkOffAsync(CancellationToken.None);
                        }
                    }

                    var judged = await findings.JudgedPatchesAsync(null, CancellationToken.None);
                    return [.. judged.Select(j => $"{j.Verdict} {string.Join(", ", j.Reasons.Select(r => $"{r.Code}({string.Join(' ', r.Facts.Select(f => $"{f.Key}={f.Value}"))})"))}")];
                }
            },
            iter: 150,
            seed: "0000KQfXQZn2");

    [Fact]
    public async Task Judge_AsOfAVersion_EqualsARegisterThatEndsThere() =>
        await AnyWorld.Array[1, 3].SampleAsync(
            async worlds =>
            {
                var full = new MemoryPlans();
                List<MemoryPlans> ending = [];
                List<(MapLayer Layer, MapFeature[] Features)> imports = [.. worlds.SelectMany(w => w.Map.DistinctBy(f => (f.Layer, f.Id)).GroupBy(f => f.Layer).Select(g => (g.Key, g.ToArray())))];
                foreach (var (layer, features) in imports)
                {
                    full.Import(layer, features);
                }

                for (var version = 1; version <= imports.Count; version++)
                {
                    var ended = new MemoryPlans();
                    imports.Take(version).ToList().ForEach(i => ended.Import(i.Layer, i.Features));
                    ending.Add(ended);
                }

                var step = PlanIndex.Empty;
                var versions = await full.VersionsAfterAsync(0, 100, CancellationToken.None);
                using var source = new PlanIndexSource(full);
                foreach (var version in versions)
                {
                    step = await source.StepAsync(step, version, CancellationToken.None);
                    using var replay = new PlanIndexSource(ending[(int)version.Version - 1]);
                    var said = Told(Judge.Judge(worlds[0].Patch, await source.AsOfAsync(version.Version, CancellationToken.None)));
                    said.ShouldBe(Told(Judge.Judge(worlds[0].Patch, await replay.CurrentAsync(CancellationToken.None))));
                    said.ShouldBe(Told(Judge.Judge(worlds[0].Patch, step)), "the index that was carried from version to version");
                }
            },
            iter: 150,
            seed: "0000KQfXQZn2");
}
