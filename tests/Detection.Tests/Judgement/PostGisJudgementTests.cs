using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.TestKit;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Judgement;

/// <summary>
/// The same ground, judged here and by one SQL statement in PostGIS that knows nothing of this code: which features meet a patch, how much
/// of it they cover, what lies outside of all approvals, and the verdict. docs/algorithms/judgement.md names the tolerances.
/// </summary>
public sealed class PostGisJudgementTests(PostGisJudgementTests.Grounds grounds) : IClassFixture<PostGisJudgementTests.Grounds>
{
    private const int Patches = 1500;
    private const int Sites = 300;
    private const int PartsOfSite = 3;

    /// <summary>m² in the local plane, on both sides computed on the same coordinates.</summary>
    private const double PlaneTolerance = 1e-4;

    /// <summary>One server with two grounds, without and with documents; each is laid out once, when it is first asked for.</summary>
    public sealed class Grounds : IDisposable
    {
        private readonly Dictionary<bool, Laid> _laid = [];

        internal PostGisServer? Running { get; } = PostGisServer.Missing is null ? PostGisServer.Start("shared_buffers=128MB") : null;

        internal Laid Of(bool documents)
        {
            Assert.SkipUnless(Running is not null, PostGisServer.Missing ?? "");
            return _laid.TryGetValue(documents, out var known) ? known : _laid[documents] = Fill(Running, documents ? 20260702 : 20260701, documents);
        }

        public void Dispose()
        {
            foreach (var laid in _laid.Values)
            {
                laid.Tables.Dispose();
            }

            Running?.Dispose();
        }
    }

    internal sealed record Laid(PostGisTables Tables, PostGisGround Ground, PlanIndex Index);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Facts_OnSeededGround_EqualPostGis(bool documents)
    {
        var (tables, ground, index) = grounds.Of(documents);
        var theirs = tables.Ask(FactsSql, r => (Patch: r.GetString(0), Feature: r.GetString(1), Meets: r.GetBoolean(2), Plane: r.GetDouble(3), Geodesic: r.GetDouble(4), Whole: r.GetDouble(5)))
            .ToDictionary(r => (r.Patch, r.Feature));
        List<string> wrong = [];
        var (pairs, partial) = (0, 0);
        foreach (var patch in ground.Patches)
        {
            var place = new PatchPlace(patch, DetectionRules.Default.Judgement, Ground.Geodesic);
            foreach (var feature in Enum.GetValues<MapLayer>().SelectMany(l => index.InBox<MapFeature>(l, patch.Outline.Box)))
            {
                pairs++;
                if (!theirs.Remove((patch.Id, feature.Id), out var their))
                {
                    wrong.Add($"{patch.Id} {feature.Id}: PostGIS does not pair their boxes");
                    continue;
                }

                var near = place.Near(feature.Outline);
                var (plane, geodesic, inside) = (place.CommonWith(near), place.AreaInside(near), place.Inside(near.Cut).Area);
                partial += plane > 1 && plane < their.Whole - 1 ? 1 : 0;
                if (patch.Outline.Shape.Intersects(feature.Outline.Shape) != their.Meets)
                {
                    wrong.Add($"{patch.Id} {feature.Id}: meet {their.Meets} in PostGIS");
                }

                // The last term: the bow between a straight edge in degrees and the geodesic PostGIS and PROJ take it for.
                if (!(Math.Abs(plane - their.Plane) <= PlaneTolerance && Math.Abs(inside - their.Plane) <= PlaneTolerance && Math.Abs(geodesic - their.Geodesic) <= 0.02 + (1e-5 * their.Geodesic)))
                {
                    wrong.Add($"{patch.Id} {feature.Id}: {plane:F6}, by overlay {inside:F6}, geodesic {geodesic:F4}; in PostGIS {their.Plane:F6}, {their.Geodesic:F4}");
                }
            }
        }

        // Boxes in PostGIS's index are rounded outward to single precision: what is left over must not meet.
        wrong.AddRange(theirs.Values.Where(t => t.Meets).Select(t => $"{t.Patch} {t.Feature}: meet in PostGIS, not found here"));
        (wrong.Count, string.Join("\n", wrong.Take(20))).ShouldBe((0, ""));
        pairs.ShouldBeGreaterThan(5 * Patches);
        partial.ShouldBeGreaterThan(2 * Patches);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Judge_OnSeededGround_GivesTheVerdictsOfPostGis(bool documents)
    {
        var (tables, ground, index) = grounds.Of(documents);
        tables.Do(NearSql);
        var theirs = tables.Ask(VerdictSql, r => (Patch: r.GetString(0), Verdict: (Verdict)r.GetInt32(1), Missing: r.GetDouble(2), Doubtful: r.GetDouble(3), Margin: r.GetDouble(4)))
            .ToDictionary(r => r.Patch);
        var judge = new PatchJudge(DetectionRules.Default.Judgement, Ground.Geodesic);
        List<string> wrong = [];
        var told = new Dictionary<Verdict, int>();
        foreach (var patch in ground.Patches)
        {
            var verdict = judge.Judge(patch, index).Verdict;
            var their = theirs[patch.Id];
            told[verdict] = told.GetValueOrDefault(verdict) + 1;

            // A figure within 0.1 % of the least area that counts may fall to either side: both sides draw arcs, and cut lines to a frame, in their own way.
            if (verdict != their.Verdict && their.Margin > 0.001)
            {
                wrong.Add($"{patch.Id}: {verdict}; in PostGIS {their.Verdict}, {their.Missing:F3} m² outside, {their.Doubtful:F3} m² in doubt, margin {their.Margin:F6}");
            }
        }

        (wrong.Count, string.Join("\n", wrong.Take(20))).ShouldBe((0, ""));
        told.Keys.Order().ShouldBe([Verdict.Compliant, Verdict.Review, Verdict.Conflict]);
        told.Values.Min().ShouldBeGreaterThan(Patches / 50);
    }

    [Fact]
    public void MoreArea_OfSitesThatGrow_IsThatOfTheUnionInPostGis()
    {
        var tables = grounds.Of(false).Tables;
        var size = DetectionRules.Default.Judgement.Size!;
        var random = new Random(20260705);
        List<object?[]> rows = [];
        Dictionary<(string Site, int Part), (JudgedPatch Judged, double Approved)> ours = [];
        for (var i = 0; i < Sites; i++)
        {
            var site = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"site-{i}");
            var parts = PostGisGround.Growing(random, site, PartsOfSite);
            var box = new Envelope();
            foreach (var part in parts)
            {
                box.ExpandToInclude(part.Outline.Box);
            }

            var plane = LocalPlane.At(box);
            var (middle, approved) = (box.Centre, Math.Round(parts.Sum(p => p.Outline.AreaSquareMeters) * (0.2 + (0.7 * random.NextDouble()))));
            var whole = parts[0].Outline.Shape.Factory.ToGeometry(plane.Grow(box, 50));
            var permit = Ground.Permit("A", new Domain.Geometry.Outline(whole, Ground.Geodesic.AreaSquareMeters(whole), "EPSG:4490")) with
            {
                SourceFields = new Dictionary<string, string> { ["approved_area_m2"] = approved.ToString(System.Globalization.CultureInfo.InvariantCulture) },
            };
            var judge = new SiteJudge(DetectionRules.Default, Ground.Geodesic, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Ground.Noon("2026-01-01")));
            var index = PlanIndex.Of([permit], [MapLayer.Permit, MapLayer.ControlLine]);
            List<JudgedPatch> known = [];
            for (var part = 0; part < parts.Count; part++)
            {
                var judged = judge.Arrive(site, "set", parts[part], known, index).Patches.Single(p => p.Patch.Id == parts[part].Id);
                known.Add(judged);
                ours[(site, part)] = (judged, approved);
                rows.Add([site, (double)part, parts[part].Outline.Shape, middle.X, middle.Y, plane.DistanceMeters(middle, new(middle.X + 1, middle.Y)), plane.DistanceMeters(middle, new(middle.X, middle.Y + 1))]);
            }
        }

        tables.Do("DROP TABLE IF EXISTS part_in; CREATE TABLE part_in (site text, part float8, wkb bytea, lon float8, lat float8, mx float8, my float8)");
        tables.Copy("part_in", rows);
        var theirs = tables.Ask(GrownSql, r => (Site: r.GetString(0), Part: (int)r.GetDouble(1), Area: r.GetDouble(2), Perimeter: r.GetDouble(3)));
        theirs.Count.ShouldBe(Sites * PartsOfSite);
        List<string> wrong = [];
        var (exceeds, ofSite) = (0, 0);
        foreach (var (site, part, area, perimeter) in theirs)
        {
            var (judged, approved) = ours[(site, part)];
            var (gsd, told) = (judged.Patch.GsdMeters, judged.Reasons.FirstOrDefault(r => r.Code.StartsWith("more-area", StringComparison.Ordinal)));
            var sure = area - (size.EdgePixels * gsd * perimeter);
            var least = Math.Min(DetectionRules.Default.Judgement.MinPixels * gsd * gsd, area / 2);
            exceeds += told is null ? 0 : 1;
            ofSite += told?.Code == "more-area-of-site" ? 1 : 0;
            if (Math.Abs(sure - approved - least) > 2 && (told is not null) != (sure - approved >= least))
            {
                wrong.Add($"{site} {part}: {told is not null}; in PostGIS {sure:F1} m² against {approved} m²");
            }
            else if (told is not null && Math.Abs(double.Parse(told.Facts["area_m2"], System.Globalization.CultureInfo.InvariantCulture) - sure) > 1)
            {
                wrong.Add($"{site} {part}: {told.Facts["area_m2"]} m²; in PostGIS {sure:F2}");
            }
        }

        (wrong.Count, string.Join("\n", wrong.Take(20))).ShouldBe((0, ""));
        exceeds.ShouldBeInRange(Sites / 5, Sites * 2);
        ofSite.ShouldBeGreaterThan(Sites / 10);
    }

    private static Laid Fill(PostGisServer server, int seed, bool documents)
    {
        var ground = new PostGisGround(seed, Patches, documents);
        var index = PlanIndex.Of(ground.Features);
        var rules = DetectionRules.Default.Judgement;
        var tables = new PostGisTables(server);
        tables.Do(TablesSql.Replace("ground_of", documents ? "ground_with" : "ground_without", StringComparison.Ordinal));
        tables.Copy("patch_in", ground.Patches.Select(p =>
        {
            var plane = LocalPlane.At(p.Outline.Box);
            var middle = new Coordinate((p.Outline.Box.MinX + p.Outline.Box.MaxX) / 2, (p.Outline.Box.MinY + p.Outline.Box.MaxY) / 2);
            var place = new PatchPlace(p, rules, Ground.Geodesic);
            return (object?[])
            [
                p.Id, p.Outline.Shape, middle.X, middle.Y, plane.DistanceMeters(middle, new(middle.X + 1, middle.Y)), plane.DistanceMeters(middle, new(middle.X, middle.Y + 1)),
                DateOnly.FromDateTime(p.NotBefore.DateTime), DateOnly.FromDateTime(p.NotAfter.DateTime),
                Math.Max(rules.ToleranceMeters, rules.TolerancePixels * p.GsdMeters), Math.Min(rules.MinPixels * p.GsdMeters * p.GsdMeters, p.Outline.AreaSquareMeters / 2),
                rules.Stages[p.Kind].ToString(),
            ];
        }));
        tables.Copy("feature_in", ground.Features.Select(f => (object?[])
        [
            f.Id, f.Layer.ToString(), f.Outline.Shape, f is Permit permit ? permit.EffectiveFrom ?? permit.GrantedOn : f.EffectiveFrom, f.EffectiveTo,
            (f as Permit)?.Status.ToString(), (f as Permit)?.Kind ?? (f as ControlLine)?.Kind.ToString(), f.Document,
        ]));
        tables.Copy("allows", rules.Approvals.SelectMany(a => (object?[][])[[a.Kind, "Building", a.Building.ToString()], [a.Kind, "Earthworks", a.Earthworks.ToString()]]));
        tables.Copy("outcomes", rules.ControlLines.Select(l => (object?[])[l.Kind.ToString(), l.Direction.ToString(), l.Unapproved.ToString(), l.Approved.ToString(), l.ApprovedWithDocument.ToString()]));
        tables.Do(FilledSql);
        return new(tables, ground, index);
    }

    private const string TablesSql =
        """
        CREATE EXTENSION IF NOT EXISTS postgis;
        CREATE SCHEMA ground_of;
        SET search_path = ground_of, public;
        CREATE TABLE patch_in (id text, wkb bytea, lon float8, lat float8, mx float8, my float8, first date, last date, tol float8, least float8, stage text);
        CREATE TABLE feature_in (id text, layer text, wkb bytea, valid_from date, valid_to date, status text, kind text, document text);
        CREATE TABLE allows (kind text, stage text, allowance text);
        CREATE TABLE outcomes (kind text, direction text, unapproved text, approved text, documented text);
        """;

    private const string FilledSql =
        """
        CREATE TABLE patch AS SELECT *, ST_GeomFromWKB(wkb, 4490) AS g, ST_Scale(ST_Translate(ST_GeomFromWKB(wkb), -lon, -lat), mx, my) AS m FROM patch_in;
        CREATE TABLE feature AS SELECT *, ST_GeomFromWKB(wkb, 4490) AS g FROM feature_in;
        CREATE INDEX ON feature USING gist (g);
        CREATE OR REPLACE FUNCTION ground(m geometry, lon float8, lat float8, mx float8, my float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS
          $$ SELECT ST_Area(ST_SetSRID(ST_Translate(ST_Scale(ST_CollectionExtract(m, 3), 1 / mx, 1 / my), lon, lat), 4490)::geography, true) $$;
        ANALYZE;
        """;

    private const string FactsSql =
        """
        SELECT p.id, f.id, ST_Intersects(p.g, f.g),
               ST_Area(ST_Intersection(p.m, ST_Scale(ST_Translate(ST_SetSRID(f.g, 0), -p.lon, -p.lat), p.mx, p.my))),
               ST_Area(ST_CollectionExtract(ST_Intersection(p.g, f.g), 3)::geography, true), ST_Area(p.m)
        FROM patch p JOIN feature f ON p.g && f.g
        """;

    /// <summary>What is built on a site by each of its parts: area on the ellipsoid, and how long its edges are in the plane.</summary>
    private const string GrownSql =
        """
        WITH part AS (SELECT *, ST_Scale(ST_Translate(ST_GeomFromWKB(wkb), -lon, -lat), mx, my) AS m FROM part_in),
        grown AS MATERIALIZED (
          SELECT a.site, a.part, a.lon, a.lat, a.mx, a.my, ST_Union(b.m) AS g
          FROM part a JOIN part b ON b.site = a.site AND b.part <= a.part GROUP BY a.site, a.part, a.lon, a.lat, a.mx, a.my)
        SELECT site, part, ground(g, lon, lat, mx, my), ST_Perimeter(g) FROM grown
        """;

    private const string NearSql =
        """
        DROP TABLE IF EXISTS near;
        CREATE TABLE near AS
          SELECT p.id AS patch, p.m, p.tol, p.least, f.id, f.layer, f.kind, f.document,
                 ST_Scale(ST_Translate(ST_SetSRID(f.g, 0), -p.lon, -p.lat), p.mx, p.my) AS n,
                 CASE WHEN f.valid_from > p.last THEN 'after' WHEN f.valid_to <= p.first THEN 'before' WHEN f.valid_from > p.first THEN 'begins'
                      WHEN f.valid_to <= p.last THEN 'ends' ELSE 'throughout' END AS period,
                 CASE WHEN f.status = 'Granted' OR (f.status = 'Expired' AND f.valid_to IS NOT NULL) THEN coalesce(a.allowance, 'Review') ELSE 'Insufficient' END AS allowance
          FROM patch p
          JOIN feature f ON f.g && ST_Expand(p.g, 41 / p.mx, 41 / p.my) AND f.layer IN ('Permit', 'ControlLine')
          LEFT JOIN allows a ON f.layer = 'Permit' AND a.kind = f.kind AND a.stage = p.stage;
        CREATE INDEX ON near (patch);
        ANALYZE near;
        """;

    /// <summary>Written from docs/algorithms/judgement.md; 1 compliant, 2 review, 3 conflict.</summary>
    private const string VerdictSql =
        """
        WITH unions AS MATERIALIZED (
          SELECT p.id, p.m, p.tol, p.least, p.lon, p.lat, p.mx, p.my,
                 (SELECT ST_Union(n) FROM near WHERE patch = p.id AND layer = 'Permit' AND allowance = 'Authorises' AND period = 'throughout') AS firm,
                 (SELECT ST_Union(n) FROM near WHERE patch = p.id AND layer = 'Permit' AND allowance <> 'Insufficient' AND period IN ('throughout', 'ends', 'begins')) AS wide,
                 (SELECT ST_Union(n) FROM near WHERE patch = p.id AND layer = 'Permit' AND allowance = 'Authorises' AND period = 'throughout' AND document IS NOT NULL) AS papers
          FROM patch p),
        outside AS MATERIALIZED (
          SELECT *, coalesce(ST_Difference(m, ST_Buffer(firm, tol, 8)), m) AS of_firm, coalesce(ST_Difference(m, ST_Buffer(wide, tol, 8)), m) AS of_wide FROM unions),
        areas AS MATERIALIZED (
          SELECT *, ground(of_wide, lon, lat, mx, my) AS missing, ground(of_firm, lon, lat, mx, my) AS doubtful FROM outside),
        approvals AS MATERIALIZED (
          SELECT *, CASE WHEN missing >= least THEN 3 WHEN doubtful >= least THEN 2 ELSE 1 END AS verdict FROM areas),
        lines AS (
          SELECT a.id, o.kind, o.direction,
                 CASE WHEN a.verdict > 1 THEN o.unapproved WHEN a.papers IS NULL THEN o.approved ELSE o.documented END AS outcome,
                 n.period,
                 CASE WHEN o.direction = 'Inside' THEN greatest(ST_Area(ST_Intersection(a.m, ST_Buffer(n.n, -a.tol, 8))), ST_Area(ST_Intersection(ST_Buffer(a.m, -a.tol, 8), n.n))) END AS sure
          FROM approvals a CROSS JOIN outcomes o
          JOIN near n ON o.direction = 'Inside' AND n.patch = a.id AND n.layer = 'ControlLine' AND n.kind = o.kind AND n.period <> 'before'),
        inside AS (
          SELECT l.id, max(CASE WHEN l.sure < a.least OR l.sure <= 0 OR l.period = 'after' THEN 1
                                WHEN l.outcome = 'Conflict' THEN CASE WHEN l.period = 'throughout' THEN 3 ELSE 2 END
                                WHEN l.outcome = 'Review' THEN 2 ELSE 1 END) AS verdict,
                 min(abs(l.sure / a.least - 1)) AS margin
          FROM lines l JOIN approvals a USING (id) GROUP BY l.id),
        within AS (
          SELECT a.id, a.least, a.lon, a.lat, a.mx, a.my, CASE WHEN a.verdict > 1 THEN o.unapproved WHEN a.papers IS NULL THEN o.approved ELSE o.documented END AS outcome,
                 coalesce(ST_Difference(a.m, ST_Buffer((SELECT ST_Union(n) FROM near WHERE patch = a.id AND layer = 'ControlLine' AND kind = o.kind AND period NOT IN ('before', 'after')), a.tol, 8)), a.m) AS beyond
          FROM approvals a JOIN patch p USING (id) CROSS JOIN outcomes o
          WHERE o.direction = 'Outside' AND EXISTS (SELECT FROM feature f WHERE f.layer = 'ControlLine' AND f.kind = o.kind AND coalesce(f.valid_from <= p.last, true) AND coalesce(f.valid_to > p.first, true))),
        beyonds AS MATERIALIZED (SELECT id, least, outcome, ground(beyond, lon, lat, mx, my) AS area FROM within),
        outer_lines AS (
          SELECT id, max(CASE WHEN area < least THEN 1 WHEN outcome = 'Conflict' THEN 3 WHEN outcome = 'Review' THEN 2 ELSE 1 END) AS verdict, min(abs(area / least - 1)) AS margin
          FROM beyonds GROUP BY id)
        SELECT a.id, greatest(a.verdict, i.verdict, o.verdict), a.missing, a.doubtful,
               least(abs(a.missing / a.least - 1), abs(a.doubtful / a.least - 1), i.margin, o.margin)
        FROM approvals a LEFT JOIN inside i USING (id) LEFT JOIN outer_lines o USING (id)
        """;
}
