using System.Numerics;
using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Pair.Scoring;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>Describes candidate objects, lets the model choose among them, and closes the gaps between those that stay.</summary>
internal sealed class ObjectSieve(PairRequest request, BandPairing pairing, PairModel model, double gsdMeters, CloudCells cells, PassLayers layers)
{
    /// <summary>Widest radius of closing in pixels, whatever the ground distance.</summary>
    private const int MostClosing = 4;

    /// <summary>Objects that one thread takes at a time.</summary>
    private const int Batch = 64;

    private readonly Grid _grid = request.Baseline.Grid;

    /// <param name="objects">In the order of their first pixel.</param>
    /// <returns>What is kept, in the same order, and what is known of each.</returns>
    public (IReadOnlyList<FoundObject> Kept, CandidateObject[] Known) Choose(IReadOnlyList<FoundObject> objects, CancellationToken cancellation)
    {
        var measured = Measure(objects, cancellation);
        var surroundings = model.ModelDecides ? new ObjectSurroundings(measured, model.Scene!, gsdMeters) : null;
        var known = Describe(measured, i => surroundings?.Likeness(i) ?? float.NaN, cancellation);
        if (!model.ModelDecides)
        {
            return (objects, known);
        }

        var chosen = new List<FoundObject>();
        var still = new List<CandidateObject>();
        for (var i = 0; i < objects.Count; i++)
        {
            if (request.Options.Choice == ObjectChoice.Everything || request.Options.ModelInUse.Judge(known[i].Features) is { Keep: true })
            {
                chosen.Add(objects[i]);
                still.Add(known[i]);
            }
        }

        var radius = Math.Min(MostClosing, (int)Math.Round(request.Options.ModelInUse.ClosingMeters / gsdMeters));
        if (radius == 0 || chosen.Count == 0)
        {
            return (chosen, [.. still]);
        }

        var (closed, likeness) = Close(chosen, still, radius, cancellation);
        return (closed, Describe(Measure(closed, cancellation), i => likeness[i], cancellation));
    }

    private (ObjectSums Sums, ObjectShape Shape)[] Measure(IReadOnlyList<FoundObject> objects, CancellationToken cancellation)
    {
        var measured = new (ObjectSums, ObjectShape)[objects.Count];
        InBatches(measured.Length, i => measured[i] = (ObjectLanes.SumsOf(objects[i], pairing), ObjectShape.Of(objects[i].Runs)), cancellation);
        return measured;
    }

    private CandidateObject[] Describe((ObjectSums Sums, ObjectShape Shape)[] measured, Func<int, float> likeness, CancellationToken cancellation)
    {
        var known = new CandidateObject[measured.Length];
        var scene = model.Scene! with { GsdMeters = gsdMeters };
        InBatches(
            known.Length,
            i =>
            {
                var (sums, shape) = measured[i];
                var features = ObjectFeatures.Of(sums, shape, scene, likeness(i));
                known[i] = new CandidateObject(
                    sums, shape, features, model.ModelDecides && request.Options.ModelInUse.Judge(features) is { } verdict ? verdict.Probability : double.NaN);
            },
            cancellation);
        return known;
    }

    private void InBatches(int count, Action<int> one, CancellationToken cancellation)
    {
        var work = new OrderedWork();
        for (var first = 0; first < count; first += Batch)
        {
            var (from, to) = (first, Math.Min(count, first + Batch));
            work.Add(0, () =>
            {
                for (var i = from; i < to; i++)
                {
                    one(i);
                }
            });
        }

        work.Run(request.Options.Threads, cancellation);
    }

    /// <summary>
    /// Fills narrow gaps within and between objects, save where nobody saw the ground, and joins what then touches. Sums stay those of the
    /// candidate pixels, since nothing is known of the others. What surrounds an object are the candidates, kept or not: a joined one has
    /// the mean likeness of its parts by their pixels. Memory holds a few rows of bits.
    /// </summary>
    private (FoundObject[] Closed, float[] Likeness) Close(List<FoundObject> objects, List<CandidateObject> known, int radius, CancellationToken cancellation)
    {
        var rows = new RunRows(objects.Select(o => o.Runs));
        var closing = new MaskClosing(_grid.Width, _grid.Height, radius, (y, row) =>
        {
            foreach (var run in rows.Row(y))
            {
                MaskClosing.Fill(row, run.From, run.To);
            }
        });
        var hidden = new HiddenRows(layers, cells);
        var unseen = new byte[_grid.Width];
        var bits = new ulong[MaskClosing.WordsOf(_grid.Width)];

        // The scanner carries the sums of the parts and, behind them, likeness times pixels.
        Span<double> part = stackalloc double[ObjectSums.Lanes + 1];
        var scanner = new ObjectScanner(part.Length, 1);
        var place = ObjectFeatures.PlaceOf("neighbour_likeness");
        var next = 0;
        for (var y = 0; y < _grid.Height; y++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!closing.Row(y, bits))
            {
                continue;
            }

            if (hidden.Any)
            {
                hidden.Fill(y, unseen);
                for (var x = unseen.AsSpan().IndexOfAnyExcept((byte)0); x >= 0 && x < unseen.Length; x++)
                {
                    bits[x / 64] &= unseen[x] != 0 ? ~(1UL << (x % 64)) : ulong.MaxValue;
                }
            }

            for (var from = Seek(bits, 0, 0); from < _grid.Width;)
            {
                var to = Math.Min(_grid.Width, Seek(bits, from, ulong.MaxValue));
                scanner.Add(new PixelRun(y, from, to), []);

                // Closing takes no pixel away, so each object lies whole in the one that holds its first pixel.
                for (; next < objects.Count && objects[next].Runs[0] is var first && first.Row == y && first.From < to; next++)
                {
                    objects[next].Sums.CopyTo(part);
                    part[^1] = known[next].Features[place] * part[ObjectSums.Lane.Pixels];
                    scanner.Give(part);
                }

                from = Seek(bits, to, 0);
            }
        }

        var joined = scanner.End();
        return (
            [.. joined.Select(o => o with { Sums = o.Sums[..ObjectSums.Lanes] })], [.. joined.Select(o => (float)(o.Sums[ObjectSums.Lanes] / o.Sums[ObjectSums.Lane.Pixels]))]);
    }

    /// <summary>First column from <paramref name="x"/> on whose bit is not that of <paramref name="skip"/>; past the row when there is none.</summary>
    private static int Seek(ReadOnlySpan<ulong> bits, int x, ulong skip)
    {
        var word = x / 64;
        if (word >= bits.Length)
        {
            return int.MaxValue;
        }

        for (var left = (bits[word] ^ skip) & (ulong.MaxValue << (x % 64)); ; left = bits[word] ^ skip)
        {
            if (left != 0)
            {
                return (word * 64) + BitOperations.TrailingZeroCount(left);
            }

            if (++word == bits.Length)
            {
                return int.MaxValue;
            }
        }
    }
}
