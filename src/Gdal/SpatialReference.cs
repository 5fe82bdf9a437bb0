using System.Globalization;
using System.Text.RegularExpressions;
using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>How to spell a CRS.</summary>
public enum WktFormat
{
    /// <summary>ISO 19162:2019, the current standard.</summary>
    Wkt2,

    /// <summary>GDAL's WKT 1, for older readers.</summary>
    Wkt1,

    /// <summary>The WKT 1 of Esri's .prj files.</summary>
    Esri,
}

/// <summary>
/// A coordinate reference system.
/// </summary>
/// <remarks>
/// <b>Axis order is always x first</b>: longitude before latitude, easting before northing ("traditional GIS order"), for every CRS,
/// whatever its authority says; this holds for transforms, extents and geometry alike. The text forms (WKT, PROJJSON) keep the
/// axis order of the authority. <b>Threads.</b> One thread at a time; use by two at once throws. Cheap to make; share the text, not the
/// object.
/// </remarks>
public sealed unsafe partial class SpatialReference : IDisposable
{
    private const int TraditionalGisOrder = 0;
    private const int SameParameters = 70;

    private SpatialReference(nint owned) => Handle = new SpatialReferenceHandle(owned);

    internal SpatialReferenceHandle Handle { get; }

    /// <summary>The CRS of an EPSG code, such as 4490.</summary>
    /// <exception cref="GdalException">No such code.</exception>
    public static SpatialReference FromEpsg(int code) =>
        Import(srs => GdalNative.OSRImportFromEPSG(srs, code), string.Create(CultureInfo.InvariantCulture, $"find the CRS EPSG:{code}"));

    /// <summary>The CRS of a WKT text (1 or 2, also Esri's).</summary>
    /// <exception cref="GdalException">Not a WKT.</exception>
    public static SpatialReference FromWkt(string wkt)
    {
        Text.NoNul(wkt);
        if (!WktStart().IsMatch(wkt))
            throw NotACrs(wkt);
        return Import(srs => GdalNative.OSRSetFromUserInput(srs, wkt), "read the CRS from WKT");
    }

    /// <summary>
    /// The CRS a person wrote: <c>EPSG:4547</c>, <c>4547</c>, <c>urn:ogc:def:crs:…</c>, an opengis.net URL, WKT, PROJJSON, a PROJ string,
    /// or
    /// <c>WGS84</c>. Never reads a file or an address, even where GDAL itself would.
    /// </summary>
    /// <exception cref="GdalException">Not a CRS.</exception>
    public static SpatialReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = Text.NoNul(text).Trim();
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            return FromEpsg(code);
        if (!Acceptable().IsMatch(text) || text.Contains("..", StringComparison.Ordinal) || File.Exists(text))
            throw NotACrs(text);
        return Import(srs => GdalNative.OSRSetFromUserInput(srs, text), Understand(text));
    }

    /// <summary>A copy, with the axis order of this room, of a CRS that GDAL owns; null for null.</summary>
    internal static SpatialReference? CopyOf(nint borrowed)
    {
        if (borrowed == 0)
            return null;
        var copy = GdalNative.OSRClone(borrowed);
        GdalNative.OSRSetAxisMappingStrategy(copy, TraditionalGisOrder);
        return new(copy);
    }

    /// <summary>The name, such as <c>China Geodetic Coordinate System 2000</c>.</summary>
    public string Name => Query(static srs => Text.Read(GdalNative.OSRGetName(srs)) ?? "");

    /// <summary>Angles (longitude, latitude), not lengths.</summary>
    public bool IsGeographic => Query(static srs => GdalNative.OSRIsGeographic(srs) != 0);

    /// <summary>Lengths on a map plane.</summary>
    public bool IsProjected => Query(static srs => GdalNative.OSRIsProjected(srs) != 0);

    /// <summary>Not tied to the Earth (engineering CRS).</summary>
    public bool IsLocal => Query(static srs => GdalNative.OSRIsLocal(srs) != 0);

    /// <summary>The authority that the CRS itself names, such as <c>EPSG</c>, or null.</summary>
    public string? Authority => Query(static srs => Text.Read(GdalNative.OSRGetAuthorityName(srs, null)));

    /// <summary>The authority's code, or null.</summary>
    public string? AuthorityCode => Query(static srs => Text.Read(GdalNative.OSRGetAuthorityCode(srs, null)));

    /// <summary>The EPSG code that the CRS itself names, or null. Esri's .prj files name none: see <see cref="IdentifyEpsg"/>.</summary>
    public int? Epsg =>
        string.Equals(Authority, "EPSG", StringComparison.OrdinalIgnoreCase)
            && int.TryParse(AuthorityCode, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            ? code
            : null;

    /// <summary>Name of the datum, such as <c>China 2000</c>, or "".</summary>
    public string Datum => Query(static srs => Text.Read(GdalNative.OSRGetAttrValue(srs, "DATUM", 0)) ?? "");

    /// <summary>Ellipsoid: semi-major axis in metres and inverse flattening (0 = sphere).</summary>
    public (double SemiMajorMetres, double InverseFlattening) Ellipsoid => Query(static srs =>
    {
        int error;
        return (GdalNative.OSRGetSemiMajor(srs, &error), GdalNative.OSRGetInvFlattening(srs, &error));
    });

    /// <summary>Metres in one unit of a projected CRS; 1 for others.</summary>
    public double MetresPerUnit => Query(static srs => GdalNative.OSRIsProjected(srs) != 0 ? GdalNative.OSRGetLinearUnits(srs, null) : 1.0);

    /// <summary>
    /// Where the authority says the CRS may be used: longitudes and latitudes in degrees (west may be larger than east across the
    /// antimeridian), or null.
    /// </summary>
    public Bounds? AreaOfUse => Query<Bounds?>(static srs =>
    {
        double west, south, east, north;
        nint name;
        return GdalNative.OSRGetAreaOfUse(srs, &west, &south, &east, &north, &name) != 0 && west > -1000
            ? new Bounds(west, south, east, north)
            : null;
    });

    /// <summary>
    /// The EPSG code: the one the CRS names, else the first that PROJ finds in the EPSG register whose parameters mean the same, whatever
    /// its
    /// name, else null. Takes milliseconds.
    /// </summary>
    public int? IdentifyEpsg()
    {
        if (Epsg is { } known)
            return known;
        return Query<int?>(srs =>
        {
            int count;
            int* confidences = null;
            var matches = GdalNative.OSRFindMatches(srs, 0, &count, &confidences);
            if (matches == 0)
                return null;
            try
            {
                for (var i = 0; i < count; i++)
                {
                    var match = ((nint*)matches)[i];
                    // PROJ: 100 same name and parameters, 90 nearly the same name, 70 same parameters under another name, 25 merely alike.
                    var named = Text.Read(GdalNative.OSRGetAuthorityCode(match, null));
                    if (confidences[i] >= SameParameters && Text.Read(GdalNative.OSRGetAuthorityName(match, null)) == "EPSG"
                        && int.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
                        return code;
                }
                return null;
            }
            finally
            {
                GdalNative.OSRFreeSRSArray(matches);
                GdalNative.VSIFree((nint)confidences);
            }
        });
    }

    /// <summary>The CRS as text, in one line.</summary>
    public string ToWkt(WktFormat format = WktFormat.Wkt2)
    {
        using var options = new NativeStringList([format switch
        {
            WktFormat.Wkt1 => "FORMAT=WKT1_GDAL",
            WktFormat.Esri => "FORMAT=WKT1_ESRI",
            _ => "FORMAT=WKT2_2019",
        }]);
        using var use = Handle.Use();
        nint text = 0;
        Errors.Begin();
        var error = GdalNative.OSRExportToWktEx(use.Pointer, &text, options.Pointer);
        var wkt = Text.Take(text);
        Errors.Check(error, $"write the CRS as {format}");
        return wkt ?? "";
    }

    /// <summary>The CRS as PROJJSON, in one line.</summary>
    public string ToProjJson()
    {
        using var options = new NativeStringList(["MULTILINE=NO"]);
        using var use = Handle.Use();
        nint text = 0;
        Errors.Begin();
        var error = GdalNative.OSRExportToPROJJSON(use.Pointer, &text, options.Pointer);
        var json = Text.Take(text);
        Errors.Check(error, "write the CRS as PROJJSON");
        return json ?? "";
    }

    /// <summary>Whether both mean the same; the authority's axis order does not count, because here x is always first.</summary>
    public bool IsSame(SpatialReference other)
    {
        ArgumentNullException.ThrowIfNull(other);
        using var options = new NativeStringList(["IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES",
            "CRITERION=EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS"]);
        using (var a = Handle.Use())
        using (var b = other.Handle.Use())
        {
            Errors.Begin();
            if (GdalNative.OSRIsSameEx(a.Pointer, b.Pointer, options.Pointer) != 0)
                return true;
        }
        if (!IsProjected || !other.IsProjected)
            return false;
        // PROJ forgives another axis order only of geographic CRS. Esri's WKT has none, so that both become easting first by it.
        if (WithoutAxes() is not { } mine)
            return false;
        using (mine)
        {
            if (other.WithoutAxes() is not { } theirs)
                return false;
            using (theirs)
            using (var a = mine.Handle.Use())
            using (var b = theirs.Handle.Use())
            {
                Errors.Begin();
                return GdalNative.OSRIsSameEx(a.Pointer, b.Pointer, options.Pointer) != 0;
            }
        }
    }

    /// <summary>The same CRS with easting first, or null where Esri's WKT cannot say it.</summary>
    private SpatialReference? WithoutAxes()
    {
        using var options = new NativeStringList(["FORMAT=WKT1_ESRI"]);
        string? wkt;
        using (var use = Handle.Use())
        {
            nint text = 0;
            Errors.Begin();
            var error = GdalNative.OSRExportToWktEx(use.Pointer, &text, options.Pointer);
            wkt = Text.Take(text);
            if (error != 0)
                return null;
        }
        return wkt is { Length: > 0 } ? FromWkt(wkt) : null;
    }

    /// <summary>An independent copy, for another thread.</summary>
    public SpatialReference Clone()
    {
        using var use = Handle.Use();
        return CopyOf(use.Pointer)!;
    }

    public override string ToString() =>
        Handle.IsClosed ? "(disposed)" : Epsg is { } code ? string.Create(CultureInfo.InvariantCulture, $"EPSG:{code} {Name}") : Name;

    public void Dispose() => Handle.Dispose();

    private T Query<T>(Func<nint, T> query)
    {
        using var use = Handle.Use();
        Errors.Begin();
        return query(use.Pointer);
    }

    private static SpatialReference Import(Func<nint, int> import, string operation)
    {
        GdalLibrary.Initialize();
        var srs = GdalNative.OSRNewSpatialReference(null);
        try
        {
            Errors.Begin();
            if (import(srs) != 0)
                throw Errors.Failed
                    ? Errors.Exception(operation)
                    : new GdalException(operation, [], $"Could not {operation}: write it as EPSG:code, WKT, PROJJSON or a PROJ string.");
            GdalNative.OSRSetAxisMappingStrategy(srs, TraditionalGisOrder);
            return new(srs);
        }
        catch
        {
            GdalNative.OSRRelease(srs);
            throw;
        }
    }

    private static GdalException NotACrs(string text) =>
        new(Understand(text), [], $"Could not {Understand(text)}: write it as EPSG:code, WKT, PROJJSON or a PROJ string.");

    private static string Understand(string text) => $"understand \"{Shorten(text)}\" as a CRS";

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";

    [GeneratedRegex(@"^\s*[A-Za-z_]+\s*[\[(]")]
    private static partial Regex WktStart();

    // WKT | PROJJSON | PROJ string without file names | urn | opengis.net | AUTHORITY:code | WGS84 and the like; no path, no other address.
    [GeneratedRegex(@"^([A-Za-z_]+\s*[\[(]|\{|\+(?!.*\+(init|nadgrids|geoidgrids)=.*/)|urn:|https?://(www\.)?opengis\.net/|(?!DICT|AUTO|file|http)[A-Za-z]\w*:[\w.+]+$|[A-Za-z]+\d*$)", RegexOptions.IgnoreCase)]
    private static partial Regex Acceptable();
}
