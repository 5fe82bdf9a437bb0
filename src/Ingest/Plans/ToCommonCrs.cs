using System.Globalization;
using Monitoring.Gdal;
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

    /// <returns>The outline, or null with one sentence about the geometry.</returns>
    public (Outline? Outline, string? Problem) Convert(byte[]? wkb)
    {
        if (wkb is null)
            return (null, "has no geometry");
        NetTopologySuite.Geometries.Geometry shape;
        try
        {
            shape = _wkb.Read(wkb);
        }
        catch (Exception problem) when (problem is ParseException or ArgumentException or FormatException or EndOfStreamException)
        {
            // NTS refuses rings that do not close or have fewer than four points while it reads them.
            return (null, $"has a ring that is not closed or has fewer than four points ({problem.Message.TrimEnd('.')}); close it");
        }

        if (shape.IsEmpty)
            return (null, "has an empty geometry");
        if (shape is not (Polygon or MultiPolygon))
            return (null, $"is a {shape.GeometryType}; the map takes polygons");
        if (shape.Coordinates.FirstOrDefault(c => !double.IsFinite(c.X) || !double.IsFinite(c.Y)) is not null)
            return (null, "has a coordinate that is no number");
        if (new IsValidOp(shape).ValidationError is { } fault)
            return (null, $"{Explain(fault.ErrorType)} at {Show(fault.Coordinate)}; mend it in the source");

        var lonLat = _transform?.TransformWkb(wkb) ?? wkb;
        var common = _transform is null ? shape : _wkb.Read(lonLat);
        var box = common.EnvelopeInternal;
        if (!(box.MinX >= -180 && box.MaxX <= 180 && box.MinY >= -90 && box.MaxY <= 90))
            return (null, $"cannot be placed on the earth from {_source}; give the CRS that the coordinates are in with --crs");
        if (_areaOfUse is { } area && !IsWithin(box, area))
        {
            return (null, string.Create(
                CultureInfo.InvariantCulture,
                $"lies at {box.Centre.X:0.###}, {box.Centre.Y:0.###} degrees, outside the area of use of {_source} ({area.MinX:0.#} to {area.MaxX:0.#} E, {area.MinY:0.#} to {area.MaxY:0.#} N); give the right CRS with --crs"));
        }

        var (areaSquareMeters, _) = Geodesic.Cgcs2000.Measure(_transform is null ? _writer.Write(common) : lonLat);
        return (new Outline(common, areaSquareMeters, _sourceName), null);
    }

    public void Dispose()
    {
        _transform?.Dispose();
        _target.Dispose();
    }

    /// <summary>A published transform; else, for datums of the GPS age, equality with CGCS2000 within about a metre, which is told.</summary>
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
                throw new RefusedInputException(
                    $"There is no published transform from {source} to CGCS2000; transform the file with your local parameters first and import it in a CGCS2000 CRS, for example EPSG:4490.",
                    nothingPublished);
            }
        }

        Remark = $"The datum of {source} was taken as equal to CGCS2000, which holds within about a metre.";
        return new CoordinateTransform(source, _target);
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
