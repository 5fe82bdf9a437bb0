using Monitoring.Gdal;

namespace Monitoring.Host.Tests;

/// <summary>
/// One piece of ground, painted into rasters of any CRS, grid and pixel type: fields with soft edges around a middle point, and on the second
/// date a building of 200 × 200 m on it. The same ground whatever the grid, so that what a comparison must find is known.
/// </summary>
internal sealed record GroundPicture
{
    public int Epsg { get; init; } = 32650;

    /// <summary>Null = none is written.</summary>
    public GeoTransform? Transform { get; init; } = GeoTransform.NorthUp(700_000, 3_570_000, 10, 10);

    public bool HasCrs { get; init; } = true;

    public int Width { get; init; } = 96;

    public int Height { get; init; } = 96;

    public int Bands { get; init; } = 4;

    public PixelType Type { get; init; } = PixelType.UInt16;

    /// <summary>Position of the ground's middle, in <see cref="MiddleEpsg"/>.</summary>
    public (double X, double Y) Middle { get; init; } = (700_480, 3_569_520);

    /// <summary>CRS whose metres the ground is drawn in.</summary>
    public int MiddleEpsg { get; init; } = 32650;

    public bool Built { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>Reflectance 0.1 is stored as so much.</summary>
    public double Tenth { get; init; } = 1000;

    public double? NoData { get; init; }

    /// <summary>Descriptions of the bands; null = none.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Overrides single values: band from 1, column, row, value.</summary>
    public Func<int, int, int, double, double>? Spoil { get; init; }

    public void Write(string path)
    {
        using var file = RasterDataset.Create(path, "GTiff", Width, Height, Bands, Type, Options);
        if (Transform is { } transform)
        {
            file.Transform = transform;
        }

        if (HasCrs)
        {
            using var crs = SpatialReference.FromEpsg(Epsg);
            file.SetSpatialReference(crs);
        }

        var (east, north) = Places();
        var noise = new Random(Seed);
        var pixels = new double[Bands * Width * Height];
        for (var band = 1; band <= Bands; band++)
        {
            for (var i = 0; i < east.Length; i++)
            {
                var isBuilding = Built && Math.Abs(east[i]) < 100 && Math.Abs(north[i]) < 100;
                var field = 0.12 + (0.01 * band) + (0.05 * Math.Sin((east[i] / 55) + band) * Math.Cos(north[i] / 65));
                var value = (isBuilding ? 0.45 : field) + (0.004 * (noise.NextDouble() + noise.NextDouble() - 1));
                value *= 10 * Tenth;
                pixels[((band - 1) * east.Length) + i] = Spoil?.Invoke(band, i % Width, i / Width, value) ?? value;
            }

            if (NoData is { } missing)
            {
                file.SetNoData(band, missing);
            }

            if (Names is not null)
            {
                file.SetDescription(band, Names[band - 1]);
            }
        }

        // In one go: a block that is compressed again for each band leaves dead bytes, and damage there is none.
        file.Write<double>([.. Enumerable.Range(1, Bands)], file.FullWindow, pixels);
    }

    /// <summary>Metres east and north of the middle for each pixel.</summary>
    private (double[] East, double[] North) Places()
    {
        var (xs, ys) = (new double[Width * Height], new double[Width * Height]);
        var at = Transform ?? GeoTransform.NorthUp(700_000, 3_570_000, 10, 10);
        for (var i = 0; i < xs.Length; i++)
        {
            (xs[i], ys[i]) = at.Apply((i % Width) + 0.5, (i / Width) + 0.5);
        }

        if (Epsg != MiddleEpsg)
        {
            using var transform = CoordinateTransform.FromEpsg(Epsg, MiddleEpsg);
            transform.Transform(xs, ys);
        }

        for (var i = 0; i < xs.Length; i++)
        {
            (xs[i], ys[i]) = (xs[i] - Middle.X, ys[i] - Middle.Y);
        }

        return (xs, ys);
    }
}
