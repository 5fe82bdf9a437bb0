using CsCheck;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>A comparison in little memory: nothing but the memory differs.</summary>
public sealed class PassMemoryTests
{
    private const int Bands = 6;

    /// <summary>As tiles of 64 pixels, and as whole lines.</summary>
    private static readonly string[] Tiled = ["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64", "COMPRESS=DEFLATE", "PREDICTOR=2"], Lines = ["COMPRESS=DEFLATE", "BLOCKYSIZE=16"];

    private static readonly PairOptions Options = new() { LeastSquareMeters = 0, TilePixels = 64, SampleTilePixels = 64, SampleTiles = 40, Register = false };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Wider than 8192 pixels: many stripes in little memory, one in much.</summary>
    [Theory]
    [InlineData(true, 4 << 20, 2)]
    [InlineData(true, 6 << 20, 3)]
    [InlineData(false, 4 << 20, 2)]
    public async Task Detect_WideSceneInLittleMemory_AllAsInMuch(bool isTiled, int bytes, int threads)
    {
        using var pair = new WidePair(8_333, 131, 7, isTiled ? Tiled : Lines);
        using var much = await DetectAsync(pair.Request(Options));
        using var little = await DetectAsync(pair.Request(Options with { MemoryBytes = bytes, Threads = threads }));
        much.Changes.Patches.Count.ShouldBeGreaterThan(10);
        ShouldBeSame(little, much);
        little.Memory.Most.ShouldBe(bytes);
        little.Memory.Peak.ShouldBeInRange(bytes / 4, bytes);
        little.Memory.Held.ShouldBe(0);
        much.Memory.Held.ShouldBe(0);
    }

    /// <summary>Tiles that are wider than the scene is high, few of them: hardly an edge.</summary>
    [Fact]
    public async Task Detect_WideScene_SamePatchesAsWithoutTiles()
    {
        using var pair = new WidePair(8_333, 131, 7, Tiled);
        using var whole = await DetectAsync(pair.Request(Options with { TilePixels = 4096, MemoryBytes = 16L << 30 }));
        using var tiled = await DetectAsync(pair.Request(Options with { MemoryBytes = 4 << 20 }));
        ShouldBeSamePatches(tiled, whole);
    }

    /// <summary>A hundred tiles and more for each of the sample: it reads its windows alone, out of blocks that are larger, or line by line.</summary>
    [Fact]
    public async Task Detect_SceneTooLargeToHoldItsSample_SamePatchesFromTilesAndLines()
    {
        var few = Options with { SampleTiles = 3, SampleTilePixels = 32 };
        using WidePair tiles = new(8_333, 131, 7, Tiled), lines = new(8_333, 131, 7, Lines);
        using var ofTiles = await DetectAsync(tiles.Request(few));
        using var ofLines = await DetectAsync(lines.Request(few));
        ofTiles.Changes.Patches.Count.ShouldBeGreaterThan(10);
        ShouldBeSame(ofTiles, ofLines);
    }

    [Fact]
    public void Detect_AnySceneAndMemory_HoldsNoMoreAndFindsTheSame() =>
        Gen.Select(Gen.Int[130, 700], Gen.Int[65, 400], Gen.Bool, Gen.Int[1, 4], Gen.Int[3_400_000, 12_000_000], Gen.Int[1, 3]).Sample(
            (width, height, isTiled, threads, bytes, seed) =>
            {
                using var pair = new WidePair(width, height, seed, isTiled ? Tiled : Lines);
                using var much = DetectAsync(pair.Request(Options)).GetAwaiter().GetResult();
                using var little = DetectAsync(pair.Request(Options with { MemoryBytes = bytes, Threads = threads })).GetAwaiter().GetResult();
                ShouldBeSame(little, much);
                return little.Memory.Peak <= bytes && little.Memory.Held == 0 && much.Memory.Peak <= PassMemory.Usual;
            },
            seed: "0000KxTvaX2c",
            iter: 12,
            threads: 1);

    [Fact]
    public void Memory_TakenAndGivenBack_NeverMoreThanThereIs() =>
        Gen.Int[-80, 80].Array[0, 200].Sample(
            steps =>
            {
                var (memory, held, peak) = (new PassMemory(200), 0, 0);
                foreach (var step in steps)
                {
                    if (step < 0)
                    {
                        var back = Math.Min(held, -step);
                        memory.Return(back);
                        held -= back;
                    }
                    else
                    {
                        memory.TryTake(step).ShouldBe(held + step <= 200);
                        held += held + step <= 200 ? step : 0;
                        peak = Math.Max(peak, held);
                    }
                }

                return (memory.Held, memory.Peak) == (held, peak);
            },
            seed: "0000KxTvaX2c",
            iter: 500);

    [Fact]
    public void Memory_NoRoomForWhatMustBe_IsABugThatIsNamed() =>
        Should.Throw<InvalidOperationException>(() => new PassMemory(10).Take(11)).Message.ShouldContain("11");

    [Theory]
    [InlineData(6, 512)]
    [InlineData(12, 512)]
    [InlineData(64, 512)]
    [InlineData(600, 4096)]
    public void Layout_AnyBandsAndWidth_StaysWithinItsMemory(int bands, int side)
    {
        using var pair = new WidePair(700, 70, 1, Tiled);
        var options = new PairOptions { TilePixels = side, Threads = 64 };
        var memory = PassLayout.MemoryFor(options, bands);
        options = options with { TilePixels = PassLayout.SideFor(side, bands, memory.Most) };
        var scene = pair.Request(options).Baseline;
        using var reader = new GridReader(scene, scene.Grid, [.. Enumerable.Range(0, bands).Select(b => b % Bands)], null, []);
        var layout = PassLayout.Of(reader, reader, scene.Grid with { Width = 1 << 30, Height = 1 << 30 }, options, memory.Most);
        layout.Bytes.ShouldBeInRange(memory.Most / 16, memory.Most * 7 / 8);
    }

    private static Task<PairResult> DetectAsync(PairRequest request) => PairDetector.DetectAsync(request, TimeProvider.System, null, Token);

    private static void ShouldBeSame(PairResult one, PairResult other)
    {
        ShouldBeSamePatches(one, other);
        one.Overview.Before.SequenceEqual(other.Overview.Before).ShouldBeTrue();
        one.Overview.After.SequenceEqual(other.Overview.After).ShouldBeTrue();
        var grid = one.Request.Baseline.Grid;
        byte[] a = new byte[grid.Width], b = new byte[grid.Width];
        Action<int, Span<byte>> hidden = one.HiddenRows(), otherHidden = other.HiddenRows();
        for (var y = 0; y < grid.Height; y++)
        {
            hidden(y, a);
            otherHidden(y, b);
            a.AsSpan().SequenceEqual(b).ShouldBeTrue($"row {y}");
        }
    }

    private static void ShouldBeSamePatches(PairResult one, PairResult other)
    {
        one.Changes.Statistics.ShouldBe(other.Changes.Statistics);
        one.Changes.ObservableShare.ShouldBe(other.Changes.ObservableShare);
        one.Changes.Patches.Select(p => (p.PixelCount, p.Kind, p.Score)).ShouldBe(other.Changes.Patches.Select(p => (p.PixelCount, p.Kind, p.Score)));
        one.Pixels.SelectMany(p => p).ShouldBe(other.Pixels.SelectMany(p => p));
        for (var i = 0; i < one.Objects.Count; i++)
        {
            one.Objects[i].Features.ShouldBe(other.Objects[i].Features);
        }
    }

    /// <summary>Ground of two kinds with noise; on the second date a roof every few tiles, most of them across a tile's edge; some pixels are missing.</summary>
    private sealed class WidePair : IDisposable
    {
        private static readonly double[] Field = [0.05, 0.08, 0.07, 0.30, 0.20, 0.12], Soil = [0.09, 0.11, 0.14, 0.20, 0.28, 0.24], Roof = [0.28, 0.27, 0.26, 0.28, 0.27, 0.24];
        private readonly ScratchFolder _folder = new();
        private readonly Scene _before, _after;

        public WidePair(int width, int height, int seed, string[] layout)
        {
            _before = Write("a", width, height, seed, layout, built: false);
            _after = Write("b", width, height, seed + 1000, layout, built: true);
        }

        public PairRequest Request(PairOptions options) => new(_before, _after, options with { TemporaryFolder = _folder.Path });

        public void Dispose() => _folder.Dispose();

        private Scene Write(string id, int width, int height, int seed, string[] layout, bool built)
        {
            var file = Path.Combine(_folder.Path, id + ".tif");
            using (var data = RasterDataset.Create(file, "GTiff", width, height, Bands, PixelType.UInt16, layout))
            {
                data.Transform = GeoTransform.NorthUp(300_000, 3_400_000, 10, 10);
                using (var reference = SpatialReference.Parse("EPSG:32650"))
                {
                    data.SetSpatialReference(reference);
                }

                var noise = new Random(seed);
                var pixels = new ushort[width * height];
                for (var b = 0; b < Bands; b++)
                {
                    for (var i = 0; i < pixels.Length; i++)
                    {
                        int x = i % width, y = i / width;
                        var mix = 0.5 + (0.5 * Math.Clamp(4 * Math.Sin(x * Math.PI / 18) * Math.Sin(y * Math.PI / 18), -1, 1));
                        var isRoof = built && x % 187 is > 120 and < 134 && y % 70 is > 56 and < 68;
                        var value = isRoof ? Roof[b] : (mix * Field[b]) + ((1 - mix) * Soil[b]);
                        value += Math.Sqrt(value) * 0.006 * (noise.NextDouble() + noise.NextDouble() + noise.NextDouble() - 1.5);
                        pixels[i] = (x + (3 * y)) % 1013 == 0 ? (ushort)0 : (ushort)Math.Clamp(value * 10_000, 1, 65535);
                    }

                    data.Write<ushort>(b + 1, data.FullWindow, pixels);
                    data.SetNoData(b + 1, 0);
                }
            }

            return SyntheticPair.Of(file, id, new DateTimeOffset(2025, built ? 6 : 5, 1, 3, 0, 0, TimeSpan.Zero), hasQuality: false);
        }
    }
}
