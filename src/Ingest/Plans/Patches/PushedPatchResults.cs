using System.Text.Json;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Ingest.Plans.Patches;

/// <inheritdoc cref="IPushedPatchResults"/>
/// <remarks>
/// Links are worked out when they are asked for, from the newest judgement of each of our patches: what we find tomorrow is linked to what
/// was pushed today. No id of either side changes.
/// </remarks>
public sealed class PushedPatchResults(IPushedPatches pushed, IFindingStore findings, ILearningStore learning, PlanImportOptions options) : IPushedPatchResults
{
    /// <summary>Overlaps smaller than this in m² are a common boundary.</summary>
    private const double LeastOverlap = 1;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PushedPatchResult>> OfBatchAsync(string batch, CancellationToken cancellationToken)
    {
        var patches = await pushed.OfBatchAsync(batch, null, cancellationToken);
        var results = new List<PushedPatchResult>(patches.Count);
        foreach (var patch in patches)
        {
            var ours = await findings.JudgedPatchesAsync(patch.Outline.Box, cancellationToken);
            results.Add(new PushedPatchResult(patch, [.. ours.Select(o => LinkOf(patch, o)).OfType<PushedPatchLink>().OrderByDescending(l => l.OverlapSquareMeters).ThenBy(l => l.PatchId, StringComparer.Ordinal)]));
        }

        var scores = await learning.NewestOfSitesAsync([.. results.SelectMany(static r => r.Links).Select(static l => l.SiteId).Distinct(StringComparer.Ordinal)], cancellationToken);
        return results.ConvertAll(r => r with { Links = [.. r.Links.Select(l => l with { Likelihood = scores.GetValueOrDefault(l.SiteId) })] });
    }

    /// <inheritdoc/>
    public async Task<(int Patches, string? Problem)> ExportAsync(string batch, string path, CancellationToken cancellationToken)
    {
        var results = await OfBatchAsync(batch, cancellationToken);
        if (results.Count == 0)
        {
            var known = (await pushed.DeliveriesAsync(cancellationToken)).Select(d => d.Batch).Distinct(StringComparer.Ordinal).ToList();
            return (0, $"There is no batch '{batch}' of pushed patches; there {(known.Count == 0 ? "are none yet" : $"is {string.Join(", ", known.Take(20))}")}.");
        }

        try
        {
            await using var stream = File.Create(path);
            await using var writer = new Utf8JsonWriter(stream, GeoJson.Compact);
            GeoJson.Collection(writer, results, one => GeoJson.Feature(writer, one.Patch.Number, one.Patch.Outline.Shape, () => Properties(writer, batch, one)));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (0, $"{path} cannot be written: {fault.Message}");
        }

        return (results.Count, null);
    }

    private static PushedPatchLink? LinkOf(PushedPatch patch, JudgedPatch ours)
    {
        var common = OverlayNGRobust.Overlay(patch.Outline.Shape, ours.Patch.Outline.Shape, NetTopologySuite.Operation.Overlay.SpatialFunction.Intersection);
        var area = common.IsEmpty || common.Dimension != Dimension.Surface ? 0 : Geodesic.Cgcs2000.Measure(new WKBWriter().Write(common)).Area;
        if (area < LeastOverlap)
            return null;
        var inTime = (patch.BeforeDate is not { } before || DateOnly.FromDateTime(ours.Patch.NotAfter.UtcDateTime) >= before)
            && (patch.AfterDate is not { } after || DateOnly.FromDateTime(ours.Patch.NotBefore.UtcDateTime) <= after);
        return new PushedPatchLink(
            ours.Patch.Id, ours.SiteId, ours.Verdict, [.. ours.Reasons.Select(r => r.Code)], ours.Patch.NotBefore, ours.Patch.NotAfter,
            area, Math.Min(1, area / Math.Max(patch.Outline.AreaSquareMeters, 1e-9)), inTime)
        {
            Score = ours.Patch.Score,
        };
    }

    private void Properties(Utf8JsonWriter writer, string batch, PushedPatchResult result)
    {
        var patch = result.Patch;
        writer.WriteString("batch", batch);
        writer.WriteString("number", patch.Number);
        GeoJson.Day(writer, "before_date", patch.BeforeDate);
        GeoJson.Day(writer, "after_date", patch.AfterDate);
        writer.WriteString("kind", patch.Kind);
        writer.WriteString("region_code", patch.RegionCode);
        if (patch.StatedAreaSquareMeters is { } stated)
            writer.WriteNumber("stated_area_m2", stated);
        writer.WriteNumber("area_m2", Math.Round(patch.Outline.AreaSquareMeters, 2));
        writer.WriteNumber("area_mu", Math.Round(LandArea.ToMu(patch.Outline.AreaSquareMeters), 4));
        writer.WriteString("grade", options.Grades.Of(LayerGrading.Patches).ToString().ToLowerInvariant());
        writer.WriteBoolean("seen_by_us", result.Links.Any(l => l.InTime));
        writer.WriteStartArray("findings");
        foreach (var link in result.Links)
        {
            writer.WriteStartObject();
            writer.WriteString("patch_id", link.PatchId);
            writer.WriteString("site_id", link.SiteId);
            writer.WriteString("verdict", JsonNamingPolicy.KebabCaseLower.ConvertName(link.Verdict.ToString()));
            writer.WriteStartArray("reasons");
            foreach (var reason in link.Reasons)
                writer.WriteStringValue(reason);
            writer.WriteEndArray();
            writer.WriteNumber("score", Math.Round(link.Score, 4));
            if (link.Likelihood is { } likelihood)
            {
                writer.WriteNumber("probability", likelihood.Probability);
                writer.WriteString("probability_source", likelihood.Model is null ? "rules" : "model");
                if (likelihood.Model is { } model)
                    writer.WriteString("model_version", model);
                writer.WriteString("scored_at", likelihood.AsOf);
            }

            writer.WriteString("not_before", link.NotBefore);
            writer.WriteString("not_after", link.NotAfter);
            writer.WriteNumber("overlap_m2", Math.Round(link.OverlapSquareMeters, 2));
            writer.WriteNumber("share_of_pushed", Math.Round(link.ShareOfPushed, 4));
            writer.WriteBoolean("in_time", link.InTime);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("source");
        foreach (var (name, value) in patch.SourceFields)
            writer.WriteString(name, value);
        writer.WriteEndObject();
    }
}
