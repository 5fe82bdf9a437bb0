using System.Globalization;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Objects;
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
    /// <summary>Widest radius of closing in pixels, whatever the ground distance.</summary>
    private const int MostClosing = 4;

    /// <summary>How much of Otsu's split counts, [0, 1].</summary>
    private const double Trust = 0.75;

    private readonly long[] _histogram = new long[PairDetector.NotObserved];
    private byte _threshold;

    /// <summary>Where candidates begin: below the threshold when a model sorts them.</summary>
    private byte _candidate;
    private bool _modelDecides;
    private double? _otsu;
    private long _observed;

    /// <summary>What the threshold is in scores.</summary>
    private double ThresholdScore => _threshold / (double)PairDetector.ScoreSteps;

    /// <summary>One for each patch, after <see cref="Build"/>.</summary>
    public IReadOnlyList<CandidateObject> Objects { get; private set; } = [];

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
                row[x] = from[x] >= _candidate && from[x] != PairDetector.NotObserved ? (byte)1 : (byte)0;
            }
        });
        scanner.Scan(least);
        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new DetectProgress("patches", 0.4));
        WriteLabels(scanner);
        var (facts, candidatesFound) = GatherFacts(scanner.Components.Count);
        Objects = candidatesFound;
        if (_modelDecides)
        {
            scanner = Choose(scanner, candidatesFound, least);
            (facts, Objects) = GatherFacts(scanner.Components.Count);
        }

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
        _otsu = OtsuThreshold.Find(_histogram, 1.0 / PairDetector.ScoreSteps);
        var least = request.Options.LeastThreshold;
        _threshold = TileCandidates.Quantise(_otsu is { } split && split > least ? Math.Pow(split, Trust) * Math.Pow(least, 1 - Trust) : least);
        _modelDecides = request.Options.Choice == ObjectChoice.Model && request.Options.ModelInUse.Speaks(pairing.Pairs.Select(p => p.Role), model.Calibrated);
        _candidate = !_modelDecides && request.Options.Choice != ObjectChoice.Everything ? _threshold : TileCandidates.Quantise(ThresholdScore * request.Options.ModelInUse.CandidateShare);
    }

    /// <summary>Keeps the objects that the model keeps, closes the gaps between them, and numbers anew what is then connected.</summary>
    private ComponentScanner Choose(ComponentScanner scanner, CandidateObject[] objects, int least)
    {
        var grid = request.Baseline.Grid;
        var keep = new bool[objects.Length + 1];
        for (var i = 0; i < objects.Length; i++)
        {
            var o = objects[i];
            keep[i + 1] = request.Options.ModelInUse.Judge(o.Features) is { Keep: true };
        }

        var kept = new byte[grid.Width * grid.Height];
        var at = 0;
        scanner.Label((_, row) =>
        {
            foreach (var label in row)
            {
                kept[at++] = keep[label] ? (byte)1 : (byte)0;
            }
        });
        var radius = Math.Min(MostClosing, (int)Math.Round(request.Options.ModelInUse.ClosingMeters / geodesy.GsdMeters));
        var closing = new MaskClosing(grid.Width, grid.Height, radius, (y, row) => kept.AsSpan(y * grid.Width, grid.Width).CopyTo(row));
        var rows = new RowReader<byte>(scores);
        var closed = new ComponentScanner(grid.Width, grid.Height, (y, row) =>
        {
            closing.Row(y, row);
            var seen = rows.Row(y);
            for (var x = 0; x < row.Length; x++)
            {
                row[x] = seen[x] == PairDetector.NotObserved ? (byte)0 : row[x];
            }
        });
        closed.Scan(least);
        WriteLabels(closed);
        return closed;
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

    private (PatchFacts[] Facts, CandidateObject[] Objects) GatherFacts(int count)
    {
        var sums = new ObjectSums[count];
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
            foreach (var (index, pixel, sample) in tile.Pixels)
            {
                if (patch[index] > 0)
                {
                    facts[patch[index] - 1].Add(pixel, score[index] / (float)PairDetector.ScoreSteps);
                    sums[patch[index] - 1].Add(sample);
                }
            }
        }

        var shapes = Shapes(count);
        var scene = model.Scene! with { Threshold = ThresholdScore, GsdMeters = geodesy.GsdMeters };
        var objects = new CandidateObject[count];
        for (var i = 0; i < count; i++)
        {
            var features = ObjectFeatures.Of(sums[i], shapes[i], scene);
            objects[i] = new CandidateObject(sums[i], shapes[i], features, _modelDecides ? request.Options.ModelInUse.Judge(features)?.Probability ?? double.NaN : double.NaN);
        }

        return (facts, objects);
    }

    private ObjectShape[] Shapes(int count)
    {
        var shapes = new ObjectShape[count];
        var rows = new RowReader<int>(labels);
        var above = new int[labels.Width];
        for (var y = 0; y < labels.Height; y++)
        {
            var row = rows.Row(y);
            for (int x = 0, to; x < row.Length; x = to)
            {
                var label = row[x];
                for (to = x + 1; to < row.Length && row[to] == label;)
                {
                    to++;
                }

                if (label > 0)
                {
                    shapes[label - 1].AddRun(y, x, to);
                    shapes[label - 1].Touch(above.AsSpan(x, to - x).Count(label));
                }
            }

            row.CopyTo(above);
        }

        return shapes;
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
        var id = FindingId.Of("change-set", before.Id, before.ContentHash, after.Id, after.ContentHash, PairDetector.Id, PairDetector.Version, request.Options.Fingerprint);
        var patches = new ChangePatch[components.Count];
        for (var i = 0; i < patches.Length; i++)
        {
            patches[i] = new ChangePatch
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{id}-{i + 1}"),
                Outline = outlines[i],
                Kind = KindRules.Of(facts[i], model.Calibrated),
                Score = PatchScore.Of(facts[i].MeanScore, ThresholdScore, components[i].Pixels, least),
                NotBefore = before.AcquiredAt,
                NotAfter = after.AcquiredAt,
                PixelCount = components[i].Pixels,
                GsdMeters = geodesy.GsdMeters,
                Facts = FactsOf(facts[i], Objects[i]),
            };
        }

        var total = (double)before.Grid.Width * before.Grid.Height;
        return new ChangeSet
        {
            Id = id,
            BaselineSceneId = before.Id,
            CurrentSceneId = after.Id,
            DetectorId = PairDetector.Id,
            DetectorVersion = PairDetector.Version,
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

    private SortedDictionary<string, double> FactsOf(PatchFacts f, CandidateObject o)
    {
        var all = FactsOf(f);
        if (double.IsFinite(o.Probability))
        {
            all["urban_probability"] = Round(o.Probability);
        }

        var opinion = SiteKindRules.Of(o.Features, geodesy.GsdMeters);
        foreach (var (kind, certainty) in opinion.Certainty)
        {
            if (certainty > 0)
            {
                all[$"certainty_{kind.ToString().ToLowerInvariant()}"] = certainty;
            }
        }

        if (opinion.Likely is null)
        {
            all["kind_cannot_be_told"] = 1;
        }

        return all;
    }

    private static SortedDictionary<string, double> FactsOf(PatchFacts f) => new(StringComparer.Ordinal)
    {
        ["ndvi_before"] = Round(f.NdviBefore),
        ["ndvi_after"] = Round(f.NdviAfter),
        ["ndvi"] = Round(f.NdviAfter - f.NdviBefore),
        ["ndbi"] = Round(f.NdbiAfter - f.NdbiBefore),
        ["bsi"] = Round(f.BsiAfter - f.BsiBefore),
        ["mndwi"] = Round(f.MndwiAfter - f.MndwiBefore),
        ["brightness_before"] = Round(f.BrightBefore),
        ["brightness_after"] = Round(f.BrightAfter),
        ["bsi_after"] = Round(f.BsiAfter),
        ["red_blue_after"] = Round(f.RedBlueAfter),
        ["magnitude"] = Round(f.MeanScore),
        ["peak_magnitude"] = Round(f.PeakScore),
    };

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
