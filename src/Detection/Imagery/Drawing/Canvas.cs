using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Drawing;

/// <summary>A colour of the pictures.</summary>
internal readonly record struct Ink(byte R, byte G, byte B)
{
    public static Ink White => new(255, 255, 255);

    public static Ink Black => new(0, 0, 0);

    public static Ink Dark => new(40, 44, 52);

    public static Ink Grey => new(110, 116, 126);

    /// <summary>Outlines of changes: seen on vegetation, soil and roofs alike.</summary>
    public static Ink Change => new(255, 64, 32);
}

/// <summary>A picture in red, green and blue that things are drawn on; what falls outside is left out.</summary>
internal sealed class Canvas
{
    private readonly byte[] _pixels;

    public Canvas(int width, int height)
    {
        (Width, Height) = (width, height);
        _pixels = new byte[3 * width * height];
        Array.Fill(_pixels, (byte)255);
    }

    public int Width { get; }

    public int Height { get; }

    public void Set(int x, int y, Ink ink)
    {
        if ((uint)x < (uint)Width && (uint)y < (uint)Height)
        {
            var (i, plane) = ((y * Width) + x, Width * Height);
            (_pixels[i], _pixels[i + plane], _pixels[i + (2 * plane)]) = (ink.R, ink.G, ink.B);
        }
    }

    public Ink At(int x, int y)
    {
        var (i, plane) = ((y * Width) + x, Width * Height);
        return new Ink(_pixels[i], _pixels[i + plane], _pixels[i + (2 * plane)]);
    }

    public void Fill(int x, int y, int width, int height, Ink ink)
    {
        for (var v = y; v < y + height; v++)
        {
            for (var u = x; u < x + width; u++)
            {
                Set(u, v, ink);
            }
        }
    }

    public void Frame(int x, int y, int width, int height, Ink ink)
    {
        Fill(x, y, width, 1, ink);
        Fill(x, y + height - 1, width, 1, ink);
        Fill(x, y, 1, height, ink);
        Fill(x + width - 1, y, 1, height, ink);
    }

    /// <summary>A straight line of the given thickness (Bresenham 1965).</summary>
    public void Line(int x0, int y0, int x1, int y1, int thick, Ink ink)
    {
        int dx = Math.Abs(x1 - x0), dy = -Math.Abs(y1 - y0), sx = x0 < x1 ? 1 : -1, sy = y0 < y1 ? 1 : -1, error = dx + dy;
        while (true)
        {
            Fill(x0 - ((thick - 1) / 2), y0 - ((thick - 1) / 2), thick, thick, ink);
            if (x0 == x1 && y0 == y1)
            {
                return;
            }

            var twice = 2 * error;
            if (twice >= dy)
            {
                (error, x0) = (error + dy, x0 + sx);
            }

            if (twice <= dx)
            {
                (error, y0) = (error + dx, y0 + sy);
            }
        }
    }

    /// <summary>Writes a line of text; its upper left corner lies at (x, y).</summary>
    public void Text(int x, int y, string text, int scale, Ink ink)
    {
        foreach (var letter in text)
        {
            for (var v = 0; v < BitmapFont.Height; v++)
            {
                for (var u = 0; u < BitmapFont.Width; u++)
                {
                    if (BitmapFont.IsInk(letter, u, v))
                    {
                        Fill(x + (u * scale), y + (v * scale), scale, scale, ink);
                    }
                }
            }

            x += BitmapFont.Advance * scale;
        }
    }

    public static int TextWidth(string text, int scale) => text.Length * BitmapFont.Advance * scale;

    /// <summary>As much of a text as fits into a width, with two dots where it was cut.</summary>
    public static string Fit(string text, int width, int scale)
    {
        var letters = Math.Max(0, width / (BitmapFont.Advance * scale));
        return text.Length <= letters ? text : letters <= 2 ? text[..letters] : text[..(letters - 2)] + "..";
    }

    /// <summary>An arrow to the top with an N over it, about 5 × 9 units large; the middle of its top lies at (x, y).</summary>
    public void North(int x, int y, int unit, Ink ink)
    {
        Text(x - (BitmapFont.Width * unit / 2), y, "N", unit, ink);
        var top = y + (BitmapFont.Height * unit);
        for (var v = 0; v < 4 * unit; v++)
        {
            var half = v / 2;
            Fill(x - half, top + v, (2 * half) + 1, 1, ink);
        }

        Fill(x - (unit / 2), top + (4 * unit), Math.Max(1, unit), 4 * unit, ink);
    }

    /// <summary>A bar of a round length at most a share of the picture, with its length written over it; its lower left corner lies at (x, y).</summary>
    /// <param name="metersPerPixel">Of the picture, across.</param>
    /// <param name="most">Pixels at most.</param>
    public void ScaleBar(int x, int y, double metersPerPixel, int most, int scale, Ink ink)
    {
        var length = RoundLength(metersPerPixel * most);
        var pixels = Math.Max(1, (int)Math.Round(length / metersPerPixel));
        Fill(x, y - (2 * scale), pixels, 2 * scale, ink);
        Fill(x, y - (5 * scale), scale, 5 * scale, ink);
        Fill(x + pixels - scale, y - (5 * scale), scale, 5 * scale, ink);
        Text(x + (3 * scale), y - ((5 + BitmapFont.Height) * scale), LengthText(length), scale, ink);
    }

    /// <summary>The largest 1, 2 or 5 times a power of ten that is not over a length.</summary>
    internal static double RoundLength(double most)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return (most / power) switch { >= 5 => 5 * power, >= 2 => 2 * power, _ => power };
    }

    private static string LengthText(double meters) => meters >= 1000
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{meters / 1000:0.###} km")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{meters:0.###} m");

    /// <summary>The picture as a raster in memory; the caller disposes it.</summary>
    public RasterDataset ToRaster()
    {
        var raster = RasterDataset.CreateInMemory(Width, Height, 3, PixelType.UInt8);
        try
        {
            raster.Write<byte>([1, 2, 3], new PixelWindow(0, 0, Width, Height), _pixels);
            raster.SetColor(1, ColorInterpretation.Red);
            raster.SetColor(2, ColorInterpretation.Green);
            raster.SetColor(3, ColorInterpretation.Blue);
            return raster;
        }
        catch
        {
            raster.Dispose();
            throw;
        }
    }
}
