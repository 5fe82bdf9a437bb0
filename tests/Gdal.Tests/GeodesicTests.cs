using System.Buffers.Binary;
using CsCheck;

namespace Monitoring.Gdal.Tests;

/// <summary>Areas and lengths against closed formulas and integrals of the ellipsoid, computed here.</summary>
public sealed class GeodesicTests
{
    private const double A = 6378137;
    private const double F = 1 / 298.257222101;
    private static readonly double E2 = F * (2 - F);

    /// <summary>Area of a whole oblate ellipsoid: 2πa²(1 + (1 − e²)/e · artanh e).</summary>
    private static readonly double WholeArea = 2 * Math.PI * A * A * (1 + (1 - E2) / Math.Sqrt(E2) * Math.Atanh(Math.Sqrt(E2)));

    [Fact]
    public void Ring_Octant_IsAnEighthOfTheEllipsoid()
    {
        var (area, perimeter) = Geodesic.Cgcs2000.Ring([0, 90, 0], [0, 0, 90]);
        area.ShouldBe(WholeArea / 8, 1);
        perimeter.ShouldBe(A * Math.PI / 2 + 2 * Quadrant(), 1e-5);
        Geodesic.Cgcs2000.Ring([0, 0, 90], [0, 90, 0]).Area.ShouldBe(-WholeArea / 8, 1); // clockwise
    }

    [Theory]
    [InlineData(10.0)]
    [InlineData(37.5)]
    [InlineData(179.0)]
    public void Ring_PoleTriangle_IsItsShareOfTheEllipsoid(double width)
    {
        // Equator and meridians are geodesics, so the triangle between the pole and the equator is exact, also across the antimeridian.
        foreach (var west in new[] { 0.0, 100.0, 175.0, -180.0, -3.0 })
        {
            Geodesic.Cgcs2000.Ring([west, west + width, west], [0, 0, 90]).Area.ShouldBe(WholeArea / 2 * width / 360, 1);
            Geodesic.Cgcs2000.Ring([west, west, west + width], [0, -90, 0]).Area.ShouldBe(WholeArea / 2 * width / 360, 1);
        }
    }

    [Fact]
    public void Ring_AroundThePole_IsTheCap()
    {
        // Vertices every quarter degree on a parallel: geodesic edges cut the corners towards the pole by a known, small part.
        const double lat = 80;
        var lon = Enumerable.Range(0, 1440).Select(static i => -180 + i * 0.25).ToArray();
        var area = Geodesic.Cgcs2000.Ring(lon, Enumerable.Repeat(lat, 1440).ToArray()).Area;
        var cap = WholeArea / 2 - ZoneArea(0, lat);
        area.ShouldBe(cap, cap * 1e-5);
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(114.3, 30.6)]
    [InlineData(121.0, 53.2)]
    [InlineData(179.9995, -45.0)]
    public void Ring_SmallSquare_IsMTimesN(double lon, double lat)
    {
        const double half = 0.0005; // degrees: about 100 m
        var (area, perimeter) = Geodesic.Cgcs2000.Ring([lon - half, lon + half, lon + half, lon - half], [lat - half, lat - half,
            lat + half, lat + half]);
        var phi = lat * Math.PI / 180;
        var w = Math.Sqrt(1 - E2 * Math.Sin(phi) * Math.Sin(phi));
        var meridian = A * (1 - E2) / (w * w * w);
        var parallel = A / w * Math.Cos(phi);
        var step = 2 * half * Math.PI / 180;
        area.ShouldBe(meridian * parallel * step * step, area * 1e-7);
        perimeter.ShouldBe(2 * step * (meridian + parallel), 1e-4);
    }

    [Fact]
    public void Ring_ClosedOrNot_SameArea()
    {
        double[] lon = [114, 114.01, 114.01], lat = [30, 30, 30.01];
        Geodesic.Cgcs2000.Ring([.. lon, lon[0]], [.. lat, lat[0]]).ShouldBe(Geodesic.Cgcs2000.Ring(lon, lat));
        Geodesic.Cgcs2000.Ring([], []).ShouldBe((0, 0));
        Geodesic.Cgcs2000.Ring([1], [1]).ShouldBe((0, 0));
    }

    [Fact]
    public void Inverse_AlongEquatorAndMeridian_EqualArcs()
    {
        Geodesic.Cgcs2000.Inverse(10, 0, 33, 0).Metres.ShouldBe(A * 23 * Math.PI / 180, 1e-6);
        Geodesic.Cgcs2000.Inverse(50, 0, 50, 90).Metres.ShouldBe(Quadrant(), 1e-5);
        var (metres, azimuth1, _) = Geodesic.Cgcs2000.Inverse(114, 30, 114, 31);
        azimuth1.ShouldBe(0, 1e-12);
        metres.ShouldBe(MeridianArc(31) - MeridianArc(30), 1e-5);
    }

    [Fact]
    public void DirectAndInverse_AnyPath_AreInverse() =>
        Gen.Double[-180, 180].Select(Gen.Double[-89, 89], Gen.Double[-179, 179], Gen.Double[1, 1.9e7]).Sample(c =>
        {
            var (lon, lat, azimuth, metres) = c;
            var (lon2, lat2, _) = Geodesic.Cgcs2000.Direct(lon, lat, azimuth, metres);
            return lon2 is >= -180 and <= 180 && Math.Abs(Geodesic.Cgcs2000.Inverse(lon, lat, lon2, lat2).Metres - metres) < 1e-6;
        }, iter: 2000);

    [Fact]
    public void Length_OfManyPoints_IsTheSum()
    {
        double[] lon = [114, 114.5, 115, 115], lat = [30, 30, 31, 31.5];
        var sum = 0.0;
        for (var i = 1; i < 4; i++)
            sum += Geodesic.Cgcs2000.Inverse(lon[i - 1], lat[i - 1], lon[i], lat[i]).Metres;
        Geodesic.Cgcs2000.Length(lon, lat).ShouldBe(sum);
        Geodesic.Cgcs2000.Length([1], [1]).ShouldBe(0);
    }

    [Fact]
    public void Measure_PolygonWithHole_TakesItOff()
    {
        (double, double)[] outer = [(114, 30), (114.1, 30), (114.1, 30.1), (114, 30.1), (114, 30)];
        (double, double)[] hole = [(114.02, 30.02), (114.05, 30.02), (114.05, 30.05), (114.02, 30.05), (114.02, 30.02)];
        var whole = Geodesic.Cgcs2000.Measure(Wkb.Polygon([outer]));
        var inner = Geodesic.Cgcs2000.Measure(Wkb.Polygon([hole]));
        foreach (var bigEndian in new[] { false, true })
            foreach (var turned in new[] { false, true })
            {
                var (area, length) = Geodesic.Cgcs2000.Measure(Wkb.Polygon([outer, turned ? hole.Reverse().ToArray() : hole], bigEndian));
                area.ShouldBe(whole.Area - inner.Area, 1e-3);
                length.ShouldBe(whole.Length + inner.Length, 1e-6);
            }
    }

    [Fact]
    public void Measure_CollectionsLinesAndPoints_AreSummed()
    {
        var box = Wkb.Box(114, 30, 114.01, 30.01);
        var line = Wkb.Line([(114, 30), (115, 30)]);
        var one = Geodesic.Cgcs2000.Measure(box);
        Geodesic.Cgcs2000.Measure(Wkb.Collection(6, box, box)).Area.ShouldBe(2 * one.Area, 1e-6);
        var mixed = Geodesic.Cgcs2000.Measure(Wkb.Collection(7, box, line, Wkb.Point(1, 2), Wkb.Collection(4, Wkb.Point(1, 2))));
        mixed.Area.ShouldBe(one.Area);
        mixed.Length.ShouldBe(one.Length + Geodesic.Cgcs2000.Inverse(114, 30, 115, 30).Metres, 1e-6);
        Geodesic.Cgcs2000.Measure(Wkb.Polygon([])).ShouldBe((0, 0));
    }

    [Fact]
    public void Measure_HostileWkb_IsAFormatError()
    {
        var good = Wkb.Collection(6, Wkb.Box(114, 30, 115, 31), Wkb.Box(114, 30, 115, 31));
        for (var cut = 0; cut < good.Length; cut++)
            Should.Throw<FormatException>(() => Geodesic.Cgcs2000.Measure(good.AsSpan(0, cut)));
        var manyPoints = Wkb.Line([(1, 1), (2, 2)]);
        BinaryPrimitives.WriteUInt32LittleEndian(manyPoints.AsSpan(5), uint.MaxValue);
        Should.Throw<FormatException>(() => Geodesic.Cgcs2000.Measure(manyPoints));
        var deep = Wkb.Point(1, 1);
        for (var i = 0; i < 100; i++)
            deep = Wkb.Collection(7, deep);
        Should.Throw<FormatException>(() => Geodesic.Cgcs2000.Measure(deep)).Message.ShouldContain("deep");
        Should.Throw<FormatException>(() => Geodesic.Cgcs2000.Measure(Wkb.Collection(10))).Message.ShouldContain("10");
        Should.Throw<FormatException>(() => Geodesic.Cgcs2000.Measure([7, 1, 0, 0, 0]));
    }

    [Fact]
    public void Measure_ZAndMByIsoAndEwkb_AreSkipped()
    {
        var plain = Geodesic.Cgcs2000.Measure(Wkb.Line([(114, 30), (115, 31)]));
        foreach (var (type, dimensions, srid) in new (uint, int, bool)[] { (1002, 3, false), (2002, 3, false), (3002, 4, false),
            (0x80000002, 3, false), (0xE0000002, 4, true) })
        {
            List<byte> bytes = [1];
            Int(type);
            if (srid)
                Int(4490);
            Int(2);
            foreach (var (x, y) in new[] { (114.0, 30.0), (115.0, 31.0) })
                foreach (var value in new[] { x, y, 7, 8 }.Take(dimensions))
                    bytes.AddRange(BitConverter.GetBytes(value));
            Geodesic.Cgcs2000.Measure(bytes.ToArray()).ShouldBe(plain);

            void Int(uint value) => bytes.AddRange(BitConverter.GetBytes(value));
        }
    }

    [Fact]
    public void Measure_Metres_IsRefused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Geodesic.Cgcs2000.Measure(Wkb.Box(500000, 3300000, 500100,
            3300100))).Message.ShouldContain("swapped");
        Should.Throw<ArgumentOutOfRangeException>(() => Geodesic.Cgcs2000.Inverse(0, double.NaN, 0, 0));
        Should.Throw<ArgumentOutOfRangeException>(() => new Geodesic(0, 0.003));
        Should.Throw<ArgumentOutOfRangeException>(() => new Geodesic(6378137, 0.3));
    }

    [Fact]
    public void Of_Crs_TakesItsEllipsoid()
    {
        using var crs = SpatialReference.FromEpsg(4214); // Krassowsky
        var geodesic = Geodesic.Of(crs);
        geodesic.SemiMajorMetres.ShouldBe(6378245);
        geodesic.Flattening.ShouldBe(1 / 298.3, 1e-12);
        new Geodesic(1000, 0).Ring([0, 90, 0], [0, 0, 90]).Area.ShouldBe(4 * Math.PI * 1e6 / 8, 1e-6); // a sphere
    }

    [Fact]
    public void Ring_ManyThreads_SameNumbers()
    {
        var expected = Geodesic.Wgs84.Ring([0, 10, 10, 0], [40, 40, 50, 50]);
        Parallel.For(0, 2000, _ => Geodesic.Wgs84.Ring([0, 10, 10, 0], [40, 40, 50, 50]).ShouldBe(expected));
    }

    private static double Quadrant() => MeridianArc(90);

    /// <summary>Length of the meridian from the equator, by Simpson's rule on its integral.</summary>
    private static double MeridianArc(double lat) =>
        Simpson(phi => A * (1 - E2) / Math.Pow(1 - E2 * Math.Sin(phi) * Math.Sin(phi), 1.5), 0, lat * Math.PI / 180);

    /// <summary>Area between two parallels, by Simpson's rule on M·N·cos φ.</summary>
    private static double ZoneArea(double south, double north) => Simpson(phi =>
    {
        var w2 = 1 - E2 * Math.Sin(phi) * Math.Sin(phi);
        return 2 * Math.PI * A * A * (1 - E2) * Math.Cos(phi) / (w2 * w2);
    }, south * Math.PI / 180, north * Math.PI / 180);

    private static double Simpson(Func<double, double> f, double from, double to)
    {
        const int n = 20000;
        var h = (to - from) / n;
        var sum = f(from) + f(to);
        for (var i = 1; i < n; i++)
            sum += f(from + i * h) * (i % 2 == 0 ? 2 : 4);
        return sum * h / 3;
    }
}
