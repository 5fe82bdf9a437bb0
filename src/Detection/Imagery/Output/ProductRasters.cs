using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Output;

/// <summary>Change and probability as cloud-optimised GeoTIFFs (docs/formats/detect.md, <c>--rasters</c>).</summary>
internal static class ProductRasters
{
    private static readonly string[] Options = ["COMPRESS=DEFLATE", "PREDICTOR=NO", "BLOCKSIZE=512", "BIGTIFF=IF_SAFER", "NUM_THREADS=2"];

    /// <summary>Writes <c>change-cog.tif</c> from the mask that is already in the folder.</summary>
    public static void WriteChange(PairResult result, string mask, string path, CancellationToken cancellation)
    {
        using var file = ClosedRaster.Open(mask);
        using var stamped = new Working(path, result, PixelType.UInt8);
        stamped.Fill((window, pixels) => file.Read(1, window, pixels), cancellation);
        stamped.Raster.SetDescription(1, "0 unchanged, 1 changed, 255 not observed");
        stamped.SaveAs(path, "RESAMPLING=NEAREST", "OVERVIEW_RESAMPLING=NEAREST", cancellation);
    }

    /// <summary>Writes <c>probability-cog.tif</c>: bytes, value = stored / 254, 255 not observed.</summary>
    public static void WriteProbability(PairResult result, string path, CancellationToken cancellation)
    {
        var network = result.Request.Scores is not null;
        var scores = result.Scores ?? throw new InvalidOperationException("Scores are kept only when the request asks for them.");
        var steps = StepsOf(result);
        var hidden = result.HiddenRows();
        var unseen = new byte[scores.Width];
        using var stamped = new Working(path, result, PixelType.UInt8);
        stamped.Fill(
            (window, pixels) =>
            {
                scores.Read(window, pixels);
                for (var i = 0; i < window.PixelCount; i++)
                {
                    pixels[i] = steps[pixels[i]];
                }

                // Clouds are found after the scores.
                for (var y = 0; y < window.Height; y++)
                {
                    hidden(window.Y + y, unseen);
                    for (var x = unseen.AsSpan().IndexOf((byte)1); x >= 0 && x < unseen.Length; x++)
                    {
                        if (unseen[x] != 0)
                        {
                            pixels[(y * window.Width) + x] = PairDetector.NotObserved;
                        }
                    }
                }
            },
            cancellation);
        stamped.Raster.SetScale(1, 1 / 254.0, 0);
        stamped.Raster.SetDescription(1, network
            ? "probability of change by the network"
            : "1 - 2^(-score / threshold): 0.5 at the threshold; rises with the evidence, not calibrated");
        stamped.SaveAs(path, "RESAMPLING=AVERAGE", "OVERVIEW_RESAMPLING=AVERAGE", cancellation);
    }

    /// <summary>From the score layer's steps to those of the file.</summary>
    internal static byte[] StepsOf(PairResult result)
    {
        var steps = new byte[256];
        steps[PairDetector.NotObserved] = PairDetector.NotObserved;
        var threshold = result.Changes.Statistics.GetValueOrDefault("threshold", result.Request.Options.LeastThreshold);
        for (var s = 0; s < PairDetector.NotObserved; s++)
        {
            steps[s] = result.Request.Scores is not null ? (byte)s : (byte)Math.Round(254 * (1 - Math.Pow(2, -s / (double)PairDetector.ScoreSteps / threshold)));
        }

        return steps;
    }

    /// <summary>A plain file beside the target that a COG is copied from; gone afterwards.</summary>
    private sealed class Working : IDisposable
    {
        private readonly string _path;

        public Working(string target, PairResult result, PixelType type)
        {
            _path = target + ".work";
            var grid = result.Request.Baseline.Grid;
            Raster = RasterDataset.Create(_path, "GTiff", grid.Width, grid.Height, 1, type, RasterDataset.TiledDeflate);
            Raster.Transform = GridReader.TransformOf(grid);
            using var crs = SpatialReference.Parse(grid.CrsWkt);
            Raster.SetSpatialReference(crs);
            Raster.SetNoData(1, PairDetector.NotObserved);
            Provenance.Stamp(Raster, Provenance.Of(result));
        }

        public RasterDataset Raster { get; }

        /// <summary>Strip by strip.</summary>
        public void Fill(ReadStrip read, CancellationToken cancellation)
        {
            const int strip = 512;
            var pixels = new byte[Raster.Width * Math.Min(strip, Raster.Height)];
            for (var top = 0; top < Raster.Height; top += strip)
            {
                cancellation.ThrowIfCancellationRequested();
                var window = new PixelWindow(0, top, Raster.Width, Math.Min(strip, Raster.Height - top));
                read(window, pixels);
                Raster.Write<byte>(1, window, pixels);
            }
        }

        public void SaveAs(string path, string resampling, string overviews, CancellationToken cancellation)
        {
            Raster.Flush();
            Raster.CopyTo(path, "COG", [.. Options, resampling, overviews], sideFiles: false, cancellation: cancellation);
        }

        public void Dispose()
        {
            try
            {
                Raster.Dispose();
            }
            finally
            {
                File.Delete(_path);
                File.Delete(_path + ".aux.xml");
            }
        }
    }

    private delegate void ReadStrip(PixelWindow window, Span<byte> pixels);
}
