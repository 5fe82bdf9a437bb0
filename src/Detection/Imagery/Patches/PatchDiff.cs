using Monitoring.Detection.Judgement;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Imagery.Patches;

/// <summary>What became of a patch from one list to another.</summary>
public enum PatchFate
{
    /// <summary>The same place, kind and about the same score.</summary>
    Same,

    /// <summary>The same place, but outline, kind, score or dates differ.</summary>
    Changed,

    /// <summary>One of several patches that lie where there was one.</summary>
    Split,

    /// <summary>One of several patches where there is one now.</summary>
    Merged,
    New,

    /// <summary>There was one, its ground was looked at, and there is none now.</summary>
    Gone,

    /// <summary>There was one, and nobody saw its ground this time.</summary>
    NotObserved,
}

/// <summary>One line of a comparison of two lists of patches.</summary>
/// <param name="Before">Null when it is new.</param>
/// <param name="After">Null when it is gone or was not observed; with <see cref="PatchFate.Merged"/> the one it is now part of.</param>
/// <param name="CommonShare">Common area over the area of both together, [0, 1].</param>
/// <param name="Differences">With <see cref="PatchFate.Changed"/>: of <c>outline</c>, <c>kind</c>, <c>score</c>, <c>dates</c>.</param>
public sealed record PatchPair(ChangePatch? Before, ChangePatch? After, PatchFate Fate, double CommonShare, IReadOnlyList<string> Differences);

/// <summary>
/// Compares two lists of patches of one place: two versions of a detector on the same scenes, or this pass with the last. Each patch of
/// both lists stands in exactly one line, but that a patch may be named again as what another was merged into or split from. Pure; the
/// same lists in any order give the same lines in the same order.
/// </summary>
public static class PatchDiff
{
    /// <summary>Outlines with this share in common are the same to the eye: a patch of 9 pixels that lost one has 0.89.</summary>
    private const double SameOutline = 0.85;

    /// <summary>Scores are told with two digits.</summary>
    private const double SameScore = 0.05;

    /// <summary>A part lies in a whole when half of it does.</summary>
    private const double PartOf = 0.5;

    /// <param name="observed">What was looked at for <paramref name="after"/>; empty: nothing; null: not stated, taken as everything.</param>
    public static IReadOnlyList<PatchPair> Compare(IReadOnlyList<ChangePatch> before, IReadOnlyList<ChangePatch> after, Outline? observed)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (before.Count + after.Count == 0)
        {
            return [];
        }

        var box = new Envelope();
        foreach (var patch in before.Concat(after))
        {
            box.ExpandToInclude(patch.Outline.Box);
        }

        var plane = LocalPlane.At(box);
        ChangePatch[] olds = [.. before.OrderBy(p => p.Id, StringComparer.Ordinal)], news = [.. after.OrderBy(p => p.Id, StringComparer.Ordinal)];
        Geometry[] oldShapes = [.. olds.Select(p => plane.ToMeters(p.Outline.Shape))], newShapes = [.. news.Select(p => plane.ToMeters(p.Outline.Shape))];
        var overlaps = Overlaps(oldShapes, newShapes);

        // The largest common area first; of equal ones the first by id.
        var partnerOfOld = new Overlap?[olds.Length];
        var partnerOfNew = new Overlap?[news.Length];
        foreach (var overlap in overlaps.OrderByDescending(o => o.Area).ThenBy(o => o.Old).ThenBy(o => o.New))
        {
            if (partnerOfOld[overlap.Old] is null && partnerOfNew[overlap.New] is null)
            {
                (partnerOfOld[overlap.Old], partnerOfNew[overlap.New]) = (overlap, overlap);
            }
        }

        var nothing = observed is { Shape.IsEmpty: true };
        var seen = observed is null || nothing ? null : NetTopologySuite.Geometries.Prepared.PreparedGeometryFactory.Prepare(plane.ToMeters(observed.Shape));
        List<PatchPair> lines = [];
        for (var i = 0; i < olds.Length; i++)
        {
            if (partnerOfOld[i] is { } partner)
            {
                lines.Add(Line(olds[i], news[partner.New], partner, oldShapes[i], newShapes[partner.New]));
            }
            else if (overlaps.Where(o => o.Old == i).OrderByDescending(o => o.Area).ThenBy(o => o.New).FirstOrDefault() is { } into && into.Area >= PartOf * oldShapes[i].Area)
            {
                lines.Add(new PatchPair(olds[i], news[into.New], PatchFate.Merged, Share(into, oldShapes[i], newShapes[into.New]), []));
            }
            else
            {
                var looked = !nothing && (seen is null || seen.Covers(oldShapes[i]) || seen.Contains(oldShapes[i].InteriorPoint));
                lines.Add(new PatchPair(olds[i], null, looked ? PatchFate.Gone : PatchFate.NotObserved, 0, []));
            }
        }

        for (var i = 0; i < news.Length; i++)
        {
            if (partnerOfNew[i] is not null)
            {
                continue;
            }

            var from = overlaps.Where(o => o.New == i).OrderByDescending(o => o.Area).ThenBy(o => o.Old).FirstOrDefault();
            lines.Add(from is not null && from.Area >= PartOf * newShapes[i].Area
                ? new PatchPair(olds[from.Old], news[i], PatchFate.Split, Share(from, oldShapes[from.Old], newShapes[i]), [])
                : new PatchPair(null, news[i], PatchFate.New, 0, []));
        }

        return lines;
    }

    private static PatchPair Line(ChangePatch old, ChangePatch now, Overlap overlap, Geometry oldShape, Geometry newShape)
    {
        var share = Share(overlap, oldShape, newShape);
        List<string> differences = [];
        if (share < SameOutline)
        {
            differences.Add("outline");
        }

        if (old.Kind != now.Kind)
        {
            differences.Add("kind");
        }

        if (Math.Abs(old.Score - now.Score) >= SameScore)
        {
            differences.Add("score");
        }

        if (old.NotBefore != now.NotBefore || old.NotAfter != now.NotAfter)
        {
            differences.Add("dates");
        }

        return new PatchPair(old, now, differences.Count == 0 ? PatchFate.Same : PatchFate.Changed, share, differences);
    }

    private static List<Overlap> Overlaps(Geometry[] olds, Geometry[] news)
    {
        var tree = new STRtree<int>();
        for (var i = 0; i < news.Length; i++)
        {
            tree.Insert(news[i].EnvelopeInternal, i);
        }

        List<Overlap> overlaps = [];
        for (var i = 0; i < olds.Length && news.Length > 0; i++)
        {
            foreach (var j in tree.Query(olds[i].EnvelopeInternal))
            {
                var area = OverlayNGRobust.Overlay(olds[i], news[j], SpatialFunction.Intersection).Area;
                if (area > 0)
                {
                    overlaps.Add(new Overlap(i, j, area));
                }
            }
        }

        return overlaps;
    }

    private static double Share(Overlap overlap, Geometry a, Geometry b) => Math.Clamp(overlap.Area / (a.Area + b.Area - overlap.Area), 0, 1);

    private sealed record Overlap(int Old, int New, double Area);
}
