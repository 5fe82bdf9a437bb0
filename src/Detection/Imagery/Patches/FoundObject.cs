namespace Monitoring.Detection.Imagery.Patches;

/// <summary>Pixels side by side in one row.</summary>
/// <param name="Row">From 0.</param>
/// <param name="From">First column.</param>
/// <param name="To">One past the last column.</param>
public readonly record struct PixelRun(int Row, int From, int To) : IComparable<PixelRun>
{
    public int Length => To - From;

    /// <summary>Row by row, then from left to right.</summary>
    public int CompareTo(PixelRun other) => Row != other.Row ? Row.CompareTo(other.Row) : From.CompareTo(other.From);

    public static bool operator <(PixelRun left, PixelRun right) => left.CompareTo(right) < 0;

    public static bool operator >(PixelRun left, PixelRun right) => left.CompareTo(right) > 0;

    public static bool operator <=(PixelRun left, PixelRun right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PixelRun left, PixelRun right) => left.CompareTo(right) >= 0;
}

/// <summary>Size and bounding box of a group of pixels.</summary>
/// <param name="Pixels">How many.</param>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">Last column.</param>
/// <param name="Bottom">Last row.</param>
public readonly record struct Component(int Pixels, int Left, int Top, int Right, int Bottom)
{
    public static Component None => new(0, int.MaxValue, int.MaxValue, -1, -1);

    public Component With(Component other) => new(
        Pixels + other.Pixels, Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));
}

/// <summary>One 8-connected group of candidate pixels.</summary>
/// <param name="Runs">Its pixels, row by row, from left to right; runs of one row do not touch.</param>
/// <param name="Sums">Sums over its pixels, in the lanes that its pieces had.</param>
/// <param name="Extent">Pixels and bounding box.</param>
public sealed record FoundObject(IReadOnlyList<PixelRun> Runs, double[] Sums, Component Extent);
