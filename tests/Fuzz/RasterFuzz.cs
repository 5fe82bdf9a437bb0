using System.Diagnostics;
using System.Globalization;
using Monitoring.Gdal;
using Monitoring.TestKit;

namespace Monitoring.Fuzz;

/// <summary>
/// Damaged GeoTIFF, JPEG 2000, PNG, JPEG, VRT and ENVI files through the scene door and the raster binding, in child processes with a limit on their address space: a crash, a
/// hang or memory out of bounds of the native library is a failed test, not the end of the run.
/// </summary>
public sealed class RasterFuzz : IDisposable
{
    private const int Seed = 20260501;
    private static readonly int RoundsPerChild = Effort.Full ? 1_000 : 300;
    private const int ShortRounds = 600;
    private const long AddressSpaceKilobytes = 6L * 1024 * 1024;
    private const long MaxPeakKilobytes = 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly string _folder = Directory.CreateTempSubdirectory("monitoring-fuzz-").FullName;

    [Fact]
    public void Rasters_Damaged_AreScenesOrSentencesAndNeverACrash()
    {
        WriteSeeds();
        var started = TimeProvider.System.GetTimestamp();
        int rounds = 0, opened = 0;
        long peak = 0;
        while (Effort.Full ? TimeProvider.System.GetElapsedTime(started).TotalSeconds < 60 : rounds < ShortRounds)
        {
            var child = Run(rounds, RoundsPerChild, null);
            child.Problem.ShouldBeNull();
            opened += child.Opened;
            peak = Math.Max(peak, child.PeakKilobytes);
            rounds += RoundsPerChild;
        }

        // Damage that is all refused at the first byte would prove nothing.
        opened.ShouldBeGreaterThan(rounds / 20);
        peak.ShouldBeLessThan(MaxPeakKilobytes);
        LongProofs.Record(
            "fuzz rasters in a child process", string.Create(CultureInfo.InvariantCulture, $"{rounds:N0} damaged rasters of {Directory.GetFiles(Path.Combine(_folder, "seeds")).Length} kinds, seed {Seed}"),
            string.Create(CultureInfo.InvariantCulture, $"no crash, no hang; {opened:N0} still read as scenes, the rest one sentence each; at most {peak / 1024} MiB in memory"));
    }

    [Fact]
    public void Child_ThatDies_IsAFailureThatNamesItsRound()
    {
        WriteSeeds();
        Run(0, 20, dieAt: 7).Problem!.ShouldStartWith("The child died in round 7");
        Run(0, 7, dieAt: 7).Problem.ShouldBeNull();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (string? Problem, int Opened, long PeakKilobytes) Run(int first, int count, int? dieAt)
    {
        foreach (var name in new[] { "done", "wrong", "round" })
            File.Delete(Path.Combine(_folder, name));
        var program = Path.Combine(AppContext.BaseDirectory, "Monitoring.Fuzz");
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"ulimit -c 0; ulimit -v {AddressSpaceKilobytes}; exec \"$0\"");
        start.ArgumentList.Add(program);
        start.Environment[RasterChild.Variable] = string.Create(CultureInfo.InvariantCulture, $"{_folder}|{Seed}|{first}|{count}");
        if (dieAt is { } round)
            start.Environment[RasterChild.DieVariable] = round.ToString(CultureInfo.InvariantCulture);

        // The collector reserves a multiple of the machine's memory otherwise, which the limit would forbid.
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x20000000";
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["GDAL_NUM_THREADS"] = "1";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync();
        var output = child.StandardOutput.ReadToEndAsync();
        if (!child.WaitForExit(Patience))
        {
            child.Kill(entireProcessTree: true);
            return ($"The child hangs in round {Round()}.", 0, 0);
        }

        if (child.ExitCode == 0 && File.Exists(Path.Combine(_folder, "done")))
        {
            var done = File.ReadAllText(Path.Combine(_folder, "done")).Split(' ');
            return (null, int.Parse(done[0], CultureInfo.InvariantCulture), long.Parse(done[1], CultureInfo.InvariantCulture));
        }

        var wrong = Path.Combine(_folder, "wrong") is var file && File.Exists(file) ? File.ReadAllText(file) : $"{errors.Result}{output.Result}";
        return ($"The child died in round {Round()} with code {child.ExitCode}: {wrong}\nseed {Seed}, input: {Input()}", 0, 0);

        string Round() => File.Exists(Path.Combine(_folder, "round")) ? File.ReadAllText(Path.Combine(_folder, "round")) : "none";

        string Input()
        {
            var seeds = Directory.GetFiles(Path.Combine(_folder, "seeds")).Order(StringComparer.Ordinal).ToArray();
            return int.TryParse(Round(), out var at) ? $"{Path.GetFileName(seeds[at % seeds.Length])} {Convert.ToBase64String(RasterMutations.Make(File.ReadAllBytes(seeds[at % seeds.Length]), Seed, at))}" : "-";
        }
    }

    private void WriteSeeds()
    {
        var seeds = Directory.CreateDirectory(Path.Combine(_folder, "seeds")).FullName;
        var beside = Directory.CreateDirectory(Path.Combine(_folder, "beside")).FullName;
        using var source = RasterDataset.CreateInMemory(48, 40, 3, PixelType.UInt8);
        using (var crs = SpatialReference.FromEpsg(4549))
            source.SetSpatialReference(crs);
        source.Transform = GeoTransform.NorthUp(500_000, 3_600_000, 10, 10);
        var pixels = new byte[48 * 40];
        for (var band = 1; band <= 3; band++)
        {
            for (var i = 0; i < pixels.Length; i++)
                pixels[i] = (byte)(((i * 7) + (band * 31) + (i / 48 * 13)) % 251);
            source.Write<byte>(band, source.FullWindow, pixels);
            source.SetNoData(band, 0);
        }

        foreach (var (name, options) in new (string, string[])[]
        {
            ("strips", []), ("deflate", ["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16", "COMPRESS=DEFLATE", "PREDICTOR=2"]), ("lzw", ["COMPRESS=LZW", "INTERLEAVE=BAND"]),
            ("big", ["BIGTIFF=YES", "COMPRESS=PACKBITS"]), ("jpeg", ["COMPRESS=JPEG", "PHOTOMETRIC=YCBCR"]), ("big-endian", ["ENDIANNESS=BIG", "COMPRESS=ZSTD"]),
        })
        {
            source.CopyTo(Path.Combine(seeds, name + ".tif"), "GTiff", options);
        }

        using (var overviews = RasterDataset.Open(Path.Combine(seeds, "deflate.tif"), new() { Update = true }))
            overviews.BuildOverviews(Resampling.Average, [2, 4]);
        source.CopyTo(Path.Combine(seeds, "a.jp2"), "JP2OpenJPEG", ["QUALITY=100", "REVERSIBLE=YES"]);
        source.CopyTo(Path.Combine(seeds, "a.png"), "PNG", ["WORLDFILE=NO"]);
        source.CopyTo(Path.Combine(seeds, "a.jpg"), "JPEG");
        using (var tiff = RasterDataset.Open(Path.Combine(seeds, "strips.tif")))
        {
            Directory.CreateDirectory(Path.Combine(_folder, "work"));
            source.CopyTo(Path.Combine(_folder, "work", "strips.tif"), "GTiff");
            tiff.CopyTo(Path.Combine(_folder, "work", "a.vrt"), "VRT");
            File.Move(Path.Combine(_folder, "work", "a.vrt"), Path.Combine(seeds, "a.vrt"), overwrite: true);
        }

        source.CopyTo(Path.Combine(beside, "x.img"), "ENVI");
        File.Copy(Path.Combine(beside, "x.img"), Path.Combine(seeds, "envi.img"), overwrite: true);
        File.Copy(Path.Combine(beside, "x.hdr"), Path.Combine(seeds, "envi.hdr"), overwrite: true);
        foreach (var extra in Directory.GetFiles(seeds, "*.aux.xml"))
            File.Delete(extra);
    }
}
