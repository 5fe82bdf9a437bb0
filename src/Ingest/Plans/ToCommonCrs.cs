using System.Globalization;
using Monitoring.Gdal;
using Monitoring.Ingest.Plans.Quality;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;
using NetTopologySuite.Operation.Valid;
using Outline = Monitoring.Domain.Geometry.Outline;

namespace Monitoring.Ingest.Plans;

/// <summary>
/// Turns polygons of one CRS into outlines (EPSG:4490 with geodesic area), and tells what is wrong with them. Nothing is repaired.
/// For one thread at a time.
/// </summary>
internal sealed class ToCommonCrs : IDisposable
{
    /// <summary>Published transforms that are worse, such as those of 北京54 and 西安80, put parcels on their neighbours.</summary>
    private const double GoodAccuracyMeters = 2;

    private readonly SpatialReference _source;
    private readonly SpatialReference _target = SpatialReference.FromEpsg(Outline.Srid);
    private readonly CoordinateTransform? _transform;
    private readonly string _sourceName;
    private readonly Bounds? _areaOfUse;
    private readonly double _margin;
    private readonly WKBReader _wkb = new(NetTopologySuite.NtsGeometryServices.Instance) { IsStrict = true };
    private readonly WKBWriter _writer = new();

    /// <param name="source">CRS of the input; stays the caller's.</param>
    /// <exception cref="RefusedInputException">There is no dependable way to CGCS2000.</exception>
    public ToCommonCrs(SpatialReference source, double areaOfUseMarginDegrees)
    {
        _source = source;
        _margin = areaOfUseMarginDegrees;
        _areaOfUse = source.AreaOfUse;
        _sourceName = source.IdentifyEpsg() is { } epsg ? string.Create(CultureInfo.InvariantCulture, $"EPSG:{epsg}") : source.ToWkt();
        if (!source.IsSame(_target))
            _transform = Connect(source);
    }

    /// <summary>Set when the datum was taken as equal to CGCS2000 although no published transform says so; a sentence.</summary>
    public string? Remark { get; private set; }

    /// <summary>Says for a whole layer, by its extent, whether CRS and coordinates belong together; null when they do.</summary>
    public string? ExtentProblem(Bounds extent)
    {
        if (_source.IsGeographic)
        {
            if (extent is { MinX: >= -180, MaxX: <= 180, MinY: >= -90, MaxY: <= 90 })
                return null;
            return extent is { MinX: >= -90, MaxX: <= 90, MinY: >= -180, MaxY: <= 180 }
                ? $"The coordinates reach {Show(extent)}: latitude stands before longitude, but {_source} is read with longitude first; save the file with longitude first."
                : $"The coordinates reach {Show(extent)}, which are no degrees, but the CRS is {_source}; give the CRS they are in with --crs, for example --crs EPSG:4526.";
        }

        return GaussKruger.PrefixProblem(_source, extent.MinX, extent.MaxX);
    }

    /// <summary>The outline, or one sentence about the geometry.</summary>
    /// <param name="kind"><c>polygon</c>, <c>line</c>, <c>point</c> or <c>any</c>.</param>
    public Converted Convert(byte[]? wkb, string kind = "polygon")
    {
        if (wkb is null)
            return Converted.Not(FaultCodes.Geometry, "has no geometry");
        NetTopologySuite.Geometries.Geometry shape;
        try
        {
            shape = _wkb.Read(wkb);
        }
        catch (Exception problem) when (problem is ParseException or ArgumentException or FormatException or EndOfStreamException)
        {
            // NTS refuses rings that do not close or have fewer than four points while it reads them.
            return Converted.Not(FaultCodes.Geometry, $"has a ring that is not closed or has fewer than four points ({problem.Message.TrimEnd('.')}); close it");
        }

        if (shape.IsEmpty)
            return Converted.Not(FaultCodes.Geometry, "has an empty geometry");
        if (!IsOfKind(shape, kind))
            return Converted.Not(FaultCodes.Kind, kind is "polygon" ? $"is a {shape.GeometryType}; the map takes polygons" : $"is a {shape.GeometryType}; this layer takes {kind}s");
        if (shape.Coordinates.FirstOrDefault(c => !double.IsFinite(c.X) || !double.IsFinite(c.Y)) is not null)
            return Converted.Not(FaultCodes.Geometry, "has a coordinate that is no number");
        if (new IsValidOp(shape).ValidationError is { } fault)
        {
            var at = fault.Coordinate;
            return new Converted(null, FaultCodes.Geometry, $"{Explain(fault.ErrorType)} at {Show(at)}; mend it in the source", (at.X, at.Y), LonLat(at.X, at.Y)) { Drawn = Drawable(shape, wkb) };
        }

        var source = shape.EnvelopeInternal;
        byte[] lonLat;
        try
        {
            lonLat = _transform?.TransformWkb(wkb) ?? wkb;
        }
        catch (GdalException)
        {
            return Misplaced(source, "cannot be placed on the earth");
        }

        var common = _transform is null ? shape : _wkb.Read(lonLat);
        var box = common.EnvelopeInternal;
        if (!(box.MinX >= -180 && box.MaxX <= 180 && box.MinY >= -90 && box.MaxY <= 90))
            return Misplaced(source, "cannot be placed on the earth");
        if (_areaOfUse is { } area && !IsWithin(box, area))
        {
            return Misplaced(source, string.Create(
                CultureInfo.InvariantCulture,
                $"lies at {box.Centre.X:0.###}, {box.Centre.Y:0.###} degrees, outside the area of use of {_source} ({area.MinX:0.#} to {area.MaxX:0.#} E, {area.MinY:0.#} to {area.MaxY:0.#} N)"));
        }

        var (areaSquareMeters, length) = Geodesic.Cgcs2000.Measure(_transform is null ? _writer.Write(common) : lonLat);
        return new Converted(new Outline(common, areaSquareMeters, _sourceName), null, null, null, null)
        {
            LengthMeters = shape is ILineal ? length : null,
        };
    }

    /// <summary>An invalid shape as it can be drawn; never more than that.</summary>
    private NetTopologySuite.Geometries.Geometry? Drawable(NetTopologySuite.Geometries.Geometry shape, byte[] wkb)
    {
        try
        {
            var common = _transform is null ? shape : _wkb.Read(_transform.TransformWkb(wkb));
            return common.EnvelopeInternal is { MinX: >= -180, MaxX: <= 180, MinY: >= -90, MaxY: <= 90 } ? common : null;
        }
        catch (GdalException)
        {
            return null;
        }
    }

    /// <summary>A place of the file in degrees, null when it cannot be transformed.</summary>
    public (double Lon, double Lat)? LonLat(double x, double y)
    {
        if (_transform is null)
            return x is >= -180 and <= 180 && y is >= -90 and <= 90 ? (x, y) : null;
        Span<double> xs = [x];
        Span<double> ys = [y];
        Span<bool> good = [false];
        return _transform.Transform(xs, ys, good) == 0 && double.IsFinite(xs[0]) && double.IsFinite(ys[0]) ? (xs[0], ys[0]) : null;
    }

    /// <summary>True when a box of the file, as it stands, can be meant in this CRS.</summary>
    public bool IsPlausible(Envelope source)
    {
        if (_source.IsGeographic ? source is not { MinX: >= -180, MaxX: <= 180, MinY: >= -90, MaxY: <= 90 } : GaussKruger.PrefixProblem(_source, source.MinX, source.MaxX) is not null)
            return false;
        return LonLat(source.Centre.X, source.Centre.Y) is { } at && at.Lon is >= -180 and <= 180 && at.Lat is >= -90 and <= 90
            && (_areaOfUse is not { } area || IsWithin(new Envelope(at.Lon, at.Lon, at.Lat, at.Lat), area));
    }

    /// <summary>Why one feature of a layer lies where it cannot, by what its numbers look like.</summary>
    private Converted Misplaced(Envelope source, string where)
    {
        var turned = new Envelope(source.MinY, source.MaxY, source.MinX, source.MaxX);
        var at = (source.Centre.X, source.Centre.Y);
        if (IsPlausible(turned))
        {
            return new Converted(null, FaultCodes.AxisOrder, $"{where}; with x and y exchanged it fits: {(_source.IsGeographic ? "latitude stands before longitude" : "northing stands before easting")}; exchange them in the source", at, LonLat(at.Y, at.X));
        }

        var looks = _source.IsGeographic switch
        {
            true when Math.Abs(at.X) > 180 || Math.Abs(at.Y) > 180 => $"its coordinates ({Show(new Coordinate(at.X, at.Y))}) are no degrees",
            false when source is { MinX: >= -180, MaxX: <= 180, MinY: >= -90, MaxY: <= 90 } => $"its coordinates ({Show(new Coordinate(at.X, at.Y))}) are degrees",
            false when GaussKruger.PrefixProblem(_source, source.MinX, source.MaxX) is { } prefix => prefix.TrimEnd('.'),
            _ => null,
        };
        return looks is not null
            ? new Converted(null, FaultCodes.MixedCrs, $"{where}: {looks}, so it is in another CRS than {_source}; bring all features into one CRS", at, null)
            : new Converted(null, FaultCodes.OutsideCrs, where.StartsWith("lies", StringComparison.Ordinal) ? $"{where}; give the right CRS with --crs" : $"{where} from {_source}; give the CRS that the coordinates are in with --crs", at, LonLat(at.X, at.Y));
    }

    private static bool IsOfKind(NetTopologySuite.Geometries.Geometry shape, string kind) => kind switch
    {
        "line" => shape is ILineal,
        "point" => shape is IPuntal,
        "any" => shape is ILineal or IPuntal or IPolygonal,
        _ => shape is IPolygonal,
    };

    public void Dispose()
    {
        _transform?.Dispose();
        _target.Dispose();
    }

    /// <summary>
    /// A published transform; else, for datums of the GPS age, equality with CGCS2000 within about a metre; else a good published transform
    /// to WGS 84, which is taken as equal. The last two are told.
    /// </summary>
    private CoordinateTransform Connect(SpatialReference source)
    {
        try
        {
            return new CoordinateTransform(source, _target, new TransformOptions { AllowBallpark = false });
        }
        catch (GdalException nothingPublished)
        {
            var (axis, flattening) = source.Ellipsoid;
            if (Math.Abs(axis - 6_378_137) > 0.5 || Math.Abs(flattening - 298.2572) > 0.001)
            {
                if (ByWgs84(source) is { } connected)
                    return connected;
                throw new RefusedInputException(
                    $"There is no published transform from {source} to CGCS2000; transform the file with your local parameters first and import it in a CGCS2000 CRS, for example EPSG:4490.",
                    nothingPublished);
            }
        }

        Remark = $"The datum of {source} was taken as equal to CGCS2000, which holds within about a metre.";
        return new CoordinateTransform(source, _target);
    }

    private CoordinateTransform? ByWgs84(SpatialReference source)
    {
        try
        {
            using var wgs84 = SpatialReference.FromEpsg(4326);
            var transform = new CoordinateTransform(source, wgs84, new TransformOptions { AllowBallpark = false, AccuracyMetres = GoodAccuracyMeters });
            if (_areaOfUse is { } area && LonLatOf(transform, source, area) is null)
            {
                transform.Dispose();
                return null;
            }

            Remark = $"No transform from {source} to CGCS2000 is published: it was taken to WGS 84, which was taken as equal to CGCS2000; together good to about {GoodAccuracyMeters:0} m.";
            return transform;
        }
        catch (GdalException)
        {
            return null;
        }
    }

    /// <summary>The middle of the area of use through the transform and back again; null when there is no way.</summary>
    private static (double Lon, double Lat)? LonLatOf(CoordinateTransform transform, SpatialReference source, Bounds area)
    {
        using var wgs84 = SpatialReference.FromEpsg(4326);
        using var back = new CoordinateTransform(wgs84, source);
        Span<double> x = [(area.MinX + area.MaxX) / 2];
        Span<double> y = [(area.MinY + area.MaxY) / 2];
        return back.Transform(x, y) == 0 && transform.Transform(x, y) == 0 ? (x[0], y[0]) : null;
    }

    private bool IsWithin(Envelope box, Bounds area) =>
        box.MinY >= area.MinY - _margin && box.MaxY <= area.MaxY + _margin
        && (area.MinX > area.MaxX || (box.MinX >= area.MinX - _margin && box.MaxX <= area.MaxX + _margin));

    private static string Explain(TopologyValidationErrors error) => error switch
    {
        TopologyValidationErrors.SelfIntersection => "has a ring or rings that cross themselves",
        TopologyValidationErrors.RingSelfIntersection => "has a ring that touches itself",
        TopologyValidationErrors.HoleOutsideShell => "has a hole outside its outer ring",
        TopologyValidationErrors.NestedHoles => "has a hole within a hole",
        TopologyValidationErrors.NestedShells => "has a part within another part",
        TopologyValidationErrors.DisconnectedInteriors => "has an interior that its holes cut in two",
        TopologyValidationErrors.DuplicateRings => "has the same ring twice",
        TopologyValidationErrors.TooFewPoints => "has a ring of too few different points",
        TopologyValidationErrors.RingNotClosed => "has a ring that is not closed",
        TopologyValidationErrors.InvalidCoordinate => "has a coordinate that is no number",
        _ => $"is invalid ({error})",
    };

    private static string Show(Coordinate at) => string.Create(CultureInfo.InvariantCulture, $"x {at.X:0.#######}, y {at.Y:0.#######}");

    private static string Show(Bounds box) => string.Create(CultureInfo.InvariantCulture, $"x {box.MinX:0.##} to {box.MaxX:0.##}, y {box.MinY:0.##} to {box.MaxY:0.##}");
}

/// <summary>What became of one geometry.</summary>
/// <param name="Problem">One sentence's end when there is no outline.</param>
/// <param name="At">The place of the problem in the file's coordinates.</param>
/// <param name="LonLat">The same in degrees, when it can be placed.</param>
internal sealed record Converted(Outline? Outline, string? Code, string? Problem, (double X, double Y)? At, (double Lon, double Lat)? LonLat)
{
    /// <summary>Geodesic length in m of a line.</summary>
    public double? LengthMeters { get; init; }

    /// <summary>An invalid shape in degrees, for the picture only.</summary>
    public NetTopologySuite.Geometries.Geometry? Drawn { get; init; }

    public static Converted Not(string code, string problem) => new(null, code, problem, null, null);
}
