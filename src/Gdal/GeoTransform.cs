namespace Monitoring.Gdal;

/// <summary>
/// The affine map from pixel to ground, in GDAL's order: <c>X = OriginX + column·PixelWidth + row·RowRotation</c>,
/// <c>Y = OriginY + column·ColumnRotation + row·PixelHeight</c>. (column, row) = (0, 0) is the outer corner of the first
/// pixel, its centre is (0.5, 0.5). For north-up images <see cref="PixelHeight"/> is negative and both rotations are 0.
/// Ground units are those of the CRS, x (longitude, easting) first.
/// </summary>
public readonly record struct GeoTransform(double OriginX, double PixelWidth, double RowRotation, double OriginY, double ColumnRotation,
    double PixelHeight)
{
    /// <summary>Pixel coordinates themselves: for images without georeference.</summary>
    public static GeoTransform Identity => new(0, 1, 0, 0, 0, 1);

    /// <summary>A north-up grid with square or oblong pixels (sizes &gt; 0) whose upper left corner is (left, top).</summary>
    public static GeoTransform NorthUp(double left, double top, double pixelWidth, double pixelHeight)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pixelWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pixelHeight);
        return new(left, pixelWidth, 0, top, 0, -pixelHeight);
    }

    /// <summary>Columns run east and rows run south, without rotation.</summary>
    public bool IsNorthUp => RowRotation == 0 && ColumnRotation == 0 && PixelWidth > 0 && PixelHeight < 0;

    /// <summary>As north-up, but rows run north: the first row is the southernmost.</summary>
    public bool IsSouthUp => RowRotation == 0 && ColumnRotation == 0 && PixelWidth > 0 && PixelHeight > 0 && this != Identity;

    /// <summary>The transform of the same pixels with their rows in reverse order.</summary>
    /// <param name="height">Rows.</param>
    public GeoTransform WithRowsReversed(int height) =>
        this with { OriginX = OriginX + height * RowRotation, OriginY = OriginY + height * PixelHeight, RowRotation = -RowRotation, PixelHeight = -PixelHeight };

    /// <summary>Ground area of one pixel in squared CRS units.</summary>
    public double PixelArea => Math.Abs(Determinant);

    private double Determinant => PixelWidth * PixelHeight - RowRotation * ColumnRotation;

    /// <summary>Ground position of (column, row); fractions allowed.</summary>
    public (double X, double Y) Apply(double column, double row) =>
        (OriginX + column * PixelWidth + row * RowRotation, OriginY + column * ColumnRotation + row * PixelHeight);

    /// <summary>The map from ground to pixel.</summary>
    /// <exception cref="InvalidOperationException">The transform has no area.</exception>
    public GeoTransform Invert()
    {
        var d = Determinant;
        if (d == 0 || !double.IsFinite(d))
            throw new InvalidOperationException("The geotransform cannot be inverted: its pixels have no area.");
        return new(
            (RowRotation * OriginY - PixelHeight * OriginX) / d,
            PixelHeight / d,
            -RowRotation / d,
            (ColumnRotation * OriginX - PixelWidth * OriginY) / d,
            -ColumnRotation / d,
            PixelWidth / d);
    }

    /// <summary>The transform of a window of the same grid, whose first pixel is (column, row).</summary>
    public GeoTransform Shift(double column, double row)
    {
        var (x, y) = Apply(column, row);
        return this with { OriginX = x, OriginY = y };
    }

    /// <summary>The transform of the same ground cut into other pixels: <c>factorX</c>, <c>factorY</c> &gt; 1 means coarser.</summary>
    public GeoTransform Scale(double factorX, double factorY) => this with
    {
        PixelWidth = PixelWidth * factorX,
        ColumnRotation = ColumnRotation * factorX,
        RowRotation = RowRotation * factorY,
        PixelHeight = PixelHeight * factorY,
    };

    /// <summary>Bounding box of a width × height grid in CRS units.</summary>
    public Bounds BoundsOf(int width, int height)
    {
        var (x0, y0) = Apply(0, 0);
        var (x1, y1) = Apply(width, 0);
        var (x2, y2) = Apply(0, height);
        var (x3, y3) = Apply(width, height);
        return new(Math.Min(Math.Min(x0, x1), Math.Min(x2, x3)), Math.Min(Math.Min(y0, y1), Math.Min(y2, y3)),
            Math.Max(Math.Max(x0, x1), Math.Max(x2, x3)), Math.Max(Math.Max(y0, y1), Math.Max(y2, y3)));
    }

    internal unsafe void CopyTo(double* six)
    {
        six[0] = OriginX;
        six[1] = PixelWidth;
        six[2] = RowRotation;
        six[3] = OriginY;
        six[4] = ColumnRotation;
        six[5] = PixelHeight;
    }

    internal static unsafe GeoTransform From(double* six) => new(six[0], six[1], six[2], six[3], six[4], six[5]);
}

/// <summary>A rectangle in CRS units, x (longitude, easting) first, edges included.</summary>
public readonly record struct Bounds(double MinX, double MinY, double MaxX, double MaxY)
{
    public double Width => MaxX - MinX;

    public double Height => MaxY - MinY;
}

/// <summary>A rectangle of pixels: columns [X, X + Width), rows [Y, Y + Height).</summary>
public readonly record struct PixelWindow(int X, int Y, int Width, int Height)
{
    /// <summary>Width × Height, without overflow.</summary>
    public long PixelCount => (long)Width * Height;

    /// <summary>The part that also lies in <paramref name="other"/>; width and height 0 when there is none.</summary>
    public PixelWindow Intersect(PixelWindow other)
    {
        var left = Math.Max(X, other.X);
        var top = Math.Max(Y, other.Y);
        var right = Math.Min((long)X + Width, (long)other.X + other.Width);
        var bottom = Math.Min((long)Y + Height, (long)other.Y + other.Height);
        return right <= left || bottom <= top ? new(left, top, 0, 0) : new(left, top, (int)(right - left), (int)(bottom - top));
    }

    internal void MustLieIn(int width, int height)
    {
        if (X < 0 || Y < 0 || Width <= 0 || Height <= 0 || (long)X + Width > width || (long)Y + Height > height)
            throw new ArgumentException($"The window {this} does not lie in the raster of {width} × {height} pixels.");
    }
}
