using System.Globalization;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using NetTopologySuite.IO;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>Third pass: from scores to a change set.</summary>
internal sealed class PatchBuilder(
    PairRequest request, BandPairing pairing, PairModel model, GridGeodesy geodesy, RasterLayer scores, RasterLayer labels, CloudCells cells, IReadOnlyDictionary<int, TileCandidates> candidates)
{
    /// <summary>How much of Otsu's split counts, [0, 1].</summary>
    private const double Trust = 0.75;

    private readonly long[] _histogram = new long[PairDetector.NotObserved];
    private byte _threshold;
    private double? _otsu;
    private long _observed;

    /// <summary>What the threshold is in scores.</summary>
    private double ThresholdScore => _threshold / (double)PairDetector.ScoreSteps;

    public ChangeSet Build(IProgress<DetectProgress>? progress, CancellationToken cancellation)
    {
        var grid = request.Baseline.Grid;
        MaskClouds(cancellation);
        ChooseThreshold();
        progress?.Report(new DetectProgress("patches", 0.2));
        var least = Math.Max(request.Options.LeastPixels, (int)Math.Ceiling(request.Options.LeastSquareMeters / geodesy.PixelSquareMeters));
        var rows = new RowReader<byte>(scores);
        var scanner = new ComponentScanner(grid.Width, grid.Height, (y, row) =>
        {
            var from = rows.Row(y);
            for (var x = 0; x < row.Length; x++)
            {
                row[x] = from[x] >= _threshold && from[x] != PairDetector.NotObserved ? (byte)1 : (byte)0;
            }
        });
        scanner.Scan(least);
        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new DetectProgress("patches", 0.4));
        WriteLabels(scanner);
        var facts = GatherFacts(scanner.Components.Count);
        progress?.Report(new DetectProgress("patches", 0.6));
        var outlines = OutlinePatches(scanner.Components.Count, cancellation);
        progress?.Report(new DetectProgress("patches", 0.9));
        return Compose(scanner.Components, facts, outlines, least);
    }

    /// <summary>Writes "not observed" into the scores where cells are masked, and counts what is left.</summary>
    private void MaskClouds(CancellationToken cancellation)
    {
        var grid = request.Baseline.Grid;
        const int strip = 512;
        var pixels = new byte[grid.Width * Math.Min(strip, grid.Height)];
        for (var top = 0; top < grid.Height; top += strip)
        {
            cancellation.ThrowIfCancellationRequested();
            var window = new PixelWindow(0, top, grid.Width, Math.Min(strip, grid.Height - top));
            scores.Read<byte>(window, pixels);
            var changed = false;
            for (var y = 0; y < window.Height; y++)
            {
                var row = pixels.AsSpan(y * grid.Width, grid.Width);
                if (cells.Masked.Length > 0)
                {
                    var masked = cells.Masked.AsSpan((top + y) / cells.Side * cells.Columns, cells.Columns);
                    for (var c = 0; c < masked.Length; c++)
                    {
                        if (masked[c] != 0)
                        {
                            row[(c * cells.Side)..Math.Min(grid.Width, (c + 1) * cells.Side)].Fill(PairDetector.NotObserved);
                            changed = true;
                        }
                    }
                }

                foreach (var score in row)
                {
                    if (score != PairDetector.NotObserved)
                    {
                        _histogram[score]++;
                    }
                }
            }

            if (changed)
            {
                scores.Write<byte>(window, pixels);
            }
        }
    }

    /// <summary>
    /// Otsu's split of this scene's own scores, drawn a quarter of the way (on a log scale) towards the bound that noise keeps, and never
    /// below it: few but violent changes must not hide the moderate ones, and a scene without change must not invent any.
    /// </summary>
    private void ChooseThreshold()
    {
        _observed = _histogram.Sum();
        if (request.Scores is { } other)
        {
            _threshold = other.Threshold;
            return;
        }

        _otsu = OtsuThreshold.Find(_histogram, 1.0 / PairDetector.ScoreSteps);
        var least = request.Options.LeastThreshold;
        _threshold = TileCandidates.Quantise(_otsu is { } split && split > least ? Math.Pow(split, Trust) * Math.Pow(least, 1 - Trust) : least);
    }

    private void WriteLabels(ComponentScanner scanner)
    {
        var grid = request.Baseline.Grid;
        const int strip = 128;
        var pixels = new int[grid.Width * Math.Min(strip, grid.Height)];
        scanner.Label((y, row) =>
        {
            row.CopyTo(pixels.AsSpan(y % strip * grid.Width));
            if (y % strip == strip - 1 || y == grid.Height - 1)
            {
                var top = y / strip * strip;
                labels.Write<int>(new PixelWindow(0, top, grid.Width, y - top + 1), pixels);
            }
        });
    }

    private PatchFacts[] GatherFacts(int count)
    {
        PatchFacts[] facts = [.. Enumerable.Range(0, count).Select(_ => new PatchFacts())];
        var side = request.Options.TilePixels;
        var patch = new int[side * side];
        var score = new byte[side * side];
        foreach (var tile in candidates.OrderBy(c => c.Key).Select(c => c.Value))
        {
            if (tile.Pixels.Count == 0)
            {
                continue;
            }

            labels.Read<int>(tile.Tile.Core, patch);
            scores.Read<byte>(tile.Tile.Core, score);
            foreach (var (index, pixel) in tile.Pixels)
            {
                if (patch[index] > 0)
                {
                    facts[patch[index] - 1].Add(pixel, score[index] / (float)PairDetector.ScoreSteps);
                }
            }
        }

        return facts;
    }

    private Outline[] OutlinePatches(int count, CancellationToken cancellation)
    {
        if (count == 0)
        {
            return [];
        }

        var grid = request.Baseline.Grid;
        labels.Dataset.Transform = GridReader.TransformOf(grid);
        labels.Dataset.SetNoData(1, 0);
        var reader = new WKBReader();
        var parts = new List<NetTopologySuite.Geometries.Polygon>[count];
        foreach (var polygon in LabelRaster.Polygonize(labels.Dataset, 1, cancellation: cancellation))
        {
            if (polygon.Value > 0)
            {
                (parts[polygon.Value - 1] ??= []).Add((NetTopologySuite.Geometries.Polygon)reader.Read(polygon.Wkb));
            }
        }

        // Parts that meet in a corner only are several polygons of one patch.
        return [.. parts.Select(p => geodesy.OutlineOf((p.Count == 1 ? p[0] : (NetTopologySuite.Geometries.Geometry)new NetTopologySuite.Geometries.MultiPolygon([.. p])).AsBinary()))];
    }

    private ChangeSet Compose(IReadOnlyList<Component> components, PatchFacts[] facts, Outline[] outlines, int least)
    {
        var (before, after) = (request.Baseline, request.Current);
        var (detector, version) = request.Scores is { } other ? (other.DetectorId, $"{PairDetector.Version}.{other.DetectorVersion}") : (PairDetector.Id, PairDetector.Version);
        var id = FindingId.Of("change-set", before.Id, before.ContentHash, after.Id, after.ContentHash, detector, version, request.Options.Fingerprint);
        var patches = new ChangePatch[components.Count];
        var probabilities = request.Scores is null ? null : Network.PatchProbability.Of(components.Count, labels, scores);
        for (var i = 0; i < patches.Length; i++)
        {
            patches[i] = new ChangePatch
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{id}-{i + 1}"),
                Outline = outlines[i],
                Kind = facts[i].Pixels == 0 ? ChangeKind.Other : KindRules.Of(facts[i], model.Calibrated),
                Score = PatchScore.Of(probabilities?[i].Mean ?? facts[i].MeanScore, ThresholdScore, components[i].Pixels, least),
                NotBefore = before.AcquiredAt,
                NotAfter = after.AcquiredAt,
                PixelCount = components[i].Pixels,
                GsdMeters = geodesy.GsdMeters,
                Facts = FactsOf(facts[i], probabilities?[i]),
            };
        }

        var total = (double)before.Grid.Width * before.Grid.Height;
        return new ChangeSet
        {
            Id = id,
            BaselineSceneId = before.Id,
            CurrentSceneId = after.Id,
            DetectorId = detector,
            DetectorVersion = version,
            ObservableShare = _observed / total,
            Observed = ObservedOutline(),
            Patches = patches,
            Statistics = Statistics(patches),
        };
    }

    /// <summary>Cells of which at least half was observed, as one outline; null when nothing was.</summary>
    private Outline? ObservedOutline()
    {
        var grid = request.Baseline.Grid;
        var side = Math.Max(cells.Side, (int)Math.Ceiling(Math.Max(grid.Width, grid.Height) / 1024.0));
        int columns = (grid.Width + side - 1) / side, rows = (grid.Height + side - 1) / side;
        var seen = new int[columns * rows];
        var size = new int[columns * rows];
        var reader = new RowReader<byte>(scores);
        for (var y = 0; y < grid.Height; y++)
        {
            var row = reader.Row(y);
            for (var x = 0; x < row.Length; x++)
            {
                var cell = ((y / side) * columns) + (x / side);
                size[cell]++;
                seen[cell] += row[x] != PairDetector.NotObserved ? 1 : 0;
            }
        }

        var mask = new byte[columns * rows];
        for (var i = 0; i < mask.Length; i++)
        {
            mask[i] = (byte)(2 * seen[i] >= size[i] ? 1 : 0);
        }

        var polygons = LabelRaster.Polygonize<byte>(mask, mask, columns, rows, GridReader.TransformOf(grid).Scale(side, side));
        if (polygons.Count == 0)
        {
            return null;
        }

        var wkb = new WKBReader();
        var parts = polygons.Select(p => (NetTopologySuite.Geometries.Polygon)wkb.Read(p.Wkb)).ToArray();
        return geodesy.OutlineOf(new NetTopologySuite.Geometries.MultiPolygon(parts).AsBinary());
    }

    private static SortedDictionary<string, double> FactsOf(PatchFacts f, Network.PatchProbability? probability)
    {
        var facts = new SortedDictionary<string, double>(StringComparer.Ordinal);
        if (probability is { } known)
        {
            facts["probability"] = Round(known.Share);
            facts["peak_probability"] = Round(known.PeakShare);
        }

        if (f.Pixels == 0)
        {
            // The network alone saw it: there are no other numbers about it.
            return facts;
        }

        facts["ndvi_before"] = Round(f.NdviBefore);
        facts["ndvi_after"] = Round(f.NdviAfter);
        facts["ndvi"] = Round(f.NdviAfter - f.NdviBefore);
        facts["ndbi"] = Round(f.NdbiAfter - f.NdbiBefore);
        facts["bsi"] = Round(f.BsiAfter - f.BsiBefore);
        facts["mndwi"] = Round(f.MndwiAfter - f.MndwiBefore);
        facts["brightness_before"] = Round(f.BrightBefore);
        facts["brightness_after"] = Round(f.BrightAfter);
        facts["bsi_after"] = Round(f.BsiAfter);
        facts["red_blue_after"] = Round(f.RedBlueAfter);
        if (probability is null)
        {
            facts["magnitude"] = Round(f.MeanScore);
            facts["peak_magnitude"] = Round(f.PeakScore);
        }

        return facts;
    }

    private SortedDictionary<string, double> Statistics(ChangePatch[] patches)
    {
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["threshold"] = Round(ThresholdScore),
            ["no_change_share"] = Round(model.NoChangeShare),
            ["sample_pixels"] = model.SamplePixels,
            ["calibrated"] = model.Calibrated ? 1 : 0,
            ["patches"] = patches.Length,
            ["changed_pixels"] = patches.Sum(p => (double)p.PixelCount),
            ["masked_share"] = cells.Masked.Length == 0 ? 0 : Round(cells.Masked.Sum(c => (double)c) / cells.Masked.Length),
        };
        if (request.Scores is not null)
        {
            figures["threshold"] = Round(_threshold / 254.0);
            figures["network"] = 1;
        }
        else if (request.ScoreReason is not null)
        {
            figures["built_in_score_at_high_resolution"] = 1;
        }

        if (_otsu is { } otsu)
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
