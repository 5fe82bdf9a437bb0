using Monitoring.TestKit;

namespace Monitoring.Gdal.Tests;

/// <summary>Bad files and wrong use: one clear sentence, and nothing else harmed.</summary>
public sealed class RasterErrorTests
{
    [Fact]
    public void Open_MissingFile_NamesFileAndReason()
    {
        var e = Should.Throw<GdalException>(() => RasterDataset.Open("/no/such/scene.tif"));
        e.Message.ShouldContain("/no/such/scene.tif");
        e.Message.ShouldContain("No such file");
        e.ErrorNumber.ShouldBe(4);
        e.ErrorClass.ShouldBe(GdalErrorClass.Failure);
        e.Operation.ShouldBe("open \"/no/such/scene.tif\"");
    }

    [Fact]
    public void Open_NotARaster_SaysSo()
    {
        using var file = MemoryFile.FromBytes("hello, I am a text"u8, "a.txt");
        Should.Throw<GdalException>(() => RasterDataset.Open(file.Path)).Message.ShouldContain("not recognized");
    }

    [Fact]
    public void Open_EmptyFile_IsAnError()
    {
        using var file = MemoryFile.FromBytes([], "a.tif");
        Should.Throw<GdalException>(() => RasterDataset.Open(file.Path)).Message.ShouldContain("Could not open");
    }

    [Fact]
    public void Open_VectorFileAsRaster_IsAnError()
    {
        using var file = MemoryFile.FromBytes("""{"type":"Point","coordinates":[1,2]}"""u8, "a.geojson");
        Should.Throw<GdalException>(() => RasterDataset.Open(file.Path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Read_TruncatedTiff_ThrowsWithGdalsText(int kind)
    {
        var whole = Tiff(kind switch { 0 => [], 1 => ["COMPRESS=DEFLATE"], _ => ["TILED=YES", "COMPRESS=ZSTD"] });
        var threw = 0;
        for (var cut = 16; cut < whole.Length; cut += Math.Max(1, whole.Length / 40))
        {
            using var file = MemoryFile.FromBytes(whole.AsSpan(0, cut), "cut.tif");
            var pixels = new byte[300 * 200];
            try
            {
                using var ds = RasterDataset.Open(file.Path);
                ds.Read(1, ds.FullWindow, pixels.AsSpan());
            }
            catch (GdalException e)
            {
                threw++;
                e.Message.ShouldContain("cut.tif");
                e.Message.ShouldNotContain("no reason");
            }
        }
        // A file cut anywhere inside its pixels cannot be read; only the last bytes may be padding.
        threw.ShouldBeGreaterThanOrEqualTo(35);
    }

    [Fact]
    public void Read_DamageFoundByGdalsWorkerThreads_StillHasAText()
    {
        var whole = Tiff(["COMPRESS=DEFLATE", "TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"]);
        whole.AsSpan(whole.Length / 2, 2000).Fill(0xFF);
        using var file = MemoryFile.FromBytes(whole, "damaged.tif");
        using var ds = RasterDataset.Open(file.Path, new() { OpenOptions = ["NUM_THREADS=4"] });
        var e = Should.Throw<GdalException>(() => ds.Read(1, ds.FullWindow, new byte[300 * 200].AsSpan()));
        e.Message.ShouldNotContain("no reason");
    }

    [Fact]
    public void Read_GarbledTiff_NeverCrashes()
    {
        var whole = Tiff(["COMPRESS=DEFLATE", "TILED=YES"]);
        var random = new Random(99);
        var failures = 0;
        for (var round = 0; round < 200; round++)
        {
            var bytes = whole.ToArray();
            for (var i = 0; i < 6; i++)
                bytes[i % 2 == 0
                    ? random.Next(bytes.Length)
                    : random.Next(8, 400)] = (byte)random.Next(256); // the header is where it hurts
            using var file = MemoryFile.FromBytes(bytes, "garbled.tif");
            try
            {
                using var ds = RasterDataset.Open(file.Path, new() { AllowedDrivers = ["GTiff"] });
                var info = ds.Describe();
                if (info.PixelBytes > 1 << 22 || info.Bands.Count == 0 || info.Bands[0].BlockBytes > 1 << 22)
                    continue; // a caller's limit
                ds.Read(1, ds.FullWindow, new double[ds.Width * ds.Height].AsSpan());
            }
            catch (GdalException)
            {
                failures++;
            }
        }
        failures.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void Errors_OfOneCall_DoNotLeakIntoTheNext()
    {
        Should.Throw<GdalException>(() => RasterDataset.Open("/first.tif"));
        var second = Should.Throw<GdalException>(() => RasterDataset.Open("/second.tif"));
        second.Message.ShouldNotContain("first");
        second.Messages.ShouldAllBe(m => !m.Text.Contains("first"));
    }

    [Fact]
    public void Errors_OfParallelCalls_StayApart()
    {
        var wrong = 0;
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            try
            {
                RasterDataset.Open($"/missing-{i}-.tif").Dispose();
                Interlocked.Increment(ref wrong);
            }
            catch (GdalException e)
            {
                if (!e.Messages.All(m => m.Text.Contains($"/missing-{i}-.tif")) || e.Messages.Count == 0)
                    Interlocked.Increment(ref wrong);
            }
        });
        wrong.ShouldBe(0);
    }

    [Fact]
    public void Write_ToReadOnlyDataset_ThrowsWithText()
    {
        using var file = MemoryFile.FromBytes(Tiff([]), "a.tif");
        using var ds = RasterDataset.Open(file.Path);
        Should.Throw<GdalException>(() => ds.Write<byte>(1, new(0, 0, 1, 1), [1])).Message.ShouldContain("a.tif");
    }

    [Fact]
    public void Create_UnknownDriverOrPlace_IsNamed()
    {
        Should.Throw<NotSupportedException>(() => RasterDataset.Create("a", "NoSuchDriver", 1, 1, 1,
            PixelType.UInt8)).Message.ShouldContain("NoSuchDriver");
        Should.Throw<GdalException>(() => RasterDataset.Create("/no/such/folder/a.tif", "GTiff", 1, 1, 1,
            PixelType.UInt8)).Message.ShouldContain("/no/such/folder/a.tif");
        Should.Throw<GdalException>(() => RasterDataset.Create("a.png", "PNG", 1, 1, 1, PixelType.UInt8)); // only CopyTo can
    }

    [Fact]
    public void Dispose_DiskFull_Throws()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        var e = Should.Throw<GdalException>(() =>
        {
            using var ds = RasterDataset.Create("/dev/full", "GTiff", 2000, 2000, 1, PixelType.UInt8);
            ds.Write<byte>(1, new(0, 0, 2000, 2000), new byte[4_000_000]);
        });
        e.Message.ShouldContain("No space left on device");
    }

    [Fact]
    public void Read_BadArguments_AreRefusedBeforeGdal()
    {
        using var ds = RasterDataset.CreateInMemory(10, 8, 2, PixelType.UInt8);
        var buffer = new byte[80];
        Should.Throw<ArgumentException>(() => ds.Read(1, new(0, 0, 11, 8), buffer.AsSpan())).Message.ShouldContain("10 × 8");
        Should.Throw<ArgumentException>(() => ds.Read(1, new(-1, 0, 2, 2), buffer.AsSpan()));
        Should.Throw<ArgumentException>(() => ds.Read(1, new(9, 0, int.MaxValue, 1), buffer.AsSpan()));
        Should.Throw<ArgumentException>(() => ds.Read(1, new(0, 0, 0, 1), buffer.AsSpan()));
        Should.Throw<ArgumentException>(() => ds.Read(1, new(0, 0, 10, 8), buffer.AsSpan(1))).Message.ShouldContain("79");
        Should.Throw<ArgumentOutOfRangeException>(() => ds.Read(3, new(0, 0, 1, 1), buffer.AsSpan())).Message.ShouldContain("bands 1 to 2");
        Should.Throw<ArgumentOutOfRangeException>(() => ds.Read(0, new(0, 0, 1, 1), buffer.AsSpan()));
        Should.Throw<ArgumentException>(() => ds.Read<byte>([], new(0, 0, 1, 1), 1, 1, buffer));
        Should.Throw<NotSupportedException>(() => ds.Read(1, new(0, 0, 1, 1), new decimal[1].AsSpan()));
        Should.Throw<ArgumentException>(() => RasterDataset.Open("a\0b.tif"));
        Should.Throw<ArgumentNullException>(() => RasterDataset.Open(null!));
    }

    [Fact]
    public void Use_AfterDispose_IsObjectDisposed()
    {
        var ds = RasterDataset.CreateInMemory(4, 4, 1, PixelType.UInt8);
        ds.Dispose();
        ds.Dispose();
        Should.Throw<ObjectDisposedException>(() => ds.Read(1, ds.FullWindow, new byte[16].AsSpan()));
        Should.Throw<ObjectDisposedException>(() => ds.Describe());
        Should.Throw<ObjectDisposedException>(() => ds.Transform);
        Should.Throw<ObjectDisposedException>(() => ds.WarpVirtual(new("EPSG:4490", GeoTransform.NorthUp(0, 0, 1, 1), 1, 1)));
        Should.Throw<ObjectDisposedException>(() => ds.Flush());
    }

    [Fact]
    public async Task Use_ByTwoThreadsAtOnce_ThrowsInsteadOfCorrupting()
    {
        using var ds = RasterDataset.CreateInMemory(512, 512, 1, PixelType.UInt8);
        using var folder = new TempDirectory();
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var token = TestContext.Current.CancellationToken;
        var copying = Task.Run(() => ds.CopyTo(folder.File("a.tif"), "GTiff", null, new Blocking(inside, goOn, token)), token);
        inside.Wait(token);
        try
        {
            Should.Throw<InvalidOperationException>(() => ds.Read(1, ds.FullWindow,
                new byte[512 * 512].AsSpan())).Message.ShouldContain("two threads");
        }
        finally
        {
            goOn.Set();
        }
        await copying;
        ds.Read(1, ds.FullWindow, new byte[512 * 512].AsSpan());
    }

    [Fact]
    public async Task Use_OfAStackWhileASourceIsInUse_Throws()
    {
        using var first = Placed();
        using var second = Placed();
        using var stack = RasterDataset.StackVirtual([first, second]);
        using var folder = new TempDirectory();
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var token = TestContext.Current.CancellationToken;
        var copying = Task.Run(() => second.CopyTo(folder.File("a.tif"), "GTiff", null, new Blocking(inside, goOn, token)), token);
        inside.Wait(token);
        var pixel = new byte[1];
        try
        {
            Should.Throw<InvalidOperationException>(() => stack.Read(1, new(0, 0, 1, 1), pixel.AsSpan()));
            first.Read(1, new(0, 0, 1, 1), pixel.AsSpan()); // it was given back when the second could not be taken
        }
        finally
        {
            goOn.Set();
        }
        await copying;
        stack.Read(2, new(0, 0, 1, 1), pixel.AsSpan());

        static RasterDataset Placed()
        {
            var ds = RasterDataset.CreateInMemory(64, 64, 1, PixelType.UInt8);
            ds.Transform = GeoTransform.NorthUp(0, 64, 1, 1);
            return ds;
        }
    }

    [Fact]
    public void CopyTo_Cancelled_ThrowsOperationCanceled()
    {
        using var ds = RasterDataset.CreateInMemory(2048, 2048, 1, PixelType.UInt8);
        using var folder = new TempDirectory();
        using var source = new CancellationTokenSource();
        var reports = 0;
        var progress = new Sink(_ =>
        {
            if (++reports == 2)
                source.Cancel();
        });
        Should.Throw<OperationCanceledException>(() => ds.CopyTo(folder.File("a.tif"), "GTiff", ["TILED=YES"], progress,
            cancellation: source.Token));
        reports.ShouldBe(2);
        Should.Throw<OperationCanceledException>(() => ds.Read<byte>([1], ds.FullWindow, 2048, 2048, new byte[2048 * 2048],
            cancellation: source.Token));
    }

    [Fact]
    public void CopyTo_ProgressThrows_ExceptionComesThrough()
    {
        using var ds = RasterDataset.CreateInMemory(512, 512, 1, PixelType.UInt8);
        using var folder = new TempDirectory();
        Should.Throw<TimeZoneNotFoundException>(() => ds.CopyTo(folder.File("a.tif"), "GTiff", null,
            new Sink(_ => throw new TimeZoneNotFoundException())));
    }

    private static byte[] Tiff(string[] options)
    {
        using var file = MemoryFile.Reserve("whole.tif");
        using (var ds = RasterDataset.Create(file.Path, "GTiff", 300, 200, 1, PixelType.UInt8, options))
        {
            var pixels = new byte[300 * 200];
            new Random(3).NextBytes(pixels);
            ds.Write<byte>(1, ds.FullWindow, pixels);
        }
        return file.ToArray();
    }

    private sealed class Sink(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }

    private sealed class Blocking(ManualResetEventSlim inside, ManualResetEventSlim goOn, CancellationToken token) : IProgress<double>
    {
        public void Report(double value)
        {
            inside.Set();
            goOn.Wait(token);
        }
    }
}
