using CsCheck;
using Monitoring.TestKit;

namespace Monitoring.Gdal.Tests;

/// <summary>CRS and transforms: x first, right numbers, no surprises from hostile text.</summary>
public sealed class SpatialReferenceTests
{
    [Theory]
    [InlineData(4490, true, "China 2000")]
    [InlineData(4326, true, "WGS")]
    [InlineData(4547, false, "CGCS2000 / 3-degree Gauss-Kruger CM 114E")]
    public void FromEpsg_KnownCode_IsDescribed(int code, bool geographic, string words)
    {
        using var crs = SpatialReference.FromEpsg(code);
        crs.Epsg.ShouldBe(code);
        crs.Authority.ShouldBe("EPSG");
        crs.IsGeographic.ShouldBe(geographic);
        crs.IsProjected.ShouldBe(!geographic);
        (crs.Name + crs.Datum).Replace('_', ' ').ShouldContain(words);
        crs.MetresPerUnit.ShouldBe(1);
    }

    [Fact]
    public void FromEpsg_UnknownCode_IsOneSentence() =>
        Should.Throw<GdalException>(() => SpatialReference.FromEpsg(999999)).Message.ShouldStartWith("Could not find the CRS EPSG:999999");

    [Fact]
    public void Ellipsoid_OfCgcs2000_IsGb22021()
    {
        using var crs = SpatialReference.FromEpsg(4490);
        var (a, inverse) = crs.Ellipsoid;
        a.ShouldBe(6378137);
        inverse.ShouldBe(298.257222101, 1e-12);
        crs.AreaOfUse.ShouldNotBeNull().MinX.ShouldBeInRange(70, 75); // west of China, longitude first
    }

    [Theory]
    [InlineData("EPSG:4547", 4547)]
    [InlineData("epsg:4547", 4547)]
    [InlineData(" 4547 ", 4547)]
    [InlineData("urn:ogc:def:crs:EPSG::4547", 4547)]
    [InlineData("http://www.opengis.net/def/crs/EPSG/0/4547", 4547)]
    [InlineData("+proj=longlat +datum=WGS84 +no_defs", 4326)]
    [InlineData("WGS84", 4326)]
    public void Parse_WhatPeopleWrite_IsUnderstood(string text, int code)
    {
        using var crs = SpatialReference.Parse(text);
        using var expected = SpatialReference.FromEpsg(code);
        crs.IsSame(expected).ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense that is no CRS")]
    [InlineData("EPSG:")]
    [InlineData("EPSG:abc")]
    [InlineData("PROJCS[")]
    [InlineData("{\"type\":\"GeographicCRS\"")]
    [InlineData("/etc/passwd")]
    [InlineData("../secret.prj")]
    [InlineData("http://localhost:1/crs.wkt")]
    [InlineData("https://example.org/a.prj")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/vsicurl/http://localhost:1/a")]
    [InlineData("+init=/tmp/evil:1")]
    [InlineData("+proj=longlat +nadgrids=/tmp/evil")]
    public void Parse_NotACrs_IsRefused(string text) =>
        Should.Throw<GdalException>(() => SpatialReference.Parse(text)).Message.ShouldContain("CRS", Case.Insensitive);

    [Fact]
    public void Parse_NameOfAnExistingFile_DoesNotReadIt()
    {
        using var folder = new TempDirectory();
        using var crs = SpatialReference.FromEpsg(4490);
        File.WriteAllText(folder.File("crs.wkt"), crs.ToWkt());
        var here = Directory.GetCurrentDirectory();
        Should.Throw<GdalException>(() => SpatialReference.Parse(folder.File("crs.wkt")));
        Should.Throw<GdalException>(() => SpatialReference.Parse(Path.GetRelativePath(here, folder.File("crs.wkt"))));
    }

    [Theory]
    [InlineData(WktFormat.Wkt2, "PROJCRS[")]
    [InlineData(WktFormat.Wkt1, "PROJCS[")]
    [InlineData(WktFormat.Esri, "PROJCS[\"CGCS2000_3_Degree_GK_CM_114E\"")]
    public void ToWkt_AndBack_IsTheSameCrs(WktFormat format, string start)
    {
        using var crs = SpatialReference.FromEpsg(4547);
        var wkt = crs.ToWkt(format);
        wkt.ShouldStartWith(start);
        using var back = SpatialReference.FromWkt(wkt);
        back.IsSame(crs).ShouldBeTrue();
        back.IdentifyEpsg().ShouldBe(4547);
        using var json = SpatialReference.Parse(crs.ToProjJson());
        json.Epsg.ShouldBe(4547);
    }

    [Fact]
    public void IdentifyEpsg_OwnInvention_IsNull()
    {
        using var crs = SpatialReference.Parse("+proj=tmerc +lat_0=1.25 +lon_0=113.4567 +k=1.00001 +x_0=12345 +y_0=0 +ellps=GRS80 +units=m");
        crs.Epsg.ShouldBeNull();
        crs.IdentifyEpsg().ShouldBeNull();
    }

    [Fact]
    public void IsSame_DifferentDatumOrZone_IsNot()
    {
        using var a = SpatialReference.FromEpsg(4490);
        using var b = SpatialReference.FromEpsg(4326);
        using var c = SpatialReference.FromEpsg(4547);
        using var d = SpatialReference.FromEpsg(4548);
        using var clone = c.Clone();
        a.IsSame(b).ShouldBeFalse();
        c.IsSame(d).ShouldBeFalse();
        using var esriOther = SpatialReference.FromWkt(d.ToWkt(WktFormat.Esri));
        c.IsSame(esriOther).ShouldBeFalse();
        using var prefixed = SpatialReference.FromEpsg(4526); // zone 38 has the same meridian, but the number before the easting
        c.IsSame(prefixed).ShouldBeFalse();
        c.IsSame(clone).ShouldBeTrue();
        clone.ToString().ShouldBe("EPSG:4547 CGCS2000 / 3-degree Gauss-Kruger CM 114E");
    }

    [Fact]
    public void Use_AfterDispose_IsObjectDisposed()
    {
        var crs = SpatialReference.FromEpsg(4490);
        var transform = CoordinateTransform.FromEpsg(4490, 4547);
        crs.Dispose();
        transform.Dispose();
        Should.Throw<ObjectDisposedException>(() => crs.ToWkt());
        Should.Throw<ObjectDisposedException>(() => crs.Epsg);
        Should.Throw<ObjectDisposedException>(() => transform.Transform(114, 30));
        Should.Throw<ObjectDisposedException>(() => new CoordinateTransform(crs, crs));
    }

    [Fact]
    public void Transform_AuthorityLatLon_StillXFirst()
    {
        // EPSG:4490 is defined latitude first and EPSG:4547 northing first; here longitude and easting come first all the same.
        using var transform = CoordinateTransform.FromEpsg(4490, 4547);
        var (x, y) = transform.Transform(114.0, 30.0);
        x.ShouldBe(500000, 1e-6);
        y.ShouldBeInRange(3_300_000, 3_330_000);
        using var back = CoordinateTransform.FromEpsg(4547, 4490);
        var (lon, lat) = back.Transform(x, y);
        lon.ShouldBe(114.0, 1e-12);
        lat.ShouldBe(30.0, 1e-12);
    }

    [Fact]
    public void Transform_AllCgcs2000Zones_EqualIndependentKrueger()
    {
        // 3-degree zones: 4513..4533 carry the zone number 25..45 before the easting, 4534..4554 (central meridians 75..135) do not.
        // 6-degree zones: 4491..4501 carry 13..23 (75..135), 4502..4512 do not.
        var worst = 0.0;
        var random = new Random(4490);
        for (var i = 0; i < 21; i++)
        {
            Check(4513 + i, 75 + 3 * i, (25 + i) * 1_000_000 + 500_000, 1.5);
            Check(4534 + i, 75 + 3 * i, 500_000, 1.5);
        }
        for (var i = 0; i < 11; i++)
        {
            Check(4491 + i, 75 + 6 * i, (13 + i) * 1_000_000 + 500_000, 3);
            Check(4502 + i, 75 + 6 * i, 500_000, 3);
        }
        worst.ShouldBeLessThan(2e-6); // metres

        void Check(int epsg, double meridian, double falseEasting, double reach)
        {
            using var forward = CoordinateTransform.FromEpsg(4490, epsg);
            using var inverse = CoordinateTransform.FromEpsg(epsg, 4490);
            var krueger = new KruegerProjection(6378137, 298.257222101, meridian, falseEasting);
            forward.Transform(meridian, 35).X.ShouldBe(falseEasting, 1e-6, $"EPSG:{epsg}");
            for (var n = 0; n < 20; n++)
            {
                var (lon, lat) = (meridian + (random.NextDouble() * 2 - 1) * reach, 15 + random.NextDouble() * 38);
                var (x, y) = forward.Transform(lon, lat);
                var (e, north) = krueger.Forward(lon, lat);
                worst = Math.Max(worst, Math.Max(Math.Abs(x - e), Math.Abs(y - north)));
                var (lon2, lat2) = inverse.Transform(x, y);
                Math.Abs(lon2 - lon).ShouldBeLessThan(1e-10);
                Math.Abs(lat2 - lat).ShouldBeLessThan(1e-10);
            }
        }
    }

    [Fact]
    public void Transform_ManyPoints_EqualsOneByOne()
    {
        using var transform = CoordinateTransform.FromEpsg(4490, 4547);
        Gen.Double[110, 118].Select(Gen.Double[20, 40]).Array[0, 700].Sample(points =>
        {
            var x = points.Select(static p => p.Item1).ToArray();
            var y = points.Select(static p => p.Item2).ToArray();
            var good = new bool[x.Length];
            if (transform.Transform(x, y, good) != 0 || good.Contains(false))
                return false;
            for (var i = 0; i < x.Length; i += 37)
                if (transform.Transform(points[i].Item1, points[i].Item2) != (x[i], y[i]))
                    return false;
            return true;
        }, iter: 20, threads: 1);
    }

    [Fact]
    public void Transform_SomePointsImpossible_OthersStayRight()
    {
        using var transform = CoordinateTransform.FromEpsg(4490, 4547);
        double[] x = [114, double.NaN, 114.5, 114];
        double[] y = [30, 30, 31, 1e9];
        var good = new bool[4];
        transform.Transform(x, y, good).ShouldBe(2);
        good.ShouldBe([true, false, true, false]);
        (x[1], y[1], x[3]).ShouldBe((double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity));
        (x[2], y[2]).ShouldBe(transform.Transform(114.5, 31));
        Should.Throw<GdalException>(() => transform.Transform(114, 1e9)).Message.ShouldContain("transform the point");
        Should.Throw<ArgumentException>(() => transform.Transform(new double[2], new double[3]));
    }

    [Fact]
    public void Transform_Bounds_HoldTheTransformedPoints()
    {
        using var transform = CoordinateTransform.FromEpsg(4490, 4547);
        var box = transform.Transform(new Bounds(113, 30, 115, 31));
        for (var i = 0; i <= 20; i++)
        {
            var (x, y) = transform.Transform(113 + i * 0.1, 30);
            x.ShouldBeInRange(box.MinX - 1e-6, box.MaxX + 1e-6);
            y.ShouldBeInRange(box.MinY - 0.5, box.MaxY);
        }
        // The southern edge bends: its middle lies south of its ends.
        box.MinY.ShouldBeLessThan(transform.Transform(113, 30).Y - 100);
    }

    [Fact]
    public void Transform_NoBallpark_FailsInsteadOfGuessing()
    {
        // Beijing 1954 to CGCS2000: the official parameters are secret, so PROJ knows no exact way.
        using var guess = CoordinateTransform.FromEpsg(4214, 4490);
        guess.Transform(114, 30);
        using var source = SpatialReference.Parse("+proj=longlat +ellps=krass +no_defs");
        using var target = SpatialReference.FromEpsg(4490);
        Should.Throw<GdalException>(() =>
        {
            using var strict = new CoordinateTransform(source, target, new() { AllowBallpark = false });
            strict.Transform(114, 30);
        });
    }

    [Fact]
    public void TransformWkb_Polygon_MovesEveryVertex()
    {
        using var transform = CoordinateTransform.FromEpsg(4490, 4547);
        var wkb = Wkb.Polygon([[(114, 30), (114.1, 30), (114.1, 30.1), (114, 30)]]);
        var points = Wkb.FirstRing(transform.TransformWkb(wkb));
        points.ShouldBe([transform.Transform(114, 30), transform.Transform(114.1, 30), transform.Transform(114.1, 30.1),
            transform.Transform(114, 30)]);
        Should.Throw<GdalException>(() => transform.TransformWkb([1, 2, 3])).Message.ShouldContain("3 bytes of WKB");
        Should.Throw<GdalException>(() => transform.TransformWkb([]));
    }

    [Fact]
    public void Transform_OneForEachThread_SameNumbers()
    {
        using var reference = CoordinateTransform.FromEpsg(4490, 4526);
        var expected = Enumerable.Range(0, 500).Select(i => reference.Transform(113 + i * 0.004, 25 + i * 0.02)).ToArray();
        Parallel.For(0, 8, _ =>
        {
            using var mine = CoordinateTransform.FromEpsg(4490, 4526);
            for (var i = 0; i < expected.Length; i++)
                mine.Transform(113 + i * 0.004, 25 + i * 0.02).ShouldBe(expected[i]);
        });
    }
}
