using CsCheck;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>From runs of pixels to objects and outlines, against a flood fill and GDAL's polygonizer.</summary>
public sealed class ObjectTests
{
    [Fact]
    public void Scanner_RandomMasksInPieces_FindsTheGroupsOfAFloodFill() =>
        Gen.Select(Gen.Int[1, 30], Gen.Int[1, 20], Gen.Int[10, 75], Gen.Int[1, 6], Gen.Int[1, 9], Gen.Int[0, 100_000]).Sample(
            (width, height, percent, least, cut, seed) =>
            {
                var mask = Mask(width, height, percent, seed);
                var scanner = new ObjectScanner(2, least);
                foreach (var piece in Pieces(mask, width, height, cut))
                {
                    scanner.Add(piece, [piece.Length, piece.Row * piece.Length]);
                }

                var labels = new int[mask.Length];
                var found = scanner.End();
                for (var i = 0; i < found.Count; i++)
                {
                    var o = found[i];
                    if (o.Sums[0] != o.Extent.Pixels || o.Runs.Sum(r => r.Length) != o.Extent.Pixels || o.Sums[1] != o.Runs.Sum(r => (double)r.Row * r.Length)
                        || o.Extent.Top != o.Runs.Min(r => r.Row) || o.Extent.Right != o.Runs.Max(r => r.To) - 1)
                    {
                        return false;
                    }

                    for (var r = 0; r < o.Runs.Count; r++)
                    {
                        if (r > 0 && (o.Runs[r] <= o.Runs[r - 1] || (o.Runs[r].Row == o.Runs[r - 1].Row && o.Runs[r].From <= o.Runs[r - 1].To)))
                        {
                            return false;
                        }

                        labels.AsSpan((o.Runs[r].Row * width) + o.Runs[r].From, o.Runs[r].Length).Fill(i + 1);
                    }
                }

                return labels.SequenceEqual(FloodFill(mask, width, height, least).Labels);
            }, seed: "0000KxTvaX2b", iter: 600);

    [Fact]
    public void Scanner_SumsGivenToARun_GoToTheGroupItEndsIn()
    {
        var scanner = new ObjectScanner(1, 1);
        scanner.Add(new PixelRun(0, 0, 2), []);
        scanner.Give([1]);
        scanner.Add(new PixelRun(0, 5, 7), []);
        scanner.Give([10]);
        scanner.Add(new PixelRun(0, 9, 10), []);
        scanner.Give([100]);
        scanner.Add(new PixelRun(1, 1, 6), []);
        scanner.Give([1000]);
        scanner.End().Select(o => (o.Sums[0], o.Extent.Pixels)).ShouldBe([(1011, 9), (100, 1)]);
    }

    [Fact]
    public void Outline_RandomGroups_IsThatOfThePolygonizer() =>
        Gen.Select(Gen.Int[1, 14], Gen.Int[1, 14], Gen.Int[15, 85], Gen.Int[0, 100_000]).Sample(
            (width, height, percent, seed) =>
            {
                var transform = GeoTransform.NorthUp(1000, 5000, 10, 10);
                var mask = Mask(width, height, percent, seed);
                var scanner = new ObjectScanner(0, 1);
                foreach (var piece in Pieces(mask, width, height, width))
                {
                    scanner.Add(piece, []);
                }

                var reader = new WKBReader();
                foreach (var found in scanner.End())
                {
                    var own = new byte[mask.Length];
                    foreach (var run in found.Runs)
                    {
                        own.AsSpan((run.Row * width) + run.From, run.Length).Fill(1);
                    }

                    var parts = LabelRaster.Polygonize<byte>(own, own, width, height, transform).Select(p => (Polygon)reader.Read(p.Wkb)).ToArray();
                    Geometry expected = parts.Length == 1 ? parts[0] : new MultiPolygon(parts);
                    var outline = PixelOutline.Of(found.Runs, transform, TestContext.Current.CancellationToken);
                    if (!outline.IsValid || outline.NumGeometries != parts.Length || !outline.EqualsTopologically(expected) || Math.Abs(outline.Area - (100 * found.Extent.Pixels)) > 1e-6)
                    {
                        return false;
                    }
                }

                return true;
            }, seed: "0000KxTvaX2c", iter: 500);

    [Fact]
    public void Outline_StraightSides_HaveCornersOnly()
    {
        PixelRun[] square = [new(3, 2, 6), new(4, 2, 6), new(5, 2, 6)];
        PixelOutline.Of(square, GeoTransform.NorthUp(0, 0, 1, 1), TestContext.Current.CancellationToken).Coordinates.Length.ShouldBe(5);
    }

    [Fact]
    public void Spool_MoreThanItsBudget_GivesAllPiecesInOrder()
    {
        using var folder = new ScratchFolder();
        var budget = new PieceBudget(folder.Path, new PassMemory(100_000));
        using var spool = new PieceSpool(budget);
        const int count = 10_000;
        for (var i = 0; i < count; i++)
        {
            var piece = new Piece { Row = i / 10, From = i % 10 * 5, To = (i % 10 * 5) + 3 };
            piece.Sums[ObjectSums.Lanes - 1] = i;
            spool.Add(piece);
        }

        Directory.GetFiles(folder.Path).ShouldHaveSingleItem();
        var at = 0;
        foreach (var piece in spool.Read())
        {
            (piece.Row, piece.From, piece.Sums[ObjectSums.Lanes - 1]).ShouldBe((at / 10, at % 10 * 5, (float)at));
            at++;
        }

        at.ShouldBe(count);
    }

    [Fact]
    public void OrderedWork_Needs_StartAfterWhatTheyNeed()
    {
        var work = new OrderedWork();
        var done = new int[200];
        for (var i = 0; i < done.Length; i++)
        {
            var at = i;
            var needs = Math.Max(0, i - 3);
            work.Add(needs, () =>
            {
                for (var before = 0; before < needs; before++)
                {
                    Volatile.Read(ref done[before]).ShouldBe(1);
                }

                Volatile.Write(ref done[at], 1);
            });
        }

        work.Run(4, TestContext.Current.CancellationToken);
        done.ShouldAllBe(d => d == 1);
    }

    [Fact]
    public void OrderedWork_OneFails_EndsAndThrowsIt()
    {
        var work = new OrderedWork();
        var ran = 0;
        work.Add(0, () => Interlocked.Increment(ref ran));
        work.Add(1, () => throw new InvalidDataException("the disk is gone"));
        for (var i = 0; i < 50; i++)
        {
            work.Add(2, () => Interlocked.Increment(ref ran));
        }

        Should.Throw<InvalidDataException>(() => work.Run(3, TestContext.Current.CancellationToken)).Message.ShouldBe("the disk is gone");
        ran.ShouldBe(1);
    }

    private static byte[] Mask(int width, int height, int percent, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, width * height).Select(_ => (byte)(random.Next(100) < percent ? 1 : 0))];
    }

    /// <summary>Runs, broken where a column is a multiple of <paramref name="cut"/>.</summary>
    private static IEnumerable<PixelRun> Pieces(byte[] mask, int width, int height, int cut)
    {
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width;)
            {
                if (mask[(y * width) + x] == 0)
                {
                    x++;
                    continue;
                }

                var from = x++;
                while (x < width && x % cut != 0 && mask[(y * width) + x] != 0)
                {
                    x++;
                }

                yield return new PixelRun(y, from, x);
            }
        }
    }

    private static (int[] Labels, List<int> Sizes) FloodFill(byte[] mask, int width, int height, int least)
    {
        var labels = new int[mask.Length];
        var seen = new bool[mask.Length];
        List<int> sizes = [];
        for (var start = 0; start < mask.Length; start++)
        {
            if (mask[start] == 0 || seen[start])
            {
                continue;
            }

            List<int> group = [start];
            seen[start] = true;
            for (var n = 0; n < group.Count; n++)
            {
                int x = group[n] % width, y = group[n] / width;
                for (var v = Math.Max(0, y - 1); v <= Math.Min(height - 1, y + 1); v++)
                {
                    for (var u = Math.Max(0, x - 1); u <= Math.Min(width - 1, x + 1); u++)
                    {
                        var j = (v * width) + u;
                        if (mask[j] != 0 && !seen[j])
                        {
                            seen[j] = true;
                            group.Add(j);
                        }
                    }
                }
            }

            if (group.Count >= least)
            {
                sizes.Add(group.Count);
                foreach (var i in group)
                {
                    labels[i] = sizes.Count;
                }
            }
        }

        return (labels, sizes);
    }
}
