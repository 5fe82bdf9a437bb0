using System.Collections.Concurrent;
using System.Globalization;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>From the pieces that the pass found to a change set.</summary>
internal sealed class PatchBuilder(
    PairRequest request, BandPairing pairing, PairModel model, GridGeodesy geodesy, CloudCells cells, PassLayers layers, IReadOnlyList<PieceSpool> columns)
{
    /// <returns>The change set, and for each of its patches its pixels and, unless a network scored them, what is known of it as an object.</returns>
    public (ChangeSet Changes, IReadOnlyList<IReadOnlyList<PixelRun>> Pixels, IReadOnlyList<CandidateObject> Objects) Build(IProgress<DetectProgress>? progress, CancellationToken cancellation)
    {
        var least = Math.Max(request.Options.LeastPixels, (int)Math.Ceiling(request.Options.LeastSquareMeters / geodesy.PixelSquareMeters));
        var objects = Join(least, cancellation);
        CandidateObject[] known = [];
        if (request.Scores is null)
        {
            progress?.Report(new DetectProgress("patches", 0.3));
            (objects, known) = new ObjectSieve(request, pairing, model, geodesy.GsdMeters, cells, layers).Choose(objects, cancellation);
        }

        progress?.Report(new DetectProgress("patches", 0.5));
        var kinds = KindsOf(objects, known);
        var outlines = OutlineAll(objects, kinds, cancellation);
        progress?.Report(new DetectProgress("patches", 0.9));
        return (Compose(objects, known, kinds, outlines, least), [.. objects.Select(o => o.Runs)], known);
    }

    /// <summary>The pieces that no cloud took, joined to objects.</summary>
    private IReadOnlyList<FoundObject> Join(int least, CancellationToken cancellation)
    {
        var scanner = new ObjectScanner(ObjectSums.Lanes, least);
        var heads = new List<IEnumerator<Piece>>();
        try
        {
            foreach (var column in columns)
            {
                var head = column.Read().GetEnumerator();
                heads.Add(head);
                if (!head.MoveNext())
                {
                    heads.Remove(head);
                    head.Dispose();
                }
            }

            // Columns are in order from left to right, and each in row order: the next row is the least of the heads'.
            while (heads.Count > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                var row = heads.Min(h => h.Current.Row);
                for (var i = 0; i < heads.Count; i++)
                {
                    var more = true;
                    while (more && heads[i].Current is var piece && piece.Row == row)
                    {
                        if (!cells.IsMasked(piece.From, piece.Row))
                        {
                            scanner.Add(new PixelRun(piece.Row, piece.From, piece.To), piece.Sums);
                        }

                        more = heads[i].MoveNext();
                    }

                    if (!more)
                    {
                        heads[i].Dispose();
                        heads.RemoveAt(i--);
                    }
                }
            }
        }
        finally
        {
            heads.ForEach(h => h.Dispose());
        }

        return scanner.End();
    }

    private ObjectKind[] KindsOf(IReadOnlyList<FoundObject> objects, CandidateObject[] known)
    {
        var kinds = new ObjectKind[objects.Count];
        for (var i = 0; i < kinds.Length; i++)
        {
            var facts = PatchFacts.Of(new ObjectSums(objects[i].Sums));
            kinds[i] = new ObjectKind(facts, request.Scores?.Kind ?? KindRules.Of(facts, model.Calibrated), known.Length > 0 ? SiteKindRules.Of(known[i].Features, geodesy.GsdMeters) : null);
        }

        return kinds;
    }

    /// <summary>Outlines along or near the pixels, then in degrees; both shared among the threads.</summary>
    private (Outline Outline, PatchOutline Drawn)[] OutlineAll(IReadOnlyList<FoundObject> objects, ObjectKind[] kinds, CancellationToken cancellation)
    {
        var shapes = new PatchOutline[objects.Count];
        var transform = GridReader.TransformOf(request.Baseline.Grid);
        var work = new OrderedWork();
        for (var i = 0; i < objects.Count; i++)
        {
            var at = i;
            work.Add(0, () => shapes[at] = kinds[at].IsBuilding
                ? PatchOutline.Straight(objects[at].Runs, transform, geodesy.PixelAspect, cancellation)
                : PatchOutline.AlongPixels(objects[at].Runs, transform, cancellation));
        }

        work.Run(request.Options.Threads, cancellation);
        PatchOutline.KeepApart(shapes, [.. objects.Select(o => o.Runs)], transform);
        return InDegrees(shapes, cancellation);
    }

    /// <summary>A way to degrees serves one thread; the first found, others are copies of it.</summary>
    private (Outline Outline, PatchOutline Drawn)[] InDegrees(PatchOutline[] shapes, CancellationToken cancellation)
    {
        const int batch = 64;
        var outlines = new (Outline, PatchOutline)[shapes.Length];
        var copies = new ConcurrentBag<GridGeodesy>();
        var work = new OrderedWork();
        for (var first = 0; first < shapes.Length; first += batch)
        {
            var (from, to) = (first, Math.Min(shapes.Length, first + batch));
            work.Add(0, () =>
            {
                var own = from == 0 ? geodesy : copies.TryTake(out var idle) ? idle : GridGeodesy.Of(request.Baseline.Grid);
                try
                {
                    for (var i = from; i < to; i++)
                    {
                        // What lies in degrees needs the grid's coordinates no more: together they would take most of the memory of a large scene.
                        outlines[i] = (own.OutlineOf(shapes[i].Shape.AsBinary()), shapes[i] with { Shape = Polygon.Empty });
                        shapes[i] = outlines[i].Item2;
                    }
                }
                finally
                {
                    if (own != geodesy)
                    {
                        copies.Add(own);
                    }
                }
            });
        }

        try
        {
            work.Run(request.Options.Threads, cancellation);
        }
        finally
        {
            foreach (var copy in copies)
            {
                copy.Dispose();
            }
        }

        return outlines;
    }

    private ChangeSet Compose(IReadOnlyList<FoundObject> objects, CandidateObject[] known, ObjectKind[] kinds, (Outline Outline, PatchOutline Drawn)[] outlines, int least)
    {
        var (before, after) = (request.Baseline, request.Current);
        var (detector, version) = request.Scores is { } other ? (other.DetectorId, $"{PairDetector.Version}.{other.DetectorVersion}") : (PairDetector.Id, PairDetector.Version);
        var id = FindingId.Of("change-set", before.Id, before.ContentHash, after.Id, after.ContentHash, detector, version, request.Fingerprint);
        var patches = new ChangePatch[objects.Count];
        for (var i = 0; i < patches.Length; i++)
        {
            var (facts, pixels) = (kinds[i].Facts, objects[i].Extent.Pixels);
            var rules = PatchScore.Of(facts.MeanScore, model.ThresholdScore, pixels, least);
            var probability = known.Length > 0 ? known[i].Probability : double.NaN;
            patches[i] = new ChangePatch
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{id}-{i + 1}"),
                Outline = outlines[i].Outline,
                Kind = kinds[i].Cover ?? ChangeKind.Other,
                Score = double.IsFinite(probability) ? Round(probability) : rules,
                NotBefore = before.AcquiredAt,
                NotAfter = after.AcquiredAt,
                PixelCount = pixels,
                GsdMeters = geodesy.GsdMeters,
                Facts = FactsOf(kinds[i], probability, rules, outlines[i].Drawn),
            };
        }

        var (observed, outline) = Observed();
        return new ChangeSet
        {
            Id = id,
            BaselineSceneId = before.Id,
            CurrentSceneId = after.Id,
            DetectorId = detector,
            DetectorVersion = version,
            ObservableShare = observed / ((double)before.Grid.Width * before.Grid.Height),
            Observed = outline,
            Patches = patches,
            Statistics = Statistics(patches),
        };
    }

    /// <summary>Pixels that were observed, and the outline of the ground of which at least half was; empty when nothing was.</summary>
    private (long Pixels, Outline Outline) Observed()
    {
        var grid = request.Baseline.Grid;
        var step = 1;
        while (Math.Max(cells.Columns, cells.Rows) > 1024 * step)
        {
            step *= 2;
        }

        var side = cells.Side * step;
        int columns = (grid.Width + side - 1) / side, rows = (grid.Height + side - 1) / side;
        var seen = new long[columns * rows];
        for (var cell = 0; cell < cells.Columns * cells.Rows; cell++)
        {
            if (cells.Masked.Length == 0 || cells.Masked[cell] == 0)
            {
                seen[(cell / cells.Columns / step * columns) + (cell % cells.Columns / step)] += cells.ClearPixels(cell);
            }
        }

        var mask = new byte[columns * rows];
        for (var i = 0; i < mask.Length; i++)
        {
            long size = Math.Min(side, grid.Width - (i % columns * side)) * (long)Math.Min(side, grid.Height - (i / columns * side));
            mask[i] = (byte)(2 * seen[i] >= size ? 1 : 0);
        }

        var scanner = new ObjectScanner(0, 1);
        for (var y = 0; y < rows; y++)
        {
            scanner.AddRow(y, mask.AsSpan(y * columns, columns));
        }

        var cellTransform = GridReader.TransformOf(grid).Scale(side, side);
        Polygon[] parts = [.. scanner.End().SelectMany(o => PolygonExtracter.GetPolygons(PixelOutline.Of(o.Runs, cellTransform)).Cast<Polygon>())];
        return (seen.Sum(), parts.Length == 0 ? new Outline(new MultiPolygon([]), 0, geodesy.Crs) : geodesy.OutlineOf(new MultiPolygon(parts).AsBinary()));
    }

    private SortedDictionary<string, double> FactsOf(ObjectKind kind, double probability, double rules, PatchOutline drawn)
    {
        var all = request.Scores is null ? FactsOf(kind.Facts) : LayerPieces.FactsOf(kind.Facts.MeanScore);
        all["score_by_rules"] = rules;
        if (double.IsFinite(probability))
        {
            all["urban_probability"] = Round(probability);
        }

        if (drawn.Cell > 1)
        {
            all["outline_cell_pixels"] = drawn.Cell;
        }

        if (drawn.Regular is { } regular)
        {
            all["outline_straight"] = 1;
            all["outline_right_angled"] = regular.RightAngled ? 1 : 0;
            all["outline_overlap"] = regular.Overlap;
        }

        if (kind.Cover is null)
        {
            all["cover_cannot_be_told"] = 1;
        }

        if (kind.Site is { } opinion)
        {
            foreach (var (site, certainty) in opinion.Certainty)
            {
                if (certainty > 0)
                {
                    all[$"certainty_{site.ToString().ToLowerInvariant()}"] = certainty;
                }
            }

            if (opinion.Likely is null)
            {
                all["kind_cannot_be_told"] = 1;
            }
        }

        return all;
    }

    /// <summary>Only what is known.</summary>
    private static SortedDictionary<string, double> FactsOf(PatchFacts f)
    {
        var all = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in (ReadOnlySpan<(string, double)>)
        [
            ("ndvi_before", f.NdviBefore), ("ndvi_after", f.NdviAfter), ("ndvi", f.NdviAfter - f.NdviBefore), ("ndbi", f.NdbiAfter - f.NdbiBefore),
            ("bsi", f.BsiAfter - f.BsiBefore), ("mndwi", f.MndwiAfter - f.MndwiBefore), ("brightness_before", f.BrightBefore), ("brightness_after", f.BrightAfter),
            ("bsi_after", f.BsiAfter), ("red_blue_after", f.RedBlueAfter), ("magnitude", f.MeanScore),
        ])
        {
            if (double.IsFinite(value))
            {
                all[name] = Round(value);
            }
        }

        return all;
    }

    private SortedDictionary<string, double> Statistics(ChangePatch[] patches)
    {
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["threshold"] = Round(model.ThresholdScore),
            ["no_change_share"] = Round(model.NoChangeShare),
            ["sample_pixels"] = model.SamplePixels,
            ["calibrated"] = model.Calibrated ? 1 : 0,
            ["patches"] = patches.Length,
            ["changed_pixels"] = patches.Sum(p => (double)p.PixelCount),
            ["masked_share"] = cells.Masked.Length == 0 ? 0 : Round(cells.Masked.Sum(c => (double)c) / cells.Masked.Length),
        };
        if (request.Scores is not null)
        {
            figures["threshold"] = Round(model.Threshold / 254.0);
            figures["network"] = 1;
        }
        else if (request.ScoreReason is not null)
        {
            figures["built_in_score_at_high_resolution"] = 1;
        }

        if (model.Otsu is { } otsu)
        {
            figures["otsu"] = Round(otsu);
        }

        for (var k = 0; k < model.Lines.Count; k++)
        {
            var name = request.Baseline.Bands[pairing.Pairs[k].Before].Name;
            figures[$"slope_{name}"] = Round(model.Lines[k].Slope);
            figures[$"offset_{name}"] = Round(model.Lines[k].Offset);
            figures[$"noise_{name}"] = Round(Math.Sqrt(model.Noise[k].Floor));
            figures[$"edge_noise_{name}"] = Round(Math.Sqrt(model.Noise[k].Slope));
            figures[$"shift_x_{name}"] = Round(model.Shifts[k].X);
            figures[$"shift_y_{name}"] = Round(model.Shifts[k].Y);
        }

        return figures;
    }

    private static double Round(double value) => Math.Round(value, 4);
}
