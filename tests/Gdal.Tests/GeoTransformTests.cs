using CsCheck;

namespace Monitoring.Gdal.Tests;

public sealed class GeoTransformTests
{
    private static readonly Gen<GeoTransform> Transforms =
        from o in Gen.Double[-1e7, 1e7].Array[2]
        from s in Gen.Double[0.5, 100].Array[2]
        from r in Gen.Double[-0.4, 0.4].Array[2]
        from flip in Gen.Bool
        select new GeoTransform(o[0], s[0], r[0], o[1], r[1], flip ? s[1] : -s[1]);

    [Fact]
    public void Invert_AnyTransform_LeadsBack() => Transforms.Select(Gen.Double[0, 10000], Gen.Double[0, 10000]).Sample(c =>
    {
        var (transform, column, row) = c;
        var (x, y) = transform.Apply(column, row);
        var (back, backRow) = transform.Invert().Apply(x, y);
        return Math.Abs(back - column) < 1e-6 && Math.Abs(backRow - row) < 1e-6;
    }, iter: 1000);

    [Fact]
    public void ShiftAndScale_AnyTransform_SameGround() => Transforms.Select(Gen.Int[0, 100], Gen.Int[0, 100]).Sample(c =>
    {
        var (transform, column, row) = c;
        var shifted = transform.Shift(column, row).Apply(3, 4);
        var direct = transform.Apply(column + 3, row + 4);
        var coarse = transform.Scale(2, 4).Apply(column / 2.0, row / 4.0);
        var fine = transform.Apply(column, row);
        return Near(shifted, direct) && Near(coarse, fine);

        static bool Near((double X, double Y) a, (double X, double Y) b) => Math.Abs(a.X - b.X) < 1e-6 && Math.Abs(a.Y - b.Y) < 1e-6;
    }, iter: 500);

    [Fact]
    public void NorthUp_CornerCentreAndBounds_AsDefined()
    {
        var transform = GeoTransform.NorthUp(100, 200, 10, 5);
        transform.Apply(0, 0).ShouldBe((100, 200));
        transform.Apply(0.5, 0.5).ShouldBe((105, 197.5));
        transform.BoundsOf(4, 2).ShouldBe(new Bounds(100, 190, 140, 200));
        transform.PixelArea.ShouldBe(50);
        transform.IsNorthUp.ShouldBeTrue();
        GeoTransform.Identity.IsNorthUp.ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => default(GeoTransform).Invert());
        Should.Throw<ArgumentOutOfRangeException>(() => GeoTransform.NorthUp(0, 0, -1, 1));
    }

    [Fact]
    public void Window_Intersect_IsTheCommonPart()
    {
        new PixelWindow(0, 0, 10, 10).Intersect(new(5, 8, 10, 10)).ShouldBe(new PixelWindow(5, 8, 5, 2));
        new PixelWindow(0, 0, 10, 10).Intersect(new(10, 0, 1, 1)).PixelCount.ShouldBe(0);
        new PixelWindow(int.MaxValue - 1, 0, int.MaxValue, 1).Intersect(new(0, 0, int.MaxValue,
            1)).ShouldBe(new PixelWindow(int.MaxValue - 1, 0, 1, 1));
    }
}
