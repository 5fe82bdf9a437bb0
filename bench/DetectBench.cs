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

    /// <summary>
    /// The peer is given memory in two ways: its own default, in which it works in blocks, and enough for the whole picture. The latter takes as
    /// much memory as the figures that the bar was drawn from (4.3 GB), the former less time.
    /// </summary>
    private static readonly (string Words, string[] Options)[] PeerMemory = [("by default, in blocks", []), ("whole picture at once, `-ram 8192`", ["-ram", "8192"])];

    public static async Task RunAsync(string results, CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        var (before, after) = MakePair(folder.Path);

        var (otb, mad) = (ProcessMeter.Find(OtbProgram), Path.Combine(folder.Path, "mad.tif"));
        var (detect, read) = (new Measured(), new Measured());
        Measured[] peers = otb is null ? [] : [.. PeerMemory.Select(_ => new Measured())];
        for (var run = 0; run <= Runs; run++)
        {
            // The first round only warms the page cache. The reader is a process too, so that both pay for their start.
            var counts = run > 0;
            read.Add(await ProcessMeter.MeasureAsync(Environment.ProcessPath!, ["read", before, after], cancellationToken), counts);
            detect.Add(await ProcessMeter.MeasureAsync(ServiceProcess.Program(), Arguments(before, after, Path.Combine(folder.Path, $"out{run}")), cancellationToken), counts);
            for (var p = 0; p < peers.Length; p++)
            {
                // Its gigabyte of the run before must not count against it.
                File.Delete(mad);
                peers[p].Add(await ProcessMeter.MeasureAsync(otb!, ["-in1", before, "-in2", after, "-out", mad, .. PeerMemory[p].Options], cancellationToken), counts);
            }
        }

        var (d, r) = (detect.Median, read.Median);
        var ofPeer = otb is null
            ? "| Orfeo Toolbox, `MultivariateAlterationDetector` | not installed: `apt-get install otb-bin` | | |"
            : string.Join('\n', peers.Zip(PeerMemory, (peer, memory) => string.Create(CultureInfo.InvariantCulture,
                $"| Orfeo Toolbox, `MultivariateAlterationDetector` (its statistic alone), {memory.Words} | {peer.Median:F2} | {peer.Median / r:F2}, {peer.Median / d:F1} times detect ({peer.Least:F1} to {peer.Most:F1} s) | {peer.Peak / 1024} |")));
        var table = string.Create(CultureInfo.InvariantCulture,
            $"""
            # `detect` on a {Size} × {Size} six-band uint16 pair

            Bilinear enlargement of a real Landsat pair plus seeded noise; 512-pixel tiles, deflate, predictor 2; files of {new FileInfo(before).Length / 1e6:F0} and
            {new FileInfo(after).Length / 1e6:F0} MB, in the page cache. Whole processes with their start-up; reading uses two threads, one for each file.
            Median of {Runs} alternating runs on {Machine.Describe()}. Made by `dotnet run -c Release --project bench -- detect`.

            | | seconds | multiple of reading | peak memory, MiB |
            |---|---|---|---|
            | only reading both files | {r:F2} | 1 | |
            | `monitoring detect`, all outputs | {d:F2} | {d / r:F2} | {detect.Peak / 1024} |
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

    /// <summary>Runs of one program: seconds, and the most memory in KiB.</summary>
    private sealed class Measured
    {
        private readonly List<double> _seconds = [];

        public double Median => _seconds.Order().ElementAt(_seconds.Count / 2);

        public double Least => _seconds.Min();

        public double Most => _seconds.Max();

        public long Peak { get; private set; }

        public void Add((double Seconds, long Peak) run, bool counts)
        {
            if (counts)
            {
                _seconds.Add(run.Seconds);
                Peak = Math.Max(Peak, run.Peak);
            }
        }
    }
}
