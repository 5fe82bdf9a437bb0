using System.Globalization;
using Monitoring.Gdal;
using Monitoring.TestKit;

namespace Monitoring.Bench;

/// <summary><c>monitoring detect</c> on a 6400 × 6400 six-band pair, as a multiple of the time that only reading the two files takes.</summary>
internal static class DetectBench
{
    private const int Size = 6400;
    private const int Runs = 3;

    /// <summary>The open peer: the change statistic alone, over every pixel, without masks, patches or outlines.</summary>
    private const string OtbProgram = "otbcli_MultivariateAlterationDetector";

    /// <summary>What is measured.</summary>
    public static string[] Arguments(string before, string after, string output) =>
        ["detect", "--before", before, "--after", after, "--before-date", "2000-03-17", "--after-date", "2003-02-06", "--out", output];

    public static async Task RunAsync(string results, CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        var (before, after) = MakePair(folder.Path);

        var otb = ProcessMeter.Find(OtbProgram);
        var (detect, read, peer, peaks, peerPeaks) = (new List<double>(), new List<double>(), new List<double>(), new List<long>(), new List<long>());
        for (var run = 0; run <= Runs; run++)
        {
            // The first round only warms the page cache. The reader is a process too, so that both pay for their start.
            var (readSeconds, _) = await ProcessMeter.MeasureAsync(Environment.ProcessPath!, ["read", before, after], cancellationToken);
            var (detectSeconds, peak) = await ProcessMeter.MeasureAsync(ServiceProcess.Program(),
                Arguments(before, after, Path.Combine(folder.Path, $"out{run}")), cancellationToken);
            var (peerSeconds, peerPeak) = otb is null
                ? (double.NaN, 0)
                : await ProcessMeter.MeasureAsync(otb, ["-in1", before, "-in2", after, "-out", Path.Combine(folder.Path, "mad.tif")], cancellationToken);
            if (run > 0)
            {
                peer.Add(peerSeconds);
                peerPeaks.Add(peerPeak);
                read.Add(readSeconds);
                detect.Add(detectSeconds);
                peaks.Add(peak);
            }
        }

        double Median(List<double> seconds) => seconds.Order().ElementAt(Runs / 2);
        var (d, r, o) = (Median(detect), Median(read), Median(peer));
        var ofPeer = otb is null
            ? "| Orfeo Toolbox, `MultivariateAlterationDetector` | not installed: `apt-get install otb-bin` | | |"
            : string.Create(CultureInfo.InvariantCulture, $"| Orfeo Toolbox, `MultivariateAlterationDetector` (its statistic alone) | {o:F2} | {o / r:F2}, {o / d:F1} times detect ({peer.Min():F1} to {peer.Max():F1} s) | {peerPeaks.Max() / 1024} |");
        var table = string.Create(CultureInfo.InvariantCulture,
            $"""
            # `detect` on a {Size} × {Size} six-band uint16 pair

            Bilinear enlargement of a real Landsat pair plus seeded noise; 512-pixel tiles, deflate, predictor 2; files of {new FileInfo(before).Length / 1e6:F0} and
            {new FileInfo(after).Length / 1e6:F0} MB, in the page cache. Whole processes with their start-up; reading uses two threads, one for each file.
            Median of {Runs} alternating runs on {Machine.Describe()}. Made by `dotnet run -c Release --project bench -- detect`.

            | | seconds | multiple of reading | peak memory, MiB |
            |---|---|---|---|
            | only reading both files | {r:F2} | 1 | |
            | `monitoring detect`, all outputs | {d:F2} | {d / r:F2} | {peaks.Max() / 1024} |
            {ofPeer}

            """);
        Console.WriteLine(table);
        await File.WriteAllTextAsync(Path.Combine(results, "detect.md"), table, cancellationToken);
    }

    /// <summary>Makes the pair in a folder, unless it is there: for profiling without waiting for it again.</summary>
    public static (string Before, string After) MakePair(string folder)
    {
        Directory.CreateDirectory(folder);
        var taizhou = Path.Combine(Repository.Data(), "landsat_taizhou");
        var (before, after) = (Path.Combine(folder, "before.tif"), Path.Combine(folder, "after.tif"));
        PairMaker.Make(Path.Combine(taizhou, "2000TM"), before, Size, seed: 1);
        PairMaker.Make(Path.Combine(taizhou, "2003TM"), after, Size, seed: 2);
        return (before, after);
    }

    /// <summary>The peer: reads every pixel of the files, one thread each.</summary>
    public static void Read(IEnumerable<string> files) => Parallel.ForEach(files, file =>
    {
        using var raster = RasterDataset.Open(file);
        var info = raster.Describe();
        var bands = Enumerable.Range(1, info.Bands.Count).ToArray();
        var strip = new ushort[bands.Length * info.Width * 512];
        for (var row = 0; row < info.Height; row += 512)
        {
            var rows = Math.Min(512, info.Height - row);
            raster.Read<ushort>(bands, new PixelWindow(0, row, info.Width, rows), info.Width, rows, strip.AsSpan(0, bands.Length * info.Width * rows));
        }
    });
}
