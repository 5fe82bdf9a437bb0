namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>Where a band lies against the reference grid, in pixels of that grid: what is at (x, y) in the reference is at (x + X, y + Y) in the band.</summary>
public readonly record struct PixelShift(double X, double Y)
{
    public static PixelShift None => default;

    public double Length => Math.Sqrt((X * X) + (Y * Y));
}
