using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CsCheck;
using Monitoring.Detection.Imagery.Ccdc;
using Monitoring.Detection.Imagery.Ccdc.Watch;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>Folding in one look at a time equals refitting the whole history at each look.</summary>
public sealed class WatchStateTests
{
    private static readonly WatchOptions Options = new();

    [Fact]
    public void State_InMemory_HasTheSizeOfItsFile() => Unsafe.SizeOf<WatchState>().ShouldBe(WatchState.Bytes);

    /// <summary>The plain definition: design, ridge and least squares on the list of looks, by elimination.</summary>
    [Fact]
    public void Solve_AfterFoldingOneByOne_EqualsTheFitOfTheWholeHistory() => Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            const int epoch = 735_000;
            var sums = new double[WatchState.Held.Count];
            var (days, values) = (new List<int>(), new List<double>());
            var day = 1;
            var count = random.Next(12, 400);
            for (var i = 0; i < count; i++)
            {
                (days, values) = ([.. days, day], [.. values, Math.Round((3000 * Math.Sin(day / 58.1)) + random.Next(-800, 800) + 4000)]);
                SeasonModel.Add(sums, SeasonRow.Of(day, epoch), values[^1]);
                day += random.Next(1, 40);
            }

            var variance = SeasonModel.Solve(sums, count, Options, out var coefficients);
            var slow = SlowRidge(days, values, epoch, SeasonModel.ColumnsFor(count, Options));
            for (var c = 0; c < SeasonModel.Columns; c++)
            {
                coefficients[c].ShouldBe(c < slow.Length ? slow[c] : 0, 1e-6 * (1 + Math.Abs(c < slow.Length ? slow[c] : 0)));
            }

            var rest = Enumerable.Range(0, count).Sum(i => Math.Pow(values[i] - Enumerable.Range(0, slow.Length).Sum(c => slow[c] * SeasonRow.Of(days[i], epoch)[c]), 2));
            variance.ShouldBe(rest / (count - slow.Length), 1e-6 * variance + 1e-3);

            // One more look pulls what the model says of its day towards itself by leverage / (1 + leverage).
            var row = SeasonRow.Of(day, epoch);
            SeasonModel.Solve(sums, count, Options, row, out _, out var leverage);
            var said = SeasonModel.Dot(coefficients, row);
            SeasonModel.Add(sums, row, said + 1000);
            SeasonModel.Solve(sums, count, Options, out var pulled);
            (SeasonModel.Dot(pulled, row) - said).ShouldBe(1000 * leverage / (1 + leverage), 1e-3);
        },
        iter: 200, seed: "0N0XIzNsQ0O2");

    /// <summary>
    /// A pixel that is followed look by look tells the same breaks, on the same days, as one that keeps its whole history and fits it anew
    /// at each look (same schedule).
    /// </summary>
    [Fact]
    public void Follow_LookByLook_TellsWhatRefittingTheWholeHistoryTells()
    {
        var broken = 0;
        Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            const int epoch = 735_000;
            var state = default(WatchState);
            var history = new List<(int Day, double Value)>();
            var breakAt = random.Next(500, 1500);
            List<(int, int, int)> told = [], expected = [];
            SlowPixel? slow = null;
            for (var day = 1; day < 2500; day += random.Next(3, 25))
            {
                var value = (short)((2500 * Math.Sin((day + epoch) / 58.13)) + 4500 + random.Next(-400, 400) - (day > breakAt ? 3500 : 0) - (random.Next(20) == 0 ? 2500 : 0));
                if (state.Stage == WatchStage.Collecting)
                {
                    slow = null;
                    PixelWatch.Collect(ref state, day, value, Options);
                    if (PixelWatch.CanBegin(ref state, Options))
                    {
                        slow = new SlowPixel(epoch, [.. state.Kept[..state.Looks].ToArray().Select(k => ((int)k.Day, (double)k.Value))]);
                        var use = new bool[state.Looks];
                        use.AsSpan().Fill(true);
                        PixelWatch.Begin(ref state, use, new SeasonDays(epoch));
                    }

                    continue;
                }

                // What the tile would tell: no common part, a scatter of 300.
                SeasonModel.Solve(state.Sums, state.Looks, Options, out var coefficients);
                var residual = value - SeasonModel.Dot(coefficients, SeasonRow.Of(day, epoch));
                var rough = PixelWatch.RoughnessOf(state.Sums, Options);
                var broke = PixelWatch.Follow(ref state, new PixelLook(day, value, 0, residual, residual / 300 / rough, rough, 1), Options, new SeasonDays(epoch));
                if (broke)
                {
                    told.Add((state.BreakAfter, state.BreakDay, state.BreakSeen));
                }

                if (slow!.Take(day, value) is { } seen)
                {
                    expected.Add(seen);
                }

                broke.ShouldBe(expected.Count == told.Count && broke);
            }

            told.ShouldBe(expected);
            Interlocked.Add(ref broken, told.Count);
        },
        iter: 200, seed: "0N0XIzNsQ0O2");
        broken.ShouldBeGreaterThan(150);
    }

    /// <summary>A tile's states written and read between looks go on as if they had never left memory.</summary>
    [Fact]
    public void TileWatch_StatesThroughBytesBetweenLooks_SameStates()
    {
        const int pixels = 300;
        WatchState[] straight = new WatchState[pixels], stored = new WatchState[pixels];
        var random = new Random(5);
        var one = new TileWatch(Options);
        var (values, clear) = (new short[pixels], new bool[pixels]);
        var broke = 0;
        for (var day = 1; day < 1200; day += 9)
        {
            for (var i = 0; i < pixels; i++)
            {
                values[i] = (short)((2000 * Math.Sin(day / 58.13)) + 4500 + random.Next(-300, 300) + (i * 3) - (day > 800 + i && i % 7 == 0 ? 3500 : 0));
                clear[i] = random.Next(5) > 0;
            }

            broke += one.Take(straight, values, clear, day, 735_000).Breaks;
            // A fresh workspace and states that went through bytes, as in a new process.
            stored = MemoryMarshal.Cast<byte, WatchState>(MemoryMarshal.AsBytes(stored.AsSpan()).ToArray()).ToArray();
            new TileWatch(Options).Take(stored, values, clear, day, 735_000);
        }

        MemoryMarshal.AsBytes(stored.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(straight.AsSpan())).ShouldBeTrue();
        broke.ShouldBeGreaterThan(20, "the planted losses");
        straight.Count(s => s.HasBreak && s.BreakChange < 0).ShouldBeGreaterThan(20);
    }

    /// <summary>Pixels that share days, in lanes and with counted medians, against one by one: the same bits, on the real stack and on tiles of any size.</summary>
    [Fact]
    public void TileWatch_InLanes_SameStatesAsPixelByPixel()
    {
        var stack = NdviStack.Read();
        var dates = stack.Dates;
        var (values, quality) = (new short[dates.Count], new ObservedAs[dates.Count]);
        foreach (var pixels in new[] { 1, 7, 8, 9, 63, 231, 4099 })
        {
            WatchState[] fast = new WatchState[pixels], slow = new WatchState[pixels];
            TileWatch one = new(Options);
            SlowTileWatch other = new(Options);
            var looks = new (short[] Values, bool[] Clear)[dates.Count];
            for (var i = 0; i < looks.Length; i++)
            {
                looks[i] = (new short[pixels], new bool[pixels]);
            }

            for (var pixel = 0; pixel < pixels; pixel++)
            {
                stack.Pixel((pixel * 17) % stack.Pixels, values, quality);
                for (var i = 0; i < looks.Length; i++)
                {
                    // Some pixels lack looks that their neighbours have; a loss in a tenth of them.
                    (looks[i].Values[pixel], looks[i].Clear[pixel]) =
                        (pixel % 10 == 3 && i > 40 + (pixel % 20) ? (short)1200 : values[i], quality[i] == ObservedAs.Clear && (pixel % 5 != 1 || (i + pixel) % 7 != 0));
                }
            }

            for (var i = 0; i < looks.Length; i++)
            {
                if (i == 0 || dates.Days[i] != dates.Days[i - 1])
                {
                    int day = dates.Days[i] - dates.Days[0] + 1, epoch = dates.Days[0] - 1;
                    one.Take(fast, looks[i].Values, looks[i].Clear, day, epoch).ShouldBe(other.Take(slow, looks[i].Values, looks[i].Clear, day, epoch));
                    MemoryMarshal.AsBytes(fast.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(slow.AsSpan())).ShouldBeTrue($"{pixels} pixels, look {i}");
                }
            }

            if (pixels > 4000)
            {
                fast.Count(s => s.HasBreak).ShouldBeGreaterThan(100);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(23)]
    [InlineData(60)]
    public void LaneOrder_Median_IsThatOfEachLane(int count)
    {
        var random = new Random(count);
        for (var round = 0; round < 50; round++)
        {
            var lists = Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, count).Select(_ => (double)random.Next(0, 20 * (round + 1))).ToArray()).ToArray();
            var lanes = Enumerable.Range(0, count).Select(k => Vector512.Create([.. lists.Select(l => l[k])])).ToArray();
            var medians = LaneOrder.Median(lanes);
            for (var lane = 0; lane < 8; lane++)
            {
                medians[lane].ShouldBe(Monitoring.Detection.Imagery.Statistics.OrderStatistics.Median((double[])lists[lane].Clone()));
                Enumerable.Range(0, count).Select(k => lanes[k][lane]).ShouldBe(lists[lane].Order());
            }
        }
    }

    [Fact]
    public void TileWatch_AfterItsLargestTile_AllocatesNothing()
    {
        const int pixels = 400;
        var states = new WatchState[pixels];
        var watch = new TileWatch(Options);
        var (values, clear) = (new short[pixels], new bool[pixels]);
        clear.AsSpan().Fill(true);
        long before = 0;
        var random = new Random(5);
        for (var day = 1; day < 1200; day += 10)
        {
            for (var i = 0; i < pixels; i++)
            {
                values[i] = (short)((2000 * Math.Sin(day / 58.13)) + 4500 + random.Next(-300, 300) + i);
            }

            if (day > 700)
            {
                before = before == 0 ? GC.GetAllocatedBytesForCurrentThread() : before;
            }

            watch.Take(states, values, clear, day, 735_000);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        states.ShouldAllBe(s => s.Stage == WatchStage.Following);
    }

    /// <summary>Snow: every pixel at once. No break, and the look is left out.</summary>
    [Fact]
    public void TileWatch_WholeTileOff_IsLeftOut()
    {
        const int pixels = 300;
        var states = new WatchState[pixels];
        var watch = new TileWatch(Options);
        var (values, clear) = (new short[pixels], new bool[pixels]);
        clear.AsSpan().Fill(true);
        var random = new Random(5);
        for (var day = 1; day < 1200; day += 10)
        {
            var snow = day > 900 && day < 960;
            for (var i = 0; i < pixels; i++)
            {
                values[i] = snow ? (short)random.Next(0, 400) : (short)((2000 * Math.Sin(day / 58.13)) + 4500 + random.Next(-300, 300) + (5 * i));
            }

            var look = watch.Take(states, values, clear, day, 735_000);
            look.Breaks.ShouldBe(0);
            look.Usable.ShouldBe(!snow, $"day {day}");
        }
    }

    private static double[] SlowRidge(List<int> days, List<double> values, int epoch, int columns)
    {
        double[] ridge = [1e-6, 1e-6 + 3, 1e-6 + 0.1, 1e-6 + 0.1, 1e-6 + 1, 1e-6 + 1];
        var a = new double[columns][];
        for (var i = 0; i < columns; i++)
        {
            a[i] = new double[columns + 1];
            for (var j = 0; j < columns; j++)
            {
                a[i][j] = Enumerable.Range(0, days.Count).Sum(k => SeasonRow.Of(days[k], epoch)[i] * SeasonRow.Of(days[k], epoch)[j]) + (i == j ? ridge[i] : 0);
            }

            a[i][columns] = Enumerable.Range(0, days.Count).Sum(k => SeasonRow.Of(days[k], epoch)[i] * values[k]);
        }

        for (var i = 0; i < columns; i++)
        {
            var pivot = Enumerable.Range(i, columns - i).MaxBy(r => Math.Abs(a[r][i]));
            (a[i], a[pivot]) = (a[pivot], a[i]);
            for (var r = 0; r < columns; r++)
            {
                var factor = r == i ? 0 : a[r][i] / a[i][i];
                for (var c = i; c <= columns && factor != 0; c++)
                {
                    a[r][c] -= factor * a[i][c];
                }
            }
        }

        return [.. Enumerable.Range(0, columns).Select(i => a[i][columns] / a[i][i])];
    }

    /// <summary>One pixel as a plain list of looks.</summary>
    private sealed class SlowPixel(int epoch, List<(int Day, double Value)> looks)
    {
        private (int Day, double Value, double Evidence, double Deviation)? _pending;
        private readonly List<double> _rough = [];
        private int _gains;
        private int _losses;
        private (int After, int Day) _loss;
        private bool _over;

        public (int, int, int)? Take(int day, double value)
        {
            if (_over)
            {
                return null;
            }

            var fit = SlowRidge([.. looks.Select(l => l.Day)], [.. looks.Select(l => l.Value)], epoch, looks.Count < 18 ? 4 : 6);
            var residual = value - Enumerable.Range(0, fit.Length).Sum(c => fit[c] * SeasonRow.Of(day, epoch)[c]);
            var rough = Math.Sqrt((_rough.Sum() + Options.RoughnessPrior) / (_rough.Count + Options.RoughnessPrior));
            var evidence = residual / 300 / rough;
            if (_pending is { } pending)
            {
                _gains = evidence > Options.EachEvidence ? _gains + 1 : 0;
                double a = Math.Min(6, Math.Abs(pending.Evidence)), b = Math.Min(6, Math.Abs(evidence));
                var loss = pending.Evidence < 0 && evidence < 0 && Math.Min(a, b) > Options.EachEvidence && (a + b) / Math.Sqrt(2) > Options.Evidence;
                var bare = Math.Max(pending.Value, value) < Options.BareBelow;
                if ((loss && (bare || _losses + 1 >= Options.LossLooks)) || _gains >= Options.GainLooks)
                {
                    _over = true;
                    return loss && !bare ? (_loss.After, _loss.Day, day) : (looks[^1].Day, pending.Day, day);
                }

                _rough.Add(Math.Pow(Math.Min(4, Math.Abs(pending.Deviation)), 2));
                if (Math.Abs(pending.Evidence) < 6)
                {
                    looks.Add((pending.Day, pending.Value));
                }
            }

            _losses = evidence < -Options.EachEvidence ? _losses + 1 : 0;
            _loss = _losses == 1 ? (looks[^1].Day, day) : _loss;
            _pending = (day, value, evidence, residual / 300);
            return null;
        }
    }
}
