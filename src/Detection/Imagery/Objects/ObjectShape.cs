namespace Monitoring.Detection.Imagery.Objects;

/// <summary>
/// Place and form of one object, gathered run by run (a run: neighbouring pixels of one row). Exact whole numbers: any order of runs and
/// joins gives the same. Holds for rasters up to 65 536 pixels a side.
/// </summary>
public struct ObjectShape
{
    private long _x, _y, _xx, _yy, _xy;
    private bool _any;

    public long Pixels { get; private set; }

    public int Left { get; private set; }

    public int Top { get; private set; }

    /// <summary>Last column, inclusive.</summary>
    public int Right { get; private set; }

    /// <summary>Last row, inclusive.</summary>
    public int Bottom { get; private set; }

    /// <summary>Pixel edges between the object and what is not of it.</summary>
    public long Perimeter { get; private set; }

    /// <param name="runs">Sorted; runs of one row do not touch.</param>
    internal static ObjectShape Of(IReadOnlyList<Patches.PixelRun> runs)
    {
        var shape = default(ObjectShape);
        var above = 0;
        for (var i = 0; i < runs.Count; i++)
        {
            var run = runs[i];
            shape.AddRun(run.Row, run.From, run.To);
            while (above < i && (runs[above].Row < run.Row - 1 || (runs[above].Row == run.Row - 1 && runs[above].To <= run.From)))
            {
                above++;
            }

            for (var k = above; k < i && runs[k].Row == run.Row - 1 && runs[k].From < run.To; k++)
            {
                shape.Touch(Math.Min(run.To, runs[k].To) - Math.Max(run.From, runs[k].From));
            }
        }

        return shape;
    }

    /// <summary>Adds the run [<paramref name="from"/>, <paramref name="to"/>) of row <paramref name="y"/>.</summary>
    public void AddRun(int y, int from, int to)
    {
        long n = to - from;
        if (n <= 0)
        {
            return;
        }

        // Sum and sum of squares of whole numbers from..to−1.
        var sx = (from + (long)to - 1) * n / 2;
        var sxx = Squares(to - 1) - Squares(from - 1);
        Pixels += n;
        _x += sx;
        _xx += sxx;
        _y += n * y;
        _yy += n * y * y;
        _xy += sx * y;
        Perimeter += 2 + (2 * n);
        Widen(from, y, to - 1, y);
    }

    /// <summary>Two runs of the object in neighbouring rows share <paramref name="pixels"/> columns: their common edges are none of the outline.</summary>
    public void Touch(int pixels) => Perimeter -= 2L * Math.Max(0, pixels);

    public void Merge(in ObjectShape other)
    {
        if (!other._any)
        {
            return;
        }

        Pixels += other.Pixels;
        _x += other._x;
        _y += other._y;
        _xx += other._xx;
        _yy += other._yy;
        _xy += other._xy;
        Perimeter += other.Perimeter;
        Widen(other.Left, other.Top, other.Right, other.Bottom);
    }

    public readonly double CentreX => (double)_x / Pixels;

    public readonly double CentreY => (double)_y / Pixels;

    /// <summary>Axes of the ellipse (as lengths of the rectangle) with the same second moments, in pixels: (long, short), both ≥ 1.</summary>
    public readonly (double Length, double Width) Axes
    {
        get
        {
            if (Pixels == 0)
            {
                return (0, 0);
            }

            // Sums of squares of large coordinates nearly cancel: whole numbers of 128 bits do not.
            double n = Pixels;
            var xx = ((double)(((Int128)_xx * Pixels) - ((Int128)_x * _x)) / n / n) + (1.0 / 12);
            var yy = ((double)(((Int128)_yy * Pixels) - ((Int128)_y * _y)) / n / n) + (1.0 / 12);
            var xy = (double)(((Int128)_xy * Pixels) - ((Int128)_x * _y)) / n / n;
            var spread = Math.Sqrt(((xx - yy) * (xx - yy)) + (4 * xy * xy));
            return (Math.Sqrt(6 * (xx + yy + spread)), Math.Sqrt(Math.Max(1, 6 * (xx + yy - spread))));
        }
    }

    /// <summary>Share of the bounding box that is filled, (0, 1].</summary>
    public readonly double Fill => Pixels / ((Right - Left + 1.0) * (Bottom - Top + 1.0));

    /// <summary>4π · area / perimeter², 0.785 for a square, less for what is ragged or thin.</summary>
    public readonly double Compactness => 4 * Math.PI * Pixels / ((double)Perimeter * Perimeter);

    private static long Squares(long n) => n < 0 ? 0 : n * (n + 1) * ((2 * n) + 1) / 6;

    private void Widen(int left, int top, int right, int bottom)
    {
        if (!_any)
        {
            (Left, Top, Right, Bottom, _any) = (left, top, right, bottom, true);
            return;
        }

        (Left, Top, Right, Bottom) = (Math.Min(Left, left), Math.Min(Top, top), Math.Max(Right, right), Math.Max(Bottom, bottom));
    }
}
