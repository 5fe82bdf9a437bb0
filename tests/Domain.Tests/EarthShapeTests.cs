using Monitoring.Domain.Geometry;
using NetTopologySuite.Geometries;

namespace Monitoring.Domain.Tests;

public sealed class EarthShapeTests
{
    private static readonly GeometryFactory Factory = new();

    [Theory]
    [InlineData(179.9, 180.2)]
    [InlineData(-180.1, -179.8)]
    public void Cut_ShapeOverTheMeridian_IsTwoPartsThatTheBoxHoldsTogether(double west, double east)
    {
        var whole = Factory.ToGeometry(new Envelope(west, east, 10, 11));

        var cut = EarthShape.Cut(whole);

        cut.NumGeometries.ShouldBe(2);
        cut.Area.ShouldBe(whole.Area, 1e-9);
        cut.EnvelopeInternal.Width.ShouldBe(360);
        var box = EarthShape.BoxOf(cut);
        box.Width.ShouldBe(east - west, 1e-9);
        box.MinX.ShouldBe(west < -180 ? west + 360 : west, 1e-9);
        EarthShape.CommonArea(box, EarthShape.BoxOf(whole)).ShouldBe(whole.Area, 1e-9);
        EarthShape.CommonArea(EarthShape.BoxOf(whole), box).ShouldBe(whole.Area, 1e-9);
    }

    [Fact]
    public void CommonArea_EitherSideOfTheMeridian_MeetsWhatCrossesIt()
    {
        var crossing = new Envelope(179.5, 180.5, 0, 1);

        EarthShape.CommonArea(crossing, new Envelope(-180, -179, 0, 1)).ShouldBe(0.5, 1e-9);
        EarthShape.CommonArea(crossing, new Envelope(179, 180, 0, 1)).ShouldBe(0.5, 1e-9);
        EarthShape.CommonArea(crossing, new Envelope(0, 1, 0, 1)).ShouldBe(0);
        EarthShape.CommonArea(crossing, new Envelope()).ShouldBe(0);
    }

    [Fact]
    public void BoxOf_PartsFarApartOrOneWideShape_IsThePlainBox()
    {
        var far = Factory.CreateMultiPolygon([Square(-100), Square(-1), Square(100)]);
        EarthShape.BoxOf(far).ShouldBe(new Envelope(-100, 101, 0, 1));
        EarthShape.BoxOf(Factory.ToGeometry(new Envelope(-170, 170, 0, 1))).Width.ShouldBe(340);
        EarthShape.BoxOf(Square(5)).ShouldBe(new Envelope(5, 6, 0, 1));

        static Polygon Square(double west) => (Polygon)Factory.ToGeometry(new Envelope(west, west + 1, 0, 1));
    }

    [Fact]
    public void Of_RingWithAHoleThatJumps_KeepsTheHole()
    {
        LinearRing Ring(params double[] xs) => Factory.CreateLinearRing(
            [new(xs[0], xs[4]), new(xs[1], xs[4]), new(xs[2], xs[5]), new(xs[3], xs[5]), new(xs[0], xs[4])]);
        var shape = Factory.CreatePolygon(Ring(179, -179, -179, 179, 0, 2), [Ring(179.5, -179.5, -179.5, 179.5, 0.5, 1.5)]);

        var on = EarthShape.Of(shape);

        on.IsValid.ShouldBeTrue();
        on.Area.ShouldBe((2 * 2) - 1, 1e-9);
        on.Contains(Factory.CreatePoint(new Coordinate(179.2, 1))).ShouldBeTrue();
        on.Contains(Factory.CreatePoint(new Coordinate(-179.8, 1))).ShouldBeFalse();
    }

    [Fact]
    public void Unrolled_RingAroundThePole_HoldsIt()
    {
        var ring = Factory.CreateLinearRing([new(-135, 80), new(-45, 80), new(45, 80), new(135, 80), new(-135, 80)]);

        var cap = EarthShape.Cut(EarthShape.Unrolled(ring));

        cap.EnvelopeInternal.ShouldBe(new Envelope(-180, 180, 80, 90));
        cap.Area.ShouldBe(360 * 10, 1e-6);
    }
}
