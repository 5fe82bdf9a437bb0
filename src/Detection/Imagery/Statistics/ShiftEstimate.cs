namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>
/// How far one image lies off another: the peak of the normalised cross-correlation of their high-passed pixels over whole-pixel
/// offsets, refined by a parabola in x and in y.
/// </summary>
/// <param name="Peak">Correlation at the best whole-pixel offset, in [−1, 1].</param>
/// <param name="AtRest">Correlation without any offset.</param>
public readonly record struct ShiftEstimate(PixelShift Shift, double Peak, double AtRest)
{
    /// <summary>Largest offset looked for, in pixels along each axis: products of one family agree much better than that.</summary>
    public const int Reach = 4;

    /// <summary>Below this correlation the two images share too little texture to tell.</summary>
    public const double LeastPeak = 0.3;

    /// <summary>The shift when it can be trusted, else none.</summary>
    public PixelShift Trusted => Peak >= LeastPeak && Math.Abs(Shift.X) < Reach && Math.Abs(Shift.Y) < Reach ? Shift : PixelShift.None;

    /// <param name="tiles">Matching windows of both images, same size each, row-major; pixels that are not valid hold NaN.</param>
    public static ShiftEstimate Of(IReadOnlyList<(float[] Before, float[] After, int Width, int Height)> tiles)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        return Of([.. tiles.Select(t => ShiftSums.Of(t.Before, t.After, t.Width, t.Height))]);
    }

    /// <param name="tiles">In an order that is always the same, or the last digits of the sums are not.</param>
    internal static ShiftEstimate Of(ReadOnlySpan<ShiftSums> tiles)
    {
        const int side = (2 * Reach) + 1;
        var cross = new double[side * side];
        double before2 = 0, after2 = 0;
        foreach (var tile in tiles)
        {
            (before2, after2) = (before2 + tile.Before2, after2 + tile.After2);
            for (var i = 0; i < cross.Length; i++)
            {
                cross[i] += tile.Cross[i];
            }
        }

        var norm = Math.Sqrt(before2 * after2);
        if (!(norm > 0))
        {
            return default;
        }

        var best = 0;
        for (var i = 1; i < cross.Length; i++)
        {
            if (cross[i] > cross[best])
            {
                best = i;
            }
        }

        int bx = (best % side) - Reach, by = (best / side) - Reach;
        double x = bx, y0 = by;
        if (Math.Abs(bx) < Reach)
        {
            x += Parabola(cross[best - 1], cross[best], cross[best + 1]);
        }

        if (Math.Abs(by) < Reach)
        {
            y0 += Parabola(cross[best - side], cross[best], cross[best + side]);
        }

        return new ShiftEstimate(new PixelShift(x, y0), cross[best] / norm, cross[(Reach * side) + Reach] / norm);
    }

    private static double Parabola(double left, double middle, double right)
    {
        var bend = left - (2 * middle) + right;
        return bend < 0 ? Math.Clamp(0.5 * (left - right) / bend, -0.5, 0.5) : 0;
    }
}
