using Monitoring.Gdal;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests;

/// <summary>Pairs of scenes for <c>monitoring detect</c>, and what must be true of a refusal.</summary>
internal static class ScenePairs
{
    /// <summary>Peak memory of one comparison of small or refused scenes.</summary>
    public const long MostMiB = 600;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static GroundPicture Before => new();

    public static GroundPicture After => new() { Built = true, Seed = 2 };

    public static Task<MeasuredCommand> DetectAsync(TempDirectory folder, string before, string after) =>
        MeasuredCommand.RunAsync(folder.File("temporary"), Stop, "detect", "--before", before, "--after", after, "--out", folder.File("o"));

    public static void MustBeRefused(string row, MeasuredCommand run, TempDirectory folder, string part)
    {
        run.ExitCode.ShouldBe(2, $"{row}: {run.Errors}");
        run.Output.ShouldBeEmpty(row);

        // Without a terminal, progress is lines that begin with its name.
        var told = run.Errors.TrimEnd('\n').Split('\n').Where(l => !l.StartsWith("progress ", StringComparison.Ordinal)).ToList();
        var sentence = told.ShouldHaveSingleItem($"{row}: {run.Errors}");
        sentence.ShouldStartWith("monitoring: ");
        sentence.ShouldEndWith(".");
        sentence.ShouldContain(part);
        sentence.ShouldNotContain("Exception");

        // Scenes are told by their names: hashing whole files for a sentence would be work for nothing.
        sentence.ShouldNotMatch("-[0-9a-f]{8}\"");
        MustBeQuiet(run.Errors);
        run.PeakMiB.ShouldBeLessThan(MostMiB, row);
        run.Left.ShouldBeEmpty(row);
        Directory.Exists(folder.File("o")).ShouldBeFalse($"{row}: nothing is written");
    }

    public static void MustBeQuiet(string printed) => printed.ShouldAllBe(c => c == '\n' || !(char.IsControl(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format));

    public static readonly string[] Scl = ["blue", "green", "red", "nir", "SCL"];
    public static readonly string[] Six = ["blue", "green", "red", "nir", "swir16", "swir22"];
    public static readonly string[] Four = ["blue", "green", "red", "nir"];

    /// <summary>Turned by 30° around the middle of the ground.</summary>
    public static GeoTransform Rotated
    {
        get
        {
            var (cos, sin) = (10 * Math.Cos(Math.PI / 6), 10 * Math.Sin(Math.PI / 6));
            return new GeoTransform(700_480 - (70 * cos) - (70 * sin), cos, sin, 3_569_520 - (70 * sin) + (70 * cos), sin, -cos);
        }
    }

    public static GroundPicture Reals(GroundPicture picture) => picture with { Type = PixelType.Float32, Tenth = 0.1 };

    /// <summary>The same ground on a grid of another CRS.</summary>
    public static GroundPicture Elsewhere(GroundPicture picture, int epsg, double pixel)
    {
        using var transform = CoordinateTransform.FromEpsg(picture.Epsg, epsg);
        var (x, y) = transform.Transform(700_480, 3_569_520);
        return picture with { Epsg = epsg, Transform = GeoTransform.NorthUp(x - (48 * pixel), y + (48 * pixel), pixel, pixel) };
    }

    public static GroundPicture Meridian(GroundPicture picture, double left) => picture with
    {
        Epsg = 4326, MiddleEpsg = 32701, Middle = MiddleAt(180, -17, 32701), Transform = GeoTransform.NorthUp(left, -17 + 0.0048, 0.0001, 0.0001),
    };

    public static GroundPicture UtmAtMeridian(GroundPicture picture)
    {
        var (x, y) = MiddleAt(180, -17, 32701);
        return picture with { Epsg = 32701, MiddleEpsg = 32701, Middle = (x, y), Transform = GeoTransform.NorthUp(x - 480, y + 480, 10, 10) };
    }

    public static GroundPicture Polar(GroundPicture picture, int epsg) => picture with
    {
        Epsg = epsg, MiddleEpsg = epsg, Middle = (1_000_480, 999_520), Transform = GeoTransform.NorthUp(1_000_000, 1_000_000, 10, 10),
    };

    public static GroundPicture OverPole(GroundPicture picture, int epsg) => picture with
    {
        Epsg = epsg, MiddleEpsg = epsg, Middle = (0, 0), Transform = GeoTransform.NorthUp(-480, 480, 10, 10),
    };

    public static (double X, double Y) MiddleAt(double longitude, double latitude, int epsg)
    {
        using var transform = CoordinateTransform.FromEpsg(4326, epsg);
        return transform.Transform(longitude, latitude);
    }

    public static Action<string, string> Pair(GroundPicture before, GroundPicture after, Action<string, string>? spoil = null) => (a, b) =>
    {
        before.Write(a);
        after.Write(b);
        spoil?.Invoke(a, b);
    };

    public static void Cut(string path, double share)
    {
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(int)(bytes.Length * share)]);
    }

    public static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(bytes.Length / 4, 64).Fill(0xAA);
        File.WriteAllBytes(path, bytes);
    }

    public static void Palette(string path)
    {
        using var file = RasterDataset.Create(path, "GTiff", 96, 96, 1, PixelType.UInt8);
        file.Transform = GeoTransform.NorthUp(700_000, 3_570_000, 10, 10);
        using var crs = SpatialReference.FromEpsg(32650);
        file.SetSpatialReference(crs);
        file.SetColorTable(1, [(0, 0, 0, 255), (255, 0, 0, 255)]);
    }

    public static string Vrt(long width, long height, string source) => $"""
        <VRTDataset rasterXSize="{width}" rasterYSize="{height}">
          <SRS>EPSG:32650</SRS>
          <GeoTransform>700000, 10, 0, 3570000, 0, -10</GeoTransform>
          <VRTRasterBand dataType="UInt16" band="1"><SimpleSource><SourceFilename relativeToVRT="1">{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>
          <VRTRasterBand dataType="UInt16" band="2"><SimpleSource><SourceFilename relativeToVRT="1">{source}</SourceFilename><SourceBand>2</SourceBand></SimpleSource></VRTRasterBand>
          <VRTRasterBand dataType="UInt16" band="3"><SimpleSource><SourceFilename relativeToVRT="1">{source}</SourceFilename><SourceBand>3</SourceBand></SimpleSource></VRTRasterBand>
          <VRTRasterBand dataType="UInt16" band="4"><SimpleSource><SourceFilename relativeToVRT="1">{source}</SourceFilename><SourceBand>4</SourceBand></SimpleSource></VRTRasterBand>
        </VRTDataset>
        """;
}
