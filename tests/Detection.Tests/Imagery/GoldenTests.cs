using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Output;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.TestKit;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>
/// What the pair detector with its defaults finds on small pieces of real scenes, against what it found when the golden file was written: a
/// change of any number here is to be meant. The pieces are cut from the data folder while the test runs and never stored; the golden file
/// holds counts, areas, thresholds and a picture of the mask of one letter for 8 × 8 pixels.
/// </summary>
/// <remarks>
/// To renew after a change that is meant: run the tests once with <c>MONITORING_GOLDEN=renew</c>, look at the difference of
/// <c>tests/Detection.Tests/Imagery/Golden/*.json</c> in git, and say in the commit why it is right.
/// </remarks>
public sealed class GoldenTests
{
    private const string Variable = "MONITORING_GOLDEN";

    /// <summary>Side of a piece in its own pixels, and of a letter of the picture.</summary>
    private const int Side = 128, Letter = 8;

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rennes", 150, 200)]
    [InlineData("abudhabi", 300, 300)]
    [InlineData("taizhou", 136, 136)]
    public async Task Detect_PieceOfARealPair_IsAsItWas(string place, int x, int y)
    {
        using var folder = new ScratchFolder();
        var (before, after, _) = place == "taizhou" ? RealScenes.Taizhou() : RealScenes.Oscd(place);
        using var result = await PairDetector.DetectAsync(
            new PairRequest(Piece(before, x, y, folder.Path, "a"), Piece(after, x, y, folder.Path, "b"), new PairOptions()), TimeProvider.System, null, Stop);
        var found = Golden.Of(result);
        var file = Path.Combine(TestData.RepositoryRoot(), "tests", "Detection.Tests", "Imagery", "Golden", place + ".json");
        if (Environment.GetEnvironmentVariable(Variable) == "renew")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(found, Format) + "\n", Stop);
            return;
        }

        var golden = JsonSerializer.Deserialize<Golden>(await File.ReadAllTextAsync(file, Stop), Format)!;
        string.Join('\n', found.Picture).ShouldBe(string.Join('\n', golden.Picture), $"the mask of {place}; {Variable}=renew writes it anew");
        found.Patches.ShouldBe(golden.Patches);
        found.Kinds.ShouldBe(golden.Kinds);
        found.Threshold.ShouldBe(golden.Threshold, 0.0625, "one step of the score");
        found.ObservableShare.ShouldBe(golden.ObservableShare, 1e-6);
        found.Areas.Count.ShouldBe(golden.Areas.Count);
        for (var i = 0; i < found.Areas.Count; i++)
        {
            found.Areas[i].ShouldBe(golden.Areas[i], 0.001 * golden.Areas[i]);
            found.Scores[i].ShouldBe(golden.Scores[i], 0.01);
        }

        found.Mask.ShouldBe(golden.Mask, "the picture is the same, but single pixels are not");
    }

    /// <summary>The same ground of every file of a scene: 20 m bands give a piece of half as many pixels.</summary>
    private static Scene Piece(Scene scene, int x, int y, string folder, string date)
    {
        var files = new List<string>();
        foreach (var asset in scene.Assets)
        {
            using var whole = RasterDataset.Open(asset.Path);
            var factor = Math.Sqrt(whole.Transform!.Value.PixelArea) > 1.5 * Math.Sqrt(Math.Abs(scene.Grid.Transform[1] * scene.Grid.Transform[5])) ? 2 : 1;
            var window = new PixelWindow(x / factor, y / factor, Side / factor, Side / factor).Intersect(whole.FullWindow);
            var info = whole.Describe();
            var file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{date}{files.Count}.tif"));
            using var piece = RasterDataset.Create(file, "GTiff", window.Width, window.Height, whole.BandCount, info.Bands[0].Type);
            piece.Transform = whole.Transform!.Value.Shift(window.X, window.Y);
            using (var crs = whole.GetSpatialReference())
            {
                piece.SetSpatialReference(crs);
            }

            var pixels = new double[window.Width * window.Height];
            for (var band = 1; band <= whole.BandCount; band++)
            {
                whole.Read<double>(band, window, pixels);
                piece.Write<double>(band, piece.FullWindow, pixels);
            }

            files.Add(file);
        }

        var named = scene.Bands.All(b => b.CommonName is not null);
        return RealScenes.Of(date, [.. files], scene.AcquiredAt, named ? [.. scene.Bands.Select(b => (b.Name, b.CommonName!))] : null);
    }

    /// <param name="Threshold">In sigmas.</param>
    /// <param name="Areas">m² of each patch, in the change set's order.</param>
    /// <param name="Picture">Of each 8 × 8 pixels: <c>.</c> none changed, digits the tenths that are, <c>#</c> all, <c>?</c> mostly not observed.</param>
    /// <param name="Mask">Hash of the changed pixels.</param>
    private sealed record Golden(
        int Patches, SortedDictionary<string, int> Kinds, double Threshold, double ObservableShare, IReadOnlyList<double> Areas, IReadOnlyList<double> Scores, IReadOnlyList<string> Picture, string Mask)
    {
        public static Golden Of(PairResult result)
        {
            var grid = result.Request.Baseline.Grid;
            var (changed, hidden) = (new byte[grid.Width * grid.Height], new byte[grid.Width * grid.Height]);
            var rows = result.HiddenRows();
            for (var y = 0; y < grid.Height; y++)
            {
                rows(y, hidden.AsSpan(y * grid.Width, grid.Width));
            }

            foreach (var run in result.Pixels.SelectMany(p => p))
            {
                changed.AsSpan((run.Row * grid.Width) + run.From, run.Length).Fill(1);
            }

            var patches = result.Changes.Patches;
            return new Golden(
                patches.Count,
                new SortedDictionary<string, int>(patches.GroupBy(p => DetectOutputs.NameOf(p.Kind)).ToDictionary(g => g.Key, g => g.Count()), StringComparer.Ordinal),
                result.Model.Threshold / 16.0,
                Math.Round(result.Changes.ObservableShare, 6),
                [.. patches.Select(p => Math.Round(p.Outline.AreaSquareMeters, 1))],
                [.. patches.Select(p => Math.Round(p.Score, 3))],
                PictureOf(grid, changed, hidden),
                Convert.ToHexStringLower(SHA256.HashData(changed))[..16]);
        }

        private static List<string> PictureOf(Grid grid, byte[] changed, byte[] hidden)
        {
            var lines = new List<string>();
            for (var top = 0; top < grid.Height; top += Letter)
            {
                var line = new StringBuilder();
                for (var left = 0; left < grid.Width; left += Letter)
                {
                    int all = 0, on = 0, unseen = 0;
                    for (var y = top; y < Math.Min(grid.Height, top + Letter); y++)
                    {
                        for (var x = left; x < Math.Min(grid.Width, left + Letter); x++)
                        {
                            all++;
                            on += changed[(y * grid.Width) + x];
                            unseen += hidden[(y * grid.Width) + x];
                        }
                    }

                    line.Append(unseen * 2 > all ? '?' : on == 0 ? '.' : on == all ? '#' : (char)('0' + (10 * on / all)));
                }

                lines.Add(line.ToString());
            }

            return lines;
        }
    }
}
