using System.Diagnostics;
using System.Globalization;
using System.Text;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;

namespace Monitoring.Bench;

/// <summary>One change of the map at a time, and what is judged again for it.</summary>
internal static class JudgementChanges
{
    public static string Rows(JudgementGround ground, PlanIndex index, JudgementRules rules)
    {
        var judge = new PatchJudge(rules, new GdalGeodesic());
        var was = Judged(ground, judge, index);
        var sites = SiteRegistry.Rebuild(rules.Site, ground.Patches.Select((p, i) => new JudgedPatch("bench", p, p.Id, was[i].RegionCode, was[i].Verdict, was[i].Reasons, 0, p.NotAfter)));
        var rows = new StringBuilder();
        var permit = ground.Patches.SelectMany(p => index.InBox<Permit>(MapLayer.Permit, p.Outline.Box)).First(p => p.Status is PermitStatus.Granted && p.InForceOn(new DateOnly(2025, 6, 5)));
        Row("a permit is revoked", MapLayer.Permit, permit, permit with { Status = PermitStatus.Revoked });
        var parcel = ground.Patches.SelectMany(p => index.InBox<Parcel>(MapLayer.Parcel, p.Outline.Box)).First();
        Row("a parcel is planned otherwise", MapLayer.Parcel, parcel, parcel with { PlannedUseCode = "1001" });
        foreach (var kind in (ControlLineKind[])[ControlLineKind.EcologicalProtectionRedLine, ControlLineKind.PermanentBasicFarmland])
        {
            var line = ground.Features.OfType<ControlLine>().First(l => l.Kind == kind);
            Row($"a line ({Facts.Code(kind)}) is drawn smaller", MapLayer.ControlLine, line, line with { Outline = Smaller(line.Outline) });
        }

        return rows.ToString();

        void Row<TFeature>(string what, MapLayer layer, TFeature old, TFeature changed)
            where TFeature : MapFeature
        {
            var inBox = index.InBox<TFeature>(layer, old.Outline.Box).Select(f => f.Id == old.Id ? changed : f).ToList();
            var clock = Stopwatch.StartNew();
            var next = index.With(1, layer, old.Outline.Box, inBox);
            var step = clock.Elapsed;
            var again = ConcernedSites.Of(new MapVersion(1, layer, default, "bench", "", 1, "bench", old.Outline.Box), sites, index, next, rules).ToHashSet(StringComparer.Ordinal);
            var now = Judged(ground, judge, next);
            var differ = Enumerable.Range(0, was.Length).Where(i => !Same(was[i], now[i])).Select(i => ground.Patches[i].Id).ToList();
            rows.AppendLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {step.TotalMilliseconds:F1} | {again.Count:N0} | {differ.Count:N0} | {differ.Count(d => !again.Contains(d)):N0} |"));
        }
    }

    private static PatchJudgement[] Judged(JudgementGround ground, PatchJudge judge, PlanIndex index) =>
        [.. ground.Patches.AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(p => judge.Judge(p, index))];

    private static Outline Smaller(Outline outline)
    {
        var shape = outline.Shape.Copy();
        var middle = outline.Box.Centre;
        var by = new NetTopologySuite.Geometries.Utilities.AffineTransformation().Translate(-middle.X, -middle.Y).Scale(0.9, 0.9).Translate(middle.X, middle.Y);
        shape = by.Transform(shape);
        return new(shape, new GdalGeodesic().AreaSquareMeters(shape), outline.SourceCrs);
    }

    private static bool Same(PatchJudgement a, PatchJudgement b) =>
        a.Verdict == b.Verdict && a.Severity == b.Severity && a.Reasons.Count == b.Reasons.Count
        && a.Reasons.Zip(b.Reasons).All(p => p.First.Code == p.Second.Code && p.First.Facts.SequenceEqual(p.Second.Facts));
}
